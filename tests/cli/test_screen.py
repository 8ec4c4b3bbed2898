import json
from pathlib import Path

import pytest

from extractor.asking import offline
from tests.cli.conftest import Command
from tests.cli.test_run import read_lines
from tests.model_server import ModelServer, completion

TEXTS = {
    "result": "FooNet reaches 91% accuracy on BarBench, against 88% for BazNet. It is fast.",
    "survey": "This survey describes how bars are counted, and what is not known about them.",
    "view": "We discuss what a bar is.",
}


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """One abstract with a result, and two without figures and comparisons."""
    path = tmp_path / "mixed.jsonl"
    records = ({"id": name, "text": text} for name, text in TEXTS.items())
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.mark.parametrize("name", ["claims.db", "claims.jsonl"])
def test_abstracts_without_figures_and_comparisons_are_recorded_without_a_request(
    command: Command, model: list[str], server: ModelServer, mixed: Path, name: str
) -> None:
    output = mixed.with_name(name)
    screen = ["run", mixed, "-o", output, "--screen", *model]
    ran = command(*screen)
    assert ran.code == 0
    assert "3 abstracts: 1 with claims, 2 without (2 screened), 0 failed" in ran.err
    assert len(server.requests) == 1
    assert "Nothing to do" in command(*screen).err
    # Without the screen, what was screened is asked, and nothing else.
    ran = command("run", mixed, "-o", output, "--no-cache", *model)
    assert "1 done before" in ran.err
    assert "screened" not in ran.err
    assert len(server.requests) == 3
    assert "Nothing to do" in command(*screen).err


def test_a_screened_abstract_says_so(command: Command, model: list[str], mixed: Path) -> None:
    output = mixed.with_name("claims.jsonl")
    ran = command("run", mixed, "-o", output, "--screen", "--json", *model)
    assert json.loads(ran.err)["screened"] == 2
    states = {line["id"]: (line["status"], line["reason"]) for line in read_lines(output)}
    assert states == {
        "result": ("claims", None),
        "survey": ("no_claims", "screened"),
        "view": ("no_claims", "screened"),
    }


def test_no_claims_that_a_model_found_are_not_called_screened(
    command: Command, model: list[str], server: ModelServer, mixed: Path
) -> None:
    server.script = lambda _: completion('{"claims": []}')
    ran = command("run", mixed, "-o", mixed.with_name("claims.db"), *model)
    assert "0 with claims, 3 without, 0 failed" in ran.err
    assert len(server.requests) == 3


def test_changed_rules_screen_anew(
    command: Command, model: list[str], mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = ["run", mixed, "-o", mixed.with_name("claims.db"), "--screen", *model]
    command(*screen)
    monkeypatch.setattr(offline, "_hash_rules", lambda: "other rules")
    assert "2 abstracts: 0 with claims, 2 without (2 screened)" in command(*screen).err


def test_the_rules_themselves_have_nothing_to_screen(command: Command, mixed: Path) -> None:
    ran = command("run", mixed, "-o", "-", "--screen", "--model", "patterns")
    assert ran.code == 0
    assert "screened" not in ran.err


def test_eval_measures_what_the_screen_saves_and_loses(command: Command, tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    claim = {"method": "FooNet", "datasets": [], "baselines": [], "outcome": "reported"}
    records = [
        {
            "id": name,
            "text": text,
            "claims": [{**claim, "evidence": text, "status": status} for status in statuses],
        }
        for (name, text), statuses in zip(
            TEXTS.items(), [["required"] * 3, ["required", "optional"], []], strict=True
        )
    ]
    gold.write_text("".join(json.dumps(record) + "\n" for record in records))
    ran = command("eval", gold, "--screen")
    assert ran.code == 0
    assert "saves 2 of 3 abstracts (66.7%)" in ran.out
    assert "loses 1 of 4 required claims (25.0%)" in ran.out
    measured = json.loads(command("eval", gold, "--screen", "--json").out)
    assert measured == {
        "abstracts": 3,
        "screened": 2,
        "share_saved": pytest.approx(2 / 3),
        "required": 4,
        "required_screened": 1,
        "recall_lost": 0.25,
    }


def test_eval_measures_the_screen_on_the_own_set_without_a_model(command: Command) -> None:
    ran = command("eval", "--screen")
    assert ran.code == 0
    assert " of 120 abstracts (" in ran.out


@pytest.mark.parametrize("option", [("--model", "patterns"), ("--predictions", "x.jsonl")])
def test_eval_refuses_to_mix_the_screen_with_scores(
    command: Command, option: tuple[str, str]
) -> None:
    ran = command("eval", "--screen", *option)
    assert ran.code == 2
    assert "--screen is measured by itself" in ran.err
