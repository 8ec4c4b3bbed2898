"""How far two people agree who labelled the same abstracts: the ceiling of any score."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import permutations

from pydantic import BaseModel

from extractor.claims import Claim
from extractor.errors import InputError
from extractor.evaluation.gold import GoldDocument
from extractor.evaluation.matching import ClaimMatcher
from extractor.evaluation.measures import MEASURES, Counts
from extractor.evaluation.predictions import Prediction
from extractor.evaluation.rules import FIGURE_FIELDS
from extractor.evaluation.scoring import Report, score
from extractor.evaluation.statistics import RESAMPLES, Estimate, estimate_figures
from extractor.quantities import unit_kind

Values = list[Hashable | None]


class Alpha(BaseModel):
    """Krippendorff's alpha of a field with a closed list of values.

    Attributes:
        value: 1.0 for full agreement, 0.0 for what chance would give; None where all labels
            are the same, so that nothing can be said.
        pairs: number of pairs of claims that it is computed from.
    """

    value: float | None
    pairs: int


class Agreement(BaseModel):
    """How far two annotators agree.

    Attributes:
        figures: F1 and accuracies by name in `MEASURES`, with 95% intervals. Each annotator is
            scored against the other and the counts are added, so that it does not matter who
            comes first.
        alphas: Krippendorff's alpha by closed field, over claims that both have.
        abstracts: number of abstracts that both labelled.
        left_out: ids of abstracts that only one of them labelled.
    """

    figures: dict[str, Estimate]
    alphas: dict[str, Alpha]
    abstracts: int
    left_out: list[str]

    def ceiling(self) -> dict[str, float | None]:
        """The figures alone, as a score card shows them beside its own."""
        return {name: estimate.value for name, estimate in self.figures.items()}


def measure_agreement(
    first: Iterable[GoldDocument],
    second: Iterable[GoldDocument],
    matcher: ClaimMatcher | None = None,
    resamples: int = RESAMPLES,
) -> Agreement:
    """Compare the labels of two annotators.

    Args:
        first: labels of one annotator.
        second: labels of the other, of the same abstracts by id.
        matcher: weights, thresholds and names other than the project's own.
        resamples: how many times abstracts are drawn anew for the intervals.

    Raises:
        InputError: they have no abstract in common.
    """
    matcher = matcher or ClaimMatcher()
    one = {document.id: document for document in first}
    other = {document.id: document for document in second}
    common = [name for name in one if name in other]
    if not common:
        raise InputError("the two files have no abstract in common: their ids must be the same")
    forth = _score_labels([one[name] for name in common], other, matcher)
    back = _score_labels([other[name] for name in common], one, matcher)
    counts: Counts = forth.counts + back.counts
    measures = {
        name: measure
        for name, measure in MEASURES.items()
        if name not in {"grounding", "invention"}
    }
    return Agreement(
        figures=estimate_figures(counts, measures, resamples),
        alphas=_measure_alphas(forth),
        abstracts=len(common),
        left_out=sorted(one.keys() ^ other.keys()),
    )


def _score_labels(
    gold: Sequence[GoldDocument], labels: dict[str, GoldDocument], matcher: ClaimMatcher
) -> Report:
    predictions = {document.id: Prediction.of(labels[document.id].claims) for document in gold}
    return score(gold, predictions, matcher)


def _measure_alphas(report: Report) -> dict[str, Alpha]:
    pairs = [
        (judged.gold[pair.gold].claim, judged.predicted[pair.predicted].claim)
        for judged in report.judgements
        for pair in (*judged.pairs, *judged.excused)
    ]
    units: dict[str, list[Values]] = {
        "outcome": [[claim.outcome, other.outcome] for claim, other in pairs],
        "direction": [
            [claim.delta.direction, other.delta.direction]
            for claim, other in pairs
            if claim.delta and other.delta
        ],
        "qualifier": _pair_figures(pairs, lambda claim, role: getattr(claim, role).qualifier),
        "unit kind": _pair_figures(pairs, lambda claim, role: unit_kind(getattr(claim, role).unit)),
    }
    return {
        name: Alpha(value=krippendorff_alpha(values), pairs=len(values))
        for name, values in units.items()
    }


def _pair_figures(
    pairs: Iterable[tuple[Claim, Claim]], read: Callable[[Claim, str], Hashable]
) -> list[Values]:
    """Read one property of every figure that both claims of a pair have in the same role."""
    return [
        [read(claim, role), read(other, role)]
        for claim, other in pairs
        for role in FIGURE_FIELDS
        if getattr(claim, role) is not None and getattr(other, role) is not None
    ]


def krippendorff_alpha(units: Iterable[Sequence[Hashable | None]]) -> float | None:
    """Work out Krippendorff's alpha for nominal values, missing ones allowed.

    Computed from the matrix of coincidences, after Krippendorff, "Computing Krippendorff's
    Alpha-Reliability" (2011), sections C and D.

    Args:
        units: for each labelled thing the values that its annotators gave, None for no value.

    Returns:
        None if no unit has two values, or all values are the same.
    """
    coincidences: defaultdict[tuple[Hashable, Hashable], float] = defaultdict(float)
    totals: defaultdict[Hashable, float] = defaultdict(float)
    for unit in units:
        values = [value for value in unit if value is not None]
        for value, other in permutations(values, 2):
            coincidences[value, other] += 1 / (len(values) - 1)
            totals[value] += 1 / (len(values) - 1)
    pairable = sum(totals.values())
    expected = pairable**2 - sum(total**2 for total in totals.values())
    if not expected:
        return None
    observed = sum(weight for (value, other), weight in coincidences.items() if value != other)
    return 1 - (pairable - 1) * observed / expected
