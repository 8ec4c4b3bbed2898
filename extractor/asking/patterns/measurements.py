"""What the figures of a sentence measure: each by the first rule that knows it."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

from extractor.asking.patterns.changes import (
    read_by,
    read_by_verb,
    read_change_after,
    read_change_before,
    read_direct,
    read_listed_gain,
    read_ratio,
    read_saved,
    read_signed,
)
from extractor.asking.patterns.differences import (
    read_as_many,
    read_comparative,
    read_metric_more,
    read_multiple_of,
    read_part,
    read_plain_degree,
)
from extractor.asking.patterns.findings import Measurement
from extractor.asking.patterns.metrics import read_measured_subject
from extractor.asking.patterns.places import Place, is_relative, place_figures
from extractor.asking.patterns.sentences import Sentence
from extractor.asking.patterns.values import read_bracketed, read_result, read_share

_TRAINED_ON = re.compile(r"\b(?:train(?:ed|ing)|pretrained|tuned)\s(?:on|with|using)\s[~$]?$")
_Rule = Callable[[Place], Measurement | None]
_RULES: tuple[_Rule, ...] = (
    read_signed,
    read_comparative,
    read_metric_more,
    read_plain_degree,
    read_as_many,
    read_part,
    read_change_after,
    read_change_before,
    read_by_verb,
    read_direct,
    read_saved,
    read_listed_gain,
    read_by,
    read_share,
    read_multiple_of,
    read_ratio,
    read_bracketed,
    read_result,
)
_IN_EACH = re.compile(
    r"\s(?:\([A-Z][^()]{1,40}\)|(?:\w+\s)?(?:in|on|of|for|over|than|compared (?:to|with)"
    r"|relative to"
    r"|against)\s[^,;]{1,70})"
    r"(?:,\s(?:and\s)?|\sand\s)(?:by\s|up to\s|as much as\s|a maximum of\s)?"
)
_PLAIN_LIST_GAP = re.compile(
    r"(?:,\s(?:and\s)?|(?:\s[A-Z][\w@-]*)?\sand\s|\sor\s)(?:by |up to |about )?"
)
_LIST_GAP = re.compile(r"^,?\s?(?:and|or|,)\s(?:up to |by |about |an? )?\(?$|^[,;]\s$|^\s?/\s?$")
_LIST_END = re.compile(r"(?:,|\band\b)\s(?:by |up to |of )?[~$]?$")
_NEW_CLAUSE = re.compile(r";|\b(?:while|with|using|trained)\b")


def find_measurements(sentence: Sentence) -> list[Measurement]:
    """Read the results that the figures of a sentence state, in their order."""
    places = place_figures(sentence)
    found: list[Measurement | None] = [_read_place(place) for place in places]
    _share_readings(places, found)
    return [reading for reading in found if reading is not None]


def _read_place(place: Place) -> Measurement | None:
    figure = place.figure
    if _TRAINED_ON.search(place.before) or (figure.worded and figure.unit is None):
        return None
    for rule in _RULES:
        reading = rule(place)
        if reading is not None:
            return _name_metric(reading, place)
    return None


def _name_metric(reading: Measurement, place: Place) -> Measurement:
    """Take the subject of the clause for the metric, if it names one more fully."""
    subject = read_measured_subject(place.lead)
    if subject is None or (reading.metric is not None and reading.metric not in subject):
        return reading
    return replace(reading, metric=subject)


def _share_readings(places: list[Place], found: list[Measurement | None]) -> None:
    """Let figures of one list play one part: "gains of 4 and 7%", "3x on A and 2x on B"."""
    for bracketed in (False, True):
        row = [here for here, place in enumerate(places) if place.is_bracketed is bracketed]
        for left, right in itertools.pairwise(row):
            gap = places[right].before
            found[right] = _follow(found[left], places[right], found[right], gap)
        for left, right in reversed(list(itertools.pairwise(row))):
            gap = places[right].before
            if found[left] is None or not _IN_EACH.fullmatch(gap):
                found[left] = _follow(found[right], places[left], found[left], gap)


def _follow(
    known: Measurement | None, place: Place, reading: Measurement | None, gap: str
) -> Measurement | None:
    """Give a figure the part of its neighbour in a list, where it has no better one."""
    if known is None:
        return reading
    figure, in_each = place.figure, _IN_EACH.fullmatch(gap)
    if known.figure.unit == "points" and figure.unit is None and in_each:
        return replace(known, figure=replace(figure, unit="points"))
    if known.figure.unit != figure.unit:
        return reading
    if reading is None:
        listed = _LIST_GAP.match(gap) or (_LIST_END.search(gap) and not _NEW_CLAUSE.search(gap))
        return replace(known, figure=figure) if listed and not figure.worded else None
    if known.is_delta and not reading.is_delta:
        each = in_each and (is_relative(figure) or "." in place.printed)
        if each or _PLAIN_LIST_GAP.fullmatch(gap):
            named = each or re.match(r"\s[A-Z]", gap)  # "3.2 F1 and 4.1 EM"
            metric = (reading.metric if named else None) or known.metric
            return replace(known, figure=figure, metric=metric)
    return reading
