"""Files that cannot grow line by line: Parquet, CSV, DuckDB, gzipped JSON lines."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from extractor.errors import ConfigError, StoreError
from extractor.stores.jsonl import Record, number_record, read_lines
from extractor.stores.targets import Kind, find_kind, is_database_name, name_part, name_whole


class Format(Protocol):
    """A module that keeps whole results in a kind of file."""

    def read_results(self, path: Path, /) -> Iterator[Record]:
        """Read results back, as they stand on JSON lines.

        Raises:
            StoreError: the file is damaged, cannot be read, or holds something else.
        """
        ...

    def write_results(self, path: Path, records: Iterable[Record], /) -> None:
        """Write a new file.

        Raises:
            OSError: it cannot be written.
        """
        ...


def load_format(kind: Kind) -> Format:
    """Load the module for a kind of file; of JSON lines, gzipped ones.

    Raises:
        ConfigError: a package that it needs is missing.
    """
    with naming_extra(kind):
        if kind == "parquet":
            from extractor.stores.files import parquet  # noqa: PLC0415

            return parquet
        if kind == "duckdb":
            from extractor.stores.files import duckdb  # noqa: PLC0415

            return duckdb
    if kind == "csv":
        from extractor.stores.files import csv_results  # noqa: PLC0415

        return csv_results
    from extractor.stores.files import gzipped  # noqa: PLC0415

    return gzipped


@contextmanager
def naming_extra(kind: Kind) -> Iterator[None]:
    """Say which extra to install where the block does not find its package.

    Raises:
        ConfigError: it does not.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{kind} files need {error.name}: pip install 'claim-extractor[{kind}]'"
        ) from error


def read_records(path: Path) -> Iterator[Record]:
    """Read the results of a file of any kind, or of all files in a folder.

    What a run that was killed has gathered beside the file counts as part of it.

    Raises:
        ConfigError: a package that is needed to read it is missing.
        StoreError: it cannot be read, or holds something else.
    """
    if path.is_dir():
        for file in _list_files(path):
            yield from read_records(file)
        return
    part = name_part(path)
    later = {number_record(record) for record in read_lines(part)} if part.is_file() else set()
    if path.exists() or not later:
        whole = load_format(find_kind(str(path))).read_results(path)
        yield from (record for record in whole if number_record(record) not in later)
    if later:
        yield from read_lines(part)


def list_skipped(folder: Path) -> list[str]:
    """Name what is not read of a folder but may hold results too: databases and folders."""
    visible = (entry for entry in folder.iterdir() if not entry.name.startswith((".", "_")))
    return sorted(entry.name for entry in visible if entry.is_dir() or is_database_name(entry.name))


def _list_files(folder: Path) -> list[Path]:
    """The files of results in a folder, in the order of their names.

    Raises:
        StoreError: there are none.
    """
    names = {name_whole(file.name) for file in folder.iterdir() if file.is_file()}
    files = [folder / name for name in sorted(names) if _is_result_file(name)]
    if not files:
        raise StoreError(f"{folder} holds no files of results, such as .parquet or .jsonl")
    return files


def _is_result_file(name: str) -> bool:
    suffixes = (".parquet", ".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".csv", ".duckdb")
    return not name.startswith((".", "_")) and name.lower().endswith(suffixes)
