"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator
from decimal import Decimal

from extractor.readers.encoding import read_lines
from extractor.readers.entries import Entry, ReadOptions, Unreadable, excerpt
from extractor.readers.records import read_records
from extractor.readers.sources import Source


def read(source: Source, options: ReadOptions) -> Iterator[Entry]:
    """Read one record a line; a line that is no JSON is one unreadable entry."""
    return read_records(_decode_lines(source), options)


def _decode_lines(source: Source) -> Iterator[tuple[str, object] | Unreadable]:
    for line in read_lines(source):
        place = source.place
        if line.fault:
            yield Unreadable(place, line.fault, excerpt=excerpt(line.text))
        elif line.text.strip():
            yield _decode(place, line.text)


def _decode(place: str, text: str) -> tuple[str, object] | Unreadable:
    try:
        # Decimal: the digits as written, for identifiers such as 2101.00010.
        return place, json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        reason = f"not valid JSON: {error.msg} (column {error.colno})"
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; deep nesting
        reason = f"JSON that cannot be decoded: {error}"
    return Unreadable(place, reason, excerpt=excerpt(text))
