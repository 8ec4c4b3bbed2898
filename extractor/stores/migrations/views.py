"""Creates and drops the views within a migration."""

from alembic import op

from extractor.stores.views import render_views


def create_views(tie: str) -> None:
    """Create the views; `render_views` says which."""
    for statement in render_views(tie):
        op.execute(statement)


def drop_views() -> None:
    """Drop the views, since they are bound to their columns."""
    op.execute("DROP VIEW claims_flat")
    op.execute("DROP VIEW current_claims")
