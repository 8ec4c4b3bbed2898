"""A store in a file that cannot grow, filled by way of JSON lines beside it."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from extractor.identifiers import IdentifierSet
from extractor.results import Result
from extractor.stores.failures import FailedRow
from extractor.stores.files import load_format, read_records
from extractor.stores.files.replacing import remove_leftovers, replace_file
from extractor.stores.jsonl import (
    JsonlStore,
    Record,
    number_record,
    read_failed_row,
    read_lines,
)
from extractor.stores.protocol import RunRecord
from extractor.stores.targets import Kind, name_part


class GatheredStore:
    """A Parquet, CSV, DuckDB or gzipped file.

    While it is open, results go into `NAME.part.jsonl` beside it, line by line. Closing it writes
    the whole file anew and puts it into its place at once, so that it is never seen half written;
    what a killed run has gathered is taken in by the next one.
    """

    def __init__(self, path: Path, kind: Kind, *, keeps_failed: bool = False) -> None:
        """Open a file, or get ready to create it, and note what it holds.

        Args:
            path: the file.
            kind: what it is written as.
            keeps_failed: leave a failed result there until it is replaced.

        Raises:
            ConfigError: a package that is needed for this kind is missing.
            StoreError: the file cannot be read or written, holds other things than results, or
                another run is writing to it.
        """
        # A link stays one; what it leads to is replaced.
        self.path = path.resolve()
        self._format = load_format(kind)
        self._keeps_failed = keeps_failed
        self._held = IdentifierSet()
        self._has_failed = False
        self._written: set[int] = set()
        self._replaced: set[int] = set()
        self._part = JsonlStore(name_part(self.path), keeps_failed=keeps_failed)
        try:
            for record in self._read_whole():
                if record["status"] == "failed":
                    self._has_failed = True
                else:
                    self._held.add(record["provenance"]["extraction_id"])
            remove_leftovers(self.path)
        except BaseException:
            self._leave_part()
            raise

    def holds(self, extraction_id: str) -> bool:
        """Tell whether the file has this extraction, and not as a failed one."""
        return extraction_id in self._held or self._part.holds(extraction_id)

    def record_run(self, run: RunRecord) -> None:
        """Nothing to do: every result carries its provenance."""

    def write(self, results: Sequence[Result]) -> None:
        """Gather results; they are safe when this returns.

        Raises:
            StoreError: they could not be written; then none of them was.
        """
        fresh = [result for result in results if not self.holds(result.provenance.extraction_id)]
        self._part.write(fresh)
        self._written.update(int(result.provenance.extraction_id, 16) for result in fresh)

    def read_failed(self) -> Iterator[FailedRow]:
        """Read the failed results that were there when the store was opened."""
        settled = set(self._written)
        for record in read_records(self.path):
            number = number_record(record)
            if number not in settled and not self.holds(f"{number:x}"):
                settled.add(number)
                yield read_failed_row(self.path, record)

    def remove_failed(self, extraction_ids: Collection[str]) -> None:
        """Take failed results out that others stand for now, when the file is closed."""
        self._replaced.update(int(extraction_id, 16) for extraction_id in extraction_ids)

    def close(self) -> None:
        """Write the file anew if there is something new.

        Raises:
            StoreError: it cannot be written; what was gathered stays beside it.
        """
        try:
            if self._replaced or not self.path.exists() or any(True for _ in self._read_part()):
                self._write_whole()
        except BaseException:
            self._part.close()
            raise
        self._part.discard()

    def _write_whole(self) -> None:
        with replace_file(self.path) as beside:
            self._format.write_results(beside, self._merge())

    def _merge(self) -> Iterator[Record]:
        """What is to stand in the file: the last result of each extraction."""
        last = {number_record(record): place for place, record in enumerate(self._read_part())}
        gone = self._replaced - self._written
        for record in self._read_whole():
            number = number_record(record)
            is_dropped = record["status"] == "failed" and not self._keeps_failed
            if not (is_dropped or number in last or number in gone):
                yield record
        for place, record in enumerate(self._read_part()):
            number = number_record(record)
            if last[number] == place and number not in gone:
                yield record

    def _read_whole(self) -> Iterator[Record]:
        if self.path.exists() and self.path.stat().st_size:
            yield from self._format.read_results(self.path)

    def _read_part(self) -> Iterator[Record]:
        return read_lines(self._part.path)

    def _leave_part(self) -> None:
        """Give the file beside up; what an earlier run has gathered there stays."""
        if self._part.path.stat().st_size:
            self._part.close()
        else:
            self._part.discard()
