"""The output of many workers: a folder of Parquet files, one for each shard that is finished."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from extractor.documents import hash_text
from extractor.errors import ConfigError, StoreError
from extractor.results import Result
from extractor.stores.files import parquet
from extractor.stores.files.replacing import replace_file
from extractor.stores.targets import is_folder, show_target

_LOCK = ".lock"
_LEFTOVERS = ".part-*.new"


@contextmanager
def open_folder(target: str) -> Iterator[Path]:
    """Create a folder for parts if need be, and let no other run write there meanwhile.

    What killed writers left half written is removed.

    Raises:
        ConfigError: the name is that of a file or of a database.
        StoreError: it cannot be written, or another run writes there.
    """
    folder = Path(target).absolute()
    if not is_folder(target):
        raise ConfigError(
            f"many machines write into a folder, not into '{show_target(target)}': "
            "use -o NAME/, and then extractor load NAME/ STORE"
        )
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        for leftover in folder.glob(_LEFTOVERS):
            leftover.unlink(missing_ok=True)
    except Timeout as error:
        raise StoreError(
            f"another run is writing to {folder}: wait for it, or choose another output"
        ) from error
    except OSError as error:
        raise StoreError(f"cannot write to {folder}: {error.strerror}") from error
    try:
        yield folder
    finally:
        lock.release()


def read_finished(folder: Path) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """Read the ids of all extractions in a folder that did not fail.

    Returns:
        As numbers, in rising order; eight bytes each.

    Raises:
        StoreError: a file is damaged or holds something else.
    """
    parts = [_read_ids(path) for path in sorted(folder.glob("*.parquet"))]
    return np.unique(np.concatenate([np.empty(0, np.uint64), *parts]))


def name_part(folder: Path, run_id: str, shard: str) -> Path:
    """Name the file of a shard: the same for the same shard in the same run."""
    return folder / f"part-{run_id}-{hash_text(shard)[:16]}.parquet"


def write_part(path: Path, results: Sequence[Result]) -> None:
    """Write a file that appears as a whole or not at all.

    Raises:
        StoreError: it could not be written.
    """
    with replace_file(path) as beside:
        parquet.write_results(beside, (result.to_record() for result in results))


def read_part(path: Path) -> list[Result]:
    """Read the results of a shard back.

    Raises:
        StoreError: the file is damaged or holds something else.
    """
    return [Result.from_record(record) for record in parquet.read_results(path)]


def _read_ids(path: Path) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    try:
        with pq.ParquetFile(path) as file:
            columns = file.read(columns=["status", "provenance.extraction_id"])
        ids = columns.column("provenance").combine_chunks().field("extraction_id")
        statuses = columns.column("status").to_pylist()
    except (pa.ArrowException, OSError, LookupError) as error:
        reason = str(error).partition("\n")[0]
        raise StoreError(f"{path} is no output of a run: {reason}") from error
    numbers = (
        int(extraction_id, 16)
        for extraction_id, status in zip(ids.to_pylist(), statuses, strict=True)
        if status != "failed"
    )
    return np.fromiter(numbers, np.uint64)
