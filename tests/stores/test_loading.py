import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from extractor.errors import ConfigError, StoreError
from extractor.results import Result
from extractor.stores import open_store
from extractor.stores.loading import Loaded, load_results
from extractor.stores.reading import read_results, read_runs
from tests.stores.making import RUN, make_checked, make_result

FILES = ["claims.jsonl", "claims.jsonl.gz", "claims.parquet", "claims.csv", "claims.duckdb"]
DAYS = [f"2026-01-0{day}T00:00:00+00:00" for day in range(1, 4)]
RESULTS = [
    make_result(id="a", model="old", created=DAYS[0], rejected={"method": None}),
    make_result(id="a", model="new", created=DAYS[1]),
    make_result(id="b", failed="server down", created=DAYS[2]),
    make_result(id="c", claims=[], created=DAYS[2]),
]


@pytest.fixture(params=[*FILES, "claims.db", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return str(tmp_path / request.param)


def write(target: str, *results: Result) -> str:
    store = open_store(target, stdout=None)  # type: ignore[arg-type]
    store.record_run(RUN)
    store.write(results)
    store.close()
    return target


def load(*sources: object, target: object) -> Loaded:
    return load_results([*map(str, sources)], str(target), io.StringIO())


def read(target: str) -> list[Result]:
    return sorted(
        read_results(target, history=True), key=lambda r: (r.abstract.id, r.provenance.created)
    )


@pytest.mark.parametrize("source", [*FILES, "claims.db"])
def test_everything_is_taken_over_and_a_second_time_changes_nothing(
    tmp_path: Path, source: str, target: str
) -> None:
    (tmp_path / "source").mkdir()
    written = write(str(tmp_path / "source" / source), *RESULTS)
    assert load(written, target=target) == Loaded(extractions=4, failed=1, claims=2)
    assert read(target) == RESULTS
    assert load(written, target=target) == Loaded(present=4)
    assert read(target) == RESULTS


def test_a_failure_gives_way_to_a_later_success(tmp_path: Path, target: str) -> None:
    write(target, make_result(id="x", failed="no"))
    source = write(str(tmp_path / "source.jsonl"), make_result(id="x"))
    assert load(source, target=target) == Loaded(extractions=1, claims=1)
    assert [result.status for result in read(target)] == ["claims"]


def test_a_folder_is_not_loaded_into_a_file_of_its_own(tmp_path: Path) -> None:
    source = write(str(tmp_path / "part.jsonl"), make_result())
    with pytest.raises(ConfigError, match=r"lies in .*, which is read: choose a file elsewhere"):
        load(tmp_path, target=tmp_path / "all.parquet")
    assert [path.name for path in tmp_path.iterdir()] == [Path(source).name]


def test_what_is_there_stays_failures_too(tmp_path: Path, target: str) -> None:
    write(target, make_result(id="x", failed="no"), make_result(id="y"))
    source = write(str(tmp_path / "source.jsonl"), make_result(id="z"))
    load(source, target=target)
    states = [(result.abstract.id, result.status) for result in read(target)]
    assert states == [("x", "failed"), ("y", "claims"), ("z", "claims")]


def test_a_failure_does_not_replace_what_has_been_brought_to_an_end(
    tmp_path: Path, target: str
) -> None:
    write(target, make_result(id="x"))
    source = write(str(tmp_path / "source.jsonl"), make_result(id="x", failed="no"))
    assert load(source, target=target) == Loaded(present=1)
    assert [result.status for result in read(target)] == ["claims"]


def test_runs_are_taken_over_from_databases_and_told_by_the_results_of_files(
    tmp_path: Path, database: str
) -> None:
    source = write(str(tmp_path / "source.db"), make_result(id="a"))
    load(source, target=database)
    assert list(read_runs(database)) == [RUN]
    lines = write(
        str(tmp_path / "source.jsonl"),
        make_result(id="a"),
        make_result(id="b", run_id="run-2", created=DAYS[0]),
    )
    load(lines, target=database)
    runs = {run.run_id: run for run in read_runs(database)}
    assert runs.keys() == {"run-1", "run-2"}
    assert runs["run-1"] == RUN
    assert (runs["run-2"].started, runs["run-2"].finished) == (DAYS[0], None)


_LOAD = """
import sys
from extractor.stores.loading import load_results
load_results([sys.argv[1]], sys.argv[2], sys.stdout)
"""


def test_two_loads_at_once_leave_the_rows_of_one(tmp_path: Path, database: str) -> None:
    results = [make_result(id=f"{number:05}", created=DAYS[0]) for number in range(3000)]
    source = write(str(tmp_path / "source.jsonl"), *results)
    loads = [subprocess.Popen([sys.executable, "-c", _LOAD, source, database]) for _ in range(2)]
    assert [load.wait() for load in loads] == [0, 0]
    assert read(database) == results


def test_several_sources_and_folders_become_one(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    write(str(folder / "0.parquet"), RESULTS[0], RESULTS[1])
    write(str(folder / "1.parquet"), RESULTS[1], RESULTS[2])
    single = write(str(tmp_path / "more.csv"), RESULTS[3])
    target = tmp_path / "all.db"
    assert load(folder, single, target=target) == Loaded(
        extractions=4, failed=1, claims=2, present=1
    )
    assert read(str(target)) == RESULTS


def test_an_older_line_without_text_is_taken_over_with_its_fingerprint(tmp_path: Path) -> None:
    source = tmp_path / "old.jsonl"
    record = RESULTS[0].to_record()
    del record["text"], record["url"], record["published"]
    source.write_text(json.dumps(record) + "\n")
    for name in ("claims.db", "claims.jsonl", "claims.parquet", "claims.csv"):
        load(source, target=tmp_path / name)
        (result,) = read_results(str(tmp_path / name))
        assert (result.abstract.text, result.claims) == ("", RESULTS[0].claims)
        assert result.abstract.text_sha256 == RESULTS[0].abstract.text_sha256


def test_what_no_database_holds_is_replaced_wherever_it_stands(
    tmp_path: Path, database: str
) -> None:
    record = json.dumps(RESULTS[1].to_record())
    for value in ("run-1", DAYS[1], "c" * 16):
        record = record.replace(value, f"{value}\\u0000\\ud800")
    record = record.replace('"schema": "s"', '"schema": "\\u0000\\ud800"')
    (tmp_path / "odd.jsonl").write_text(record + "\n")
    assert load(tmp_path / "odd.jsonl", target=database) == Loaded(extractions=1, claims=1)
    (result,) = read(database)
    made = result.provenance
    assert (made.run_id, made.created) == ("run-1\ufffd\ufffd", DAYS[1] + "\ufffd\ufffd")
    assert (made.schema_, result.claims[0].claim_id) == ("\ufffd\ufffd", "c" * 16 + "\ufffd\ufffd")


@pytest.mark.parametrize("attempts", [-1, 2**31])
def test_a_count_that_not_every_database_takes_is_told_with_its_result(
    tmp_path: Path, attempts: int
) -> None:
    record = RESULTS[1].to_record()
    record["provenance"]["attempts"] = attempts
    (tmp_path / "odd.jsonl").write_text(json.dumps(record) + "\n")
    with pytest.raises(StoreError, match=r"odd.jsonl: the result of a is .*provenance\.attempts"):
        load(tmp_path / "odd.jsonl", target=tmp_path / "claims.db")


@pytest.mark.parametrize("name", ["claims.db", "claims.parquet", "claims.duckdb"])
def test_a_number_that_is_too_large_is_refused_and_costs_nothing_that_was_there(
    tmp_path: Path, name: str
) -> None:
    target = write(str(tmp_path / name), RESULTS[1])
    huge = make_result(id="huge", claims=[make_checked(span=(0, 2**64))])
    source = write(str(tmp_path / "source.jsonl"), huge)
    with pytest.raises(StoreError, match="too large"):
        load(source, target=target)
    assert RESULTS[1] in read(target)


def test_a_damaged_source_stops_and_what_came_before_is_kept(tmp_path: Path) -> None:
    whole = write(str(tmp_path / "a.jsonl"), RESULTS[0])
    (tmp_path / "b.jsonl").write_text("milk, bread\n")
    with pytest.raises(StoreError, match=r"b\.jsonl:1 is no result"):
        load(whole, tmp_path / "b.jsonl", target=tmp_path / "claims.db")
    assert read(str(tmp_path / "claims.db")) == [RESULTS[0]]


def test_a_store_is_not_loaded_into_itself(tmp_path: Path) -> None:
    path = write(str(tmp_path / "claims.db"), RESULTS[0])
    with pytest.raises(ConfigError, match="is the store itself"):
        load(path, target=f"sqlite:///{path}")


def test_lines_can_be_printed(tmp_path: Path) -> None:
    path = write(str(tmp_path / "claims.parquet"), *RESULTS)
    printed = io.StringIO()
    load_results([path], "-", printed)
    lines = tmp_path / "lines.jsonl"
    lines.write_text(printed.getvalue(), "utf-8")
    assert read(str(lines)) == RESULTS
