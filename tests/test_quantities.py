import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.quantities import find_figures, normalise_unit, occurs, unit_kind

# text -> (number, high, unit, qualifier) of every figure in it
READINGS = [
    ("scores 28.4 BLEU", [(28.4, None, None, "exact")]),
    ("over 1,250,000 frames", [(1250000, None, None, "at_least")]),
    ("costs fall by 35-40%", [(35, 40, "%", "exact")]),
    ("costs fall by 3.1%-39.9%", [(3.1, 39.9, "%", "exact")]),
    ("costs fall by 3 to 7 percent", [(3, 7, "%", "exact")]),
    ("between 5 and 10 ms", [(5, 10, "ms", "exact")]),
    ("rises from 77.5 to 80.4%", [(77.5, None, "%", "exact"), (80.4, None, "%", "exact")]),
    ("ranging from 4 to 9 points", [(4, 9, "points", "exact")]),
    (r"gains 5.84\% here", [(5.84, None, "%", "exact")]),
    (r"a $3\times$ gain", [(3, None, "x", "exact")]),
    (r"a 2\times gain", [(2, None, "x", "exact")]),
    ("errors of 10$^{-4}$ remain", [(1e-4, None, None, "exact")]),
    ("errors of 2.5 × 10^-3 remain", [(2.5e-3, None, None, "exact")]),
    ("sim15% more", [(15, None, "%", "about")]),
    ("has 1.6B parameters", [(1.6e9, None, "parameters", "exact")]),
    ("a 7-billion-parameter network", [(7e9, None, "parameters", "exact")]),
    ("only 0.3M trainable parameters", [(3e5, None, "parameters", "exact")]),
    ("2.6 trillion tokens", [(2.6e12, None, "tokens", "exact")]),
    ("half of the memory", [(2, None, "x", "exact")]),
    ("less than half of the memory", [(2, None, "x", "at_least")]),
    ("one third of the data", [(3, None, "x", "exact")]),
    ("1/3 of the data", [(3, None, "x", "exact")]),
    ("a tenfold rise", [(10, None, "x", "exact")]),
    ("more than twice as fast", [(2, None, "x", "at_least")]),
    ("two orders of magnitude", [(100, None, "x", "about")]),
    ("orders of magnitude cheaper", [(10, None, "x", "at_least")]),
    ("dozens of runs", [(12, None, None, "at_least")]),
    ("hundreds of thousands of runs", [(1e5, None, None, "at_least")]),
    ("twenty-five labs", [(25, None, None, "exact")]),
    ("a factor of up to 3.5", [(3.5, None, "x", "up_to")]),
    ("200 H100 GPU hours", [(200, None, "GPU-hours", "exact")]),
    ("41 images/s", [(41, None, "images/s", "exact")]),
    ("2.1 perplexity points", [(2.1, None, "points", "exact")]),
    ("6% absolute", [(6, None, "points", "exact")]),
    ("absolute gains of 4 and 7%", [(4, None, "points", "exact"), (7, None, "points", "exact")]),
    ("7% of an absolute error", [(7, None, "%", "exact")]),
    ("nearly 5 W", [(5, None, "W", "about")]),
    ("under a 2% loss", [(2, None, "%", "at_most")]),
    ("no more than 12 GB", [(12, None, "GB", "at_most")]),
    ("no fewer than 12 GB", [(12, None, "GB", "at_least")]),
    ("as much as 9%", [(9, None, "%", "up_to")]),
    ("10% or more", [(10, None, "%", "at_least")]),
    ("a maximum gain of 17%", [(17, None, "%", "up_to")]),
    ("up to 3x and 4x", [(3, None, "x", "up_to"), (4, None, "x", "up_to")]),
    ("4.7, 3.2 and 15.5%", [(n, None, "%", "exact") for n in (4.7, 3.2, 15.5)]),
    ("a gain of 2.5% over 88.1%", [(2.5, None, "%", "exact"), (88.1, None, "%", "exact")]),
    ("a change of -0.42", [(-0.42, None, None, "exact")]),
    ("for $15 a day", [(15, None, "USD", "exact")]),
    ("errors of 10⁻³ remain", [(1e-3, None, None, "exact")]),
    ("errors of 5×10⁻³ remain", [(5e-3, None, None, "exact")]),
    ("errors of 2e−4 remain", [(2e-4, None, None, "exact")]),
    ("10² times", [(100, None, "x", "exact")]),
    ("gains 1,5%", [(1.5, None, "%", "exact")]),
    ("sizes 2,4,8", [(n, None, None, "exact") for n in (2, 4, 8)]),
    ("1 000 000 rows", [(1000000, None, None, "exact")]),
    ("10 000 rows", [(10000, None, None, "exact")]),
    (r"1{,}000 rows at 92{.}1%", [(1000, None, None, "exact"), (92.1, None, "%", "exact")]),
    ("two-thirds of the data", [(2 / 3, None, "x", "exact")]),
    ("three quarters of the data", [(0.75, None, "x", "exact")]),
    ("3/4 of the data", [(0.75, None, "x", "exact")]),
    ("½ the memory", [(2, None, "x", "exact")]),
    ("1½ hours", [(1.5, None, "hours", "exact")]),
    ("½ hour", [(0.5, None, "hours", "exact")]),
    ("over 3 orders of magnitude", [(1000, None, "x", "at_least")]),
    ("2-3 orders of magnitude", [(100, 1000, "x", "about")]),
    ("two hundred and fifty labs", [(250, None, None, "exact")]),
    ("two hundred thousand labs", [(2e5, None, None, "exact")]),
    ("two and a half times", [(2.5, None, "x", "exact")]),
    ("two-to-three times", [(2, None, "x", "exact"), (3, None, "x", "exact")]),
    ("a factor of two", [(2, None, "x", "exact")]),
    ("40us or 40µs", [(40, None, "µs", "exact"), (40, None, "µs", "exact")]),
    ("BLEU:28.4", [(28.4, None, None, "exact")]),
    ("F1:0.87", [(0.87, None, None, "exact")]),
    ("accuracy:91.2%", [(91.2, None, "%", "exact")]),
    ("MMLU:68.4", [(68.4, None, None, "exact")]),
    ("BLEU=28.4", [(28.4, None, None, "exact")]),
    ("BLEU/28.4", [(28.4, None, None, "exact")]),
]


