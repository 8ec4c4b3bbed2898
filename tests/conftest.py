from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page

from tests.browser import open_page, start_browser
from tests.model_server import ModelServer
from tests.postgres import open_schema

# The same examples each time, however long a busy machine takes for one.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

CORPUS = Path(__file__).resolve().parents[1].parent / "shared" / "corpus"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    # Not --dist loadgroup, which pytest-xdist 3.8 does not keep to with pytest 9.2.
    from tests.scheduling import Scheduling  # noqa: PLC0415

    return Scheduling(config, log)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A model server; the answers of other tests and real keys are out of reach."""
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    running = ModelServer().start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _isolate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The URL of an empty schema in a real PostgreSQL."""
    with open_schema() as url:
        yield url


@pytest.fixture
def corpus() -> Path:
    if not CORPUS.is_dir():
        pytest.skip("needs ../shared/corpus, the real input that is not part of the project")
    return CORPUS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a network; skipped where there is no Chromium."""
    with start_browser() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must not complain, ask, or send anything away."""
    with open_page(browser) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A target for results in each kind of database."""
    if request.param == "sqlite":
        return str(tmp_path / "claims.db")
    return str(request.getfixturevalue("postgres_url"))
