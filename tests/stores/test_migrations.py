import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, inspect, select

from extractor.errors import StoreError
from extractor.stores import tables
from extractor.stores.checking import check_tables
from extractor.stores.connections import Database
from extractor.stores.layout import create_layout
from extractor.stores.loading import load_results
from extractor.stores.migrations import migrate
from extractor.stores.reading import read_claims, read_results
from extractor.stores.rows import Row, build_rows
from extractor.stores.sql import SqlStore
from extractor.stores.tables import LAYOUT
from extractor.urls import parse_postgresql
from tests.stores.databases import query, write
from tests.stores.making import RUN, make_checked, make_result, show

FIRST_LAYOUT = Path(__file__).parent / "layouts" / "0001.sql"
OLD = make_result(model="old", claims=[make_checked(method="Old", datasets=["BarBench"])])
NEW = make_result(model="new", claims=[make_checked(method="New")], rejected={"a": None})
FAILED = make_result(id="bar", failed="server down", parameters={"temperature": 0})


@pytest.fixture
def first(database: str) -> str:
    """A store as the first layout kept it, with a few results."""
    if database.startswith("postgresql"):
        engine = open_engine(database)
        with engine.begin() as connection:
            migrate(connection, None, 1)
        engine.dispose()
    else:
        with closing(sqlite3.connect(database)) as connection:
            connection.executescript(FIRST_LAYOUT.read_text())
    fill(database, [NEW, OLD, FAILED])
    return database


def fill(database: str, results: list[Any]) -> None:
    insert(database, "runs", [(RUN.run_id, RUN.model, RUN.prompt, RUN.started, None)])
    rows = build_rows(results)
    # The columns that came later are the last ones.
    rows["extractions"] = [row[:19] for row in rows["extractions"]]
    rows["abstracts"] = list({row[0]: row for row in rows["abstracts"]}.values())
    for name, table_rows in rows.items():
        insert(database, name, table_rows)


def insert(database: str, table: str, rows: list[Row]) -> None:
    for row in rows:
        values = ", ".join("NULL" if value is None else quote(value) for value in row)
        query(database, f"INSERT INTO {table} VALUES ({values})")


def quote(value: object) -> str:
    return str(value) if isinstance(value, int | float) else "'" + str(value) + "'"


def test_a_store_of_the_first_layout_is_upgraded_when_it_is_opened_for_writing(
    first: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(SqlStore(first)) as store:
        assert "upgraded from layout 1 to 2" in caplog.text
        assert store.holds(OLD.provenance.extraction_id)
        (failed,) = store.read_failed()
        assert (failed.id, failed.parameters, failed.max_reasks) == (
            "bar",
            {"temperature": 0},
            None,
        )
        store.write([make_result(id="baz")])
    assert sorted(read_results(first, history=True), key=repr) == sorted(
        [OLD, NEW, FAILED, make_result(id="baz")], key=repr
    )
    assert query(first, "SELECT count(*) FROM extractions WHERE written = 0") == [(0,)]
    assert list(check_tables(first)) == []


def test_views_of_others_over_ours_outlast_an_upgrade(first: str) -> None:
    query(first, "CREATE VIEW board AS SELECT method, dataset FROM claims_flat")
    query(first, "CREATE VIEW counted AS SELECT count(*) AS number FROM current_claims")
    before = query(first, "SELECT * FROM board")
    with closing(SqlStore(first)):
        pass
    assert query(first, "SELECT * FROM board") == before
    assert query(first, "SELECT * FROM counted") == [(1,)]


def test_what_was_the_newest_stays_the_newest(first: str) -> None:
    (before,) = query(first, "SELECT method FROM current_claims")
    with closing(SqlStore(first)):
        pass
    assert query(first, "SELECT method FROM current_claims") == [before]
    write(first, make_result(model="newest", claims=[make_checked(method="Newest")]))
    assert query(first, "SELECT method FROM claims_flat") == [("Newest",)]


def test_an_older_store_is_not_read_before_it_is_upgraded(first: str) -> None:
    with pytest.raises(StoreError, match=r"run extractor store migrate .*") as raised:
        list(read_results(first))
    *_, named = shlex.split(str(raised.value))
    Database(named, "write").close()
    assert len(list(read_results(first))) == 2


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query(first, "CREATE INDEX ix_extractions_written ON extractions (created)")
    with pytest.raises(StoreError, match="already exists"):
        SqlStore(first)
    query(first, "DROP INDEX ix_extractions_written")
    with closing(SqlStore(first)) as store:
        assert store.holds(NEW.provenance.extraction_id)


def test_many_processes_upgrade_a_store_at_once(first: str) -> None:
    script = """
import sys
from extractor.stores.sql import SqlStore
sys.stdin.readline()
SqlStore(sys.argv[1]).close()
"""
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", script, first],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [opener.communicate("go\n")[1].strip() for opener in openers]
    assert [opener.returncode for opener in openers] == [0, 0, 0], said
    assert sum("upgraded" in text for text in said) == 1
    assert len(list(read_results(first, history=True))) == 3


def test_the_first_migration_lays_out_what_the_first_version_did(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "then.db")) as connection:
        connection.executescript(FIRST_LAYOUT.read_text())
    now = create_engine(f"sqlite:///{tmp_path / 'now.db'}")
    with now.begin() as connection:
        migrate(connection, None, 1)
    now.dispose()
    assert read_layout(tmp_path / "now.db") == read_layout(tmp_path / "then.db")


def read_layout(path: Path) -> list[str]:
    rows = query(path, "SELECT sql FROM sqlite_master WHERE tbl_name <> 'store_version'")
    return sorted(re.sub(r"\s+", " ", sql) for (sql,) in rows if sql)


@pytest.mark.parametrize("lay_out", [create_layout, lambda each: migrate(each, None, LAYOUT)])
def test_new_and_upgraded_stores_have_the_tables_that_the_program_knows(
    database: str, lay_out: Callable[[Connection], None]
) -> None:
    engine = open_engine(database)
    with engine.begin() as connection:
        lay_out(connection)
        assert connection.scalar(select(tables.layouts.c.version_num)) == f"{LAYOUT:04}"
        reflected = inspect(connection)
        for table in (*tables.metadata.sorted_tables, tables.layouts):
            # Rows are written in the order of the columns.
            columns = [column["name"] for column in reflected.get_columns(table.name)]
            assert columns == table.columns.keys()
        assert reflected.get_pk_constraint(tables.layouts.name)["name"] == "store_version_pkc"
        assert set(reflected.get_view_names()) == {"current_claims", "claims_flat"}
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": tables.layouts.name,
                "compare_server_default": True,
                "include_object": lambda entry, name, kind, reflected, other: (
                    kind != "table" or name != tables.layouts.name
                ),
            },
        )
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def open_engine(database: str) -> Engine:
    return create_engine(
        parse_postgresql(database) if "://" in database else f"sqlite:///{database}"
    )


@pytest.mark.parametrize("is_new", [True, False])
def test_a_new_or_current_store_is_opened_without_the_migrations(
    database: str, is_new: bool
) -> None:
    if not is_new:
        write(database)
    script = """
import sys
from extractor.stores.sql import SqlStore
SqlStore(sys.argv[1]).close()
print("alembic" in sys.modules)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script, database], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"
    write(database, make_result())
    assert list(read_claims(database)) == show(make_result())


def test_results_can_be_loaded_into_an_older_store(first: str, tmp_path: Path) -> None:
    source = tmp_path / "source.db"
    write(source, make_result(id="baz"))
    assert load_results([str(source)], first, sys.stdout).extractions == 1
    assert len(list(read_results(first, history=True))) == 4
