"""CSV and TSV with a header row."""

import csv
from collections.abc import Iterable, Iterator

from extractor.errors import InputError
from extractor.readers.encoding import Line, read_lines
from extractor.readers.entries import (
    MAX_ENTRY_BYTES,
    Entry,
    ReadOptions,
    Unreadable,
    excerpt,
)
from extractor.readers.records import find_columns, is_text_name, read_record
from extractor.readers.sources import Source

_DELIMITERS = (",", "\t", ";", "|")
_NAME_CHARS = 40
_NAME_WORDS = 4


def is_table(first_line: str, options: ReadOptions) -> bool:
    """Whether a line reads like the header of a table that holds texts."""
    names = split_header(first_line, options)
    if len(names) < 2 or not all(_is_name(name) for name in names):
        return False
    return options.mapping.get("text") in names or any(map(is_text_name, names))


def split_header(line: str, options: ReadOptions) -> list[str]:
    """The column names in a header, split by the delimiter that fits it best."""
    return _split(line, _find_delimiter(line, options))


def read(source: Source, options: ReadOptions) -> Iterator[Entry]:
    """Read one record a row, quoted line breaks included.

    Raises:
        MissingTextError: no column holds texts.
        InputError: there is no header.
    """
    # The limit belongs to the whole process, and stores of claims raise it.
    csv.field_size_limit(MAX_ENTRY_BYTES)
    lines = _FeedLines(read_lines(source))
    header = next((line for line in lines if line.strip()), None)
    if header is None or lines.take_fault():
        raise InputError(f"{source.place}: no header row that can be read")
    delimiter = "\t" if options.format == "tsv" else _find_delimiter(header, options)
    names = _split(header, delimiter)
    find_columns(names, options)
    yield from _read_rows(source, lines, names, delimiter, options)


class _FeedLines:
    """Lines as the csv module wants them, with a note of what was wrong with any of them."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = iter(lines)
        self._fault: str | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._fault = self._fault or line.fault
        return line.text + "\n"

    def take_fault(self) -> str | None:
        fault, self._fault = self._fault, None
        return fault


def _read_rows(
    source: Source, lines: _FeedLines, names: list[str], delimiter: str, options: ReadOptions
) -> Iterator[Entry]:
    # strict: a quote that is never closed is an error, not the rest of the file in one field.
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        place = f"{source.name}:{source.line + 1}"
        row: list[str] = []
        fault = None
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            fault = f"malformed row, ending in line {source.line}: {error}"
        fault = lines.take_fault() or fault
        if any(cell.strip() for cell in row[len(names) :]):
            fault = fault or (
                f"{len(row)} fields in a table of {len(names)} columns; "
                "a field that contains the delimiter must be quoted"
            )
        if fault:
            yield Unreadable(place, fault, excerpt=excerpt(" ".join(row)))
        elif any(row):
            yield read_record(place, dict(zip(names, row, strict=False)), options)


def _find_delimiter(header: str, options: ReadOptions) -> str:
    """Choose the delimiter that separates a column of texts, or else the most columns."""

    def rank(delimiter: str) -> tuple[bool, int]:
        names = _split(header, delimiter)
        has_text = options.mapping.get("text") in names or any(map(is_text_name, names))
        return has_text, len(names)

    return max(_DELIMITERS, key=rank)


def _split(header: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _is_name(name: str) -> bool:
    return len(name) <= _NAME_CHARS and len(name.split()) <= _NAME_WORDS
