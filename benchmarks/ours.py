"""A run of our own, as `extractor run` does it, from a stream of abstracts to a SQLite store."""

import asyncio
import gc
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.texts import make_abstracts
from extractor.documents import Abstract
from extractor.pipeline import Pipeline
from extractor.runs import run_extraction
from extractor.settings import Settings
from extractor.stores import open_store


async def extract_all(
    url: str, abstracts: Iterable[Abstract], folder: Path, store: str = "claims.db", **chosen: Any
) -> dict[str, Any]:
    """Run, and return the tally as a record.

    Args:
        url: the server.
        abstracts: what to extract from.
        folder: holds cache and store.
        store: name of the store's file.
        chosen: settings other than the defaults.
    """
    settings = Settings(model="fake", base_url=url, cache_dir=folder / "cache", **chosen)
    pipeline = Pipeline(settings)
    try:
        with closing(open_store(str(folder / store), sys.stdout)) as opened:
            # As `extractor run` does.
            gc.freeze()
            return (await run_extraction(pipeline, abstracts, opened)).to_record()
    finally:
        await pipeline.close()


def run_settings(
    url: str, count: int | Iterable[Abstract], folder: Path, **chosen: Any
) -> dict[str, Any]:
    """Run in this process; as `extract_all`, or with a number of invented abstracts."""
    abstracts = make_abstracts(count) if isinstance(count, int) else count
    return asyncio.run(extract_all(url, abstracts, folder, **chosen))


def query_store(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask the store that a run left in a folder."""
    with closing(sqlite3.connect(folder / "claims.db")) as connection:
        return connection.execute(query).fetchall()
