"""What is particular to PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

from extractor.errors import ConfigError, StoreError, TransientStoreError
from extractor.stores import tables
from extractor.urls import parse_postgresql, show_url

# Half of the key of the advisory lock that writers take; the schema is the other half.
_LOCK = 0x436C6D45
_OPTIONS: dict[str, Any] = {
    "connect_timeout": 10,
    # A server that has vanished from the network is given up, not waited for for hours.
    "keepalives_idle": 30,
    "tcp_user_timeout": 60_000,
    # Poolers such as pgbouncer hand connections on between transactions.
    "prepare_threshold": None,
}
_REPLAYED = "run again: paid answers are in the cache"
# States of SQL by their beginning: the server is away, is busy, or another one was in the way.
_TRANSIENT = ("08", "57P", "53300", "55P03", "40", "23503", "23505")
_ADVICE = {
    "08": f"see that the server runs, then {_REPLAYED}",
    "57P": f"see that the server runs, then {_REPLAYED}",
    "53300": f"close other connections, then {_REPLAYED}",
    "55P03": f"another program holds a lock; wait for it, then {_REPLAYED}",
    "40": _REPLAYED,
    "23503": f"another program deleted what these results belong to; {_REPLAYED}",
    "23505": f"another program wrote the same rows; {_REPLAYED}",
    "53100": f"make room on the server's disk, then {_REPLAYED}",
    "42501": "ask for the right to write there, or choose another database or schema",
    "25006": "the server only reads; choose another one",
}
# What the client library says where there is no connection and so no state.
_CONNECTING = {
    "password": "put the password into PGPASSWORD or ~/.pgpass",
    'role "': "create it, as with createuser, or name another one in the address",
    "does not exist": "create it, as with createdb, or choose another",
    "": f"see that the server runs and the address is right, then {_REPLAYED}",
}


class PostgresqlBackend:
    """A schema of a database on a server: the first of the search path."""

    def __init__(self, target: str) -> None:
        """Get ready to connect.

        Raises:
            ConfigError: the address cannot be read, or the extra is missing.
        """
        self.name = show_url(target)
        self.engine = _create_engine(target)

    def begin(self, connection: Connection, *, writes: bool, lock_wait_s: float) -> None:
        """Begin a transaction; one that writes waits for other writers first.

        So two processes that bring the same results cannot get into one another's way.
        """
        if writes:
            connection.execute(text(f"SET LOCAL lock_timeout = {round(lock_wait_s * 1000)}"))
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock, hashtext(current_schema()))"),
                {"lock": _LOCK},
            )
        else:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))

    def read_layout(self, connection: Connection) -> int | None:
        """Read the number of the layout; None where there are no tables, 0 where it is no number.

        Raises:
            StoreError: there are those of another program, or there is no such schema.
        """
        schema = connection.scalar(text("SELECT current_schema()"))
        if schema is None:
            raise StoreError(
                f"{self.name}: the schema does not exist; create it, or choose another"
            )
        present = set(inspect(connection).get_table_names(schema))
        if tables.layouts.name in present:
            number = connection.scalar(select(tables.layouts.c.version_num)) or ""
            return int(number) if number.isdecimal() else 0
        if taken := sorted(present & tables.metadata.tables.keys()):
            raise StoreError(
                f"{self.name} has tables of another program ({', '.join(taken)}); choose another "
                "database, or another schema with ?options=-csearch_path%3Dclaims"
            )
        return None

    def record_layout(self, connection: Connection, layout: int) -> None:
        """Nothing to do: it stands in a table."""

    def prepare(self) -> None:
        """Nothing to do."""

    def insert(
        self,
        connection: Connection,
        table: Table,
        rows: Sequence[tuple[Any, ...]],
        on_conflict: str = "",
    ) -> None:
        """Insert rows that have a value for every column, in their order.

        COPY is by far the quickest, but knows nothing of conflicts: rows that may meet with one
        go by way of a table of this transaction's own.
        """
        columns = ", ".join(column.name for column in table.columns)
        if not on_conflict:
            _copy(connection, table.name, columns, rows)
            return
        staging = f"staging_{table.name}"
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE {staging} (LIKE {table.name}) ON COMMIT DROP"
        )
        _copy(connection, f"pg_temp.{staging}", columns, rows)
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM pg_temp.{staging} "  # noqa: S608
            f"{on_conflict}"
        )

    def delete(self, connection: Connection, column: Column[Any], values: list[str]) -> None:
        """Delete the rows that have one of these values in a column."""
        statement = f"DELETE FROM {column.table} WHERE {column.name} = ANY(%s)"  # noqa: S608
        connection.exec_driver_sql(statement, (values,))

    def find_damage(self, connection: Connection) -> list[str]:  # noqa: ARG002
        """Nothing: that is for those who keep the server."""
        return []

    def explain(self, error: DBAPIError) -> StoreError:
        """Say what is wrong and what to do about it."""
        # There is none where the client library lost the server, or refused a value.
        state: str = getattr(error.orig, "sqlstate", None) or ""
        if not state and self._is_cut_off(error):
            cause = "; ".join(line.strip() for line in str(error.orig).splitlines())
            advice = next(_CONNECTING[part] for part in _CONNECTING if part in cause)
            return TransientStoreError(f"{self.name}: {cause}", advice)
        # Its further lines show rows.
        cause = str(error.orig).partition("\n")[0]
        advice = next((_ADVICE[part] for part in _ADVICE if state.startswith(part)), "")
        if error.connection_invalidated or state.startswith(_TRANSIENT):
            return TransientStoreError(f"{self.name}: {cause}", advice)
        return StoreError(f"{self.name}: {cause}" + (f"; {advice}" if advice else ""))

    def _is_cut_off(self, error: DBAPIError) -> bool:
        driver = self.engine.dialect.loaded_dbapi
        return isinstance(error.orig, (driver.OperationalError, driver.InterfaceError))


def _copy(
    connection: Connection, table: str, columns: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        # SQLAlchemy has not seen it.
        if driver.closed:
            connection.invalidate()
        raise DBAPIError("COPY", None, error, connection_invalidated=driver.closed) from error


def _create_engine(target: str) -> Engine:
    url = parse_postgresql(target)
    try:
        return create_engine(
            url,
            pool_pre_ping=True,
            connect_args={name: _OPTIONS[name] for name in _OPTIONS.keys() - url.query.keys()},
        )
    except ModuleNotFoundError as error:
        raise ConfigError(
            "PostgreSQL needs an extra: pip install 'claim-extractor[postgres]'"
        ) from error
