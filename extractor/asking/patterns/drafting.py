"""Drafting a claim from one measurement or one comparison in words."""

import re
from dataclasses import dataclass, field

from extractor.asking.patterns.findings import Comparison, Findings, Measurement
from extractor.asking.patterns.lexicon import METRIC, METRIC_ONLY, is_lower_better
from extractor.asking.patterns.metrics import read_measured_subject
from extractor.asking.patterns.subjects import find_subject
from extractor.asking.patterns.surroundings import (
    find_data,
    find_data_ahead,
    find_data_beside,
    find_fronted_data,
    find_fronted_rivals,
    find_metric_in_terms,
    find_rivals,
    list_metrics,
    part_data_from_metric,
)
from extractor.claims import Outcome

_VERB = re.compile(
    r"\b(?:achiev|outperform|surpass|improv|reduc|reach|obtain|exceed|match|attain|beat|deliver"
    r"|yield|sets\b|scor|rival|requir|needs\b|runs\b|performs|cuts\b|lowers|maintain|retain"
    r"|preserv|gains\b|boost|increas|decreas|is\b|are\b|has\b|have\b|can\b|leads?\b|saves\b|detect"
    r"|finds\b|found\b|accelerat|slash|shrink|takes\b|makes\b|enabl|us(?:es|ing)\b|comes\b|gets\b"
    r"|with\b)"
)


@dataclass(slots=True)
class Draft:
    """A claim in the making.

    Attributes:
        start: where its evidence begins, from the beginning of the sentence.
    """

    method: str
    metric: str | None
    outcome: Outcome
    start: int
    end: int
    datasets: list[str] = field(default_factory=list)
    baselines: list[str] = field(default_factory=list)
    measurement: Measurement | None = None


def draft_comparison(comparison: Comparison, findings: Findings) -> list[Draft]:
    """Draft one claim for each metric that a comparison in words names."""
    sentence, topic = findings.sentence, findings.topic
    text = sentence.text
    start, end = sentence.clause_at(comparison.place)
    end = max(end, comparison.end)
    subject = None
    if comparison.metric is None:
        verb_end = text.find(" ", comparison.place, end) + 1 or end
        subject = read_measured_subject(text[start:verb_end])
        subject = subject if subject and METRIC.search(subject) else None
    known = comparison.metric is not None
    metrics = (
        [subject]
        if subject
        else list_metrics(
            text, comparison.metric, comparison.place if known else comparison.end, end
        )
    )
    baselines = (
        list(comparison.baselines)
        or find_rivals(text, comparison.end, end)
        or find_fronted_rivals(text)
    )
    datasets = (
        find_data(text, comparison.end, end, topic.method)
        or find_data(text, comparison.place, comparison.end, topic.method)
        or find_fronted_data(text, topic.method)
    )
    method = topic.method if subject else find_subject(sentence, comparison.place, topic)
    return [
        Draft(method, metric, comparison.outcome, start, end, list(datasets), list(baselines))
        for metric in metrics
    ]


def draft_measurement(reading: Measurement, findings: Findings) -> Draft:
    """Draft the claim of a measurement, with what the words around it tell."""
    sentence, topic = findings.sentence, findings.topic
    first, last = reading.start, reading.end
    start, end = sentence.clause_at(first)
    end = max(end, sentence.clause_at(last)[1])
    ends = [one.figure.end for one in findings.measurements if one.figure.end <= first]
    earlier = max(ends, default=0)
    baselines = _find_baselines(reading, findings, start, end)
    metric, named = part_data_from_metric(reading.metric or find_metric_in_terms(sentence.text))
    figure = reading.figure
    if reading.rival is not None and "," in sentence.text[reading.rival.end : figure.start]:
        # The subject of the rival's figure, told first, is not that of the method's own.
        first, earlier = figure.start, reading.rival.end
    place = _find_verb(sentence.text, start, first, earlier)
    method = find_subject(sentence, place, topic, earlier)
    if metric and metric.lower() in method.lower():
        method = topic.method  # the subject is what is measured
    return Draft(
        method=method,
        metric=metric,
        outcome=_judge(reading, findings.comparisons, start, end, baselines),
        start=start,
        end=end,
        datasets=named or _find_datasets(reading, findings, start, end),
        baselines=baselines,
        measurement=reading,
    )


