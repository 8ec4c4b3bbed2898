"""How sure the figures are: intervals by resampling abstracts, and paired tests.

Abstracts are the unit of resampling, since the claims of one abstract are not independent.
Figures are ratios of sums over abstracts, so one matrix of weights serves all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from extractor.evaluation.measures import Counts, Measure, evaluate

RESAMPLES: Final = 2000
CONFIDENCE: Final = 0.95
_SEED: Final = 20261121
_CHUNK_CELLS: Final = 4_000_000
_ROUNDING: Final = 1e-12


class Estimate(BaseModel):
    """A figure with its 95% interval.

    Attributes:
        value: None where there is nothing to measure.
        low: lower end; None when too few resamples have anything to measure.
        high: upper end.
    """

    model_config = ConfigDict(frozen=True)

    value: float | None
    low: float | None = None
    high: float | None = None


class Difference(Estimate):
    """By how much a figure differs between two systems on the same abstracts: B minus A.

    Attributes:
        p_value: of a paired permutation test: how often chance alone, swapping the two systems
            abstract by abstract, makes a difference as large as this one.
    """

    p_value: float | None = None


def estimate_figures(
    counts: Counts, measures: Mapping[str, Measure], resamples: int = RESAMPLES
) -> dict[str, Estimate]:
    """Work out figures with percentile bootstrap intervals over abstracts.

    Args:
        counts: one row an abstract, one column a name of `COLUMNS`.
        measures: the figures by name.
        resamples: how many times abstracts are drawn anew, with replacement.
    """
    sums = counts.sum(axis=0)
    resampled = _resample((counts,), resamples)[0]
    return {
        name: Estimate(
            value=_as_number(evaluate(measure, sums)),
            **_interval(evaluate(measure, resampled)),
        )
        for name, measure in measures.items()
    }


def compare_figures(
    first: Counts, second: Counts, measures: Mapping[str, Measure], resamples: int = RESAMPLES
) -> dict[str, Difference]:
    """Work out by how much figures of two systems differ on the same abstracts.

    The interval comes from drawing abstracts anew, each with both of its rows; the p-value
    from swapping the rows of abstracts at random. (Noreen, Computer-Intensive Methods for
    Testing Hypotheses, 1989: approximate randomization.)

    Args:
        first: counts of system A, one row an abstract.
        second: counts of system B, the same abstracts in the same order.
        measures: the figures by name.
        resamples: how many times abstracts are drawn, and how many times they are swapped.
    """
    one, other = _resample((first, second), resamples)
    swapped_one, swapped_other = _swap(first, second, resamples)
    differences: dict[str, Difference] = {}
    for name, measure in measures.items():
        value = evaluate(measure, second.sum(axis=0)) - evaluate(measure, first.sum(axis=0))
        by_chance = evaluate(measure, swapped_other) - evaluate(measure, swapped_one)
        differences[name] = Difference(
            value=_as_number(value),
            **_interval(evaluate(measure, other) - evaluate(measure, one)),
            p_value=_p_value(float(value), by_chance),
        )
    return differences


def _chunks(resamples: int, abstracts: int) -> Iterator[int]:
    """Cut the resamples into portions that keep the matrix of weights small."""
    size = max(1, _CHUNK_CELLS // max(abstracts, 1))
    for start in range(0, resamples, size):
        yield min(size, resamples - start)


def _resample(tables: Sequence[Counts], resamples: int) -> list[Counts]:
    """Draw abstracts with replacement and add up their counts, for all tables alike."""
    abstracts = len(tables[0])
    if abstracts == 0:
        return [np.zeros((resamples, table.shape[1])) for table in tables]
    random = np.random.default_rng(_SEED)
    sums: list[list[Counts]] = [[] for _ in tables]
    shares = np.full(abstracts, 1 / abstracts)
    for size in _chunks(resamples, abstracts):
        drawn = random.multinomial(abstracts, shares, size=size).astype(np.float64)
        for total, table in zip(sums, tables, strict=True):
            total.append(drawn @ table)
    return [np.concatenate(total) for total in sums]


def _swap(first: Counts, second: Counts, resamples: int) -> tuple[Counts, Counts]:
    """Exchange the rows of two systems at random and add them up."""
    random = np.random.default_rng(_SEED + 1)
    gap = second - first
    moved = np.concatenate(
        [
            random.integers(0, 2, size=(size, len(gap))).astype(np.float64) @ gap
            for size in _chunks(resamples, len(gap))
        ]
    )
    return first.sum(axis=0) + moved, second.sum(axis=0) - moved


def _p_value(observed: float, by_chance: NDArray[np.float64]) -> float | None:
    if np.isnan(observed):
        return None
    as_large = np.abs(by_chance) >= abs(observed) - _ROUNDING
    return float((1 + as_large.sum()) / (1 + len(by_chance)))


def _interval(values: NDArray[np.float64]) -> dict[str, float | None]:
    known = values[~np.isnan(values)]
    if len(known) * 2 < len(values):
        return {"low": None, "high": None}
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, (tail, 1 - tail))
    return {"low": float(low), "high": float(high)}


def _as_number(value: Counts) -> float | None:
    return None if np.isnan(value) else float(value)


@dataclass(frozen=True, slots=True)
class Spread:
    """How much a figure varies between runs of one system.

    Attributes:
        deviation: sample standard deviation; 0.0 for a single run.
    """

    mean: float
    low: float
    high: float
    deviation: float


def measure_spread(values: Iterable[float]) -> Spread:
    """Sum up one figure of several runs.

    Raises:
        ValueError: there is no run.
    """
    listed = np.array(list(values), dtype=np.float64)
    if listed.size == 0:
        raise ValueError("no run to sum up")
    return Spread(
        mean=float(listed.mean()),
        low=float(listed.min()),
        high=float(listed.max()),
        deviation=float(listed.std(ddof=1)) if listed.size > 1 else 0.0,
    )
