"""Comparisons in words: "outperforms", "on a par with", "state of the art"."""

import re
from dataclasses import replace

from extractor.asking.patterns.degrees import find_degrees
from extractor.asking.patterns.effects import (
    find_changes,
    find_intransitive,
    find_kept,
    find_unchanged,
)
from extractor.asking.patterns.findings import Comparison
from extractor.asking.patterns.lexicon import (
    GENERIC_OBJECT,
    METRIC,
    PURPOSE,
)
from extractor.asking.patterns.metrics import clean_metric
from extractor.asking.patterns.names import read_names
from extractor.asking.patterns.sentences import Sentence
from extractor.claims import Outcome

_BETTER = re.compile(
    r"\b(?:outperform(?:s|ed|ing)?|surpass(?:es|ed|ing)?|exceed(?:s|ed|ing)?|beat(?:s|en|ing)?"
    r"|outd(?:o|oes|id|oing|one)"
    r"|outstrip(?:s|ped|ping)?|outclass(?:es|ed|ing)?|outpac(?:e|es|ed|ing)|overtak(?:es?|ing)"
    r"|outscor(?:es?|ed|ing)"
    r"|(?:is|are|was|were|be|proves?|clearly)\s(?:\w+ly\s)?(?:superior to|ahead of|better than)"
    r"|superior to|ahead of|better than"
    r"|stronger than|improv(?:es?|ed|ing) (?:up)?on|improv(?:es?|ed|ing) over|(?:improvements?"
    r"|gains?|advantages?|superiority|outperformance"
    r"|effectiveness)(?:\s(?!of\b.*\bby\b)[\w-]+){0,8}? (?:over|compared (?:to|with)|relative to)"
    r"|outperformance of"
    r"|(?:gets?|moves?|pulls?|comes? out) (?:well |far )?ahead of|scores? (?:above|higher than)"
    r"|(?:is|are) preferred (?:over|to)|wins? (?:over|against)|defeats?|edg(?:es|ing) out"
    r"|has the edge over"
    r"|superiority (?:over|to)|leads?(?= the| [A-Z])|clears?(?= the)"
    r"|(?<!\bon )tops?(?=\s[A-Z]))\s(?P<object>)"
)
_MATCHING = re.compile(
    r"\b(?:(?:match(?:es|ed|ing)?|on a par with|on par with|reach(?:es|ing)?)(?:,)? (?:or|and"
    r"|and even|or even) (?:exceed\w*|surpass\w*|outperform\w*|better\w*|beat\w*)"
    r"|match(?:es|ed)?|(?:(?<=, )|(?<=and )|(?<=while )|(?<=even ))matching|rival(?:s|ed|ing|led"
    r"|ling)?|approach(?:es|ing)(?= (?:the|that|human|state|[A-Z]))|on(?: a)? par with"
    r"|on equal terms with|comes? close to"
    r"|(?:comparabl[ey]|competitive|similar|equivalent|close|equal|identical|parity"
    r"|competitiveness|commensurate)(?:\s(?!in\b|on\b|for\b|and\b)\w+){0,4}? (?:to|with|against"
    r"|relative to)"
    r"|(?:performance|results|accuracy|quality|\w+) (?:that is |that are )?(?:comparable"
    r"|competitive|similar|equivalent|close) (?:to|with)"
    r"|on a level with|ties? with|(?:perform\w*|do(?:es)?|work\w*)(?: about| almost| nearly"
    r"| just| at least)? as well as|holds? (?:its|their) own against|keeps? (?:up|pace) with"
    r"|draws? level with|(?:the )?same (?:\w+ ){1,3}as|(?:just |equally |about "
    r"|almost )as (?:well|good|accurate|fast|robust) as|as (?:good|accurate|fast|robust) as"
    r"|(?:stands?|sits?) beside|a (?:fair |good |close )?match for|(?:can |may )?compet(?:es?"
    r"|ing) with"
    r"|(?<!, )level with|indistinguishable from|statistically equal to|equals"
    r"|nearing|in line with|akin to that of)\s(?P<object>)"
)
_WORSE = re.compile(
    r"\b(?:underperform(?:s|ed|ing)?|lag(?:s|ged|ging)? (?:far )?behind"
    r"|trail(?:s|ed|ing)?(?: behind)?|falls? (?:far |well )?(?:short of|behind)|inferior to"
    r"|loses? to|no match for"
    r"|worse than|weaker than|poorer than|more vulnerable than|less robust than"
    r"|less accurate than)\s(?P<object>)",
    re.IGNORECASE,
)
_STATE_OF_THE_ART = re.compile(
    r"\b(?:state[- ]of[- ]the[- ]arts?|SOTA|SoTA|new records?|(?:best|highest) (?:reported "
    r"|known |published )?(?:results?|scores?|performance)(?= (?:to date|so far|ever|among"
    r"|on the)))\b(?P<rest>(?:\s\((?:SOTA|SoTA)\))?(?:[ -][\w-]+){0,4})",
    re.IGNORECASE,
)
_SOTA_RIVALS = re.compile(
    r"^(?:\s\((?:SOTA|SoTA)\))?\s(?:(?!performance|results?|accuracy|quality|scores?|for|on|in"
    r"|across|and|among|of|with|at)[\w-]+\s){0,3}?(?:methods?|models?|approaches|systems?"
    r"|baselines?|LLMs?|techniques?|algorithms?|solutions?|encoders|frameworks?"
    r"|competitors?|architectures?|optimizers?|competition|alternatives|counterparts|detectors?"
    r"|merging|networks|agents|works?|policies|open|deep|language)\b",
    re.IGNORECASE,
)
_SOTA_CUE = re.compile(
    r"\b(?:achiev\w*|set(?:s|ting)?|establish\w*|reach\w*|obtain\w*|attain\w*|deliver\w*"
    r"|yield\w*|demonstrat\w*|advanc\w*|push\w*|gives?|giving"
    r"|exhibit\w*|show\w*|new|become\w*|is|are|makes? it|defin\w*|provid\w*|report\w*|perform\w*"
    r"|rank\w*|produc\w*|outperform\w*|surpass\w*|exceed\w*|beat\w*|offer\w*|lead\w* to|stands"
    r"|result\w* in)\b[^,;]{0,60}$",
    re.IGNORECASE,
)
_NUMBER_AHEAD = re.compile(
    r"(?:the\s|an?\s)?[~$]?\d(?![\w.]*[BMx]\b|[\w.]*\s(?:[mb]illion|times))[\d.,]*"
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were)\s(?:also\s|\w+ly\s|thus\s)?(?:outperformed|outdone|surpassed|beaten"
    r"|exceeded|outclassed)\b"
)
_LEFT_BEHIND = re.compile(r"\bleav(?:es|ing)\s(?P<object>)(?=[^;.]{2,80}?\sbehind\b)")