def _find_baselines(reading: Measurement, findings: Findings, start: int, end: int) -> list[str]:
    """Look for rivals behind the figure, in its clause, then before it."""
    if reading.rival_name:
        return [reading.rival_name]
    text, first, last = findings.sentence.text, reading.start, reading.end
    baselines = (
        find_rivals(text, last, _find_next(reading, findings, end))
        or _find_object(findings.comparisons, start, first)
        or find_rivals(text, last, end)
        or find_rivals(text, start, first)
    )
    if baselines or not reading.is_delta:
        return baselines
    return _find_object(findings.comparisons, 0, first) or find_fronted_rivals(text)


def _find_datasets(reading: Measurement, findings: Findings, start: int, end: int) -> list[str]:
    """Look for data between the figures, beside and behind them, then before them."""
    text, method = findings.sentence.text, findings.topic.method
    first, last = reading.start, reading.end
    inner = reading.inner_end
    ends = [one.end for one in findings.measurements if one.end <= first]
    return (
        find_data_ahead(text, max(ends, default=start), first, method)
        or (find_data(text, inner, last, method) if inner < last else [])
        or (find_data_beside(text, first, inner) if inner < last else [])
        or find_data_beside(text, first, last)
        or find_data(text, last, _find_next(reading, findings, end), method)
        or find_data(text, start, first, method)
        or find_data(text, last, end, method)
        or find_fronted_data(text, method)
    )


def _find_next(reading: Measurement, findings: Findings, end: int) -> int:
    """Find where the next result begins, or the clause ends."""
    starts = [one.figure.start for one in findings.measurements if one.figure.start > reading.end]
    return min([*starts, end])


def _find_object(comparisons: list[Comparison], start: int, place: int) -> list[str]:
    """Take the rivals of the nearest comparison in words before a place."""
    for comparison in reversed(comparisons):
        if start <= comparison.place < place and comparison.baselines:
            return list(comparison.baselines)
    return []


def _find_verb(text: str, start: int, place: int, earlier: int) -> int:
    """Find the verb of a figure: behind the result before it, or else the clause's first."""
    found = _VERB.search(text, max(start, earlier), place) or _VERB.search(text, start, place)
    return found.start() if found else start


def _judge(
    reading: Measurement, comparisons: list[Comparison], start: int, end: int, baselines: list[str]
) -> Outcome:
    if reading.verdict is not None:
        return reading.verdict
    if reading.rival is not None:
        return _judge_values((reading.value or reading.figure).number, reading)
    if reading.is_delta:
        return _judge_difference(reading)
    for comparison in comparisons:
        if start <= comparison.place < end and comparison.baselines:
            return comparison.outcome
    shares = (reading.metric or "").endswith(("retained", "closed"))
    return "better" if baselines and not shares else "reported"


def _judge_values(own: float, reading: Measurement) -> Outcome:
    theirs = reading.rival.number if reading.rival else own
    if own == theirs:
        return "similar"
    return "better" if (own > theirs) != is_lower_better(reading.metric) else "worse"


def _judge_difference(reading: Measurement) -> Outcome:
    if reading.good is not None:
        return "better" if reading.good else "worse"
    low = is_lower_better(reading.metric)
    if reading.direction == "increase":
        return "worse" if low else "better"
    # What is reduced on purpose is seldom good to have, unless it is known to be.
    known = reading.metric is not None and METRIC_ONLY.fullmatch(reading.metric)
    return "worse" if known and not low else "better"
