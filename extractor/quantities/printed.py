"""Reading one figure that is printed in digits."""

import re
import unicodedata

from extractor.quantities.figures import Figure, read_share
from extractor.quantities.names import is_label, is_name
from extractor.quantities.qualifiers import read_qualifier
from extractor.quantities.units import FACTOR_BEFORE, UNIT_AFTER, read_unit
from extractor.quantities.words import SCALES

_VULGAR = "¼-¾⅐-⅞"
# Digits in groups of three, a fraction sign, or plain digits; "{,}" and "{.}" are TeX's own.
_NUMBER = re.compile(
    r"\d{1,3}(?:\{?,\}?\d{3}){1,7}(?!\d)(?:\.\d+)?"
    r"|\d{1,3}[ ](?:\d{3}(?:[ ]\d{3}){1,6}|000)(?!\d)"
    rf"|\d+(?:\{{?\.\}}?\d+|[{_VULGAR}])?|[{_VULGAR}]|(?<![\w.)])\.\d+"
)
_DIGIT = re.compile(rf"[\d{_VULGAR}]")
_RAISED = "⁰¹²³⁴-⁹"
_SCIENTIFIC = re.compile(
    r"(?P<mantissa>\d+(?:\.\d+)?)e(?P<e>[-−]?\d+)(?!\w)"
    r"|(?:(?P<factor>\d+(?:\.\d+)?)\s?\$?\s?(?:\\?times|×|\\cdot|[x·⋅*])\s?)?"
    r"10(?:\s?\$?\^\s?\{?\s?(?P<power>[-−]?\d+)\s?\}?\$?"
    rf"|(?P<raised>[⁻⁺]?[{_RAISED}]+))(?!\w)"
)
_PLAIN_EXPONENT = str.maketrans("−⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "--+0123456789")
_DIMENSIONS = re.compile(
    r"\d{1,9}(?:\s?(?:[x×*]|\\?times)\s?\d{1,9}){1,5}"
    rf"(?!\d|[\d.]{{0,12}}[%x^⁻⁺{_RAISED}])"
)
_ORDERS = re.compile(
    r"(?P<low>\d{1,2}(?:\.\d)?)(?:(?:\s?[-–]\s?|[ ](?:to|or)[ ])(?P<high>\d{1,2}))?"
    r"[ -]orders?[ -]of[ -]magnitude\b"
)
# A comma for a decimal point, unless it parts a list: "1,5%", but "1,5,10".
_DECIMAL_COMMA = re.compile(r"(?<!,)\d{1,3},(?:\d{1,2}|\d{4,6})(?![\d,]|\.\d)")
_PROPORTION = re.compile(r"\d+/\d+(?![\d.%]|x\b)")
_VERSION = re.compile(r"\d+(?:\.\d+){2,}")
_FRACTION = re.compile(
    r"(?:(?P<parts>1)/(?P<whole>\d{1,4})(?:th|rd)?(?![\w/]|\.\d)"
    r"|(?P<more>\d)/(?P<of>\d{1,2})(?=[ ]of\b))"
)
# What any of these, or a sign alone, makes of a number; one attempt tells that most are plain.
_COMPOSED = re.compile(
    "|".join(
        pattern.pattern
        for pattern in (
            *(_VERSION, _DIMENSIONS, _PROPORTION, _DECIMAL_COMMA),
            *(_FRACTION, _SCIENTIFIC, _ORDERS, re.compile(rf"[{_VULGAR}]")),
        )
    )
)
_SCALE_LETTER = re.compile(r"\s?(bn|[KMBTk])(?![A-Za-z0-9])")
_SCALE_WORD = re.compile(rf"\+?[ -]({'|'.join(SCALES)})s?\b", re.IGNORECASE)
_LETTERS = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9, "T": 1e12}
_RANGE = re.compile(r"\s?(?:-{1,2}|–|—|−|~)\s?\$?(?=[\d.])|[ ]to[ ]\$?(?=[\d.])")
# What "from" opens is a change from one figure to another, unless a spread is announced.
_CHANGE_BEFORE = re.compile(
    r"\bfrom[ ](?:about[ ]|(?:an?|the)[ ](?:[a-z-]+[ ]){0,2}(?:of[ ])?)?[~$]?$", re.IGNORECASE
)
_SPREAD_BEFORE = re.compile(
    r"\b(?:rang(?:e|es|ed|ing)|var(?:y|ies|ying))[ ]from[ ]$", re.IGNORECASE
)
_BETWEEN_BEFORE = re.compile(r"\bbetween[ ][~$]?$", re.IGNORECASE)
_BETWEEN_AND = re.compile(r"[ ]and[ ]\$?(?=[\d.])")
_FACTOR_PAIR_BEFORE = re.compile(
    r"\bfactors?[ ]of[ ](?:[a-z]{1,40}[ ]){0,2}[\d.]+[ ](?:and|or|to)[ ]$"
)
# Letters that make another word of the digits: "3D", "2nd", "5o".
_OTHER_WORD = re.compile(r"[A-Za-z_]")
_COMPOUND_UNITS = {"bits", "hours", "days", "months", "years", "degrees"}
_COMPOUND = re.compile(r"-[A-Za-z]")
_MODEL_BEHIND = re.compile(
    r"[-\s](?:[\w-]{1,40}[ ]){0,2}?"
    r"(?i:models?|L?LMs?|networks?|transformers?|variants?|parameters?)\b"
)
_DATA_BEHIND = re.compile(
    r"[ ](?:[\w-]{1,40}[ ])?(?:tokens|images|samples|examples|pairs|hours|words)\b"
)
# Each sign for a fraction: its parts and its whole.
_SIGNS = {
    sign: (int(parts), int(whole))
    for sign in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
    for parts, whole in [unicodedata.normalize("NFKC", sign).split("\N{FRACTION SLASH}")]
}
_GROUPING = str.maketrans(dict.fromkeys(", {}"))
_CURRENCY = {"$": "USD", "€": "EUR"}


