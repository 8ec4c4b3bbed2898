"""Compares printed figures by what they say: number, range, unit, qualifier, direction."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import Final

from extractor.claims import Delta, Quantity
from extractor.evaluation.names import join_tokens, split_name
from extractor.evaluation.rules import ScoringRules
from extractor.quantities import normalise_unit, unit_kind

_SCALES: Final = {
    "ns": (1e-9, "s"),
    "µs": (1e-6, "s"),
    "ms": (1e-3, "s"),
    "minutes": (60.0, "s"),
    "hours": (3600.0, "s"),
    "days": (86400.0, "s"),
    "weeks": (604800.0, "s"),
    "GPU-hours": (3600.0, "GPU-s"),
    "GPU-days": (86400.0, "GPU-s"),
    "KB": (1e3, "bytes"),
    "MB": (1e6, "bytes"),
    "GB": (1e9, "bytes"),
    "TB": (1e12, "bytes"),
    "MFLOPs": (1e6, "FLOPs"),
    "GFLOPs": (1e9, "FLOPs"),
    "TFLOPs": (1e12, "FLOPs"),
    "PFLOPs": (1e15, "FLOPs"),
}
_COUNTED = re.compile(r"(?P<count>thousand|million|billion|trillion|[kKMBT])s?[ -](?P<unit>\S.*)")
_COUNTS: Final = {
    **{"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12},
    **{"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12},
}
_DIGITS: Final = 12


@lru_cache(maxsize=4096)
def scale_unit(unit: str | None) -> tuple[float, str]:
    """Bring a unit into a form that depends neither on its spelling nor on its scale.

    Returns:
        A factor and a unit, such that a number of the given unit is `factor` times as large in
        the returned one: "hours" gives 3600 and "s", "million parameters" a million and
        "parameters", no unit 1 and "".
    """
    if unit is None:
        return 1.0, ""
    factor = 1.0
    if counted := _COUNTED.fullmatch(unit):
        factor, unit = _COUNTS[counted["count"]], counted["unit"]
    short = normalise_unit(unit)
    scale, base = _SCALES.get(short or "", (1.0, short))
    if unit_kind(base) == "bare":
        base = join_tokens(split_name(base or ""))
    return factor * scale, base or ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity in a form in which equal figures are equal.

    Attributes:
        low: the number in units of `unit`, to twelve digits.
        high: the upper end of a range, else None.
        unit: "%", "points", "x", a unit without its scale, or "" for a bare score.
        direction: of a difference, else None.
        printed: both ends as they are printed, for comparing figures whose units differ.
    """

    low: float
    high: float | None
    unit: str
    qualifier: str
    direction: str | None
    printed: tuple[float, ...] = field(compare=False, repr=False)

    @property
    def size(self) -> tuple[float, float | None, str]:
        """What figures F1 compares besides the role: number, upper end, unit."""
        return self.low, self.high, self.unit


def normalise_figure(figure: Quantity, *, is_proportion: bool = False) -> Figure:
    """Bring a printed figure into comparable form.

    Args:
        figure: as it is printed.
        is_proportion: it is the value of a metric that is a share of a whole, so that a bare
            number from 0 to 1 means as much as a percentage.
    """
    factor, unit = scale_unit(figure.unit)
    ends = [figure.number] if figure.high is None else [figure.number, figure.high]
    if is_proportion and unit == "" and all(0 <= end <= 1 for end in ends):
        factor, unit = 100.0, "%"
    if isinstance(figure, Delta):  # the sign only repeats the direction
        ends = [abs(end) for end in ends]
    low, *rest = [float(f"{end * factor:.{_DIGITS}g}") for end in ends]
    return Figure(
        low=low,
        high=rest[0] if rest and rest[0] != low else None,
        unit=unit,
        qualifier=figure.qualifier,
        direction=figure.direction if isinstance(figure, Delta) else None,
        printed=tuple(ends),
    )


def compare_figures(first: Figure, second: Figure, rules: ScoringRules) -> float:
    """Give the credit for one figure in place of the other, from 0 to 1.

    A wrong number earns nothing, however near it is: 28 is not 28.4.
    """
    one, other = _ends(first, second), _ends(second, first)
    shared = [end == facing for end, facing in zip_longest(one, other)]
    if not any(shared):
        return 0.0
    credit = 1.0 if all(shared) else rules.open_range
    if first.unit != second.unit:
        credit *= rules.number_only
    if first.direction != second.direction:
        credit *= rules.wrong_direction
    if first.qualifier != second.qualifier:
        credit *= rules.wrong_qualifier
    return credit


def have_same_numbers(first: Figure, second: Figure) -> bool:
    """Tell whether two figures print the same number, or the same range, in whatever unit."""
    return _ends(first, second) == _ends(second, first)


def _ends(figure: Figure, other: Figure) -> tuple[float, ...]:
    """Give the ends by which a figure is compared with another: scaled only if that is fair."""
    if figure.unit != other.unit:
        return figure.printed
    return (figure.low,) if figure.high is None else (figure.low, figure.high)
