"""Reads results and claims back, from whatever a run has written."""

from collections.abc import Callable, Iterator
from itertools import compress
from pathlib import Path
from typing import Any

from extractor.claims import Claim
from extractor.documents import hash_text
from extractor.results import Result
from extractor.stores.files import read_records
from extractor.stores.jsonl import Record, parse_record
from extractor.stores.targets import find_kind, find_path

_SHOWN = {*Claim.model_fields, "span", "claim_id"}


def read_results(target: str, *, history: bool = False) -> Iterator[Result]:
    """Read whole results back, with text, rejected claims and provenance.

    Of each abstract comes the newest extraction that did not fail, else the newest failed one.

    Args:
        target: a file, told by its content, a folder of files, or the URL of a database.
        history: every extraction instead.

    Raises:
        ConfigError: the URL is of an unknown kind.
        StoreError: there is no such store, or it is none of this program.
    """
    path = find_path(target)
    if path is None or (path.is_file() and find_kind(str(path)) == "sqlite"):
        from extractor.stores.sql_reading import read_results as read_database  # noqa: PLC0415

        return read_database(target, history=history)
    return _read_file(path, history)


def read_claims(target: str) -> Iterator[dict[str, Any]]:
    """Read the current claims of a store.

    Yields:
        A claim's ten fields, `span` and `claim_id`, with the `id` and `title` of its abstract.

    Raises:
        ExtractorError: as `read_results` does.
    """
    for result in read_results(target):
        for claim in result.claims:
            fields = claim.model_dump(mode="json", include=_SHOWN)
            yield {"id": result.abstract.id, "title": result.abstract.title, **fields}


def _read_file(path: Path, history: bool) -> Iterator[Result]:
    records = read_records(path)
    if not history:
        records = compress(records, _find_current(lambda: read_records(path)))
    return (parse_record(path, record) for record in records)


def _find_current(read: Callable[[], Iterator[Record]]) -> Iterator[bool]:
    """Tell of each record whether it is the newest of its abstract; one that failed counts last.

    Of those of one second it is the last that was written.
    """
    newest: dict[str, tuple[bool, str, int]] = {}
    total = 0
    for number, record in enumerate(read()):
        key = hash_text(f"{record['id']}\n{record['title']}\n{record['text_sha256']}")[:32]
        age = (record["status"] != "failed", str(record["provenance"].get("created")), number)
        newest[key] = max(age, newest.get(key, age))
        total += 1
    current = {number for _, _, number in newest.values()}
    return (number in current for number in range(total))
