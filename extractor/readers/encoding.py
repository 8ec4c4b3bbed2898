"""Bytes to text: byte-order marks, UTF-16, invalid bytes, lines of bounded length."""

import codecs
import io
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

from extractor.errors import InputError
from extractor.readers.entries import MAX_ENTRY_BYTES
from extractor.readers.sources import HEAD_BYTES, Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Line(NamedTuple):
    """One line of a source.

    Attributes:
        number: counted from 1.
        text: without its end; invalid bytes as surrogate escapes; empty if it is too long.
        fault: why the line cannot be used, None if it can.
    """

    number: int
    text: str
    fault: str | None = None


def is_utf16(head: bytes) -> bool:
    """Whether a source begins with the byte-order mark of UTF-16."""
    return head.startswith(_UTF16_BOMS) and not head.startswith(codecs.BOM_UTF32_LE)


def decode_head(source: Source) -> str:
    """The first 64 KB of a source as text, invalid bytes replaced."""
    if is_utf16(source.head):
        return source.head.decode("utf-16", "replace")
    return source.head.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")


def check_encoding(source: Source) -> None:
    """Refuse a source whose first 64 KB are neither UTF-8 nor UTF-16 with a byte-order mark.

    Raises:
        InputError: naming byte and line of the first invalid byte.
    """
    if is_utf16(source.head):
        return
    try:
        codecs.getincrementaldecoder("utf-8")().decode(
            source.head, final=len(source.head) < HEAD_BYTES
        )
    except UnicodeDecodeError as error:
        line = source.head.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{source.name}:{line}: {_describe_invalid(source.head, error.start, error.start)}"
        ) from error


def open_utf8(source: Source) -> IO[bytes]:
    """The source as UTF-8 without a byte-order mark, whichever encoding it is in."""
    if is_utf16(source.head):
        return io.BufferedReader(_Utf16ToUtf8(source), HEAD_BYTES)
    if source.head.startswith(codecs.BOM_UTF8):
        source.stream.read(len(codecs.BOM_UTF8))
    return source.stream


def read_lines(source: Source) -> Iterator[Line]:
    """Read a source line by line, never holding more than one; keeps `source.line` up to date."""
    offset = len(codecs.BOM_UTF8) if source.head.startswith(codecs.BOM_UTF8) else 0
    stream = open_utf8(source)
    while raw := stream.readline(MAX_ENTRY_BYTES + 1):
        source.line += 1
        if len(raw) > MAX_ENTRY_BYTES:
            offset += len(raw) + _skip_line(stream, raw)
            yield Line(source.line, "", f"the line is longer than {MAX_ENTRY_BYTES:,} bytes")
            continue
        yield _decode_line(source.line, raw, offset)
        offset += len(raw)


def read_all(source: Source) -> str:
    """Read a source that holds a single text.

    Raises:
        InputError: it is too long, or not in UTF-8.
    """
    raw = open_utf8(source).read(MAX_ENTRY_BYTES + 1)
    if len(raw) > MAX_ENTRY_BYTES:
        raise InputError(
            f"{source.name}: longer than {MAX_ENTRY_BYTES:,} bytes, which is no single abstract; "
            "name the format with --format"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{source.name}:{line}: {_describe_invalid(raw, error.start, error.start)}"
        ) from error


def _skip_line(stream: IO[bytes], raw: bytes) -> int:
    skipped = 0
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(HEAD_BYTES)
        skipped += len(raw)
    return skipped


def _decode_line(number: int, raw: bytes, offset: int) -> Line:
    raw = raw.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return Line(number, raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        fault = _describe_invalid(raw, error.start, offset + error.start)
        return Line(number, raw.decode("utf-8", "surrogateescape"), fault)


def _describe_invalid(raw: bytes, start: int, offset: int) -> str:
    return (
        f"not UTF-8: byte 0x{raw[start]:02x} at offset {offset:,}; if the file is in another "
        "encoding, convert it, e.g. with iconv -f latin1 -t utf-8"
    )


class _Utf16ToUtf8(io.RawIOBase):
    """UTF-16 recoded piece by piece, so that every format reads one encoding."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._ready = b""
        self._offset = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        while not self._ready and not self._ended:
            self._recode()
        chunk, self._ready = self._ready[: len(view)], self._ready[len(view) :]
        view[: len(chunk)] = chunk
        return len(chunk)

    def _recode(self) -> None:
        raw = self._source.stream.read1(HEAD_BYTES)
        self._ended = not raw
        try:
            self._ready = self._decoder.decode(raw, final=self._ended).encode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{self._source.name}: invalid UTF-16 after byte {self._offset:,}: {error.reason}; "
                "save the file as UTF-8"
            ) from error
        self._offset += len(raw)
