"""Turns results into rows of the tables, and rows into claims."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from extractor.claims import Quantity
from extractor.documents import Abstract, hash_text
from extractor.results import CheckedClaim, Result
from extractor.stores import tables

Row = dict[str, Any]


def build_rows(results: Sequence[Result]) -> dict[str, list[Row]]:
    """Build the rows of all tables but `runs`, by the name of the table, parents first."""
    rows: dict[str, list[Row]] = {table.name: [] for table in tables.metadata.sorted_tables}
    del rows[tables.runs.name]
    for result in results:
        rows["abstracts"].append(_build_abstract(result.abstract))
        rows["extractions"].append(_build_extraction(result))
        extraction_id = result.provenance.extraction_id
        for position, claim in enumerate(result.claims, start=1):
            place = {"extraction_id": extraction_id, "position": position}
            rows["claims"].append(place | _build_claim(claim))
            rows["claim_datasets"] += _build_names(place, claim.datasets)
            rows["claim_baselines"] += _build_names(place, claim.baselines)
    return rows


def hash_abstract(abstract: Abstract) -> str:
    """The key of an abstract: sixteen digits over identifier, title and text."""
    return hash_text(f"{abstract.id}\n{abstract.title}\n{abstract.text_sha256}")[:16]


def read_claim_rows(connection: Connection, rows: Sequence[RowMapping]) -> Iterator[dict[str, Any]]:
    """Put claims together again from their rows, with the names that belong to them."""
    wanted = {row["extraction_id"] for row in rows}
    datasets = _read_names(connection, tables.claim_datasets, wanted)
    baselines = _read_names(connection, tables.claim_baselines, wanted)
    for row in rows:
        place = (row["extraction_id"], row["position"])
        delta = _read_quantity("delta", row)
        yield {
            **{name: row[name] for name in ("id", "title", "method", "task")},
            "datasets": datasets[place],
            "metric": row["metric"],
            "value": _read_quantity("value", row),
            "baselines": baselines[place],
            "baseline_value": _read_quantity("baseline_value", row),
            "delta": delta and {**delta, "direction": row["delta_direction"]},
            **{name: row[name] for name in ("outcome", "evidence")},
            "span": None if row["span_start"] is None else [row["span_start"], row["span_end"]],
            "claim_id": row["claim_id"],
        }


def _read_names(
    connection: Connection, table: Table, extraction_ids: set[str]
) -> dict[tuple[str, int], list[str]]:
    names: dict[tuple[str, int], list[str]] = defaultdict(list)
    query = (
        select(table.c.extraction_id, table.c.position, table.c.name)
        .where(table.c.extraction_id.in_(extraction_ids))
        .order_by(table.c.ordinal)
    )
    for extraction_id, position, name in connection.execute(query):
        names[extraction_id, position].append(name)
    return names


def _read_quantity(role: str, row: RowMapping) -> Row | None:
    if row[f"{role}_number"] is None:
        return None
    parts = ("number", "high", "unit", "qualifier")
    return Quantity(**{part: row[f"{role}_{part}"] for part in parts}).model_dump()


def _build_abstract(abstract: Abstract) -> Row:
    return {
        "abstract_key": hash_abstract(abstract),
        "text_sha256": abstract.text_sha256,
        **dict(abstract),
    }


def _build_extraction(result: Result) -> Row:
    return {
        **result.provenance.model_dump(),
        "abstract_key": hash_abstract(result.abstract),
        "status": result.status,
        "reason": result.reason,
        "rejected": [entry.model_dump(mode="json") for entry in result.rejected],
    }


def _build_claim(claim: CheckedClaim) -> Row:
    start, end = claim.span or (None, None)
    return {
        "claim_id": claim.claim_id,
        "method": claim.method,
        "task": claim.task,
        "metric": claim.metric,
        **_build_quantity("value", claim.value),
        **_build_quantity("baseline_value", claim.baseline_value),
        **_build_quantity("delta", claim.delta),
        "delta_direction": claim.delta.direction if claim.delta else None,
        "outcome": claim.outcome,
        "evidence": claim.evidence,
        "span_start": start,
        "span_end": end,
        "problems": [problem.model_dump() for problem in claim.problems],
    }


def _build_quantity(role: str, quantity: Quantity | None) -> Row:
    return {
        f"{role}_{part}": getattr(quantity, part) if quantity else None
        for part in ("number", "high", "unit", "qualifier")
    }


def _build_names(place: Row, names: list[str]) -> list[Row]:
    return [
        {**place, "ordinal": ordinal, "name": name} for ordinal, name in enumerate(names, start=1)
    ]
