import json
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import ConfigError, InputError
from extractor.evaluation import (
    MEASURES,
    GoldDocument,
    GoldProvenance,
    Prediction,
    ScoreCard,
    ScoringRules,
    SystemProvenance,
    compare_cards,
    find_shortfalls,
    load_score_card,
    make_score_card,
    resolve_measure,
    score,
)
from extractor.evaluation.measures import evaluate
from tests.evaluation.examples import document, fields, figure, in_words, memory, prediction

GOLD = [
    document(fields(), memory(), in_words(), name=f"dp-{number}")
    if number % 4
    else document(name=f"dp-{number}")
    for number in range(40)
]


def _answer(each: GoldDocument, number: int, losing: int) -> Prediction:
    if not each.claims:
        return Prediction()
    spoiled = fields(value=figure(90, "%")) if number % 3 == 0 else fields()
    return prediction(spoiled, in_words()) if number % losing == 1 else Prediction.of(each.claims)


def _card(losing: int = 5, gold: list[GoldDocument] = GOLD, **more: Any) -> ScoreCard:
    answers = {each.id: _answer(each, number, losing) for number, each in enumerate(gold)}
    return make_score_card(
        score(gold, answers),
        GoldProvenance.of("invented", gold),
        SystemProvenance(model="patterns", **more),
        created="2026-11-21T00:00:00Z",
        ceiling={"soft_f1": 0.9},
    )


def test_a_card_comes_back_as_it_was_written(tmp_path: Path) -> None:
    card = _card()
    (tmp_path / "card.json").write_text(card.to_json())
    assert load_score_card(tmp_path / "card.json") == card
    assert set(card.figures) == set(MEASURES)
    assert card.gold.required == 90
    assert len(card.to_json().splitlines()) < 1000


def test_the_rows_of_a_card_hold_its_figures() -> None:
    card = _card()
    for name, estimate in card.figures.items():
        again = float(evaluate(MEASURES[name], card.counts().sum(axis=0)))
        expected = float("nan") if estimate.value is None else estimate.value
        assert again == pytest.approx(expected, nan_ok=True), name


def test_slices_look_at_kinds_of_claims_and_abstracts() -> None:
    slices = _card().slices
    assert {
        "claims with figures",
        "claims in words",
        "outcome better",
        "no claims",
        "source dp",
    } <= (slices.keys())
    assert slices["claims in words"]["detection_f1"].value == 1
    assert (slices["claims with figures"]["detection_f1"].value or 1) < 1
    assert slices["source dp"]["soft_f1"] == _card().figures["soft_f1"]


@pytest.mark.parametrize("content", ["{", "{}", '{"figures": 3}'])
def test_a_broken_card_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "card.json").write_text(content)
    with pytest.raises(InputError, match=r"card\.json: not a score card"):
        load_score_card(tmp_path / "card.json")
    with pytest.raises(InputError, match=r"none\.json"):
        load_score_card(tmp_path / "none.json")


def test_a_card_differs_from_itself_by_exactly_zero() -> None:
    comparison = compare_cards(_card(), _card())
    for difference in comparison.figures.values():
        assert difference.value in (0, None)
        assert difference.low in (0, None) and difference.high in (0, None)
        assert difference.p_value in (1, None)
    assert not comparison.gained and not comparison.lost and not comparison.causes
    assert not comparison.is_worse()


def test_a_worse_card_is_told_with_place_and_cause() -> None:
    better, worse = _card(cost_usd=2.0, latency_s=1.0), _card(losing=2, cost_usd=0.5)
    comparison = compare_cards(better, worse)
    assert (comparison.figures["soft_f1"].value or 0) < -0.05
    assert (comparison.figures["soft_f1"].p_value or 1) < 0.05
    assert comparison.is_worse() and comparison.is_worse(margin=0.05)
    assert not comparison.is_worse(margin=0.5)
    assert not compare_cards(worse, better).is_worse()
    assert {(place.abstract, place.place) for place in comparison.lost} >= {("dp-3", 1)}
    assert {(place.abstract, place.place) for place in comparison.gained} == {
        ("dp-6", 1),
        ("dp-26", 1),
    }
    assert comparison.causes["missed"] > 0
    assert (comparison.slices["claims with figures"]["soft_f1"].value or 0) < 0
    assert comparison.slices["claims in words"]["soft_f1"].value == 0
    assert comparison.cost_usd == -1.5
    assert comparison.latency_s is None


def test_the_order_of_abstracts_in_a_card_does_not_matter() -> None:
    card = _card()
    turned = card.model_copy(update={"abstracts": card.abstracts[::-1]})
    assert compare_cards(card, turned).figures["soft_f1"].value == 0


def test_cards_that_say_nothing_about_each_other_are_refused() -> None:
    card = _card()
    with pytest.raises(InputError, match="other labels"):
        compare_cards(card, _card(gold=GOLD[1:]))
    with pytest.raises(InputError, match="scorer"):
        compare_cards(card, card.model_copy(update={"scorer_version": "0"}))
    with pytest.raises(InputError, match="scorer"):
        compare_cards(card, card.model_copy(update={"rules": ScoringRules(same_claim=0.1)}))
    bare = [each.model_copy(update={"text": None}) for each in GOLD]
    with pytest.raises(InputError, match="with the texts"):
        compare_cards(card, _card(gold=bare))


def test_floors_are_kept() -> None:
    card = _card()
    assert find_shortfalls(card, {"soft": 0.5, "figures": 0.5, "specificity": 1}) == []
    (line,) = find_shortfalls(card, {"soft": 0.999, "detection_recall": 0.1})
    assert line.startswith("soft_f1: 0.")
    assert find_shortfalls(card, {"delta_accuracy": 0.1}) == [
        "delta_accuracy: nothing to measure, wanted at least 0.1"
    ]
    with pytest.raises(ConfigError, match="no figure is called 'sofft'"):
        find_shortfalls(card, {"sofft": 0.5})
    assert resolve_measure("strict") == "strict_f1"


def test_a_card_is_plain_json() -> None:
    assert json.loads(_card().to_json())["gold"]["name"] == "invented"
