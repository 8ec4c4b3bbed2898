"""What a review's page is told, as JSON."""

from typing import Any

from extractor.review.checking import CheckedLabel
from extractor.review.journal import Decision
from extractor.review.labels import Suggestion
from extractor.review.reviewing import JOINT, SETTLED, Review


def describe_index(review: Review, label_set: str) -> dict[str, Any]:
    """List the abstracts that there are to decide on, with how far each is."""
    review.require_set(label_set)
    newest = {decision.abstract: decision for decision in review.journal.list_newest(label_set)}
    keys = review.list_to_settle() if label_set == SETTLED else list(review.items)
    return {
        "sequence": max((decision.sequence for decision in newest.values()), default=0),
        "abstracts": [
            {
                "key": key,
                "id": review.items[key].abstract.id,
                "title": review.items[key].abstract.title,
                "suggestions": _count_suggestions(review, label_set, key),
                **_describe_progress(newest.get(key)),
            }
            for key in keys
        ],
        "can_settle": review.can_settle(),
    }


def describe_changes(review: Review, label_set: str, sequence: int) -> dict[str, Any]:
    """Tell which abstracts were decided on since a decision."""
    review.require_set(label_set)
    changed = review.journal.list_since(label_set, sequence)
    return {
        "sequence": max([sequence, *(decision.sequence for decision in changed)]),
        "abstracts": [
            {"key": decision.abstract, **_describe_progress(decision)} for decision in changed
        ],
    }


def describe_view(review: Review, label_set: str, key: str) -> dict[str, Any]:
    """Describe an abstract as it stands, with its suggestions and what its fields offer."""
    view = review.view(label_set, key)
    abstract, decision = view.item.abstract, view.decision
    suggestions = review.suggest(label_set, view.item)
    is_own = decision is not None and decision.annotator == review.annotator
    checked = review.check_all(view.item, [each.label for each in suggestions.values()])
    return {
        "key": key,
        "id": abstract.id,
        "title": abstract.title,
        "text": abstract.text,
        "url": abstract.url,
        "version": view.version,
        "annotator": decision.annotator if decision else None,
        "finished": view.state.finished,
        "can_undo": is_own and decision is not None and decision.back is not None,
        "can_redo": is_own and decision is not None and decision.forward is not None,
        "labels": [describe_checked(label) for label in view.labels],
        "suggestions": [
            {
                **_describe_suggestion(suggestions[each.label.key], each),
                "rejected": each.label.key in view.state.rejected,
            }
            for each in checked
        ],
        "offers": review.offers(label_set, key),
    }


def describe_checked(checked: CheckedLabel) -> dict[str, Any]:
    """Describe a label and what there is to say about it."""
    return {
        **checked.label.model_dump(mode="json"),
        "remarks": [
            {"check": remark.check, "blocks": remark.blocks, "message": remark.message}
            for remark in checked.remarks
        ],
        "places": checked.places,
    }


def _describe_suggestion(suggestion: Suggestion, checked: CheckedLabel) -> dict[str, Any]:
    return {
        **describe_checked(checked),
        "sources": suggestion.sources,
        "rivals": suggestion.rivals,
        "differs": suggestion.differs,
    }


def _describe_progress(decision: Decision | None) -> dict[str, Any]:
    if decision is None:
        return {"version": 0, "finished": False, "labels": 0, "annotator": None}
    return {
        "version": decision.version,
        "finished": decision.state.finished,
        "labels": len(decision.state.labels),
        "annotator": decision.annotator,
    }


def _count_suggestions(review: Review, label_set: str, key: str) -> int:
    if label_set == JOINT:
        return len(review.items[key].suggestions)
    return len(review.suggest(label_set, review.items[key])) if label_set == SETTLED else 0
