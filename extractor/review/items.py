"""What is reviewed: the abstracts of a store, each with the claims that were found in it."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from extractor.documents import Abstract, hash_text
from extractor.errors import ConfigError
from extractor.results import CheckedClaim, Result
from extractor.review.labels import DraftClaim, Label, Suggestion

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class ReviewItem:
    """An abstract to be reviewed.

    Attributes:
        key: stands for identifier and text; the same in every server on the same abstracts.
        model: who found the claims.
        suggestions: the claims that were found, by key.
    """

    key: str
    abstract: Abstract
    model: str | None = None
    suggestions: dict[str, Suggestion] = field(default_factory=dict)


def make_key(abstract_id: str, text_sha256: str) -> str:
    """Hash an abstract's identifier and text: sixteen hexadecimal digits."""
    return hash_text(f"{abstract_id}\n{text_sha256}")[:16]


def collect_items(results: Iterable[Result], target: str) -> dict[str, ReviewItem]:
    """Collect the abstracts of a store by key.

    Abstracts without a text are left out. Of several texts under one identifier the last is
    taken, since a gold file knows abstracts by their identifiers.

    Args:
        results: of each abstract one result.
        target: the store, as messages name it.

    Raises:
        ConfigError: no abstract has a text.
    """
    by_id: dict[str, ReviewItem] = {}
    for result in results:
        abstract = result.abstract
        if not abstract.text:
            continue
        if abstract.id in by_id:
            _log.warning("%s stands for several texts; only the last is reviewed", abstract.id)
        by_id[abstract.id] = _make_item(result)
    if not by_id:
        raise ConfigError(
            f"{target} holds no abstract with its text, so that there is nothing to review; "
            "run `extractor run` with it as output first"
        )
    return {item.key: item for item in by_id.values()}


def _make_item(result: Result) -> ReviewItem:
    abstract = result.abstract
    return ReviewItem(
        key=make_key(abstract.id, abstract.text_sha256),
        abstract=abstract,
        model=result.provenance.model,
        suggestions={
            claim.claim_id: Suggestion(_make_label(claim), (result.provenance.model,))
            for claim in result.claims
        },
    )


def _make_label(claim: CheckedClaim) -> Label:
    content = claim.model_dump(include=set(DraftClaim.model_fields))
    return Label(key=claim.claim_id, span=claim.span, claim=DraftClaim.model_validate(content))
