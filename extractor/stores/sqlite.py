"""What is particular to SQLite."""

import json
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Column, Connection, Engine, Table, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from extractor.errors import StoreError, TransientStoreError
from extractor.stores.protocol import LOCK_WAIT_S

# Stands in the file and tells it from the databases of other programs.
APPLICATION_ID = 0x436C6D45

_REPLAYED = "run again: paid answers are in the cache"
# What may be wrong, as SQLite words it, and what to do about it.
_ADVICE = {
    "disk is full": f"make room or choose another output, then {_REPLAYED}",
    "disk I/O error": f"make room or choose another output, then {_REPLAYED}",
    "not a database": "choose another output or move the file away",
    "malformed": "choose another output or move the file away",
    "unable to open": "the folder has to exist and to be writable",
    "readonly": "make it writable or choose another output",
    "locked": f"another program has it open; close it, then {_REPLAYED}",
}


class SqliteBackend:
    """A file."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.name = str(path)
        self.engine = _create_engine(path, read_only)

    def begin(self, connection: Connection, *, writes: bool, lock_wait_s: float) -> None:
        """Begin a transaction; one that writes waits for other writers first."""
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(lock_wait_s * 1000)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def read_layout(self, connection: Connection) -> int | None:
        """Read the number of the layout; None where there are no tables.

        Raises:
            StoreError: there are those of another program.
        """
        version = connection.scalar(text("PRAGMA user_version")) or 0
        if connection.scalar(text("PRAGMA application_id")) == APPLICATION_ID:
            return int(version)
        if version or connection.scalar(text("SELECT count(*) FROM sqlite_master")):
            raise StoreError(f"{self.name} is a database of another program; choose another file")
        return None

    def record_layout(self, connection: Connection, layout: int) -> None:
        """Note the layout where it is read without a table, also by older versions."""
        connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
        connection.execute(text(f"PRAGMA user_version = {layout}"))

    def prepare(self) -> None:
        """Set what the file remembers: readers and a writer need not wait for one another.

        Raises:
            StoreError: the file cannot be written.
        """
        give_up = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                with self.engine.connect() as connection:
                    # On a page of the usual 4 kB there is room for two abstracts.
                    connection.exec_driver_sql("PRAGMA page_size = 8192")
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                return
            except OperationalError as error:
                # SQLite does not wait here for another process that does the same.
                if "locked" not in str(error) or time.monotonic() > give_up:
                    raise self.explain(error) from error
                time.sleep(0.01)

    def insert(
        self,
        connection: Connection,
        table: Table,
        rows: Sequence[tuple[Any, ...]],
        on_conflict: str = "",
    ) -> None:
        """Insert rows that have a value for every column, in their order."""
        names = [column.name for column in table.columns]
        values = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values}) {on_conflict}"  # noqa: S608
        try:
            connection.exec_driver_sql(statement, list(rows))
        except OverflowError as error:
            raise StoreError(
                f"{self.name}: a number in {table.name} is too large for a database"
            ) from error

    def delete(self, connection: Connection, column: Column[Any], values: list[str]) -> None:
        """Delete the rows that have one of these values in a column."""
        statement = f"DELETE FROM {column.table} WHERE {column.name} = ?"  # noqa: S608
        connection.exec_driver_sql(statement, [(value,) for value in values])

    def find_damage(self, connection: Connection) -> list[str]:
        """List what the database itself finds wrong with its pages."""
        found = connection.scalars(text("PRAGMA integrity_check"))
        return [str(line) for line in found if line != "ok"]

    def explain(self, error: DBAPIError) -> StoreError:
        """Say what is wrong and what to do about it."""
        cause = str(error.orig)
        advice = next((_ADVICE[part] for part in _ADVICE if part in cause), "")
        if "locked" in cause:
            return TransientStoreError(f"{self.name}: {cause}", advice)
        return StoreError(f"{self.name}: {cause}" + (f"; {advice}" if advice else ""))


def _create_engine(path: Path, read_only: bool) -> Engine:
    url = URL.create("sqlite", database=str(path))
    if read_only:
        # SQLite wants files beside the database even to read it, and takes them away again
        # only if it could have written.
        query = {"uri": "true", "mode": "rw"}
        if not os.access(path.parent, os.W_OK):
            query["mode"] = "ro"
            if not Path(f"{path}-wal").exists():
                query["immutable"] = "1"
        url = URL.create("sqlite", database=path.absolute().as_uri(), query=query)
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_S}, json_deserializer=_read_json)
    event.listen(engine, "connect", _set_up)
    return engine


def _read_json(text: str) -> Any:
    """Read a column of JSON; what somebody broke by hand comes as it is, so that it can be told."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # Transactions begin where `begin` says, not where the driver guesses.
    connection.isolation_level = None
    # With write-ahead logging, a power cut can cost the last batch, which the cache replays;
    # never the file.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Going over from the log into the file waits for the disk; so it is done less often.
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
