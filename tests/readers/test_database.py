"""Tables as input: SQLite, and a real PostgreSQL where one answers."""

import sqlite3
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from extractor.documents import Abstract
from extractor.errors import ConfigError, InputError
from extractor.readers import Entry, ReadOptions, Unreadable, database, read_abstracts
from extractor.stores.targets import find_path
from tests.stores.databases import write
from tests.stores.making import make_result

Fill = Callable[[str], str]
TABLE = """
CREATE TABLE papers (id VARCHAR(20) PRIMARY KEY, title TEXT, abstract TEXT, link TEXT, year INT);
INSERT INTO papers VALUES
    ('p2', 'Second', 'Tin  soldiers
win.', 'https://example.org/2', 2024),
    ('p1', NULL, 'Lead soldiers lose; DROP TABLE papers;', NULL, NULL),
    ('p3', 'No text', NULL, NULL, 2023)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def fill(request: pytest.FixtureRequest, tmp_path: Path) -> Fill:
    """Runs a script in a new database and gives its URL."""
    if request.param == "sqlite":
        path = tmp_path / "lab's papers.db"

        def fill_sqlite(script: str) -> str:
            connection = sqlite3.connect(path)
            connection.executescript(script)
            connection.close()
            return f"sqlite:///{path}?table="

        return fill_sqlite
    url: str = request.getfixturevalue("postgres_url")

    def fill_postgres(script: str) -> str:
        import psycopg  # noqa: PLC0415

        with psycopg.connect(url) as connection:
            connection.execute(script)  # type: ignore[call-overload]
        return f"{url}&table="

    return fill_postgres


def read(url: str, **mapping: str) -> list[Entry]:
    return list(read_abstracts([url], options=ReadOptions(mapping=mapping)))


def test_each_row_is_an_entry_in_the_order_of_the_key(fill: Fill) -> None:
    assert read(fill(TABLE) + "papers") == [
        Abstract(id="p1", text="Lead soldiers lose; DROP TABLE papers;", source="table papers#1"),
        Abstract(
            id="p2",
            title="Second",
            text="Tin soldiers win.",
            source="table papers#2",
            url="https://example.org/2",
            published="2024",
        ),
        Unreadable("table papers#3", "no text", "p3", "No text"),
    ]


def test_columns_can_be_mapped(fill: Fill) -> None:
    entries = read(fill(TABLE) + "papers", text="title", id="link")
    assert [(entry.id, isinstance(entry, Unreadable)) for entry in entries[:2]] == [
        (None, True),
        ("https://example.org/2", False),
    ]


def test_names_are_quoted(fill: Fill) -> None:
    url = fill('CREATE TABLE "my; --papers" ("id" INT PRIMARY KEY, "the ""text""" TEXT);'
               """INSERT INTO "my; --papers" VALUES (1, 'Tin wins.')""")  # fmt: skip
    (entry,) = read(f"{url}my; --papers", text='the "text"')
    assert entry == Abstract(id="1", text="Tin wins.", source="table my; --papers#1")


@pytest.mark.parametrize("kind", ["table", "view", "two keys", "no key"])
def test_long_tables_are_read_in_pages_and_lose_nothing(
    fill: Fill, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(database, "_PAGE_ROWS", 7)
    key = {"two keys": ", PRIMARY KEY (part, id)", "no key": ""}.get(kind, ", PRIMARY KEY (id)")
    values = ", ".join(f"({n % 3}, {n + 2**40}, 'Text {n}.')" for n in range(30))
    url = fill(
        f"CREATE TABLE papers (part INT, id BIGINT, text TEXT{key});"
        "CREATE VIEW good AS SELECT id, text FROM papers;"
        f"INSERT INTO papers VALUES {values}"
    )
    entries = read(url + ("good" if kind == "view" else "papers"))
    assert sorted(entry.id or "" for entry in entries) == [str(n + 2**40) for n in range(30)]
    assert [entry.source.rpartition("#")[2] for entry in entries if entry.source] == [
        str(n) for n in range(1, 31)
    ]


def test_no_transaction_is_held_while_a_table_is_read(
    fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PAGE_ROWS", 1)
    url = fill(TABLE)
    entries = read_abstracts([url + "papers"])
    next(entries)
    # Both want the table for themselves: SQLite to write at all, PostgreSQL to drop a column.
    fill("ALTER TABLE papers DROP COLUMN year")
    with pytest.raises(StopIteration):
        while not isinstance(last := next(entries), Unreadable):
            pass
        assert last.source == "table papers#1"
        assert "cannot be read after row 1: " in last.reason
        next(entries)


def test_what_is_missing_is_listed(fill: Fill) -> None:
    url = fill(TABLE + "; CREATE VIEW recent AS SELECT * FROM papers")
    with pytest.raises(InputError, match="no table 'paper' in the database; there are: "):
        read(url + "paper")
    with pytest.raises(InputError, match=r"papers, recent"):
        read(url + "paper")
    with pytest.raises(InputError, match=r"no column 'body'; its columns are: id, title, abstract"):
        read(url + "papers", text="body")


def test_an_address_without_a_table_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text('{"id": "good", "text": "Tin wins."}\n')
    address = "postgresql://me:tiger@127.0.0.1/lab"
    with pytest.raises(ConfigError) as caught:
        read_abstracts([tmp_path / "good.jsonl", address])
    assert str(caught.value) == (
        "say which table to read: postgresql://me@127.0.0.1/lab?table=NAME"
    )


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:tiger@127.0.0.1:1/lab?table=papers",
        "postgresql://127.0.0.1:1/lab?table=papers&user=me&password=tiger",
        "postgresql://me:tiger@127.0.0.1:port/lab?table=papers",
        "postgresql://me:p@tiger@127.0.0.1/lab",
        "postgresql://me:p@tiger@127.0.0.1/lab?table=papers",
        "postgresql://me:p@tiger/ss@127.0.0.1/lab?table=papers",
        "postgresql://me:p@tiger?ss@127.0.0.1/lab?table=papers",
        "mysql://me:tiger@127.0.0.1/lab?table=papers",
        "https://me:tiger@example.org/papers.jsonl",
    ],
)
def test_a_password_is_never_shown(address: str) -> None:
    if address.startswith("postgresql"):
        pytest.importorskip("psycopg")
    with pytest.raises((InputError, ConfigError)) as caught:
        read(address)
    error: BaseException | None = caught.value
    while error is not None:
        assert "tiger" not in str(error)
        error = None if error.__suppress_context__ else error.__context__


