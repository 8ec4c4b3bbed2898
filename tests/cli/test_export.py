import csv
import io
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from extractor.stores import open_store
from extractor.stores.claim_rows import list_columns
from extractor.stores.files.csv import read_rows, split_cell
from tests.cli.conftest import Command
from tests.stores.databases import write
from tests.stores.making import RUN, make_checked, make_result

BETTER = make_checked(
    delta={"number": -2.5, "unit": "points", "qualifier": "at_least", "direction": "increase"},
    datasets=["BarBench", "Qux; Bench"],
    baselines=["BazNet", "FooBase"],
)
FORMULA = make_checked(
    method="=HYPERLINK(1)",
    task="'quoted'",
    datasets=[],
    baselines=["+cmd"],
    outcome="worse",
    span=None,
    value=None,
    problems=[{"check": "range", "severity": "warning", "message": "does not rise"}],
)
OLD = "2026-01-01T00:00:00+00:00"
NEW = "2026-03-01T12:00:00.125+00:00"


@pytest.fixture(params=["claims.db", "claims.jsonl", "claims.parquet"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / str(request.param)
    written = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    written.record_run(RUN)
    written.write(
        [
            make_result(id="bar", claims=[FORMULA], created=NEW, model="big/model"),
            make_result(id="foo", claims=[make_checked(method="Outdated")], created=OLD),
            make_result(id="foo", claims=[BETTER], created=NEW, model="small"),
            make_result(id="none", claims=[], created=NEW),
            make_result(id="out", failed="server down", created=NEW),
        ]
    )
    written.close()
    return path


@pytest.fixture
def export(command: Command, store: Path, tmp_path: Path) -> Any:
    """Exports into a file and returns its path."""

    def run(name: str, *options: object) -> Path:
        ran = command("export", store, "-o", tmp_path / name, *options)
        assert (ran.code, ran.out) == (0, ""), ran.err
        return tmp_path / name

    return run


def read_json(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def by_method(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["method"]: row for row in rows}


def test_parquet_has_typed_columns(export: Any) -> None:
    table = pq.read_table(export("out.parquet"))
    assert table.column_names == list(list_columns())
    rows = by_method(table.to_pylist())
    assert rows.keys() == {"FooNet", "=HYPERLINK(1)"}
    foo = rows["FooNet"]
    assert foo["datasets"] == ["BarBench", "Qux; Bench"]
    assert (foo["delta_number"], foo["delta_high"], foo["value_number"]) == (-2.5, None, 91.2)
    assert foo["created"] == datetime(2026, 3, 1, 12, 0, 0, 125000, tzinfo=UTC)
    assert (foo["span_start"], foo["position"], foo["model"]) == (0, 1, "small")
    assert rows["=HYPERLINK(1)"]["problems"] == [
        {"check": "range", "severity": "warning", "message": "does not rise"}
    ]


def test_every_format_holds_the_same(export: Any) -> None:
    parquet = by_method(pq.read_table(export("out.parquet")).to_pylist())
    lines = by_method(read_json(export("out.jsonl")))
    with duckdb.connect(str(export("out.duckdb")), read_only=True) as database:
        tabled = by_method(database.sql("FROM claims").to_arrow_table().to_pylist())
    assert tabled == parquet
    for rows in (parquet, lines):
        for row in rows.values():
            row["created"] = str(row["created"]).replace(" ", "T")[:23]
    assert lines == parquet


def test_csv_runs_no_formula_and_can_be_read_back(export: Any) -> None:
    path = export("out.csv")
    with path.open(encoding="utf-8", newline="") as file:
        shown = by_method(list(csv.DictReader(file)))
    assert shown.keys() == {"FooNet", "'=HYPERLINK(1)"}
    assert shown["FooNet"]["delta_number"] == "-2.5"
    assert shown["FooNet"]["datasets"] == r"BarBench; Qux\; Bench"
    assert shown["'=HYPERLINK(1)"]["baselines"] == "'+cmd"
    rows = by_method(list(read_rows(path, {"method"})))
    assert rows["=HYPERLINK(1)"]["task"] == "'quoted'"
    assert split_cell(rows["FooNet"]["datasets"]) == ["BarBench", "Qux; Bench"]
    assert split_cell(rows["=HYPERLINK(1)"]["baselines"]) == ["+cmd"]
    assert json.loads(rows["=HYPERLINK(1)"]["problems"])[0]["check"] == "range"


def test_csv_quotes_texts_so_that_no_semicolon_ends_a_cell_and_leaves_numbers(
    command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "claims.db"
    claim = make_checked(evidence='Fast;=HYPERLINK("x")', delta=None)
    write(path, make_result(claims=[claim]))
    for show in (["export", path, "-o", "-"], ["show", path]):
        printed = command(*show, "--format", "csv").out
        (row,) = csv.DictReader(io.StringIO(printed, newline=""))
        assert row["evidence"] == 'Fast;=HYPERLINK("x")'
        bare = re.sub(r'"(?:[^"]|"")*"', "", printed.partition("\r\n")[2]).strip()
        assert re.fullmatch(r"[0-9.,]+", bare)
        assert ",91.2,," in bare


def test_flat_rows_name_one_data_set_and_one_baseline(export: Any) -> None:
    rows = read_json(export("out.jsonl", "--flat"))
    assert all(list(row) == list(list_columns(flat=True)) for row in rows)
    named = [(row["dataset"], row["baseline"]) for row in rows if row["method"] == "FooNet"]
    assert named == [
        ("BarBench", "BazNet"),
        ("BarBench", "FooBase"),
        ("Qux; Bench", "BazNet"),
        ("Qux; Bench", "FooBase"),
    ]
    (formula,) = (row for row in rows if row["id"] == "bar")
    assert (formula["dataset"], formula["baseline"]) == (None, "+cmd")


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--method", "foonet"], ["foo"]),
        (["--dataset", "QUX"], ["foo"]),
        (["--baseline", "cmd"], ["bar"]),
        (["--metric", "accuracy"], ["bar", "foo"]),
        (["--outcome", "worse"], ["bar"]),
        (["--model", "BIG/"], ["bar"]),
        (["--since", "2026-03-01"], ["bar", "foo"]),
        (["--since", "2026-03-01T12:00:01"], []),
        (["--outcome", "worse", "--method", "foonet"], []),
    ],
)
def test_claims_are_chosen(export: Any, options: list[str], ids: list[str]) -> None:
    assert sorted(row["id"] for row in read_json(export("out.jsonl", *options))) == ids


def test_a_store_without_such_claims_gives_an_empty_table(export: Any) -> None:
    assert pq.read_table(export("out.parquet", "--method", "no such")).num_rows == 0
    header = export("out.csv", "--method", "no such").read_text()
    assert header.rstrip().split(",") == list(list_columns())


def test_standard_output_takes_lines_and_csv(command: Command, store: Path) -> None:
    assert len(command("export", store, "-o", "-").out.splitlines()) == 2
    printed = command("export", store, "-o", "-", "--format", "csv").out
    assert {row["id"] for row in csv.DictReader(io.StringIO(printed, newline=""))} == {"foo", "bar"}


def test_parquet_goes_through_a_pipe(spawn: Any, store: Path) -> None:
    process = spawn("export", store, "-o", "-", "--format", "parquet", stdout=-1, stdin=None)
    process.stdout.reconfigure(encoding="latin-1", newline="")
    printed = process.stdout.read().encode("latin-1")
    assert process.wait() == 0
    assert pq.read_table(io.BytesIO(printed)).num_rows == 2


def test_a_file_is_overwritten_only_on_request(command: Command, store: Path) -> None:
    output = store.with_name("notes.csv")
    output.write_text("mine")
    refused = command("export", store, "-o", output)
    assert (refused.code, output.read_text()) == (1, "mine")
    assert "notes.csv is there already: choose another file, or say --force" in refused.err
    assert command("export", store, "-o", output, "--force").code == 0
    assert output.read_text().startswith("id,title,")


def test_a_folder_that_is_read_gets_no_file_that_would_count_as_results(
    command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    written = open_store(str(folder / "part.jsonl"), stdout=None)  # type: ignore[arg-type]
    written.write([make_result()])
    written.close()
    refused = command("export", folder, "-o", folder / "claims.parquet")
    assert (refused.code, list(folder.iterdir())) == (2, [folder / "part.jsonl"])
    assert f"lies in {folder}, which is read: choose a file elsewhere" in refused.err


def test_the_store_itself_is_never_overwritten(command: Command, store: Path) -> None:
    before = store.read_bytes()
    link = store.with_name(f"link{store.suffix}")
    link.symlink_to(store)
    for output in (store, link):
        ran = command("export", store, "-o", output, "--force")
        assert ran.code == 2
        assert "is the store itself" in ran.err
    assert store.read_bytes() == before


@pytest.mark.parametrize("name", ["out.db", "out.xlsx", "postgresql://localhost/claims"])
def test_what_cannot_be_written_is_said(command: Command, store: Path, name: str) -> None:
    ran = command("export", store, "-o", name)
    assert ran.code == 2
    assert ".parquet" in ran.err


def test_a_failure_leaves_nothing_behind(command: Command, store: Path) -> None:
    ran = command("export", store, "-o", store.parent / "absent" / "out.parquet")
    assert ran.code == 1
    assert "cannot write" in ran.err
    broken = store.with_name("broken.jsonl")
    shutil.copy(store, broken) if store.suffix == ".jsonl" else broken.touch()
    with broken.open("a") as file:
        file.write("milk, bread\n")
    files = set(store.parent.iterdir())
    assert command("export", broken, "-o", store.with_name("out.csv")).code == 1
    assert set(store.parent.iterdir()) == files


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.duckdb"])
def test_a_store_that_is_damaged_in_the_middle_is_named(
    command: Command, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "claims.jsonl"
    records = [make_result(id=str(number)).to_record() for number in range(3)]
    records[1]["provenance"]["created"] = "yesterday"
    del records[2]["claims"][0]["outcome"]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    ran = command("export", path, "-o", tmp_path / name)
    assert ran.code == 1
    wrong = "result of 2 is not whole" if name == "out.csv" else "made at 'yesterday'"
    assert wrong in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / name).exists()


def test_what_was_exported_is_no_store(command: Command, store: Path, papers: Path) -> None:
    exported = store.with_name("out.parquet")
    command("export", store, "-o", exported)
    before = exported.read_bytes()
    ran = command("show", exported)
    assert ran.code == 1
    assert "out.parquet holds no results of this program" in ran.err
    assert command("run", papers, "-o", exported, "--model", "patterns").code == 1
    assert exported.read_bytes() == before


def test_counts_are_printed(command: Command, store: Path) -> None:
    output = store.with_name("out.csv")
    assert (
        command("export", store, "-o", output, "--flat").err == f"{output}: 2 claims in 5 rows.\n"
    )
    ran = command("export", store, "-o", output, "--force", "--json")
    assert json.loads(ran.err) == {"claims": 2, "rows": 2}
