"""Names of sources, and files and standard input as streams whose beginning is known."""

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from extractor.errors import InputError
from extractor.urls import find_database, find_scheme

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN = "-"
HEAD_BYTES = 65_536
SUFFIXES = (
    ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".pq", ".bib", ".xml", ".atom",
    ".txt", ".text",
)  # fmt: skip
_GZIP_MAGIC = b"\x1f\x8b"


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class Source:
    """An open source.

    Attributes:
        name: how messages call it: the path as given, or `stdin`.
        suffix: its suffix in lower case, without `.gz`.
        head: its first 64 KB, decompressed.
        stream: all of it, decompressed, `head` included; perhaps not seekable.
        line: number of the line that was read last, 0 before the first.
        entry: number of the entry that was read last in a format without lines.
    """

    name: str
    suffix: str
    head: bytes
    stream: io.BufferedReader
    line: int = 0
    entry: int = 0

    @property
    def place(self) -> str:
        """Where reading has come to: `file:line`, `file#entry`, or the file alone."""
        if self.line:
            return f"{self.name}:{self.line}"
        return f"{self.name}#{self.entry}" if self.entry else self.name


def is_table(source: str) -> bool:
    """Tell the URL of a database from the name of a file."""
    return find_database(source) is not None


def describe_source(source: str) -> str:
    """The name of a source in messages; a table's is without the address and its password.

    Raises:
        ConfigError: a URL names no table.
    """
    if is_table(source):
        # SQLAlchemy takes a sixth of a second to import.
        from extractor.readers import database  # noqa: PLC0415

        return database.describe(source)
    return "stdin" if source == STDIN else source


def find_files(sources: Iterable[str | Path]) -> list[str]:
    """List the files to read, folders replaced by the files in them.

    Returns:
        Paths, URLs of tables, `-` for standard input. A folder gives its files of known suffix,
        recursively and sorted, without hidden ones.

    Raises:
        InputError: a path does not exist, a folder holds no file of known suffix, standard input
            is named twice, a URL is none of a database, or there is no source at all.
        ConfigError: a URL names no table.
    """
    files: list[str] = []
    for source in sources:
        if str(source) == STDIN or is_table(str(source)):
            files.append(str(source))
            describe_source(str(source))
            continue
        if scheme := find_scheme(str(source)):
            raise InputError(
                f"{scheme}://... cannot be read: give a file, or a table as "
                "postgresql://user@host/database?table=NAME or sqlite:///file.db?table=NAME"
            )
        path = Path(source)
        try:
            files.extend(_list_folder(path) if path.is_dir() else [_check_exists(path)])
        except OSError as error:
            raise InputError(f"{path}: cannot be opened: {_describe(error)}") from error
    if not files:
        raise InputError("nothing to read; give a file, a folder, or - for standard input")
    if files.count(STDIN) > 1:
        raise InputError("standard input (-) can be read only once; name it once")
    return files


@contextmanager
def open_source(file: str) -> Iterator[Source]:
    """Open a file, or standard input for `-`, and decompress it if it is gzip.

    Raises:
        InputError: it cannot be opened.
    """
    name = describe_source(file)
    with _open_bytes(file, name) as raw:
        stream = _replay(b"", raw, name)
        head = _peek(stream, len(_GZIP_MAGIC))
        stream = _replay(head, stream, name)
        if head == _GZIP_MAGIC:
            stream = _replay(b"", gzip.GzipFile(fileobj=stream), name)
        head = _peek(stream, HEAD_BYTES)
        suffix = Path(file.lower().removesuffix(".gz")).suffix
        yield Source(name, suffix, head, _replay(head, stream, name))


def _open_bytes(file: str, name: str) -> AbstractContextManager[_Readable]:
    if file == STDIN:
        return _open_stdin()
    try:
        return Path(file).open("rb")
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be opened: {_describe(error)}") from error


def _open_stdin() -> AbstractContextManager[_Readable]:
    """A reader of our own, as the interpreter cannot end while another thread waits in its own."""
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except io.UnsupportedOperation:
        # Not a file, as in a program that has put something else in its place.
        return nullcontext(cast(_Readable, sys.stdin.buffer))  # typed without its read1


def _check_exists(path: Path) -> str:
    if not path.exists():
        raise InputError(f"{path}: not found; give an existing file or folder, or - for stdin")
    return str(path)


def _list_folder(folder: Path) -> list[str]:
    found: list[str] = []
    for parent, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.extend(
            str(Path(parent, name))
            for name in names
            if not name.startswith(".") and name.lower().removesuffix(".gz").endswith(SUFFIXES)
        )
    if not found:
        raise InputError(f"{folder}: no readable file in this folder; known: {' '.join(SUFFIXES)}")
    return sorted(found)


class _Replayed(io.RawIOBase):
    """Bytes that were read already, followed by the rest of their stream."""

    def __init__(self, head: bytes, rest: _Readable, name: str) -> None:
        self._head = memoryview(head)
        self._rest = rest
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        if self._head:
            chunk = bytes(self._head[: len(view)])
            self._head = self._head[len(chunk) :]
        else:
            chunk = self._read_rest(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)

    def _read_rest(self, size: int) -> bytes:
        # read1 hands out what there is, so that a fault further on costs nothing before it.
        try:
            return self._rest.read1(size)
        except EOFError as error:
            raise InputError(f"{self._name}: the gzip file is truncated; fetch it again") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise InputError(
                f"{self._name}: the gzip file is damaged ({error}); fetch it again"
            ) from error
        except OSError as error:
            raise InputError(f"{self._name}: cannot be read: {_describe(error)}") from error


def _replay(head: bytes, rest: _Readable, name: str) -> io.BufferedReader:
    return io.BufferedReader(_Replayed(head, rest, name), HEAD_BYTES)


def _peek(stream: io.BufferedReader, size: int) -> bytes:
    """Read `size` bytes or up to the end; a fault after the first byte is left for later."""
    head = b""
    while len(head) < size:
        try:
            chunk = stream.read1(size - len(head))
        except InputError:
            if head:
                break
            raise
        if not chunk:
            break
        head += chunk
    return head


def _raise(error: OSError) -> None:
    raise error


def _describe(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
