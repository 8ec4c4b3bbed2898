"""Parquet tables."""

import shutil
import tempfile
from collections.abc import Iterator
from typing import IO

from extractor.errors import ConfigError, InputError
from extractor.readers.entries import Entry, ReadOptions
from extractor.readers.records import find_columns, read_record
from extractor.readers.sources import Source

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ModuleNotFoundError as error:
    raise ConfigError(
        "reading Parquet needs pyarrow: pip install 'claim-extractor[parquet]'"
    ) from error

_BATCH_ROWS = 1000


def read(source: Source, options: ReadOptions) -> Iterator[Entry]:
    """Read one record a row, batch by batch and only the columns that are needed.

    Raises:
        MissingTextError: no column holds texts.
        InputError: the file is damaged.
    """
    # The format is read from its end, which neither a pipe nor gzip can jump to.
    with tempfile.TemporaryFile() as spooled:
        shutil.copyfileobj(source.stream, spooled)
        try:
            yield from _read_rows(source, spooled, options)
        except (pa.ArrowException, OSError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            raise InputError(
                f"{source.name}: not a sound Parquet file, after row {source.entry}: {reason}"
            ) from error


def _read_rows(source: Source, stream: IO[bytes], options: ReadOptions) -> Iterator[Entry]:
    table = pq.ParquetFile(stream)
    columns = find_columns(table.schema_arrow.names, options)
    for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
        for row in batch.to_pylist():
            source.entry += 1
            yield read_record(f"{source.name}#{source.entry}", row, options)
