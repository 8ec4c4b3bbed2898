import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from extractor.errors import StoreError
from extractor.publishing.questions import list_questions
from extractor.publishing.searchable import add_index, describe_database, write_searchable
from extractor.stores.reading import read_results
from tests.queries.saying import figure, keep, say
from tests.readme import SQL

HOSTILE = {
    "method": "O'Net\"; DROP TABLE claims; --",
    "datasets": ["BarBench", "Zürich set"],
    "baselines": ["BazNet"],
    "metric": None,
    "evidence": "naïve <b>quote</b> with 5%",
    "value": figure(5),
}
RESULTS = [
    say(
        "a",
        {"method": "FooNet", "metric": "accuracy", "evidence": "good"},
        HOSTILE,
        text="Wide text on tides.",
    ),
    say(
        "b",
        {"method": "QuxNet", "task": "weeding", "metric": None, "evidence": "bad"},
        text="Narrow text on herbs.",
    ),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_searchable(RESULTS, tmp_path / "claims.db")
    return tmp_path / "claims.db"


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def search(database: sqlite3.Connection, words: str, kind: str = "claim") -> list[str]:
    column = "method" if kind == "claim" else "id"
    found = database.execute(
        f"SELECT {kind}_search.{column} FROM {kind}s_fts"
        f" JOIN {kind}_search ON {kind}_search.key = {kind}s_fts.rowid"
        f" WHERE {kind}s_fts MATCH ? ORDER BY {kind}_search.key",
        [words],
    )
    return [name for (name,) in found]


def check(database: sqlite3.Connection) -> None:
    """Let SQLite compare the index with the texts, and the texts with the tables."""
    for index in ("claims_fts", "abstracts_fts"):
        database.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
    for table, texts, key in (
        ("claims", "claim_texts", "extraction_id, position, method, task, metric, evidence"),
        ("abstracts", "abstract_texts", "abstract_key, title, text"),
    ):
        for one, other in ((table, texts), (texts, table)):
            query = f"SELECT {key} FROM {one} EXCEPT SELECT {key} FROM {other}"
            assert database.execute(query).fetchall() == []


@pytest.mark.parametrize(
    ("words", "methods"),
    [
        ("foonet", ["FooNet"]),
        ("accuracy", ["FooNet"]),
        ("weed*", ["QuxNet"]),
        ("naive", [HOSTILE["method"]]),
        ("zurich", [HOSTILE["method"]]),
        ("BazNet AND bench", []),
        ("BazNet AND bar*", [HOSTILE["method"]]),
        ('"5%"', [HOSTILE["method"]]),
        ("datasets: baznet", []),
    ],
)
def test_claims_are_found_by_their_words(
    database: sqlite3.Connection, words: str, methods: list[str]
) -> None:
    assert search(database, words) == methods
    check(database)


def test_abstracts_are_found_by_title_and_text(database: sqlite3.Connection) -> None:
    assert search(database, "tides", "abstract") == ["a"]
    assert search(database, "on AND text", "abstract") == ["a", "b"]


def test_the_search_of_the_page_runs(database: sqlite3.Connection) -> None:
    _, _, after = SQL.read_text(encoding="utf-8").partition("## Full text")
    (query,) = re.findall(r"```sql\n(.+?)```", after, re.DOTALL)
    assert database.execute(query).fetchall() == []
    (row,) = database.execute(query.replace("imagenet*", "foo*"))
    assert "FooNet" in row


def test_the_index_follows_a_later_run(path: Path, database: sqlite3.Connection) -> None:
    replaced = say(
        "b",
        {"method": "NewNet", "baselines": ["QuxNet"], "evidence": "new"},
        text="Narrow text on herbs.",
    )
    keep(str(path), replaced, say("c", {"method": "LateNet", "datasets": ["Fens"]}))
    assert search(database, "quxnet") == ["NewNet"]
    assert search(database, "weeding") == []
    assert search(database, "fens") == ["LateNet"]
    check(database)


def test_the_index_follows_every_kind_of_change(database: sqlite3.Connection) -> None:
    database.execute("UPDATE claims SET method = 'Renamed' WHERE method = 'FooNet'")
    database.execute("UPDATE claim_datasets SET name = 'Fens' WHERE name = 'BarBench'")
    database.execute("DELETE FROM claim_baselines")
    assert search(database, "foonet OR renamed") == ["Renamed"]
    assert search(database, "fens") == [HOSTILE["method"]]
    assert search(database, "barbench OR baznet") == []
    check(database)
    database.execute("INSERT OR REPLACE INTO claims SELECT * FROM claims WHERE method = 'Renamed'")
    assert search(database, "renamed") == ["Renamed"]
    database.execute("UPDATE abstracts SET text = 'On peat.' WHERE id = 'a'")
    assert search(database, "tides", "abstract") == []
    assert search(database, "peat", "abstract") == ["a"]
    check(database)
    database.execute("DELETE FROM abstracts WHERE id = 'a'")
    assert search(database, "renamed OR fens") == []
    assert search(database, "peat", "abstract") == []
    check(database)


def test_the_index_survives_a_vacuum(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM claims WHERE method = 'FooNet'")
    database.execute("VACUUM")
    assert search(database, "quxnet") == ["QuxNet"]
    assert search(database, "herbs", "abstract") == ["b"]
    check(database)


def test_the_file_is_a_whole_store_of_its_own(path: Path, tmp_path: Path) -> None:
    assert list(read_results(str(path))) == RESULTS
    assert sorted(file.name for file in tmp_path.iterdir()) == ["claims.db", "claims.metadata.json"]
    add_index(Path(keep(str(tmp_path / "plain.db"), *RESULTS)))
    with pytest.raises(StoreError, match=r"cannot index .*already exists"):
        add_index(path)


def test_a_file_that_cannot_be_written_is_named(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()

    def fail() -> Iterator[object]:
        yield RESULTS[0]
        raise StoreError("the source went away")

    with pytest.raises(StoreError, match="went away"):
        write_searchable(fail(), path)  # type: ignore[arg-type]
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2
    with pytest.raises(StoreError, match="absent"):
        write_searchable(RESULTS, tmp_path / "absent" / "claims.db")


def test_the_metadata_names_what_there_is(path: Path, database: sqlite3.Connection) -> None:
    metadata = json.loads(path.with_suffix(".metadata.json").read_text())
    assert metadata == describe_database("claims")
    described = metadata["databases"]["claims"]
    for table, facts in described["tables"].items():
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        named = {*facts.get("columns", ()), *facts.get("facets", ()), *facts.get("units", ())}
        assert columns, table
        if "fts_table" in facts:
            assert facts["fts_pk"] in columns
            assert database.execute(f"SELECT count(*) FROM {facts['fts_table']}").fetchone()[0]
        if table in ("extractions", "claims_flat"):
            assert named <= set(columns), table
    for question in list_questions():
        canned = described["queries"][question.name]
        assert canned["title"] == question.title
        database.execute(canned["sql"], question.examples).fetchall()