def find_number(text: str, position: int) -> re.Match[str] | None:
    """Find the first number from a place on; the point of ".5" belongs to it."""
    # A search for single characters is several times as fast as one for all that a number can be.
    digit = _DIGIT.search(text, position)
    if digit is None:
        return None
    start = digit.start()
    if start > position and text[start - 1] == ".":
        return _NUMBER.match(text, start - 1) or _NUMBER.match(text, start)
    return _NUMBER.match(text, start)


def read_figure(text: str, match: re.Match[str]) -> tuple[Figure | None, int]:
    """Read the figure whose first number `find_number` gave.

    Returns:
        The figure, None if the digits are part of a name, a version, a date or the like, and
        the place to go on from.
    """
    start, end = match.span()
    is_composed = _COMPOSED.match(text, start) is not None
    if is_composed and (skipped := _VERSION.match(text, start) or _DIMENSIONS.match(text, start)):
        return None, skipped.end()
    if is_label(text, start, end):
        return _read_size_in_name(text, match)
    if is_composed:
        return _read_composed(text, match)
    figure = _read_plain(text, match)
    return figure, figure.end if figure else end


def _read_composed(text: str, match: re.Match[str]) -> tuple[Figure | None, int]:
    """Read digits that those behind them may make another number, or no number at all."""
    start = match.start()
    proportion = _PROPORTION.match(text, start)
    if proportion and not _FRACTION.match(text, start):
        return None, proportion.end()
    decimal = _DECIMAL_COMMA.match(text, start)
    if decimal and not UNIT_AFTER.match(text, decimal.end()):
        return None, decimal.end()  # it may be a list as well
    figure = (
        _read_fraction(text, match) or _read_scientific(text, start) or _read_orders(text, start)
    )
    if figure is None:
        figure = _read_plain(text, decimal or match)
    return figure, figure.end if figure else match.end()


def _read_size_in_name(text: str, match: re.Match[str]) -> tuple[Figure | None, int]:
    """Read "7B" in "Llama-7B"; other digits of names are no figures."""
    scale = _SCALE_LETTER.match(text, match.end())
    if scale is None or text[match.start() - 1] != "-" or scale[0] != scale[1]:
        return None, match.end()
    unit = "parameters" if scale[1] in "MB" else None
    number = _number(match[0]) * _LETTERS[scale[1]]
    figure = Figure(number, None, unit, "exact", match.start(), scale.end(), in_name=True)
    return figure, scale.end()


def _read_fraction(text: str, match: re.Match[str]) -> Figure | None:
    start, end = match.span()
    if match[0] in _SIGNS:
        if UNIT_AFTER.match(text, end):
            return None  # "½ hour" is as plain as "0.5 hours"
        parts, whole = _SIGNS[match[0]]
    elif found := _FRACTION.match(text, start):
        parts, whole = int(found["parts"] or found["more"]), int(found["whole"] or found["of"])
        end = found.end()
    else:
        return None
    if not parts < whole:
        return None
    qualifier = read_qualifier(text, start, end)
    return Figure(read_share(parts, whole), None, "x", qualifier, start, end, "decrease")


def _read_orders(text: str, start: int) -> Figure | None:
    found = _ORDERS.match(text, start)
    if found is None:
        return None
    high = 10.0 ** int(found["high"]) if found["high"] else None
    qualifier = read_qualifier(text, start, found.end())
    qualifier = "about" if qualifier == "exact" else qualifier
    return Figure(10.0 ** float(found["low"]), high, "x", qualifier, start, found.end())


def _read_scientific(text: str, start: int) -> Figure | None:
    found = _SCIENTIFIC.match(text, start)
    if found is None:
        return None
    exponent = (found["e"] or found["power"] or found["raised"]).translate(_PLAIN_EXPONENT)
    number = float(f"{found['mantissa'] or found['factor'] or 1}e{exponent}")
    unit, end = _read_unit(text, found.end())
    return Figure(number, None, unit, read_qualifier(text, start, end), start, end)


