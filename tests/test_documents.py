import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.documents import Abstract, make_id, normalise_text


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_text(text)
    assert normalise_text(once) == once
    assert "  " not in once


def test_the_same_paper_read_twice_keeps_one_identifier() -> None:
    assert make_id(" A\ttitle ", "Cafe\u0301  au\nlait") == make_id("A title", "Caf\u00e9 au lait")
    assert make_id("A title", "one") != make_id("A title", "two")


def test_an_abstract_holds_its_text_in_normal_form() -> None:
    abstract = Abstract(id="1", title=" A \n title", text="one\n\n two\u00a0three")
    assert (abstract.title, abstract.text) == ("A title", "one two three")


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    text = normalise_text("one \ud83d two \U0001f600")
    assert text == "one \ufffd two \U0001f600"
    text.encode("utf-8")


def test_an_abstract_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Abstract(id="1", text="x").text = "y"  # type: ignore[misc]
