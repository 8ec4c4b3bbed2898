"""Figures that are results themselves: scores, shares kept, costs and counts."""

import re
from dataclasses import replace

from extractor.asking.patterns.findings import Measurement
from extractor.asking.patterns.lexicon import (
    CHANGE_VERB,
    METRIC,
    find_last,
)
from extractor.asking.patterns.metrics import read_metric
from extractor.asking.patterns.places import SCORE_VERBS, SHORT_TAIL, Place, metric_in_clause
from extractor.quantities import Figure

_STRONG_RESULT = re.compile(
    r"\b(?:achiev\w+|reach\w*|obtain\w*|attain\w*|scor(?:es?|ed|ing)|hit(?:s|ting)?|deliver\w*"
    r"|yield\w*|post(?:s|ed|ing)|register\w*"
    r"|stands? (?:now )?at|getting|gets|solv\w+|detect\w*|earn\w*|recover\w*|retriev\w*"
    rf"|identif\w+|explain\w*|correct\w*|run(?:s|ning)? at|sustain\w*){SHORT_TAIL}",
    re.IGNORECASE,
)
_FOUND = re.compile(
    r"\b(?:found|finds?|finding|detect(?:s|ed|ing)?|uncover(?:s|ed)?|discover(?:s|ed)?"
    r"|expos(?:es|ed)|expand\w*|support\w* (?:to|from)|extract\w*|identif\w+)\b[^,;.]{0,40}$"
)
_FOUND_AFTER = re.compile(
    r"^\s(?:[\w-]+\s){0,3}?\w+s\s(?:(?:are|were|have been)\s)?(?:already\s)?(?:confirmed|fixed"
    r"|found|solved|detected)\b"
)
_SPENT = re.compile(
    r"^\s(?:[\w-]+\s){0,2}?(?:examples|samples|demonstrations|steps|iterations|epochs|labels|images"
    r"|queries|calls|trajectories|documents|pairs|instances|episodes|interactions)\b"
)
_SAVING = re.compile(
    r"\b(?:only|just|mere(?:ly)?|as (?:few|little) as|less than|fewer than|under|within"
    r"|no more than|<)\s*(?:\w+ing )?(?:a |an |about |around |some )?[~$]?$",
    re.IGNORECASE,
)
_KEEPS = re.compile(
    r"\b(?:maintain\w*|keep\w*|kept|retain\w*|preserv\w*|recover\w*|reach\w*|achiev\w*"
    rf"|attain\w*|match\w*|captur\w*){SHORT_TAIL}",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    rf"\b(?:clos(?:es?|ed|ing)|bridg\w+|recover\w*|narrow\w*){SHORT_TAIL}", re.IGNORECASE
)
_DEVICE = re.compile(r"(?:A100|H100|V100|RTX|NVIDIA|GPUs? with|4090|3090|T4)\s[\w ]{0,12}\(?$")
_COUNTED = re.compile(
    r"^\s(?:(?!on\b|in\b|for\b|and\b|of\b|with\b|over\b|to\b)(?:[\w-]+"
    r"|&)\s){0,4}?(?!accuracy)[a-z][\w-]*[a-rt-z]s\b"
)
_SIZE_OF_MODEL = re.compile(
    r"^[-\s](?:\w+\s){0,2}?(?:models?|LLMs?|LMs?|variants?|base|versions?|scale|network"
    r"|Transformers?|backbones?)\b",
    re.IGNORECASE,
)
_NOISE_UNITS = frozenset(
    {
        "tokens",
        "parameters",
        "years",
        "months",
        "weeks",
        "bits",
        "layers",
        "days",
        "hours",
        "GPUs",
        "degrees",
        "bytes",
        "minutes",
        "s",
    }
)
_TIMES = frozenset({"s", "minutes", "hours", "days"})
_CONDITION_UNITS = frozenset(
    {"km", "m", "cm", "mm", "nm", "µm", "kg", "g", "mg", "ml", "°C", "mA", "V"}
)
_UNDER = re.compile(
    r"(?:\b(?:at|for an?|for|after|before|every|per|each|to|over|with|under|between|\w+ed)"
    rf"|\bof){SHORT_TAIL}|^$",
    re.IGNORECASE,
)
_SPENDS = re.compile(
    rf"\b(?:takes?|taking|took|requir\w+|needs?|needed|costs?|lasts?|adds?|finish\w*|complet\w*"
    rf"|in|within|latency of|time of|delayed by){SHORT_TAIL}"
)
_NAME_BRACKET = re.compile(r"\b[A-Z][\w@+.-]*(?:\s(?:dataset|benchmark|[A-Z\d][\w-]*))?\s\($")
_RIVAL_LIST = re.compile(
    r"\b(?:outperform|surpass|exceed|beat|than|over|against|compared)\w*\s[^;]{0,90}$",
    re.IGNORECASE,
)
_SHARE_OF = re.compile(r"\sof\s(?:the\s|its\s|their\s|all\s|those\s)?(?P<np>.*)")
_GAP = re.compile(r"(?:\w+\s)?gap")
_OWNED = re.compile(
    rf"(?P<rival>[\w.-]+(?:\s[\w.-]+){{0,3}}?)(?:['’]s)?\s(?P<metric>(?:{METRIC.pattern}"
    r"|performance|capabilit\w+))"
)
_CHANGED_TO = re.compile(
    rf"(?:{CHANGE_VERB.pattern})(?P<object>\s[^,;.]{{2,60}}?)\s(?:down\s|up\s)?to{SHORT_TAIL}",
    re.IGNORECASE,
)
_SIZED = re.compile(
    r"\b(?:models?|LLMs?|LMs?)\s(?:under|below|within|with|of)\s(?:less than\s|under\s)?$"
)
_RUNS_ON = re.compile(
    r"\b(?:runs?|fits?|trained|trainable|deployed?|executed?|trains?)\s(?:\w+\s)?(?:on"
    r"|in)\s(?:just |only )?(?:an?\s)?$"
)
_CHANGE_SIDE = re.compile(
    r"\b(?:reduc|cut|lower|shorten|decreas|shr[iau]nk|speed)\w*\b[^;]{0,80}\b(?:from|to)\s[~$]?$"
)
_SHARE_NOUN = re.compile(r"^\s(?:CI\b|credible|confidence|sparsity|sparse|pruned|pruning|of it)")
_SETTING = re.compile(
    r"\b(?:top|layer|batch size|sparsity|sparse|ratio|learning rate|beta|alpha"
    r"|temperature)\s*(?:of\s|=\s?)?$"
)
_VALUE_GAP = re.compile(r"[\s-](?:in\s|of\s)?(?:terms of\s)?(?:the\s|an?\s)?")
_WHOSE = re.compile(r"\s(?:of|from)\b")
_MOVES_TO = (
    r"(?:climb|rise|rose|fall|fell|drop|dropp|grow|improv|go|increas|decreas|reduc)(?:s|es|ed)?"
    r"(?:\s\w+ly)?(?:\sup|\sdown)?\sto"
)
_METRIC_TO_VALUE = re.compile(
    r"(?:\s?(?:scores?|rates?|ratios?|coefficients?|values?))?(?:\s\([\w-]+\))?"
    r"(?:\s(?:on|in|for)\s[^,;]{2,40})?(?:\s?[:=(,]"
    rf"|\s(?:of|is|was|at|to|down to|up to|being|{_MOVES_TO}|held at|holds at|stays at|exceeding"
    r"|approaching|nearing|reaches|reaching|remains at|by|from|that remains \w+ at|score of"
    rf"|higher than))*{SHORT_TAIL}"
)


