"""Saved "daily papers" web pages: titles and abstracts on alternating lines.

There are two layouts: one with blank lines between the lines, and one without, in which the first
title is glued to the word "Subscribe". The date in a page's header is the day it was saved, and
the papers on it are of any age, so that it is no paper's date of publication.
"""

import re
from collections.abc import Iterable, Iterator

from extractor.readers.encoding import Line, read_lines
from extractor.readers.entries import Entry, ReadOptions, Unreadable, build_entry, excerpt
from extractor.readers.sources import Source

_BANNER = re.compile(r"Get trending papers in your email inbox( once a day)?!")
_HEADER = re.compile(
    rf"new|{_BANNER.pattern}|Subscribe|Daily Papers|byAK and the research community"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2}"
)
_GLUED = "Subscribe"
# Titles seen have at most 144 characters, abstracts at least 492.
_TITLE_CHARS = 250
_SENTENCE_ENDS = (".", ".)", '."')


def is_page(text: str) -> bool:
    """Whether a text begins with the header of such a page."""
    lines = [line.strip() for line in text[:2000].splitlines() if line.strip()]
    return any(_BANNER.fullmatch(line) for line in lines[:3])


def read(source: Source, options: ReadOptions) -> Iterator[Entry]:  # noqa: ARG001
    """Read the entries of a page, without its header.

    A title that no abstract follows is an unreadable entry; a long line where a title should be
    is a further paragraph of the abstract before it.
    """
    entry: list[Line] = []
    for line in _drop_header(read_lines(source)):
        if entry and _starts_entry(line, expects_text=len(entry) == 1):
            yield _build(source.name, entry)
            entry = []
        entry.append(line)
    if entry:
        yield _build(source.name, entry)


def _drop_header(lines: Iterable[Line]) -> Iterator[Line]:
    after_banner = False
    for line in lines:
        text = line.text.strip()
        if after_banner and text != _GLUED:
            text = text.removeprefix(_GLUED)
        if line.fault or (text and not _HEADER.fullmatch(text)):
            yield line._replace(text=text)
        if text or line.fault:
            after_banner = bool(_BANNER.fullmatch(text))


def _starts_entry(line: Line, *, expects_text: bool) -> bool:
    # A line that was too long to be read has no text.
    is_short = 0 < len(line.text) <= _TITLE_CHARS
    return is_short and not (expects_text and line.text.endswith(_SENTENCE_ENDS))


def _build(name: str, entry: list[Line]) -> Entry:
    place = f"{name}:{entry[0].number}"
    fault = next((line.fault for line in entry if line.fault), None)
    if fault:
        return Unreadable(place, fault, excerpt=excerpt(entry[0].text))
    has_title = len(entry[0].text) <= _TITLE_CHARS
    return build_entry(
        source=place,
        title=entry[0].text if has_title else "",
        text=" ".join(line.text for line in entry[has_title:]),
    )
