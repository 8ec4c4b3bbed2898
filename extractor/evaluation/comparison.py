"""Compares two score cards of the same labelled abstracts."""

from collections.abc import Sequence

from pydantic import BaseModel

from extractor.errors import InputError
from extractor.evaluation.measures import MEASURES, tabulate
from extractor.evaluation.scorecards import (
    SLICE_MEASURES,
    AbstractRow,
    ScoreCard,
    SystemProvenance,
    resolve_measure,
)
from extractor.evaluation.statistics import RESAMPLES, Difference, compare_figures


class ClaimPlace(BaseModel):
    """A labelled claim: its abstract and its index among that abstract's labels."""

    abstract: str
    place: int


class CardComparison(BaseModel):
    """How system B differs from system A; every difference is B minus A.

    Attributes:
        gained: labelled claims that B found and A did not.
        lost: labelled claims that A found and B did not.
        causes: by how many lost points B differs, by cause.
        cost_usd: by how much the price of all answers differs, where both are known.
        latency_s: by how much the mean time to an answer differs, where both are known.
    """

    first: SystemProvenance
    second: SystemProvenance
    figures: dict[str, Difference]
    slices: dict[str, dict[str, Difference]]
    gained: list[ClaimPlace]
    lost: list[ClaimPlace]
    causes: dict[str, int]
    cost_usd: float | None
    latency_s: float | None

    def is_worse(self, margin: float = 0.0, figure: str = "soft") -> bool:
        """Tell whether B is worse than A by more than a margin.

        Args:
            margin: how much worse B may be, in the figure's own units.
            figure: its name in `MEASURES`, "soft" standing for "soft_f1".

        Raises:
            ConfigError: there is no such figure.
        """
        difference = self.figures[resolve_measure(figure)].value
        return difference is not None and difference < -margin


def compare_cards(
    first: ScoreCard, second: ScoreCard, resamples: int = RESAMPLES
) -> CardComparison:
    """Compare system B with system A, abstract by abstract.

    Raises:
        InputError: the cards are of other labels, another scorer or other rules, so that a
            difference would say nothing about the systems.
    """
    _check_comparable(first, second)
    order = [row.id for row in first.abstracts]
    one = {row.id: row for row in first.abstracts}
    other = {row.id: row for row in second.abstracts}
    rows = [(one[name], other[name]) for name in order]
    return CardComparison(
        first=first.system,
        second=second.system,
        figures=compare_figures(
            first.counts(), tabulate([other[name].counts for name in order]), MEASURES, resamples
        ),
        slices=_compare_slices(rows, resamples),
        gained=[place for a, b in rows for place in _only_in(b, a)],
        lost=[place for a, b in rows for place in _only_in(a, b)],
        causes={
            cause: change
            for cause in sorted({*first.causes, *second.causes})
            if (change := second.causes.get(cause, 0) - first.causes.get(cause, 0))
        },
        cost_usd=_subtract(second.system.cost_usd, first.system.cost_usd),
        latency_s=_subtract(second.system.latency_s, first.system.latency_s),
    )


def _check_comparable(first: ScoreCard, second: ScoreCard) -> None:
    if first.gold.sha256 != second.gold.sha256:
        raise InputError(
            f"the cards are of other labels ({first.gold.name}, {second.gold.name}): "
            "score both systems on one gold set"
        )
    if first.scorer_version != second.scorer_version or first.rules != second.rules:
        raise InputError("the cards come from other versions of the scorer: score both anew")
    if first.gold.with_text != second.gold.with_text:
        raise InputError("only one of the cards was scored with the texts: score both anew")


def _only_in(row: AbstractRow, other: AbstractRow) -> list[ClaimPlace]:
    places = sorted(set(row.found) - set(other.found))
    return [ClaimPlace(abstract=row.id, place=place) for place in places]


def _compare_slices(
    rows: Sequence[tuple[AbstractRow, AbstractRow]], resamples: int
) -> dict[str, dict[str, Difference]]:
    names = sorted({name for pair in rows for row in pair for name in row.slices})
    compared: dict[str, dict[str, Difference]] = {}
    for name in names:
        parts = [
            (a.slices.get(name, {}), b.slices.get(name, {}))
            for a, b in rows
            if name in a.slices or name in b.slices
        ]
        compared[name] = compare_figures(
            tabulate([a for a, _ in parts]),
            tabulate([b for _, b in parts]),
            SLICE_MEASURES,
            resamples,
        )
    return compared


def _subtract(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other
