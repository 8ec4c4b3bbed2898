"""Connections to a database of ours, and to no other."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from shlex import quote
from typing import Any, Literal, Protocol

from sqlalchemy import Column, Connection, Engine, Table
from sqlalchemy.exc import DBAPIError

from extractor.errors import StoreError
from extractor.stores import tables
from extractor.stores.layout import create_layout
from extractor.stores.protocol import LOCK_WAIT_S
from extractor.stores.targets import find_path, show_target

_log = logging.getLogger(__name__)

Purpose = Literal["read", "write", "create"]


class EmptyDatabaseError(StoreError):
    """A database in which there are no tables of ours yet."""


class Backend(Protocol):
    """What differs between the kinds of databases.

    Attributes:
        name: the address without secrets.
    """

    name: str
    engine: Engine

    def begin(self, connection: Connection, *, writes: bool, lock_wait_s: float) -> None:
        """Begin a transaction; one that writes waits for other writers first.

        Args:
            writes: whether it does.
            lock_wait_s: how long any of its statements may wait.
        """
        ...

    def read_layout(self, connection: Connection) -> int | None:
        """Read the number of the layout; None where there are no tables, 0 where it is no number.

        Raises:
            StoreError: there are those of another program.
        """
        ...

    def record_layout(self, connection: Connection, layout: int) -> None:
        """Note the layout outside the tables."""
        ...

    def prepare(self) -> None:
        """Do to a new database what no transaction can hold."""
        ...

    def insert(
        self,
        connection: Connection,
        table: Table,
        rows: Sequence[tuple[Any, ...]],
        on_conflict: str = "",
    ) -> None:
        """Insert rows that have a value for every column, in their order.

        Args:
            on_conflict: the clause of SQL that says what becomes of a row that is there already;
                without it, such a row is an error.
        """
        ...

    def delete(self, connection: Connection, column: Column[Any], values: list[str]) -> None:
        """Delete the rows that have one of these values in a column."""
        ...

    def find_damage(self, connection: Connection) -> list[str]:
        """List what the database itself finds wrong with its pages."""
        ...

    def explain(self, error: DBAPIError) -> StoreError:
        """Say what is wrong and what to do about it."""
        ...


class Database:
    """The tables of a store, which several processes may write at once.

    Attributes:
        name: the address without secrets.
        layout_before: the number of the layout that it was found with; None if it was empty.
    """

    def __init__(self, target: str, purpose: Purpose, lock_wait_s: float = LOCK_WAIT_S) -> None:
        """Open a database; to write, bring an older one up to date.

        Args:
            target: a file or a URL.
            purpose: `write` wants one that is there already, `create` makes one if need be.
            lock_wait_s: how long to wait for other programs once it is open.

        Raises:
            ConfigError: the URL cannot be used.
            StoreError: it cannot be opened, or is one of another program or a newer version; to
                read, also of an older one.
            EmptyDatabaseError: there is nothing in it, and it is not to be created.
        """
        self._backend = _open_backend(target, purpose)
        # To create and to upgrade takes longer than to write.
        self._lock_wait_s: float = LOCK_WAIT_S
        self.name = self._backend.name
        # As it is typed at a shell.
        self._argument = quote(show_target(target, with_options=True))
        try:
            with self.transact(writes=False) as connection:
                self.layout_before = self._read_layout(connection)
            if self.layout_before is None and purpose != "create":
                raise EmptyDatabaseError(
                    f"{self.name} holds no results; name the output of an earlier run"
                )
            if self.layout_before != tables.LAYOUT:
                self._bring_up_to_date(purpose)
            self._lock_wait_s = lock_wait_s
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transact(self, *, writes: bool = True) -> Iterator[Connection]:
        """Do everything in the block in one transaction, or nothing.

        Args:
            writes: wait for other writers first, and hold them up meanwhile.

        Raises:
            StoreError: the database cannot be read or written.
            TransientStoreError: that may pass.
        """
        try:
            with self._backend.engine.begin() as connection:
                self._backend.begin(connection, writes=writes, lock_wait_s=self._lock_wait_s)
                yield connection
        except DBAPIError as error:
            # What it says besides may hold the address with its password.
            raise self._backend.explain(error) from None

    def insert(
        self,
        connection: Connection,
        table: Table,
        rows: Sequence[tuple[Any, ...]],
        on_conflict: str = "",
    ) -> None:
        """Insert rows that have a value for every column, in their order.

        Args:
            on_conflict: the clause of SQL that says what becomes of a row that is there already;
                without it, such a row is an error.
        """
        if rows:
            self._backend.insert(connection, table, rows, on_conflict)

    def delete(self, connection: Connection, column: Column[Any], values: list[str]) -> None:
        """Delete the rows that have one of these values in a column."""
        if values:
            self._backend.delete(connection, column, values)

    def find_damage(self, connection: Connection) -> list[str]:
        """List what the database itself finds wrong with its pages."""
        return self._backend.find_damage(connection)

    def close(self) -> None:
        """Close the connections."""
        self._backend.engine.dispose()

    def _read_layout(self, connection: Connection) -> int | None:
        layout = self._backend.read_layout(connection)
        if layout is not None and layout < 1:
            raise StoreError(
                f"{self.name} has tables of another program, or damaged ones: their layout is no "
                "number from 1 on; choose another output, or restore a copy"
            )
        if layout is not None and layout > tables.LAYOUT:
            raise StoreError(
                f"{self.name} was written by a newer version (layout {layout}, this program "
                f"knows {tables.LAYOUT}): upgrade claim-extractor"
            )
        return layout

    def _bring_up_to_date(self, purpose: Purpose) -> None:
        if purpose == "read":
            raise StoreError(
                f"{self.name} was written by an older version (layout {self.layout_before}, this "
                f"program reads {tables.LAYOUT}): run extractor store migrate {self._argument}"
            )
        if self.layout_before is None:
            self._backend.prepare()
        with self.transact() as connection:
            # Another process may just have done it.
            layout = self._read_layout(connection)
            if layout == tables.LAYOUT:
                return
            _lay_out(connection, layout)
            self._backend.record_layout(connection, tables.LAYOUT)
        if layout is not None:
            _log.warning("%s: upgraded from layout %d to %d", self.name, layout, tables.LAYOUT)


def _lay_out(connection: Connection, layout: int | None) -> None:
    if layout is None:
        create_layout(connection)
        return
    # Alembic takes a tenth of a second to import.
    from extractor.stores.migrations import migrate  # noqa: PLC0415

    migrate(connection, layout, tables.LAYOUT)


def _open_backend(target: str, purpose: Purpose) -> Backend:
    if (path := find_path(target)) is None:
        from extractor.stores.postgresql import PostgresqlBackend  # noqa: PLC0415

        return PostgresqlBackend(target)
    from extractor.stores.sqlite import SqliteBackend  # noqa: PLC0415

    if purpose != "create" and not path.exists():
        raise StoreError(f"cannot read {path}: No such file or directory")
    return SqliteBackend(path, read_only=purpose == "read")
