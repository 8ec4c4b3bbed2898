"""Differences told by verbs and nouns of change: "cuts X by 40%", "gains of 3 points"."""

import re

from extractor.asking.patterns.findings import Measurement
from extractor.asking.patterns.lexicon import (
    CHANGE_NOUN,
    CHANGE_VERB,
    find_last,
)
from extractor.asking.patterns.metrics import clean_metric, read_metric
from extractor.asking.patterns.places import (
    MODEL_AFTER,
    SHORT_TAIL,
    Place,
    is_relative,
    metric_beside,
)
from extractor.claims import Direction

_BY = re.compile(rf"\bby(?: an| a)?(?: \w+)?{SHORT_TAIL}", re.IGNORECASE)
_CHANGE_OF = re.compile(
    rf"{CHANGE_NOUN.pattern}(?P<middle>(?:\s\(absolute\))?(?:\s(?:in|of|on|for|over|rate|rates"
    r"|factor|ratio|to|from|compared|relative|versus)\b[^.;]{0,80}?)?)(?::|\s(?:of|by"
    r"|reaching|reach|to|at|within|below|amounts? to|averaging|is|was|being|are|go(?:es)? up to"
    r"|rang(?:es?|ing) (?:from|between)|var(?:ies|y|ying) (?:from|between)|with a maximum of"
    rf"|go)){SHORT_TAIL}"
)
_GAINS_NAMED = re.compile(
    r"\b(?P<speed>speed-?ups)?(?P<up>improvements|gains|increases)?(?P<down>reductions|drops"
    r"|savings)?"
    r"(?<=s)(?P<middle>\s(?:in|of|on|for|over|across|compared)\b[^.;]{0,60})?,\s"
    rf"(?:e\.g\.,?|i\.e\.,?|namely|including|for example,?)?{SHORT_TAIL}"
)
# Words that may stand between a figure and the change it is: "40% peak GPU memory reduction".
_MODS = (
    r"(?:(?!(?:of|in|on|to|for|and|over|with|than|by|at|is|are|compared|while|even|that|when|as"
    r"|using|achieves?|without|no)\b)[\w/@.-]+\s){0,5}?"
)
_BETTER_BY = re.compile(
    r"\b(?:(?P<better>better|ahead|above|stronger|superior|faster)|(?P<worse>worse|behind|below"
    r"|weaker|inferior|slower)"
    r"|(?P<more>higher|larger|greater|longer)|(?P<less>lower|smaller|shorter|cheaper|less"
    rf"|fewer))\b[^,;]{{0,50}}\sby{SHORT_TAIL}"
)
_IN_HALF = re.compile(r"\b(?:up to|to|in)\s(?:about\s|roughly\s|around\s)?$")
_HARM = re.compile(r"drop|loss|degradation|decline")
_CHANGE_AFTER = re.compile(rf"^[-\s]\s?\(?(?P<mods>{_MODS}){CHANGE_NOUN.pattern}(?P<rest>.*)")
_SAVE_VERB = re.compile(rf"\bsav(?:e|es|ed|ing){SHORT_TAIL}", re.IGNORECASE)
_POINT_SIDE = re.compile(
    r"^\s(?:\w+\s)?(?:ahead of|above|over|beyond|behind|below|better|absolute|shy of|short of)\b"
)
_AHEAD = re.compile(r"^\s(?:ahead of|above|behind|below|beyond)\b")
_GAINS = re.compile(
    rf"\b(?:gain(?:s|ing|ed)?|adds?|adding|improv\w+|ris(?:es|ing)|rose|los(?:es|ing|t)|drops?|by)"
    rf"(?:\s\w+)?{SHORT_TAIL}",
    re.IGNORECASE,
)
_GAINED = re.compile(rf"\b(?:gain(?:s|ed|ing)|los(?:es|ing))(?:\s(?:only|another))?{SHORT_TAIL}")
_RATIO_TAIL = re.compile(
    r"(?:\b(?:by|to|of|up to|with|and|is|are|reach(?:es|ing)?|achiev(?:es|ing)|at|about|over)"
    r"|[:,(+])\s?[~$]?$"
)


# A verb of change with the figure that it ends at: "drops to 15%".
_MOVED_TO = re.compile(
    rf"\b(?:drops?|rises?|increases?|decreases?|declines?|jumps?|leaps?|falls?)\s"
    rf"(?:to|below|under|above|within){SHORT_TAIL}"
)
_COST_OF = re.compile(
    r"\bat (?:the|an?) (?:\w+ )?(?:cost|price|expense|penalty) of\s(?:only\s|just\s)?$"
)
_ADDED = re.compile(r"\b(?:additional|further|extra|another)\s$")
_WITHIN = re.compile(r"\bwithin\s(?:about\s|just\s)?$")
_LESSENS = re.compile(
    r"\b(?:shorten|lessen|weaken|degrad|worsen|los[ets]|suppress|hurt|harm|slow|fewer|less|lower"
    r"|inferior|below|behind|deteriorat|undermin|impair|eliminat|discount|tighten|shift down)\w*",
    re.IGNORECASE,
)


