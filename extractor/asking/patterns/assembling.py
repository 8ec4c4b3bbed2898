"""From an abstract to claims: sentence by sentence, result by result."""

import re

from extractor.asking.patterns.comparisons import find_comparisons
from extractor.asking.patterns.drafting import (
    Draft,
    draft_comparison,
    draft_measurement,
)
from extractor.asking.patterns.findings import Findings, Measurement
from extractor.asking.patterns.listing import is_covered, merge_general, share_names, share_rivals
from extractor.asking.patterns.measurements import find_measurements
from extractor.asking.patterns.pairing import join_figures
from extractor.asking.patterns.relevance import (
    announces_results,
    find_results_start,
    states_results,
)
from extractor.asking.patterns.sentences import Sentence, split_sentences
from extractor.asking.patterns.topics import Topic, find_topic
from extractor.claims import Claim, Delta, Extraction, Quantity
from extractor.documents import Abstract
from extractor.quantities import Figure

_ANNOUNCEMENT = re.compile(
    r"\s?.{0,100}?\b(?:show|find|found|demonstrat|observ|indicat|reveal|suggest|confirm|report"
    r"|note)"
    r"\w*(?: \w+ly)? that "
)
_CONJUNCTION = re.compile(r"^(?:and|but|while|whereas|yet|thus|which)\s")
_TRAILING = re.compile(r"[\s,;:.]+(?:and|but|while|whereas)?$")
_LEAST_EVIDENCE_CHARS = 25


def extract_claims(abstract: Abstract) -> Extraction:
    """Find the result claims of an abstract by rules: at once, offline, always the same.

    Returns:
        Claims whose evidence and figures all stand in the abstract; none if it states no result.
    """
    sentences = split_sentences(abstract.text)
    topic = find_topic(abstract.title, abstract.text, sentences)
    first = find_results_start(sentences, topic.method)
    claims: list[Claim] = []
    for index, sentence in enumerate(sentences):
        if index < first or not states_results(sentence):
            continue
        announced = announces_results(sentence, index, len(sentences))
        drafts = _read_sentence(sentence, topic, announced=announced)
        claims += [_finish(draft, sentence, topic) for draft in drafts]
    return Extraction(claims=_drop_repeats(claims))


def _read_sentence(sentence: Sentence, topic: Topic, *, announced: bool) -> list[Draft]:
    findings = Findings(
        sentence,
        topic,
        join_figures(sentence, find_measurements(sentence), topic.method),
        find_comparisons(sentence, strict=not announced),
    )
    drafts = [draft_measurement(reading, findings) for reading in findings.measurements]
    share_names(sentence, drafts)
    share_rivals(sentence, drafts)
    for comparison in merge_general(drafts, findings):
        if not is_covered(comparison, drafts, sentence):
            drafts += draft_comparison(comparison, findings)
    return sorted(drafts, key=lambda draft: draft.start)


def _finish(draft: Draft, sentence: Sentence, topic: Topic) -> Claim:
    reading = draft.measurement
    baselines = [name for name in draft.baselines if name != draft.method]
    value = None
    if reading is not None:
        value = reading.value if reading.is_delta else reading.figure
    return Claim(
        method=draft.method,
        task=topic.task,
        datasets=[name for name in draft.datasets if name not in baselines],
        metric=draft.metric,
        value=_make_quantity(value),
        baselines=baselines,
        baseline_value=_make_quantity(reading.rival if reading else None),
        delta=_make_delta(reading) if reading and reading.is_delta else None,
        outcome=draft.outcome,
        evidence=_trim(sentence.text[draft.start : draft.end]),
    )


def _make_quantity(figure: Figure | None) -> Quantity | None:
    if figure is None:
        return None
    return Quantity(
        number=figure.number, high=figure.high, unit=figure.unit, qualifier=figure.qualifier
    )


def _make_delta(reading: Measurement) -> Delta:
    figure = reading.figure
    return Delta(
        number=abs(figure.number),
        high=figure.high,
        unit=figure.unit,
        qualifier=figure.qualifier,
        direction=reading.direction or "increase",
    )


def _trim(passage: str) -> str:
    """Cut "we find that", conjunctions and marks from the ends of a passage."""
    lead = _ANNOUNCEMENT.match(passage)
    if lead and len(passage) - lead.end() > _LEAST_EVIDENCE_CHARS:
        passage = passage[lead.end() :]
    return _TRAILING.sub("", _CONJUNCTION.sub("", passage.strip())).strip()


def _drop_repeats(claims: list[Claim]) -> list[Claim]:
    """Keep the first of claims that say the same."""
    kept: dict[str, Claim] = {}
    for claim in claims:
        kept.setdefault(claim.model_dump_json(exclude={"evidence", "task"}), claim)
    return list(kept.values())
