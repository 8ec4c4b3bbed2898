"""Who a result is about: the subject of a clause, or else the paper's own method."""

import re

from extractor.asking.patterns.lexicon import METRIC, METRIC_ONLY, find_last
from extractor.asking.patterns.names import clean_name, is_proper
from extractor.asking.patterns.sentences import Sentence
from extractor.asking.patterns.topics import NAME, Topic, is_common

_GENERIC = (
    r"(?:methods?|models?|approach(?:es)?|frameworks?|systems?|algorithms?|techniques?"
    r"|architectures?"
    r"|strategy|scheme|solution|agents?|networks?|pipeline|variants?|paradigm|proposal|designs?"
    r"|results?"
    r"|mechanism|experiments|evaluations?|analysis|work|study|paper|procedure|tool|module|theory"
    r"|recipe"
    r"|latter|former|inference|training|decoding|generation|performance|gains|family|series"
    r"|technique|findings?|improvements?)"
)
_PRONOUN = re.compile(rf"^(?:it|this|that|they|we|which|these|one|both|{_GENERIC})$", re.IGNORECASE)
_GENERIC_HEAD = re.compile(rf"\b{_GENERIC}$", re.IGNORECASE)
_OWN = re.compile(
    r"^(?:our|the proposed|the resulting|the|this|these|its|proposed|a|an|such)\s", re.IGNORECASE
)
_LEAD_IN = re.compile(
    r"^.*\b(?:show|shows|showed|showing|shown|find|finds|found|finding|demonstrate|demonstrates"
    r"|demonstrated|demonstrating|reveals?|indicates?|suggests?|observed?|confirms?|verif(?:y"
    r"|ies)|proves?"
    r"|report|reports|illustrates?|validates?|notes?)\b(?:\s\w+ly)?(?:\sthat\b|\s?,)?\s+(?=\S)",
    re.IGNORECASE,
)
_CONJUNCTION = re.compile(
    r"^(?:(?:[A-Z]\w+ly|However|Moreover|Furthermore|In particular|In addition|For example"
    r"|For instance"
    r"|As a result|Overall|Also|Thus|Hence|Then|Further|In fact|Besides|Consequently|Still|And"
    r"|But|and|but"
    r"|while|yet|that|thus|so|While|Although|Though|Whereas|Since|When|when|where|Here|\(\d\)"
    r"|\d\)),?\s)+"
)
_FRONTED = re.compile(
    r"^(?:on|in|for|with|across|at|under|when|by|compared|using|after|among|through|despite"
    r"|without|over"
    r"|from|as|relative|against|thanks|based|unlike|while|although|even|given|averaged|measured"
    r"|tested"
    r"|trained|pretrained|evaluated|quantized|to|if|beyond|besides|set|next|placed|combined"
    r"|applied|tuned"
    r"|take|taken|during|within|between|because|since|once|where|of|upon|via|built|like|versus)\b"
    r"[^,]*,\s",
    re.IGNORECASE,
)
_VERB_TAIL = re.compile(
    r"(?:\s(?:can|could|may|might|will|also|even|still|not only|not|both|further|thus|is|are|was"
    r"|were|has"
    r"|have|been|be|being|able to|to|\w+ly|that|which|does|do|did|on average|comes? out|comes"
    r"|gets?|runs?|makes"
    r"|performs?|works?|remains?|stands?|an?|the|offers?|shows?|exhibits?|achieves?|delivers?"
    r"|attains?"
    r"|reaches|obtains?|yields?|provides?|demonstrates?|holds|with|at|by|in|now|far|clearly|much"
    r"|again|needs|takes"
    r"|as|of|about|some|only|just|uses|using|gains|lets|enables|keeps|brings))+$"
)
# What no noun phrase for a method begins with or holds.
_NO_SUBJECT = re.compile(
    r"^(?:there|with|it|we|by|for|as|in|on|at|to|from|of|than|and|or|including|such|up|only|that"
    r"|results?|how|what|why|whether|leads|achieve|they|does|do|next|over|around|set|[a-z]+ing"
    r"|code|weights)\b"
    r"|\b(?:is|are|was|were|has|have|can|becomes|makes|we|it|they|which|by|achieves|shows|allows"
    r"|thereby|not|offers|offered|leads|enables|tend|provides|narrows|achieve|surpass|than|while"
    r"|its|their)\b|[;:?]|\d%|\s--\s",
    re.IGNORECASE,
)
_FIRST_VERB = re.compile(
    r"\s(?:achiev|outperform|surpass|improv|reduc|reach|obtain|exceed|match|attain|beat|deliver"
    r"|yield"
    r"|sets?\s|score|rival|requir|needs?\s|runs?\s|perform|is\s|are\s|can\s|has\s|was\s"
    r"|demonstrat|exhibit"
    r"|shows|showcas|maintain|preserv|consist|significantly|gets|comes|takes)"
)
_OTHER_VERB = re.compile(
    r"\s(?:(?:achiev|outperform|surpass|improv|reduc|reach|obtain|exceed|match|attain|beat|deliver"
    r"|yield|requir|perform|demonstrat|exhibit|maintain|preserv|reveal|detect)(?:e|es|s|ed)?"
    r"|sets|scores|rivals|needs|runs|is|are|can|could|has|was|gets|comes|takes)(?:\s|$)"
)
_MEASURED = re.compile(r"^(?:performance|quality|results?|success|identification)\b", re.IGNORECASE)
_BROKEN_OFF = re.compile(r"\b(?:of|by|with|to|on|for|from|and|or)$")
_SUFFIX = re.compile(r"[-\s]?[\w.-]*\d[\w.-]*[BMK]?\S*|[-\s]\(?\d[\w.]*\)?")


