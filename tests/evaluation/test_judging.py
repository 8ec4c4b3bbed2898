import pytest

from extractor.evaluation import Prediction, score
from tests.evaluation.examples import (
    document,
    fields,
    figure,
    in_words,
    memory,
    prediction,
    score_one,
)

UNTOLD = {"grounding", "invention", "specificity", "task_accuracy", "delta_accuracy"}


def test_gold_against_itself_is_right_everywhere() -> None:
    claims = [fields(), memory(), in_words(status="optional")]
    gold = [document(*claims), document(name="d2")]
    answers = {each.id: Prediction.of(each.claims) for each in gold}
    figures = score(gold, answers).figures()
    assert {name: value for name, value in figures.items() if value != 1} == {
        "invention": 0,
        "task_accuracy": None,
        "delta_accuracy": None,
    }


@pytest.mark.parametrize("found", [[], [in_words()], [in_words(baselines=["PenReader"])]])
def test_optional_claims_neither_earn_nor_cost(found: list[dict[str, object]]) -> None:
    gold = [fields(), in_words(status="optional")]
    figures = score_one(gold, [fields(), *found])
    assert figures["detection_f1"] == figures["soft_f1"] == figures["strict_f1"] == 1
    assert figures["figures_f1"] == 1


def test_figures_of_optional_claims_neither_earn_nor_cost() -> None:
    gold = [in_words(), memory(status="optional")]
    assert score_one(gold, [in_words(), memory()])["figures_f1"] is None
    assert score_one(gold, [in_words(), memory(value=figure(3.6, "GB"))])["figures_f1"] is None


def test_only_optional_claims_make_an_abstract_without_claims() -> None:
    gold = [memory(status="optional")]
    assert score_one(gold, [memory()])["specificity"] == 1
    assert score_one(gold, [memory(), in_words()])["specificity"] == 0


def test_a_duplicate_of_an_optional_claim_is_false() -> None:
    gold = [fields(), memory(status="optional")]
    assert score_one(gold, [fields(), memory(), memory()])["detection_precision"] == 0.5


def test_a_duplicate_with_other_evidence_is_a_duplicate() -> None:
    found = [fields(), fields(evidence="PostNet reaches an accuracy of 91.4%")]
    assert score_one([fields()], found)["detection_precision"] == 0.5


def test_the_assignment_is_the_best_as_a_whole() -> None:
    gold = [fields(), fields(value=figure(85, "%"), datasets=["StampBench"])]
    found = [fields(value=figure(85, "%")), fields(datasets=["StampBench"], value=figure(80, "%"))]
    assert score_one(gold, found)["detection_f1"] == 1


def test_partial_credit_lies_between_nothing_and_all() -> None:
    figures = score_one([fields()], [fields(datasets=["StampBench"])])
    assert 0.5 < figures["soft_f1"] < 1
    assert figures["strict_f1"] == 0
    assert figures["datasets_accuracy"] == 0
    assert figures["method_accuracy"] == 1


def test_fields_empty_on_both_sides_earn_nothing() -> None:
    other = in_words(method="StampNet", datasets=[], baselines=["PenReader"], evidence="It needs")
    assert score_one([in_words(datasets=[])], [other])["detection_f1"] == 0


def test_lists_are_compared_as_sets() -> None:
    names = ["MailBench", "StampBench", "InkBench"]
    assert score_one([fields(datasets=names)], [fields(datasets=names[::-1])])["strict_f1"] == 1
    figures = score_one([fields(datasets=names)], [fields(datasets=names[:2])])
    assert figures["datasets_accuracy"] == 0
    twice = [fields(datasets=["MailBench", "MailBench"])]
    assert score_one([fields()], twice)["datasets_accuracy"] == 0


def test_a_long_list_with_one_wrong_name_is_not_right() -> None:
    names = [f"Bench {letter}" for letter in "bcdefghijklmnopqrstuvw"]
    wrong = [*names[:-1], "Letterbox"]
    assert score_one([fields(datasets=names)], [fields(datasets=wrong)])["datasets_accuracy"] == 0


def test_figures_are_compared_with_their_role() -> None:
    swapped = fields(value=figure(88.2, "%"), baseline_value=figure(91.4, "%"))
    assert score_one([fields()], [swapped])["figures_f1"] == 0


def test_grounding_and_invention_are_read_from_the_text() -> None:
    found = [
        fields(),
        memory(value=figure(99, "GB"), evidence="needs 99 GB of memory"),
        in_words(),
    ]
    figures = score_one([fields()], found)
    assert figures["grounding"] == pytest.approx(2 / 3)
    assert figures["invention"] == pytest.approx(1 / 3)


def test_without_texts_nothing_is_said_about_grounding() -> None:
    figures = score([document(fields(), text=None)], {"d1": prediction(fields())}).figures()
    assert figures["grounding"] is None
    assert figures["soft_f1"] == 1


def test_predictions_of_unknown_abstracts_are_named() -> None:
    report = score([document(fields())], {"d9": prediction(fields())})
    assert report.unknown == ("d9",)
    assert report.absent == ("d1",)


def test_macro_figures_weigh_abstracts_alike() -> None:
    gold = [document(fields(), memory(), in_words()), document(fields(), name="d2")]
    report = score(gold, {"d1": Prediction(), "d2": prediction(fields())})
    assert report.figure("detection_f1") == pytest.approx(0.4)
    assert report.figure("detection_f1_macro") == 0.5
