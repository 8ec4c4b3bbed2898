"""Looks at parts of a report: kinds of claims and kinds of abstracts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from extractor.evaluation.judging import Judgement
from extractor.evaluation.matching import PreparedClaim

_SOURCE = re.compile(r"[a-z]+(?=-)", re.IGNORECASE)

ClaimTest = Callable[[PreparedClaim], bool]
AbstractTest = Callable[[Judgement], bool]

_OUTCOMES = ("better", "worse", "similar", "mixed", "reported")


def _has_outcome(outcome: str) -> ClaimTest:
    return lambda claim: claim.claim.outcome == outcome


CLAIM_SLICES: dict[str, ClaimTest] = {
    "claims with figures": lambda claim: bool(claim.figures),
    "claims in words": lambda claim: not claim.figures,
    **{f"outcome {outcome}": _has_outcome(outcome) for outcome in _OUTCOMES},
}
"""Kinds of claims; a pair belongs to the kind of its labelled claim."""


def _count_required(judgement: Judgement) -> int:
    return len(judgement.pairs) + len(judgement.missed)


def _count_words(judgement: Judgement) -> int | None:
    text = judgement.document.text
    return None if text is None else len(text.split())


def _has_claims(low: int, high: float) -> AbstractTest:
    return lambda judgement: low <= _count_required(judgement) <= high


def _has_words(low: int, high: float) -> AbstractTest:
    return lambda judgement: (words := _count_words(judgement)) is not None and low <= words < high


ABSTRACT_SLICES: dict[str, AbstractTest] = {
    "no claims": _has_claims(0, 0),
    "1 or 2 claims": _has_claims(1, 2),
    "3 to 5 claims": _has_claims(3, 5),
    "6 or more claims": _has_claims(6, float("inf")),
    "under 150 words": _has_words(0, 150),
    "150 to 219 words": _has_words(150, 220),
    "220 or more words": _has_words(220, float("inf")),
}
"""Kinds of abstracts, by required claims and by length of the text where it is known."""


def restrict_claims(judgement: Judgement, belongs: ClaimTest) -> Judgement | None:
    """Leave only claims of one kind in the judgement of an abstract.

    Returns:
        None if neither labelled nor predicted claims are of that kind.
    """
    gold, predicted = judgement.gold, judgement.predicted
    restricted = replace(
        judgement,
        pairs=tuple(pair for pair in judgement.pairs if belongs(gold[pair.gold])),
        excused=tuple(pair for pair in judgement.excused if belongs(gold[pair.gold])),
        optional=tuple(row for row in judgement.optional if belongs(gold[row])),
        missed=tuple(row for row in judgement.missed if belongs(gold[row])),
        repeated=tuple(extra for extra in judgement.repeated if belongs(predicted[extra])),
        invented=tuple(extra for extra in judgement.invented if belongs(predicted[extra])),
        grounding=None,
    )
    counted = (restricted.pairs, restricted.missed, restricted.repeated, restricted.invented)
    return restricted if any(counted) else None


def slice_judgement(judgement: Judgement) -> Iterator[tuple[str, Judgement]]:
    """Give every slice that an abstract has a part in, with that part.

    Besides the kinds of claims and abstracts there is one slice for each source: the letters
    that stand before a hyphen at the start of a document's id, as in "dp-" and "rs-".
    """
    for name, belongs in CLAIM_SLICES.items():
        if (part := restrict_claims(judgement, belongs)) is not None:
            yield name, part
    for name, holds in ABSTRACT_SLICES.items():
        if holds(judgement):
            yield name, judgement
    if source := _SOURCE.match(judgement.document.id):
        yield f"source {source[0]}", judgement
