"""Drafts of one sentence side by side: lists that share names, and what is said twice."""

import itertools
import re

from extractor.asking.patterns.drafting import Draft
from extractor.asking.patterns.findings import Comparison, Findings
from extractor.asking.patterns.places import strip_brackets
from extractor.asking.patterns.sentences import Sentence
from extractor.asking.patterns.surroundings import find_data

_LIST_GAP = re.compile(r"\s?\)?,?\s?(?:and|or)?\s?(?:up to |by |about |approximately )?[~$(]?")
_FIGURES_FOLLOW = re.compile(
    r"(?:achieving|reaching|scoring|obtaining|attaining|with|yielding|getting|at|recording"
    r"|e\.g\.)\b"
)
_NEW_CLAUSE = re.compile(r";|\bwhile\b")
_NEAR_CHARS = 60
_BESIDE_CHARS = 40


def share_names(sentence: Sentence, drafts: list[Draft]) -> None:
    """Deal out the names of "4 and 7% on A and B", and metrics that are not said again."""
    group: list[Draft] = []
    for draft in drafts:
        if group and not _is_listed(sentence, group[-1], draft):
            _deal(group)
            group = []
        group.append(draft)
    _deal(group)
    for earlier, draft in itertools.pairwise(drafts):
        first, second = earlier.measurement, draft.measurement
        if first is None or second is None or draft.metric or earlier.start != draft.start:
            continue
        if first.is_delta == second.is_delta and first.figure.unit == second.figure.unit:
            draft.metric = earlier.metric


def share_rivals(sentence: Sentence, drafts: list[Draft]) -> None:
    """Give "lifts A by 3% and cuts B by 5% over Y" the rival of its last difference."""
    for earlier, draft in reversed(list(itertools.pairwise(drafts))):
        first, second = earlier.measurement, draft.measurement
        if first is None or second is None or earlier.baselines or not draft.baselines:
            continue
        gap = sentence.text[first.end : second.start]
        if first.is_delta and second.is_delta and not _NEW_CLAUSE.search(gap) and " and " in gap:
            earlier.baselines = list(draft.baselines)


def _is_listed(sentence: Sentence, left: Draft, right: Draft) -> bool:
    if left.measurement is None or right.measurement is None:
        return False
    end, start = left.measurement.end, right.measurement.start
    return end <= start and bool(_LIST_GAP.fullmatch(strip_brackets(sentence.text[end:start])))


def _deal(group: list[Draft]) -> None:
    if len(group) < 2:
        return
    datasets = group[-1].datasets or group[0].datasets
    baselines = group[-1].baselines or group[0].baselines
    for place, draft in enumerate(group):
        draft.datasets = _take_share(datasets, place, len(group))
        draft.baselines = _take_share(baselines, place, len(group))


def _take_share(names: list[str], place: int, count: int) -> list[str]:
    """Take one name each if there are as many as figures, else all of them."""
    return [names[place]] if len(names) == count else list(names)


def merge_general(drafts: list[Draft], findings: Findings) -> list[Comparison]:
    """Give the rivals of "beats A, reaching 61%" to the figures, which say the same.

    Returns:
        The comparisons that say something of their own.
    """
    left = []
    sentence = findings.sentence
    for comparison in findings.comparisons:
        _, end = sentence.clause_at(comparison.place)
        taken = [draft for draft in drafts if _goes_on(sentence, draft, end)]
        if not (taken and comparison.baselines):
            left.append(comparison)
            continue
        data = find_data(sentence.text, comparison.end, end, findings.topic.method)
        for place, draft in enumerate(taken):
            draft.baselines = list(comparison.baselines)
            draft.outcome = comparison.outcome
            draft.datasets = draft.datasets or _take_share(data, place, len(taken))
    return left


def _goes_on(sentence: Sentence, draft: Draft, end: int) -> bool:
    """Whether a draft holds plain values that follow the clause which ends at a place."""
    return (
        draft.measurement is not None
        and not draft.measurement.is_delta
        and not draft.baselines
        and draft.start == end
        and _FIGURES_FOLLOW.match(sentence.text, draft.start) is not None
    )


def is_covered(comparison: Comparison, drafts: list[Draft], sentence: Sentence) -> bool:
    """Tell whether the figures beside a comparison say the same more precisely."""
    return any(_covers(draft, comparison, sentence) for draft in drafts)


def _covers(draft: Draft, comparison: Comparison, sentence: Sentence) -> bool:
    if draft.measurement is None:
        return False
    figure, rival = draft.measurement.figure, draft.measurement.rival
    for own in (figure, rival):
        if own is not None and comparison.place <= own.start < comparison.end + len(" ("):
            return True
    shared = not comparison.baselines or bool(set(comparison.baselines) & set(draft.baselines))
    inside = draft.start <= comparison.place < draft.end
    if comparison.end > figure.start:
        return inside and (shared or comparison.place - figure.end < _BESIDE_CHARS)
    gap = sentence.text[comparison.end : figure.start]
    near = len(gap) < _NEAR_CHARS and not _NEW_CLAUSE.search(gap)
    return inside or (near and shared)
