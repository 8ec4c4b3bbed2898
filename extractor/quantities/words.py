"""Figures spelled in words: "half", "a third", "tenfold", "two orders of magnitude"."""

import re
from collections.abc import Iterator
from dataclasses import replace

from extractor.claims import Direction, Qualifier
from extractor.quantities.figures import Figure, read_share
from extractor.quantities.units import FACTOR_BEFORE, UNIT_AFTER, read_unit

_UNITS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
CARDINALS: dict[str, float] = {word: number for number, word in enumerate(_UNITS, 1)}
CARDINALS |= {word: 10 * number for number, word in enumerate(_TENS, 2)}
SCALES: dict[str, float] = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
SCALES["trillion"] = 1e12

_FRACTIONS = {
    **{"third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8},
    **{"ninth": 9, "tenth": 10, "twelfth": 12, "fifteenth": 15, "sixteenth": 16},
    **{"nineteenth": 19, "twentieth": 20, "fiftieth": 50, "hundredth": 100, "thousandth": 1000},
}
_VAGUE = {"tens": 10, "dozens": 12, "hundreds": 100, "thousands": 1000}
_VAGUE |= {"millions": 10**6, "billions": 10**9, "trillions": 10**12}
_MULTIPLES: dict[str, tuple[int, Direction]] = {
    **dict.fromkeys(("twice", "double", "doubles", "doubled", "doubling"), (2, "increase")),
    **dict.fromkeys(("thrice", "triple", "triples", "tripled", "tripling"), (3, "increase")),
    **dict.fromkeys(("quadruple", "quadruples", "quadrupled", "quadrupling"), (4, "increase")),
    **dict.fromkeys(("half", "halves", "halved", "halving"), (2, "decrease")),
}

_CARDINAL = "|".join(sorted(CARDINALS, key=len, reverse=True))
_COUNT = rf"(?:(?:{'|'.join(_TENS)})-(?:{'|'.join(_UNITS[:9])})|{_CARDINAL})"
_INDEFINITE = ("several", "many", "multiple")
_WHOLES = "third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
_VAGUELY = rf"""
    (?P<tens_of>tens|hundreds)[ ]of[ ](?P<of_scale>thousands|millions|billions)\b
    |(?P<vague>{"|".join(_VAGUE)})[ ]of(?=[ ])"""
_FRACTION = rf"""
    (?:(?:an?|one)[ -])(?P<fraction>{"|".join(sorted(_FRACTIONS, key=len, reverse=True))})\b
        (?P<fraction_of>(?=[ ](?:of|as|the|that|less|fewer|smaller)\b|[.,;)]))?"""
_PARTS = rf"""
    (?P<parts>{"|".join(_UNITS[1:9])})
        (?:-(?P<whole>{_WHOLES})s\b|[ ](?P<whole_of>{_WHOLES})s(?=[ ]of\b))"""
_FOLD = rf"(?P<fold>{_CARDINAL}|hundred)-?fold\b"
_MULTIPLE = rf"""
    (?P<multiple>{"|".join(sorted(_MULTIPLES, key=len, reverse=True))})\b(?!-|[ ](?:a|an)[ ])
    |half[ ]an?[ ](?P<half_of>hour|day|week|month|year|minute|second|million|billion)\b"""
_DOZEN = r"(?P<dozen>a[ ]dozen|a[ ](?:hundred|thousand|million|billion))\b"
_SINGLE = r"(?P<single>single|one)(?=[ ](?:\w+[ ]){0,2}?(?:GPU|CPU|TPU|device|card|[AHV]100)\b)"
_COUNTED = rf"""
    (?P<count>{_COUNT})\b(?:[ -](?P<hundred>hundred)\b(?:[ ](?:and[ ])?(?P<rest>{_COUNT})\b)?)?
        (?P<and_half>[ ]and[ ]a[ ]half\b)?(?:[ -](?P<scale>{"|".join(SCALES)})\b)?
        (?!-(?:shot|stage|step))"""


def _orders(counts: str) -> str:
    return rf"""
    (?:(?P<orders>{counts})[ -])?(?:to[ ](?P<orders_high>{_CARDINAL})[ ])?
        orders?[ -]of[ -]magnitude"""


def _compile(*choices: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(choices)})", re.VERBOSE | re.IGNORECASE)


# Each word that a figure can begin with, and what it can be the beginning of, tried in this order.
_WORDED_FROM = {
    **dict.fromkeys(CARDINALS, _compile(_orders(_CARDINAL), _PARTS, _FOLD, _COUNTED)),
    "one": _compile(_orders("one"), _FRACTION, _FOLD, _SINGLE, _COUNTED),
    **dict.fromkeys(("a", "an"), _compile(_orders("an?"), _FRACTION, _DOZEN)),
    **dict.fromkeys((*_INDEFINITE, "order", "orders"), _compile(_orders("|".join(_INDEFINITE)))),
    **dict.fromkeys(_VAGUE, _compile(_VAGUELY)),
    **dict.fromkeys(_MULTIPLES, _compile(_MULTIPLE)),
    **dict.fromkeys(
        ("hundred", *(f"{word}fold" for word in (*CARDINALS, "hundred"))), _compile(_FOLD)
    ),
    "single": _compile(_SINGLE),
}
_WORDED_FROM |= {word.capitalize(): pattern for word, pattern in _WORDED_FROM.items()}
_WORD = re.compile(r"[A-Za-z]+")
# "half" and "double" in names of other things.
_FIXED_PHRASES = re.compile(
    r"[ ](?:precision|descent|blind|life|lives|billion|million|bond|bonds|standard)\b"
)
_ORDINAL_BEFORE = re.compile(r"\b(?:first|second|latter|other|upper|lower)[ ]$")
# "one" after these, or before those, is a pronoun.
_PRONOUN_AFTER = re.compile(
    r"[ ](?:of|can|may|must|should|would|might|has|that|which|another|is|such|way|hand)\b|[-.,;:)]"
)
_PRONOUN_BEFORE = re.compile(
    r"\b(?:the|this|that|each|every|which|no|any|only|our|first|last|new|old|latter|former)[ ]$",
    re.I,
)