def find_comparisons(sentence: Sentence, *, strict: bool) -> list[Comparison]:
    """Find what a sentence compares in words, in order.

    Args:
        strict: only comparisons that name a rival or the state of the art, as in sentences that
            do not announce results.
    """
    text = sentence.text
    found = [
        *_find_objects(text, _BETTER, "better"),
        *_find_objects(text, _MATCHING, "similar"),
        *_find_objects(text, _WORSE, "worse"),
        *find_degrees(text),
        *_find_passive(text),
        *_find_left_behind(text),
        *_find_state_of_the_art(text),
    ]
    uncapitalised = text[:1].lower() + text[1:]  # a metric that begins a sentence is no name
    found += find_kept(text) + find_unchanged(uncapitalised)
    if not strict:
        found += find_changes(text) + find_intransitive(uncapitalised)
    return _share_rivals(_drop_overlaps(found))


def _share_rivals(found: list[Comparison]) -> list[Comparison]:
    """Let a metric that is better "while" a rival is beaten be better than that rival."""
    named = [
        one.baselines for one in found if one.baselines and one.baselines[0] != "state of the art"
    ]
    if not named:
        return found
    return [
        one if one.baselines or one.metric is None else replace(one, baselines=named[0])
        for one in found
    ]


def _drop_overlaps(found: list[Comparison]) -> list[Comparison]:
    """Keep, of comparisons that share words, the one with a rival, else the earlier one."""
    kept: list[Comparison] = []
    for comparison in sorted(found, key=lambda one: (not one.baselines, one.place)):
        if all(comparison.end <= other.place or other.end <= comparison.place for other in kept):
            kept.append(comparison)
    return sorted(kept, key=lambda one: one.place)


