"""Scores a system's claims against labelled ones."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from extractor.evaluation.causes import (
    Cause,
    Loss,
    add_up,
    find_losses,
    find_lost_credit,
)
from extractor.evaluation.gold import GoldDocument
from extractor.evaluation.judging import Judgement, judge_abstract
from extractor.evaluation.matching import ClaimMatcher
from extractor.evaluation.measures import (
    MEASURES,
    Counts,
    count_abstract,
    evaluate,
    tabulate,
)
from extractor.evaluation.predictions import Prediction


@dataclass(frozen=True, eq=False)
class Report:
    """How well a system did, abstract by abstract and as a whole.

    Attributes:
        judgements: one for each labelled abstract, in the order of the labels.
        absent: ids of labelled abstracts without a prediction; they count as all missed.
        matcher: the rules that were applied.
        unknown: ids of predictions that belong to no labelled abstract; they count nowhere.
    """

    judgements: tuple[Judgement, ...]
    matcher: ClaimMatcher
    absent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> Counts:
        """One row of `COLUMNS` for each abstract: all that the figures are computed from."""
        return tabulate([count_abstract(judgement) for judgement in self.judgements])

    @property
    def failed(self) -> tuple[str, ...]:
        """Ids of the abstracts that brought no answer, absent ones included."""
        return tuple(judged.document.id for judged in self.judgements if judged.failed)

    def figure(self, name: str) -> float | None:
        """One figure by its name in `MEASURES`; None where there is nothing to measure."""
        value = float(evaluate(MEASURES[name], self.counts.sum(axis=0)))
        return None if value != value else value  # noqa: PLR0124 (NaN alone differs from itself)

    @cached_property
    def losses(self) -> dict[str, list[Loss]]:
        """Why strict F1 lost points, by abstract; abstracts that lost none are absent."""
        found = {
            judged.document.id: find_losses(judged, self.matcher) for judged in self.judgements
        }
        return {name: losses for name, losses in found.items() if losses}

    def causes(self) -> dict[Cause, int]:
        """Lost points by cause; they add up to false positives and negatives of strict F1."""
        return add_up(loss for losses in self.losses.values() for loss in losses)

    def lost_credit(self) -> dict[str, float]:
        """Partial credit lost by field and through whole claims, the most costly first."""
        lost: defaultdict[str, float] = defaultdict(float)
        for judged in self.judgements:
            for name, credit in find_lost_credit(judged, self.matcher).items():
                lost[name] += credit
        return dict(sorted(lost.items(), key=lambda item: -item[1]))

    def figures(self) -> dict[str, float | None]:
        """Every figure by its name in `MEASURES`."""
        return {name: self.figure(name) for name in MEASURES}


def score(
    gold: Iterable[GoldDocument],
    predictions: Mapping[str, Prediction],
    matcher: ClaimMatcher | None = None,
) -> Report:
    """Score predicted claims against labelled ones.

    Args:
        gold: the labelled abstracts.
        predictions: what a system answered, by the id of the labelled abstract. An abstract
            without an entry counts as failed: all of its claims are missed.
        matcher: weights, thresholds and names other than the project's own.
    """
    matcher = matcher or ClaimMatcher()
    documents = list(gold)
    known = {document.id for document in documents}
    return Report(
        judgements=tuple(
            judge_abstract(document, predictions.get(document.id), matcher)
            for document in documents
        ),
        matcher=matcher,
        absent=tuple(sorted(known - predictions.keys())),
        unknown=tuple(sorted(predictions.keys() - known)),
    )
