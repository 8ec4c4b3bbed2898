"""What readers yield, and how a title and a text from outside become it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from extractor.documents import Abstract, make_id, normalise_text
from extractor.errors import InputError

MAX_ENTRY_BYTES = 10_000_000
"""The longest line, field or text that is read; anything longer is no abstract."""

EXCERPT_CHARS = 80

# Control characters other than white space: SQLite cuts text at NUL, PostgreSQL refuses it, and a
# terminal obeys escape sequences.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    Attributes:
        format: one of `FORMATS`; None tells each source's format from its content.
        mapping: our field (text, title, id, url or published) to the source's column or JSON key.
            A dotted key reaches into nested objects.
    """

    format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry, or the rest of a source, that could not be read.

    Attributes:
        source: `file:line`, `file#entry` where lines mean nothing, or the file alone.
        reason: what is wrong, in one line.
        id: the source's own identifier, if it was legible.
        excerpt: how the entry begins, at most 80 characters.
    """

    source: str
    reason: str
    id: str | None = None
    excerpt: str = ""


Entry = Abstract | Unreadable


class MissingTextError(InputError):
    """No column or key of a source holds texts: the options do not fit the source."""


def clean_text(text: str) -> str:
    """Make text from outside safe to store: no control characters, no lone surrogates.

    Returns:
        The text in normal form; control characters became blanks, lone surrogates U+FFFD.
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return normalise_text(_CONTROL.sub(" ", text))


def excerpt(text: str) -> str:
    """How a text begins, in one line of at most 80 characters."""
    return clean_text(text[: 4 * EXCERPT_CHARS])[:EXCERPT_CHARS]


def build_entry(  # noqa: PLR0913 - the fields of Abstract
    *,
    source: str,
    text: str,
    title: str = "",
    id: str = "",  # noqa: A002 - the name of Abstract's field
    url: str = "",
    published: str = "",
) -> Entry:
    """Turn what a format gave for one entry into an abstract.

    Args:
        source: where it was read.
        text: the abstract; without one the entry is unreadable.
        title: its title, if any.
        id: the source's own identifier; empty derives one from title and text.
        url: kept unless its scheme is other than http or https.
        published: the date as the source prints it.
    """
    title, text, id = clean_text(title), clean_text(text), clean_text(id)  # noqa: A001
    if not text:
        return Unreadable(source, "no text", id or None, excerpt(title))
    if len(text) > MAX_ENTRY_BYTES:
        return Unreadable(
            source, f"a text of {len(text):,} characters is no abstract", id or None, excerpt(text)
        )
    return Abstract(
        id=id or make_id(title, text),
        title=title,
        text=text,
        source=source,
        url=_safe_url(clean_text(url)),
        published=clean_text(published) or None,
    )


def _safe_url(url: str) -> str | None:
    # A link such as javascript:... must not reach a report.
    if _SCHEME.match(url) and not url.lower().startswith(("http://", "https://")):
        return None
    return url or None
