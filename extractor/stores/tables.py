"""The tables of a SQL store, normalised, and a flat view for people."""

from sqlalchemy import (
    JSON,
    Column,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

SCHEMA_VERSION = 1
# Stands in the file and tells it from the databases of other programs.
APPLICATION_ID = 0x436C6D45

metadata = MetaData()


class Text(TypeDecorator[str]):
    """Any text; a lone surrogate, which no encoding has, becomes U+FFFD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Make the text fit for UTF-8."""
        if value is None or value.isascii():
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


runs = Table(
    "runs",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("model", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("started", Text, nullable=False),
    Column("finished", Text),
)

abstracts = Table(
    "abstracts",
    metadata,
    Column("abstract_key", Text, primary_key=True),  # hash of id, title and text
    Column("id", Text, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_sha256", Text, nullable=False, index=True),
    Column("source", Text),
    Column("url", Text),
    Column("published", Text),
)

extractions = Table(
    "extractions",
    metadata,
    Column("extraction_id", Text, primary_key=True),
    Column(
        "abstract_key",
        ForeignKey("abstracts.abstract_key", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("rejected", JSON, nullable=False),
    Column("model", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("schema", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("cache_hit", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("tokens_cached", Integer, nullable=False),
    Column("cost_usd", Float),
    Column("latency_s", Float, nullable=False),
    Column("created", Text, nullable=False),
)


def _quantity_columns(role: str) -> list[Column[object]]:
    return [
        Column(f"{role}_number", Float),
        Column(f"{role}_high", Float),
        Column(f"{role}_unit", Text),
        Column(f"{role}_qualifier", Text),
    ]


claims = Table(
    "claims",
    metadata,
    Column(
        "extraction_id",
        ForeignKey("extractions.extraction_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True),  # 1, 2, ... within its extraction
    Column("claim_id", Text, nullable=False, index=True),
    Column("method", Text, nullable=False, index=True),
    Column("task", Text),
    Column("metric", Text, index=True),
    *_quantity_columns("value"),
    *_quantity_columns("baseline_value"),
    *_quantity_columns("delta"),
    Column("delta_direction", Text),
    Column("outcome", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("span_start", Integer),
    Column("span_end", Integer),
    Column("problems", JSON, nullable=False),
)


def _name_table(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("extraction_id", Text, primary_key=True),
        Column("position", Integer, primary_key=True),
        Column("ordinal", Integer, primary_key=True),  # 1, 2, ... within its claim
        Column("name", Text, nullable=False),
        ForeignKeyConstraint(
            ["extraction_id", "position"],
            ["claims.extraction_id", "claims.position"],
            ondelete="CASCADE",
        ),
        Index(f"ix_{name}_name", "name"),
    )


claim_datasets = _name_table("claim_datasets")
claim_baselines = _name_table("claim_baselines")

VIEWS = {
    # The newest extraction of an abstract that did not fail; older ones stay beside it. Of those
    # of one second, the one that was written last.
    "current_claims": """
        SELECT claims.* FROM claims
        WHERE extraction_id IN (
            SELECT extraction_id FROM (
                SELECT extraction_id, ROW_NUMBER() OVER (
                    PARTITION BY abstract_key ORDER BY created DESC, rowid DESC
                ) AS age
                FROM extractions WHERE status <> 'failed'
            ) AS ranked WHERE age = 1
        )
    """,
    # One row for each claim, data set and baseline, with the names of everything spelled out.
    "claims_flat": """
        SELECT
            abstracts.id, abstracts.title, abstracts.published, abstracts.url,
            claims.method, claims.task, claim_datasets.name AS dataset, claims.metric,
            claims.value_number, claims.value_high, claims.value_unit, claims.value_qualifier,
            claim_baselines.name AS baseline,
            claims.baseline_value_number, claims.baseline_value_high, claims.baseline_value_unit,
            claims.baseline_value_qualifier,
            claims.delta_number, claims.delta_high, claims.delta_unit, claims.delta_qualifier,
            claims.delta_direction,
            claims.outcome, claims.evidence, claims.span_start, claims.span_end,
            extractions.model, extractions.prompt, extractions.created,
            claims.claim_id, claims.extraction_id, claims.position
        FROM current_claims AS claims
        JOIN extractions ON extractions.extraction_id = claims.extraction_id
        JOIN abstracts ON abstracts.abstract_key = extractions.abstract_key
        LEFT JOIN claim_datasets
            ON claim_datasets.extraction_id = claims.extraction_id
            AND claim_datasets.position = claims.position
        LEFT JOIN claim_baselines
            ON claim_baselines.extraction_id = claims.extraction_id
            AND claim_baselines.position = claims.position
    """,
}
