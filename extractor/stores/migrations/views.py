"""Creates and replaces the views within a migration."""

from alembic import op

from extractor.stores.views import render_views


def create_views(tie: str) -> None:
    """Create the views; `render_views` says which."""
    for statement in render_views(tie):
        op.execute(statement)


def replace_views(tie: str) -> None:
    """Give the views, whose columns stay, another definition.

    PostgreSQL drops none that a view of somebody else depends on; SQLite replaces none, but drops
    any.
    """
    if op.get_context().dialect.name == "postgresql":
        for statement in render_views(tie):
            op.execute(statement.replace("CREATE", "CREATE OR REPLACE", 1))
        return
    op.execute("DROP VIEW claims_flat")
    op.execute("DROP VIEW current_claims")
    create_views(tie)
