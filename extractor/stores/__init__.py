"""Where results go: databases and files."""

from pathlib import Path
from typing import IO

from extractor.errors import StoreError
from extractor.stores.failures import FailedRow, RetryStore
from extractor.stores.files.gathered import GatheredStore
from extractor.stores.history import History, read_history
from extractor.stores.jsonl import JsonlStore, JsonlStream
from extractor.stores.protocol import LOCK_WAIT_S, RunRecord, Store
from extractor.stores.targets import Kind, find_path, is_gzipped, kind_of, name_part, show_target

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
    "show_target",
]


def open_store(target: str, stdout: IO[str], *, lock_wait_s: float = LOCK_WAIT_S) -> Store:
    """Open the output that a target names, or standard output for `-`.

    Args:
        target: a file, a URL or `-`.
        stdout: where `-` writes.
        lock_wait_s: how long a database waits to write a batch while another program writes.

    Raises:
        ConfigError: no store is known for it, or its URL cannot be used.
        StoreError: it cannot be opened, or is not what its name says.
    """
    kind = check_target(target)
    if kind == "stream":
        return JsonlStream(stdout)
    if kind in ("sqlite", "postgresql"):
        # SQLAlchemy takes a sixth of a second to import.
        from extractor.stores.sql import SqlStore  # noqa: PLC0415

        return SqlStore(target, lock_wait_s=lock_wait_s)
    return _open_file(target, kind, keeps_failed=False)


def check_target(target: str) -> Kind:
    """Make sure that a target can be an output, without opening it, and tell what kind it is.

    Raises:
        ConfigError: no store is known for it.
    """
    return kind_of(target)


def reopen_store(target: str, *, lock_wait_s: float = LOCK_WAIT_S) -> RetryStore:
    """Open an output to take its failed abstracts up again; they stay until others replace them.

    Args:
        target: a file or a URL.
        lock_wait_s: as for `open_store`.

    Raises:
        ConfigError: no store is known for it, or it cannot be gone on with.
        StoreError: there is no such output, or it is not what its name says.
    """
    kind = kind_of(target)
    path = find_path(target)
    if kind == "stream" or (path and not (path.is_file() or name_part(path).is_file())):
        raise StoreError(f"{target} is no file; name the output of an earlier run")
    if kind in ("sqlite", "postgresql"):
        from extractor.stores.sql import SqlStore  # noqa: PLC0415

        return SqlStore(target, creates=False, lock_wait_s=lock_wait_s)
    return _open_file(target, kind, keeps_failed=True)


def _open_file(target: str, kind: Kind, *, keeps_failed: bool) -> JsonlStore | GatheredStore:
    if kind == "jsonl" and not is_gzipped(target):
        return JsonlStore(Path(target), keeps_failed=keeps_failed)
    return GatheredStore(Path(target), kind, keeps_failed=keeps_failed)
