"""Readers: files, folders, standard input and tables to abstracts, one entry at a time."""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path

from extractor.errors import ConfigError, InputError
from extractor.readers.detection import detect_format, refuse_binary
from extractor.readers.encoding import check_encoding
from extractor.readers.entries import Entry, MissingTextError, ReadOptions, Unreadable
from extractor.readers.records import check_mapping
from extractor.readers.sources import Source, describe_source, find_files, is_table, open_source

__all__ = ["FORMATS", "Entry", "ReadOptions", "Unreadable", "read_abstracts"]

# Modules by format, imported when they are needed: some bring a heavy dependency.
_MODULES = {
    "jsonl": "json_lines",
    "json": "json_document",
    "csv": "table",
    "tsv": "table",
    "parquet": "parquet",
    "bibtex": "bibtex",
    "atom": "atom",
    "page": "page",
    "text": "plain_text",
}
FORMATS: tuple[str, ...] = tuple(_MODULES)
"""Names of the formats, for `ReadOptions.format`."""

_BYTE_FORMATS = ("parquet", "atom")


def read_abstracts(
    sources: Iterable[str | Path], *, options: ReadOptions | None = None
) -> Iterator[Entry]:
    """Read abstracts one by one from files, folders (recursively), tables and standard input.

    A table is named by the URL of its database, as in `postgresql://user@host/name?table=papers`
    or `sqlite:///file.db?table=papers`; standard input is `-`.

    Any source may be gzip-compressed. The format of each is told from its content unless
    `options` names one. Memory stays constant however long a source is.

    What goes wrong with one entry (a line that is no JSON, a row with too many fields, no text)
    is an `Unreadable` in its place, and reading goes on. What goes wrong with a whole source (it
    is binary, empty, breaks off) is one `Unreadable` too, after the entries that came before, and
    the next source is read. An error is raised only where the command line is to blame, or where
    there is nothing else to read; and it is raised by the call, before the first entry.

    Returns:
        Entries in the order of the sources; duplicates are kept.

    Raises:
        InputError: a path does not exist; a folder has no file of known suffix; format or mapped
            field is unknown; the first source has no column or key for texts; or the one and only
            source cannot be read at all.
        ConfigError: what reads the only source is not installed; a URL names no table.
    """
    options = options or ReadOptions()
    if options.format is not None and options.format not in FORMATS:
        raise InputError(f"unknown format {options.format!r}; known: {', '.join(FORMATS)}")
    check_mapping(options.mapping)
    entries = _read_files(find_files(sources), options)
    first = next(entries, None)
    return entries if first is None else chain([first], entries)


def _read_files(files: list[str], options: ReadOptions) -> Iterator[Entry]:
    has_begun = False
    for number, file in enumerate(files):
        name = place = describe_source(file)
        try:
            for entry, read_to in _read_file(file, options):
                place = read_to
                has_begun = True
                yield entry
        except MissingTextError as error:
            if number == 0 and not has_begun:
                raise MissingTextError(f"{name}: {error}") from error
            has_begun = True
            yield Unreadable(name, str(error))
        except (InputError, ConfigError) as error:
            if len(files) == 1 and not has_begun:
                raise
            has_begun = True
            yield Unreadable(place, str(error).removeprefix(f"{name}: "))


def _read_file(file: str, options: ReadOptions) -> Iterator[tuple[Entry, str]]:
    """Read entries, each with the place that reading has come to."""
    if is_table(file):
        # SQLAlchemy takes a sixth of a second to import.
        from extractor.readers import database  # noqa: PLC0415

        yield from database.read(file, options)
        return
    with open_source(file) as source:
        for entry in _read_source(source, options):
            yield entry, source.place


def _read_source(source: Source, options: ReadOptions) -> Iterator[Entry]:
    name = options.format or detect_format(source, options)
    if name not in _BYTE_FORMATS:
        refuse_binary(source)
        if name != "jsonl":
            check_encoding(source)
    read: Callable[[Source, ReadOptions], Iterator[Entry]] = import_module(
        f"extractor.readers.{_MODULES[name]}"
    ).read
    yield from read(source, options)
