"""Pairs predicted with labelled claims so that their similarities add up to the most."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from extractor.claims import Claim
from extractor.evaluation.aliases import NameRegistry, default_registry
from extractor.evaluation.evidence import Passage, Span, compare_passages, make_passage
from extractor.evaluation.figures import Figure, compare_figures, normalise_figure
from extractor.evaluation.rules import (
    DEFAULT_RULES,
    FIELDS,
    FIGURE_FIELDS,
    LIST_FIELDS,
    NAME_FIELDS,
    ScoringRules,
)

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PreparedClaim:
    """A claim with everything that comparing it needs worked out once.

    Attributes:
        place: index in the list that it came in.
        figures: the printed figures by role, in comparable form.
        identity: the same for two claims that say the same about the same.
        order: sorts claims so that no result depends on the order they came in.
    """

    claim: Claim
    place: int
    figures: dict[str, Figure]
    passage: Passage
    identity: str
    order: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How well one claim stands for another.

    Attributes:
        similarity: weighted mean over the fields that are filled on either side, 0 to 1.
        fields: the similarity of each of those fields.
        wrong: those of them that do not count as right.
    """

    similarity: float
    fields: dict[str, float]
    wrong: tuple[str, ...]


class ClaimMatcher:
    """Compares claims field by field and pairs those that mean the same.

    Args:
        rules: weights and thresholds.
        registry: what is known about names.
    """

    def __init__(
        self, rules: ScoringRules = DEFAULT_RULES, registry: NameRegistry | None = None
    ) -> None:
        self.rules = rules
        self.registry = registry if registry is not None else default_registry()

    def prepare(
        self, claim: Claim, place: int, span: Span | None, text: str | None
    ) -> PreparedClaim:
        """Work out what comparisons of a claim need.

        Args:
            claim: labelled or predicted.
            place: its index in the list that it came in.
            span: place of its evidence, if it is known without looking.
            text: normalised text of the abstract, if it is known.
        """
        is_proportion = claim.metric is not None and self.registry.is_proportion(claim.metric)
        figures = {
            role: normalise_figure(figure, is_proportion=is_proportion and role != "delta")
            for role, figure in claim.figures()
        }
        identity = "\n".join(
            (
                *(self._name_key(getattr(claim, field)) for field in NAME_FIELDS),
                *(
                    "|".join(sorted({self._name_key(name) for name in getattr(claim, field)}))
                    for field in LIST_FIELDS
                ),
                repr(figures),
                claim.outcome,
            )
        )
        return PreparedClaim(
            claim=claim,
            place=place,
            figures=figures,
            passage=make_passage(claim.evidence, span, text),
            identity=identity,
            order=f"{identity}\n{claim.evidence}\n{span}\n{claim!r}",
        )

    def _name_key(self, name: str | None) -> str:
        return "" if name is None else min(self.registry.normalise(name).keys)

    def compare(self, gold: PreparedClaim, predicted: PreparedClaim) -> Comparison:
        """Compare a predicted with a labelled claim; the two may be exchanged."""
        fields: dict[str, float] = {}
        wrong: list[str] = []
        for field in FIELDS:
            similarity, lowest = self._compare_field(field, gold, predicted)
            if similarity is None:
                continue
            fields[field] = similarity
            if lowest < self.rules.right_from[field]:
                wrong.append(field)
        weights = self.rules.weights
        total = sum(weights[field] for field in fields)
        earned = sum(weights[field] * similarity for field, similarity in fields.items())
        return Comparison(
            similarity=earned / total if total else 0.0, fields=fields, wrong=tuple(wrong)
        )

    def _compare_field(
        self, field: str, gold: PreparedClaim, predicted: PreparedClaim
    ) -> tuple[float | None, float]:
        """Compare one field.

        Returns:
            Its similarity, None where it is empty on both sides or cannot be compared, and the
            similarity of its worst part, which for a list is its least fitting name.
        """
        if field in LIST_FIELDS:
            first, second = getattr(gold.claim, field), getattr(predicted.claim, field)
            return self.compare_lists(first, second) if first or second else (None, 0.0)
        similarity = self._compare_single(field, gold, predicted)
        return similarity, similarity or 0.0

    def _compare_single(
        self, field: str, gold: PreparedClaim, predicted: PreparedClaim
    ) -> float | None:
        if field == "evidence":
            return compare_passages(gold.passage, predicted.passage)
        if field in FIGURE_FIELDS:
            figure, other = gold.figures.get(field), predicted.figures.get(field)
            if figure is None or other is None:
                return None if figure is other else 0.0
            return compare_figures(figure, other, self.rules)
        first, second = getattr(gold.claim, field), getattr(predicted.claim, field)
        if not first or not second:
            return 0.0 if first or second else None
        return self.registry.similarity(first, second) if field in NAME_FIELDS else first == second

    def compare_lists(self, first: Sequence[str], second: Sequence[str]) -> tuple[float, float]:
        """Compare two lists of names as sets, each name paired with at most one other.

        Returns:
            Twice the sum of the paired names' similarities over the length of both lists, and
            the similarity of the worst pair, 0.0 if a name is left over.
        """
        if not first or not second:
            return 0.0, 0.0
        if len(first) == len(second) == 1:
            similarity = self.registry.similarity(first[0], second[0])
            return similarity, similarity
        table = np.array([[self.registry.similarity(one, two) for two in second] for one in first])
        chosen = table[linear_sum_assignment(table, maximize=True)]
        worst = float(chosen.min()) if len(first) == len(second) else 0.0
        return min(1.0, 2 * float(chosen.sum()) / (len(first) + len(second))), worst


def assign(table: Matrix, threshold: float) -> list[tuple[int, int]]:
    """Pair rows with columns one to one so that the similarities add up to the most.

    Entries below the threshold never make a pair and never displace one. The assignment is
    found by scipy's `linear_sum_assignment`.

    Returns:
        Pairs of row and column, by row.
    """
    if table.size == 0:
        return []
    allowed = np.where(table >= threshold, table, 0.0)
    rows, columns = linear_sum_assignment(allowed, maximize=True)
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if allowed[row, column] > 0
    ]


def split_duplicates(claims: Sequence[PreparedClaim]) -> tuple[list[int], list[int]]:
    """Set aside claims that repeat another one, whatever passage they quote for it.

    Returns:
        Indexes of the claims that stand, and of those that repeat one of them.
    """
    seen: Counter[str] = Counter()
    standing: list[int] = []
    repeated: list[int] = []
    for index, claim in enumerate(claims):
        (repeated if seen[claim.identity] else standing).append(index)
        seen[claim.identity] += 1
    return standing, repeated