def find_subject(sentence: Sentence, place: int, topic: Topic, after: int = 0) -> str:
    """Find the subject of the verb at a place of a sentence; the paper's method if it is that.

    Args:
        after: where the words of an earlier result end, which hold no subject of this verb.
    """
    start = max((here for here in sentence.breaks if here <= place), default=0)
    if after > start:
        named = _SECOND_SUBJECT.search(sentence.text, after, place)
        if named:
            return _resolve(_read_subject(named["name"]), topic)
    phrase = _read_subject(sentence.text[start:place])
    if not phrase and start:
        phrase = _read_subject(sentence.text[: _find_first_verb(sentence, start)])
    return _resolve(phrase, topic)


_SECOND_SUBJECT = re.compile(rf"\band\s(?:the\s)?(?P<name>{NAME})(?:\s\([^()]*\))?\s$")


def _find_first_verb(sentence: Sentence, limit: int) -> int:
    lead = _LEAD_IN.match(sentence.text[:limit])
    fronted = _FRONTED.match(sentence.text[:limit])
    begin = max(found.end() if found else 0 for found in (lead, fronted))
    found = _FIRST_VERB.search(sentence.text, begin, limit)
    return found.start() if found else 0


def _read_subject(before: str) -> str:
    """Strip from the words before a verb all that is not its subject."""
    phrase = _CONJUNCTION.sub("", before.strip() + " ")
    for _ in range(2):
        phrase = _FRONTED.sub("", phrase)
        phrase = _LEAD_IN.sub("", phrase)
        phrase = _CONJUNCTION.sub("", phrase)
    phrase = _VERB_TAIL.sub("", " " + phrase.strip()).strip(" ,")
    phrase = re.sub(r"\s*\([^()]*\)", "", phrase).split(", ")[-1]
    verb = _OTHER_VERB.search(phrase)
    return phrase[: verb.start()] if verb and verb.start() > 1 else phrase


def _resolve(phrase: str, topic: Topic) -> str:
    """Turn the words of a subject into a name for the method."""
    if len(phrase) < 2 or _PRONOUN.match(phrase):
        return topic.method
    if len(phrase.split()) > 9 or (_NO_SUBJECT.search(phrase) and topic.method not in phrase):
        return topic.method
    cleaned = clean_name(_OWN.sub("", phrase))
    if topic.method in cleaned:
        return cleaned if _is_variant(cleaned, topic.method) else topic.method
    words = len(cleaned.split())
    if _MEASURED.search(cleaned) or _is_metric(cleaned):
        return topic.method
    if any(is_proper(word) and not is_common(word) for word in cleaned.split()):
        named = words <= 5 and not METRIC_ONLY.fullmatch(cleaned)
    else:
        named = 1 < words <= 7 and not _is_generic(phrase, cleaned)
    return cleaned if named else topic.method


def _is_metric(phrase: str) -> bool:
    """Whether a phrase ends in a metric, so that it is what is measured."""
    uncapitalised = phrase[:1].lower() + phrase[1:]
    last = find_last(METRIC, uncapitalised)
    return last is not None and last.end() == len(uncapitalised)


def _is_variant(name: str, method: str) -> bool:
    """Whether a name is that of a size or a version of the method: "X 7B", "X-mini"."""
    rest = name.replace(method, "", 1)
    return (name.startswith(method) and " " not in rest) or bool(_SUFFIX.fullmatch(rest.strip()))


def _is_generic(phrase: str, cleaned: str) -> bool:
    """Whether a phrase says no more than "our method", is a metric, or breaks off."""
    uncapitalised = cleaned[:1].lower() + cleaned[1:]
    return bool(
        (_GENERIC_HEAD.search(cleaned) and _OWN.match(phrase))
        or METRIC_ONLY.fullmatch(uncapitalised)
        or _BROKEN_OFF.search(cleaned)
    )
