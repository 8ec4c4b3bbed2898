"""Joining the figures of one result: value, the rival's value and the difference."""

import re
from dataclasses import replace

from extractor.asking.patterns.findings import Measurement
from extractor.asking.patterns.moves import join_moves
from extractor.asking.patterns.rivalry import (
    Gap,
    Rivalry,
    read_earlier_rival,
    read_rivalry,
)
from extractor.asking.patterns.sentences import Sentence
from extractor.asking.patterns.topics import NAME
from extractor.quantities import Figure

_ON_DATA = r"(?:\s[\w][\w\s-]{0,30}?)?"
_RIVALS = re.compile(
    r"\b(?:surpass|exceed|outperform|beat|than|over|above"
    rf"|against)\w*\s(?:the\s)?(?P<name>{NAME})['’]s\s(?:\w+\s)?$"
)
_BEFORE = re.compile(
    rf"{_ON_DATA},?\s?\(?(?:down|up|improved|improving|reduced)\s?(?:from|of)?\s[~$]?"
    r"|\s\(from\s[~$]?"
)
_FROM_BEHIND = re.compile(r"\sfrom\s(?:only\s|just\s|about\s)?")
_TO_AHEAD = re.compile(r"\bto\s(?:about\s|over\s|[~$])?$")
_BRACKET = re.compile(r"(?:\s[\w-]+){0,6}\s\(")
_WAS = re.compile(r"\s(?:before|previously|originally)\b")
_OVER = re.compile(r"\s(?:over|above)\s(?:the\s)?")
# What may stand between a value and the difference that it makes.
_GAIN_OF = re.compile(
    r"[^;.]{0,45}?,\s(?:an?|for an?|which is an?|or an?|with an?|that is|up|down|thus"
    r"|representing an?|corresponding to an?|marking an?)\s?(?:\w+\s){0,2}"
    r"(?:gains?|improvements?|increases?|reductions?|drops?|speed-?ups?|decreases?|rise"
    r"|lead)?(?:\s(?:over|on|from|in|against)\s[^,;.]{1,50}?)?(?:\sof|\sby)?\s?"
    r"|[^;.]{0,45}?,\s(?:surpassing|outperforming|exceeding|beating|improving (?:on|over|upon)"
    r"|outdoing|bettering|trailing)\s[^;]{1,80}?\sby\s(?:\w+\s){0,3}?"
    r"|\s?(?:points\s)?\(\+?(?:an?\s)?"
)
_BARE_GAP = re.compile(
    r"[^;.]{0,45}?(?:,\s(?:(?:only|just|and|some|about|i\.e\.,|nearly|over|more than|roughly) )*"
    r"|\s(?:is|was)\s)"
)
_SIDE_BEHIND = re.compile(
    r"\s(?:(?:points?|absolute|percentage)\s)?(?:above|below|behind|ahead|better|worse|higher|lower"
    r"|more|less|fewer|over|short of|shy of|faster|slower|quicker|larger|smaller|longer|narrower)\b"
    r"|\s(?:that of|the\s\w+ of)"
)
_REACHING = re.compile(r"\s(?:points?\s)?to\s(?:an?\s|about\s)?(?:\w+\s){0,2}?")
_TIMES = frozenset({"ms", "s", "minutes", "hours", "days"})


def join_figures(sentence: Sentence, readings: list[Measurement], method: str) -> list[Measurement]:
    """Join values with the figures they are compared with, and with their differences.

    Args:
        method: the paper's own method, whose figures are no rival's.
    """
    known = {one.figure.start for one in readings}
    joined: list[Measurement] = []
    rivals: list[tuple[Figure, Rivalry]] = []
    place = end = 0
    for reading in _join_owned(sentence.text, join_moves(sentence, readings)):
        peer = _find_peer(joined, reading)
        rivalry = None
        if peer is not None:
            gap = Gap(sentence.text, end, reading.figure, method)
            rivalry = read_rivalry(gap, goes_on=bool(rivals))
        if reading.figure.unit != "parameters" or reading.figure.start in known:
            end = reading.end
        if peer is not None and rivalry is not None:
            place = peer
            rivals.append((reading.figure, rivalry))
            continue
        joined = _add_rivals(joined, place, rivals)
        rivals = []
        together = _join(sentence.text, joined[-1], reading) if joined else None
        if together is not None:
            joined[-1] = together
        elif reading.figure.start in known or reading.rival is not None:
            joined.append(reading)
    return _turn_round(sentence.text, _add_rivals(joined, place, rivals), method)


def _turn_round(text: str, joined: list[Measurement], method: str) -> list[Measurement]:
    """Give the method's value the rival's that stands before it: "while Y gets 5, it gets 8"."""
    for here in range(len(joined) - 1):
        first, second = joined[here], joined[here + 1]
        if first.figure.unit != second.figure.unit or not _are_alike([first, second]):
            continue
        rival = read_earlier_rival(text, first.figure, second.figure, method)
        if rival:
            merged = replace(second, rival=first.figure, rival_name=rival)
            merged = replace(merged, metric=second.metric or first.metric)
            return [*joined[:here], merged, *joined[here + 2 :]]
    return joined


