"""Turns results into rows of the tables."""

from collections.abc import Sequence
from typing import Any

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
