"""Joins labels that came without sentences with the texts that they were made from."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from extractor.documents import Abstract
from extractor.evaluation.evidence import Span
from extractor.evaluation.gold import GoldClaim, GoldDocument
from extractor.evaluation.judging import absent_roles
from extractor.evaluation.names import split_name
from extractor.quantities import find_figures, occurs

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z(\"'“])")
_DISTANCE_WEIGHT: Final = 4.0
"""What a sentence loses that stands a whole text away from where the label was."""

_ANCHORED_FROM: Final = 0.5
"""The mean share of figures and names that labels need to be found in another version."""


class Unjoined(NamedTuple):
    """A labelled abstract that stays without text, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hydration:
    """Labels joined with texts.

    Attributes:
        documents: the labelled abstracts that have a text now, in the order of the labels.
        reanchored: ids of those whose text is another version than the labelled one.
        unjoined: the labelled abstracts that are left out.
    """

    documents: list[GoldDocument]
    reanchored: list[str]
    unjoined: list[Unjoined]


def hydrate_gold(documents: Iterable[GoldDocument], abstracts: Iterable[Abstract]) -> Hydration:
    """Give labelled abstracts their texts, and labels their quotes.

    Texts are joined by their hash. A text that has only the title in common is another version
    of the abstract: there each label is put on the sentence that holds its figures and names.

    Args:
        documents: labels, with or without texts.
        abstracts: texts that may be the labelled ones; read once, in any order.
    """
    listed = list(documents)
    hashes = {document.text_sha256 for document in listed}
    titles = {_fold_title(document.title) for document in listed}
    by_hash: dict[str, Abstract] = {}
    by_title: dict[str, Abstract] = {}
    for abstract in abstracts:
        if abstract.text_sha256 in hashes:
            by_hash[abstract.text_sha256] = abstract
        if (title := _fold_title(abstract.title)) in titles:
            by_title.setdefault(title, abstract)
    result = Hydration([], [], [])
    for document in listed:
        if document.text is not None:
            result.documents.append(document)
        elif exact := by_hash.get(document.text_sha256 or ""):
            _join_exact(document, exact, result)
        elif similar := by_title.get(_fold_title(document.title)):
            _join_version(document, similar, result)
        else:
            result.unjoined.append(Unjoined(document.id, "no text has its hash or its title"))
    return result


def _fold_title(title: str) -> str:
    return "".join(filter(str.isalnum, title.casefold()))


def _join_exact(document: GoldDocument, abstract: Abstract, result: Hydration) -> None:
    spans = [claim.span for claim in document.claims]
    if any(span is not None and span[1] > len(abstract.text) for span in spans):
        result.unjoined.append(Unjoined(document.id, "offsets reach beyond the end of its text"))
        return
    result.documents.append(_join(document, abstract, spans))


def _join_version(document: GoldDocument, abstract: Abstract, result: Hydration) -> None:
    printed = find_figures(abstract.text) + find_figures(abstract.title)
    sentences = _split_sentences(abstract.text)
    anchors = [_anchor(claim, abstract.text, sentences) for claim in document.claims]
    shares = [share for share, _ in anchors]
    lost = sum(
        share == 0 or bool(absent_roles(claim, printed))
        for claim, share in zip(document.claims, shares, strict=True)
    )
    if lost or sum(shares) < _ANCHORED_FROM * len(shares):
        reason = (
            f"the text under its title is another one: {lost} of {len(shares)} labels not in it"
        )
        result.unjoined.append(Unjoined(document.id, reason))
        return
    result.documents.append(_join(document, abstract, [span for _, span in anchors]))
    result.reanchored.append(document.id)


def _join(document: GoldDocument, abstract: Abstract, spans: Sequence[Span | None]) -> GoldDocument:
    claims = [
        claim
        if span is None
        else claim.model_copy(update={"span": span, "evidence": abstract.text[slice(*span)]})
        for claim, span in zip(document.claims, spans, strict=True)
    ]
    return document.model_copy(
        update={"text": abstract.text, "text_sha256": abstract.text_sha256, "claims": claims}
    )


def _split_sentences(text: str) -> list[Span]:
    ends = [match.span() for match in _SENTENCE_END.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    return list(zip(starts, stops, strict=True))


def _anchor(claim: GoldClaim, text: str, sentences: Sequence[Span]) -> tuple[float, Span]:
    """Find the sentence that states a claim, by its figures and names and by the labelled place.

    Returns:
        The share of the claim's figures and names that the sentence holds, and its place.
    """
    start = claim.span[0] if claim.span else 0
    shares = {sentence: _share_of_anchors(claim, text[slice(*sentence)]) for sentence in sentences}

    def fit(sentence: Span) -> float:
        return shares[sentence] - _DISTANCE_WEIGHT * abs(sentence[0] - start) / len(text)

    best = max(sentences, key=fit)
    return shares[best], best


def _share_of_anchors(claim: GoldClaim, sentence: str) -> float:
    """Give the share of a claim's figures and words of names that a sentence holds."""
    printed = find_figures(sentence)
    words = set(split_name(sentence))
    names = (claim.method, claim.metric or "", *claim.datasets, *claim.baselines)
    present = [occurs(figure.number, printed) for _, figure in claim.figures()]
    present += [token in words for token in dict.fromkeys(split_name(" ".join(names)))]
    return sum(present) / len(present) if present else 0.0
