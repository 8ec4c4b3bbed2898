"""Joins names that mean the same, by the registry that scoring uses."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from extractor.evaluation.aliases import NameRegistry

_NEAR_FROM = 0.5
_MOST_NEAR = 5


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The names of a store that mean the one that was asked for.

    Attributes:
        asked: the name as it was asked for.
        printed: the spellings that mean it, in order.
        near: if there are none, the most similar other names, best first.
    """

    asked: str
    printed: list[str] = field(default_factory=list)
    near: list[str] = field(default_factory=list)


def match_names(asked: str, names: Iterable[str], registry: NameRegistry) -> NameMatch:
    """Find the names that mean the one asked for; names are read one by one and not kept."""
    printed: set[str] = set()
    near: set[tuple[float, str]] = set()
    for name in names:
        likeness = registry.similarity(asked, name)
        if likeness == 1.0:
            printed.add(name)
        elif likeness >= _NEAR_FROM:
            near = set(heapq.nlargest(_MOST_NEAR, near | {(likeness, name)}))
    return NameMatch(
        asked, sorted(printed), [] if printed else [name for _, name in sorted(near, reverse=True)]
    )


class NameGroups:
    """Sorts names into groups of one meaning, in the order in which they come."""

    def __init__(self, registry: NameRegistry) -> None:
        self._registry = registry
        self._groups: dict[str, list[str]] = {}
        self._found: dict[str, str] = {}
        self._by_key: dict[str, list[str]] = {}

    def find(self, name: str) -> str:
        """Give the first name of the group that a name belongs to; a new one founds its own."""
        if name not in self._found:
            head = self._find_head(name)
            self._found[name] = head
            self._groups.setdefault(head, []).append(name)
        return self._found[name]

    def list_names(self, head: str) -> list[str]:
        """List the spellings of a group by its first name."""
        return self._groups[head]

    def _find_head(self, name: str) -> str:
        keys = self._registry.normalise(name).keys
        for head in dict.fromkeys(head for key in keys for head in self._by_key.get(key, ())):
            if self._registry.similarity(name, head) == 1.0:
                return head
        for key in keys:
            self._by_key.setdefault(key, []).append(name)
        return name
