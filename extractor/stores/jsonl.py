"""JSON lines: one result a line."""

import gzip
import json
import os
import shutil
import stat
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import IO, Any, cast

from pydantic import ValidationError

from extractor.errors import StoreError
from extractor.identifiers import IdentifierSet
from extractor.locking import append, open_alone
from extractor.results import Provenance, Result
from extractor.stores.failures import FailedRow
from extractor.stores.protocol import RunRecord

Record = dict[str, Any]

RECORD_KEYS = {"id", "title", "text_sha256", "status", "claims", "provenance"}
# How every line begins: a torn line is told from a foreign one by it.
_OPENING = b'{"id": "'
_GZIP_MAGIC = b"\x1f\x8b"


class JsonlStore:
    """A file that grows by a line for each result.

    A second run appends what is missing. Lines of failed abstracts are taken out when it opens
    the file, since it tries those again, and so is a line torn by a crash.
    """

    def __init__(self, path: Path, *, keeps_failed: bool = False) -> None:
        """Open or create the file and note what it holds.

        Args:
            path: the file.
            keeps_failed: leave the line of a failed abstract there until it is replaced; the
                file is freed of it when it is closed.

        Raises:
            StoreError: the file cannot be read or written, holds other lines than results, or
                another run is writing to it.
        """
        self.path = path
        self._held = IdentifierSet()
        self._keeps_failed = keeps_failed
        self._replaced: set[int] = set()
        self._size_at_first = 0
        try:
            self._file = open_alone(path)
            try:
                if stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
                    self._tidy()
            except BaseException:
                self._file.close()
                raise
        except OSError as error:
            raise StoreError(f"cannot open {path}: {error.strerror}") from error

    def holds(self, extraction_id: str) -> bool:
        """Tell whether the file has this extraction, and not as a failed one."""
        return extraction_id in self._held

    def record_run(self, run: RunRecord) -> None:
        """Nothing to do: every line carries its provenance."""

    def write(self, results: Sequence[Result]) -> None:
        """Append lines and hand them to the operating system.

        Raises:
            StoreError: they could not be written, as when the disk is full; what got onto the
                disk of them is taken back.
        """
        newest = {result.provenance.extraction_id: result for result in results}
        fresh = [result for key, result in newest.items() if not self.holds(key)]
        try:
            append(self._file, "".join(map(render_line, fresh)).encode())
        except OSError as error:
            raise StoreError(
                f"cannot write to {self.path}: {error.strerror}; make room or choose another "
                "output, then run again: paid answers are in the cache"
            ) from error
        for result in fresh:
            if result.status != "failed":
                self._held.add(result.provenance.extraction_id)
        if self._keeps_failed:
            self.remove_failed(newest.keys())

    def read_failed(self) -> Iterator[FailedRow]:
        """Read the failed lines that no later line stands for."""
        last = {
            number_record(record): number
            for number, record in enumerate(read_lines(self.path))
            if record["status"] == "failed" and not self.holds(_identify(record))
        }
        wanted = set(last.values())
        for number, record in enumerate(read_lines(self.path)):
            if number in wanted:
                yield read_failed_row(self.path, record)

    def remove_failed(self, extraction_ids: Collection[str]) -> None:
        """Take failed lines out that others stand for now, when the file is closed."""
        self._replaced.update(int(extraction_id, 16) for extraction_id in extraction_ids)

    def discard(self) -> None:
        """Close and delete the file, whose results stand elsewhere by now.

        Raises:
            StoreError: it cannot be deleted.
        """
        try:
            self.path.unlink()
            self._file.close()
        except OSError as error:
            raise StoreError(f"cannot delete {self.path}: {error.strerror}") from error

    def close(self) -> None:
        """Close the file."""
        try:
            if self._replaced:
                self._rewrite(self._is_current)
            self._file.close()
        except OSError as error:
            raise StoreError(f"cannot write to {self.path}: {error.strerror}") from error

    def _tidy(self) -> None:
        """Note finished extractions; rewrite the file if it has failed or torn lines."""
        size = 0
        for line, record in _read_lines(self.path):
            if record is not None and record["status"] != "failed":
                self._held.add(_identify(record))
            if record is not None and self._is_kept(0, record):
                size += len(line)
        if size != os.fstat(self._file.fileno()).st_size:
            self._rewrite(self._is_kept)
        self._size_at_first = size

    def _is_kept(self, _start: int, record: Record) -> bool:
        return self._keeps_failed or record["status"] != "failed"

    def _is_current(self, start: int, record: Record) -> bool:
        """Tell whether a line, by where it begins, is not failed, or not replaced."""
        is_old = record["status"] == "failed" and start < self._size_at_first
        return not (is_old and number_record(record) in self._replaced)

    def _rewrite(self, keeps: Callable[[int, Record], bool]) -> None:
        # A link stays one; what it leads to is replaced.
        path = self.path.resolve()
        beside = path.with_name(f"{path.name}.tidied")
        tidied = open_alone(beside)
        try:
            tidied.truncate(0)
            shutil.copymode(path, beside)
            with os.fdopen(os.dup(tidied.fileno()), "wb") as kept:
                start = 0
                for line, record in _read_lines(self.path):
                    if record is not None and keeps(start, record):
                        kept.write(line)
                    start += len(line)
            os.fsync(tidied.fileno())
            beside.replace(path)
        except BaseException:
            tidied.close()
            beside.unlink()
            raise
        self._file.close()
        self._file = tidied


