"""Reading the printed figures of a text from left to right."""

import re
from dataclasses import replace

from extractor.claims import Qualifier
from extractor.quantities.figures import Figure
from extractor.quantities.printed import find_number, read_figure
from extractor.quantities.qualifiers import read_qualifier
from extractor.quantities.words import find_worded

_COORDINATION = re.compile(
    r"(?:,[ ]|,?[ ](?:and|or|to|vs\.?|versus|against)[ ]|-to-|[ ]?/[ ]?|-)"
    r"(?:(?:about|up[ ]to)[ ])?[$~]?"
)
_PAIRED = re.compile(r",?[ ]and[ ]\$?")
_COMPARED = re.compile(r"[ ](?:over|above)[ ](?:the[ ]|an?[ ])?")
_ABSOLUTE_BEFORE = re.compile(r"\babsolute\b(?![ ](?:value|error|position))[^.;]{0,60}$")
_ABSOLUTE_BEHIND = re.compile(r"[ ]\(?(?:in[ ])?absolute\b(?![ ](?:value|error|position))")
_CLAUSE_END = re.compile(r"[.;]")

_TURNED: dict[Qualifier, Qualifier] = {"at_most": "at_least", "at_least": "at_most"}


def find_figures(text: str) -> list[Figure]:
    """Find every printed figure of a text, in the order of its places.

    "from 5 to 8" gives two figures, "5 to 8" and "5-8" one with an upper end. Figures of one
    list share the unit that only the last one prints ("4.7 and 15.5%").
    """
    figures = _find_printed(text)
    if worded := list(find_worded(text)):
        taken = {place for figure in figures for place in range(figure.start, figure.end)}
        figures += [
            _qualify(text, figure)
            for figure in worded
            if figure.start not in taken and figure.end - 1 not in taken
        ]
        figures.sort(key=lambda figure: figure.start)
    _share_units(text, figures)
    _share_qualifiers(text, figures)
    return figures


def _find_printed(text: str) -> list[Figure]:
    figures: list[Figure] = []
    position = 0
    while match := find_number(text, position):
        figure, position = read_figure(text, match)
        if figure is not None:
            figures.append(figure)
    return figures


def _qualify(text: str, figure: Figure) -> Figure:
    found = read_qualifier(text, figure.start, figure.end)
    if found == "exact":
        return figure
    if figure.direction == "decrease":  # less than half is a decrease by more than 2
        found = _TURNED.get(found, found)
    return replace(figure, qualifier=found)


def _share_units(text: str, figures: list[Figure]) -> None:
    """Give a unit to the figures of a list that leave it to another one of the list."""
    for here in range(len(figures) - 2, -1, -1):
        figure, following = figures[here], figures[here + 1]
        if figure.unit is None and following.unit is not None and not figure.in_name:
            between = text[figure.end : following.start]
            if _COORDINATION.fullmatch(between):
                figures[here] = replace(figure, unit=following.unit, unit_printed=False)
    if "absolute" in text:
        _mark_absolute(text, figures)


def _share_qualifiers(text: str, figures: list[Figure]) -> None:
    """Let a qualifier hold for the second of two figures; "5% over 3%" qualifies nothing."""
    for here in range(1, len(figures)):
        earlier, figure = figures[here - 1], figures[here]
        between = text[earlier.end : figure.start]
        if figure.qualifier == "at_least" and _COMPARED.fullmatch(between):
            figures[here] = replace(figure, qualifier="exact")
        elif (
            figure.qualifier == "exact"
            and figure.unit == earlier.unit
            and earlier.qualifier in {"about", "up_to"}
            and _PAIRED.fullmatch(between)
        ):
            figures[here] = replace(figure, qualifier=earlier.qualifier)


def _mark_absolute(text: str, figures: list[Figure]) -> None:
    """Turn percent into points where the text says that the difference is absolute."""
    previous_end: int | None = None
    for here, figure in enumerate(figures):
        if figure.unit != "%":
            continue
        listed = (
            previous_end is not None
            and figure.start - previous_end <= 60
            and not _CLAUSE_END.search(text, previous_end, figure.start)
        )
        before = text[max(0, figure.start - 80) : figure.start]
        if listed or _ABSOLUTE_BEFORE.search(before) or _ABSOLUTE_BEHIND.match(text, figure.end):
            figures[here] = replace(figure, unit="points", unit_printed=False)
            previous_end = figure.end
