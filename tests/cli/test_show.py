import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from extractor.stores import open_store
from tests.cli.conftest import Command
from tests.stores.making import RUN, make_checked, make_result

BETTER = make_checked(
    method="[bold]FooNet[/bold]",
    task="counting bars",
    delta={"number": 2.5, "unit": "points", "qualifier": "at_least", "direction": "increase"},
)
RANGE = make_checked(
    method="=HYPERLINK(1)",
    datasets=["QuxBench", "+cmd"],
    metric="latency",
    value={"number": 3, "high": 5, "unit": "ms", "qualifier": "about"},
    baselines=[],
    baseline_value=None,
    outcome="worse",
    span=None,
)


@pytest.fixture(params=["claims.db", "claims.jsonl"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / request.param
    written = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    written.record_run(RUN)
    written.write([make_result(claims=[BETTER]), make_result(id="bar", claims=[RANGE])])
    written.close()
    return path


def test_a_table_has_a_row_for_each_claim(command: Command, store: Path) -> None:
    shown = command("show", store)
    assert (shown.code, shown.err) == (0, "")
    lines = {line.split()[0]: " ".join(line.split()) for line in shown.out.splitlines()}
    assert lines["id"] == "id method datasets metric value baselines baseline value delta outcome"
    assert lines["foo"] == (
        "foo [bold]FooNet[/bold] BarBench accuracy 91.2% BazNet 88% ≥2.5 points ↑ better"
    )
    assert lines["bar"] == "bar =HYPERLINK(1) QuxBench, +cmd latency ~3-5 ms worse"
    assert "\x1b" not in shown.out


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_a_narrow_terminal_loses_nothing(
    command: Command, store: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = command("show", store)
    assert max(map(len, shown.out.splitlines())) <= columns
    squeezed = "".join(shown.out.split())
    for part in ("[bold]FooNet[/bold]", "BarBench", "accuracy", "91.2%", "≥2.5points↑", "worse"):
        assert part.replace(" ", "") in squeezed or columns == 20
    assert "…" not in shown.out


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], ["bar", "foo"]),
        (["--method", "foonet"], ["foo"]),
        (["--dataset", "QUX"], ["bar"]),
        (["--metric", "accuracy"], ["foo"]),
        (["--baseline", "baz"], ["foo"]),
        (["--method", "FooNet", "--metric", "latency"], []),
        (["--limit", "1"], [None]),
    ],
)
def test_claims_are_chosen_by_what_their_fields_hold(
    command: Command, store: Path, options: list[str], ids: list[Any]
) -> None:
    shown = command("show", store, "--format", "json", *options)
    claims = [json.loads(line) for line in shown.out.splitlines()]
    assert shown.code == 0
    if ids == [None]:
        assert len(claims) == 1
    else:
        assert sorted(claim["id"] for claim in claims) == ids


def test_json_gives_whole_claims(command: Command, store: Path) -> None:
    shown = command("show", store, "--format", "json", "--dataset", "BarBench")
    claim = json.loads(shown.out)
    assert claim["delta"] == {
        "number": 2.5,
        "high": None,
        "unit": "points",
        "qualifier": "at_least",
        "direction": "increase",
    }
    assert (claim["title"], claim["span"], claim["task"]) == ("FooNet", [0, 10], "counting bars")


def test_csv_can_be_read_back_and_runs_no_formula(command: Command, store: Path) -> None:
    shown = command("show", store, "--format", "csv")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(shown.out, newline=""))}
    assert rows["bar"]["method"] == "'=HYPERLINK(1)"
    assert rows["bar"]["datasets"] == "QuxBench; +cmd"
    assert (rows["bar"]["value_number"], rows["bar"]["value_high"]) == ("3", "5")
    assert (rows["bar"]["span_start"], rows["bar"]["delta_direction"]) == ("", "")
    assert (rows["foo"]["span_end"], rows["foo"]["delta_direction"]) == ("10", "increase")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_csv_defuses_every_beginning_of_a_formula(
    command: Command, tmp_path: Path, start: str
) -> None:
    path = tmp_path / "claims.jsonl"
    written = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    written.write([make_result(claims=[make_checked(evidence=f"{start}1+1")])])
    written.close()
    (row,) = csv.DictReader(io.StringIO(command("show", path, "--format", "csv").out, newline=""))
    assert row["evidence"] == f"'{start}1+1"


def test_nothing_found_is_said(command: Command, store: Path) -> None:
    shown = command("show", store, "--method", "no such")
    assert (shown.code, shown.out, shown.err) == (0, "", "no such claims\n")


@pytest.mark.parametrize("name", ["absent.db", "notes.txt"])
def test_what_is_no_store_gives_exit_code_1(command: Command, tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("milk, bread\n")
    shown = command("show", tmp_path / name)
    assert (shown.code, shown.out) == (1, "")
    assert shown.err.startswith("Error: ")
    assert name in shown.err
    assert "Traceback" not in shown.err
