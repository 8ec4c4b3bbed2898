"""The tables of a SQL store, normalised, as the migrations leave them.

Beside them there are two views for people, `current_claims` and `claims_flat`; see
`extractor.stores.views`.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from extractor.documents import replace_surrogates

# The last of the migrations.
LAYOUT = 2

metadata = MetaData()


class Text(TypeDecorator[str]):
    """Any text, compared by its code points; `clean_text` says what is replaced in it."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Compare alike everywhere, whatever the locale of a server."""
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(collation=collation))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Make the text fit for a database."""
        return None if value is None else clean_text(value)


def clean_text(text: str) -> str:
    """Replace what a database cannot hold by U+FFFD: lone surrogates and NUL."""
    return replace_surrogates(text).replace("\0", "\N{REPLACEMENT CHARACTER}")


def _index(table: str, column: str) -> Index:
    """An index over text of any length, which the usual kind of PostgreSQL cannot hold."""
    return Index(f"ix_{table}_{column}", column, postgresql_using="spgist")


layouts = Table(
    "store_version",
    MetaData(),  # Alembic's own, named as by Alembic
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="store_version_pkc"),
)

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
    Column("id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_sha256", Text, nullable=False, index=True),
    Column("source", Text),
    Column("url", Text),
    Column("published", Text),
    _index("abstracts", "id"),
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
    # None where a version wrote it that did not record them.
    Column("base_url", Text),
    Column("max_reasks", Integer),
    Column("skip_checks", JSON),
    # 1, 2, ... in the order of writing; tells the newest of those of one second.
    Column("written", BigInteger, nullable=False, server_default="0", index=True),
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
    Column("method", Text, nullable=False),
    Column("task", Text),
    Column("metric", Text),
    *_quantity_columns("value"),
    *_quantity_columns("baseline_value"),
    *_quantity_columns("delta"),
    Column("delta_direction", Text),
    Column("outcome", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("span_start", Integer),
    Column("span_end", Integer),
    Column("problems", JSON, nullable=False),
    _index("claims", "method"),
    _index("claims", "metric"),
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
        _index(name, "name"),
    )


claim_datasets = _name_table("claim_datasets")
claim_baselines = _name_table("claim_baselines")
