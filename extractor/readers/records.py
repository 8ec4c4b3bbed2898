"""Records with named fields (a JSON object, a table's row) to entries."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeGuard

from extractor.errors import InputError
from extractor.readers.entries import Entry, MissingTextError, ReadOptions, Unreadable, build_entry

# Names in order of preference, in the form that `_canonical` gives them.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "text": ("abstract", "abstracttext", "paperabstract", "text", "summary", "content"),
    "title": ("title", "papertitle", "articletitle", "displayname", "name"),
    "id": (
        "id", "paperid", "arxivid", "doi", "pmid", "pmcid", "corpusid", "docid", "documentid",
        "articleid", "uid", "key",
    ),
    "url": ("url", "link", "paperurl", "absurl", "landingpageurl", "pdfurl"),
    "published": (
        "published", "publicationdate", "publisheddate", "publishedat", "pubdate", "date",
        "publicationyear", "year", "pubyear", "updatedate",
    ),
}  # fmt: skip
INVERTED_INDEX = "abstractinvertedindex"
# So many records at the beginning of a source may lack a text before its keys are judged wrong.
_PATIENCE = 100

Record = Mapping[str, object]


def check_mapping(mapping: Mapping[str, str]) -> None:
    """Refuse a mapping of fields that an abstract does not have.

    Raises:
        InputError: listing the fields there are.
    """
    unknown = [field for field in mapping if field not in SYNONYMS]
    if unknown:
        raise InputError(
            f"unknown field {unknown[0]!r} in the column mapping; known: {', '.join(SYNONYMS)}"
        )


def is_text_name(name: str) -> bool:
    """Whether a column or key of this name holds abstracts."""
    return _canonical(name) in SYNONYMS["text"] or _canonical(name) == INVERTED_INDEX


def find_columns(names: Iterable[str], options: ReadOptions) -> list[str]:
    """Choose the columns of a table that are needed.

    Raises:
        MissingTextError: no column holds texts, or a mapped column does not exist.
    """
    names = list(names)
    missing = [column for column in options.mapping.values() if column not in names]
    if missing or not ("text" in options.mapping or any(map(is_text_name, names))):
        what = f"no column {missing[0]!r}" if missing else "no column with texts"
        raise MissingTextError(f"{what}; {_list_names(names, 'columns')}")
    known = {synonym for synonyms in SYNONYMS.values() for synonym in synonyms}
    return [
        name
        for name in names
        if name in options.mapping.values() or _canonical(name) in known | {INVERTED_INDEX}
    ]


def read_records(
    items: Iterable[tuple[str, object] | Unreadable], options: ReadOptions
) -> Iterator[Entry]:
    """Turn decoded JSON values, each with its place, into entries.

    Raises:
        MissingTextError: no record at the beginning of the source has a key for its text.
    """
    held: list[Entry] = []
    settled = False
    names: list[str] = []
    try:
        for item in items:
            entry = item if isinstance(item, Unreadable) else _read_item(*item, options)
            if settled or isinstance(item, Unreadable):
                yield entry
                continue
            settled = _has_text_key(item[1], options)
            if settled:
                yield from held
                yield entry
                continue
            held.append(entry)
            names = names or (list(item[1]) if _is_record(item[1]) else [])
            if len(held) == _PATIENCE:
                break
    except InputError:
        yield from held
        raise
    if held and not settled:
        raise MissingTextError(f"no key with a text; {_list_names(names, 'keys')}")


def read_record(place: str, record: Record, options: ReadOptions) -> Entry:
    """Turn one record into an entry, by the mapping or by the names of its fields."""
    by_name = {_canonical(name): value for name, value in record.items() if name is not None}
    found = {
        field: _find_value(field, record, by_name, options.mapping)
        for field in ("text", "title", "id", "url", "published")
    }
    if not found["text"] and "text" not in options.mapping:
        found["text"] = _join_inverted_index(by_name.get(INVERTED_INDEX))
    if "published" not in options.mapping:
        found["published"] = _first_version(by_name.get("versions")) or found["published"]
    found["published"] = found["published"].removesuffix(".0")  # the same, in a CSV file
    if not found["url"] and (doi := _to_text(by_name.get("doi"))):
        found["url"] = doi if doi.startswith("http") else f"https://doi.org/{doi}"
    return build_entry(source=place, **found)


def _read_item(place: str, value: object, options: ReadOptions) -> Entry:
    if isinstance(value, str):
        value = {"text": value}
    if not _is_record(value):
        return Unreadable(place, f"neither a JSON object nor a string: {type(value).__name__}")
    entry = read_record(place, value, options)
    if isinstance(entry, Unreadable) and not _has_text_key(value, options):
        return Unreadable(
            place, f"no text; {_list_names(list(value), 'keys')}", entry.id, entry.excerpt
        )
    return entry


def _is_record(value: object) -> TypeGuard[Record]:
    return isinstance(value, dict)


def _has_text_key(value: object, options: ReadOptions) -> bool:
    if not _is_record(value):
        return isinstance(value, str)
    if "text" in options.mapping:
        return _look_up(value, options.mapping["text"]) is not None
    return any(map(is_text_name, value))


def _find_value(field: str, record: Record, by_name: Record, mapping: Mapping[str, str]) -> str:
    if field in mapping:
        value = _look_up(record, mapping[field])
        return _to_text(value) or _join_inverted_index(value)
    texts = (_to_text(by_name.get(name)) for name in SYNONYMS[field])
    return next((text for text in texts if text.strip()), "")


def _look_up(record: Record, key: str) -> object:
    if key in record:
        return record[key]
    value: object = record
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


@lru_cache(maxsize=4096)
def _canonical(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _to_text(value: object) -> str:
    """The text of a field; sections of a structured abstract are joined."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        sections = [value["text"]] if "text" in value else list(value.values())
        texts = [section for section in sections if isinstance(section, str)]
        return " ".join(texts) if len(texts) == len(sections) else ""
    if isinstance(value, list):
        return " ".join(_to_text(part) for part in value if isinstance(part, str | dict))
    if value is None or isinstance(value, bool) or value != value:  # noqa: PLR0124 - NaN
        return ""
    # A number that went through a column of floats.
    return str(value).removesuffix(".0")


def _join_inverted_index(index: object) -> str:
    """Rebuild a text from OpenAlex's map of words to their positions."""
    # Parquet gives maps as lists of pairs.
    pairs = list(index.items()) if isinstance(index, dict) else index
    if not isinstance(pairs, list):
        return ""
    placed: list[tuple[int, str]] = []
    for pair in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], list)):
            return ""
        placed.extend((at, str(pair[0])) for at in pair[1] if isinstance(at, int))
    return " ".join(word for _, word in sorted(placed))


def _first_version(versions: object) -> str:
    """The date of the first version in a line of arXiv's metadata snapshot."""
    first = versions[0] if isinstance(versions, list) and versions else None
    return _to_text(first.get("created")) if isinstance(first, dict) else ""


def _list_names(names: list[str], kind: str) -> str:
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"its {kind} are: {shown or '(none)'}; say which holds the text: --map text=NAME"