@pytest.mark.parametrize("name", ["lab b%20c.db", "100%25 %3F.db", "lab#1;+.db", "100%.db"])
def test_the_url_of_a_file_means_the_same_as_source_and_as_store(tmp_path: Path, name: str) -> None:
    url = f"sqlite:///{tmp_path}/{name}"
    result = make_result()
    write(url, result)
    (entry,) = read(f"{url}?table=abstracts")
    assert isinstance(entry, Abstract)
    assert entry.text == result.abstract.text
    assert find_path(url) in tmp_path.iterdir()


def test_a_file_that_is_no_database_is_neither_made_nor_read(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    with pytest.raises(InputError, match=r"papers\.db: not found"):
        read(f"sqlite:///{path}?table=papers")
    assert not path.exists()
    path.write_text("no database at all" * 100)
    with pytest.raises(InputError, match="table papers: cannot be read: file is not a database"):
        read(f"sqlite:///{path}?table=papers")


def test_a_fault_in_one_source_leaves_the_others(tmp_path: Path) -> None:
    good = tmp_path / "good.jsonl"
    good.write_text('{"id": "good", "text": "Tin wins."}\n')
    entries = list(read_abstracts([good, f"sqlite:///{tmp_path}/no.db?table=papers"]))
    assert [type(entry) for entry in entries] == [Abstract, Unreadable]
    assert entries[1].source == "table papers"


def test_bytes_and_odd_values_are_read_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE papers (id DATETIME, text BLOB)")
    rows = [("yesterday", b"Tin wins."), (2101.0, b"caf\xe9 wins"), (None, "Na\0h.")]
    connection.executemany("INSERT INTO papers VALUES (?, ?)", rows)
    connection.execute("INSERT INTO papers VALUES ('bad', CAST(x'436166e9' AS TEXT))")
    connection.commit()
    connection.close()
    entries = read(f"sqlite:///{path}?table=papers")
    texts = [entry.text for entry in entries if isinstance(entry, Abstract)]
    assert texts == ["Tin wins.", "caf\N{REPLACEMENT CHARACTER} wins", "Na h.",
                     "Caf\N{REPLACEMENT CHARACTER}"]  # fmt: skip
    assert [entry.id for entry in entries[:2]] == ["yesterday", "2101"]


def make_papers(path: Path, keys: list[str], *, encoding: str = "UTF-8", type_: str = "") -> str:
    """A table in SQLite with keys of any bytes, given in hexadecimal."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    connection.execute(f"CREATE TABLE papers (id {type_} PRIMARY KEY, text TEXT)")
    for number, key in enumerate(keys):
        statement = f"INSERT INTO papers VALUES (CAST(x'{key}' AS TEXT), 'Text {number}.')"
        connection.execute(statement)
    connection.commit()
    connection.close()
    return f"sqlite:///{path}?table=papers"


@pytest.mark.parametrize("type_", ["", "TEXT", "INT", "TEXT COLLATE NOCASE"])
def test_keys_that_are_no_utf_8_are_read_in_pages_and_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_: str
) -> None:
    monkeypatch.setattr(database, "_PAGE_ROWS", 3)
    starts = ("", "41ff", "c3a9", "ff", "efbfbd")
    keys = [f"{start}{number}" for start in starts for number in range(30, 40)]
    entries = read_abstracts([make_papers(tmp_path / "odd.db", keys, type_=type_)])
    # Who went back would read for ever.
    texts = [entry.text for entry in islice(entries, 99) if isinstance(entry, Abstract)]
    assert sorted(texts) == sorted(f"Text {number}." for number in range(len(keys)))


def test_a_key_that_the_database_does_not_find_again_ends_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PAGE_ROWS", 2)
    # Half of a surrogate pair in UTF-16, which SQLite turns into another text in UTF-8.
    keys = [f"00dc{number}000" for number in range(9)]
    url = make_papers(tmp_path / "odd.db", keys, encoding="UTF-16le", type_="TEXT")
    *_, last = islice(read_abstracts([url]), 99)
    assert isinstance(last, Unreadable)
    assert "cannot be read beyond the key" in last.reason
    assert "read it through a view" in last.reason


def test_a_missing_driver_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'claim-extractor\[postgres\]'"):
        read("postgresql://me@127.0.0.1/lab?table=papers")
