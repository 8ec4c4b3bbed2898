"""Opens a store of any kind as a database that can be asked."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from extractor.stores.connections import Database
from extractor.stores.copying import copy_results
from extractor.stores.reading import read_results
from extractor.stores.sql import SqlStore
from extractor.stores.targets import holds_tables


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
        with closing(SqlStore(copy)) as store:
            copy_results(read_results(target, history=True), store)
        with _connect(copy) as connection:
            yield connection


@contextmanager
def _connect(target: str) -> Iterator[Connection]:
    database = Database(target, "read")
    with closing(database), database.transact(writes=False) as connection:
        yield connection
