"""Words before or behind a figure that say how exact it is."""

import re

from extractor.claims import Qualifier

_SPELLINGS: dict[Qualifier, tuple[str, ...]] = {
    "about": (
        *("about", "around", "roughly", "nearly", "approximately", "approx", "approx.", "almost"),
        *("~", "∼", "≈", "\\sim", "$\\sim$", "sim", "some", "circa", "ca."),
        *("close to", "order of", "an estimated"),
    ),
    "at_least": (
        *("over", "exceeding", "exceeds", "exceed", "above", "surpassing", "minimum", "+"),
        *(">", "≥", "\\geq", ">=", "at least", "more than", "greater than", "larger than"),
        *("higher than", "better than", "faster than", "excess of", "minimum of", "upwards of"),
        *("no less than", "no fewer than", "not less than"),
    ),
    "at_most": (
        *("under", "below", "within", "<", "≤", "\\leq", "<=", "less than", "fewer than"),
        *("at most", "lower than", "smaller than", "no more than", "not more than", "only up to"),
    ),
    "up_to": (
        *("maximum", "up to", "maximum of", "peak of", "as high", "factor of up"),
        *("as much as", "as many as", "as high as", "as large as"),
    ),
}
_QUALIFIERS = {spelling: found for found, spellings in _SPELLINGS.items() for spelling in spellings}
# Words that may stand between the qualifier and the number.
_FILLERS = {"a", "an", "$", "another", "additional", "absolute", "average", "of", "by", "to"}
_BEHIND = re.compile(
    r"(?P<at_least>\+(?!\w)|,?[ ]or[ ](?:more|higher|better|above)\b)"
    r"|(?P<at_most>,?[ ](?:or[ ](?:less|fewer|lower|below)|at[ ]most)\b)"
    r"|(?P<up_to>,?[ ]at[ ](?:best|maximum)\b)"
)
_MAXIMUM_BEFORE = re.compile(r"\bmaximum\b[^.,;]*$")
# Most words before a figure neither qualify it nor lead on to one that does.
_CLOSING = {spelling.split()[-1] for spelling in _QUALIFIERS} | _FILLERS
_REACH = 40


def read_qualifier(text: str, start: int, end: int) -> Qualifier:
    """Read the qualifier of the figure at `[start, end)`: the words before it come first."""
    before = _read_before(text, start)
    if before is not None:
        return before
    behind = _BEHIND.match(text, end)
    if behind is None:
        return "exact"
    return "at_least" if behind["at_least"] else "at_most" if behind["at_most"] else "up_to"


def _read_before(text: str, start: int) -> Qualifier | None:
    before = text[max(0, start - _REACH) : start].lower().rstrip(" ($")
    if before.endswith(("~", "∼", "≈", ">", "≥", "<", "≤")):
        return _QUALIFIERS[before[-1]]
    if before.endswith(" of") and _MAXIMUM_BEFORE.search(before):
        return "up_to"
    words = before.replace("(", " ").split()
    if not words or words[-1] not in _CLOSING:
        return None
    for skipped in range(3):
        found = _look_up(words)
        if found is not None:
            return found
        if skipped == 2 or not words or words[-1] not in _FILLERS:
            return None
        words.pop()
    return None


def _look_up(words: list[str]) -> Qualifier | None:
    """Look up the longest spelling that the last words make."""
    for length in (3, 2, 1):
        found = _QUALIFIERS.get(" ".join(words[-length:]))
        if found is not None:
            return found
    return None
