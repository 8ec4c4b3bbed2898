"""`eval --html` and `compare --html`: from labels and score cards to pages."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.test_eval import DAILY, gold, perfect

__all__ = ["gold", "perfect"]


@pytest.fixture
def card(command: Command, gold: Path, perfect: Path, tmp_path: Path) -> Path:
    """The score card of a perfect answer."""
    path = tmp_path / "cards" / "card.json"
    path.parent.mkdir()
    assert command("eval", gold, "--predictions", perfect, "-o", path).code == 0
    return path


def test_a_perfect_answer_has_a_page_too(
    command: Command, gold: Path, perfect: Path, card: Path, tmp_path: Path
) -> None:
    (card.parent / "agreement.json").write_text("{}")
    page = tmp_path / "score.html"
    outcome = command(
        "eval", gold, "--predictions", perfect, "--html", page, "--history", card.parent
    )
    assert outcome.code == 0
    assert "no score card: " in outcome.err and "agreement.json" in outcome.err
    assert "<h1" in page.read_text(encoding="utf-8")


def test_labels_without_texts_are_scored_and_the_page_says_so(
    command: Command, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.jsonl"
    first = DAILY.read_text(encoding="utf-8").split('"id": "')[1].split('"')[0]
    answers.write_text(f'{{"id": "{first}", "claims": []}}\n')
    page = tmp_path / "score.html"
    assert command("eval", DAILY, "--predictions", answers, "--html", page).code == 0
    assert "120 labelled abstracts came without their texts" in page.read_text(encoding="utf-8")


def test_a_history_needs_a_page(command: Command, gold: Path, perfect: Path, card: Path) -> None:
    outcome = command("eval", gold, "--predictions", perfect, "--history", card.parent)
    assert (outcome.code, "--html" in outcome.err) == (2, True)


def test_a_comparison_takes_the_labels_that_are_named(
    command: Command, gold: Path, card: Path, tmp_path: Path
) -> None:
    page = tmp_path / "diff.html"
    assert command("compare", card, card, "--html", page).code == 0
    assert "name them with --gold" in page.read_text(encoding="utf-8")
    assert command("compare", card, card, "--html", page, "--gold", gold).code == 0
    assert "name them with --gold" not in page.read_text(encoding="utf-8")


def test_other_labels_are_refused(command: Command, card: Path, tmp_path: Path) -> None:
    outcome = command("compare", card, card, "--html", tmp_path / "diff.html", "--gold", "restated")
    assert outcome.code == 2
    assert "not the labels" in outcome.err
    assert not (tmp_path / "diff.html").exists()
