"""Telling the figures of rivals from a method's own: "(0.62)", "versus 17.5 for Y"."""

import re
from dataclasses import dataclass

from extractor.asking.patterns.lexicon import METRIC, METRIC_ONLY
from extractor.asking.patterns.names import clean_name, has_name, read_names
from extractor.claims import Outcome
from extractor.quantities import Figure

_CUE = re.compile(
    r"\b(?:(?P<better>outperform(?:s|ed|ing)?|surpass(?:es|ed|ing)?|exceed(?:s|ed|ing)?"
    r"|beat(?:s|ing)?|outdo(?:es|ing)|ahead of|better than|superior to|improv(?:es|ing) (?:on|over)"
    r"|topping|well above)"
    r"|(?P<similar>rival(?:s|ing|ling)?|match(?:es|ing)?|close to|(?:nearly|almost) reaching"
    r"|approach(?:es|ing)|on (?:a )?par with|(?:comparable|similar|equal) (?:to|with)"
    r"|competitive with|in line with)"
    r"|(?P<worse>trail(?:s|ing)|behind|short of|underperform(?:s|ing)?|far below|inferior to)"
    r"|(?P<plain>compared (?:to|with)|in comparison (?:to|with)|versus|vs\.?|v\.s\.?|against"
    r"|as opposed to|instead of|rather than|relative to|in contrast to)"
    r"|(?P<loose>than|over|above|below|under))\s"
)
_DETERMINERS = re.compile(r"^(?:(?:the|an?|that|those|of|its|only|just|all|both)\s)+")
_ADJACENT = re.compile(r"(?:(?:the|an?|only|just|about|around|roughly|nearly|some|over)\s)*[~$(]?")
_IN_BRACKETS = re.compile(
    rf"(?P<name>[^()]{{2,80}}?)\s\((?:{METRIC.pattern}\s?[=:]?\s?|only\s|just\s|at\s)?[~$]?"
)
_OWNED = re.compile(
    r"(?P<name>[^()]{2,70}?),?(?:['’]s)?\s(?:score\s|value\s|figure\s|rate\s)?"
    r"(?:of|at|with|by|which (?:has|gets|reaches|scores|achieves|obtains|attains))\s(?:only\s"
    r"|just\s|about\s)?[~$]?"
)
_GENITIVE = re.compile(r"(?P<name>[^(),;]{2,60}?)['’]s\s(?:\w+\s)?[~$]?")
_MORE_NAMED = re.compile(r"\s?\),?\s(?:and\s|or\s)?(?P<name>[^();]{2,60}?)\s\(")
_MORE_UNBRACKETED = re.compile(r"(?:,|,? and)\s(?P<name>[^,;()]{2,50}?)\s(?:at\s|with\s)?")
_NAMED_IN_BRACKETS = re.compile(
    r"[^()]{0,50}\((?:the\s)?(?:(?P<name>[A-Z][^():,;]{1,40}?):"
    r"|(?P<kind>(?:previous|prior|earlier|former|best|baseline|human|state|random"
    r"|SOTA)[^(),;]{0,40}?)"
    r"(?::|\sat|\sof|\sis|\swas)?)\s"
)
_FOR_IN_BRACKETS = re.compile(r"\s(?:for|by|with|from)\s(?P<name>[A-Z][^();]{1,40})\)")
_THAT_OF = re.compile(
    r"[^,;()]{0,40}[,;]\s(?:and\s)?(?:that|those)\sof\s(?P<name>[^,;()]{2,40}?)\s"
    r"(?:is\s|was\s|at\s)?(?:only\s|just\s)?"
)
_GROUP_BEHIND = re.compile(
    r"\s(?:of\s(?:\w+\s){1,2})?(?:in|with|for|among|on)\s(?:the\s)?"
    r"(?P<name>(?:[\w-]+\s){0,2}(?:group|arm|cohort|controls?|placebo))\b|\s(?P<none>without)\b"
)
_MORE = re.compile(
    r"(?:\s(?:for|with|by|from|of|using|in|on)\s[^,;()]{1,70}?"
    r"|\s\([^()]{1,40}\))?(?:,\s(?:and\s)?|\s(?:and|or)\s)"
    r"(?:only\s|just\s|even\s|the\s)?[~$]?|/"
)
_OWNER_BEHIND = re.compile(
    r"\s(?:(?:achieved|obtained|reported|reached|needed|required)\s)?(?:for|of|by|with|from"
    r"|using|in)\s"
)
_IN_BRACKETS_BEHIND = re.compile(r"\s\((?:for\s|by\s)?(?P<name>[A-Z][^()\d]{1,40})\)")
_CONTRAST = re.compile(
    r"[^,;()]{0,50}?(?:[,;]\s|\s)(?:while\s|whereas\s|where\s|but\s|and\s"
    r"|although\s)?(?P<name>[^,;()]{2,70}?)\s"
    r"(?:(?:only|just|still|already|even|currently)\s)*"
    r"(?:achiev|reach|obtain|get|scor|stay|remain|manag|attain|ha[sd]|is|was|takes?|took|need"
    r"|requir|us(?:es?|ed|ing)|keep|kept|yield|drop|fall|fell|plateau|do(?:es)? so|post|solv|stop"
    r"|succeed"
    r"|deliver|record|consum|lead|run)\w*"
    r"(?:\s(?:at|to|in|with|about|around|roughly|only|just|no|more|than|less|a|an|the|of|up|for))*"
    r"\s[~$]?"
)
_NAMED_LAST = re.compile(r"^.*\b(?:while|whereas|where|but|although|and)\s")
_FIRST_SUBJECT = re.compile(
    r"(?:^|[,;:]\s|\b(?:[Ww]hile|[Ww]hereas|[Aa]lthough|that|of|for)\s)(?:the\s|The\s)?"
    r"(?P<name>(?!While|Whereas|Although"
    r"|Though)[A-Z][\w.+-]*(?:\s[A-Z\d][\w.+-]*){0,3})\s(?:(?:only|just|already)\s)?"
    r"(?:achiev|reach|obtain|get|scor|attain|ha[sd]|is|manag|tak|need|requir|us|yield|solv)\w*\s"
    r"[^,;]{0,40}$"
)
_FRONTED = re.compile(
    r"^(?:\w+,\s)?(?:[Cc]ompared (?:to|with)|[Rr]elative to|[Uu]nlike|[Aa]gainst|[Vv]ersus"
    r"|[Oo]ver)\s"
    r"(?:the\s)?(?:(?P<name>[^,()]{2,50}?)\s\(|(?:only\s|just\s)?)$"
)
_OWN_AND = re.compile(r"\s(?:for|by|with|in)\s(?P<name>[^,;()]{2,50}?),?\s(?:and|but)\s(?:only\s)?")
_GROUPS = re.compile(r"\s(?:in|with|of)\s.*\sand(?:\sin)?\s")
_CONTRASTED = re.compile(r";|\b(?:while|whereas|where|but|although)\b")
_OWN_SUBJECT = re.compile(
    r"^(?:it|its|we|ours?|they|their|this|these|that|there|also|then|the (?:same|proposed|resulting"
    r"|latter|method|model|approach|drop|gap|rates?|gains?))\b",
    re.IGNORECASE,
)
_VERB_INSIDE = re.compile(r"\b(?:and|but|achiev\w+|reach\w*|obtain\w*|improv\w+|reduc\w+|while)\b")
_LONGEST_GAP_CHARS = 130


