"""Values told with what they were before or are elsewhere: "from 5 to 8", "5 → 8", "8 vs. 5"."""

import itertools
import re
from dataclasses import replace

from extractor.asking.patterns.findings import Measurement
from extractor.asking.patterns.lexicon import CHANGE_VERB, METRIC, find_last
from extractor.asking.patterns.metrics import read_metric
from extractor.asking.patterns.sentences import Sentence
from extractor.quantities import Figure

_FROM = re.compile(r"\bfrom\s(?:an?\s|about\s|[~$])?[\w\s]{0,20}?$", re.IGNORECASE)
_TO = re.compile(r"(?:\s?[\w/%]+)?\s?to\s(?:an?\s|about\s|[~$])?")
_AGAINST = re.compile(r"\s(?:vs\.?|v\.s\.?|versus)\s")
_ARROW = re.compile(r"\s?(?:→|->|=>|\$?\\(?:right|to|long)\w*\$?)\s?")
_SECOND_OBJECT = re.compile(r"\d\S*\s(?:[\w/]+\s)?and\s")
_SIZE_BEHIND = re.compile(r"\s?(?:B|M)\b|\s(?:models|parameters)")


def join_moves(sentence: Sentence, readings: list[Measurement]) -> list[Measurement]:
    """Make one measurement of "from 5 to 8" and of a difference with its value in brackets."""
    by_start = {reading.figure.start: reading for reading in readings}
    figures = [figure for figure in sentence.figures if not figure.in_name]
    pairs = _find_pairs(sentence.text, figures)
    joined: list[Measurement] = []
    used: set[int] = set()
    for figure in figures:
        if figure.start in used:
            continue
        pair = pairs.get(figure.start)
        if pair is not None:
            used |= {pair[0].start, pair[1].start}
            _add_pair(sentence.text, pair, by_start, joined)
        else:  # a figure that is nothing by itself may still be a rival's
            joined.append(by_start.get(figure.start) or Measurement(figure, False))
    return joined


def _find_pairs(text: str, figures: list[Figure]) -> dict[int, tuple[Figure, Figure]]:
    """Find values with those of rivals, by the place of the first of the two."""
    pairs = {
        figure.start: (replace(figure, number=figure.high, high=None), replace(figure, high=None))
        for figure in figures
        if figure.high is not None and _moves_in_brackets(text, figure)
    }
    for first, second in itertools.pairwise(figures):
        if first.unit != second.unit:
            continue
        gap = text[first.end : second.start]
        moved = _TO.fullmatch(gap) and _FROM.search(text[: first.start][-40:])
        if moved or _ARROW.fullmatch(gap):
            pairs[first.start] = (second, first)
        elif _AGAINST.fullmatch(gap):
            pairs[first.start] = (first, second)
    return pairs


def _moves_in_brackets(text: str, figure: Figure) -> bool:
    """Whether a range in brackets is a move: "improves on X (71.2 to 75.4)"."""
    return (
        text[figure.start - 1 : figure.start] == "("
        and " to " in text[figure.start : figure.end]
        and CHANGE_VERB.search(text, 0, figure.start) is not None
    )


def _add_pair(
    text: str,
    pair: tuple[Figure, Figure],
    by_start: dict[int, Measurement],
    joined: list[Measurement],
) -> None:
    """Add value and rival to the difference they belong to, or as a result of their own."""
    value, rival = pair
    start = min(value.start, rival.start)
    later = max(pair, key=lambda figure: figure.start)
    if (
        later.unit == "parameters"
        or (later.unit is None and text[later.end - 1] in "BMK")
        or _SIZE_BEHIND.match(text, later.end)
    ):
        return  # how far sizes were varied
    last = joined[-1] if joined else None
    if last is not None and last.is_delta and last.value is None:
        gap = text[last.figure.end : start]
        if len(gap) < 70 and ("(" in gap or not gap.strip() or re.search(r"\bfrom\b", gap)):
            joined[-1] = replace(last, value=value, rival=rival)
            return
    reading = by_start.get(value.start) or by_start.get(rival.start)
    metric = _read_changed(text, start) or (reading.metric if reading else None)
    if metric is None:
        found = METRIC.search(text, 0, start)
        metric = found[0] if found else None
    joined.append(Measurement(value, False, metric=metric, rival=rival))


def _read_changed(text: str, end: int) -> str | None:
    """Read what the last verb before a place changes."""
    verb = find_last(CHANGE_VERB, text, 0, end)
    if verb is None:
        return None
    parts = _SECOND_OBJECT.split(text[verb.end() : end])
    return read_metric(f" {parts[-1].strip()} ")
