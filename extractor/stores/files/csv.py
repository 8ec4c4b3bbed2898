"""CSV that a spreadsheet opens without running anything, and that can be read back."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from extractor.documents import replace_surrogates
from extractor.errors import StoreError
from extractor.stores.jsonl import check_names, dump_json

# What a spreadsheet takes for the beginning of a formula, full-width forms too; and the mark
# that is put before it, which is put before itself as well, so that taking it off is safe.
_MARK = "'"
_MARKED = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20']")
_SEPARATOR = "; "
_LISTED = re.compile(r"(?:[^\\;]|\\.)+", re.DOTALL)
_LINE_END = "\r\n"
_LONGEST_CELL = 2**31 - 1


def write_rows(file: IO[str], columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a heading and rows: lists of names joined by `; `, other lists and objects as JSON."""
    names = list(columns)
    file.write(",".join(names) + _LINE_END)
    for row in rows:
        file.write(",".join(_write_cell(row[name]) for name in names) + _LINE_END)


def read_rows(path: Path, needed: Collection[str]) -> Iterator[dict[str, str]]:
    """Read rows back, every cell as the text that was written.

    Args:
        path: the file.
        needed: columns that tell it from others.

    Raises:
        StoreError: the file cannot be read, it lacks columns, or a row is not as long as the
            heading.
    """
    # The limit of the library would refuse long abstracts.
    csv.field_size_limit(_LONGEST_CELL)
    try:
        # A spreadsheet that saves the file puts a byte order mark before it.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            names = next(reader, [])
            check_names(path, names, needed)
            for cells in reader:
                if len(cells) != len(names):
                    raise StoreError(f"{path}:{reader.line_num}: a row of {len(cells)} cells")
                yield dict(zip(names, map(_take_off_mark, cells), strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: not a sound CSV file: {error}") from error
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error


def split_cell(cell: str) -> list[str]:
    """Take the names of a list apart again."""
    found = (part.removeprefix(" ") for part in _LISTED.findall(cell))
    return [re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in found]


def _write_cell(value: Any) -> str:
    """Make a value a cell: a text that might be run as a formula gets a `'` before it."""
    if isinstance(value, (bool, Mapping)):
        value = dump_json(value)
    elif isinstance(value, list):
        is_names = all(isinstance(name, str) for name in value)
        value = _join(value) if is_names else dump_json(value)
    if not isinstance(value, str):
        return "" if value is None else str(value)
    if not value:
        return ""
    text = replace_surrogates(_MARK + value if _MARKED.match(value) else value)
    # Quoted, whatever it holds: many a spreadsheet splits what is not at semicolons too, and
    # takes what follows one for the beginning of a cell.
    return '"' + text.replace('"', '""') + '"'


def _join(names: Iterable[str]) -> str:
    return _SEPARATOR.join(re.sub(r"[\\;]", r"\\\g<0>", name) for name in names)


def _take_off_mark(cell: str) -> str:
    return cell.removeprefix(_MARK)
