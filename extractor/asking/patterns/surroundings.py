"""What stands around a result: rivals, data, and metrics named apart from their figure."""

import re

from extractor.asking.patterns.lexicon import METRIC_ONLY
from extractor.asking.patterns.names import read_datasets, read_names

_RIVAL_CUE = re.compile(
    r"\b(?:than|over|versus|vs\.?|against|compared (?:to|with)|relative to"
    r"|in comparison (?:to|with)|as compared to|beyond|required by|gap (?:to|with)|of its|that of"
    r"|those of|behind|ahead of)\s(?:using\s|that of\s|those of\s|when\s)?"
)
_FIGURE_AHEAD = re.compile(
    r"(?:an?\s|one\s|about\s|[~$])?(?:one\b|half\b|\d(?![\d.]*[BMx]\b|[\d.]*-|[\w.]+-))"
)
_NO_RIVAL = re.compile(
    r"\d|time|all\b|previous\b$|baselines?\s?$|average"
    r"|(?:the )?\w+ (?:datasets|benchmarks|tasks)\b|parameters|training|steps"
)
_DATA_TAIL = re.compile(r"(?:data ?sets|benchmarks|tasks)$")
_MERE_NUMBER = re.compile(r"[\d.,%x]+$")
_FRONTED_RIVAL = re.compile(
    r"(?:\w+, )?(?:Compared (?:to|with)|Relative to|In comparison (?:to|with)|Unlike|Against"
    r"|Versus)\s"
)
_DATA_CUE = re.compile(
    r"\b(?:on|across|in|over(?=\s(?:(?!across|on|in)[\w-]+\s){0,6}(?:datasets|benchmarks"
    r"|tasks)\b))\s"
    r"(?:both\s|all\s|the\s|average\s(?:on|across|over)\s(?:the\s)?)?"
)
_NOT_TESTED = re.compile(
    r"\b(?:train(?:ed|ing)|tuned|pre-?trained|built|based|runs?|running|deployed|relie[sd]"
    r"|focus\w*)\s$"
)
_DATA_BEFORE = re.compile(r"\b([A-Z][\w@.+-]*[A-Z0-9][\w@.+-]*)\s(?:at\s|\()$")
_DATA_BEHIND = re.compile(r"\s\(([A-Z][\w@.+-]*[A-Za-z0-9])\)")
_FRONTED_DATA = re.compile(r"(?:\w+, )?(?:On|Across|In)\s(?:the\s)?")
# Where the results that the rest of a sentence announces come from.
_TESTED_ON = re.compile(
    r"(?:[\w-]+,?\s){0,4}?(?:[Ee]xperiments?|[Rr]esults?|[Ee]valuations?|[Ss]tudies|[Tt]ests?"
    r"|[Ee]valuated|[Bb]enchmarks)\s(?:conducted\s|performed\s|obtained\s|carried out\s)?"
    r"(?P<on>on|across|with|using|over)\s[^;]{2,140}?(?=\s(?:show|demonstrat|indicat|confirm"
    r"|reveal|suggest"
    r"|validat|prove|establish|find|verif|illustrat)|,\s)"
)
_NO_DATA = re.compile(
    r"\b(?:Top-1|AI|NLP|LLM|LLMs|Section|accuracy|score|scores)$"
    r"|\b(?:RTX|NVIDIA|Nvidia|Jetson|iPhone|Ethernet|CPUs?|GPUs?|TPUs?|NPUs?|cores|laptops?|phones?"
    r"|Raspberry|Snapdragon|[AHV]100s?|A6000|[234]0[5-9]0(?:Ti)?|Xeon|EPYC|Ryzen|Apple|Pixel)\b"
)
_CODED = re.compile(r"[A-Z]{2}|[A-Z]\w+\d|[a-z][A-Z]")
_NOT_CODED = re.compile(r"LLM|GPU|\bVRAM|LM|API")
_IN_TERMS = re.compile(r"\b(?:in terms of|measured (?:by|in|as))\s(?:the\s)?")
_DATA_IN_METRIC = re.compile(
    r"(?P<data>[A-Z][\w@-]*[A-Z0-9][\w@-]*(?:\s[A-Z][\w-]*)??)\s(?P<metric>.+)"
)
_DEVICE_OR_UNIT = re.compile(
    r"(?:GPU|CPU|LLM|KV|FP\d+|INT\d|RL|AI|VRAM|RAM|CUDA|BF16|SOTA|TTFT|AUC|F1|ROC|Top-\d|top-\d|MSE"
    r"|RMSE|MAE|LoRA)\b"
)
_IN_METRICS = re.compile(r"[^,;]{0,60}?\b(?:in terms of|in|on)\s(?:both\s|the\s)?")
_NEXT_METRIC = re.compile(r",\s(?:and\s)?|\sand\s(?:the\s|its\s)?")
_METRIC_GOES_ON = re.compile(r"\w|\s(?:is|are|was|by|from|\w+s\b|of\s\d)")