def read_share(place: Place) -> Measurement | None:
    """Read "keeps 98% of the accuracy", "with only 0.1% of the parameters"."""
    whole = _SHARE_OF.match(place.after) if place.figure.unit == "%" else None
    if whole is None:
        return None
    if _CLOSES.search(place.before) and _GAP.match(whole["np"]):
        return Measurement(place.figure, False, metric="gap closed")
    metric = read_metric(" " + whole["np"])
    if _KEEPS.search(place.before):
        owned = _OWNED.match(whole["np"])
        if owned:
            metric = owned["metric"].removesuffix("performance").strip()
        return Measurement(
            place.figure,
            False,
            metric=f"{metric or 'performance'} retained",
            rival_name=owned["rival"] if owned else None,
        )
    return Measurement(place.figure, False, metric=metric)


def read_bracketed(place: Place) -> Measurement | None:
    """Read "on A (91.2) and B (88.1)": a value in brackets behind its data."""
    figure = place.figure
    if figure.unit not in {None, "%"} or not re.match(r"\)|\s(?:on|in|compared|vs)", place.after):
        return None
    if not _NAME_BRACKET.search(place.all_before) or _RIVAL_LIST.search(place.all_before):
        return None
    if figure.unit is None and figure.number.is_integer() and figure.number > 100:
        return None
    return Measurement(figure, False, metric=metric_in_clause(place))


