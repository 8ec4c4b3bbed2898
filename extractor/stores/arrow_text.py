"""The Arrow schemas as a page to read, which stands in `schemas/`."""

from collections.abc import Iterator

import pyarrow as pa

from extractor.stores.arrow import build_claims_schema, build_results_schema

_HEAD = """\
# Tables in Arrow, Parquet and DuckDB

Written by `make schema` from the code; every column may be null unless its text says otherwise.
"""
_RESULTS = """
## Whole results

What `extractor run -o` and `extractor load` write into `.parquet`, and into the table `results` of
`.duckdb`: one row for each extraction of an abstract. Nothing is lost; names and nesting are those
of a JSON line. `claim` among the rejected, and `parameters`, are JSON in a string. `span` is
`[start, end)` in characters of `text`. `text` is null where an older file did not keep it.
"""
_CLAIMS = """
## Claims

What `extractor export` writes: one row for each claim of the newest extraction of each abstract
that did not fail. In CSV, lists of names are joined by `; ` and `problems` is JSON; in JSON lines,
`created` is ISO 8601. `method`, `outcome`, `evidence`, `claim_id`, `extraction_id` and `position`
(1, 2, ... within the extraction) are never null, and lists are never null but may be empty.
"""
_FLAT = """
## Flat claims

What `extractor export --flat` writes: one row for each claim, data set and baseline; a claim
without either has one row. Count claims by `claim_id`, not by rows.
"""


def render_arrow_schemas() -> str:
    """Write the schemas as they stand in `schemas/tables.md`."""
    parts = [_HEAD]
    for text, schema in (
        (_RESULTS, build_results_schema()),
        (_CLAIMS, build_claims_schema()),
        (_FLAT, build_claims_schema(flat=True)),
    ):
        lines = "".join(f"{line}\n" for field in schema for line in _render_field(field))
        parts.append(f"{text}\n```text\n{lines}```\n")
    return "".join(parts)


def _render_field(field: pa.Field, depth: int = 0) -> Iterator[str]:
    kind, inner = str(field.type), field.type
    if pa.types.is_list(inner):
        inner = inner.value_type
        kind = f"list of {'struct' if pa.types.is_struct(inner) else inner}"
    elif pa.types.is_struct(inner):
        kind = "struct"
    yield f"{'  ' * depth}{field.name}: {kind}"
    if pa.types.is_struct(inner):
        for part in inner:
            yield from _render_field(part, depth + 1)
