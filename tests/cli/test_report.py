"""`extractor report`: from a store to pages."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from extractor.cli import report
from extractor.stores import JsonlStore
from tests.cli.conftest import Command
from tests.reporting.making import make_results


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Four results as JSON lines."""
    path = tmp_path / "claims.jsonl"
    writer = JsonlStore(path)
    writer.write(make_results())
    writer.close()
    return path


def test_more_abstracts_than_a_page_holds_become_linked_parts(
    command: Command, page: Page, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MOST_ABSTRACTS", 3)
    assert command("report", store, "-o", tmp_path / "a b.html").code == 0
    page.goto((tmp_path / "a b.html").as_uri())
    page.get_by_role("link", name="Part 2").click()
    expect(page.locator("h1")).to_have_text("claims.jsonl")
    page.get_by_role("tab", name="Abstracts").click()
    expect(page.locator(".case-list h3")).to_have_text(["Torn"])
    page.get_by_role("link", name="Part 1").click()
    expect(page.get_by_role("link", name="Part 2")).to_be_visible()


def test_a_page_that_cannot_be_written_is_said(
    command: Command, store: Path, tmp_path: Path
) -> None:
    outcome = command("report", store, "-o", tmp_path)
    assert (outcome.code, "cannot write" in outcome.err) == (1, True)
    outcome = command("report", tmp_path / "absent.jsonl", "-o", tmp_path / "claims.html")
    assert outcome.code == 1
    assert not (tmp_path / "claims.html").exists()


def test_a_page_goes_to_standard_output(command: Command, store: Path) -> None:
    outcome = command("report", store, "-o", "-")
    assert outcome.code == 0
    assert outcome.out.startswith("<!doctype html>")
    assert outcome.out.rstrip().endswith("</html>")


def test_without_the_extra_it_says_which_one_to_install(
    command: Command, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    outcome = command("report", store, "-o", tmp_path / "claims.html")
    assert outcome.code == 2
    assert "claim-extractor[report]" in outcome.err
