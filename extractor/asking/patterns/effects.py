"""Effects in words on a metric: "without loss of quality", "reduces latency"."""

import re

from extractor.asking.patterns.findings import Comparison
from extractor.asking.patterns.lexicon import (
    METRIC,
    PURPOSE,
    find_last,
    is_lower_better,
)
from extractor.asking.patterns.metrics import clean_metric, read_metric
from extractor.claims import Outcome

_WITHOUT_LOSS = re.compile(
    r"\b(?:without (?:any |a |significant(?:ly)? |noticeable |much |substantial(?:ly)? |losing "
    r"|measurable |hardly )*"
    r"(?:compromis(?:e|ing)|sacrific(?:e|ing)|los(?:s|ing)|degrad(?:ing|ation)|hurting|harming"
    r"|impairing|affecting|reducing|impact(?:ing)?|"
    r"(?:\w+ )?(?:degradation|loss|drop|penalty)|deteriorat\w+|detriment|giving up|cost(?:ing)?)"
    r"|(?:with )?(?:no|negligible|minimal|little|minor|virtually no|almost no|hardly any"
    r"|marginal)(?: \w+)? (?:loss|drop|degradation|impact|decrease|decline|cost|effect|penalty"
    r"|reduction)"
    r"|(?:near(?:ly)?|almost|virtually)[- ]lossless)(?: (?:of|in|to|on|for))?(?P<object>)",
    re.IGNORECASE,
)
_KEEPING = re.compile(
    r"\b(?:maintain(?:s|ing|ed)?|preserv(?:es|ing|ed|e)|retain(?:s|ing|ed)?|keep(?:s"
    r"|ing)?)(?P<object>\s(?:the\s|its\s|high\s|strong\s|comparable\s|similar\s|competitive\s"
    r"|original\s|model\s|full\s|overall\s|nearly\s|almost\s|equivalent\s)*"
    r"(?P<what>(?:[\w-]+\s){0,2}?(?:performance|accuracy|quality|capabilit\w+|fidelity"
    r"|efficiency|utility|perplexity|throughput|precision|robustness|effectiveness|coherence"
    r"|generalization)))\b",
    re.IGNORECASE,
)
_OWN_CHANGE = re.compile(
    r"\b(?:(?P<up>improv(?:es|ed|ing)|improve|boost(?:s|ed|ing)?|enhanc(?:es|ed|ing)"
    r"|increas(?:es|ed|ing))|(?P<down>reduc(?:es|ed|ing)|lower(?:s|ed)|decreas(?:es|ed|ing)|cuts"
    r"|sav(?:es|ing)|shrink(?:s|ing)?))(?P<object>)(?=\s)",
    re.IGNORECASE,
)
_HAVING = re.compile(
    r"\b(?:with|achiev(?:es|ing|ed)|deliver(?:s|ing|ed)?|offer(?:s|ing|ed)?|yield(?:s|ing|ed)?"
    r"|at|has|have|show(?:s|ing)?|and|attain(?:s|ing)?|provid(?:es|ing)|exhibit(?:s|ing)?"
    r"|leading to|leads? to|result(?:s|ing) in|us(?:es|ing)|requir(?:es|ing)|needs?|enabl(?:es"
    r"|ing)|demonstrat(?:es|ing)|obtain(?:s|ing)?)\s(?:\w+ly\s|a\s|an\s|far\s|much\s|even\s"
    r"|both\s|also\s){0,3}"
    r"(?P<degree>better|higher|lower|faster|fewer|less|smaller|superior|improved|reduced|greater"
    r"|stronger|shorter|enhanced|increased)(?P<object>)(?=\s)",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:as|when|while|if|once|where)\s(?:the\s|its\s|their\s)?$")
_STANDING_STILL = re.compile(
    r"\s(?:does not (?:suffer|drop|decline|degrade|decrease|change)|do not suffer"
    r"|(?:is|are|was|were) not (?:compromised|affected|reduced|hurt)"
    r"|(?:is|are|was|were) (?:not compromised|preserved|maintained|retained|unaffected|unchanged"
    r"|kept|identical|nearly unchanged|almost unchanged)"
    r"|stays? the same|remains? (?:the same|unchanged|intact|stable))\b"
)
_INTRANSITIVE = re.compile(
    r"\s(?:\w+ly\s)?(?:(?P<better>(?:gets?|is|are) (?:\w+ )?better)"
    r"|(?P<worse>(?:gets?|is|are) (?:\w+ )?worse)"
    r"|(?P<up>(?:is|are) (?:\w+ )?(?:higher|greater)|improves?|improved|rises?|rose|goes up"
    r"|go up|increases?|increased"
    r"|grows?)"
    r"|(?P<down>(?:is|are) (?:\w+ )?(?:lower|smaller|shorter|reduced)|falls?|fell|drops?"
    r"|dropped|decreases?|decreased|shrinks?|declines?|goes down"
    r"|go down|both go down))"
    r"(?=\s(?:with|by|sharply|on|in|across|when|as|under|for|significantly|considerably|too"
    r"|from)\b|[,.;]|$)"
)
_THING = re.compile(
    r"(?:models?|LLMs?|VLMs?|LMs|algorithms?|methods?|systems?|training|tracking|understanding"
    r"|rates lead|tasks"
    r"|networks?|approach|paradigm|pipeline|scale|variety)$|^(?:upon|on|over|by|computation from"
    r"|training of|multiple|various)\b"
)


