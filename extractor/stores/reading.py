"""Reads results and claims back, from whatever a run has written."""

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from extractor.claims import Claim
from extractor.documents import hash_text
from extractor.errors import StoreError
from extractor.identifiers import IdentifierSet
from extractor.results import Result
from extractor.stores.files import list_skipped, read_records
from extractor.stores.jsonl import Record, parse_record
from extractor.stores.protocol import RunRecord
from extractor.stores.targets import holds_tables

_log = logging.getLogger(__name__)
_SHOWN = {*Claim.model_fields, "span", "claim_id"}


def raise_at_once(error: StoreError) -> None:
    """Let a result that is not whole end the reading.

    Raises:
        StoreError: always.
    """
    raise error


def read_results(
    target: str,
    *,
    history: bool = False,
    pass_over: Callable[[StoreError], None] = raise_at_once,
) -> Iterator[Result]:
    """Read whole results back, with text, rejected claims and provenance.

    Of each abstract comes the newest extraction that did not fail, else the newest failed one.

    Args:
        target: a file, told by its content, a folder of files, or the URL of a database. A
            warning names the databases and folders in a folder, which are left out.
        history: every extraction instead.
        pass_over: told of a result that is not whole; it is left out, unless this raises.

    Raises:
        ConfigError: the URL is of an unknown kind.
        StoreError: there is no such store, or it is none of this program.
    """
    if holds_tables(target):
        from extractor.stores.sql_reading import read_results as read_database  # noqa: PLC0415

        return read_database(target, history=history, pass_over=pass_over)
    path = Path(target)
    if path.is_dir() and (skipped := list_skipped(path)):
        _log.warning("%s: left out %s; name each of them to read it", path, ", ".join(skipped))
    return _read_file(path, history, pass_over)


def read_runs(target: str) -> Iterator[RunRecord]:
    """Read the runs that a store remembers; files remember none, and neither does a new database.

    Raises:
        ExtractorError: as `read_results` does.
    """
    if not holds_tables(target):
        return iter(())
    from extractor.stores.sql_reading import read_runs as read_database_runs  # noqa: PLC0415

    return read_database_runs(target)


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


def _read_file(
    path: Path, history: bool, pass_over: Callable[[StoreError], None]
) -> Iterator[Result]:
    records = read_records(path)
    if not history:
        records = _choose(records, _find_current(read_records(path)))
    for record in records:
        try:
            result = parse_record(path, record)
        except StoreError as error:
            pass_over(error)
        else:
            yield result


def _find_current(records: Iterable[Record]) -> IdentifierSet:
    """Find the newest extraction of each abstract; one that failed counts last.

    Of those of one second it is the last that was written.
    """
    newest: dict[str, tuple[bool, str, str]] = {}
    for record in records:
        key = hash_text(f"{record['id']}\n{record['title']}\n{record['text_sha256']}")[:32]
        age = (record["status"] != "failed", str(record["provenance"].get("created")))
        if key not in newest or age >= newest[key][:2]:
            newest[key] = (*age, _identify(record))
    return IdentifierSet(identifier for _, _, identifier in newest.values())


def _choose(records: Iterable[Record], current: IdentifierSet) -> Iterator[Record]:
    """Take the current ones, each once.

    They are told by what they are, not by their place, since a run may write meanwhile.
    """
    taken = IdentifierSet()
    for record in records:
        identifier = _identify(record)
        if identifier in current and taken.add(identifier):
            yield record


def _identify(record: Record) -> str:
    """Tell an extraction also from a failed or earlier one that it stands for."""
    made = record["provenance"]
    parts = (made["extraction_id"], made.get("created"), record["status"] == "failed")
    return hash_text("\n".join(map(str, parts)))[:16]
