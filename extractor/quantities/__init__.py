"""The quantity lexer: printed figures of a text, with unit, qualifier and place."""

from extractor.quantities.figures import Figure, can_ground, occurs, prints
from extractor.quantities.lexing import find_figures
from extractor.quantities.units import (
    UnitKind,
    are_related,
    mentions_unit,
    normalise_unit,
    unit_kind,
)

__all__ = [
    "Figure",
    "UnitKind",
    "are_related",
    "can_ground",
    "find_figures",
    "mentions_unit",
    "normalise_unit",
    "occurs",
    "prints",
    "unit_kind",
]