def find_kept(text: str) -> list[Comparison]:
    """Find "without loss of quality", "while preserving accuracy"."""
    found = []
    for match in _WITHOUT_LOSS.finditer(text):
        metric = read_metric(text[match.end() :])
        words = re.search(r"(\w+) (?:degradation|loss|drop|penalty)$", match[0])
        if metric is None and words:
            metric = clean_metric(words[1])
        if metric and re.match(r"(?:the )?(?:need|fine|re|any|additional|extra)", metric):
            continue
        found.append(
            Comparison(match.start(), match.end() + len(metric or "") + 1, "similar", (), metric)
        )
    for match in _KEEPING.finditer(text):
        before = text[max(0, match.start() - 20) : match.start()]
        if re.search(r"\b(?:to|of|for|can|could|should|must)\s$", before) or re.search(
            r"\d", match[0]
        ):
            continue
        metric = clean_metric(
            re.sub(
                r"^(?:comparable|similar|competitive|strong|high|good|excellent|robust|great"
                r"|state-of-the-art)\s",
                "",
                match["what"],
            )
        )
        found.append(Comparison(match.start(), match.end(), "similar", (), metric))
    return found


def find_unchanged(text: str) -> list[Comparison]:
    """Find "quality does not suffer", "accuracy is preserved"."""
    found = []
    for match in _STANDING_STILL.finditer(text):
        metric = _metric_ending_at(text, match.start())
        if metric:
            found.append(Comparison(metric.start(), match.end(), "similar", (), metric[0]))
    return found


def find_intransitive(text: str) -> list[Comparison]:
    """Find "memory usage falls": a metric that moves by itself."""
    found = []
    for match in _INTRANSITIVE.finditer(text):
        metric = _metric_ending_at(text, match.start())
        if metric is None:
            continue
        if _CONDITION.search(text[: metric.start()]):
            continue
        moved = bool(match["down"]) == is_lower_better(metric[0])
        good = bool(match["better"]) or (moved and not match["worse"])
        outcome: Outcome = "better" if good else "worse"
        found.append(Comparison(metric.start(), match.end(), outcome, (), metric[0]))
    return found


def _metric_ending_at(text: str, end: int) -> re.Match[str] | None:
    """Find the metric whose last word stands right before a place."""
    last = find_last(METRIC, text, max(0, end - 60), end)
    return last if last is not None and last.end() == end else None


def find_changes(text: str) -> list[Comparison]:
    """Find "reduces latency", "with fewer parameters": what is better than nobody in particular."""
    changes = [_read_change(text, match) for match in _OWN_CHANGE.finditer(text)]
    havings = [_read_having(text, match) for match in _HAVING.finditer(text)]
    return [found for found in (*changes, *havings) if found is not None]


def _read_change(text: str, match: re.Match[str]) -> Comparison | None:
    """Read "reduces latency", "improves recall"."""
    metric = read_metric(text[match.end() :])
    if metric is None or not _is_measurable(metric) or PURPOSE.search(text[: match.start()]):
        return None
    metric = _cut_metric(metric)
    improves = match["up"] is not None and _IMPROVES.match(match["up"]) is not None
    good = improves or (match["down"] is not None) == is_lower_better(metric)
    end = match.end() + len(metric) + 1
    return Comparison(match.start(), end, "better" if good else "worse", (), metric)


def _read_having(text: str, match: re.Match[str]) -> Comparison | None:
    """Read "with fewer parameters", "achieves higher throughput"."""
    degree = match["degree"].lower()
    metric = read_metric(text[match.end() :])
    if metric is None and not _BARE_RESULT.match(text, match.end()):
        return None
    if metric is not None:
        if not _is_measurable(metric):
            return None
        metric = _cut_metric(metric)
    end = match.end() + len(metric or "performance") + 1
    if degree == "faster" and metric and not metric.endswith("speed"):
        metric = f"{metric.split()[0]} speed"
    harms = degree in {"higher", "greater", "increased"} and is_lower_better(metric)
    return Comparison(match.start("degree"), end, "worse" if harms else "better", (), metric)


_IMPROVES = re.compile("improv|enhanc|boost", re.IGNORECASE)
_BARE_RESULT = re.compile(r"\s(?:performance|results)\b")


def _is_measurable(metric: str) -> bool:
    """Whether what is improved is a quantity rather than a system or a piece of work."""
    return METRIC.search(metric) is not None or not _THING.search(metric)


def _cut_metric(metric: str) -> str:
    """Leave out what only follows the metric: "perplexity throughout all stages"."""
    found = METRIC.search(metric)
    return metric[: found.end()] if found else metric
