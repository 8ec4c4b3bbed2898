"""Plain text: one abstract, perhaps with its title."""

import re
from collections.abc import Iterator

from extractor.readers.encoding import read_all
from extractor.readers.entries import Entry, ReadOptions, build_entry
from extractor.readers.sources import Source

_TITLE = re.compile(r"\s*(?P<title>\S[^\r\n]{0,199})\r?\n[ \t]*\r?\n(?P<text>.+)", re.DOTALL)
_TITLE_WORDS = 25
_SENTENCE_ENDS = (".", "!", ",", ";", ":")


def read(source: Source, options: ReadOptions) -> Iterator[Entry]:  # noqa: ARG001
    """Read the whole source as a single abstract.

    Its first line is the title if a blank line follows it, it is short, does not end like a
    sentence or a clause, and the rest is longer; otherwise all of it is text.
    """
    content = read_all(source)
    title, text = _split_title(content)
    leading = content[: len(content) - len(content.lstrip())]
    yield build_entry(source=f"{source.name}:{leading.count(chr(10)) + 1}", title=title, text=text)


def _split_title(content: str) -> tuple[str, str]:
    match = _TITLE.match(content)
    if match:
        title, text = match["title"].strip(), match["text"].strip()
        is_sentence = title.endswith(_SENTENCE_ENDS) or len(title.split()) > _TITLE_WORDS
        if not is_sentence and len(text) > len(title):
            return title, text
    return "", content