def _find_objects(text: str, pattern: re.Pattern[str], outcome: Outcome) -> list[Comparison]:
    found = []
    for match in pattern.finditer(text):
        start = match.start("object")
        names, end = read_names(text, start)
        names, metric = _split_metric(names, text, start)
        names = [name for name in names if not GENERIC_OBJECT.match(name)]
        if _NUMBER_AHEAD.match(text[match.end() :]):
            continue
        if not names or (
            PURPOSE.search(text[: match.start()])
            and outcome == "better"
            and not re.search(
                r"\b(?:can|could|to)\s(?:\w+ly\s|even\s|also\s)?$", text[: match.start()]
            )
        ):
            continue
        found.append(
            Comparison(match.start(), max(end, match.end()), outcome, tuple(names), metric)
        )
    return found


def _split_metric(names: list[str], text: str, start: int) -> tuple[list[str], str | None]:
    """Of "matches the accuracy of X", read the metric and X."""
    found = re.match(
        r"(?:the\s|that\s|those\s)?(?P<metric>(?:[\w/-]+\s){0,4}?)of\s(?!similar|comparable"
        r"|the same|size|equal)",
        text[start:],
    )
    if found is None or (
        not found["metric"].strip() and not text[start:].startswith(("that of", "those of"))
    ):
        return names, None
    phrase = found["metric"].strip()
    if (
        phrase
        and not METRIC.search(phrase)
        and not re.search(r"performance|speed|capabilit|level|quality|efficien|results?$", phrase)
    ):
        return names, None
    rivals, _ = read_names(text, start + found.end())
    return rivals or names, clean_metric(phrase) if METRIC.search(phrase) else None


def _find_passive(text: str) -> list[Comparison]:
    """Find "earlier systems are outperformed"."""
    found = []
    for match in _PASSIVE.finditer(text):
        start = max(text.rfind(mark, 0, match.start()) for mark in (", ", "; ", ": ")) + 1
        before = re.sub(r"^\s*(?:and|but|while)\s", "", text[max(start, 0) : match.start()])
        names, _ = read_names(before, 0)
        if names and len(before.split()) < 12:
            found.append(Comparison(max(start, 0), match.end(), "better", tuple(names)))
    return found


def _find_left_behind(text: str) -> list[Comparison]:
    """Find "leaves X far behind"."""
    found = []
    for match in _LEFT_BEHIND.finditer(text):
        names, end = read_names(text, match.start("object"), text.find(" behind", match.end()))
        names = [re.sub(r"\s(?:well|far|clearly)$", "", name) for name in names]
        if names:
            found.append(Comparison(match.start(), end, "better", tuple(names)))
    return found


def _find_state_of_the_art(text: str) -> list[Comparison]:
    found = []
    for match in _STATE_OF_THE_ART.finditer(text):
        before = text[: match.start()]
        if _SOTA_RIVALS.match(match["rest"]) or not _SOTA_CUE.search(before):
            continue
        outcome: Outcome = "better"
        if re.search(
            r"\b(?:competitive|comparable|close|near|on par|on a par)[^,;]{0,25}$", before
        ):
            outcome = "similar"
        rival = "state of the art"
        among = re.search(
            r"^[^.;]{0,30}?\b(?:among|for|of|in)\s(?:all\s)?(?P<np>(?:[\w-]+\s){0,3}?(?:models"
            r"|LLMs|methods)(?:\s(?:of|with) (?:similar|comparable)[\w\s]{0,12}|\s(?:under|below"
            r"|up to|with)\s[\d.]+\w*(?:\sparameters)?)?)",
            text[match.end() - len(match["rest"]) :],
        )
        if among:
            rival = among["np"].strip()
        end = match.start() + len(match[0]) - len(match["rest"])
        metric = METRIC.search(match["rest"])
        found.append(
            Comparison(match.start(), end, outcome, (rival,), metric[0] if metric else None)
        )
    return found
