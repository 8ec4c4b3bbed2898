"""How the tables of a store came to be what they are, step by step, through Alembic.

They are code, and so they live in the package, where the type checker reads them and wheel and
editable installation hold them alike; `schemas/sql/` shows what comes of them.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from extractor.stores import tables

_STEPS = ScriptDirectory(str(Path(__file__).parent))


def migrate(connection: Connection, start: int | None, goal: int) -> None:
    """Bring the tables from one layout to a later one, within the connection's transaction.

    Args:
        connection: has begun a transaction, so that all of it is done or nothing.
        start: None for an empty database.
        goal: the layout to end with.
    """

    def list_steps(heads: Any, _context: MigrationContext) -> Iterable[Any]:
        return _STEPS._upgrade_revs(_name(goal), heads)

    context = MigrationContext.configure(
        connection, opts={"fn": list_steps, "version_table": tables.layouts.name}
    )
    if start is not None and context.get_current_revision() is None:
        # The first layout of SQLite kept its number outside the tables.
        context.stamp(_STEPS, _name(start))
    with Operations.context(context):
        context.run_migrations()


def _name(layout: int) -> str:
    return f"{layout:04}"
