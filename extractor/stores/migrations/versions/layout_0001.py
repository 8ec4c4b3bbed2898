"""The first layout, which was SQLite's alone."""

import sqlalchemy as sa
from alembic import op

from extractor.stores.migrations.views import create_views

revision = "0001"
down_revision = None

_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_QUANTITY = (("number", sa.Float()), ("high", sa.Float()), ("unit", _TEXT), ("qualifier", _TEXT))


def upgrade() -> None:
    """Create the tables and the views."""
    _create_abstracts()
    _create_extractions()
    _create_claims()
    for name in ("claim_datasets", "claim_baselines"):
        _create_names(name)
    create_views("rowid" if op.get_context().dialect.name == "sqlite" else "extraction_id")


def _create_abstracts() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", _TEXT, primary_key=True),
        sa.Column("model", _TEXT, nullable=False),
        sa.Column("prompt", _TEXT, nullable=False),
        sa.Column("started", _TEXT, nullable=False),
        sa.Column("finished", _TEXT),
    )
    op.create_table(
        "abstracts",
        sa.Column("abstract_key", _TEXT, primary_key=True),
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("title", _TEXT, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("text_sha256", _TEXT, nullable=False),
        sa.Column("source", _TEXT),
        sa.Column("url", _TEXT),
        sa.Column("published", _TEXT),
    )
    _index_any_text("abstracts", "id")
    _index("abstracts", "text_sha256")


def _create_extractions() -> None:
    abstract_key = sa.ForeignKey("abstracts.abstract_key", ondelete="CASCADE")
    op.create_table(
        "extractions",
        sa.Column("extraction_id", _TEXT, primary_key=True),
        sa.Column("abstract_key", _TEXT, abstract_key, nullable=False),
        sa.Column("run_id", _TEXT, sa.ForeignKey("runs.run_id"), nullable=False),
        sa.Column("status", _TEXT, nullable=False),
        sa.Column("reason", _TEXT),
        sa.Column("rejected", sa.JSON(), nullable=False),
        sa.Column("model", _TEXT, nullable=False),
        sa.Column("prompt", _TEXT, nullable=False),
        sa.Column("schema", _TEXT, nullable=False),
        sa.Column("mode", _TEXT, nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("cache_hit", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("tokens_cached", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Float()),
        sa.Column("latency_s", sa.Float(), nullable=False),
        sa.Column("created", _TEXT, nullable=False),
    )
    _index("extractions", "abstract_key")
    _index("extractions", "run_id")


def _create_claims() -> None:
    extraction_id = sa.ForeignKey("extractions.extraction_id", ondelete="CASCADE")
    op.create_table(
        "claims",
        sa.Column("extraction_id", _TEXT, extraction_id, primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("claim_id", _TEXT, nullable=False),
        sa.Column("method", _TEXT, nullable=False),
        sa.Column("task", _TEXT),
        sa.Column("metric", _TEXT),
        *(
            sa.Column(f"{role}_{part}", kind)
            for role in ("value", "baseline_value", "delta")
            for part, kind in _QUANTITY
        ),
        sa.Column("delta_direction", _TEXT),
        sa.Column("outcome", _TEXT, nullable=False),
        sa.Column("evidence", _TEXT, nullable=False),
        sa.Column("span_start", sa.Integer()),
        sa.Column("span_end", sa.Integer()),
        sa.Column("problems", sa.JSON(), nullable=False),
    )
    _index("claims", "claim_id")
    _index_any_text("claims", "method")
    _index_any_text("claims", "metric")


def _create_names(table: str) -> None:
    op.create_table(
        table,
        sa.Column("extraction_id", _TEXT, primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("ordinal", sa.Integer(), primary_key=True),
        sa.Column("name", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["extraction_id", "position"],
            ["claims.extraction_id", "claims.position"],
            ondelete="CASCADE",
        ),
    )
    _index_any_text(table, "name")


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])


def _index_any_text(table: str, column: str) -> None:
    # The usual kind of index of PostgreSQL refuses long texts.
    op.create_index(f"ix_{table}_{column}", table, [column], postgresql_using="spgist")
