"""What is measured: counts for each abstract, and figures that are ratios of their sums.

Every figure of a report is a ratio of two sums over abstracts, which makes resampling abstracts
a matter of one matrix product.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from extractor.evaluation.judging import Judgement, count_figures
from extractor.evaluation.rules import FIELDS

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of the report: a ratio of weighted sums of columns.

    Attributes:
        numerator: weight of each column above the line.
        denominator: weight of each column below the line.
    """

    numerator: Mapping[str, float]
    denominator: Mapping[str, float]


_KINDS: Final = {"detection": "matched", "soft": "soft", "strict": "strict"}

COLUMNS: Final = (
    "abstracts",
    "gold",
    "predicted",
    "matched",
    "soft",
    "strict",
    "gold_figures",
    "predicted_figures",
    "right_figures",
    *(f"compared_{field}" for field in FIELDS),
    *(f"right_{field}" for field in FIELDS),
    "checkable",
    "grounded",
    "invented",
    "empty",
    "silent",
    *(f"macro_{kind}" for kind in _KINDS),
    "with_figures",
    "macro_figures",
)
_PLACE: Final = {name: place for place, name in enumerate(COLUMNS)}


def _define_measures() -> dict[str, Measure]:
    measures: dict[str, Measure] = {}
    sides = {kind: (column, "predicted", "gold") for kind, column in _KINDS.items()}
    sides["figures"] = ("right_figures", "predicted_figures", "gold_figures")
    for kind, (right, predicted, gold) in sides.items():
        measures[f"{kind}_precision"] = Measure({right: 1}, {predicted: 1})
        measures[f"{kind}_recall"] = Measure({right: 1}, {gold: 1})
        measures[f"{kind}_f1"] = Measure({right: 2}, {predicted: 1, gold: 1})
    for kind in _KINDS:
        measures[f"{kind}_f1_macro"] = Measure({f"macro_{kind}": 1}, {"abstracts": 1})
    measures["figures_f1_macro"] = Measure({"macro_figures": 1}, {"with_figures": 1})
    for field in FIELDS:
        measures[f"{field}_accuracy"] = Measure({f"right_{field}": 1}, {f"compared_{field}": 1})
    measures["grounding"] = Measure({"grounded": 1}, {"checkable": 1})
    measures["invention"] = Measure({"invented": 1}, {"checkable": 1})
    measures["specificity"] = Measure({"silent": 1}, {"empty": 1})
    return measures


MEASURES: Final = _define_measures()
"""Every figure of a report by its name."""


def count_abstract(judgement: Judgement) -> dict[str, float]:
    """Count what all figures are computed from, for one abstract."""
    gold = len(judgement.pairs) + len(judgement.missed)
    predicted = len(judgement.pairs) + len(judgement.repeated) + len(judgement.invented)
    figures = count_figures(judgement)
    counts = dict.fromkeys(COLUMNS, 0.0)
    counts.update(
        abstracts=1,
        gold=gold,
        predicted=predicted,
        matched=len(judgement.pairs),
        soft=sum(pair.comparison.similarity for pair in judgement.pairs),
        strict=sum(not pair.comparison.wrong for pair in judgement.pairs),
        gold_figures=figures.gold,
        predicted_figures=figures.predicted,
        right_figures=figures.right,
        with_figures=float(figures.gold + figures.predicted > 0),
        macro_figures=_f1(figures.right, figures.predicted, figures.gold, empty=0.0),
        empty=float(gold == 0),
        silent=float(gold == 0 and predicted == 0 and not judgement.failed),
    )
    for kind, column in _KINDS.items():
        counts[f"macro_{kind}"] = _f1(counts[column], predicted, gold, empty=1.0)
    for pair in judgement.pairs:
        for field in pair.comparison.fields:
            counts[f"compared_{field}"] += 1
            counts[f"right_{field}"] += field not in pair.comparison.wrong
    if judgement.grounding is not None:
        counts["checkable"] = len(judgement.predicted)
        counts["grounded"] = judgement.grounding.grounded
        counts["invented"] = judgement.grounding.invented
    return counts


def _f1(right: float, predicted: float, gold: float, *, empty: float) -> float:
    return 2 * right / (predicted + gold) if predicted + gold else empty


def tabulate(rows: Iterable[Mapping[str, float]]) -> Counts:
    """Lay out counts as a table: one row an abstract, one column a name of `COLUMNS`.

    Args:
        rows: the counts of each abstract by column; a column that is absent is zero.
    """
    table = [[row.get(name, 0.0) for name in COLUMNS] for row in rows]
    return np.array(table, dtype=np.float64).reshape(-1, len(COLUMNS))


def evaluate(measure: Measure, sums: Counts) -> Counts:
    """Work out a figure from sums of counts.

    Args:
        measure: the figure.
        sums: an array whose last axis runs over `COLUMNS`.

    Returns:
        The figure for each entry of the other axes; NaN where there is nothing to measure.
    """
    above = _weigh(measure.numerator, sums)
    below = _weigh(measure.denominator, sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below > 0, above / below, np.nan)


def _weigh(weights: Mapping[str, float], sums: Counts) -> Counts:
    total = np.zeros(sums.shape[:-1])
    for name, weight in weights.items():
        total = total + weight * sums[..., _PLACE[name]]
    return total
