from typing import Any

import pytest

from extractor.evaluation import Prediction, score
from tests.evaluation.examples import delta, document, fields, figure, in_words, memory, prediction

CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("wrong method", {"method": "StampNet"}),
    ("method and baseline swapped", {"method": "InkReader", "baselines": ["PostNet"]}),
    ("wrong value", {"value": figure(91.5, "%")}),
    ("wrong value", {"value": None}),
    ("wrong value", {"delta": delta(3, "points")}),
    ("wrong value", {"value": figure(91.4, "%", qualifier="about")}),
    ("wrong unit", {"value": figure(91.4, "points")}),
    ("wrong outcome", {"outcome": "worse"}),
    ("wrong metric", {"metric": "reading speed"}),
    ("wrong data set", {"datasets": ["StampBench"]}),
    ("wrong baseline", {"baselines": ["PenReader"]}),
    ("evidence elsewhere", {"evidence": "Sorting letters by hand is slow."}),
    ("wrong task", {"task": "weather forecasting"}),
]


def _causes(gold: list[Any], found: list[Any]) -> dict[str, int]:
    report = score([document(*gold)], {"d1": prediction(*found)})
    return {str(cause): points for cause, points in report.causes().items()}


@pytest.mark.parametrize(("cause", "change"), CHANGES)
def test_a_wrong_field_has_its_cause(cause: str, change: dict[str, Any]) -> None:
    assert _causes([fields()], [fields(**change)]) == {cause: 2}


def test_a_wrong_direction_has_its_cause() -> None:
    gold, found = fields(delta=delta(3)), fields(delta=delta(3, direction="decrease"))
    assert _causes([gold], [found]) == {"wrong direction": 2}


def test_the_weightiest_of_several_causes_counts() -> None:
    found = fields(value=figure(90, "%"), datasets=["StampBench"], outcome="worse")
    assert _causes([fields()], [found]) == {"wrong value": 2}


def test_missed_and_invented_claims() -> None:
    other = memory(method="StampNet", metric="speed", value=figure(7, "s"), evidence="by hand")
    assert _causes([memory()], []) == {"missed": 1}
    assert _causes([], [memory()]) == {"invented": 1}
    assert _causes([memory()], [other]) == {"invented": 1, "missed": 1}


def test_one_claim_given_as_two_is_split() -> None:
    whole = in_words(datasets=["MailBench", "StampBench"])
    parts = [in_words(datasets=["MailBench"]), in_words(datasets=["StampBench"])]
    assert _causes([whole], parts) == {"split": 1, "wrong data set": 2}


def test_two_claims_given_as_one_are_merged() -> None:
    whole = in_words(datasets=["MailBench", "StampBench"])
    parts = [in_words(datasets=["MailBench"]), in_words(datasets=["StampBench"])]
    assert _causes(parts, [whole]) == {"merged": 1, "wrong data set": 2}


def test_a_repeated_claim_is_split() -> None:
    assert _causes([fields()], [fields(), fields()]) == {"split": 1}


def test_lost_points_say_where_they_were_lost() -> None:
    report = score([document(memory(), fields())], {"d1": prediction(fields(outcome="worse"))})
    found = {(loss.cause, loss.gold, loss.predicted) for loss in report.losses["d1"]}
    assert found == {("missed", 0, None), ("wrong outcome", 1, 0)}


def test_a_failed_abstract_loses_all_its_claims() -> None:
    report = score([document(memory(), fields())], {"d1": Prediction(failed=True)})
    assert report.causes() == {"missed": 2}
    assert report.lost_credit() == {"missed": 2}
