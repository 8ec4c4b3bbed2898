"""Mistakes of published scorers, each of which this one must not make."""

import random

import pytest

from extractor.evaluation import ClaimMatcher, Prediction, score
from tests.evaluation.examples import (
    delta,
    document,
    fields,
    figure,
    in_words,
    memory,
    prediction,
    score_one,
)


def test_a_blank_result_earns_nothing() -> None:
    # SciLead's scorer gives precision and recall of 1 to a blank result.
    blank = {"method": "", "outcome": "reported", "evidence": ""}
    for predicted in ([], [blank]):
        figures = score_one([fields(), memory()], predicted)
        assert figures["detection_f1"] == 0
        assert figures["detection_recall"] == 0
        assert figures["soft_f1"] == 0
        assert figures["figures_f1"] == 0


@pytest.mark.parametrize("role", ["value", "baseline_value", "delta"])
def test_a_number_that_contains_another_is_not_that_number(role: str) -> None:
    # SciLead's scorer finds 28.4 in 128.47.
    right, wrong = figure(28.4, "%"), figure(128.47, "%")
    if role == "delta":
        right, wrong = delta(28.4, "%"), delta(128.47, "%")
    figures = score_one([memory(**{role: right})], [memory(**{role: wrong})])
    assert figures[f"{role}_accuracy"] == 0
    assert figures["strict_f1"] == 0


def test_one_claim_repeated_has_no_recall_above_one() -> None:
    # SciLead's scorer reaches a recall of 2.0 with one tuple repeated.
    figures = score_one([fields(), memory()], [fields()] * 4)
    assert figures["detection_recall"] == 0.5
    assert figures["detection_precision"] == 0.25
    assert figures["figures_recall"] == pytest.approx(2 / 3)


def test_one_claim_eight_times_is_seven_false_claims() -> None:
    # NLPContributionGraph's scorer reaches a recall of 2.0 with one triple eight times.
    figures = score_one([fields()], [fields()] * 8)
    assert figures["detection_recall"] == 1
    assert figures["detection_precision"] == 1 / 8
    assert figures["strict_precision"] == 1 / 8
    assert figures["figures_precision"] == 1 / 8


def test_order_of_predictions_does_not_matter() -> None:
    # nervaluate's strict F1 moves between 0.4 and 0.8 with the order of predictions.
    gold = document(fields(), memory(), in_words())
    found = [
        in_words(datasets=["MailBench"]),
        fields(value=figure(91, "%")),
        memory(),
        fields(),
        in_words(),
    ]
    seen = set()
    for seed in range(20):
        random.Random(seed).shuffle(found)
        seen.add(tuple(score([gold], {"d1": prediction(*found)}).figures().items()))
    assert len(seen) == 1


def test_a_figure_is_compared_as_a_whole() -> None:
    # Stickler takes "F1 92.4" for 192.4.
    figures = score_one([fields(value=figure(92.4))], [fields(value=figure(192.4))])
    assert figures["value_accuracy"] == 0


def test_points_are_not_percent() -> None:
    # Stickler takes "+2.3 points" for "2.3%".
    figures = score_one([memory(delta=delta(2.3, "points"))], [memory(delta=delta(2.3, "%"))])
    assert figures["delta_accuracy"] == 0
    assert figures["figures_f1"] == 0.5


def test_a_proportion_equals_its_percentage() -> None:
    # Stickler takes 0.952 for another figure than 95.2%.
    figures = score_one([fields(value=figure(0.952))], [fields(value=figure(95.2, "%"))])
    assert figures["value_accuracy"] == 1
    assert figures["figures_f1"] == 1


@pytest.mark.parametrize(
    ("metric", "number"), [("perplexity", 0.952), ("latency", 0.952), ("accuracy", 1.2)]
)
def test_only_a_proportion_equals_a_percentage(metric: str, number: float) -> None:
    gold = fields(metric=metric, value=figure(number))
    found = fields(metric=metric, value=figure(number * 100, "%"))
    assert score_one([gold], [found])["value_accuracy"] == 0


def test_a_difference_is_never_taken_for_a_proportion() -> None:
    gold, found = fields(delta=delta(0.02)), fields(delta=delta(2, "%"))
    assert score_one([gold], [found])["delta_accuracy"] == 0


def test_inventions_in_an_abstract_without_claims_cost() -> None:
    # SciREX's scorer skips documents without gold, so that inventions there are free.
    gold = [document(fields()), document(name="d2")]
    silent = score(gold, {"d1": prediction(fields()), "d2": Prediction()})
    inventive = score(gold, {"d1": prediction(fields()), "d2": prediction(fields(), memory())})
    assert silent.figure("detection_f1") == 1
    assert inventive.figure("detection_f1") == 0.5
    assert inventive.figure("detection_f1_macro") == 0.5
    assert silent.figure("specificity") == 1
    assert inventive.figure("specificity") == 0


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("CIFAR-10", "CIFAR-100"),
        ("SST-2", "SST-5"),
        ("GPT-4", "GPT-4o"),
        ("Llama 2", "Llama 3"),
        ("7B", "70B"),
    ],
)
def test_names_alike_by_letters_are_not_equal(name: str, other: str) -> None:
    # Edit distance finds these pairs up to 0.89 alike.
    assert ClaimMatcher().registry.similarity(name, other) == 0
    figures = score_one([fields(datasets=[name])], [fields(datasets=[other])])
    assert figures["datasets_accuracy"] == 0
    assert figures["strict_f1"] == 0


def test_a_failed_abstract_counts_as_all_missed() -> None:
    gold = [document(fields()), document(memory(), in_words(), name="d2")]
    for answers in ({}, {"d2": Prediction(failed=True)}):
        report = score(gold, {"d1": prediction(fields()), **answers})
        assert report.figure("detection_recall") == pytest.approx(1 / 3)
        assert report.failed == ("d2",)


def test_a_failure_is_not_the_same_as_no_claims() -> None:
    gold = [document()]
    assert score(gold, {"d1": Prediction()}).figure("specificity") == 1
    assert score(gold, {"d1": Prediction(failed=True)}).figure("specificity") == 0
