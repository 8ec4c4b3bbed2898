from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.claims import Claim
from extractor.documents import Abstract
from extractor.grounding import GroundedText
from tests.samples import ABSTRACT, make_claim


def ground(text: str, **changes: Any):
    claim = Claim.model_validate(make_claim(**changes))
    return GroundedText(Abstract(id="1", text=text)).ground(claim)


def locate(text: str, quote: str) -> str | None:
    grounded = GroundedText(Abstract(id="1", text=text))
    span = grounded.locate_quote(quote)
    return None if span is None else grounded.text[slice(*span)]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("“It’s 31–39% better”, they say", '"It\'s 31-39% better"'),
        ("The ﬁrst of all", "first of all"),
        ("a non\u2011breaking\u00a0case", "non-breaking case"),
        (r"gains of 5.84\% and 1.96\% on A\&B", "5.84% and 1.96% on A&B"),
        ("gains of 5.84% on X", r"gains of 5.84\% on X"),
        ("a ``quoted'' name", 'a "quoted" name'),
        ("soft\u00adhyphen and zero\u200bwidth", "softhyphen and zerowidth"),
        ("Cafe\u0301 noir", "Caf\u00e9 noir"),
        ("we wait… and win", "wait... and win"),
        ("gains 3.1--3.9% --- at last", "gains 3.1–3.9% — at last"),
        (r"gains of $5.84\%$ on X", "gains of 5.84% on X"),
        ("gains of 5.84% on X", r"gains of $5.84\%$ on X"),
        ("it wins, they say", "it wins."),
        ("it wins by far", "it wins by,"),
        ("它的准确率达到百分之九十一", "准确率"),
        ("two  blanks\nand a line", "two blanks and a line"),
        ("１２．５ in full width", "12.5 in full width"),
    ],
)
def test_typography_alone_never_hides_a_quote(text: str, quote: str) -> None:
    assert locate(text, quote) is not None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("reaches 5.84% on X", "reaches 5.48% on X"),
        ("reaches 10² points", "reaches 102 points"),
        ("half: ½ of it", "half: 1/2 of it"),
        ("FooNet wins", "foonet wins"),
        ("FooNet clearly wins", "FooNet wins"),
        ("FooNet clearly wins", "FooNet ... wins"),
        ("FooNet wins", "ooNet wins"),
        ("FooNet wins", "FooNet win"),
        ("reaches 5.84% on X", "reaches 5.8"),
        ("reaches 5.84% on X", "reaches 5."),
        ("reaches 5.84% on X", "reaches 5"),
        ("reaches 5.84% on X", "reaches 5.84"),
        ("reaches 5.84% on X", "84% on X"),
        ("reaches 5.84% on X", ".84% on X"),
        ("has 12,500 images", "has 12"),
        ("the word x\u0301 here", "the word x"),
        ("FooNet wins the day", "wins"),
        ("FooNet wins the day", "e"),
        ("FooNet gains 3.2%", "3.2%"),
        ("FooNet wins", "FooNet wins..."),
        ("FooNet wins", ""),
        ("FooNet wins", "   "),
        ("", "FooNet"),
    ],
)
def test_a_quote_with_other_letters_figures_or_gaps_is_not_found(text: str, quote: str) -> None:
    assert locate(text, quote) is None


@given(st.text(min_size=1), st.data())
def test_every_passage_of_a_text_is_found_as_it_stands(text: str, data: st.DataObject) -> None:
    grounded = GroundedText(Abstract(id="1", text=text))
    start = data.draw(st.integers(0, len(grounded.text)))
    end = data.draw(st.integers(start, len(grounded.text)))
    quote = grounded.text[start:end]
    span = grounded.locate_quote(quote)
    if span is not None:
        assert grounded.locate_quote(grounded.text[slice(*span)]) == span


