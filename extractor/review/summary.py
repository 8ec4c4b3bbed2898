"""What a review came to: abstracts done, decisions, and time per abstract with and without help."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median

from pydantic import BaseModel

from extractor.review.items import ReviewItem
from extractor.review.journal import Journal
from extractor.review.labels import LabelState


class Pace(BaseModel):
    """How fast abstracts were labelled.

    Attributes:
        suggestions: whether suggestions were in sight.
        abstracts: number of finished abstracts.
        median_s: the median of the seconds that one took, pauses left out.
        total_s: the seconds that all of them took.
    """

    label_set: str
    annotator: str
    suggestions: bool
    abstracts: int
    median_s: float
    total_s: float


class SetSummary(BaseModel):
    """What became of one set of labels.

    Attributes:
        accepted: suggestions that became labels as they were.
        edited: suggestions that became labels with changes.
        rejected: suggestions that became none.
        added: labels that nothing suggested.
        empty: finished abstracts without a claim.
    """

    label_set: str
    finished: int
    labels: int
    accepted: int
    edited: int
    rejected: int
    added: int
    empty: int


class Summary(BaseModel):
    """What a review came to so far.

    Attributes:
        abstracts: number of abstracts in the store.
        paces: by set of labels, annotator, and whether there were suggestions.
    """

    abstracts: int
    sets: list[SetSummary]
    paces: list[Pace]


def summarise(
    journal: Journal, items: Mapping[str, ReviewItem], only: Iterable[str] | None = None
) -> Summary:
    """Sum a review up.

    Args:
        journal: its decisions.
        items: the abstracts of the store by key.
        only: the names of the sets of labels to tell of; by default all.
    """
    names = journal.list_sets() if only is None else list(only)
    finished: dict[str, dict[str, LabelState]] = {
        name: {
            decision.abstract: decision.state
            for decision in journal.list_newest(name)
            if decision.state.finished and decision.abstract in items
        }
        for name in names
    }
    return Summary(
        abstracts=len(items),
        sets=[_count(name, states, items) for name, states in finished.items()],
        paces=_measure(journal, finished),
    )


def _count(
    name: str, states: Mapping[str, LabelState], items: Mapping[str, ReviewItem]
) -> SetSummary:
    accepted = edited = added = rejected = 0
    for key, state in states.items():
        suggestions = items[key].suggestions
        for label in state.labels:
            if label.key not in suggestions:
                added += 1
            elif suggestions[label.key].label.claim == label.claim:
                accepted += 1
            else:
                edited += 1
        rejected += sum(key in suggestions for key in state.rejected)
    return SetSummary(
        label_set=name,
        finished=len(states),
        labels=accepted + edited + added,
        accepted=accepted,
        edited=edited,
        rejected=rejected,
        added=added,
        empty=sum(not state.labels for state in states.values()),
    )


def _measure(journal: Journal, finished: Mapping[str, Mapping[str, LabelState]]) -> list[Pace]:
    """Work out the times of everyone for the abstracts that are finished."""
    taken: defaultdict[tuple[str, str, bool], dict[str, float]] = defaultdict(dict)
    for spent in journal.list_spent():
        if spent.abstract in finished.get(spent.label_set, {}):
            times = taken[spent.label_set, spent.annotator, spent.suggestions]
            times[spent.abstract] = spent.active_s
    return [
        Pace(
            label_set=label_set,
            annotator=annotator,
            suggestions=suggestions,
            abstracts=len(times),
            median_s=round(median(times.values()), 1),
            total_s=round(sum(times.values()), 1),
        )
        for (label_set, annotator, suggestions), times in sorted(taken.items())
    ]
