"""Writes what the migrations lay out into schemas/sql/, for people and other programs to read.

`python -m tests.sql_schema` renews it; a test fails when it has drifted.
"""

from pathlib import Path
from textwrap import dedent

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from extractor.stores import tables
from extractor.stores.views import render_views

FOLDER = Path(__file__).resolve().parents[1] / "schemas" / "sql"
DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


def render_schema(dialect: Dialect) -> str:
    """Write the statements that create tables, indexes and views."""
    statements = [f"-- Layout {tables.LAYOUT}, for {dialect.name}; written by `make schema`."]
    for table in tables.metadata.sorted_tables:
        statements.append(_render(CreateTable(table), dialect))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [_render(CreateIndex(index), dialect) for index in indexes]
    statements += [dedent(view).strip() + ";" for view in render_views("written")]
    return "\n\n".join(statements) + "\n"


def _render(element: CreateTable | CreateIndex, dialect: Dialect) -> str:
    lines = str(element.compile(dialect=dialect)).strip().expandtabs(4).splitlines()
    return "\n".join(line.rstrip() for line in lines) + ";"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, dialect in DIALECTS.items():
        (FOLDER / f"{name}.sql").write_text(render_schema(dialect), encoding="utf-8")