@pytest.mark.parametrize(("text", "expected"), READINGS)
def test_a_figure_is_read_as_the_guide_says(text, expected):
    found = [(f.number, f.high, f.unit, f.qualifier) for f in find_figures(text)]
    assert found == [(pytest.approx(n), high, unit, q) for n, high, unit, q in expected]


@pytest.mark.parametrize(
    "text",
    [
        "GPT-4, F1, CIFAR-10 and Llama 2",
        "top-1, pass@1, v2, Qwen2.5 and Claude 3.5",
        "3D, 2nd, 1st and A100",
        "arXiv:2301.00001, Table:3 and GPT-4/5",
        "either 84,9 or 83,1",
        "Section 3 and Table 12 of a study in 2023",
        "(1) first and (2) second",
        "images of 256x256 pixels",
        "release 4.39.1",
        "one of them",
        "half-precision and double descent",
    ],
)
def test_digits_of_names_and_labels_are_no_figures(text):
    assert find_figures(text) == []


def test_a_size_in_a_name_is_marked():
    alone, hyphenated = find_figures("Ferret 7B beats Heron-2-13B")
    assert alone.in_name
    assert hyphenated.in_name
    assert (alone.number, hyphenated.number) == (7e9, 13e9)
    assert alone.unit == hyphenated.unit == "parameters"


def test_the_wording_tells_the_direction():
    words = ["half the cost", "a quarter of the cost", "twice the cost"]
    assert [find_figures(text)[0].direction for text in words] == ["decrease"] * 2 + ["increase"]


