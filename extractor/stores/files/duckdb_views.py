"""Views over the table of whole results in a DuckDB database, for people and dashboards."""

from extractor.stores.claim_rows import list_columns

# As in a SQL store: of each abstract the newest extraction that did not fail.
_CURRENT_RESULTS = """
    SELECT * FROM results WHERE status <> 'failed'
    QUALIFY 1 = row_number() OVER (
        PARTITION BY id, title, text_sha256 ORDER BY provenance.created DESC, rowid DESC
    )
"""
_CLAIMS = """(
    SELECT result, unnest(result.claims) AS claim,
        generate_subscripts(result.claims, 1) AS position
    FROM current_results AS result
)"""
_SPREAD = """
    LEFT JOIN unnest(claim.datasets) AS datasets(dataset) ON true
    LEFT JOIN unnest(claim.baselines) AS baselines(baseline) ON true
"""

_OF_ABSTRACT = ("id", "title", "published", "url", "source", "text_sha256")
_OF_PROVENANCE = ("model", "prompt", "extraction_id", "run_id")
_QUANTITIES = ("value", "baseline_value", "delta")
_PARTS = ("number", "high", "unit", "qualifier", "direction")


def build_views() -> dict[str, str]:
    """The queries of the views by their names; the columns are those of `extractor export`."""
    claims = ("SELECT ", _list_expressions(flat=False), " FROM ", _CLAIMS)
    flat = ("SELECT ", _list_expressions(flat=True), " FROM ", _CLAIMS, _SPREAD)
    return {
        "current_results": _CURRENT_RESULTS,
        "claims": "".join(claims),
        "claims_flat": "".join(flat),
    }


def _list_expressions(*, flat: bool) -> str:
    expressions = {
        "created": "result.provenance.created::TIMESTAMPTZ",
        "span_start": "claim.span[1]",
        "span_end": "claim.span[2]",
        **{name: name for name in ("position", "dataset", "baseline")},
        **{name: f"result.{name}" for name in _OF_ABSTRACT},
        **{name: f"result.provenance.{name}" for name in _OF_PROVENANCE},
        **{f"{role}_{part}": f"claim.{role}.{part}" for role in _QUANTITIES for part in _PARTS},
    }
    return ", ".join(
        f"{expressions.get(name, f'claim.{name}')} AS {name}" for name in list_columns(flat=flat)
    )
