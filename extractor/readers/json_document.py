"""A JSON document: a list of papers, an object that wraps one, or a single paper."""

import re
from collections.abc import Iterable, Iterator

import ijson

from extractor.errors import InputError
from extractor.readers.encoding import open_utf8
from extractor.readers.entries import Entry, ReadOptions
from extractor.readers.json_wrappers import WRAPPERS
from extractor.readers.records import read_records
from extractor.readers.sources import Source

# A path has one step for each open container: the key in an object, None in an array.
_ELEMENT_PATHS = {(None,)} | {(*path.split("."), None) for path in WRAPPERS}
_LONGEST_PATH = max(map(len, _ELEMENT_PATHS))
_MAX_DEPTH = 100
_MAX_EVENTS_OUTSIDE = 1_000_000
_STARTS = ("start_map", "start_array")
_ENDS = ("end_map", "end_array")
_SYNTAX_ERROR = re.compile(r"(?:parse|lexical) error: ([^\n\\]*)")

Event = tuple[str, object]


def read(source: Source, options: ReadOptions) -> Iterator[Entry]:
    """Read papers as they stream by; several documents may follow one another.

    Raises:
        InputError: the JSON is malformed; nothing after that place can be read.
    """
    return read_records(_number_values(source), options)


def _number_values(source: Source) -> Iterator[tuple[str, object]]:
    # Not ijson.items: its prefixes take memory that grows with the square of the nesting.
    events = ijson.basic_parse(open_utf8(source), multiple_values=True)
    values = _stream_values(events)
    while True:
        try:
            value = next(values)
        except StopIteration:
            return
        except InputError as error:
            raise InputError(f"{source.name}: {error}") from error
        except (ijson.JSONError, ValueError, ArithmeticError) as error:
            raise InputError(
                f"{source.name}: malformed JSON after entry {source.entry}: {_describe(error)}"
            ) from error
        source.entry += 1
        yield f"{source.name}#{source.entry}", value


def _stream_values(events: Iterable[Event]) -> Iterator[object]:
    """Build the elements of a list of papers one at a time, or a document without such a list."""
    path: list[object] = []
    outside, inside = ijson.ObjectBuilder(), None
    has_list = False
    outside_events = 0
    for event, value in events:
        if event in _ENDS:
            path.pop()
        is_element = (
            event != "map_key" and len(path) <= _LONGEST_PATH and tuple(path) in _ELEMENT_PATHS
        )
        if is_element and event not in _ENDS:
            inside = ijson.ObjectBuilder()
        outside_events += inside is None
        (inside or outside).event(event, value)
        if is_element and event not in _STARTS and inside:
            yield inside.value
            inside, has_list = None, True
        _enter(path, event, value)
        if outside_events > _MAX_EVENTS_OUTSIDE:
            raise InputError(
                f"no list of papers found (looked for {', '.join(sorted(WRAPPERS))}); "
                "extract the list, or convert it to JSON Lines"
            )
        if not path:
            if not has_list and not isinstance(outside.value, list):
                yield outside.value
            outside, has_list, outside_events = ijson.ObjectBuilder(), False, 0


def _enter(path: list[object], event: str, value: object) -> None:
    if event == "map_key":
        path[-1] = value
    elif event in _STARTS:
        path.append(None if event == "start_array" else "")
        if len(path) > _MAX_DEPTH:
            raise InputError(f"JSON nested deeper than {_MAX_DEPTH} levels")


def _describe(error: Exception) -> str:
    match = _SYNTAX_ERROR.search(str(error))
    return match[1].strip() if match else str(error).partition("\n")[0]
