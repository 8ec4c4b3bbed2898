"""Comparisons by degree: "higher throughput than X", "more robust than Y"."""

import re

from extractor.asking.patterns.findings import Comparison
from extractor.asking.patterns.lexicon import (
    GENERIC_OBJECT,
    METRIC,
    is_lower_better,
)
from extractor.asking.patterns.metrics import read_metric
from extractor.asking.patterns.names import read_names
from extractor.claims import Outcome

_COMPARED = re.compile(
    r"\b(?P<degree>more|less|fewer|greater|higher|lower|better|faster|smaller|larger|stronger"
    r"|cheaper|worse|shorter|longer|simpler|richer|slower|superior)"
    r"(?P<middle>\s[^,;.]{1,60}?)?\s(?:than(?: with| for| in| by| when using)?|compared (?:to"
    r"|with)|relative to|over|in comparison (?:to|with))\s(?P<object>)"
)
_SECOND_DEGREE = re.compile(
    r"\sand\s(?P<degree>more|less|fewer|greater|higher|lower|better|faster|smaller|larger"
    r"|stronger|shorter|slower)(?P<rest>\s.*)?$"
)
_ADJECTIVES = {
    "efficient": "efficiency",
    "accurate": "accuracy",
    "robust": "robustness",
    "stable": "stability",
    "scalable": "scalability",
    "effective": None,
    "diverse": "diversity",
    "vulnerable": "vulnerability",
    "reliable": "reliability",
    "expressive": "expressiveness",
    "interpretable": "interpretability",
    "consistent": "consistency",
    "flexible": "flexibility",
}


def find_degrees(text: str) -> list[Comparison]:
    """Find "higher throughput than X", "more efficient than X"."""
    found = []
    for match in _COMPARED.finditer(text):
        degree, middle = match["degree"], match["middle"] or ""
        if (
            re.search(r"\d", middle)
            or re.search(r"\b(?:models?|LLMs?|important|likely|common|difficult)\b", middle)
            or (degree in {"more", "less", "fewer"} and re.fullmatch(r"", middle))
        ):
            continue
        names, end = read_names(text, match.start("object"))
        names = [
            name
            for name in names
            if not GENERIC_OBJECT.match(name) and not re.match(r"[\d.]+\S*$", name)
        ]
        if not names:
            continue
        second = _SECOND_DEGREE.search(middle)
        if second:
            middle = middle[: second.start()]
            also = _metric_of_degree(second["degree"], second["rest"])
            judged = _judge_degree(second["degree"], also)
            place = match.start("middle") + second.start("degree")
            found.append(Comparison(place, end, judged, tuple(names), also))
            end = place
        metric = _metric_of_degree(degree, middle)
        outcome = _judge_degree(degree, metric)
        found.append(Comparison(match.start(), end, outcome, tuple(names), metric))
    return found


def _metric_of_degree(degree: str, middle: str) -> str | None:
    word = middle.strip().split(" ")[0] if middle.strip() else ""
    if degree in {"more", "less"} and word in _ADJECTIVES:
        return _ADJECTIVES[word]
    if degree in {"faster", "slower"}:
        inner = METRIC.search(middle)
        return inner[0] if inner else "speed"
    if degree in {"smaller", "larger"} and not middle.strip():
        return "size"
    if degree == "cheaper":
        return "cost"
    return read_metric(middle) if middle else None


def _judge_degree(degree: str, metric: str | None) -> Outcome:
    if degree in {"better", "faster", "stronger", "cheaper", "simpler", "richer", "superior"}:
        return "better"
    if degree in {"worse", "slower"}:
        return "worse"
    more = degree in {"more", "greater", "higher", "larger", "longer"}
    bad = is_lower_better(metric) or metric in {"vulnerability"}
    return "worse" if more == bad else "better"
