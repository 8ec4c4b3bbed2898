"""A SQLite file with a full-text index, and what Datasette should know to show it."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from extractor.errors import StoreError
from extractor.publishing.questions import list_questions
from extractor.resources import data_folder
from extractor.results import Result
from extractor.stores.copying import copy_results
from extractor.stores.files.replacing import replace_file
from extractor.stores.sql import SqlStore

_FIGURE: Final = {
    "number": "as printed, suffixes multiplied out: 1.6B is 1600000000",
    "high": "the upper end of a printed range",
    "unit": "%, points (percentage points), x (times), a physical unit, or none",
    "qualifier": "exact, about, at_least, at_most or up_to",
}
_COLUMNS: Final = {
    "method": "what the result is about, as printed",
    "metric": "what is measured, as printed",
    "outcome": "of the method beside the baselines: better, worse, similar, mixed, or reported",
    "evidence": "the passage that states it, letter for letter",
    **{
        f"{role}_{part}": f"{said}: {meaning}"
        for role, said in (
            ("value", "the method's own figure"),
            ("baseline_value", "the baseline's own figure"),
            ("delta", "the printed difference"),
        )
        for part, meaning in _FIGURE.items()
    },
    "delta_direction": "whether the metric goes up or down",
}
_TITLE: Final = "Claims of scientific abstracts"
_SECONDS: Final = "waiting for answers, in seconds"
_COST: Final = "by list prices, in US dollars; empty where they are unknown"


def write_searchable(results: Iterable[Result], path: Path) -> int:
    """Write a store with a full-text index, and `NAME.metadata.json` for Datasette beside it.

    A file that was there before is replaced when the new one is whole.

    Returns:
        How many results there were.

    Raises:
        StoreError: one of the files cannot be written.
    """
    with (
        replace_file(path) as beside,
        TemporaryDirectory(dir=beside.parent, prefix=f".{path.name}.") as folder,
    ):
        built = Path(folder) / "claims.db"
        with closing(SqlStore(str(built))) as store:
            written = copy_results(results, store)
        add_index(built)
        built.replace(beside)
    with replace_file(name_description(path)) as described:
        metadata = describe_database(path.stem)
        described.write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
    return written


def name_description(path: Path) -> Path:
    """Name the file of metadata beside a database."""
    return path.with_suffix(".metadata.json")


def is_own_description(path: Path) -> bool:
    """Tell whether a file of metadata is one that was written here, for a database of its name."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        name = path.name.removesuffix(".metadata.json")
        return bool(found["title"] == _TITLE and list(found["databases"]) == [name])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False


def add_index(path: Path) -> None:
    """Add the full-text index to a SQLite store, and make it one file without a write-ahead log.

    Raises:
        StoreError: it has one already, or cannot be written.
    """
    script = (data_folder("schemas") / "search.sql").read_text(encoding="utf-8")
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
            connection.execute("ANALYZE")
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StoreError(f"cannot index {path}: {error}") from error


def describe_database(name: str) -> dict[str, Any]:
    """Make the metadata that Datasette shows a file of this name with."""
    tables = {
        "claim_search": {
            "title": "Claims, with full-text search",
            "columns": _COLUMNS,
            "facets": ["outcome", "metric", "value_unit", "model"],
            "fts_table": "claims_fts",
            "fts_pk": "key",
        },
        "abstract_search": {
            "title": "Abstracts, with full-text search",
            "fts_table": "abstracts_fts",
            "fts_pk": "key",
        },
        "claims_flat": {
            "title": "Claims, a row for each data set and baseline",
            "columns": _COLUMNS,
            "facets": ["outcome", "dataset", "metric", "model"],
        },
        "current_claims": {"title": "Claims of the newest extractions", "columns": _COLUMNS},
        "claims": {"title": "Claims of all extractions", "columns": _COLUMNS},
        "abstracts": {"title": "Abstracts"},
        "extractions": {
            "title": "Extractions, with what they took",
            "columns": {"latency_s": _SECONDS, "cost_usd": _COST},
            "units": {"latency_s": "s"},
            "facets": ["status", "model"],
        },
        "runs": {"title": "Runs"},
        "claim_texts": {"hidden": True},
        "abstract_texts": {"hidden": True},
    }
    queries = {
        question.name: {"title": question.title, "sql": question.sql}
        for question in list_questions()
    }
    return {
        "title": _TITLE,
        "databases": {name: {"tables": tables, "queries": queries}},
    }
