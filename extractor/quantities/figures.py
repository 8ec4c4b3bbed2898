"""A printed figure and the question whether a number is among the printed ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from extractor.claims import Direction, Qualifier
from extractor.quantities.units import normalise_unit, unit_kind


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it stands in a text.

    Attributes:
        number: the printed number, suffixes multiplied out; 2 for "half", 100 for "two orders".
        high: the upper end of a printed range.
        unit: in the short form of `normalise_unit`; None for a bare number.
        start: where the figure begins, its qualifier not counted, in characters of the text.
        end: where figure and unit end.
        direction: what the wording itself implies: "half of" decrease, "doubles" increase.
        in_name: whether it only sits in a name or a compound: "Llama 7B", "5-shot".
        worded: whether it is spelled in words, so that it may be no measurement at all ("one").
        unit_printed: whether the unit stands with this very figure; a list may share one, and
            the words around may only suggest one.
    """

    number: float
    high: float | None
    unit: str | None
    qualifier: Qualifier
    start: int
    end: int
    direction: Direction | None = None
    in_name: bool = False
    worded: bool = False
    unit_printed: bool = True


def read_share(parts: int, whole: int) -> float:
    """Give the number of a fraction: 3 for a third, as a decrease by so much; 0.75 for 3/4."""
    return float(whole) if parts == 1 else parts / whole


def can_ground(figure: Figure, unit: str | None) -> bool:
    """Tell whether a printed figure may stand for a number of this unit at all.

    Digits as such may. Numbers in words and in names mostly count or name something else: they
    stand for their own unit or for a count, and for a physical unit that is left unsaid, but
    "two benchmarks" is no 2% and "ImageNet-1K" no 1000%.
    """
    if not (figure.worded or figure.in_name):
        return True
    claimed, printed = unit_kind(unit), unit_kind(figure.unit)
    if claimed == "bare" or printed == "bare":
        return claimed in {"bare", "physical"}
    return normalise_unit(unit) == normalise_unit(figure.unit)


def occurs(number: float, figures: Sequence[Figure]) -> bool:
    """Tell whether any of the figures prints a number."""
    return any(prints(figure, number) for figure in figures)


def prints(figure: Figure, number: float) -> bool:
    """Tell whether a number is printed as a figure or as an end of its range.

    The comparison is exact but for rounding in binary, and blind to the sign: a printed "-3%"
    and a drop of 3% are the same figure. Only "two-thirds" has no exact decimals: two or three
    will do.
    """
    return (
        _is_same(number, figure.number)
        or (figure.high is not None and _is_same(number, figure.high))
        or (figure.direction == "decrease" and figure.number < 1 and _rounds(figure.number, number))
    )


def _rounds(share: float, number: float) -> bool:
    return number in {round(share, 2), round(share, 3)}


def _is_same(left: float, right: float) -> bool:
    return math.isclose(abs(left), abs(right), rel_tol=1e-9)