def test_a_changed_digit_does_not_occur():
    figures = find_figures("It gains 5.84% on 128.47 and 3-4 points")
    assert occurs(5.84, figures)
    assert occurs(4, figures)
    assert not occurs(5.48, figures)
    assert not occurs(28.47, figures)
    assert not occurs(28.4, figures)


@pytest.mark.parametrize(
    ("word", "number"), [("half", 2), ("a third of", 3), ("a tenth of", 10), ("doubles", 2)]
)
def test_figures_in_words_occur(word, number):
    assert occurs(number, find_figures(f"It needs {word} the memory"))


@pytest.mark.parametrize(
    ("unit", "short", "kind"),
    [
        ("percent", "%", "percent"),
        ("percentage points", "points", "points"),
        ("times", "x", "ratio"),
        ("GPU hours", "GPU-hours", "physical"),
        ("seconds", "s", "physical"),
        ("GFlops", "GFLOPs", "physical"),
        ("mW", "mW", "physical"),
        ("MW", "MW", "physical"),
        ("bugs", "bugs", "bare"),
        (" ", None, "bare"),
        (None, None, "bare"),
    ],
)
def test_units_have_one_short_form_and_a_kind(unit, short, kind):
    assert normalise_unit(unit) == short
    assert unit_kind(unit) == kind


@given(
    number=st.decimals(min_value=0, max_value=10**6, places=2),
    unit=st.sampled_from(["%", " points", "x", " GB", " ms", " tokens/s", ""]),
    grouped=st.booleans(),
)
def test_a_printed_number_is_read_back(number, unit, grouped):
    printed = f"{number:,}" if grouped else str(number)
    (figure,) = find_figures(f"The new one gives {printed}{unit} in all.")
    assert figure.number == float(number)
    assert figure.unit == (unit.strip() or None)


@given(st.text(alphabet="0123456789.,%xKMB-–~$\\^{}()/ aefhlnoptuw", max_size=60) | st.text())
def test_any_text_can_be_read_and_spans_delimit_what_is_printed(text):
    for figure in find_figures(text):
        printed = text[figure.start : figure.end]
        assert printed == printed.strip()
        assert printed[0].isnumeric() or printed[0] == "." or figure.worded


@pytest.mark.parametrize(("number", "found"), [(0.67, True), (0.667, True), (0.66, False)])
def test_a_fraction_without_exact_decimals_is_met_by_two_or_three(number, found):
    assert occurs(number, find_figures("two-thirds of the data")) is found


def test_only_a_unit_that_stands_with_its_figure_counts_as_printed_there():
    figures = find_figures("4.7 and 15.5% with a 2B model of 3B parameters")
    assert [figure.unit_printed for figure in figures] == [False, True, False, True]


REPEATED = [
    *("1x", "1,", "half ", "Alpha 2 ", "1-a", "1 a-", "1e", "1/", "1.", "10^", "1 - ", "1 aa-"),
    *("two ", "111,", "$1", "1%", "5 to ", "1 and ", "factor of ", "absolute 1% ", "a third "),
    *("[1,", "GPT-", "a:1", "½", "1 000 ", "two hundred and ", "9", "a1", "1 million ", "A 1 "),
]


@pytest.mark.parametrize("piece", REPEATED)
def test_a_long_text_of_one_piece_is_read_to_its_end(piece):
    # What took the square of the length would not come back from here.
    text = piece * (40_000 // len(piece))
    figures = find_figures(text)
    assert all(0 <= figure.start < figure.end <= len(text) for figure in figures)


@pytest.mark.parametrize(("text", "number"), [("tripleſ the rate", 3), ("3 thouſand users", 3000)])
def test_letters_that_only_count_as_another_when_case_is_ignored_are_read(text, number):
    assert [figure.number for figure in find_figures(text)] == [number]