def read_signed(place: Place) -> Measurement | None:
    """Read "-3%", "an additional 0.9%", "within 1% of X"."""
    figure = place.figure
    if not is_relative(figure) or figure.unit == "x":
        return None
    if figure.number < 0:
        return Measurement(figure, True, "decrease", metric_beside(place))
    if _COST_OF.search(place.before):
        return Measurement(figure, True, "decrease", metric_beside(place), False)
    if _ADDED.search(place.before):
        return Measurement(figure, True, "increase", metric_beside(place), True)
    if _WITHIN.search(place.before) and place.after.startswith(" of "):
        return Measurement(figure, True, "decrease", metric_beside(place), verdict="similar")
    return None


def read_by(place: Place) -> Measurement | None:
    """Read "shortens answers by 38%": whatever the verb, "by" makes a difference of it."""
    if not is_relative(place.figure) or not _BY.search(place.before):
        return None
    down = _LESSENS.search(place.before)
    metric = metric_beside(place)
    return Measurement(place.figure, True, "decrease" if down else "increase", metric)


def read_change_after(place: Place) -> Measurement | None:
    """Read "a 40% memory reduction", "1.8x speedup in decoding", "3.5% gains"."""
    found = _CHANGE_AFTER.match(place.after)
    if found is None or (place.figure.unit is not None and not is_relative(place.figure)):
        return None
    if place.figure.unit is None and "." not in place.printed:
        return None
    metric = clean_metric(found["mods"])
    if found["speed"]:
        metric = f"{metric} speed" if metric and not metric.endswith("speed") else "speed"
    rest = found["rest"]
    inside = re.match(r"(?:\s(?:ratio|rate|rates))?\s(?:in|of|to)\s(?P<np>.*)", rest)
    if metric is None and inside:
        metric = read_metric(" " + inside["np"])
    direction: Direction = "decrease" if found["down"] else "increase"
    good = not _HARM.match(found["down"] or "")
    return Measurement(place.figure, True, direction, metric, good)


def read_change_before(place: Place) -> Measurement | None:
    """Read "a reduction in latency of 40%", "gains of up to 3 points"."""
    found = find_last(_CHANGE_OF, place.before)
    if found is None and "." in place.printed:
        found = _GAINS_NAMED.search(place.before)
    if found is None or not (is_relative(place.figure) or place.figure.unit is None):
        return None
    if _MOVED_TO.search(place.before):
        return None
    metric = None
    inside = re.match(r"\s(?:in|of|on)\s(?!the range)(?P<np>.*)", found["middle"] or "")
    if inside:
        metric = read_metric(" " + inside["np"])
    if metric is None:
        metric = clean_metric(
            " ".join(
                re.split(
                    r"[,;(]|\b(?:a|an|the|with|and|of|in|by|average|achiev\w+|provid\w+"
                    r"|yield\w+)\b",
                    place.before[: found.start()],
                )[-1].split()[-4:]
            )
        )
    metric = metric or (metric_beside(place) if re.match(r"\s(?:in|on)\s", place.after) else None)
    if found["speed"]:
        metric = f"{metric} speed" if metric else "speed"
    direction: Direction = "decrease" if found["down"] else "increase"
    good = not _HARM.match(found["down"] or "")
    return Measurement(place.figure, True, direction, metric, good)


def read_by_verb(place: Place) -> Measurement | None:
    """Read "reduces memory by 40%", "outperforms X by 3 points"."""
    figure = place.figure
    if not (_BY.search(place.before) or place.is_fold):
        halved = figure.direction and _IN_HALF.search(place.before)
        if not halved:
            return None
    better = _BETTER_BY.search(place.before)
    if better and not CHANGE_VERB.search(place.before, better.start()):
        up = better["better"] is not None or better["more"] is not None
        good = None if better["more"] or better["less"] else up
        return Measurement(
            figure, True, "increase" if up else "decrease", metric_beside(place), good
        )
    verbs = list(CHANGE_VERB.finditer(place.all_before[-220:]))
    if not verbs:
        return None
    verb = verbs[-1]
    text = place.all_before[-220:]
    obj = text[verb.end() :]
    if verb["beat"] or verb["lose"]:
        metric = metric_beside(place)
        return Measurement(
            figure, True, "increase" if verb["beat"] else "decrease", metric, bool(verb["beat"])
        )
    direction: Direction = "increase" if verb["up"] else "decrease"
    metric = read_metric(_own_object(obj)) or metric_beside(place)
    improving = bool(
        re.match(r"improv|boost|enhanc|gain|accelerat|speed|sped", verb[0], re.IGNORECASE)
    )
    if re.match(r"accelerat|speed|sped", verb[0], re.IGNORECASE):
        metric = (
            f"{metric} speed"
            if metric and "speed" not in metric and len(metric.split()) < 3
            else "speed"
        )
    return Measurement(figure, True, direction, metric, True if improving else None)


