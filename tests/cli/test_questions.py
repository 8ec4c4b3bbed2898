import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.model_server import ModelServer
from tests.queries.saying import figure, keep, say

BETTER = {
    "method": "[bold]FooNet[/bold]",
    "datasets": ["GSM8K"],
    "metric": "accuracy",
    "value": figure(91.2, qualifier="at_least"),
    "baselines": ["BazNet"],
    "delta": figure(2.5, "points", direction="increase"),
    "outcome": "better",
    "evidence": "FooNet has over 91.2%\x1b[31m, 2.5 points more than BazNet",
}
SECOND = {
    "method": "=HYPERLINK(1)",
    "datasets": ["GSM-8K"],
    "metric": "accuracy",
    "value": figure(88),
    "evidence": "It has 88%",
}
REVERSED = BETTER | {"outcome": "worse", "delta": None, "value": None, "evidence": "FooNet loses"}


@pytest.fixture
def store(tmp_path: Path) -> str:
    results = [say("a", BETTER), say("b", SECOND), say("c", REVERSED)]
    return keep(str(tmp_path / "claims.db"), *results)


def squeeze(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_leaderboard_shows_rank_value_source_and_quote(command: Command, store: str) -> None:
    shown = command("leaderboard", store, "--dataset", "gsm8k")
    assert (shown.code, shown.err) == (0, "")
    lines = squeeze(shown.out)
    assert lines[0] == "gsm8k · accuracy · % · higher is better"
    assert lines[1] == "joined: GSM-8K, GSM8K"
    assert lines[3] == "1 [bold]FooNet[/bold] ≥91.2% GSM8K a On a"
    assert lines[4] == "“FooNet has over 91.2%\ufffd[31m, 2.5 points more than BazNet”"
    assert lines[5] == "2 =HYPERLINK(1) 88% GSM-8K b On b"
    assert "\x1b" not in shown.out


def test_a_leaderboard_as_json_and_csv(command: Command, store: str) -> None:
    arguments = ("leaderboard", store, "--dataset", "GSM8K", "--metric", "accuracy")
    (board,) = json.loads(command(*arguments, "--format", "json").out)
    assert [entry["rank"] for entry in board["entries"]] == [1, 2]
    assert board["entries"][0]["value"]["qualifier"] == "at_least"
    table = io.StringIO(command(*arguments, "--format", "csv").out, newline="")
    first, second = csv.DictReader(table)
    assert (first["rank"], first["value_number"], first["value_qualifier"]) == (
        "1",
        "91.2",
        "at_least",
    )
    assert second["method"] == "'=HYPERLINK(1)"


def test_a_leaderboard_can_be_turned_and_cut(command: Command, store: str) -> None:
    arguments = ("leaderboard", store, "--dataset", "GSM8K", "--format", "json", "--limit", "1")
    (board,) = json.loads(command(*arguments, "--lower-is-better").out)
    assert (board["better"], board["better_from"]) == ("lower", "option")
    assert [entry["id"] for entry in board["entries"]] == ["b"]


def test_a_guessed_direction_is_said(command: Command, tmp_path: Path) -> None:
    store = keep(str(tmp_path / "c.jsonl"), say("a", SECOND | {"metric": "depth"}))
    shown = command("leaderboard", store, "--dataset", "GSM8K")
    assert "whether higher is better is a guess: --lower-is-better turns it" in shown.out
    shown = command("leaderboard", store, "--dataset", "GSM8K", "--higher-is-better")
    assert "guess" not in shown.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--dataset", "GSM8K hard"], "no claims on GSM8K hard; near it: GSM8K, GSM-8K\n"),
        (["--dataset", "nothing"], "no values on nothing\n"),
        (
            ["--dataset", "GSM8K", "--metric", "FID"],
            "no values of FID on GSM8K; there are accuracy\n",
        ),
    ],
)
def test_an_empty_leaderboard_says_what_there_is(
    command: Command, store: str, options: list[str], said: str
) -> None:
    shown = command("leaderboard", store, *options)
    assert (shown.code, shown.out, shown.err) == (0, "", said)


def test_names_that_are_near_move_no_cursor(command: Command, tmp_path: Path) -> None:
    named = SECOND | {"method": "FooNet large\x1b[2J", "datasets": ["GSM8K hard\x1b[2J"]}
    store = keep(str(tmp_path / "c.jsonl"), say("a", named))
    shown = command("leaderboard", store, "--dataset", "GSM8K")
    assert "near it: GSM8K hard" in shown.err
    compared = command("compare-methods", store, "FooNet", "QuxNet")
    assert "near it: FooNet large" in compared.err
    assert "\x1b" not in shown.err + compared.err


