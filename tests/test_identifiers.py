from hypothesis import given
from hypothesis import strategies as st

from extractor.identifiers import IdentifierSet

identifiers = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")


@given(st.lists(identifiers), st.lists(identifiers))
def test_it_holds_what_was_added_and_nothing_else(added: list[str], others: list[str]) -> None:
    held = IdentifierSet(added)
    known = {int(identifier, 16) or 1 for identifier in added}
    assert len(held) == len(known)
    for identifier in (*added, *others):
        assert (identifier in held) == ((int(identifier, 16) or 1) in known)


def test_what_is_new_is_told_from_what_is_known() -> None:
    held = IdentifierSet()
    assert held.add("00ff")
    assert not held.add("00FF")
    assert "ff" in held


def test_it_grows_and_keeps_what_it_has() -> None:
    # Neighbours and multiples of any size of a table want the same places.
    numbers = [*range(1, 5000), *(number << 32 for number in range(1, 5000))]
    held = IdentifierSet(f"{number:016x}" for number in numbers)
    assert len(held) == len(numbers)
    assert all(f"{number:x}" in held for number in numbers)
    assert f"{6000:x}" not in held


def test_longer_identifiers_of_other_programs_are_taken() -> None:
    held = IdentifierSet(["f" * 40])
    assert "f" * 40 in held
