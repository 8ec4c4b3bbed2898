import re
from pathlib import Path

import pytest

from extractor.stores import tables
from tests.sql_schema import DIALECTS, FOLDER, render_schema
from tests.stores.databases import query, write

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "stores.md"


@pytest.mark.parametrize("name", DIALECTS)
def test_the_published_schema_is_that_of_the_tables(name: str) -> None:
    published = (FOLDER / f"{name}.sql").read_text("utf-8")
    assert published == render_schema(DIALECTS[name]), "run `make schema`"


def test_the_guide_names_every_table_and_column() -> None:
    named = set(re.findall(r"`(\w+)`", GUIDE.read_text("utf-8")))
    for table in tables.metadata.tables.values():
        assert {table.name, *table.columns.keys()} <= named


def test_the_questions_of_the_guide_are_answered(database: str) -> None:
    write(database)
    for sql in re.findall(r"```sql\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL):
        for statement in filter(str.strip, sql.split(";")):
            assert query(database, statement) == []
