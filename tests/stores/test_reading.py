import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.errors import ConfigError, StoreError
from extractor.results import Result
from extractor.stores import open_store
from extractor.stores.reading import read_claims, read_results
from tests.stores.making import RUN, make_checked, make_result, results, show

FILES = [".jsonl", ".jsonl.gz", ".parquet", ".csv", ".duckdb"]
SUFFIXES = [".db", ".SQLite3", *FILES]


def write(path: Path, *written: Result) -> None:
    store = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    store.record_run(RUN)
    store.write(written)
    store.close()


def by_place(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Databases give abstracts in the order of their keys, files in the order of writing."""
    return sorted(claims, key=lambda claim: (claim["id"], claim["title"]))


@pytest.mark.parametrize("suffix", [".db", *FILES])
@settings(max_examples=40)
@given(written=st.lists(results, max_size=4, unique_by=lambda r: (r.abstract.id, r.abstract.title)))
def test_what_is_read_equals_what_was_written(suffix: str, written: list[Result]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"claims{suffix}")
        write(path, *written)
        expected = [claim for result in written for claim in show(result)]
        assert by_place(list(read_claims(str(path)))) == by_place(expected)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_newest_extraction_of_an_abstract_is_shown(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"claims{suffix}"
    old = make_result(model="old", claims=[make_checked(method="Old")])
    new = make_result(
        model="new", claims=[make_checked(method="New")], created="2026-01-02T00:00:00+00:00"
    )
    broken = make_result(model="broken", failed="no", created="2026-01-03T00:00:00+00:00")
    write(path, old, new, broken)
    assert [claim["method"] for claim in read_claims(str(path))] == ["New"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("models", [("a", "b"), ("b", "a")])
def test_of_extractions_of_one_second_the_last_is_shown(
    tmp_path: Path, suffix: str, models: tuple[str, str]
) -> None:
    path = tmp_path / f"claims{suffix}"
    for model in models:
        write(path, make_result(model=model, claims=[make_checked(method=model)]))
    assert [claim["method"] for claim in read_claims(str(path))] == [models[1]]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_store_without_claims_reads_as_empty(tmp_path: Path, suffix: str) -> None:
    write(tmp_path / f"claims{suffix}")
    assert list(read_claims(str(tmp_path / f"claims{suffix}"))) == []


def test_a_claim_that_lost_a_field_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    write(path, make_result())
    path.write_text(path.read_text("utf-8").replace('"outcome": "better", ', ""), "utf-8")
    with pytest.raises(StoreError, match=r"result of foo is not whole: claims\.0\.outcome: Field"):
        list(read_claims(str(path)))


def test_databases_and_files_are_told_apart_by_content(tmp_path: Path) -> None:
    write(tmp_path / "claims.db", make_result())
    renamed = (tmp_path / "claims.db").rename(tmp_path / "claims.jsonl")
    assert list(read_claims(str(renamed))) == show(make_result())


@pytest.mark.parametrize("suffix", FILES)
def test_whole_results_come_back_from_a_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"claims{suffix}"
    whole = make_result(
        rejected={"method": None, "deep": [{"=": 1.5}]},
        parameters={"temperature": 0.5, "stop": ["a;b"]},
        cache_hit=True,
        tokens_in=12,
        cost_usd=0.25,
        skip_checks=[],
        max_reasks=2,
    )
    failed = make_result(id="bar", text="It fails.", failed="server down")
    write(path, whole, failed)
    assert list(read_results(str(path))) == [whole, failed]


@pytest.mark.parametrize("suffix", FILES)
def test_history_is_every_extraction_and_a_failed_one_stands_for_nothing_better(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"claims{suffix}"
    days = [f"2026-01-0{day}T00:00:00+00:00" for day in range(1, 5)]
    written = [
        make_result(model="newer", created=days[1]),
        make_result(model="older", created=days[0]),
        make_result(model="broken", created=days[2], failed="no"),
        make_result(id="bar", model="broken", created=days[0], failed="no"),
        make_result(id="bar", model="worse", created=days[3], failed="no"),
    ]
    write(path, *written)
    assert list(read_results(str(path))) == [written[0], written[4]]
    assert list(read_results(str(path), history=True)) == written


def test_an_older_line_without_text_keeps_its_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    result = make_result()
    record = result.to_record()
    del record["text"], record["url"], record["published"]
    path.write_text(json.dumps(record) + "\n")
    (read,) = read_results(str(path))
    assert read.abstract.text == ""
    assert read.abstract.text_sha256 == result.abstract.text_sha256
    assert read.claims == result.claims
    assert list(read_claims(str(path))) == show(result)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_holds_nothing(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"claims{suffix}").touch()
    assert list(read_results(str(tmp_path / f"claims{suffix}"))) == []


def test_what_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot read .*absent\.db"):
        list(read_claims(str(tmp_path / "absent.db")))


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds no files of results"):
        list(read_claims(str(tmp_path)))
    old = make_result(id="b", model="old")
    write(tmp_path / "1.parquet", make_result(id="a"), old)
    write(tmp_path / "2.jsonl", make_result(id="b", model="new"), make_result(id="c"))
    (tmp_path / "_notes.jsonl").write_text("mine")
    assert [result.abstract.id for result in read_results(str(tmp_path))] == ["a", "b", "c"]
    assert old in list(read_results(str(tmp_path), history=True))
    assert old not in list(read_results(str(tmp_path)))


def test_the_newest_is_shown_also_when_a_run_tidies_the_file_meanwhile(tmp_path: Path) -> None:
    write(tmp_path / "1.jsonl", make_result(id="a"))
    newest = make_result(id="b", model="new", created="2026-01-02T00:00:00+00:00")
    failed = make_result(id="c", failed="no")
    write(tmp_path / "2.jsonl", failed, make_result(id="b", model="old"), newest)
    reading = read_results(str(tmp_path))
    assert next(reading).abstract.id == "a"
    write(tmp_path / "2.jsonl", make_result(id="d"))
    assert list(reading) == [newest]


def test_an_unknown_kind_of_output_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.db.*\.jsonl.*or -"):
        open_store(str(tmp_path / "claims.xlsx"), stdout=None)  # type: ignore[arg-type]
    assert not (tmp_path / "claims.xlsx").exists()
