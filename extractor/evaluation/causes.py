"""Says why points were lost: every one has exactly one cause."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from extractor.evaluation.figures import have_same_numbers
from extractor.evaluation.judging import Judgement, Pair
from extractor.evaluation.matching import ClaimMatcher, PreparedClaim
from extractor.evaluation.rules import FIGURE_FIELDS, LIST_FIELDS

Cause = Literal[
    "missed",
    "invented",
    "split",
    "merged",
    "method and baseline swapped",
    "wrong method",
    "wrong value",
    "wrong unit",
    "wrong direction",
    "wrong outcome",
    "wrong metric",
    "wrong data set",
    "wrong baseline",
    "evidence elsewhere",
    "wrong task",
]

# What a wrong field is called, the weightiest first: a pair with several has the first cause.
_CAUSE_OF_FIELD: Final[dict[str, Cause]] = {
    "outcome": "wrong outcome",
    "metric": "wrong metric",
    "datasets": "wrong data set",
    "baselines": "wrong baseline",
    "evidence": "evidence elsewhere",
    "task": "wrong task",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """Points that strict F1 lost at one place.

    Attributes:
        points: 2 for a pair that is not right in every field (one claim too many and one too
            few), 1 for a claim that was missed or that should not be there.
        gold: index of the labelled claim in its document, if there is one.
        predicted: index of the predicted claim as it came, if there is one.
    """

    cause: Cause
    points: int
    gold: int | None = None
    predicted: int | None = None


def find_losses(judgement: Judgement, matcher: ClaimMatcher) -> list[Loss]:
    """Give every lost point of one abstract its cause.

    Returns:
        Losses whose points add up to false positives plus false negatives of strict F1.
    """
    gold, predicted = judgement.gold, judgement.predicted
    losses = [
        Loss(
            _explain_pair(pair, gold[pair.gold], predicted[pair.predicted], matcher),
            2,
            gold[pair.gold].place,
            predicted[pair.predicted].place,
        )
        for pair in judgement.pairs
        if pair.comparison.wrong
    ]
    found = (*judgement.pairs, *judgement.excused)
    for row in judgement.missed:
        wholes = [predicted[pair.predicted] for pair in found]
        cause: Cause = "merged" if _is_part(gold[row], wholes, matcher) else "missed"
        losses.append(Loss(cause, 1, gold=gold[row].place))
    losses += [Loss("split", 1, predicted=predicted[extra].place) for extra in judgement.repeated]
    for extra in judgement.invented:
        wholes = [gold[pair.gold] for pair in found]
        cause = "split" if _is_part(predicted[extra], wholes, matcher) else "invented"
        losses.append(Loss(cause, 1, predicted=predicted[extra].place))
    return losses


def add_up(losses: Iterable[Loss]) -> dict[Cause, int]:
    """Add up lost points by cause, the costliest cause first."""
    points: Counter[Cause] = Counter()
    for loss in losses:
        points[loss.cause] += loss.points
    return dict(sorted(points.items(), key=lambda item: (-item[1], item[0])))


def find_lost_credit(judgement: Judgement, matcher: ClaimMatcher) -> dict[str, float]:
    """Say where partial credit was lost: in fields of pairs, or through whole claims.

    Returns:
        Lost credit by field, and under "missed" and "invented"; it adds up to what soft F1
        lacks, which is predicted plus labelled claims minus twice the credit.
    """
    lost: defaultdict[str, float] = defaultdict(float)
    for pair in judgement.pairs:
        weights = {field: matcher.rules.weights[field] for field in pair.comparison.fields}
        total = sum(weights.values())
        for field, similarity in pair.comparison.fields.items():
            lost[field] += 2 * weights[field] * (1 - similarity) / total
    lost["missed"] += len(judgement.missed)
    lost["invented"] += len(judgement.invented) + len(judgement.repeated)
    return {name: credit for name, credit in lost.items() if credit > 0}


def _explain_pair(
    pair: Pair, gold: PreparedClaim, predicted: PreparedClaim, matcher: ClaimMatcher
) -> Cause:
    wrong = pair.comparison.wrong
    if "method" in wrong:
        return (
            "method and baseline swapped"
            if _is_swapped(gold, predicted, matcher)
            else "wrong method"
        )
    figures = [_explain_figure(role, gold, predicted) for role in FIGURE_FIELDS if role in wrong]
    if figures:
        order: Sequence[Cause] = ("wrong value", "wrong unit", "wrong direction")
        return min(figures, key=order.index)
    return next(cause for field, cause in _CAUSE_OF_FIELD.items() if field in wrong)


def _is_swapped(gold: PreparedClaim, predicted: PreparedClaim, matcher: ClaimMatcher) -> bool:
    return _is_among(predicted.claim.method, gold.claim.baselines, matcher) and (
        _is_among(gold.claim.method, predicted.claim.baselines, matcher)
    )


def _explain_figure(role: str, gold: PreparedClaim, predicted: PreparedClaim) -> Cause:
    expected, got = gold.figures.get(role), predicted.figures.get(role)
    if expected is None or got is None or not have_same_numbers(expected, got):
        return "wrong value"
    if expected.unit != got.unit:
        return "wrong unit"
    return "wrong direction" if expected.direction != got.direction else "wrong value"


def _is_part(part: PreparedClaim, wholes: Iterable[PreparedClaim], matcher: ClaimMatcher) -> bool:
    """Tell whether what a claim says stands in a claim that says more, from the same passage."""
    return any(_is_part_of(part, whole, matcher) for whole in wholes)


def _is_part_of(part: PreparedClaim, whole: PreparedClaim, matcher: ClaimMatcher) -> bool:
    comparison = matcher.compare(whole, part)
    if comparison.similarity < matcher.rules.part_of_claim or "evidence" in comparison.wrong:
        return False
    sizes = {figure.size for figure in whole.figures.values()}
    if any(figure.size not in sizes for figure in part.figures.values()):
        return False
    metric = part.claim.metric
    if metric is not None and comparison.fields["metric"] == 0:
        return False
    return all(
        _is_among(name, getattr(whole.claim, field), matcher)
        for field in LIST_FIELDS
        for name in getattr(part.claim, field)
    )


def _is_among(name: str, names: Iterable[str], matcher: ClaimMatcher) -> bool:
    threshold = matcher.rules.right_from["method"]
    return any(matcher.registry.similarity(name, other) >= threshold for other in names)