def _find_peer(joined: list[Measurement], reading: Measurement) -> int | None:
    """Find the last result that a figure could be compared with: one of the same kind."""
    if reading.is_delta or reading.rival is not None:
        return None
    for place in range(len(joined) - 1, max(-1, len(joined) - 3), -1):
        last = joined[place]
        value = last.value or last.figure
        if last.rival is not None:
            return None
        if reading.figure.unit in {value.unit, None if value.unit != "x" else "x"} or (
            {reading.figure.unit, value.unit} <= _TIMES
        ):
            return place
    return None


def _add_rivals(
    joined: list[Measurement], place: int, rivals: list[tuple[Figure, Rivalry]]
) -> list[Measurement]:
    """Give values the figures of rivals: one each if there are as many, else all to one."""
    count = len(rivals)
    if not count:
        return joined
    first = max(0, place + 1 - count)
    before, peers, behind = joined[:first], joined[first : place + 1], joined[place + 1 :]
    names = {rivalry.name for _, rivalry in rivals if rivalry.name}
    if count > 1 and len(names) < 2 and len(peers) == count and _are_alike(peers):
        name = next(iter(names), None)
        opposed = [
            _oppose(value, figure, replace(rivalry, name=name))
            for value, (figure, rivalry) in zip(peers, rivals, strict=True)
        ]
        return before + opposed + behind
    value, outcome = joined[place], rivals[0][1].outcome
    if value.is_delta and value.value is None:
        return joined  # what the same difference is for a rival has no field of its own
    opposed = [
        _oppose(value, figure, replace(rivalry, outcome=outcome)) for figure, rivalry in rivals
    ]
    return joined[:place] + opposed + behind


def _are_alike(values: list[Measurement]) -> bool:
    units = {one.figure.unit for one in values}
    return len(units) == 1 and not any(one.is_delta or one.rival for one in values)


def _oppose(value: Measurement, figure: Figure, rivalry: Rivalry) -> Measurement:
    unit = figure.unit or (value.value or value.figure).unit
    return replace(
        value,
        rival=replace(figure, unit=unit),
        rival_name=rivalry.name or value.rival_name,
        verdict=rivalry.outcome,
    )


def _join_owned(text: str, readings: list[Measurement]) -> list[Measurement]:
    """Give the value of "beats X's 58.2 with a score of 61" the figure of its rival."""
    for here, reading in enumerate(readings[:-1]):
        following = readings[here + 1]
        owner = _RIVALS.search(text[: reading.figure.start])
        if owner and not (reading.is_delta or following.is_delta or following.rival):
            merged = replace(following, rival=reading.figure, rival_name=owner["name"])
            return [*readings[:here], merged, *readings[here + 2 :]]
    return readings


def _join(text: str, last: Measurement, reading: Measurement) -> Measurement | None:
    """Make one measurement of two neighbours; None if they are two results."""
    if reading.rival is not None:
        return None
    nearest = last.value or last.figure
    gap = text[max(last.figure.end, nearest.end) : reading.figure.start]
    if reading.is_delta:
        return _join_difference(text, last, reading)
    if last.is_delta and last.value is None and last.rival is None and _REACHING.fullmatch(gap):
        return replace(last, value=reading.figure, metric=last.metric or reading.metric)
    if last.rival is not None or reading.figure.unit not in {nearest.unit, None}:
        return None
    if last.is_delta:
        joins = last.value is None and _OVER.fullmatch(gap)
    else:
        after = text[reading.figure.end :]
        joins = (
            _BEFORE.fullmatch(gap)
            or (_BRACKET.fullmatch(gap) and _WAS.match(after))
            or (_FROM_BEHIND.fullmatch(gap) and _TO_AHEAD.search(text, 0, last.figure.start))
        )
    return replace(last, rival=replace(reading.figure, unit=nearest.unit)) if joins else None


def _join_difference(text: str, last: Measurement, reading: Measurement) -> Measurement | None:
    """Give a difference the value that it leads to: "88.4%, 6.9% above Y"."""
    if last.is_delta or last.figure.unit == "x" or reading.value is not None:
        return None
    gap = text[last.end : reading.figure.start]
    beside = _BARE_GAP.fullmatch(gap) and _SIDE_BEHIND.match(text, reading.figure.end)
    if not (beside or _GAIN_OF.fullmatch(gap)) or not _agree(last.metric, reading.metric):
        return None
    return replace(
        reading,
        value=last.figure,
        rival=last.rival,
        rival_name=reading.rival_name or last.rival_name,
        metric=last.metric or reading.metric,
    )


def _agree(first: str | None, second: str | None) -> bool:
    """Whether two metrics may be the same one, told more or less fully."""
    if first is None or second is None:
        return True
    one, other = set(first.lower().split()), set(second.lower().split())
    return bool(one & other) or "speed" in other
