"""Abstracts of a store as Label Studio tasks, their claims as pre-labels."""

import json
import logging
from collections.abc import Iterable, Iterator

from extractor.claims import Claim
from extractor.evaluation.evidence import find_spans
from extractor.evaluation.gold import GoldClaim, GoldDocument
from extractor.evaluation.labelstudio import make_task
from extractor.results import CheckedClaim, Result

_log = logging.getLogger(__name__)
_FIELDS = {*Claim.model_fields, "span"}


def render_tasks(results: Iterable[Result]) -> Iterator[str]:
    """Write tasks as JSON, in parts that make up one file.

    Abstracts whose text the store does not hold are left out, and claims whose quote is not in
    the text; a warning says how many.
    """
    separator, without_text, without_place = "[\n", 0, 0
    for result in results:
        abstract = result.abstract
        if not abstract.text:
            without_text += 1
            continue
        placed = [claim for claim in result.claims if _has_place(claim, abstract.text)]
        without_place += len(result.claims) - len(placed)
        document = GoldDocument(
            id=abstract.id,
            title=abstract.title,
            text=abstract.text,
            text_sha256=abstract.text_sha256,
            claims=[
                GoldClaim.model_validate(claim.model_dump(include=_FIELDS)) for claim in placed
            ],
        )
        yield separator + json.dumps(make_task(document, result.provenance.model))
        separator = ",\n"
    yield "\n]\n" if separator == ",\n" else "[]\n"
    _warn(without_text, "abstract", "without text")
    _warn(without_place, "claim", "without a place in its text")


def _warn(number: int, what: str, why: str) -> None:
    if number:
        _log.warning("left out %d %s%s %s", number, what, "s" if number > 1 else "", why)


def _has_place(claim: CheckedClaim, text: str) -> bool:
    return claim.span is not None or bool(find_spans(claim.evidence, text))
