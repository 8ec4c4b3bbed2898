"""The labels of two annotators side by side: what they agree on and where they differ."""

from collections.abc import Mapping, Sequence

import numpy as np

from extractor.documents import hash_text
from extractor.evaluation.matching import ClaimMatcher, PreparedClaim, assign
from extractor.evaluation.rules import FIELDS
from extractor.review.checking import to_gold_claim
from extractor.review.items import ReviewItem
from extractor.review.labels import Label, LabelState, Suggestion


def pair_labels(item: ReviewItem, states: Mapping[str, LabelState]) -> dict[str, Suggestion]:
    """Pair what two annotators labelled in an abstract, as the scorer pairs claims.

    Args:
        item: the abstract.
        states: what each of the two has decided, by their names.

    Returns:
        The labels of both as suggestions by key, in the order of the text. Labels that say the
        same are one suggestion with two sources; others that mean the same are rivals.
    """
    (first, one), (second, other) = states.items()
    paired = _pair(one.labels, other.labels, item.abstract.text)
    rows = {row for row, _ in paired}
    columns = {column for _, column in paired}
    groups = [
        _compare((first, one.labels[row]), (second, other.labels[column])) for row, column in paired
    ]
    groups += [[_alone(first, label)] for at, label in enumerate(one.labels) if at not in rows]
    groups += [
        [_alone(second, label)] for at, label in enumerate(other.labels) if at not in columns
    ]
    groups.sort(key=lambda group: group[0].label.span or (0, 0))
    return {suggestion.label.key: suggestion for group in groups for suggestion in group}


def _pair(one: Sequence[Label], other: Sequence[Label], text: str) -> list[tuple[int, int]]:
    matcher = ClaimMatcher()
    rows, columns = (_prepare(labels, text, matcher) for labels in (one, other))
    table = np.array(
        [[matcher.compare(row, column).similarity for column in columns] for row in rows]
    )
    return assign(table.reshape(len(rows), len(columns)), matcher.rules.same_claim)


def _prepare(labels: Sequence[Label], text: str, matcher: ClaimMatcher) -> list[PreparedClaim]:
    return [
        matcher.prepare(to_gold_claim(label), place, label.span, text)
        for place, label in enumerate(labels)
    ]


def _compare(one: tuple[str, Label], other: tuple[str, Label]) -> list[Suggestion]:
    (first, left), (second, right) = one, other
    claims = to_gold_claim(left).to_label(), to_gold_claim(right).to_label()
    differs = tuple(field for field in (*FIELDS, "status") if claims[0][field] != claims[1][field])
    if not differs:
        return [Suggestion(_rename(left, first), (first, second))]
    left, right = _rename(left, first), _rename(right, second)
    return [
        Suggestion(left, (first,), (right.key,), differs),
        Suggestion(right, (second,), (left.key,), differs),
    ]


def _alone(name: str, label: Label) -> Suggestion:
    return Suggestion(_rename(label, name), (name,))


def _rename(label: Label, annotator: str) -> Label:
    """Give a label a key that changes with what it says, so that no decision outlives that."""
    digest = hash_text(f"{annotator}\n{label.model_dump_json()}")[:16]
    return label.model_copy(update={"key": f"of-{digest}"})
