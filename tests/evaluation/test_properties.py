"""Laws that hold for any labels and any predictions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.evaluation import GoldDocument, PredictedClaim, Prediction, score
from extractor.evaluation.measures import COLUMNS
from tests.evaluation.examples import TEXT, document, figure

F1 = ("detection_f1", "soft_f1", "strict_f1", "figures_f1")

names = st.sampled_from(["PostNet", "PostNet 7B", "StampNet", "InkReader", "postal model"])
datasets = st.lists(
    st.sampled_from(["MailBench", "StampBench", "CIFAR-10", "CIFAR-100"]), max_size=3
)
quantities = st.none() | st.builds(
    figure,
    st.sampled_from([0.5, 50, 91.4, 88.2]),
    st.sampled_from([None, "%", "points", "x", "GB"]),
    high=st.none() | st.just(95),
    qualifier=st.sampled_from(["exact", "about"]),
)
deltas = quantities.flatmap(
    lambda quantity: (
        st.just(quantity)
        if quantity is None
        else st.sampled_from(["increase", "decrease"]).map(
            lambda way: {**quantity, "direction": way}
        )
    )
)
claims = st.fixed_dictionaries(
    {
        "method": names,
        "task": st.sampled_from([None, "sorting letters", "reading addresses"]),
        "datasets": datasets,
        "metric": st.sampled_from([None, "accuracy", "task accuracy", "memory", "speed"]),
        "value": quantities,
        "baselines": st.lists(names, max_size=2),
        "baseline_value": quantities,
        "delta": deltas,
        "outcome": st.sampled_from(["better", "worse", "similar", "reported"]),
        "evidence": st.sampled_from([TEXT[:32], TEXT[33:80], TEXT[61:110], "nowhere to be found"]),
    }
)
labels = claims.flatmap(
    lambda claim: st.sampled_from(["required", "optional"]).map(
        lambda status: {**claim, "status": status}
    )
)


def _score(gold: list[dict[str, Any]], found: list[dict[str, Any]]) -> Any:
    return score([document(*gold)], {"d1": _answer(found)})


def _answer(found: list[dict[str, Any]]) -> Prediction:
    return Prediction(claims=tuple(map(PredictedClaim.model_validate, found)))


@given(st.lists(labels, max_size=5), st.lists(claims, max_size=5), st.randoms())
def test_order_never_matters(gold: Any, found: Any, random: Any) -> None:
    before = _score(gold, found)
    random.shuffle(gold)
    random.shuffle(found)
    after = _score(gold, found)
    assert after.figures() == before.figures()
    assert after.causes() == before.causes()


@given(st.lists(labels, max_size=5), st.lists(claims, max_size=5))
def test_every_figure_lies_between_0_and_1(gold: Any, found: Any) -> None:
    for name, value in _score(gold, found).figures().items():
        assert value is None or 0 <= value <= 1 + 1e-12, name


@given(st.lists(labels, max_size=5), st.lists(claims, min_size=1, max_size=5), st.data())
def test_a_duplicate_never_raises_f1(gold: Any, found: Any, data: Any) -> None:
    again = data.draw(st.sampled_from(found))
    before, after = _score(gold, found), _score(gold, [*found, again])
    for name in F1:
        assert (after.figure(name) or 0) <= (before.figure(name) or 0) + 1e-12, name


@given(st.lists(labels, max_size=6), st.lists(claims, max_size=6))
def test_causes_add_up_to_false_positives_and_negatives(gold: Any, found: Any) -> None:
    report = _score(gold, found)
    counts = dict(zip(COLUMNS, report.counts.sum(axis=0), strict=True))
    claims_in_play = counts["gold"] + counts["predicted"]
    assert sum(report.causes().values()) == claims_in_play - 2 * counts["strict"]
    lost = sum(report.lost_credit().values())
    assert lost == pytest.approx(claims_in_play - 2 * counts["soft"], abs=1e-9)
    assert all(loss.points in (1, 2) for losses in report.losses.values() for loss in losses)


@given(st.lists(labels, max_size=6))
def test_gold_against_itself_is_perfect(gold: Any) -> None:
    unique = {repr({**claim, "evidence": "", "status": ""}): claim for claim in gold}
    labelled: GoldDocument = document(*unique.values())
    kept = score([labelled], {"d1": Prediction.of(labelled.claims)})
    if any(judged.repeated for judged in kept.judgements):
        return  # two labels that say the same in other words: `gold check` objects to them
    for name, value in kept.figures().items():
        if name not in {"grounding", "invention", "specificity"}:
            assert value is None or value == pytest.approx(1), name


@given(st.lists(labels, max_size=4), st.lists(claims, max_size=4), labels)
def test_an_optional_label_costs_nothing(gold: Any, found: Any, more: Any) -> None:
    before = _score(gold, found)
    after = _score([*gold, {**more, "status": "optional"}], found)
    counted = dict(zip(COLUMNS, after.counts.sum(axis=0), strict=True))
    assert counted["gold"] == dict(zip(COLUMNS, before.counts.sum(axis=0), strict=True))["gold"]