def find_worded(text: str) -> Iterator[Figure]:
    """Yield figures that are spelled in words, qualifiers in front of them not yet read."""
    position = 0
    for word in _WORD.finditer(text):
        pattern = _WORDED_FROM.get(word[0])
        if pattern is None or word.start() < position:
            continue
        match = pattern.match(text, word.start())
        if match is None:
            continue
        figure = _read(text, match)
        if figure is not None:
            position = figure.end
            yield figure


def _read(text: str, match: re.Match[str]) -> Figure | None:
    groups = {
        name: value.casefold() for name, value in match.groupdict().items() if value is not None
    }
    if match[0].lower().endswith("magnitude"):
        return _read_orders(match, groups)
    if "vague" in groups or "tens_of" in groups:
        number = _VAGUE[groups.get("vague") or groups["tens_of"]]
        number *= _VAGUE.get(groups.get("of_scale", ""), 1)
        return _make(match, number, qualifier="at_least")
    if groups.keys() & {"fraction", "fold", "parts"}:
        return _read_part(match, groups)
    if "multiple" in groups:
        return _read_multiple(text, match, groups["multiple"])
    if "half_of" in groups:
        return _read_half_of(match, groups["half_of"])
    return _read_cardinal(text, match, groups)


def _read_part(match: re.Match[str], groups: dict[str, str]) -> Figure | None:
    if "fold" in groups:
        return _make(match, CARDINALS.get(groups["fold"], 100), unit="x")
    if "parts" in groups:
        whole = _FRACTIONS[groups.get("whole") or groups["whole_of"]]
        number = read_share(int(CARDINALS[groups["parts"]]), whole)
        return _make(match, number, unit="x", direction="decrease")
    if "fraction_of" not in groups and match[0].lower().startswith("a"):
        return None  # "a third model" is an ordinal
    return _make(match, _FRACTIONS[groups["fraction"]], unit="x", direction="decrease")


def _read_orders(match: re.Match[str], groups: dict[str, str]) -> Figure:
    count, upper = groups.get("orders", ""), groups.get("orders_high")
    if count in {"", *_INDEFINITE}:
        return _make(match, 10, unit="x", qualifier="at_least")
    figure = _make(match, 10 ** CARDINALS.get(count, 1), unit="x", qualifier="about")
    return replace(figure, high=10 ** CARDINALS[upper]) if upper else figure


def _read_multiple(text: str, match: re.Match[str], word: str) -> Figure | None:
    number, direction = _MULTIPLES[word]
    if _FIXED_PHRASES.match(text, match.end()) or _ORDINAL_BEFORE.search(
        text, max(0, match.start() - 10), match.start()
    ):
        return None
    return _make(match, number, unit="x", direction=direction)


def _read_half_of(match: re.Match[str], whole: str) -> Figure:
    if whole in SCALES:
        return _make(match, SCALES[whole] / 2)
    units = {"minute": "minutes", "second": "s"}
    return _make(match, 0.5, unit=units.get(whole, whole + "s"))


def _read_cardinal(text: str, match: re.Match[str], groups: dict[str, str]) -> Figure | None:
    if "single" in groups:
        return _make(match, 1)
    if "dozen" in groups:
        word = groups["dozen"].split()[1]
        return _make(match, SCALES.get(word, 12))
    if match[0].lower() == "one" and _is_pronoun(text, match):
        return None
    number = _count(groups["count"])
    if "hundred" in groups:
        number = 100 * number + _count(groups.get("rest", ""))
    if "and_half" in groups:
        number += 0.5
    return _make(match, number * SCALES.get(groups.get("scale", ""), 1))


def _count(words: str) -> float:
    return sum(CARDINALS[word] for word in words.split("-") if word)


def _is_pronoun(text: str, match: re.Match[str]) -> bool:
    after = _PRONOUN_AFTER.match(text, match.end())
    return bool(after or _PRONOUN_BEFORE.search(text, max(0, match.start() - 10), match.start()))


def _make(
    match: re.Match[str],
    number: float,
    *,
    unit: str | None = None,
    qualifier: Qualifier = "exact",
    direction: Direction | None = None,
) -> Figure:
    end = match.end()
    if unit is None:
        printed = UNIT_AFTER.match(match.string, end)
        if printed:
            unit, end = read_unit(printed), printed.end()
        elif _follows_factor(match.string, match.start()):
            unit = "x"
    return Figure(float(number), None, unit, qualifier, match.start(), end, direction, worded=True)


def _follows_factor(text: str, start: int) -> bool:
    reach = max(0, start - 45)
    # The word is rare, and found sooner than the pattern is tried at every place.
    return text.find("factor", reach, start) >= 0 and bool(FACTOR_BEFORE.search(text, reach, start))
