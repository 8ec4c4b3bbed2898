"""A figure in its place: the words around it, and what they make of it."""

import re
from dataclasses import dataclass

from extractor.asking.patterns.lexicon import (
    METRIC,
)
from extractor.asking.patterns.sentences import Sentence
from extractor.quantities import Figure, unit_kind

SHORT_TAIL = (
    r"(?:\s(?:about|around|roughly|nearly|approximately|almost|over|more than|up to|as much as"
    r"|at least|less than|below|within|merely|only|just|some|an?|under|even|well|average"
    r"|on average|mean|total|absolute"
    r"|impressive|between|of|additional|the|another))*\s*[~$(]*$"
)
"""What may stand between a word and the figure that it belongs to."""

MODEL_AFTER = re.compile(
    r"^[^.,;]{0,30}?\b(?:models?|baselines?|LLMs?|LMs?|networks?|ones|counterparts?|rivals"
    r"|systems|competitors)\b"
)
SCORE_VERBS = {"scores", "returns", "score"}
_BRACKETS = re.compile(r"\s?\([^()]*\d[^()]*\)")


@dataclass(frozen=True, slots=True)
class Place:
    """A figure and the words around it.

    Attributes:
        before: what stands between it and the figure before it, or the sentence's beginning.
        after: what stands between it and the next figure, or the sentence's end.
        clause: the whole clause it is in.
        lead: the clause up to the figure.
        all_before: the sentence up to the figure.
        is_bracketed: whether it stands in brackets, so that all figures are its neighbours.
        printed: the figure itself, its unit included.
    """

    figure: Figure
    before: str
    after: str
    clause: str
    lead: str
    all_before: str
    is_bracketed: bool
    printed: str

    @property
    def is_fold(self) -> bool:
        """Whether it is spelled as in "tenfold", which stands behind its verb without "by"."""
        figure = self.figure
        return figure.worded and figure.unit == "x" and figure.direction is None


def place_figures(sentence: Sentence) -> list[Place]:
    """Lay out the figures; those in brackets do not part the words around the others."""
    figures = [figure for figure in sentence.figures if not figure.in_name]
    inside = [_is_bracketed(sentence.text, figure) for figure in figures]
    # A metric at the beginning of a sentence is no name.
    text = sentence.text[:1].lower() + sentence.text[1:]
    places = []
    for here, figure in enumerate(figures):
        peers = [
            other
            for other, hidden in zip(figures, inside, strict=True)
            if inside[here] or not hidden
        ]
        rank = peers.index(figure)
        left = peers[rank - 1].end if rank else 0
        right = peers[rank + 1].start if rank + 1 < len(peers) else len(text)
        start, end = sentence.clause_at(figure.start)
        before, after = text[left : figure.start], text[figure.end : right]
        places.append(
            Place(
                figure,
                before=before if inside[here] else strip_brackets(before),
                after=after if inside[here] else strip_brackets(after),
                clause=text[start:end],
                lead=strip_brackets(text[start : figure.start]),
                all_before=text[: figure.start],
                is_bracketed=inside[here],
                printed=text[figure.start : figure.end],
            )
        )
    return places


def _is_bracketed(text: str, figure: Figure) -> bool:
    before = text[: figure.start]
    return before.count("(") > before.count(")")


def strip_brackets(text: str) -> str:
    """Leave out brackets that hold figures."""
    return _BRACKETS.sub("", text) if "(" in text else text


def is_relative(figure: Figure) -> bool:
    """Tell whether a figure is a percentage, points or a ratio."""
    return unit_kind(figure.unit) in {"percent", "points", "ratio"}


def metric_beside(place: Place) -> str | None:
    """Find the metric nearest to a difference: in its unit, behind it, before it."""
    inside = METRIC.search(place.printed) if place.figure.unit == "points" else None
    if inside:
        return inside[0]
    after = re.match(r"\s(?:in|on|of|for)\s(?:terms of\s)?(?:the\s)?(?P<np>[^,;.]*)", place.after)
    if after:
        found = METRIC.search(after["np"])
        if found:
            return found[0]
    found = METRIC.search(place.after.split(",")[0]) or METRIC.search(place.before)
    return found[0] if found else None


def metric_in_clause(place: Place) -> str | None:
    """Find the only metric of the clause; None if there are several."""
    found = {match[0] for match in METRIC.finditer(place.clause)} - SCORE_VERBS
    return found.pop() if len(found) == 1 else None
