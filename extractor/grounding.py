"""Quotes and figures -> places in the text.

A quote is found letter for letter and in whole words; only what typography alone changes is put
aside: the kind of quotation mark, dash and blank, ligatures, escapes and dollar signs left over
from TeX, a stop that closes the quote alone. Letters, digits and their order are never put aside,
so no fuzzy match makes a changed figure pass.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property

from extractor.claims import Claim, Quantity
from extractor.documents import Abstract, normalise_text
from extractor.quantities import (
    Figure,
    are_related,
    can_ground,
    find_figures,
    mentions_unit,
    normalise_unit,
    prints,
    unit_kind,
)
from extractor.results import Grounding

_FOLDED = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    # Where dollar signs open and close TeX mathematics, or state a currency, is not to be told.
    "$": "",
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    "…": "...",
    "\u00a0": " ",
}
# Characters on either side of a passage that tell what its first and last figures are.
_AROUND = 40
_TEX_ESCAPE = re.compile(r"\\(?=[%&_$#{}])")
_TEX_QUOTE = re.compile(r"``|''")
_FOLDABLE = ("`", "\\", "$", "''", "--")
_CLOSING_STOP = re.compile(r"(?<![.,;])[.,;]$")
# A single word as short as this states no result: "e", "the", "91.2%".
_SHORT_WORD = 7
# Places that a quote is looked for at, so that no text of one repeated letter takes for ever.
_MOST_PLACES = 200
_INSIDE_NUMBER = re.compile(r"(?<=\d)(?:[.,]\d|%)|(?<=\d[.,])\d")


class GroundedText:
    """An abstract prepared for finding quotes and figures in it."""

    def __init__(self, abstract: Abstract) -> None:
        """Fold the text, once for all claims of an abstract."""
        self.text = abstract.text
        self._title = abstract.title
        self._folded, self._places = _fold(abstract.text)
        self._read_around: dict[tuple[int, int], list[Figure]] = {}

    @cached_property
    def figures(self) -> list[Figure]:
        """Every figure of text and title."""
        return [*find_figures(self.text), *find_figures(self._title)]

    def locate_quote(self, quote: str) -> tuple[int, int] | None:
        """Find a quote.

        Returns:
            `[start, end)` of its first occurrence in characters of the abstract's text, or None
            if it does not occur as a whole, or only inside a word or a number, or is no more
            than one short word.
        """
        folded, _ = _fold(normalise_text(quote))
        folded = folded.strip()
        if _is_short_word(folded):
            return None
        start = self._find_whole(folded)
        if start < 0 and _CLOSING_STOP.search(folded):
            folded = folded[:-1]
            start = self._find_whole(folded)
        if start < 0:
            return None
        if self._places is None:
            return start, start + len(folded)
        return self._close_dollars(self._places[start], self._places[start + len(folded) - 1] + 1)

    def ground(self, claim: Claim) -> Grounding:
        """Find the evidence and every figure of a claim."""
        span = self.locate_quote(claim.evidence)
        claimed = claim.figures()
        quoted = self._figures_within(span) if span and claimed else []
        absent, outside, conflicts, doubts = [], [], [], []
        for role, quantity in claimed:
            in_quote = _find_printings(quantity, quoted)
            # The whole text is read only for what its quote does not settle.
            if in_quote and _unit_occurs(quantity, in_quote):
                continue
            printings = _find_printings(quantity, self.figures)
            if not printings:
                absent.append(role)
                continue
            if span and not in_quote:
                outside.append(role)
            if _unit_occurs(quantity, printings):
                continue
            passage = self.text[slice(*span)] if span else self.text
            if in_quote and _is_contradicted(quantity, in_quote, passage):
                conflicts.append(role)
            elif not _is_meant(quantity, printings, f"{passage} {claim.metric or ''}"):
                doubts.append(role)
        return Grounding(span, tuple(absent), tuple(outside), tuple(conflicts), tuple(doubts))

    def _find_whole(self, folded: str) -> int:
        """Find where a passage first stands in whole words, -1 if nowhere."""
        start = -1
        for _ in range(_MOST_PLACES if folded else 0):
            start = self._folded.find(folded, start + 1)
            if start < 0 or not (
                _is_inside_word(self._folded, start)
                or _is_inside_word(self._folded, start + len(folded))
            ):
                return start
        return -1

    def _close_dollars(self, start: int, end: int) -> tuple[int, int]:
        """Take in the dollar sign that a passage of TeX leaves out on one side."""
        if self.text.count("$", start, end) % 2 == 1:
            if self.text.startswith("$", end):
                return start, end + 1
            if start and self.text[start - 1] == "$":
                return start - 1, end
        return start, end

    def _figures_within(self, span: tuple[int, int]) -> list[Figure]:
        """The figures that stand in a passage as a whole, read with the words around them.

        A quote may cut a figure or a name short: "5.8" of "5.84", "2" of "Llama 2".
        """
        if span not in self._read_around:
            start = self.text.rfind(" ", 0, max(0, span[0] - _AROUND)) + 1
            end = self.text.find(" ", span[1] + _AROUND)
            around = self.text[start:] if end < 0 else self.text[start:end]
            self._read_around[span] = [
                figure
                for figure in find_figures(around)
                if span[0] <= start + figure.start and start + figure.end <= span[1]
            ]
        return self._read_around[span]


def _find_printings(quantity: Quantity, figures: Sequence[Figure]) -> list[Figure]:
    """Find the figures that print a quantity's number, with whatever unit.

    There are none where the upper end of its range is not printed.
    """
    if quantity.high is not None and not any(
        prints(figure, quantity.high) and can_ground(figure, quantity.unit) for figure in figures
    ):
        return []
    return [
        figure
        for figure in figures
        if prints(figure, quantity.number) and can_ground(figure, quantity.unit)
    ]


def _unit_occurs(quantity: Quantity, printings: Sequence[Figure]) -> bool:
    """Whether the number stands somewhere with this unit; all counted things are as one."""
    short = normalise_unit(quantity.unit)
    if any(figure.unit == short for figure in printings):
        return True
    return unit_kind(short) == "bare" and _has_bare(printings)


def _has_bare(printings: Sequence[Figure]) -> bool:
    return any(unit_kind(figure.unit) == "bare" for figure in printings)


def _is_contradicted(quantity: Quantity, printings: Sequence[Figure], passage: str) -> bool:
    """Whether a passage prints the number with units that are clearly not the quantity's.

    Percent and points are told apart only where the passage has but one of them: "6% absolute"
    is both.
    """
    kind = unit_kind(quantity.unit)
    if kind == "bare" or (kind in {"percent", "points"} and mentions_unit(passage, quantity.unit)):
        return False
    return all(
        figure.unit_printed
        and unit_kind(figure.unit) != "bare"
        and not are_related(figure.unit, quantity.unit)
        for figure in printings
    )


def _is_meant(quantity: Quantity, printings: Sequence[Figure], around: str) -> bool:
    """Whether the unit of a number printed without one is said around it.

    The unit may stand with another figure of a list ("5.84 and 1.96%"), before ("latency in ms
    falls to 12") or in the name of the metric.
    """
    return _has_bare(printings) and mentions_unit(around, quantity.unit)


def _is_short_word(folded: str) -> bool:
    if " " in folded or len(folded) > _SHORT_WORD:
        return False
    return all(unicodedata.category(character) != "Lo" for character in folded)


def _is_inside_word(text: str, place: int) -> bool:
    """Whether a word, a number or a letter with its accents goes on across a place."""
    if not 0 < place < len(text):
        return False
    before, behind = text[place - 1], text[place]
    if unicodedata.category(behind).startswith("M"):
        return True
    if " " in (before, behind):
        return False
    if _INSIDE_NUMBER.match(text, place):
        return True
    return all(
        # Letters without case may belong to scripts that do not part words by blanks.
        character.isalnum() and unicodedata.category(character) != "Lo"
        for character in (before, behind)
    )


def _fold(text: str) -> tuple[str, list[int] | None]:
    """Put typography aside.

    Returns:
        The folded text, and for each of its characters the index of the character it comes
        from; None where every character stands where it stood.
    """
    if _is_plain(text):
        return text, None
    dropped = {match.start() for match in _TEX_ESCAPE.finditer(text)}
    doubled = {match.start() for match in _TEX_QUOTE.finditer(text)}
    folded: list[str] = []
    places: list[int] = []
    skip = False
    for index, character in enumerate(text):
        if skip or index in dropped:
            skip = False
            continue
        skip = index in doubled
        replacement = '"' if skip else _fold_character(character)
        if replacement == "-" and folded and folded[-1] == "-":
            continue  # TeX prints "--" and "---" as one dash
        folded.append(replacement)
        places.extend([index] * len(replacement))
    return "".join(folded), places


def _is_plain(text: str) -> bool:
    """Whether folding leaves a text as it is, as it does most."""
    return text.isascii() and text.isprintable() and not any(mark in text for mark in _FOLDABLE)


def _fold_character(character: str) -> str:
    if character < "\x7f" and character not in "`$":
        return character
    if (replacement := _FOLDED.get(character)) is not None:
        return replacement
    # Superscripts and fractions stay as they are: 10² must never read as 102.
    if unicodedata.category(character) == "No":
        return character
    decomposed = unicodedata.normalize("NFKC", character)
    return decomposed if decomposed.strip() else " "
