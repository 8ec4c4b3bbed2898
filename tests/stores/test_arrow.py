import pyarrow as pa

from extractor.resources import data_folder
from extractor.stores.arrow import build_claims_schema, build_results_schema
from extractor.stores.arrow_text import render_arrow_schemas
from tests.stores.making import make_result


def test_the_published_tables_are_those_in_use() -> None:
    published = data_folder("schemas") / "tables.md"
    assert published.read_text("utf-8") == render_arrow_schemas(), "run `make schema`"


def test_a_row_of_results_has_the_keys_of_a_json_line() -> None:
    assert build_results_schema().names == list(make_result().to_record())


def test_numbers_are_numbers_and_lists_are_lists() -> None:
    schema = build_claims_schema()
    for name in schema.names:
        if name.endswith(("_number", "_high")):
            assert schema.field(name).type == pa.float64()
    assert schema.field("datasets").type == pa.list_(pa.string())
    assert schema.field("created").type == pa.timestamp("us", tz="UTC")
    assert build_claims_schema(flat=True).field("dataset").type == pa.string()
