"""Splitting a text into sentences and a sentence into clauses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from extractor.quantities import Figure, find_figures

_END = re.compile(r"[.!?][\"'”’)]*\s+(?=[\"'“‘(\[]*[A-Z0-9$*])")
# A full stop after these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|etc|vs|v\.s|cf|Fig|Figs|Eq|Eqs|Sec|Tab|Ref|resp|approx|ca|No|Nos"
    r"|Dr|Prof|St"
    r"|Mr|Ms|[A-Z]|w\.r\.t|a\.k\.a)|\()\.$"
)
_VERB_ENDING = (
    r"(?:\w+ing|achieves?d?|outperforms?|improves?|reduces?|surpass(?:es)?|reach(?:es)?|yields?"
    r"|requires?"
    r"|exceeds?|obtains?|attains?|delivers?|matches|maintains?|cuts?|lowers?|beats?|is|are|was|were"
    r"|has|have|can|does|offers?|shows?|provides?|performs?|runs?|needs?|uses?|enables?|even)"
)
_CLAUSE_BREAK = re.compile(
    r";[ ]|:[ ](?=\w)|,?[ ](?:while|whereas|whilst|although|though)[ ]|,[ ](?=(?:but|yet|which"
    r"|thus|thereby"
    rf"|hence|so|and[ ](?:it|we|they|its|our|the|an?|on|in|with|{_VERB_ENDING}|also|further"
    r"|significantly)"
    rf"|with|at|without|{_VERB_ENDING})\b)"
    rf"|[ ]and[ ](?=(?:{_VERB_ENDING}|it|we|its)[ ])|[ ](?=\(?\d[).][ ])"
)
_LONGEST_CHARS = 1000
_ENUMERATOR = re.compile(r"(?<=[ ,;:])\d\)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text.

    Attributes:
        start: where it begins, in characters of the whole text.
        figures: the figures printed in it, places counted from its own beginning.
        breaks: where its clauses begin, from its own beginning; the first is 0.
    """

    text: str
    start: int
    figures: tuple[Figure, ...]
    breaks: tuple[int, ...]

    def clause_at(self, place: int) -> tuple[int, int]:
        """Give the clause `[start, end)` that holds a place, separators left out."""
        start = max(here for here in self.breaks if here <= place)
        end = min((here for here in self.breaks if here > place), default=len(self.text))
        return start, end


def split_sentences(text: str) -> list[Sentence]:
    """Split a text in normal form into sentences with their figures and clauses."""
    figures = find_figures(text)
    sentences: list[Sentence] = []
    for start, end in _cut_overlong(text, _find_bounds(text)):
        inside = tuple(
            replace(figure, start=figure.start - start, end=figure.end - start)
            for figure in figures
            if start <= figure.start and figure.end <= end
        )
        content = text[start:end]
        sentences.append(Sentence(content, start, inside, _find_breaks(content)))
    return sentences


def _find_bounds(text: str) -> list[tuple[int, int]]:
    bounds: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if text[match.start()] == "." and _ABBREVIATION.search(
            text, max(start, match.start() - 8), match.start() + 1
        ):
            continue
        bounds.append((start, match.end() - len(match[0]) + len(match[0].rstrip())))
        start = match.end()
    if start < len(text):
        bounds.append((start, len(text)))
    return bounds


def _cut_overlong(text: str, bounds: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cut what is too long for a sentence: the rules' cost grows with the square of its length."""
    for first, end in bounds:
        start = first
        while end - start > _LONGEST_CHARS:
            cut = text.rfind(" ", start + 1, start + _LONGEST_CHARS)
            cut = cut if cut > 0 else start + _LONGEST_CHARS
            yield start, cut
            start = cut + 1 if text[cut] == " " else cut
        yield start, end


def _find_breaks(sentence: str) -> tuple[int, ...]:
    """Find where clauses begin; what stands in brackets is not broken."""
    breaks = [0]
    sentence = _ENUMERATOR.sub(lambda label: label[0].replace(")", "."), sentence)
    for match in _CLAUSE_BREAK.finditer(sentence):
        before = sentence[: match.start()]
        if before.count("(") == before.count(")"):
            breaks.append(match.end())
    return tuple(breaks)