@given(st.lists(st.sampled_from(["ab", "b", "c", "0.5", "12%", "a-b"]), min_size=3), st.data())
def test_whole_words_are_found_exactly_where_they_are_contained(
    words: list[str], data: st.DataObject
) -> None:
    grounded = GroundedText(Abstract(id="1", text=" ".join(words)))
    start = data.draw(st.integers(0, len(words) - 2))
    quote = " ".join(words[start : data.draw(st.integers(start + 2, len(words)))])
    span = grounded.locate_quote(quote)
    assert span is not None
    assert grounded.text[slice(*span)] == quote
    assert grounded.locate_quote(quote.replace("b", "d", 1)) is None or "b" not in quote


def test_a_passage_of_tex_is_given_with_both_of_its_dollar_signs() -> None:
    assert locate(r"It gains $5.84\%$ on X.", "It gains 5.84%") == r"It gains $5.84\%$"
    assert locate(r"It gains $5.84\%$ on X.", "5.84% on X") == r"$5.84\%$ on X"


@pytest.mark.parametrize("piece", ["a", "ab ", "$", "a$", "--x ", "a-"])
def test_a_quote_is_looked_for_to_the_end_of_a_long_text_of_one_piece(piece: str) -> None:
    # What took the square of the length would not come back from here.
    text = piece * (500_000 // len(piece))
    grounded = GroundedText(Abstract(id="1", text=text))
    assert grounded.locate_quote(text[: len(text) // 2] + "b") is None


def test_claims_may_come_in_any_order() -> None:
    grounded = GroundedText(ABSTRACT)
    late = grounded.locate_quote("on a par with human experts")
    early = grounded.locate_quote("FooNet reaches 91.2% accuracy")
    assert late and early and early < late


def test_a_figure_from_the_title_counts_as_printed() -> None:
    claim = Claim.model_validate(make_claim(value={"number": 3.4, "unit": "x"}))
    abstract = Abstract(id="1", title="Sorting 3.4x faster", text=ABSTRACT.text)
    assert GroundedText(abstract).ground(claim).absent_figures == ()


@pytest.mark.parametrize("number", [5.48, 8.4, 58.4, 5.840001, 584, 84])
def test_another_figure_than_the_printed_one_is_absent(number: float) -> None:
    grounding = ground("It gains 5.84% and 128.47 points.", value={"number": number, "unit": "%"})
    assert "value" in grounding.absent_figures


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("uses half the memory", {"number": 2, "unit": "x"}),
        ("doubles the speed", {"number": 2, "unit": "x"}),
        ("two orders of magnitude faster", {"number": 100, "unit": "x"}),
        ("an order of magnitude faster", {"number": 10, "unit": "x"}),
        ("with a third of the data", {"number": 3, "unit": "x"}),
        ("a 1.6B model", {"number": 1.6e9, "unit": "parameters"}),
        ("some 1.6 billion parameters", {"number": 1.6e9, "unit": "parameters"}),
        ("saves 31.1%-39.9% of it", {"number": 31.1, "high": 39.9, "unit": "%"}),
        ("trained on 12,500 images", {"number": 12500, "unit": "images"}),
        ("hundreds of users", {"number": 100}),
    ],
)
def test_figures_in_words_with_suffixes_and_in_ranges_count_as_printed(
    text: str, value: dict[str, Any]
) -> None:
    assert ground(text, value=value, baseline_value=None).absent_figures == ()


def test_a_figure_outside_the_evidence_is_told_apart_from_an_absent_one() -> None:
    grounding = ground(ABSTRACT.text, evidence="runs 3x faster")
    assert grounding.absent_figures == ()
    assert set(grounding.outside_figures) == {"value", "baseline_value"}


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("uses two benchmarks", 2, "%"),
        ("uses two benchmarks", 2, "points"),
        ("uses two benchmarks", 2, "x"),
        ("trained on ImageNet-1K", 1000, "%"),
        ("uses half the memory", 2, "%"),
        ("takes two hours", 2, "days"),
    ],
)
def test_words_and_names_ground_no_figure_of_another_kind(
    text: str, number: float, unit: str
) -> None:
    claim = ground(text, value={"number": number, "unit": unit}, baseline_value=None)
    assert claim.absent_figures == ("value",)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("uses two benchmarks", 2, None),
        ("runs on one of two devices", 2, "GPUs"),
        ("takes two hours", 2, "h"),
        ("beats Llama-7B", 7e9, "parameters"),
        ("a factor of two", 2, "x"),
    ],
)
def test_words_and_names_ground_figures_of_their_kind(
    text: str, number: float, unit: str | None
) -> None:
    claim = ground(text, value={"number": number, "unit": unit}, baseline_value=None)
    assert claim.absent_figures == ()


