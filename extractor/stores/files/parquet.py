"""Parquet files."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from extractor.errors import StoreError
from extractor.stores.arrow import (
    BATCH_ROWS,
    build_batches,
    build_results_schema,
    decode_row,
    encode_record,
)
from extractor.stores.jsonl import Record, check_names


def write_results(path: Path, records: Iterable[Record]) -> None:
    """Write a new file of whole results.

    Raises:
        OSError: it cannot be written.
    """
    write_table(path, build_batches(map(encode_record, records), build_results_schema()))


def read_results(path: Path) -> Iterator[Record]:
    """Read the results of a file back, as they stand on JSON lines.

    Raises:
        StoreError: the file is damaged, cannot be read, or holds something else.
    """
    try:
        with pq.ParquetFile(path) as file:
            check_names(path, file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                yield from map(decode_row, batch.to_pylist())
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise StoreError(f"{path}: not a sound Parquet file: {reason}") from error


def write_table(path: Path, batches: pa.RecordBatchReader) -> None:
    """Write a file, a row group for each batch.

    Raises:
        OSError: it cannot be written.
    """
    with pq.ParquetWriter(path, batches.schema, compression="zstd") as file:
        for batch in batches:
            file.write_batch(batch)
