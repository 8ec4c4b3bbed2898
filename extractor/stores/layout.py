"""Lays out an empty database as the migrations would, without loading them."""

from sqlalchemy import Connection, insert, text

from extractor.stores import tables
from extractor.stores.views import render_views


def create_layout(connection: Connection) -> None:
    """Create the tables and views of the newest layout, and note its number."""
    tables.metadata.create_all(connection, checkfirst=False)
    for statement in render_views("written"):
        connection.execute(text(statement))
    tables.layouts.create(connection)
    connection.execute(insert(tables.layouts).values(version_num=f"{tables.LAYOUT:04}"))
