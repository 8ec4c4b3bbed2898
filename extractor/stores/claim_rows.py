"""Claims as rows of a table: typed columns that are the same in every format."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import product
from typing import Any, Literal

from extractor.errors import StoreError
from extractor.results import CheckedClaim, Result

Row = dict[str, Any]
ColumnType = Literal["text", "number", "integer", "time", "texts", "problems"]

_QUANTITIES = ("value", "baseline_value", "delta")
_PARTS: dict[str, ColumnType] = {
    "number": "number",
    "high": "number",
    "unit": "text",
    "qualifier": "text",
}
# In a flat table each row names one of them, under the name in the singular.
_SPREAD = {"datasets": "dataset", "baselines": "baseline"}


@cache
def list_columns(*, flat: bool = False) -> Mapping[str, ColumnType]:
    """Name the columns of a table of claims, with their types.

    Args:
        flat: one row for each claim, data set and baseline, instead of one for each claim.
    """
    columns: dict[str, ColumnType] = {
        **dict.fromkeys(("id", "title", "published", "url", "method", "task"), "text"),
        "datasets": "texts",
        "metric": "text",
        **_list_parts("value"),
        "baselines": "texts",
        **_list_parts("baseline_value"),
        **_list_parts("delta"),
        **dict.fromkeys(("delta_direction", "outcome", "evidence"), "text"),
        **dict.fromkeys(("span_start", "span_end"), "integer"),
        "problems": "problems",
        **dict.fromkeys(("model", "prompt"), "text"),
        "created": "time",
        **dict.fromkeys(("claim_id", "extraction_id"), "text"),
        "position": "integer",
        **dict.fromkeys(("run_id", "source", "text_sha256"), "text"),
    }
    if not flat:
        return columns
    return {
        _SPREAD.get(name, name): "text" if name in _SPREAD else kind
        for name, kind in columns.items()
    }


def build_rows(
    result: Result, position: int, claim: CheckedClaim, *, flat: bool = False
) -> Iterator[Row]:
    """Make the rows of a claim.

    Args:
        result: what the claim belongs to.
        position: 1, 2, ... within the result.
        claim: the claim.
        flat: one row for each data set and baseline; a claim without either has one too.

    Yields:
        Values by the names of the columns, in their order; times are still ISO 8601.
    """
    row = _build_row(result, claim, position)
    if flat:
        yield from _spread(row)
    else:
        yield row


def read_time(text: str) -> datetime:
    """Read a time in ISO 8601; it is UTC unless it says otherwise.

    Raises:
        StoreError: it is none.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise StoreError(f"an extraction was made at '{text}', which is no time") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _list_parts(role: str) -> dict[str, ColumnType]:
    return {f"{role}_{part}": kind for part, kind in _PARTS.items()}


def _build_row(result: Result, claim: CheckedClaim, position: int) -> Row:
    found = claim.model_dump(mode="json")
    provenance = result.provenance
    start, end = claim.span or (None, None)
    filled = {
        **dict(result.abstract),
        **found,
        **{
            f"{role}_{part}": value
            for role in _QUANTITIES
            for part, value in (found[role] or {}).items()
        },
        "span_start": start,
        "span_end": end,
        "position": position,
        "text_sha256": result.abstract.text_sha256,
        **{name: getattr(provenance, name) for name in ("extraction_id", "run_id", "created")},
        **{name: getattr(provenance, name) for name in ("model", "prompt")},
    }
    return {name: filled.get(name) for name in list_columns()}


def _spread(row: Mapping[str, Any]) -> Iterator[Row]:
    for dataset, baseline in product(row["datasets"] or [None], row["baselines"] or [None]):
        named = {"dataset": dataset, "baseline": baseline}
        yield {
            _SPREAD.get(name, name): named.get(_SPREAD.get(name, name), value)
            for name, value in row.items()
        }
