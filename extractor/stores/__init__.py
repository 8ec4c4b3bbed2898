"""Where results go: SQLite and JSONL."""

from pathlib import Path
from typing import IO

from extractor.errors import ConfigError, StoreError
from extractor.stores.failures import FailedRow, RetryStore
from extractor.stores.history import History, read_history
from extractor.stores.jsonl import JsonlStore, JsonlStream
from extractor.stores.protocol import RunRecord, Store

__all__ = [
    "FailedRow",
    "History",
    "JsonlStore",
    "JsonlStream",
    "RetryStore",
    "RunRecord",
    "Store",
    "check_target",
    "open_store",
    "read_history",
    "reopen_store",
]

_SQLITE = (".db", ".sqlite", ".sqlite3")
_JSONL = (".jsonl", ".ndjson")


def open_store(target: str, stdout: IO[str]) -> Store:
    """Open the output that a target names by its suffix, or standard output for `-`.

    Raises:
        ConfigError: no store is known for the suffix.
        StoreError: the file cannot be opened, or is not what its suffix says.
    """
    if target == "-":
        return JsonlStream(stdout)
    path = Path(target)
    check_target(target)
    if path.suffix.lower() in _JSONL:
        return JsonlStore(path)
    # SQLAlchemy takes a sixth of a second to import.
    from extractor.stores.sql import SqlStore  # noqa: PLC0415

    return SqlStore(path)


def check_target(target: str) -> None:
    """Make sure that a target can be an output, without opening it.

    Raises:
        ConfigError: no store is known for the suffix.
    """
    if target == "-" or Path(target).suffix.lower() in (*_SQLITE, *_JSONL):
        return
    raise ConfigError(
        f"cannot tell what to write into '{target}': use one of "
        f"{', '.join((*_SQLITE, *_JSONL))}, or - for JSON lines on standard output"
    )


def reopen_store(path: Path) -> RetryStore:
    """Open an output to take its failed abstracts up again; they stay until others replace them.

    Raises:
        ConfigError: no store is known for the suffix.
        StoreError: there is no such file, or it is not what its suffix says.
    """
    if not path.is_file():
        raise StoreError(f"{path} is no file; name the output of an earlier run")
    suffix = path.suffix.lower()
    if suffix not in (*_SQLITE, *_JSONL):
        raise ConfigError(f"{path} is no output of a run: one of {', '.join((*_SQLITE, *_JSONL))}")
    if suffix in _JSONL:
        return JsonlStore(path, keeps_failed=True)
    from extractor.stores.sql import SqlStore  # noqa: PLC0415

    return SqlStore(path)
