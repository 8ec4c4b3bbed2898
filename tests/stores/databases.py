"""Writes into the databases of both kinds, and asks them in SQL."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from extractor.results import Result
from extractor.stores.sql import SqlStore
from tests.stores.making import RUN


def write(target: str | Path, *results: Result) -> None:
    with closing(SqlStore(str(target))) as store:
        store.record_run(RUN)
        store.write(results)


def query(target: str | Path, statement: str) -> list[tuple[Any, ...]]:
    if str(target).startswith("postgresql:"):
        with psycopg.connect(str(target)) as server:
            answer = server.execute(statement)  # type: ignore[arg-type]
            return answer.fetchall() if answer.description else []
    with closing(sqlite3.connect(target)) as file:
        file.execute("PRAGMA foreign_keys = ON")
        rows = file.execute(statement).fetchall()
        file.commit()
        return rows