def test_two_methods_are_compared_with_contradictions(command: Command, store: str) -> None:
    shown = command("compare-methods", store, "BazNet", "[bold]FooNet[/bold]")
    assert (shown.code, shown.err) == (0, "")
    lines = squeeze(shown.out)
    assert (
        lines[0] == "BazNet and [bold]FooNet[/bold]: BazNet better 1, [bold]FooNet[/bold] better 1"
    )
    assert "[bold]FooNet[/bold] source" in lines[1]
    assert lines[2] == (
        "[bold]FooNet[/bold] GSM8K accuracy 2.5 points ↑ ([bold]FooNet[/bold]) ≥91.2% a On a"
    )
    at = lines.index("contradiction on GSM8K, accuracy")
    assert lines[at + 1] == "BazNet is better: c “FooNet loses”"
    assert lines[at + 2].startswith("[bold]FooNet[/bold] is better: a “FooNet has over 91.2%")


def test_a_comparison_as_json_and_csv(command: Command, store: str) -> None:
    arguments = ("compare-methods", store, "BazNet", "[bold]FooNet[/bold]", "--format")
    found = json.loads(command(*arguments, "json").out)
    assert found["tally"] == {"second": 1, "first": 1}
    assert len(found["contradictions"]) == 1
    rows = list(csv.DictReader(io.StringIO(command(*arguments, "csv").out, newline="")))
    assert [(row["verdict"], row["about"], row["delta_number"]) for row in rows] == [
        ("second", "second", "2.5"),
        ("first", "second", ""),
    ]
    assert rows[0]["second_value_number"] == "91.2"


def test_a_comparison_of_nothing_says_why(command: Command, store: str) -> None:
    shown = command("compare-methods", store, "BazNet", "QuxNet")
    assert (shown.code, shown.out, shown.err) == (0, "", "QuxNet is not named\n")
    shown = command("compare-methods", store, "BazNet", "=HYPERLINK(1)")
    assert shown.err == "no claim compares BazNet and =HYPERLINK(1)\n"
    shown = command("compare-methods", store, "BazNet", "the BazNet")
    assert shown.code == 2
    assert "two names of one method" in shown.err


def test_a_store_is_counted(command: Command, store: str) -> None:
    lines = squeeze(command("stats", store).out)
    assert lines[0] == "3 abstracts: claims 3"
    assert "m v1@0123456789ab 3 0 0 0 0 unknown" in lines
    assert "a value 2 67%" in lines
    assert "[bold]FooNet[/bold] 2" in lines
    assert "GSM8K 3 GSM-8K" in lines
    counts = json.loads(command("stats", store, "--json").out)
    assert (counts["abstracts"], counts["claims"]["total"]) == (3, 3)


@pytest.mark.parametrize(
    "question",
    [["leaderboard", "--dataset", "x"], ["compare-methods", "a", "b"], ["stats"]],
    ids=lambda question: question[0],
)
def test_what_is_no_store_gives_exit_code_1(
    command: Command, tmp_path: Path, question: list[str]
) -> None:
    (tmp_path / "notes.txt").write_text("milk, bread\n")
    for name in ("absent.db", "notes.txt"):
        shown = command(question[0], tmp_path / name, *question[1:])
        assert (shown.code, shown.out) == (1, "")
        assert shown.err.startswith("Error: ")
        assert name in shown.err
        assert "Traceback" not in shown.err


def write_copies(path: Path, number: int) -> Path:
    """Abstracts that have one text."""
    lines = (json.dumps({"id": f"p{index}", "text": "FooNet wins."}) for index in range(number))
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("options", [[], ["--no-cache"]])
def test_stats_give_the_tokens_that_the_server_counted(
    command: Command, model: list[str], server: ModelServer, tmp_path: Path, options: list[str]
) -> None:
    papers, output = write_copies(tmp_path / "papers.jsonl", 20), tmp_path / "claims.db"

    def run(*more: object) -> dict[str, int]:
        assert command("run", papers, "-o", output, *model, *options, *more).code == 0
        (counts,) = json.loads(command("stats", output, "--json").out)["models"]
        return dict(counts)

    assert run()["tokens_in"] == 1000 * len(server.requests)
    # Other checks make other extractions, of the same answers where there is a cache.
    counts = run("--skip-check", "delta")
    assert (counts["extractions"], counts["tokens_in"]) == (40, 1000 * len(server.requests))


def test_what_a_killed_run_has_paid_is_counted_when_its_answers_are_stored(
    command: Command, model: list[str], server: ModelServer, tmp_path: Path
) -> None:
    papers, output = write_copies(tmp_path / "papers.jsonl", 20), tmp_path / "claims.db"
    run = ["run", papers, "-o", output, *model]
    command(*run)
    # As if it had been killed when the answer was in the cache.
    output.unlink()
    command(*run)
    (counts,) = json.loads(command("stats", output, "--json").out)["models"]
    assert (len(server.requests), counts["cached"], counts["tokens_in"]) == (1, 20, 1000)
