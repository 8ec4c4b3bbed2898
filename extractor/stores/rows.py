"""Turns results into rows of the tables, as the drivers of databases take them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from extractor.claims import Quantity
from extractor.documents import Abstract, hash_text
from extractor.results import CheckedClaim, Result
from extractor.stores import tables
from extractor.stores.tables import clean_text

Row = tuple[Any, ...]


def build_rows(results: Iterable[Result]) -> dict[str, list[Row]]:
    """Build the rows of all tables but `runs`, by the name of the table, parents first.

    A row has a value for each column, in their order; only `written`, the last column of
    `extractions`, is left to the store. Of one abstract there is one row, with its text if any
    result has it.
    """
    rows: dict[str, list[Row]] = {table.name: [] for table in tables.metadata.sorted_tables}
    del rows[tables.runs.name]
    claims, datasets, baselines = (
        rows[name] for name in ("claims", "claim_datasets", "claim_baselines")
    )
    abstracts: dict[str, Row] = {}
    for result in results:
        abstract_key = hash_abstract(result.abstract)
        if abstract_key not in abstracts or result.abstract.text:
            abstracts[abstract_key] = _build_abstract(abstract_key, result.abstract)
        rows["extractions"].append(_build_extraction(abstract_key, result))
        if result.status == "failed":
            # It has no claims, and may give way to one that has.
            continue
        extraction_id = result.provenance.extraction_id
        for position, claim in enumerate(result.claims, start=1):
            claims.append(_build_claim(extraction_id, position, claim))
            if claim.datasets:
                datasets += _build_names(extraction_id, position, claim.datasets)
            if claim.baselines:
                baselines += _build_names(extraction_id, position, claim.baselines)
    rows["abstracts"] += abstracts.values()
    return rows


def hash_abstract(abstract: Abstract) -> str:
    """The key of an abstract: sixteen digits over identifier, title and text."""
    return hash_text(f"{abstract.id}\n{abstract.title}\n{abstract.text_sha256}")[:16]


def _build_abstract(abstract_key: str, abstract: Abstract) -> Row:
    return (
        abstract_key,
        clean_text(abstract.id),
        clean_text(abstract.title),
        clean_text(abstract.text),
        clean_text(abstract.text_sha256),
        _clean(abstract.source),
        _clean(abstract.url),
        _clean(abstract.published),
    )


def _build_extraction(abstract_key: str, result: Result) -> Row:
    made = result.provenance
    return (
        made.extraction_id,
        abstract_key,
        clean_text(made.run_id),
        result.status,
        _clean(result.reason),
        _render_json([entry.model_dump(mode="json") for entry in result.rejected]),
        clean_text(made.model),
        clean_text(made.prompt),
        clean_text(made.schema_),
        clean_text(made.mode),
        _render_json(made.parameters),
        int(made.cache_hit),
        made.attempts,
        made.tokens_in,
        made.tokens_out,
        made.tokens_cached,
        made.cost_usd,
        made.latency_s,
        clean_text(made.created),
        _clean(made.base_url),
        made.max_reasks,
        None if made.skip_checks is None else _render_json(made.skip_checks),
    )


def _build_claim(extraction_id: str, position: int, claim: CheckedClaim) -> Row:
    start, end = claim.span or (None, None)
    return (
        extraction_id,
        position,
        clean_text(claim.claim_id),
        clean_text(claim.method),
        _clean(claim.task),
        _clean(claim.metric),
        *_build_quantity(claim.value),
        *_build_quantity(claim.baseline_value),
        *_build_quantity(claim.delta),
        claim.delta.direction if claim.delta else None,
        claim.outcome,
        clean_text(claim.evidence),
        start,
        end,
        _render_json([problem.model_dump() for problem in claim.problems]),
    )


def _build_quantity(quantity: Quantity | None) -> Row:
    if quantity is None:
        return (None, None, None, None)
    return (quantity.number, quantity.high, _clean(quantity.unit), quantity.qualifier)


def _build_names(extraction_id: str, position: int, names: Sequence[str]) -> list[Row]:
    return [
        (extraction_id, position, ordinal, clean_text(name))
        for ordinal, name in enumerate(names, start=1)
    ]


def _clean(text: str | None) -> str | None:
    return None if text is None else clean_text(text)


def _render_json(value: Any) -> str:
    if not value:
        return "[]" if isinstance(value, list) else "{}"
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        # A rejected claim is kept as the model gave it, but JSON knows no NaN.
        return json.dumps(json.loads(json.dumps(value), parse_constant=lambda _: None))
