"""Where the browser tests have to run, a missing browser is a failure."""

import pytest
from _pytest.outcomes import Failed, Skipped

from tests.browser import start_browser


def test_without_a_browser_tests_are_skipped_or_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("EXTRACTOR_REQUIRE_BROWSER", raising=False)
    with pytest.raises(Skipped, match="apt-get install chromium"), start_browser():
        pass
    monkeypatch.setenv("EXTRACTOR_REQUIRE_BROWSER", "1")
    with pytest.raises(Failed, match="chromium is missing"), start_browser():
        pass