# passage, number, the unit claimed for it
CONTRADICTED = [
    ("It gains 2.3 points on BarBench", 2.3, "%"),
    ("It gains 2.3% on BarBench", 2.3, "points"),
    ("It runs 3x faster", 3, "%"),
    ("It takes 5 minutes", 5, "hours"),
    ("It needs 4 GB of memory", 4, "TB"),
]
DOUBTFUL = [
    ("It scores 28.4 on BarBench", 28.4, "%"),
    ("It gains 2.3% on BarBench", 2.3, None),
    ("It gains 6% absolute", 6, "%"),
    ("It gains 6%, an absolute one", 6, "points"),
    ("It takes 10 hours on a GPU", 10, "GPU-hours"),
    ("It holds 4 GiB in memory", 4, "GB"),
    ("The small 2B network wins on all", 2e9, "tokens"),
]
RIGHT = [
    ("It gains 5.84 and 1.96% on both", 5.84, "%"),
    ("It gains 31 to 39% on both", 31, "%"),
    ("It saves 35 GPU hours of 90", 90, "GPU hours"),
    ("It takes 10 GPU hours in all", 10, "GPU-hours"),
    ("It takes 10 hours in all", 10, "h"),
    ("It fixes 25 bugs", 25, "bugs"),
]


@pytest.mark.parametrize(
    ("found", "text", "number", "unit"),
    [
        *(("conflict", *case) for case in CONTRADICTED),
        *(("doubt", *case) for case in DOUBTFUL),
        *(("nothing", *case) for case in RIGHT),
    ],
)
def test_a_unit_is_compared_with_the_one_that_is_printed(
    found: str, text: str, number: float, unit: str | None
) -> None:
    grounding = ground(
        text, evidence=text, value={"number": number, "unit": unit}, baseline_value=None
    )
    assert grounding.absent_figures == ()
    assert (found == "conflict") == (grounding.unit_conflicts == ("value",))
    assert (found == "doubt") == (grounding.unit_doubts == ("value",))


def test_a_unit_that_another_sentence_prints_with_the_number_is_no_conflict() -> None:
    text = "It gains 2.3 points on BarBench. That is 2.3%."
    value = {"number": 2.3, "unit": "%"}
    grounding = ground(text, evidence="It gains 2.3 points on BarBench", value=value)
    assert (grounding.unit_conflicts, grounding.unit_doubts) == ((), ())


def test_the_metric_may_say_the_unit() -> None:
    text = "Its latency falls to 12 on BarBench."
    claim = {"value": {"number": 12, "unit": "ms"}, "baseline_value": None, "evidence": text}
    assert ground(text, **claim, metric="latency (ms)").unit_doubts == ()
    assert ground(text, **claim, metric="latency").unit_doubts == ("value",)


def test_a_figure_inside_a_name_is_no_evidence_for_a_value() -> None:
    grounding = ground("GPT-4 loses to Llama 2 on F1.", value={"number": 4}, baseline_value=None)
    assert grounding.absent_figures == ("value",)


def test_a_quote_that_cuts_a_figure_short_does_not_ground_what_is_left_of_it() -> None:
    text = "FooNet gains 15.84% over Llama 2 on BarBench."
    grounding = ground(text, evidence="gains 15.8", value={"number": 15.8}, baseline_value=None)
    assert grounding.span is None
    assert grounding.absent_figures == ("value",)
    name = ground(text, evidence="2 on BarBench", value={"number": 2}, baseline_value=None)
    assert name.absent_figures == ("value",)
