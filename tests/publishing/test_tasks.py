import json
import logging

import pytest

from extractor.documents import Abstract
from extractor.evaluation import import_annotations
from extractor.publishing.tasks import render_tasks
from extractor.results import Result
from tests.queries.saying import figure, say
from tests.stores.making import make_result

CLAIM = {
    "method": "FooNet",
    "datasets": ["BarBench"],
    "value": figure(91.2, qualifier="at_least"),
    "delta": figure(2, "x", high=3, direction="decrease"),
    "evidence": "FooNet has > 91.2%",
    "span": (6, 24),
}
PAPER = say("a", CLAIM, text="Here: FooNet has > 91.2%. FooNet wins.")


def test_claims_come_back_from_label_studio_as_labels() -> None:
    by_quote = {"method": "QuxNet", "evidence": "wins", "span": None}
    said = say("b", by_quote, text="QuxNet wins.")
    labels = import_annotations(json.loads("".join(render_tasks([PAPER, said]))))
    assert [(label.id, label.title, label.text) for label in labels] == [
        ("a", "On a", PAPER.abstract.text),
        ("b", "On b", "QuxNet wins."),
    ]
    for label, result in zip(labels, (PAPER, said), strict=True):
        (claim,), (stored,) = label.claims, result.claims
        fields = stored.model_dump(exclude={"claim_id", "problems"})
        assert claim.model_dump(exclude={"status"}) == fields


def test_the_model_is_named_and_abstracts_without_claims_wait_for_labels() -> None:
    tasks = json.loads("".join(render_tasks([PAPER, make_result(id="b", claims=[], model="n")])))
    versions = [task["predictions"][0]["model_version"] for task in tasks]
    assert versions == ["m", "n"]
    assert tasks[1]["predictions"][0]["result"] == []


@pytest.mark.parametrize(
    ("left_out", "warning"),
    [
        (
            Result(
                abstract=Abstract.without_text("0" * 64, id="x"),
                status="claims",
                claims=PAPER.claims,
                provenance=PAPER.provenance,
            ),
            "left out 1 abstract without text",
        ),
        (
            say("x", {"evidence": "not there", "span": None}),
            "left out 1 claim without a place in its text",
        ),
    ],
)
def test_what_has_no_place_is_left_out_and_counted(
    caplog: pytest.LogCaptureFixture, left_out: Result, warning: str
) -> None:
    with caplog.at_level(logging.WARNING):
        tasks = json.loads("".join(render_tasks([PAPER, left_out])))
    assert sum(bool(task["predictions"][0]["result"]) for task in tasks) == 1
    assert caplog.messages == [warning]


def test_no_results_are_no_tasks() -> None:
    assert json.loads("".join(render_tasks([]))) == []