class JsonlStream:
    """JSON lines on standard output; it remembers nothing."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def holds(self, extraction_id: str) -> bool:  # noqa: ARG002
        """Never: what was printed cannot be looked up."""
        return False

    def record_run(self, run: RunRecord) -> None:
        """Nothing to do: every line carries its provenance."""

    def write(self, results: Sequence[Result]) -> None:
        """Print lines.

        Raises:
            BrokenPipeError: the reader, such as `head`, has had enough.
            StoreError: they could not be written.
        """
        try:
            self._stream.write("".join(map(render_line, results)))
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StoreError(f"cannot write to standard output: {error.strerror}") from error

    def close(self) -> None:
        """Nothing to close."""


def render_line(result: Result) -> str:
    """Write a result as one line of JSON."""
    return dump_json(result.to_record()) + "\n"


def dump_json(value: Any) -> str:
    """Write a value as JSON that UTF-8 can hold, and that every program can read."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        # A rejected claim is kept as the model gave it, but JSON knows no NaN.
        plain = json.loads(json.dumps(value), parse_constant=lambda _: None)
        text = json.dumps(plain, ensure_ascii=False)
    # UTF-8 has no lone surrogates; as an escape of JSON they survive.
    return text.encode("utf-8", "backslashreplace").decode()


def read_lines(path: Path) -> Iterator[Record]:
    """Read the results of a JSONL file back, gzipped or not, one JSON object each.

    Raises:
        StoreError: the file cannot be read or holds something else.
    """
    try:
        yield from (record for _, record in _read_lines(path) if record is not None)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise StoreError(f"{path}: not a sound gzip file: {error}") from error
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error


def _read_lines(path: Path) -> Iterator[tuple[bytes, Record | None]]:
    """Lines with their records; None for a last line that a crash has torn."""
    with _open_to_read(path) as file:
        for number, line in enumerate(file, start=1):
            record = _read_record(line)
            if record is not None:
                yield line.removesuffix(b"\n") + b"\n", record
            elif _is_torn(line):
                yield line, None
            else:
                raise StoreError(
                    f"{path}:{number} is no result of this program; "
                    "choose another output or move the file away"
                )


def _open_to_read(path: Path) -> IO[bytes]:
    file = path.open("rb")
    if file.peek(2)[:2] == _GZIP_MAGIC:
        file.close()
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return file


def _read_record(line: bytes) -> Record | None:
    try:
        record = json.loads(line)
        int(record["provenance"]["extraction_id"], 16)
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return record if record.keys() >= RECORD_KEYS else None


def number_record(record: Record) -> int:
    """The identifier of a record's extraction, as a number."""
    return int(_identify(record), 16)


def _identify(record: Record) -> str:
    return str(record["provenance"]["extraction_id"])


def check_names(path: Path, names: Iterable[str], needed: Collection[str] = RECORD_KEYS) -> None:
    """Make sure by the names of its columns that a table holds whole results.

    Raises:
        StoreError: it is something else.
    """
    if not set(needed) <= set(names):
        raise StoreError(
            f"{path} holds no results of this program; choose another output or move the file away"
        )


def parse_record(path: Path, record: Record) -> Result:
    """Make a result of what stands on a line.

    Raises:
        StoreError: a part of it is missing, or is not what it should be.
    """
    try:
        return Result.from_record(record)
    except ValidationError as error:
        wrong = error.errors()[0]
        place = ".".join(map(str, wrong["loc"]))
        raise StoreError(
            f"{path}: the result of {record['id']} is not whole: {place}: {wrong['msg']}"
        ) from error


def read_failed_row(path: Path, record: Record) -> FailedRow:
    """Make of a line what is needed to ask again; older lines hold no text.

    Raises:
        StoreError: as `parse_record` does.
    """
    result = parse_record(path, record)
    asked = {
        entry.name: getattr(result.provenance, entry.name)
        for entry in fields(FailedRow)
        if entry.name in Provenance.model_fields
    }
    return FailedRow(
        id=result.abstract.id,
        text_sha256=result.abstract.text_sha256,
        source=result.abstract.source,
        abstract=result.abstract if "text" in record else None,
        **asked,
    )


def _is_torn(line: bytes) -> bool:
    if line.endswith(b"\n"):
        return False
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return line.startswith(_OPENING) or _OPENING.startswith(line)
    return False
