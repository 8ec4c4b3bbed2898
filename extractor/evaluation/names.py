"""Cuts names into words that can be compared."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*[^\W\d_]*|[+*]")
_BRACKET = re.compile(r"^(?P<name>.*\S)\s*\((?P<inside>[^()]+)\)$")
_SIZE = re.compile(r"\d[\d.,]*[kmbt]$")
_SIZE_LETTERS: Final = {"thousand": "k", "million": "m", "billion": "b", "trillion": "t"}

Tokens = tuple[str, ...]


def split_name(name: str) -> Tokens:
    """Cut a name into comparable tokens.

    Returns:
        Lower-case words without plural endings, numbers with the letters behind them ("7b",
        "4o"), and the signs "+" and "*", which tell variants of a method apart. Sizes of
        models have one form: "7-billion-parameter" becomes "7b".
    """
    folded = unicodedata.normalize("NFKC", name).casefold().replace("'s", "")
    tokens: list[str] = []
    for found in _TOKEN.findall(folded):
        token = _singular(found)
        if token in _SIZE_LETTERS and tokens and tokens[-1][-1].isdigit():
            tokens[-1] += _SIZE_LETTERS[token]
        elif not (token in {"parameter", "param"} and tokens and _SIZE.match(tokens[-1])):
            tokens.append(token)
    return tuple(tokens)


def _singular(token: str) -> str:
    if len(token) > 4 and token.endswith("ies"):
        return token[:-3] + "y"
    if len(token) > 2 and token.endswith("s") and not token.endswith(("ss", "us", "is")):
        return token[:-1]
    return token


def join_tokens(tokens: Iterable[str]) -> str:
    """Write tokens as one word, so that hyphens and blanks do not matter ("SST-2", "SST2").

    A bar keeps two numbers apart: "1-10" is not "110".
    """
    listed = list(tokens)
    parts = listed[:1]
    for before, token in pairwise(listed):
        parts.append("|" + token if before[-1].isdigit() and token[0].isdigit() else token)
    return "".join(parts)


def split_acronym(name: str) -> tuple[str, str] | None:
    """Cut "large language model (LLM)" into name and acronym, in the order they come.

    Returns:
        None if the name has no bracket at its end, or one that does not abbreviate the rest.
    """
    bracket = _BRACKET.match(name)
    if bracket is None:
        return None
    outer, inside = bracket["name"], bracket["inside"]
    return (outer, inside) if _abbreviates(inside, outer) or _abbreviates(outer, inside) else None


def _abbreviates(short: str, long: str) -> bool:
    """Tell whether one word abbreviates others: its letters stand in them, the first first."""
    letters = "".join(filter(str.isalnum, short.casefold())).removesuffix("s")
    words = "".join(filter(str.isalnum, long.casefold()))
    if " " in short or not 2 <= len(letters) < len(words) or letters[0] != words[0]:
        return False
    rest = iter(words)
    return all(letter in rest for letter in letters)


def is_proper(name: str) -> bool:
    """Tell whether a name holds a capital or a digit, as names of systems and data sets do."""
    return any(letter.isupper() or letter.isdigit() for letter in name)


def find_marks(name: str, tokens: Iterable[str]) -> frozenset[str]:
    """Collect the tokens that are more than ordinary words, so that they tell names apart.

    Args:
        name: as it is written.
        tokens: the tokens that it is compared by.

    Returns:
        Tokens with a digit, signs, single letters, and words written with a capital.
    """
    words = unicodedata.normalize("NFKC", name).replace("/", " ").replace("-", " ").split()
    capital = {token for word in words if word != word.casefold() for token in split_name(word)}
    return frozenset(
        token for token in tokens if len(token) == 1 or not token.isalpha() or token in capital
    )