@dataclass(frozen=True, slots=True)
class Rivalry:
    """Whose figure a rival's figure is.

    Attributes:
        name: None where no words beside the figure tell.
        outcome: what the cue says of the method; None if only the figures tell.
        listed: whether the figure only goes on with a list of rivals' figures.
    """

    name: str | None
    outcome: Outcome | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """The words between a figure and the one before it.

    Attributes:
        start: where the figure before it ends, in characters of the text.
        figure: the one that they lead to.
        method: the paper's own method.
    """

    text: str
    start: int
    figure: Figure
    method: str

    @property
    def words(self) -> str:
        """The words themselves."""
        return self.text[self.start : self.figure.start]


def read_rivalry(gap: Gap, *, goes_on: bool) -> Rivalry | None:
    """Tell whether a figure is a rival's, by the words since the figure before it.

    Args:
        goes_on: whether the figure before it is a rival's.
    """
    words = gap.words
    if len(words) > _LONGEST_GAP_CHARS:
        return None
    listed = _read_listed(gap) if goes_on else None
    if listed:
        return listed
    named = _NAMED_IN_BRACKETS.fullmatch(words) or _THAT_OF.fullmatch(words)
    if named and not METRIC_ONLY.fullmatch(named["name"] or ""):
        return Rivalry(_clean(named["name"] or named.groupdict().get("kind") or ""))
    owned = _FOR_IN_BRACKETS.match(gap.text, gap.figure.end) if words.endswith("(") else None
    if owned and gap.method not in owned["name"]:
        return Rivalry(_clean(owned["name"]))
    return (
        _read_cue(gap.text, words, gap.figure)
        or _read_contrast(words, gap.method)
        or _read_group(gap)
    )


