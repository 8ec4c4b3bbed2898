"""Atom feeds, as the API of arXiv answers with."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import defusedxml
from defusedxml.ElementTree import iterparse

from extractor.errors import InputError
from extractor.readers.entries import Entry, ReadOptions, Unreadable, build_entry, clean_text
from extractor.readers.sources import Source

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV_PAGES = "arxiv.org/abs/"
_ARXIV_ERRORS = "arxiv.org/api/errors"


def read(source: Source, options: ReadOptions) -> Iterator[Entry]:  # noqa: ARG001
    """Read the entries of a feed, each dropped from memory once it is read.

    Raises:
        InputError: the XML is malformed, declares entities, or is no Atom feed.
    """
    try:
        yield from _read_entries(source)
    except defusedxml.DefusedXmlException as error:
        raise InputError(
            f"{source.name}: XML that declares entities is not read, as they can be an attack"
        ) from error
    except (ParseError, ValueError, LookupError) as error:  # the last for an unknown encoding
        raise InputError(
            f"{source.name}: malformed XML after entry {source.entry}: {error}"
        ) from error


def _read_entries(source: Source) -> Iterator[Entry]:
    root: Element | None = None
    for event, element in iterparse(source.stream, events=("start", "end")):
        if root is None:
            root = element
            if root.tag != f"{_ATOM}feed":
                raise InputError(f"{source.name}: XML, but not an Atom feed: {root.tag[:80]}")
        if event == "end" and element.tag == f"{_ATOM}entry":
            source.entry += 1
            yield _read_entry(f"{source.name}#{source.entry}", element)
            root.clear()


def _read_entry(place: str, entry: "Element") -> Entry:
    identifier = _text(entry, "id")
    summary = _text(entry, "summary") or _text(entry, "content")
    if _ARXIV_ERRORS in identifier:
        return Unreadable(place, f"arXiv answered with an error: {clean_text(summary)[:200]}")
    return build_entry(
        source=place,
        text=summary,
        title=_text(entry, "title"),
        id=identifier.partition(_ARXIV_PAGES)[2] or identifier,
        url=_find_link(entry) or identifier,
        published=_text(entry, "published") or _text(entry, "updated"),
    )


def _text(entry: "Element", name: str) -> str:
    element = entry.find(f"{_ATOM}{name}")
    return "" if element is None else "".join(element.itertext()).strip()


def _find_link(entry: "Element") -> str:
    for link in entry.iterfind(f"{_ATOM}link"):
        if link.get("rel", "alternate") == "alternate":
            return link.get("href", "")
    return ""