def _own_object(obj: str) -> str:
    """Of "X by 40% and Y by", the object that stands before the last "by"."""
    parts = re.split(r"\sand\s(?:the\s)?(?=[\w\s-]+\sby\b[^,]*$)", obj)
    return parts[-1] if len(parts) > 1 and re.search(r"\d", parts[0]) else obj


_BOUND = re.compile(r"\b(?:below|under|above|within)\s")
_NO_OBJECT = re.compile(
    r"[.,;]|$|\s(?:and|in|on|for|compared|over|relative|when|after|with|per|while|under)\b"
)
_GAINS_LISTED = re.compile(
    r"\b(?:(?:gains|improvements|increases|(?P<down>reductions|drops|decreases|savings))"
    r"\s(?:on|in|for|over|across|of)"
    r"|improv(?:es|ed|ing)\s(?:on|over))\b"
)


def read_direct(place: Place) -> Measurement | None:
    """Read "improves 2.5% accuracy", "reducing 19x parameters"."""
    if not is_relative(place.figure):
        return None
    last = find_last(CHANGE_VERB, place.before)
    if last is None or not re.fullmatch(SHORT_TAIL.removesuffix("$"), place.before[last.end() :]):
        return None
    metric = read_metric(re.sub(r"^\sof\s", " ", place.after))
    if last["beat"] or last["lose"] or _BOUND.search(place.before, last.end()):
        return None
    if metric is None and not last[0].startswith("gain"):
        if not _NO_OBJECT.match(place.after):
            return None
        metric = metric_beside(place)
    return Measurement(place.figure, True, "increase" if last["up"] else "decrease", metric)


def read_listed_gain(place: Place) -> Measurement | None:
    """Read "gains on A (5.2%) and B (3.1%)": differences in brackets behind their data."""
    if not (is_relative(place.figure) or "." in place.printed) or place.after[:1] != ")":
        return None
    found = _GAINS_LISTED.search(place.clause)
    if found is None or place.figure.high is not None or not place.all_before.endswith("("):
        return None
    direction: Direction = "decrease" if found["down"] else "increase"
    return Measurement(place.figure, True, direction, metric_beside(place), True)


def read_saved(place: Place) -> Measurement | None:
    """Read "saves 40% of the memory", "+3.2 points"."""
    if _SAVE_VERB.search(place.before):
        metric = read_metric(re.sub(r"^\sof\s", " ", place.after))
        return Measurement(place.figure, True, "decrease", metric, True)
    if place.before.endswith("+") and place.figure.unit != "tokens":
        return Measurement(place.figure, True, "increase", metric_beside(place))
    if place.figure.unit in {"points", "%", None}:
        gained = "." in place.printed and _GAINED.search(place.before)
        if place.figure.unit != "points" and not (gained or _AHEAD.match(place.after)):
            return None
        if _POINT_SIDE.match(place.after) or _GAINS.search(place.before):
            down = re.search(
                r"behind|below|shy|short|drop|fall|fell|decreas|reduc|lower|\blos[ei]",
                place.after[:20] + place.before[-40:],
            )
            return Measurement(
                place.figure,
                True,
                "decrease" if down else "increase",
                metric_beside(place),
                not down,
            )
    return None


def read_ratio(place: Place) -> Measurement | None:
    """Any other "3x" in a clause that speaks of speed or change."""
    if place.figure.unit != "x":
        return None
    if MODEL_AFTER.match(place.after):
        return None
    change = CHANGE_NOUN.search(place.after, 0, 60) or _last_change(place.before)
    if change is None:
        return None
    if change["up"] is None and change["down"] is None:
        return Measurement(place.figure, True, "increase", "speed", True)
    direction: Direction = "decrease" if change["down"] else "increase"
    return Measurement(place.figure, True, direction, metric_beside(place))


def _last_change(before: str) -> re.Match[str] | None:
    """Find the verb or noun of change that a ratio right behind it belongs to."""
    if not _RATIO_TAIL.search(before):
        return None
    last = find_last(CHANGE_NOUN, before)
    verb = find_last(CHANGE_VERB, before)
    return last or verb
