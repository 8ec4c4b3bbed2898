"""Knows which names mean the same and which must never be taken for one another."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from extractor.errors import ConfigError, InputError
from extractor.evaluation.gold import describe_errors
from extractor.evaluation.names import (
    Tokens,
    find_marks,
    is_proper,
    join_tokens,
    split_acronym,
    split_name,
)
from extractor.evaluation.rules import DEFAULT_RULES, ScoringRules
from extractor.resources import data_folder

_FILLERS: Final = frozenset(
    {"a", "an", "and", "by", "for", "from", "in", "of", "on", "the", "to", "with"}
)
_CACHE_SIZE: Final = 200_000


class Aliases(BaseModel):
    """What is known about names beyond their spelling; the sections of `evals/aliases.toml`.

    Attributes:
        same: groups of names of one thing.
        distinct: groups of names of which no two are equal.
        generic: words that add nothing behind a proper name.
        leading: words that add nothing in front of a name.
        proportions: endings of metrics that are shares of a whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    same: list[list[str]] = []
    distinct: list[list[str]] = []
    generic: list[str] = []
    leading: list[str] = []
    proportions: list[str] = []


@dataclass(frozen=True, slots=True)
class NameForm:
    """What a name is compared by.

    Attributes:
        keys: the spellings it goes by; two names with a common one are equal.
        tokens: its words, for partial credit.
        numbers: the tokens that hold a digit.
        marks: the tokens that are more than ordinary words.
    """

    keys: frozenset[str]
    tokens: Counter[str]
    numbers: frozenset[str]
    marks: frozenset[str]


class NameRegistry:
    """Compares names by their words and by what is known about them.

    Args:
        aliases: what is known beyond spelling.
        rules: the credit for names that are not equal.

    Raises:
        ConfigError: the aliases contradict themselves.
    """

    def __init__(self, aliases: Aliases, rules: ScoringRules = DEFAULT_RULES) -> None:
        self._rules = rules
        self._generic = {join_tokens(split_name(word)) for word in aliases.generic}
        self._leading = {token for word in aliases.leading for token in split_name(word)}
        self._proportions = [split_name(name) for name in aliases.proportions]
        self._distinct = {
            frozenset(pair)
            for group in aliases.distinct
            for pair in combinations([join_tokens(split_name(name)) for name in group], 2)
        }
        self._canonical: dict[str, str] = {}
        self._short: dict[Tokens, str] = {}
        for group in aliases.same:
            self._learn([split_name(name) for name in group])
        self._longest = max(map(len, self._short), default=0)
        self.normalise = lru_cache(maxsize=_CACHE_SIZE)(self._normalise)
        self.similarity = lru_cache(maxsize=_CACHE_SIZE)(self._compare)
        self.is_proportion = lru_cache(maxsize=_CACHE_SIZE)(self._ends_in_proportion)

    def _learn(self, group: list[Tokens]) -> None:
        """Take in names of one thing: whole, and as parts of longer names if one is a word."""
        keys = [join_tokens(tokens) for tokens in group]
        for key in keys:
            if self._canonical.setdefault(key, keys[0]) != keys[0]:
                raise ConfigError(f"alias {key!r} stands in two groups: merge them")
        for pair in combinations(keys, 2):
            if frozenset(pair) in self._distinct:
                raise ConfigError(f"{pair[0]!r} and {pair[1]!r} are both same and distinct")
        words = [tokens[0] for tokens in group if len(tokens) == 1]
        if words:
            self._short.update({tokens: words[0] for tokens in group if len(tokens) > 1})

    def _normalise(self, name: str) -> NameForm:
        spellings = [name]
        if acronym := split_acronym(name):
            spellings += acronym
        forms = [self._strip_leading(self._shorten(split_name(part))) for part in spellings]
        keys = {join_tokens(tokens) or name for tokens in forms}
        tokens = forms[1] if acronym else forms[0]
        if is_proper(name) and (core := self._strip_generic(tokens)):
            keys.add(join_tokens(core))
        return NameForm(
            keys=frozenset(self._canonical.get(key, key) for key in keys),
            tokens=Counter(token for token in tokens if token not in _FILLERS) or Counter(tokens),
            numbers=frozenset(token for token in tokens if any(map(str.isdigit, token))),
            marks=find_marks(name, tokens) - set(self._short.values()),
        )

    def _shorten(self, tokens: Tokens) -> Tokens:
        """Put the short form for every known phrase: "large language model" becomes "llm"."""
        shortened: list[str] = []
        place = 0
        while place < len(tokens):
            for length in range(min(self._longest, len(tokens) - place), 1, -1):
                if short := self._short.get(tokens[place : place + length]):
                    shortened.append(short)
                    place += length
                    break
            else:
                shortened.append(tokens[place])
                place += 1
        return tuple(shortened)

    def _strip_leading(self, tokens: Tokens) -> Tokens:
        start = 0
        while start < len(tokens) - 1 and tokens[start] in self._leading:
            start += 1
        return tokens[start:]

    def _strip_generic(self, tokens: Tokens) -> Tokens:
        end = len(tokens)
        while end and tokens[end - 1] in self._generic:
            end -= 1
        return tokens[:end]

    def _compare(self, first: str, second: str) -> float:
        """Compare two names.

        Returns:
            1.0 for the same name; 0.0 for a pair that must never be merged; the rules' credit
            for names that agree but for ordinary words that only one of them has ("accuracy",
            "task accuracy"); else the share of common words (Dice coefficient), which stays
            below that credit. Letters in common count for nothing.
        """
        if first == second:
            return 1.0
        if self.are_distinct(first, second):
            return 0.0
        one, other = self.normalise(first), self.normalise(second)
        if one.keys & other.keys:
            return 1.0
        common = one.tokens & other.tokens
        overlap = 2 * common.total() / ((one.tokens.total() + other.tokens.total()) or 1)
        if one.numbers - other.numbers and other.numbers - one.numbers:
            overlap *= self._rules.number_conflict
        if common in (one.tokens, other.tokens) and overlap >= self._rules.agree_from:
            added = (one.tokens - common) | (other.tokens - common)
            if not added.keys() & (one.marks | other.marks):
                return self._rules.agreeing_name
        return min(overlap, self._rules.disagreeing_name)

    def are_distinct(self, first: str, second: str) -> bool:
        """Tell whether the registry forbids to take one name for the other."""
        keys = (join_tokens(split_name(first)), join_tokens(split_name(second)))
        return frozenset(keys) in self._distinct

    def _ends_in_proportion(self, metric: str) -> bool:
        """Tell whether a metric is a share of a whole."""
        tokens = split_name(metric)
        return any(tokens[-len(ending) :] == ending for ending in self._proportions)


def read_registry(path: Path) -> NameRegistry:
    """Read a registry from a TOML file with the sections of `Aliases`.

    Raises:
        InputError: the file cannot be read or holds something else.
        ConfigError: it contradicts itself.
    """
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
        return NameRegistry(Aliases.model_validate(sections))
    except ValidationError as error:
        raise InputError(f"{path}: {describe_errors(error)}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: no readable alias registry ({error})") from error


@lru_cache(maxsize=1)
def default_registry() -> NameRegistry:
    """The registry that comes with the project, `evals/aliases.toml`."""
    return read_registry(data_folder("evals") / "aliases.toml")
