"""Telling a source's format from its first 64 KB."""

import json
import re

from extractor.errors import InputError
from extractor.readers import page, table
from extractor.readers.encoding import decode_head, is_utf16
from extractor.readers.entries import ReadOptions
from extractor.readers.json_wrappers import is_wrapper
from extractor.readers.sources import HEAD_BYTES, Source

PARQUET_MAGIC = b"PAR1"
_MAGIC = {
    b"%PDF": "a PDF; extract its text first",
    b"PK\x03\x04": "a zip archive or an Office document; unpack or export it first",
    b"\x1f\x8b": "gzip inside gzip; decompress it once",
    b"BZh": "a bzip2 file; decompress it first",
    b"\xfd7zXZ\x00": "an xz file; decompress it first",
    b"\x28\xb5\x2f\xfd": "a zstd file; decompress it first",
    b"7z\xbc\xaf\x27\x1c": "a 7-zip archive; unpack it first",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"SQLite format 3\x00": "an SQLite database; export the table as CSV",
    b"{\\rtf": "an RTF document; save it as plain text",
}
_SUFFIX_FORMATS = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv",
    ".bib": "bibtex", ".xml": "atom", ".atom": "atom", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_JSON_START = re.compile(r'(\{\s*["}]|\[\s*[\[{"\]])')
_BIBTEX_START = re.compile(r"(?:\s*%[^\n]*\n)*\s*@[A-Za-z]+\s*[{(]")
# Possessive throughout: hostile markup must not make matching slow.
_PROLOG = r"(?>\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?>\[.*?\]\s*+)?+>)*+"
_ATOM_START = re.compile(_PROLOG + r"<(\w+:)?feed\b", re.DOTALL)
_HTML_START = re.compile(
    r"<!doctype\s+html\b|" + _PROLOG + r"<(html|head|body)\b", re.DOTALL | re.I
)


def detect_format(source: Source, options: ReadOptions) -> str:
    """Tell the format from the content; the suffix decides only where the content does not.

    Raises:
        InputError: the source is empty, binary, or marked up in a way that no reader knows.
    """
    if source.head.startswith(PARQUET_MAGIC):
        return "parquet"
    refuse_binary(source)
    text = decode_head(source).lstrip()
    by_suffix = _SUFFIX_FORMATS.get(source.suffix, "text")
    if not text and len(source.head) < HEAD_BYTES:
        raise InputError(f"{source.name}: empty")
    if text.startswith("<"):
        return _detect_markup(source, text, by_suffix)
    if _JSON_START.match(text):
        is_whole = len(source.head) < HEAD_BYTES
        return _detect_json(text, by_suffix, is_whole=is_whole)
    return _detect_text(text, by_suffix, options)


def refuse_binary(source: Source) -> None:
    """Refuse a source that is no text, saying what it looks like.

    Raises:
        InputError: it begins like a known binary format or contains NUL bytes.
    """
    for magic, what in _MAGIC.items():
        if source.head.startswith(magic):
            raise InputError(f"{source.name}: looks like {what}")
    if is_utf16(source.head):
        return
    at = source.head.find(b"\x00")
    if at >= 0:
        beginning = source.head[:64]
        is_wide = beginning.count(b"\x00") * 3 > len(beginning)
        what = "UTF-16 or UTF-32 without the byte-order mark of UTF-16; save it as UTF-8"
        raise InputError(
            f"{source.name}: not a text file (NUL byte at offset {at:,})"
            + (f"; perhaps {what}" if is_wide else "")
        )


def _detect_markup(source: Source, text: str, by_suffix: str) -> str:
    if _ATOM_START.match(text):
        return "atom"
    if _HTML_START.match(text):
        raise InputError(
            f"{source.name}: looks like an HTML page; save it as plain text, or fetch the papers "
            "from the site's API"
        )
    if text.startswith("<?xml") and by_suffix != "atom":
        raise InputError(f"{source.name}: looks like XML, but not like an Atom feed")
    return by_suffix


def _detect_text(text: str, by_suffix: str, options: ReadOptions) -> str:
    if _BIBTEX_START.match(text):
        return "bibtex"
    if page.is_page(text):
        return "page"
    if table.is_table(text.partition("\n")[0].rstrip("\r"), options):
        return "tsv" if by_suffix == "tsv" else "csv"
    return "jsonl" if by_suffix == "text" and _is_mostly_objects(text) else by_suffix


def _detect_json(text: str, by_suffix: str, *, is_whole: bool) -> str:
    first_line, line_end, rest = text.partition("\n")
    if text.startswith("["):
        return "json"
    if not line_end and not is_whole:
        # One long line whose end is not known.
        return "jsonl" if by_suffix == "jsonl" else "json"
    try:
        first = json.loads(first_line)
    except (ValueError, RecursionError):
        # Either an object over several lines, or a damaged line among many.
        return "jsonl" if _is_mostly_objects(rest) else "json"
    return "json" if not rest.strip() and is_wrapper(first) else "jsonl"


def _is_mostly_objects(text: str) -> bool:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    # What is known may end within the last line.
    ends = [line.endswith("}") for line in lines[:-1]] + [True]
    objects = sum(line.startswith('{"') and end for line, end in zip(lines, ends, strict=False))
    return objects * 2 > len(lines)
