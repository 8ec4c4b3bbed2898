"""Files that appear as a whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractor.errors import StoreError

_SUFFIX = ".new"
# What DuckDB puts beside a database while it writes.
_LOG_SUFFIX = ".wal"


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give the name of a new file, which takes the place of an old one when the block is done.

    A link stays one; what it leads to is replaced.

    Raises:
        StoreError: it could not be written; then what was there before is untouched.
    """
    final = path.resolve()
    beside = final.with_name(f".{final.name}.{secrets.token_hex(4)}{_SUFFIX}")
    try:
        try:
            yield beside
            with beside.open("rb+") as written:
                os.fsync(written.fileno())
            if final.exists():
                shutil.copymode(final, beside)
            beside.replace(final)
        finally:
            for left in (beside, beside.with_name(f"{beside.name}{_LOG_SUFFIX}")):
                left.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error


def remove_leftovers(path: Path) -> None:
    """Remove what writers that were killed left beside a file; none may be writing it."""
    final = path.resolve()
    for beside in final.parent.iterdir():
        name = beside.name.removesuffix(_LOG_SUFFIX)
        if name.startswith(f".{final.name}.") and name.endswith(_SUFFIX):
            beside.unlink(missing_ok=True)
