import json
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from extractor.cli import review as command_module
from extractor.evaluation.gold import load_gold
from tests.cli.conftest import Command
from tests.model_server import PATIENCE_S
from tests.readme import ROOT

EXAMPLES = ROOT / "evals" / "examples.jsonl"


@pytest.fixture
def store(command: Command, tmp_path: Path) -> Path:
    path = tmp_path / "claims.jsonl"
    assert command("run", EXAMPLES, "--model", "patterns", "-o", path, "-q").code == 0
    return path


def test_a_missing_extra_is_named(
    command: Command, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_module, "find_spec", lambda name: None)
    outcome = command("review", store)
    assert outcome.code == 2
    assert "pip install 'claim-extractor[review]'" in outcome.err


def test_a_missing_store_is_named_and_nothing_is_left_behind(
    command: Command, tmp_path: Path
) -> None:
    outcome = command("review", tmp_path / "none.db")
    assert outcome.code == 1
    assert "none.db" in outcome.err
    assert list(tmp_path.glob("none*")) == []


def test_a_port_in_use_is_named(command: Command, store: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = command("review", store, "--port", port)
    assert outcome.code == 2
    assert f"port {port} is in use" in outcome.err
    assert "--port" in outcome.err


def test_a_gold_file_of_another_set_is_left_alone(
    command: Command, store: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "other.jsonl"
    gold.write_text(json.dumps({"id": "elsewhere", "text": "t", "claims": []}) + "\n")
    before = gold.read_bytes()
    outcome = command("review", store, "--gold", gold, "--report")
    assert outcome.code == 2
    assert "another set" in outcome.err
    assert gold.read_bytes() == before


def test_a_gold_file_of_another_version_of_a_text_is_left_alone(
    command: Command, store: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "other.jsonl"
    gold.write_text(json.dumps({"id": "survey", "text": "Another text.", "claims": []}) + "\n")
    outcome = command("review", store, "--gold", gold, "--report")
    assert outcome.code == 2
    assert "another version of the text of survey" in outcome.err


def test_labels_that_there_are_already_are_taken_over(
    command: Command, store: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "mine.jsonl"
    claim = {
        "method": "TideWise",
        "outcome": "better",
        "evidence": "it still outperforms HARMA",
        "status": "optional",
    }
    lines = [
        {"id": "elsewhere", "text": "FooNet wins.", "claims": []},
        {"id": "tidewise", "source_title": "Tides", "claims": [claim]},
    ]
    gold.write_text("".join(json.dumps(line) + "\n" for line in lines))
    outcome = command("review", store, "--gold", gold, "--report", "--json")
    assert outcome.code == 0
    (counts,) = json.loads(outcome.out)["sets"]
    assert (counts["finished"], counts["labels"], counts["added"]) == (1, 1, 1)
    kept, tidewise = load_gold(gold)
    assert (kept.id, kept.text) == ("elsewhere", "FooNet wins.")
    assert tidewise.source_title == "Tides"
    assert tidewise.claims[0].status == "optional"
    again = gold.read_bytes()
    assert command("review", store, "--gold", gold, "--report").code == 0
    assert gold.read_bytes() == again
    gold.write_bytes(again.replace(b"optional", b"required"))
    outcome = command("review", store, "--gold", gold, "--report")
    assert outcome.code == 2
    assert "changed by hand" in outcome.err


@pytest.mark.parametrize("name", ["../ann", "joint", "settled", "a/b", ".hidden", "x" * 41])
def test_a_name_that_is_no_file_name_is_refused(command: Command, store: Path, name: str) -> None:
    outcome = command("review", store, f"--annotator={name}", "--blind", "--report")
    assert outcome.code == 2
    assert "annotator" in outcome.err


def test_a_store_without_texts_has_nothing_to_review(command: Command, tmp_path: Path) -> None:
    store = tmp_path / "empty.jsonl"
    store.write_text("")
    outcome = command("review", store)
    assert outcome.code == 2
    assert "nothing to review" in outcome.err


def test_the_report_of_a_review_that_has_not_begun_says_so(command: Command, store: Path) -> None:
    outcome = command("review", store, "--report")
    assert (outcome.code, outcome.out) == (0, "none of 5 abstracts is labelled yet\n")


def test_an_interrupted_review_ends_well_and_sums_up(
    spawn: Callable[..., "subprocess.Popen[str]"], store: Path
) -> None:
    process = spawn("review", store, "--annotator", "ann")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Review at http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "none of 5 abstracts is labelled yet" in said
