"""Differences told by comparison: "3x faster", "half the memory", "twice as many"."""

import re

from extractor.asking.patterns.changes import read_by_verb
from extractor.asking.patterns.findings import Measurement
from extractor.asking.patterns.lexicon import (
    COMPARATIVE,
    DECREASING,
    METRIC,
    find_last,
)
from extractor.asking.patterns.metrics import read_metric
from extractor.asking.patterns.names import is_proper
from extractor.asking.patterns.places import MODEL_AFTER, Place, is_relative

_COMPARATIVE_AFTER = re.compile(
    rf"^[-\s]\s?(?:\w+ly |times |as )?{COMPARATIVE.pattern}(?P<rest>.*)"
)
_ANY_COMPARATIVE = re.compile(
    r"^\s(?P<word>(?:narrow|thin|dens|sharp|bright|tight|light|slim|sparse|steep|clos|clean|broad"
    r"|warm|cool|tall|quiet|loud|safe|rich|simpl)\w{0,3}er)\b"
)
_PLAIN_DEGREE = re.compile(
    r"^\s(?:(?P<up>higher|better|greater|more|larger|above)|(?P<down>lower|worse|less|smaller"
    r"|below))\b"
)
_THAT_OF = re.compile(r"\s(?:that|those)\sof\b")
_METRIC_MORE = re.compile(
    rf"\s{METRIC.pattern}\s(?P<degree>more|less|higher|lower|better|worse)\sthan\b"
)
_AS_MANY = re.compile(
    r"^\s(?:as (?P<much>many|much|fast|efficient|large|high|long|big|small)(?P<rest>.*))"
)
_OF_WHOLE = re.compile(
    r"^\s(?:of )?(?:the|its|their|that of|as many|as much|what)\b\s?(?P<rest>.*)|^\sof\s(?P<of>.*)"
)
_PROPER_AFTER = re.compile(r"\s[A-Z]")
_EFFICIENT = re.compile(r"\s(?P<kind>(?:\w+\s)?(?:[\w-]+-)?)efficient\b")
_SPEED_OF = re.compile(r"\s(?P<what>inference|training|decoding|generation|sampling)\b")
_MULTIPLE_OF = re.compile(r"^\s(?:(?:that|those)\sof|(?:the|its|their)\s(?:original\s)?\w+)\b")


def read_comparative(place: Place) -> Measurement | None:
    """Read "3x faster", "40% fewer parameters", "5 points higher than"."""
    found = _COMPARATIVE_AFTER.match(place.after)
    if found is None or not (is_relative(place.figure) or place.figure.unit in {"GB", "MB"}):
        other = _ANY_COMPARATIVE.match(place.after) if place.figure.unit == "x" else None
        less = other and re.match("narrow|thin|tight|slim|light|clos|quiet", other["word"])
        beside = find_last(METRIC, place.before)
        return other and Measurement(
            place.figure,
            True,
            "decrease" if less else "increase",
            beside[0] if beside else None,
            True,
        )
    if found["size"] and (MODEL_AFTER.match(found["rest"]) or _PROPER_AFTER.match(found["rest"])):
        return None
    kinds = ("speed", "size", "cost", "up", "down")
    comparative = next(found[kind] for kind in kinds if found[kind])
    return Measurement(
        place.figure,
        True,
        "decrease" if comparative in DECREASING else "increase",
        _metric_of_comparative(found, comparative, place.before),
        {"better": True, "worse": False}.get(comparative),
    )


def _metric_of_comparative(found: re.Match[str], comparative: str, before: str) -> str | None:
    """Name what is faster, smaller, cheaper, more or less."""
    rest = found["rest"]
    if found["cost"]:
        return "cost"
    if found["speed"]:
        what = _SPEED_OF.match(rest)
        return f"{what['what']} speed" if what else "speed"
    metric = read_metric(rest)
    if found["size"]:
        return metric if metric and METRIC.search(metric) else "size"
    efficient = _EFFICIENT.match(rest) if comparative == "more" else None
    if efficient:
        return f"{efficient['kind'].strip(' -')} efficiency".strip()
    if metric is None:
        beside = find_last(METRIC, before)
        metric = beside[0] if beside else None
    return metric


def read_metric_more(place: Place) -> Measurement | None:
    """Read "12 BLEU more than"."""
    found = _METRIC_MORE.match(place.after)
    if found is None:
        return None
    down = found["degree"] in {*DECREASING}
    metric = METRIC.search(found[0])
    return Measurement(
        place.figure, True, "decrease" if down else "increase", metric[0] if metric else None
    )


def read_plain_degree(place: Place) -> Measurement | None:
    """Read "PESQ is 0.21 higher": a difference in the units of a score."""
    found = _PLAIN_DEGREE.match(place.after)
    if found is None or place.figure.unit is not None or "." not in place.printed:
        return None
    beside = find_last(METRIC, place.before)
    return Measurement(
        place.figure,
        True,
        "increase" if found["up"] else "decrease",
        beside[0] if beside else None,
        {"better": True, "worse": False}.get(found[0].strip()),
    )


def read_as_many(place: Place) -> Measurement | None:
    """Read "twice as fast", "4 times as many samples"."""
    found = _AS_MANY.match(place.after)
    if found is None or place.figure.unit != "x":
        return None
    much = found["much"]
    named = {
        "fast": "speed",
        "efficient": "efficiency",
        "large": "size",
        "long": "length",
        "high": None,
        "big": "size",
        "small": "size",
    }
    metric = named[much] if much in named else read_metric(found["rest"])
    return Measurement(place.figure, True, place.figure.direction or "increase", metric)


def read_part(place: Place) -> Measurement | None:
    """Read "half the memory", "a third of the data", "doubles the batch size"."""
    figure = place.figure
    if figure.direction is None or _THAT_OF.match(place.after):
        return None
    if re.search(
        r"\b(?:cut|reduc\w+|decreas\w+|shr[iua]nk\w*)\s(?P<metric>[^,;]+?)\s(?:in|by"
        r"|to)\s(?:about\s|roughly\s)?$",
        place.all_before,
    ):
        return read_by_verb(place)
    whole = _OF_WHOLE.match(place.after)
    rest = (whole["rest"] or whole["of"]) if whole else place.after
    metric = read_metric(" " + (rest or ""))
    if metric is None:
        found = list(METRIC.finditer(place.clause))
        metric = found[-1][0] if found else None
    if metric is None and not whole:
        return None
    if metric and whole and is_proper(metric.split()[0]) and not METRIC.search(metric):
        return Measurement(figure, True, figure.direction, None, rival_name=metric)
    return Measurement(figure, True, figure.direction, metric)


def read_multiple_of(place: Place) -> Measurement | None:
    """Read "its speed is 5 times that of X", "2.9x the original speed"."""
    if place.figure.unit != "x" or not _MULTIPLE_OF.match(place.after):
        return None
    metric = None
    if not re.match(r"\s(?:that|those)\b", place.after):
        metric = read_metric(place.after)
    for found in METRIC.finditer(place.before):
        metric = metric or found[0]
    return Measurement(place.figure, True, place.figure.direction or "increase", metric)
