"""Reads claims back, from whatever a run has written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extractor.claims import Claim
from extractor.errors import StoreError
from extractor.stores.jsonl import read_records

_SQLITE_MAGIC = b"SQLite format 3\x00"
_SHOWN = (*Claim.model_fields, "span", "claim_id")


def read_claims(path: Path) -> Iterator[dict[str, Any]]:
    """Read the current claims of a database or a JSONL file, told apart by their content.

    Yields:
        A claim's ten fields, `span` and `claim_id`, with the `id` and `title` of its abstract.

    Raises:
        StoreError: there is no such file, or it is neither.
    """
    if is_database(path):
        from extractor.stores.sql import read_current_claims  # noqa: PLC0415

        return read_current_claims(path)
    return _read_jsonl(path)


def is_database(path: Path) -> bool:
    """Tell a SQLite database from anything else by its first bytes.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error


def _read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The claims of the last line of each abstract that did not fail."""
    newest = {
        (record["id"], record["text_sha256"]): number
        for number, record in enumerate(read_records(path))
        if record["status"] != "failed"
    }
    wanted = set(newest.values())
    for number, record in enumerate(read_records(path)):
        if number in wanted:
            for claim in record["claims"]:
                if not isinstance(claim, dict) or not claim.keys() >= set(_SHOWN):
                    raise StoreError(f"{path}: a claim of {record['id']} is not whole")
                shown = {name: claim[name] for name in _SHOWN}
                yield {"id": record["id"], "title": record["title"], **shown}
