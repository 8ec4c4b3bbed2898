"""Whole results as CSV: a row for each claim, and one for an abstract without claims."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import get_args, get_origin

from extractor.claims import Delta, Quantity
from extractor.documents import Abstract, hash_text
from extractor.errors import StoreError
from extractor.results import CheckedClaim, Provenance
from extractor.stores.files.csv import read_rows, split_cell, write_rows
from extractor.stores.jsonl import Record, dump_json

_QUANTITIES: dict[str, type[Quantity]] = {
    "value": Quantity,
    "baseline_value": Quantity,
    "delta": Delta,
}
_SPAN = ("span_start", "span_end")
# Whether a field holds a list or an object, which stand as JSON.
_OF_PROVENANCE = {
    field.alias or name: any(
        get_origin(kind) in (list, dict) for kind in (field.annotation, *get_args(field.annotation))
    )
    for name, field in Provenance.model_fields.items()
}
_NEEDED = {"id", "title", "text_sha256", "status", "claim_id", "extraction_id"}
_NO_TEXT = hash_text("")


def _list_claim_columns() -> Iterator[str]:
    for name in CheckedClaim.model_fields:
        if name in _QUANTITIES:
            yield from (f"{name}_{part}" for part in _QUANTITIES[name].model_fields)
        else:
            yield from _SPAN if name == "span" else (name,)


_COLUMNS = tuple(
    dict.fromkeys(
        (
            *("id", "title", "status", "reason"),
            *_list_claim_columns(),
            *_OF_PROVENANCE,
            "rejected",
            *Abstract.model_fields,
            "text_sha256",
        )
    )
)


def write_results(path: Path, records: Iterable[Record]) -> None:
    """Write a new file of whole results.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        write_rows(file, _COLUMNS, (row for record in records for row in _build_rows(record)))


def read_results(path: Path) -> Iterator[Record]:
    """Read the results of a file back, as they stand on JSON lines.

    Raises:
        StoreError: the file is damaged, cannot be read, or holds something else.
    """
    rows = read_rows(path, _NEEDED)
    for _, group in groupby(rows, key=itemgetter("extraction_id")):
        try:
            yield _build_record(list(group))
        except ValueError as error:
            raise StoreError(f"{path}: a cell that should hold JSON: {error}") from error


def _build_rows(record: Record) -> Iterator[Record]:
    shared = {name: record.get(name) for name in _COLUMNS}
    for name in _OF_PROVENANCE:
        value = record["provenance"].get(name)
        shared[name] = dump_json(value) if isinstance(value, (dict, list)) else value
    for claim in record["claims"] or [{}]:
        row = shared | {name: claim.get(name) for name in CheckedClaim.model_fields}
        for role in _QUANTITIES:
            row |= {f"{role}_{part}": value for part, value in (claim.get(role) or {}).items()}
        row |= dict(zip(_SPAN, claim.get("span") or (None, None), strict=True))
        yield row


def _build_record(rows: Sequence[Mapping[str, str]]) -> Record:
    first = rows[0]
    record: Record = {
        name: first[name] for name in ("id", "title", "text", "text_sha256", "status")
    }
    if not record["text"] and record["text_sha256"] != _NO_TEXT:
        del record["text"]
    record |= {name: first[name] or None for name in ("reason", "source", "url", "published")}
    record["claims"] = [_build_claim(row) for row in rows if row["claim_id"]]
    record["rejected"] = json.loads(first["rejected"] or "[]")
    record["provenance"] = {
        name: json.loads(first[name]) if is_nested else first[name]
        for name, is_nested in _OF_PROVENANCE.items()
        if first.get(name)
    }
    return record


def _build_claim(row: Mapping[str, str]) -> Record:
    claim: Record = {
        name: _build_quantity(row, name) if name in _QUANTITIES else row.get(name) or None
        for name in CheckedClaim.model_fields
    }
    start, end = (row[name] for name in _SPAN)
    return claim | {
        **{name: split_cell(row[name]) for name in ("datasets", "baselines")},
        "evidence": row["evidence"],
        "span": [int(start), int(end)] if start else None,
        "problems": json.loads(row["problems"] or "[]"),
    }


def _build_quantity(row: Mapping[str, str], role: str) -> Record | None:
    if not row[f"{role}_number"]:
        return None
    return {part: row[f"{role}_{part}"] or None for part in _QUANTITIES[role].model_fields}
