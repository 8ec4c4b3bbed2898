import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import InputError
from extractor.evaluation import export_tasks, import_annotations, make_labelling_config
from tests.evaluation.examples import TEXT, delta, document, fields, figure, in_words, memory
from tests.evaluation.test_properties import labels


def _travel(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    copied: list[dict[str, Any]] = json.loads(json.dumps(tasks))
    return copied


@given(st.lists(labels.filter(lambda claim: claim["evidence"] in TEXT), max_size=4), st.booleans())
def test_labels_come_back_as_they_went(claims: list[dict[str, Any]], by_place: bool) -> None:
    gold = document(*claims)
    if by_place:
        placed = [
            claim.model_copy(update={"span": (start, start + len(claim.evidence))})
            for claim in gold.claims
            if (start := TEXT.find(claim.evidence)) >= 0
        ]
        gold = gold.model_copy(update={"claims": placed})
    assert import_annotations(_travel(export_tasks([gold]))) == [gold]


def test_annotations_win_over_pre_labels() -> None:
    gold = document(fields(), memory(status="optional"))
    (task,) = _travel(export_tasks([gold]))
    kept = [item for item in task["predictions"][0]["result"] if item["id"] == "claim-1"]
    task["annotations"] = [{"result": []}, {"result": kept}, {"was_cancelled": True, "result": []}]
    (imported,) = import_annotations([task])
    assert imported.claims == gold.claims[1:]
    task["annotations"] = [{"result": []}]
    assert import_annotations([task])[0].claims == []


def test_a_new_region_becomes_a_label() -> None:
    (task,) = _travel(export_tasks([document(fields())]))
    place = {"start": 113, "end": 150}
    task["annotations"] = [
        {
            "result": [
                {"id": "q7", "from_name": "claim", "value": {**place, "labels": ["claim"]}},
                {"id": "q7", "from_name": "method", "value": {**place, "text": "PostNet"}},
                {"id": "q7", "from_name": "outcome", "value": {**place, "choices": ["better"]}},
                {"id": "q7", "from_name": "delta_number", "value": {**place, "text": ["2.5"]}},
                {"id": "q7", "from_name": "delta_direction", "value": {"choices": ["decrease"]}},
            ]
        }
    ]
    (claim,) = import_annotations([task])[0].claims
    assert claim.evidence == "It also beats InkReader on StampBench"
    assert claim.delta is not None and claim.delta.number == 2.5
    assert claim.delta.qualifier == "exact"


def test_the_interface_names_every_control_of_an_export() -> None:
    gold = document(
        fields(value=figure(1, "%", high=2), baseline_value=figure(1), delta=delta(3, "x")),
        in_words(task="sorting"),
    )
    interface = {node.get("name") for node in ET.fromstring(make_labelling_config()).iter()}
    used = {item["from_name"] for item in export_tasks([gold])[0]["predictions"][0]["result"]}
    assert used <= interface


def test_tasks_need_texts_and_quotes() -> None:
    with pytest.raises(InputError, match="no text to label"):
        export_tasks([document(fields(), text=None)])
    with pytest.raises(InputError, match="not in its text"):
        export_tasks([document(fields(evidence="nowhere"))])


@pytest.mark.parametrize("task", [{}, {"data": {}}, {"data": {"id": "a", "text": "b"}}])
def test_other_tasks_are_refused(task: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="task 1"):
        import_annotations([task])


def test_an_unfinished_annotation_is_named() -> None:
    (task,) = _travel(export_tasks([document(fields())]))
    result = task["predictions"][0]["result"]
    task["annotations"] = [{"result": [item for item in result if item["from_name"] != "outcome"]}]
    with pytest.raises(InputError, match="task 1: outcome"):
        import_annotations([task])
