"""Connections to a SQLite database of ours, and to no other."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from extractor.errors import StoreError
from extractor.stores import tables

_BUSY_TIMEOUT_S = 60
# What may be wrong, as SQLite words it, and what to do about it.
_ADVICE = {
    "disk is full": "make room or choose another output, then run again: "
    "paid answers are in the cache",
    "disk I/O error": "make room or choose another output, then run again: "
    "paid answers are in the cache",
    "not a database": "choose another output or move the file away",
    "malformed": "choose another output or move the file away",
    "unable to open": "the folder has to exist and to be writable",
    "readonly": "make it writable or choose another output",
    "locked": "another program has it open; close it, then run again",
}


class Database:
    """A SQLite file that several processes may write at once."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open a database, and create it unless it is only read.

        Raises:
            StoreError: the file is no database, or one of another program or a newer version.
        """
        self._path = path
        self._engine = _create_engine(path, read_only)
        try:
            with self.transact("BEGIN") as connection:
                is_laid_out = self._find_layout(connection)
            if not is_laid_out and not read_only:
                self._lay_out()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transact(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[Connection]:
        """Do everything in the block in one transaction, or nothing.

        Args:
            begin: `BEGIN` for one that only reads; the default waits for other writers first.

        Raises:
            StoreError: the database cannot be read or written.
        """
        try:
            with self._engine.begin() as connection:
                connection.exec_driver_sql(begin)
                yield connection
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error)
            advice = next((f"; {_ADVICE[part]}" for part in _ADVICE if part in cause), "")
            raise StoreError(f"{self._path}: {cause}{advice}") from error

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _find_layout(self, connection: Connection) -> bool:
        """Tell whether the tables are there.

        Raises:
            StoreError: there are those of another program or of a newer version.
        """
        version = connection.scalar(text("PRAGMA user_version")) or 0
        if connection.scalar(text("PRAGMA application_id")) != tables.APPLICATION_ID:
            if version or connection.scalar(text("SELECT count(*) FROM sqlite_master")):
                raise StoreError(
                    f"{self._path} is a database of another program; choose another file"
                )
            return False
        if version > tables.SCHEMA_VERSION:
            raise StoreError(
                f"{self._path} was written by a newer version (layout {version}, this program "
                f"knows {tables.SCHEMA_VERSION}): upgrade claim-extractor"
            )
        return True

    def _lay_out(self) -> None:
        self._write_ahead()
        with self.transact() as connection:
            # Another process may just have done it.
            if self._find_layout(connection):
                return
            tables.metadata.create_all(connection)
            for name, query in tables.VIEWS.items():
                connection.execute(text(f"CREATE VIEW {name} AS {query}"))
            connection.execute(text(f"PRAGMA application_id = {tables.APPLICATION_ID}"))
            connection.execute(text(f"PRAGMA user_version = {tables.SCHEMA_VERSION}"))

    def _write_ahead(self) -> None:
        """Let readers and a writer not wait for one another; the file remembers it."""
        give_up = time.monotonic() + _BUSY_TIMEOUT_S
        while True:
            try:
                with self._engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                return
            except OperationalError as error:
                # SQLite does not wait here for another process that does the same.
                if "locked" not in str(error) or time.monotonic() > give_up:
                    raise StoreError(f"{self._path}: {error.orig}") from error
                time.sleep(0.01)


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
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _set_up)
    return engine


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # Transactions begin where `transact` says, not where the driver guesses.
    connection.isolation_level = None
    # With write-ahead logging, a power cut can cost the last batch, which the cache replays;
    # never the file.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
