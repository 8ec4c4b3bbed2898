"""DuckDB databases."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa

from extractor.errors import StoreError
from extractor.stores.arrow import (
    BATCH_ROWS,
    build_batches,
    build_results_schema,
    decode_row,
    encode_record,
)
from extractor.stores.files.duckdb_views import build_views
from extractor.stores.jsonl import Record, check_names

_TABLE = "results"
_Config = dict[str, str | bool | int | float | list[str]]
# Nothing is fetched from anywhere, and what is read touches nothing but its own file: a foreign
# database may hold a view that reads others.
_WRITING: _Config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
_READING: _Config = {**_WRITING, "enable_external_access": False}


def write_results(path: Path, records: Iterable[Record]) -> None:
    """Write a new database of whole results, with views of their claims.

    Raises:
        OSError: it cannot be written.
    """
    batches = build_batches(map(encode_record, records), build_results_schema())
    write_table(path, _TABLE, batches, build_views())


def read_results(path: Path) -> Iterator[Record]:
    """Read the results of a database back, as they stand on JSON lines.

    Raises:
        StoreError: the file is damaged, cannot be read, or holds something else.
    """
    try:
        with closing(duckdb.connect(str(path), read_only=True, config=_READING)) as connection:
            table = connection.table(_TABLE)
            check_names(path, table.columns)
            for batch in table.to_arrow_reader(BATCH_ROWS):
                yield from map(decode_row, batch.to_pylist())
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise StoreError(f"cannot read {path}: {reason}") from error


def write_table(
    path: Path, name: str, batches: pa.RecordBatchReader, views: Mapping[str, str]
) -> None:
    """Write a new database with one table, from Arrow: row by row it would take hours.

    Args:
        path: where there is no file yet.
        name: of the table.
        batches: its rows.
        views: further views by their names.

    Raises:
        OSError: it cannot be written.
        StoreError: the rows cannot be read.
    """
    failures: list[StoreError] = []

    def read_on() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except StoreError as error:
            # What DuckDB makes of it is a text with a traceback.
            failures.append(error)
            raise

    watched = pa.RecordBatchReader.from_batches(batches.schema, read_on())
    try:
        with closing(duckdb.connect(str(path), config=_WRITING)) as connection:
            connection.register("batches", watched)
            connection.execute(f'CREATE TABLE "{name}" AS FROM batches')
            for view, query in views.items():
                connection.execute(f'CREATE VIEW "{view}" AS {query}')
    except duckdb.Error as error:
        if failures:
            raise failures[0] from error
        raise OSError(str(error).partition("\n")[0]) from error