def _read_plain(text: str, match: re.Match[str]) -> Figure | None:
    start = match.start()
    number, low_scaled, end = _read_number(text, match)
    low_unit, low_end = _read_unit(text, end)
    high, unit, upper_end = _read_upper(text, match, low_end, scaled=low_scaled)
    if high is not None and high[0] > number * (1 if low_scaled else high[1]):
        if not low_scaled:
            number *= high[1]
        unit, end = unit or low_unit, upper_end
        top: float | None = high[0]
    else:
        top, unit, end = None, low_unit, low_end
        if unit is None and _OTHER_WORD.match(text, end):
            return None
    is_printed = unit is not None
    unit = unit or _infer_unit(text, start, end)
    in_name = unit is None and top is None and bool(_COMPOUND.match(text, end))
    in_name = in_name or (low_scaled and _follows_name(text, start))
    in_name = in_name or (unit in _COMPOUND_UNITS and "-" in text[start:end])
    return Figure(
        _sign(text, start) * number,
        top,
        unit,
        read_qualifier(text, start, end),
        start,
        end,
        in_name=in_name,
        unit_printed=is_printed or unit != "parameters",
    )


def _read_number(text: str, match: re.Match[str]) -> tuple[float, bool, int]:
    """Read number and scale: the number multiplied out, whether there was a scale, its end."""
    end = match.end()
    number = _number(match[0])
    letter = _SCALE_LETTER.match(text, end)
    if letter:
        return number * _LETTERS[letter[1]], True, letter.end()
    word = _SCALE_WORD.match(text, end)
    if word:
        return number * SCALES[word[1].casefold()], True, word.end()
    return number, False, end


def _read_upper(
    text: str, low: re.Match[str], low_end: int, *, scaled: bool
) -> tuple[tuple[float, float] | None, str | None, int]:
    """Read the upper end of a range behind its lower end: (number, its scale), unit and end."""
    link = _RANGE.match(text, low_end) or _BETWEEN_AND.match(text, low_end)
    if link is None:
        return None, None, low_end
    between = _BETWEEN_BEFORE.search(text, max(0, low.start() - 10), low.start())
    if bool(between) != (link.re is _BETWEEN_AND):
        return None, None, low_end
    before = text[max(0, low.start() - 40) : low.start()]
    if _CHANGE_BEFORE.search(before) and not _SPREAD_BEFORE.search(before):
        return None, None, low_end
    upper = _NUMBER.match(text, link.end())
    if upper is None:
        return None, None, low_end
    number, upper_scaled, end = _read_number(text, upper)
    unit, unit_end = _read_unit(text, end)
    if unit is None and _OTHER_WORD.match(text, unit_end):
        return None, None, low_end
    factor = number / _number(upper[0]) if upper_scaled and not scaled and number else 1.0
    return (number, factor), unit, unit_end


def _read_unit(text: str, end: int) -> tuple[str | None, int]:
    found = UNIT_AFTER.match(text, end)
    return (read_unit(found), found.end()) if found else (None, end)


def _infer_unit(text: str, start: int, end: int) -> str | None:
    """Take the unit from what stands around: "a factor of 3", "$5", "an 8B model"."""
    before = text[max(0, start - 45) : start]
    if "factor" in before and (FACTOR_BEFORE.search(before) or _FACTOR_PAIR_BEFORE.search(before)):
        return "x"
    if before.endswith(("$", "€")) and not text.startswith("$", end):
        return _CURRENCY[before[-1]]
    scale = text[end - 1]
    if scale == "B" and not _DATA_BEHIND.match(text, end):
        return "parameters"
    if scale in "Mn" and (
        _MODEL_BEHIND.match(text, end) or (scale == "M" and before.endswith("("))
    ):
        return "parameters"
    return None


def _follows_name(text: str, start: int) -> bool:
    """Whether a size stands behind the name it belongs to: "Llama 7B", "SphereAR-L (479M)"."""
    before = text[max(0, start - 30) : start]
    words = before.rstrip("(").rstrip().split(" ")
    return before.endswith((" ", " (")) and bool(words[-1]) and is_name(words[-1])


def _sign(text: str, start: int) -> int:
    before = text[max(0, start - 2) : start]
    return -1 if before in {"-", "−", " -", " −", "(-", "(−", "=-", "=−", "$-"} else 1


def _number(printed: str) -> float:
    if printed[-1] in _SIGNS:
        parts, whole = _SIGNS[printed[-1]]
        return float(printed[:-1] or 0) + parts / whole
    if "," in printed and _DECIMAL_COMMA.fullmatch(printed):
        return float(printed.replace(",", "."))
    return float(printed.translate(_GROUPING))