def find_rivals(text: str, start: int, end: int) -> list[str]:
    """Read the rivals that "than", "over" or "compared with" names in `[start, end)`."""
    for cue in _RIVAL_CUE.finditer(text, start, end):
        if _FIGURE_AHEAD.match(text, cue.end(), end):
            continue
        names, _ = read_names(text, cue.end(), end + 80)
        kept = [name for name in names if not _MERE_NUMBER.match(name) and len(name) > 1]
        if kept and not _NO_RIVAL.match(kept[0]) and not _DATA_TAIL.search(kept[-1]):
            return kept
    return []


def find_fronted_rivals(text: str) -> list[str]:
    """Read the rivals of a sentence that begins with "Compared with X, ..."."""
    cue = _FRONTED_RIVAL.match(text)
    if cue is None:
        return []
    comma = text.find(",", cue.end())
    return read_names(text, cue.end(), comma if comma > 0 else None)[0]


def find_data(text: str, start: int, end: int, method: str) -> list[str]:
    """Read the data that "on", "across" or "in" names in `[start, end)`."""
    for cue in _DATA_CUE.finditer(text, start, end):
        if _NOT_TESTED.search(text, max(0, cue.start() - 20), cue.start()):
            continue
        names, _ = read_datasets(text, cue.end(), max(end, cue.end()))
        weak = cue[0].startswith("in")
        kept = [name for name in names if _is_data(name, method, weak=weak)]
        if kept and len(kept) >= len(names) / 2:
            return kept
    return []


def find_fronted_data(text: str, method: str) -> list[str]:
    """Read the data of a sentence that begins with "On X, ..."."""
    cue = _FRONTED_DATA.match(text)
    if cue is None:
        tested = _TESTED_ON.match(text)
        return find_data(text, tested.start("on"), tested.end(), method) if tested else []
    comma = text.find(",", cue.end())
    names, _ = read_datasets(text, cue.end(), comma if comma > 0 else None)
    return [name for name in names if _is_data(name, method, weak="In" in cue[0])]


_DATA_AHEAD = re.compile(
    r"\b(?:on|for|across)\s(?:the\s)?(?P<names>[^,;()]{2,60}?)"
    r"(?:\s(?:benchmarks?|data ?sets?|tasks?|test sets?))?\s(?:(?:only|even|further)\s)?"
    r"(?:by|from|to|is|are|was|were|of|reaches|rises?|falls?|drops?"
    r"|climbs?)\s(?:[\w-]+\s){0,3}?[~$]?$"
)


def find_data_ahead(text: str, start: int, place: int, method: str) -> list[str]:
    """Read the data right before a figure: "on A by 2.7", "on B from 31.0"."""
    found = _DATA_AHEAD.search(text, max(start, place - 90), place)
    return find_data(text, found.start(), found.end("names"), method) if found else []


def find_data_beside(text: str, start: int, end: int) -> list[str]:
    """Read the data of the figures at `[start, end)` in "69% (A)", "B at 7.1" and "C (88.2)"."""
    found = _DATA_BEHIND.match(text, end) or _DATA_BEFORE.search(text, max(0, start - 40), start)
    return [found[1]] if found and not METRIC_ONLY.fullmatch(found[1]) else []


def _is_data(name: str, method: str, *, weak: bool) -> bool:
    if name == method or METRIC_ONLY.fullmatch(name) or _NO_DATA.search(name):
        return False
    return not weak or (_CODED.search(name) is not None and not _NOT_CODED.search(name))


def find_metric_in_terms(text: str) -> str | None:
    """Read the metric of "in terms of" or "measured by"."""
    cue = _IN_TERMS.search(text)
    metric = METRIC_ONLY.match(text, cue.end()) if cue else None
    return metric[0] if metric else None


def part_data_from_metric(metric: str | None) -> tuple[str | None, list[str]]:
    """Part "ImageNet accuracy" into the metric and the data."""
    found = _DATA_IN_METRIC.fullmatch(metric or "")
    if found is None or METRIC_ONLY.fullmatch(found["data"]):
        return metric, []
    if _DEVICE_OR_UNIT.match(found["data"]) or not METRIC_ONLY.fullmatch(found["metric"]):
        return metric, []
    return (metric if found["metric"].startswith("score") else found["metric"]), [found["data"]]


def list_metrics(text: str, first: str | None, place: int, end: int) -> list[str | None]:
    """Read the metrics of "in accuracy and speed" or "lowers cost and latency".

    Args:
        first: the metric that is already known, at `place` or behind it.
        place: where the words of the comparison begin, or end if no metric is known.

    Returns:
        [None] if no metric is named.
    """
    if first is not None:
        place = text.find(first, place) + len(first)
    else:
        cue = _IN_METRICS.match(text, place, end)
        metric = METRIC_ONLY.match(text, cue.end(), end) if cue else None
        if metric is None:
            return [None]
        place, first = metric.end(), metric[0]
    metrics: list[str | None] = [first]
    while gap := _NEXT_METRIC.match(text, place):
        following = METRIC_ONLY.match(text, gap.end())
        if following is None or _METRIC_GOES_ON.match(text, following.end()):
            break
        metrics.append(following[0])
        place = following.end()
    return metrics
