from extractor.claims import Extraction
from extractor.resources import data_folder
from extractor.schema import build_schema, render_schema


def test_the_published_schema_is_the_one_in_use() -> None:
    published = data_folder("schemas") / "extraction.schema.json"
    assert published.read_text() == render_schema(), "run `make schema`"


def test_every_object_is_closed_and_lists_all_properties_as_strict_servers_want() -> None:
    schema = build_schema()
    for definition in [schema, *schema["$defs"].values()]:
        assert definition["additionalProperties"] is False
        assert definition["required"] == list(definition["properties"])


def test_no_length_limits_are_sent_since_constrained_servers_break_them() -> None:
    assert "maxLength" not in render_schema()


def test_a_model_that_leaves_out_null_fields_is_understood() -> None:
    answer = '{"claims": [{"method": "Foo", "outcome": "better", "evidence": "Foo wins"}]}'
    claim = Extraction.model_validate_json(answer).claims[0]
    assert (claim.value, claim.datasets, claim.metric) == (None, [], None)
