"""Puts results and claims together again from the rows of the tables."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, RowMapping, Table, select

from extractor.claims import Claim
from extractor.documents import Abstract, hash_text
from extractor.errors import StoreError
from extractor.results import CheckedClaim, Provenance, Result
from extractor.stores import tables

Row = dict[str, Any]

_NO_TEXT = hash_text("")
_SHOWN = {*Claim.model_fields, "span", "claim_id"}
_PARTS = ("number", "high", "unit", "qualifier")


def assemble_results(
    connection: Connection, rows: Sequence[RowMapping], pass_over: Callable[[StoreError], None]
) -> Iterator[Result]:
    """Make results of rows of `extractions` joined with `abstracts`, in their order.

    Args:
        connection: reads what belongs to them.
        rows: at most as many as there may be parameters in a statement.
        pass_over: told what is wrong with one that is not what this program writes; it is left
            out, unless this raises.
    """
    claims = _read_claims(connection, {row["extraction_id"] for row in rows})
    for row in rows:
        try:
            yield _assemble_result(row, claims[row["extraction_id"]])
        except ValidationError as error:
            pass_over(_explain(row, error))


def assemble_claims(connection: Connection, rows: Sequence[RowMapping]) -> Iterator[Row]:
    """Make claims, as they are shown, of rows of `claims` with `id` and `title`, in their order.

    Raises:
        StoreError: one is not what this program writes.
    """
    names = _read_names(connection, {row["extraction_id"] for row in rows})
    for row in rows:
        try:
            claim = CheckedClaim.model_validate(_assemble_claim(row, names))
        except ValidationError as error:
            raise _explain(row, error) from error
        fields = claim.model_dump(mode="json", include=_SHOWN)
        yield {"id": row["id"], "title": row["title"], **fields}


def assemble_abstract(row: RowMapping) -> Abstract:
    """Make an abstract of a row; of some only the fingerprint of the text was kept."""
    fields = {name: row[name] for name in Abstract.model_fields}
    if row["text"] or row["text_sha256"] == _NO_TEXT:
        return Abstract(**fields)
    del fields["text"]
    return Abstract.without_text(row["text_sha256"], **fields)


def _explain(row: RowMapping, error: ValidationError) -> StoreError:
    wrong = error.errors()[0]
    place = ".".join(map(str, wrong["loc"]))
    return StoreError(
        f"extraction {row['extraction_id']} ({row['id']}) is not whole: {place}: {wrong['msg']}"
    )


def _assemble_result(row: RowMapping, claims: Sequence[Row]) -> Result:
    fields = (field.alias or name for name, field in Provenance.model_fields.items())
    return Result(
        abstract=assemble_abstract(row),
        status=row["status"],
        reason=row["reason"],
        claims=[CheckedClaim.model_validate(claim) for claim in claims],
        rejected=row["rejected"],
        provenance=Provenance.model_validate({name: row[name] for name in fields}),
    )


def _read_claims(connection: Connection, extraction_ids: set[str]) -> dict[str, list[Row]]:
    names = _read_names(connection, extraction_ids)
    query = (
        select(tables.claims)
        .where(tables.claims.c.extraction_id.in_(extraction_ids))
        .order_by(tables.claims.c.extraction_id, tables.claims.c.position)
    )
    claims: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        claims[row["extraction_id"]].append(_assemble_claim(row, names))
    return claims


def _assemble_claim(row: RowMapping, names: dict[tuple[str, str, int], list[str]]) -> Row:
    place = (row["extraction_id"], row["position"])
    delta = _assemble_quantity("delta", row)
    return {
        **{name: row[name] for name in ("claim_id", "method", "task", "metric")},
        "datasets": names["claim_datasets", *place],
        "value": _assemble_quantity("value", row),
        "baselines": names["claim_baselines", *place],
        "baseline_value": _assemble_quantity("baseline_value", row),
        "delta": delta and {**delta, "direction": row["delta_direction"]},
        **{name: row[name] for name in ("outcome", "evidence", "problems")},
        "span": None if row["span_start"] is None else (row["span_start"], row["span_end"]),
    }


def _assemble_quantity(role: str, row: RowMapping) -> Row | None:
    if row[f"{role}_number"] is None:
        return None
    return {part: row[f"{role}_{part}"] for part in _PARTS}


def _read_names(
    connection: Connection, extraction_ids: set[str]
) -> dict[tuple[str, str, int], list[str]]:
    """The names by their table and the place of their claim."""
    names: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for table in (tables.claim_datasets, tables.claim_baselines):
        for extraction_id, position, name in connection.execute(_name_query(table, extraction_ids)):
            names[table.name, extraction_id, position].append(name)
    return names


def _name_query(table: Table, extraction_ids: set[str]) -> Any:
    return (
        select(table.c.extraction_id, table.c.position, table.c.name)
        .where(table.c.extraction_id.in_(extraction_ids))
        .order_by(table.c.ordinal)
    )
