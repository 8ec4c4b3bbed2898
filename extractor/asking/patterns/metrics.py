"""Reading the metric that a noun phrase names."""

import re

from extractor.asking.patterns.lexicon import METRIC, split_words

_PHRASE = re.compile(
    r"^\s(?:(?:the|a|an|its|their|our|both|all|overall|total|per|as much|as many|additional|much"
    r"|any|of|number of)\s)*"
    r"(?P<np>(?!(?:in|at|for|to|from|across|during|under|among|using|as|with|here|it|we"
    r"|evaluate|their|they|theirs|there|than|and|show|upon"
    r"|on|over|by|when|this|these|how|what)\b)[A-Za-z][\w@/.+-]*(?:\s(?!by\b|in\b|on\b|to\b"
    r"|for\b|with\b|than\b|from\b|over\b|at\b|while\b|when\b|and\b|or\b"
    r"|compared\b|relative\b|across\b|using\b|is\b|are\b|was\b|were\b|that\b|which\b|as\b|up\b"
    r"|without\b|of\b|via\b|through\b"
    r"|against\b|under\b|during\b|per\b|but\b|significantly\b|substantially\b|average\b"
    r"|required\b|needed\b|available\b"
    r"|tuned\b|into\b|versus\b|vs\b|achiev\w+|after\b|has\b|have\b|can\b|it\b|we\b"
    r"|relative\b)[\w@/+-]+){0,4}"
    r"(?:\sof\s(?:epochs|parameters|GPUs|layers|FLOPs|trainable parameters|steps|samples|tokens"
    r"|auxiliary datasets|roles|experts|tokens))?)"
)
_EMPTY = split_words("""
    performance results result it them this that up to by of on in with than compared over the its
    and one ones models model methods baselines baseline previous prior existing state-of-the-art
    respectively while original standard other others data-driven average relative absolute overall
    only more less from to for about range state state-of-the-art improvement improvements gains
    gain reduction what task tasks percent score upon all each both
""")
_LEADING = re.compile(
    r"^(?:(?:average|mean|absolute|relative|overall|significant|substantial|impressive"
    r"|additional|up|to|a|an|the|"
    r"performance|maximum|over|consistent|remarkable|notable|further|of|in|by|around|about"
    r"|geomean|aggregate|total|original|"
    r"demonstrating|achieving|showing|delivering|yielding|providing|obtaining|reaching|offering"
    r"|bringing|roughly|nearly|large|larger|better|higher|lower|real-world|measured|practical"
    r"|respective|great|massive|strong|extra)(?:\s|$))+",
    re.IGNORECASE,
)


_VERB = re.compile(
    r"\b(?:makes?|brings?|gives?|sees?|demonstrat|realiz|show|achiev|deliver|provid|offer|yield"
    r"|enabl|observ|obtain"
    r"|reveal)\w*(?:\s|$)"
)


def read_metric(text: str) -> str | None:
    """Read the metric that the noun phrase at the beginning of a text names.

    Args:
        text: begins with the blank before the phrase.
    """
    found = _PHRASE.match(text)
    return clean_metric(found["np"]) if found else None


_MEASURED_SUBJECT = re.compile(
    r"^(?:(?:and|but|while|whereas|also|then|thus|so|where|when|\w+ly),?\s)*"
    r"(?:(?:on|in|at|for|with|under|across|after|over|during|without|as a result|compared with"
    r"|compared to|relative to)\b[^,]*,\s)?"
    r"(?:(?:the|its|our|their|a|an|that|average|mean|overall|resulting|corresponding)\s)*"
    r"(?P<np>[a-z][\w/@-]*(?:\s(?!of\b|for\b|on\b|in\b|at\b|and\b)[a-z][\w/@-]*){0,4}?)"
    r"(?:\s\([\w-]+\))?(?:\s(?:of|for|on|in|at|during|with|over|from|to|under|between|among)\s"
    r"[^,;]{1,60}?)?\s(?:also\s|now\s|only\s|even\s|both\s|\w+ly\s)*"
    r"(?:is|was|are|were|reach(?:es|ed)?|falls?|fell|drops?|dropped|rises?|rose|climbs?|climbed"
    r"|grows?|grew|increas(?:es|ed|e)|decreas(?:es|ed|e)|improv(?:es|ed|e)|shr[ia]nks?|declin(?:es"
    r"|ed|e)|stay(?:s|ed)?|remain(?:s|ed)?|averag(?:es|ed|e)|exceed(?:s|ed)?|go(?:es)?|went"
    r"|com(?:es|e)|jump(?:s|ed)?|doubl(?:es|ed|e)|varies|amounts?)\b[^,;]{0,40}$",
    re.IGNORECASE,
)
_NO_MEASURE = re.compile(
    r"(?:\b(?:it|we|they|this|that|which|there|these|those|one|ones|both|all|each|here|results?"
    r"|performance|improvements?|gains?|reductions?|increases?|decreases?|drops?|speed-?ups?"
    r"|savings?|differences?|gap|margin|advantage|lead|models?|methods?|approach(?:es)?|systems?"
    r"|networks?|frameworks?|algorithms?|agents?|techniques?|baselines?|variants?|versions?"
    r"|architectures?|participants|patients|users|people|humans|experts|robots?|devices?|cells"
    r"|tasks|data ?sets?|benchmarks?|samples|datasets|LLMs?|teacher|student|model's|pipeline"
    r"|policy|policies|classifiers?|optimi[sz]ers?|encoders?|decoders?|solvers?)"
    r"|(?:inference|training|decoding|mapping|generation|sampling))$|[A-Z].*[A-Z]",
)


def read_measured_subject(lead: str) -> str | None:
    """Read the metric that is the subject of a clause: "response time falls to".

    Args:
        lead: the clause up to its figure.
    """
    found = _MEASURED_SUBJECT.match(lead)
    if found is None or _NO_MEASURE.search(found["np"]):
        return None
    if not found["np"].islower() and not METRIC.search(found["np"]):
        return None  # a name
    return clean_metric(found["np"])


def clean_metric(phrase: str) -> str | None:
    """Strip words of degree from the name of a metric; None if nothing is left."""
    phrase = _VERB.split(phrase.strip(" .,;:()"))[-1]
    cleaned = _LEADING.sub("", phrase).strip(" .,;:()-")
    cleaned = re.sub(r"^number of (?=parameters|trainable)", "", cleaned)
    if not cleaned or cleaned.lower() in _EMPTY or len(cleaned) > 60:
        return None
    words = cleaned.split()
    if len(words) == 1 and (words[0].lower() in _EMPTY or words[0].endswith("ly")):
        return None
    return cleaned
