"""Compares passages by the characters or, without a text, by the words that they share."""

import re
from collections import Counter
from dataclasses import dataclass

from extractor.documents import normalise_text

_WORD = re.compile(r"\w+(?:[.,]\d+)*|%")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """Where evidence stands, as far as it is known.

    Attributes:
        spans: every place where the passage occurs, `[start, end)` in characters of the text.
        words: its words in lower case; empty when the text of a labelled span is not at hand.
    """

    spans: tuple[Span, ...]
    words: Counter[str]


def find_spans(quote: str, text: str) -> tuple[Span, ...]:
    """Find every place where a quote stands letter for letter in a normalised text."""
    wanted = normalise_text(quote)
    spans: list[Span] = []
    start = text.find(wanted) if wanted else -1
    while start >= 0:
        spans.append((start, start + len(wanted)))
        start = text.find(wanted, start + 1)
    return tuple(spans)


def make_passage(quote: str, span: Span | None, text: str | None) -> Passage:
    """Prepare evidence for comparison.

    Args:
        quote: the passage; may be empty when `span` is given.
        span: its place, if it is known without looking; a place where something else stands
            is not believed.
        text: the normalised text, if it is known.
    """
    if span is not None and text is not None:
        stands_there = text[span[0] : span[1]]
        if quote and normalise_text(quote) != stands_there:
            span = None
        else:
            quote = stands_there
    if span is not None:
        spans: tuple[Span, ...] = (span,)
    else:
        spans = find_spans(quote, text) if text is not None else ()
    return Passage(spans=spans, words=Counter(_WORD.findall(quote.casefold())))


def compare_passages(first: Passage, second: Passage) -> float | None:
    """Give the share of text that two passages have in common.

    Returns:
        The Dice coefficient of characters when both places are known, else of words; None when
        one side has only a place and the other only words, so that nothing can be said.
    """
    if first.spans and second.spans:
        return max(_span_overlap(one, other) for one in first.spans for other in second.spans)
    if first.words and second.words:
        common = (first.words & second.words).total()
        return 2 * common / (first.words.total() + second.words.total())
    both_known = (first.spans or first.words) and (second.spans or second.words)
    return None if both_known else 0.0


def _span_overlap(first: Span, second: Span) -> float:
    common = min(first[1], second[1]) - max(first[0], second[0])
    total = first[1] - first[0] + second[1] - second[0]
    return 2 * max(common, 0) / total if total else 0.0
