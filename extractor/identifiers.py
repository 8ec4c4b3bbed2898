"""A compact set of the identifiers of extractions, and of the keys of questions."""

from array import array
from collections.abc import Iterable

_FEWEST_SLOTS = 1024
_64_BITS = 2**64 - 1
_FREE = array("Q", [0])


class IdentifierSet:
    """Identifiers of sixteen hexadecimal digits, in 12 to 24 bytes each.

    A set of Python takes 65 bytes for each, and a run over a million abstracts holds two of them.
    This is a hash table with open addressing; identifiers are hashes already. Of longer ones, as
    the keys of questions are, the last sixteen digits count.
    """

    def __init__(self, identifiers: Iterable[str] = ()) -> None:
        self._slots = _FREE * _FEWEST_SLOTS
        self._count = 0
        for identifier in identifiers:
            self.add(identifier)

    def __contains__(self, identifier: str) -> bool:
        number = _parse(identifier)
        return self._slots[_find_place(self._slots, number)] == number

    def __len__(self) -> int:
        return self._count

    def add(self, identifier: str) -> bool:
        """Take an identifier in, and tell whether it is new."""
        number = _parse(identifier)
        place = _find_place(self._slots, number)
        if self._slots[place]:
            return False
        self._slots[place] = number
        self._count += 1
        # Beyond two thirds the way to a free place becomes long.
        if 3 * self._count > 2 * len(self._slots):
            self._grow()
        return True

    def _grow(self) -> None:
        larger = _FREE * (2 * len(self._slots))
        for number in self._slots:
            if number:
                larger[_find_place(larger, number)] = number
        self._slots = larger


def _parse(identifier: str) -> int:
    # A slot of zero is free.
    return int(identifier, 16) & _64_BITS or 1


def _find_place(slots: "array[int]", number: int) -> int:
    """The slot that holds a number, or else the free one where it belongs."""
    last = len(slots) - 1
    place = number & last
    while (found := slots[place]) and found != number:
        place = (place + 1) & last
    return place
