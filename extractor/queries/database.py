"""Opens a store of any kind as a database that can be asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from extractor.stores.connections import Database


@contextmanager
def open_database(target: str) -> Iterator[Connection]:
    """Open a store to ask it in SQL."""
    database = Database(Path(target), read_only=True)
    try:
        with database.transact("BEGIN") as connection:
            yield connection
    finally:
        database.close()
