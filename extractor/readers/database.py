"""Tables and views of SQLite and PostgreSQL databases."""

import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Engine,
    Inspector,
    LargeBinary,
    RowMapping,
    Select,
    Text,
    cast,
    column,
    create_engine,
    inspect,
    literal,
    select,
    table,
    tuple_,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import NullType

from extractor.errors import ConfigError, InputError
from extractor.readers.entries import Entry, ReadOptions
from extractor.readers.records import find_columns, read_record
from extractor.urls import find_database, parse_postgresql, parse_sqlite, show_url

_PAGE_ROWS = 1000
_NAMES_SHOWN = 20
_SECRET = re.compile(r"(//[^/@]*?):[^@]*@|\b(password\s*=\s*)\S+")


@dataclass(frozen=True, slots=True)
class _Table:
    """What is read.

    Attributes:
        select: the columns that are needed, the key's included.
        key: the primary key; empty for a view, or a table that has none.
    """

    name: str
    select: Select[Any]
    key: tuple[ColumnClause[Any], ...]


def read(url: str, options: ReadOptions) -> Iterator[tuple[Entry, str]]:
    """Read one record a row of the table that a URL names with `?table=`, or `?table=schema.name`.

    Rows come in the order of the primary key, a thousand at a time, and no transaction stays open
    in between: who reads for days holds up neither vacuum nor writers. A view, or a table without
    a key, is read through one cursor.

    Yields:
        Entries, each with the place that reading has come to: `table papers#17`.

    Raises:
        ConfigError: the URL names no table, or the driver is not installed.
        MissingTextError: no column holds texts.
        InputError: there is no such database or table, or it cannot be read.
    """
    name, engine = _find_name(url), _open_engine(url)
    number = 0
    try:
        with engine.connect() as connection:
            found = _find_table(connection, name, options)
        pages = _read_pages(engine, found) if found.key else _stream(engine, found)
        for row in pages:
            number += 1
            place = f"table {name}#{number}"
            yield read_record(place, _decode(row), options), place
    except SQLAlchemyError as error:
        # The error itself may hold the address with its password.
        after = f" after row {number:,}" if number else ""
        raise InputError(f"table {name}: cannot be read{after}: {_explain(error)}") from None
    finally:
        engine.dispose()


def describe(url: str) -> str:
    """The name of a source in messages: its table, without the address and its password."""
    return f"table {_find_name(url)}"


def _find_name(url: str) -> str:
    is_file = find_database(url) == "sqlite"
    options = parse_sqlite(url)[1] if is_file else parse_postgresql(url).query
    name = options.get("table")
    if not isinstance(name, str) or not name:
        shown = url.partition("?")[0] if is_file else show_url(url)
        raise ConfigError(f"say which table to read: {shown}?table=NAME")
    return name


def _open_engine(url: str) -> Engine:
    if find_database(url) == "sqlite":
        return _open_sqlite(parse_sqlite(url)[0])
    address = parse_postgresql(url).difference_update_query(["table"])
    try:
        return create_engine(address, poolclass=NullPool)
    except ModuleNotFoundError as error:
        raise ConfigError(
            "reading PostgreSQL needs psycopg: pip install 'claim-extractor[postgres]'"
        ) from error


def _open_sqlite(path: Path) -> Engine:
    # To open what is not there would create it.
    if not path.is_file():
        raise InputError(f"{path}: not found; give an existing file")
    address = f"file:{quote(os.fsencode(path.absolute()))}?mode=ro"

    def connect() -> sqlite3.Connection:
        # The reader may go on in another thread than it began in, but never in two.
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        # One text that is not UTF-8 must not cost the others, and may be part of the key.
        connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _find_table(connection: Connection, name: str, options: ReadOptions) -> _Table:
    inspector = inspect(connection)
    schema, bare = _resolve(inspector, name)
    # SQLite keeps what it is given, whatever the column's type: nothing is to be converted.
    is_typed = connection.dialect.name == "postgresql"
    types = {
        known["name"]: known["type"] if is_typed else NullType()
        for known in inspector.get_columns(bare, schema)
    }
    key = inspector.get_pk_constraint(bare, schema)["constrained_columns"]
    wanted = find_columns(types, options)
    columns = {name: column(name, types[name]) for name in dict.fromkeys([*wanted, *key])}
    source = table(bare, *columns.values(), schema=schema)
    return _Table(
        name=name,
        select=select(*columns.values()).select_from(source),
        key=tuple(columns[part] for part in key),
    )


def _resolve(inspector: Inspector, name: str) -> tuple[str | None, str]:
    """The schema, None for the usual one, and the bare name of a table or view.

    Raises:
        InputError: there is none of the name; the message lists those that there are.
    """
    names = _list_tables(inspector, None)
    if name in names:
        return None, name
    schema, dot, bare = name.partition(".")
    if dot and bare in (names := _list_tables(inspector, schema)):
        return schema, bare
    shown = ", ".join(sorted(names)[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
    raise InputError(f"no table {name!r} in the database; there are: {shown or '(none)'}")


def _list_tables(inspector: Inspector, schema: str | None) -> list[str]:
    names = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
    if inspector.dialect.name == "postgresql":
        names += inspector.get_materialized_view_names(schema)
    return names


def _read_pages(engine: Engine, found: _Table) -> Iterator[RowMapping]:
    last: RowMapping | None = None
    while True:
        query = found.select.order_by(*found.key).limit(_PAGE_ROWS)
        if last is not None:
            values = [_bind(last[part.name], part) for part in found.key]
            query = query.where(tuple_(*found.key) > tuple_(*values))
        with engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        yield from rows
        if len(rows) < _PAGE_ROWS:
            return
        before, last = last, rows[-1]
        key = [last[part.name] for part in found.key]
        if None in key:  # which SQLite allows
            raise InputError(f"table {found.name}: its primary key has rows without a value")
        if before is not None and key == [before[part.name] for part in found.key]:
            raise InputError(
                f"table {found.name}: cannot be read beyond the key {key}, after which the "
                "database gives the same rows again; read it through a view, which needs no key"
            )


def _bind(value: object, part: ColumnClause[Any]) -> ColumnElement[Any]:
    """Give a part of a key back to the database as it came from there."""
    if isinstance(value, str) and (raw := _encode(value)) != value.encode("utf-8", "replace"):
        # SQLite's driver takes no text that is not UTF-8, and a blob sorts behind all texts. The
        # result of || has no type: compared to a CAST, numbers in the key would become texts.
        return literal("", Text).concat(cast(literal(raw, LargeBinary), Text))
    return literal(value, part.type)


def _stream(engine: Engine, found: _Table) -> Iterator[RowMapping]:
    with engine.connect().execution_options(yield_per=_PAGE_ROWS) as connection:
        yield from connection.execute(found.select).mappings()


def _decode(row: RowMapping) -> dict[str, object]:
    return {name: _clean(value) for name, value in row.items()}


def _clean(value: object) -> object:
    if isinstance(value, str) and not value.isascii():
        value = _encode(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return value


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _explain(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    reason = " ".join(str(cause).split())[:200]
    return _SECRET.sub(r"\1\2***", reason) or type(cause).__name__
