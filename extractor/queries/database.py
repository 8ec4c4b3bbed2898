"""Opens a store of any kind as a database that can be asked."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from extractor.errors import StoreError
from extractor.stores.connections import Database
from extractor.stores.copying import copy_results
from extractor.stores.reading import read_results
from extractor.stores.sql import SqlStore
from extractor.stores.targets import holds_tables, show_target


@contextmanager
def open_database(target: str) -> Iterator[Connection]:
    """Open a store to ask it in SQL; files of another kind become a database for the time.

    Raises:
        ConfigError: the URL is of an unknown kind.
        StoreError: it cannot be read.
    """
    if holds_tables(target):
        with _connect(target) as connection:
            yield connection
        return
    with TemporaryDirectory(prefix="extractor-") as folder:
        copy = str(Path(folder) / "claims.db")
        _copy(target, copy)
        with _connect(copy) as connection:
            yield connection


def _copy(target: str, copy: str) -> None:
    try:
        with closing(SqlStore(copy)) as store:
            copy_results(read_results(target, history=True), store)
    except StoreError as error:
        fault, _, _advice = str(error).partition(";")
        if copy not in fault:
            raise
        raise StoreError(
            f"no copy of {show_target(target)} to ask can be made: {fault}; make room there, or "
            "name another folder in TMPDIR"
        ) from error


@contextmanager
def _connect(target: str) -> Iterator[Connection]:
    database = Database(target, "read")
    with closing(database), database.transact(writes=False) as connection:
        yield connection
