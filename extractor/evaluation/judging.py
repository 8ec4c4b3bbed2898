"""Judges the claims that a system found in one abstract."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from extractor.claims import Claim
from extractor.evaluation.evidence import find_spans
from extractor.evaluation.gold import GoldClaim, GoldDocument
from extractor.evaluation.matching import (
    ClaimMatcher,
    Comparison,
    PreparedClaim,
    assign,
    split_duplicates,
)
from extractor.evaluation.predictions import PredictedClaim, Prediction
from extractor.quantities import Figure, find_figures, occurs

FigureKey = tuple[str, tuple[float, float | None, str]]

# Lets a required claim win over an optional one that a prediction fits just as well.
_REQUIRED_FIRST = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A predicted claim that stands for a labelled one.

    Attributes:
        gold: index among the labelled claims of the abstract.
        predicted: index among the predicted ones.
    """

    gold: int
    predicted: int
    comparison: Comparison


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What became of every labelled and every predicted claim of one abstract.

    Attributes:
        gold: the labelled claims, in an order of their own.
        predicted: the predicted claims, in an order that does not depend on how they came.
        pairs: required claims that were found.
        excused: optional claims that were found; they are left out on both sides.
        optional: every optional claim, found or not.
        missed: required claims that were not found.
        repeated: predicted claims that say again what another one says.
        invented: other predicted claims that belong to no labelled one.
        grounding: what the text bears out; None where it is not known.
        failed: there was no answer.
    """

    document: GoldDocument
    gold: tuple[PreparedClaim, ...]
    predicted: tuple[PreparedClaim, ...]
    pairs: tuple[Pair, ...]
    excused: tuple[Pair, ...]
    optional: tuple[int, ...]
    missed: tuple[int, ...]
    repeated: tuple[int, ...]
    invented: tuple[int, ...]
    grounding: "GroundingCounts | None"
    failed: bool


@dataclass(frozen=True, slots=True)
class FigureCounts:
    """Printed figures of one abstract, optional ones left out.

    Attributes:
        right: predicted figures that a required claim prints in the same role.
    """

    right: int
    predicted: int
    gold: int


@dataclass(frozen=True, slots=True)
class GroundingCounts:
    """What the text of one abstract bears out of the predicted claims.

    Attributes:
        grounded: claims whose evidence stands letter for letter in the text.
        invented: claims with a number that neither text nor title prints.
    """

    grounded: int
    invented: int


def judge_abstract(
    document: GoldDocument, prediction: Prediction | None, matcher: ClaimMatcher
) -> Judgement:
    """Pair the claims found in one abstract with the labelled ones.

    Args:
        document: the labelled abstract.
        prediction: None counts like a failure: everything is missed.
        matcher: how claims are compared.
    """
    failed = prediction is None or prediction.failed
    claims = () if prediction is None or prediction.failed else prediction.claims
    gold = _prepare(document.claims, document.text, matcher)
    predicted = _prepare(claims, document.text, matcher)
    standing, repeated = split_duplicates(predicted)
    required = [_is_required(claim) for claim in gold]
    found = _pair_up(gold, predicted, standing, matcher)
    taken = {pair.predicted for pair in found}
    paired = {pair.gold for pair in found}
    return Judgement(
        document=document,
        gold=gold,
        predicted=predicted,
        pairs=tuple(pair for pair in found if required[pair.gold]),
        excused=tuple(pair for pair in found if not required[pair.gold]),
        optional=tuple(row for row in range(len(gold)) if not required[row]),
        missed=tuple(row for row in range(len(gold)) if required[row] and row not in paired),
        repeated=tuple(repeated),
        invented=tuple(column for column in standing if column not in taken),
        grounding=_ground(predicted, document),
        failed=failed,
    )


def _pair_up(
    gold: Sequence[PreparedClaim],
    predicted: Sequence[PreparedClaim],
    standing: Sequence[int],
    matcher: ClaimMatcher,
) -> list[Pair]:
    """Pair labelled claims with those predicted ones that repeat no other."""
    comparisons = [[matcher.compare(claim, predicted[each]) for each in standing] for claim in gold]
    table = np.array([[entry.similarity for entry in row] for row in comparisons])
    bonus = np.array([_REQUIRED_FIRST if _is_required(claim) else 0.0 for claim in gold])
    table = table.reshape(len(gold), len(standing)) + bonus[:, None]
    return [
        Pair(row, standing[column], comparisons[row][column])
        for row, column in assign(table, matcher.rules.same_claim)
    ]


def _prepare(
    claims: Sequence[GoldClaim] | Sequence[PredictedClaim], text: str | None, matcher: ClaimMatcher
) -> tuple[PreparedClaim, ...]:
    listed: Iterable[GoldClaim | PredictedClaim] = claims
    prepared = (
        matcher.prepare(claim, place, claim.span, text) for place, claim in enumerate(listed)
    )
    return tuple(sorted(prepared, key=lambda claim: claim.order))


def _is_required(claim: PreparedClaim) -> bool:
    return not isinstance(claim.claim, GoldClaim) or claim.claim.status == "required"


def count_figures(judgement: Judgement) -> FigureCounts:
    """Count printed figures by role, number and unit, whichever claims they stand in.

    Figures of repeated claims are false: they never stand for a figure printed twice.
    """
    gold, predicted = judgement.gold, judgement.predicted
    required = _list_figures(
        gold[row] for row in (*(pair.gold for pair in judgement.pairs), *judgement.missed)
    )
    optional = _list_figures(gold[row] for row in judgement.optional)
    standing = _list_figures(
        predicted[column]
        for column in (*(pair.predicted for pair in judgement.pairs), *judgement.invented)
    )
    repeated = _list_figures(predicted[column] for column in judgement.repeated)
    excused = (standing - required) & optional
    return FigureCounts(
        right=(standing & required).total(),
        predicted=standing.total() - excused.total() + repeated.total(),
        gold=required.total(),
    )


def _list_figures(claims: Iterable[PreparedClaim]) -> Counter[FigureKey]:
    return Counter(
        (role, figure.size) for claim in claims for role, figure in claim.figures.items()
    )


def _ground(predicted: Sequence[PreparedClaim], document: GoldDocument) -> GroundingCounts | None:
    text = document.text
    if text is None:
        return None
    printed: list[Figure] = []
    if any(claim.figures for claim in predicted):
        printed = find_figures(text) + find_figures(document.title)
    return GroundingCounts(
        grounded=sum(bool(find_spans(claim.claim.evidence, text)) for claim in predicted),
        invented=sum(bool(absent_roles(claim.claim, printed)) for claim in predicted),
    )


def absent_roles(claim: Claim, printed: Sequence[Figure]) -> list[str]:
    """Find the figures of a claim that are printed nowhere.

    Args:
        claim: with figures in the roles value, baseline_value and delta.
        printed: the figures of text and title.
    """
    return [
        role
        for role, figure in claim.figures()
        if not occurs(figure.number, printed)
        or (figure.high is not None and not occurs(figure.high, printed))
    ]