def _read_listed(gap: Gap) -> Rivalry | None:
    """Read the next one of a list of rivals' figures."""
    named = _MORE_NAMED.fullmatch(gap.words)
    if named:
        return Rivalry(_clean(named["name"]), listed=True)
    named = _MORE_UNBRACKETED.fullmatch(gap.words)
    if named and has_name(named["name"]):
        return Rivalry(_clean(named["name"]), listed=True)
    out_of = gap.words == "/" and gap.figure.number.is_integer()  # "4.2/5"
    if not out_of and _MORE.fullmatch(gap.words):
        return Rivalry(_read_owner(gap.text, gap.figure.end), listed=True)
    return None


def _read_cue(text: str, gap: str, figure: Figure) -> Rivalry | None:
    """Read the last cue of a gap with what stands between it and the figure."""
    for cue in reversed(list(_CUE.finditer(gap))):
        rest = gap[cue.end() :]
        outcome = _judge_cue(cue)
        if _ADJACENT.fullmatch(rest):
            # "above 99%" only qualifies a figure, "above the 99% of Y" compares it.
            if cue["plain"] or rest.startswith("the "):
                return Rivalry(_read_owner(text, figure.end), outcome)
            continue
        named = _IN_BRACKETS.fullmatch(rest) or _OWNED.fullmatch(rest) or _GENITIVE.fullmatch(rest)
        if named and not _VERB_INSIDE.search(named["name"]) and " by " not in rest:
            return Rivalry(_clean(named["name"]), outcome)
    return None


def _judge_cue(cue: re.Match[str]) -> Outcome | None:
    if cue["better"]:
        return "better"
    if cue["similar"]:
        return "similar"
    return "worse" if cue["worse"] else None


def _read_contrast(words: str, method: str) -> Rivalry | None:
    """Read "while Y stays at", "; the runner-up reaches"."""
    found = _CONTRAST.fullmatch(words)
    if found is None or not _CONTRASTED.search(words):
        return None
    name = re.sub(r"^.*\b(?:while|whereas|where|but|although)\s", "", found["name"])
    if _OWN_SUBJECT.match(name) or _VERB_INSIDE.search(name) or method in name:
        return None
    metric = METRIC.search(name)
    if metric:  # "human accuracy", "the error of Y", but not "memory"
        name = f"{name[: metric.start()]}{name[metric.end() :].removeprefix(' of')}".strip()
        if not _DETERMINERS.sub("", name + " ").strip():
            return None
    return Rivalry(_clean(name))


def _read_group(gap: Gap) -> Rivalry | None:
    """Read "9.8% in one group and 11.7% in the other", "81% for it and 78% for Y"."""
    own = _OWN_AND.fullmatch(gap.words)
    if own and (gap.method in own["name"] or _OWN_SUBJECT.match(own["name"])):
        name = _read_owner(gap.text, gap.figure.end)
        return Rivalry(name) if name else None
    if not _GROUPS.fullmatch(gap.words):
        return None
    group = _GROUP_BEHIND.match(gap.text, gap.figure.end)
    return Rivalry(_clean(group["name"]) if group["name"] else None) if group else None


def read_earlier_rival(text: str, first: Figure, second: Figure, method: str) -> str | None:
    """Read whose the first of two figures is, if the second one is the method's own."""
    fronted = _FRONTED.search(text, 0, first.start)
    if fronted and "," in text[first.end : second.start]:
        return _clean(fronted["name"] or "") or _read_owner(text, first.end)
    contrast = _CONTRAST.fullmatch(text, first.end, second.start)
    if contrast is None or second.start - first.end > _LONGEST_GAP_CHARS:
        return None
    own = _NAMED_LAST.sub("", contrast["name"])
    if method not in own and not re.match(r"(?:it|ours?|we)\b", own):
        return None
    subject = _FIRST_SUBJECT.search(text, max(0, first.start - 100), first.start)
    if subject is None or method in subject["name"] or not has_name(subject["name"]):
        return None
    return None if METRIC.search(subject["name"]) else _clean(subject["name"])


def _read_owner(text: str, end: int) -> str | None:
    """Read whose figure it is behind the figure: "17.5 for Y"."""
    bracket = _IN_BRACKETS_BEHIND.match(text, end)
    if bracket:
        return _clean(bracket["name"])
    behind = _OWNER_BEHIND.match(text, end)
    if behind is None:
        return None
    names, _ = read_names(text, behind.end())
    return names[0] if names else None


def _clean(name: str) -> str | None:
    return clean_name(_DETERMINERS.sub("", name.strip().split(", ")[-1])) or None
