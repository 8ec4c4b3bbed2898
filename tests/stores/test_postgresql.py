"""What is particular to PostgreSQL: addresses, servers, rights, other programs."""

import logging
import subprocess
import sys
import time
import traceback
import uuid
from contextlib import closing
from threading import Thread

import psycopg
import pytest

from extractor.errors import ConfigError, StoreError, TransientStoreError
from extractor.stores import open_store, postgresql, show_target, sql
from extractor.stores.connections import Database
from extractor.stores.reading import read_results
from extractor.stores.rows import build_rows
from extractor.stores.sql import SqlStore
from tests.postgres import start_server
from tests.stores.databases import query, write
from tests.stores.making import RUN, make_checked, make_result

SECRET = "hush-5"


def open_(target: str) -> None:
    open_store(target, stdout=sys.stdout).close()


def read(target: str) -> None:
    list(read_results(target))


@pytest.mark.parametrize("do", [open_, read])
@pytest.mark.parametrize(
    ("rest", "advice"),
    [
        ("127.0.0.1:9/claims", "see that the server runs"),
        ("host.invalid/claims", "see that the server runs"),
        (f"127.0.0.1:9/claims?password={SECRET}", "see that the server runs"),
        ("127.0.0.1:9/claims?sslmode=perhaps", "sslmode"),
        ("[::1/claims", "cannot read the address"),
        ("127.0.0.1:port/claims", "cannot read the address"),
        ("@127.0.0.1:9/claims", "cannot read the address"),
        (f"y/{SECRET}@127.0.0.1:9/claims", "cannot read the address"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_the_password(
    do: object, rest: str, advice: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises((StoreError, ConfigError), match=advice) as raised:
        do(f"postgresql://me:{SECRET}@{rest}")  # type: ignore[operator]
    assert SECRET not in "".join(traceback.format_exception(raised.value)) + caplog.text


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (f"postgresql://me:{SECRET}@host:1/db?password={SECRET}", "postgresql://me@host:1/db"),
        (f"postgres://me:{SECRET}@host/db", "postgresql://me@host/db"),
        (f"postgresql://me:{SECRET}@x@host/db", "postgresql://..."),
        (f"postgresql://me:p/{SECRET}?@host/db", "postgresql://me@host/db"),
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("claims.db", "claims.db"),
    ],
)
def test_targets_are_shown_without_passwords(target: str, shown: str) -> None:
    assert show_target(target) == shown


def test_a_command_to_be_typed_keeps_the_options_but_no_password() -> None:
    options = "options=-csearch_path%3Dlab&sslmode=require"
    target = f"postgresql://me:{SECRET}@host/db?{options}&sslpassword={SECRET}&password={SECRET}"
    shown = show_target(target, with_options=True)
    assert shown.startswith("postgresql://me@host/db?")
    assert SECRET not in shown
    assert "sslmode=require" in shown


def test_a_database_that_does_not_exist_is_reported_with_a_remedy(postgres_url: str) -> None:
    absent = postgres_url.replace("/test?", "/absent?")
    if absent == postgres_url:
        pytest.skip("EXTRACTOR_TEST_POSTGRES names another database than test")
    with pytest.raises(StoreError, match=r'"absent" does not exist; create it'):
        open_(absent)


def test_a_role_that_does_not_exist_is_reported_with_a_remedy() -> None:
    with (
        start_server() as server,
        pytest.raises(
            StoreError, match=r'role "absent" does not exist; create it, as with createu'
        ),
    ):
        open_(server.url.replace("//postgres:", "//absent:"))


def test_a_value_that_the_client_refuses_is_no_lost_connection(postgres_url: str) -> None:
    with (
        closing(Database(postgres_url, "create")) as database,
        pytest.raises(StoreError, match="NUL") as raised,
        database.transact() as connection,
    ):
        connection.exec_driver_sql("SELECT %s", ("\0",))
    assert not isinstance(raised.value, TransientStoreError)


def test_a_schema_that_does_not_exist_is_reported(postgres_url: str) -> None:
    with pytest.raises(StoreError, match="schema does not exist; create it"):
        open_(postgres_url.replace("search_path%3Dtest", "search_path%3Dabsent"))


def test_tables_of_another_program_are_left_alone(postgres_url: str) -> None:
    query(postgres_url, "CREATE TABLE claims (amount int)")
    with pytest.raises(StoreError, match=r"tables of another program \(claims\); choose another"):
        open_(postgres_url)
    assert query(postgres_url, "SELECT * FROM claims") == []


@pytest.mark.parametrize(
    "damage", ["UPDATE store_version SET version_num = 'zz'", "DELETE FROM store_version"]
)
def test_a_layout_that_is_none_is_refused(postgres_url: str, damage: str) -> None:
    write(postgres_url)
    query(postgres_url, damage)
    for do in (read, open_):
        with pytest.raises(StoreError, match="tables of another program, or damaged ones"):
            do(postgres_url)


def test_tables_of_other_names_do_no_harm(postgres_url: str) -> None:
    query(postgres_url, "CREATE TABLE bookmarks (url text)")
    write(postgres_url, make_result())
    assert list(read_results(postgres_url)) == [make_result()]


def test_an_empty_database_is_neither_read_nor_laid_out_by_reading(postgres_url: str) -> None:
    for do in (read, lambda target: SqlStore(target, creates=False)):
        with pytest.raises(StoreError, match="holds no results; name the output of an earlier"):
            do(postgres_url)  # type: ignore[operator]
    write(postgres_url)
    read(postgres_url)


def test_who_may_not_write_is_told_so(postgres_url: str) -> None:
    write(postgres_url)
    read_only = "options=-cdefault_transaction_read_only%3Don%20"
    with (
        closing(SqlStore(postgres_url.replace("options=", read_only))) as store,
        pytest.raises(StoreError, match=r"read-only .*; the server only reads"),
    ):
        store.write([make_result()])


def test_a_lock_that_is_held_may_pass(postgres_url: str) -> None:
    write(postgres_url)
    with closing(SqlStore(postgres_url, lock_wait_s=0.1)) as store:
        with psycopg.connect(postgres_url) as other:
            other.execute("LOCK TABLE claims IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(TransientStoreError, match="another program holds a lock"):
                store.write([make_result()])
        store.record_run(RUN)
        store.write([make_result()])
    assert list(read_results(postgres_url)) == [make_result()]


def test_a_store_goes_on_after_its_server_was_restarted() -> None:
    with start_server() as server, closing(SqlStore(server.url)) as store:
        store.record_run(RUN)
        store.write([make_result(id="a")])
        server.restart()
        store.write([make_result(id="b")])
        server.stop()
        with pytest.raises(TransientStoreError, match="see that the server runs") as raised:
            store.write([make_result(id="c")])
        assert "hush" not in "".join(traceback.format_exception(raised.value))
        assert "\t" not in str(raised.value)
        server.start()
        store.write([make_result(id="c")])
        assert [result.abstract.id for result in read_results(server.url)] == ["a", "b", "c"]


def test_a_connection_lost_in_the_middle_of_a_batch_leaves_nothing_of_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(postgres_url)
    insert = postgresql.PostgresqlBackend.insert

    def insert_and_be_thrown_out(self, connection, table, *rest):  # type: ignore[no-untyped-def]
        insert(self, connection, table, *rest)
        if table.name == "extractions":
            pid = connection.connection.driver_connection.info.backend_pid
            query(postgres_url, f"SELECT pg_terminate_backend({pid}, 10000)")

    with closing(SqlStore(postgres_url)) as store:
        with monkeypatch.context() as patched:
            patched.setattr(postgresql.PostgresqlBackend, "insert", insert_and_be_thrown_out)
            with pytest.raises(TransientStoreError):
                store.write([make_result()])
        assert query(postgres_url, "SELECT count(*) FROM abstracts") == [(0,)]
        store.write([make_result()])
    assert list(read_results(postgres_url)) == [make_result()]


def wait_until_held_up(server: str, statement: str) -> None:
    waits = (
        f"SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query = '{statement}'"
    )
    give_up = time.monotonic() + 60
    while not query(server, waits):
        assert time.monotonic() < give_up, "it is not held up"
        time.sleep(0.01)


@pytest.mark.parametrize("statement", ["DELETE FROM abstracts", "UPDATE abstracts SET text = id"])
def test_who_changes_rows_by_hand_waits_for_the_end_of_a_batch(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    write(postgres_url, make_result(model="old"))
    insert = postgresql.PostgresqlBackend.insert
    # Told from those of tests beside this one.
    marked = f"{statement} -- {uuid.uuid4().hex}"
    by_hand = Thread(target=query, args=(postgres_url, marked))

    def insert_beside(self, connection, table, *rest):  # type: ignore[no-untyped-def]
        insert(self, connection, table, *rest)
        if table.name == "abstracts":
            by_hand.start()
            wait_until_held_up(postgres_url, marked)

    monkeypatch.setattr(postgresql.PostgresqlBackend, "insert", insert_beside)
    with closing(SqlStore(postgres_url)) as store:
        store.record_run(RUN)
        store.write([make_result()])
    by_hand.join()
    deleted = statement.startswith("DELETE")
    assert query(postgres_url, "SELECT count(*) FROM claims") == [(0 if deleted else 2,)]


def test_what_is_deleted_under_a_batch_may_pass(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = postgresql.PostgresqlBackend.insert

    def delete_before(self, connection, table, *rest):  # type: ignore[no-untyped-def]
        if table.name == "extractions":
            query(postgres_url, "DELETE FROM runs")
        insert(self, connection, table, *rest)

    with closing(SqlStore(postgres_url)) as store:
        store.record_run(RUN)
        with monkeypatch.context() as patched:
            patched.setattr(sql, "_remember_runs", lambda *_: None)
            patched.setattr(postgresql.PostgresqlBackend, "insert", delete_before)
            with pytest.raises(TransientStoreError, match="another program deleted"):
                store.write([make_result()])
        store.write([make_result()])
    assert list(read_results(postgres_url)) == [make_result()]


def test_claims_that_another_program_wrote_meanwhile_may_pass(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(postgres_url, make_result(claims=[]))
    insert = postgresql.PostgresqlBackend.insert
    claims = list(build_rows([make_result()])["claims"][0])
    shown = ", ".join("NULL" if value is None else f"'{value}'" for value in claims)

    def insert_before(self, connection, table, *rest):  # type: ignore[no-untyped-def]
        if table.name == "claims":
            query(postgres_url, f"INSERT INTO claims VALUES ({shown})")
        insert(self, connection, table, *rest)

    with closing(SqlStore(postgres_url)) as store:
        with monkeypatch.context() as patched:
            patched.setattr(postgresql.PostgresqlBackend, "insert", insert_before)
            with pytest.raises(TransientStoreError, match="another program wrote the same"):
                store.write([make_result()])
        store.write([make_result()])
    assert list(read_results(postgres_url)) == [make_result()]


def test_rows_never_show_in_messages(postgres_url: str) -> None:
    write(postgres_url)
    query(postgres_url, "ALTER TABLE claims ADD CHECK (method <> 'Private')")
    with pytest.raises(StoreError, match="check constraint") as raised:
        write(postgres_url, make_result(claims=[make_checked(method="Private")]))
    assert "Private" not in str(raised.value)


def test_without_its_extra_postgresql_says_which_one_it_needs() -> None:
    script = f"""
import sys
sys.modules["psycopg"] = None
from extractor.errors import ConfigError
from extractor.stores import open_store
try:
    open_store("postgresql://me:{SECRET}@127.0.0.1:9/db", sys.stdout)
except ConfigError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "PostgreSQL needs an extra: pip install 'claim-extractor[postgres]'\n"