def read_result(place: Place) -> Measurement | None:
    """Read "an accuracy of 91%", "scores 28.4 on", "91% accuracy"."""
    figure = place.figure
    if figure.unit == "x" or _is_noise(place):
        return None
    if _is_whole(figure) and _COUNTED.match(place.after):
        return _read_count(place)
    metric = _metric_of_value(place)
    if metric:
        return Measurement(figure, False, metric=metric)
    if figure.unit in {None, "%"}:
        return _read_score(place)
    if figure.unit == "points":
        return None
    return Measurement(figure, False, metric=metric_in_clause(place) or _metric_of_unit(figure))


def _is_whole(figure: Figure) -> bool:
    return figure.unit is None and figure.number.is_integer()


def _read_score(place: Place) -> Measurement | None:
    """Read a score whose metric does not stand beside it."""
    whole = _is_whole(place.figure)
    changed = None if whole else _CHANGED_TO.search(place.before)
    if changed:
        metric = read_metric(place.before[changed.start("object") :])
        return Measurement(place.figure, False, metric=metric)
    if whole and not _STRONG_RESULT.search(place.before):
        return None
    return Measurement(place.figure, False, metric=metric_in_clause(place))


def _read_count(place: Place) -> Measurement | None:
    """Read "finds 49 bugs": a count that is a result."""
    found = _FOUND.search(place.before) or _FOUND_AFTER.match(place.after)
    if not (found or (_SAVING.search(place.before) and _SPENT.match(place.after))):
        return None
    counted = re.match(r"\s((?:[\w-]+\s){0,3}?[\w-]*s)\b", place.after)
    if counted is None:
        return None
    noun = counted[1].split()[-1]
    return Measurement(replace(place.figure, unit=noun), False, metric=counted[1])


def _is_condition(place: Place) -> bool:
    """Whether a length, a temperature or a dose only says under what conditions."""
    return place.figure.unit in _CONDITION_UNITS and bool(_UNDER.search(place.before))


def _is_noise(place: Place) -> bool:
    """Whether a figure is a size, an amount or a setting that only describes."""
    unit = place.figure.unit
    if unit == "parameters" and (_SIZE_OF_MODEL.match(place.after) or _SIZED.search(place.before)):
        return True
    if _is_condition(place):
        return True
    if unit == "GPUs" and place.figure.worded:
        return not _RUNS_ON.search(place.before)
    if unit in _NOISE_UNITS:
        spent = unit in _TIMES and _SPENDS.search(place.before)
        return not (spent or _SAVING.search(place.before) or _CHANGE_SIDE.search(place.all_before))
    return bool(
        (unit in {"GB", "MB", "TB"} and _DEVICE.search(place.before))
        or (unit == "%" and _SHARE_NOUN.match(place.after))
        or _SETTING.search(place.before)
    )


def _metric_of_value(place: Place) -> str | None:
    """Read the metric that stands right before or behind a value."""
    after = _VALUE_GAP.match(place.after)
    if after and place.figure.unit in {None, "%", "points"}:
        found = METRIC.match(place.after, after.end())
        if found and not _WHOSE.match(place.after, found.end()):
            return found[0]
    last = find_last(METRIC, place.before)
    if last is None or (last[0] in SCORE_VERBS and last.end() >= len(place.before) - 1):
        return None
    return last[0] if _METRIC_TO_VALUE.fullmatch(place.before, last.end()) else None


def _metric_of_unit(figure: Figure) -> str | None:
    named = {
        "GB": "memory",
        "MB": "memory",
        "ms": "latency",
        "FPS": "speed",
        "GPU-hours": "training time",
        "tokens/s": "throughput",
        "images/s": "throughput",
        "parameters": "parameters",
        "tokens": "training tokens",
        "GPU-days": "training time",
    }
    return named.get(figure.unit or "")
