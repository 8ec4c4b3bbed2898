"""What `retry` has to know of a server and of checks, and an order of writing."""

import sqlalchemy as sa
from alembic import op

from extractor.stores.migrations.views import replace_views

revision = "0002"
down_revision = "0001"

_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_ORDERED = """
    UPDATE extractions SET written = ordered.place
    FROM (
        SELECT extraction_id AS ordered_id,
            ROW_NUMBER() OVER (ORDER BY created, extraction_id) AS place
        FROM extractions
    ) AS ordered
    WHERE extraction_id = ordered_id
"""


def upgrade() -> None:
    """Add the columns, and let the view tell the newest by the order of writing."""
    for column in (
        sa.Column("base_url", _TEXT),
        sa.Column("max_reasks", sa.Integer()),
        sa.Column("skip_checks", sa.JSON()),
        sa.Column("written", sa.BigInteger(), nullable=False, server_default="0"),
    ):
        op.add_column("extractions", column)
    # SQLite has kept the order; elsewhere the time has to do.
    if op.get_context().dialect.name == "sqlite":
        op.execute("UPDATE extractions SET written = rowid")
    else:
        op.execute(_ORDERED)
    op.create_index("ix_extractions_written", "extractions", ["written"])
    replace_views("written")
