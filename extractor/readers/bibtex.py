"""BibTeX bibliographies whose entries have abstracts."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bibtexparser import middlewares
from bibtexparser.entrypoint import parse_string
from bibtexparser.exceptions import BlockAbortedException
from bibtexparser.library import Library
from bibtexparser.model import Block, ParsingFailedBlock, String
from bibtexparser.model import Entry as BibtexEntry

from extractor.readers.encoding import Line, read_lines
from extractor.readers.entries import (
    MAX_ENTRY_BYTES,
    Entry,
    ReadOptions,
    Unreadable,
    build_entry,
    excerpt,
)
from extractor.readers.sources import Source

# What bibtexparser warns of becomes an unreadable entry; without a handler it would go to stderr.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())

_BLOCK_START = re.compile(r"\s*@\w+[ \t]*\{")
_SILENT_BLOCK = re.compile(r"\s*@(comment|preamble|string)\b", re.IGNORECASE)
_FIELDS = ("abstract", "title", "doi", "url", "year", "date")
# Many a database is exported without escapes. A percent sign that began a comment would cut the
# text off, a bare ampersand would vanish, and so would the tilde of "~5 times".
_BARE_SIGN = re.compile(r"(?<!\\)[%&]")
_BARE_TILDE = re.compile(r"(?<![^\s(])~(?=\S)")
_ESCAPED_SIGN = re.compile(r"\\([%&])")


@dataclass(slots=True)
class _Chunk:
    """The lines of one block of a bibliography.

    Attributes:
        start: the number of its first line.
        chars: how many characters its lines have together.
        fault: the first fault among its lines.
    """

    start: int
    lines: list[str] = field(default_factory=list)
    chars: int = 0
    fault: str | None = None

    def add(self, line: Line) -> None:
        self.fault = self.fault or line.fault
        self.chars += len(line.text)
        if self.chars <= MAX_ENTRY_BYTES:
            self.lines.append(line.text)
        else:
            self.fault = self.fault or f"an entry longer than {MAX_ENTRY_BYTES:,} characters"


class _EscapeBareSigns(middlewares.BlockMiddleware):
    """Keeps the fields that are needed, and bare signs in them from being read as LaTeX."""

    def transform_entry(self, entry: BibtexEntry, library: Library) -> Block:  # noqa: ARG002
        entry.fields = [part for part in entry.fields if part.key in _FIELDS]
        for part in entry.fields:
            text = _BARE_SIGN.sub(r"\\\g<0>", str(part.value))
            part.value = _BARE_TILDE.sub(r"\\textasciitilde{}", text)
        return entry


def read(source: Source, options: ReadOptions) -> Iterator[Entry]:  # noqa: ARG001
    """Read the entries one block at a time; an entry without an abstract is unreadable.

    LaTeX accents and commands become text; formulas between dollar signs stay as they are.
    """
    stack = [
        middlewares.ResolveStringReferencesMiddleware(),
        middlewares.RemoveEnclosingMiddleware(),
        middlewares.NormalizeFieldKeys(),
        _EscapeBareSigns(),
        middlewares.LatexDecodingMiddleware(),
    ]
    strings: list[Block] = []
    for chunk in _split_blocks(read_lines(source)):
        if chunk.fault:
            place = f"{source.name}:{chunk.start}"
            yield Unreadable(place, chunk.fault, excerpt=excerpt(" ".join(chunk.lines[:3])))
            continue
        library = parse_string("\n".join(chunk.lines), parse_stack=stack, library=Library(strings))
        for block in library.blocks[len(strings) :]:
            place = f"{source.name}:{chunk.start + (block.start_line or 0)}"
            if isinstance(block, String):
                strings.append(block)
            elif isinstance(block, BibtexEntry):
                yield _read_entry(place, block)
            elif isinstance(block, ParsingFailedBlock):
                yield from _explain_failure(place, block)


def _split_blocks(lines: Iterator[Line]) -> Iterator[_Chunk]:
    chunk: _Chunk | None = None
    for line in lines:
        if chunk is None or _BLOCK_START.match(line.text):
            if chunk:
                yield chunk
            chunk = _Chunk(line.number)
        chunk.add(line)
    if chunk:
        yield chunk


def _explain_failure(place: str, block: ParsingFailedBlock) -> Iterator[Unreadable]:
    raw = block.raw or ""
    if not _SILENT_BLOCK.match(raw):
        error = block.error
        reason = error.abort_reason if isinstance(error, BlockAbortedException) else str(error)
        reason = reason.partition(" Note:")[0]  # advice on the library's objects
        yield Unreadable(place, f"BibTeX: {' '.join(reason.split())}", excerpt=excerpt(raw))


def _read_entry(place: str, entry: BibtexEntry) -> Entry:
    values = {
        part.key: _ESCAPED_SIGN.sub(r"\1", str(part.value)) for part in reversed(entry.fields)
    }
    if not values.get("abstract", "").strip():
        return Unreadable(
            place, "no text: the entry has no abstract", entry.key, excerpt(values.get("title", ""))
        )
    doi = values.get("doi", "")
    if doi and not doi.startswith("http"):
        doi = f"https://doi.org/{doi}"
    return build_entry(
        source=place,
        text=values["abstract"],
        title=values.get("title", ""),
        id=entry.key,
        url=values.get("url") or doi,
        published=values.get("date") or values.get("year", ""),
    )
