import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.asking.patterns import extract_claims
from extractor.documents import Abstract
from extractor.quantities import find_figures, occurs

SURVEY = """
Counting birds has a long history. Models have grown to billions of parameters. We review 180 papers
on the subject, sort them into four families and name open questions. A reading list will be online.
"""
MOTIVATION = """
Deep networks outperform older tools by 30% on many tasks. However, they need 10x more memory. We
propose KestrelNet, a small network for phones. It surpasses Heron by 3 points.
"""


def extract(text, title="Counting birds"):
    return extract_claims(Abstract(id="a", title=title, text=text)).claims


def test_an_abstract_without_results_has_no_claims():
    assert extract(SURVEY) == []


def test_what_is_said_before_the_paper_speaks_of_itself_is_no_claim():
    (claim,) = extract(MOTIVATION)
    assert claim.method == "KestrelNet"
    assert claim.delta.number == 3


@pytest.mark.parametrize(
    ("title", "text", "method"),
    [
        ("KestrelNet: birds from above", "Our method beats Heron.", "KestrelNet"),
        ("Birds from above", "We introduce KestrelNet, a network. It beats Heron.", "KestrelNet"),
        (
            "Birds from above",
            "We propose a fast counter called KestrelNet. Our approach beats Heron.",
            "KestrelNet",
        ),
        (
            "Birds from above",
            "We present Sparse Bird Counting (SBC). SBC is small. The method beats Heron.",
            "SBC",
        ),
        ("Birds from above", "BirdNet-2 counts birds. It beats Heron.", "BirdNet-2"),
        (
            "Counting birds from above",
            "Birds are hard. We beat Heron.",
            "Counting birds from above",
        ),
        (
            "KestrelNet: birds",
            "We test KestrelNet. KestrelNet-mini beats Heron.",
            "KestrelNet-mini",
        ),
        (
            "Birds from above",
            "We propose a sparse bird counter. It beats Heron.",
            "sparse bird counter",
        ),
    ],
)
def test_a_claim_is_about_the_papers_own_method_or_its_subject(title, text, method):
    (claim,) = extract(text, title)
    assert claim.method == method
    assert claim.baselines == ["Heron"]


def test_the_task_comes_from_the_title_before_the_text():
    (claim,) = extract("We help machine translation. We beat Heron.", "Nests for image captioning")
    assert claim.task == "image captioning"


@pytest.mark.parametrize(
    ("title", "task"),
    [
        ("Kestrel: rare bird detection with nets", "rare bird detection"),
        ("Nests for image captioning", "image captioning"),
        ("Kestrel: nets for outdoor robots", "outdoor robots"),
    ],
)
def test_a_task_is_known_by_its_last_word_or_by_what_comes_behind_for(title, task):
    (claim,) = extract("We beat Heron.", title)
    assert claim.task == task


def test_the_same_result_said_twice_is_one_claim():
    assert len(extract("We present Kestrel. Kestrel beats Heron. Again, Kestrel beats Heron.")) == 1


def test_a_list_of_examples_is_read_name_by_name():
    (claim,) = extract("Our model beats Heron on hard tests (e.g., BirdQA, EggEval, NestBench).")
    assert claim.datasets == ["BirdQA", "EggEval", "NestBench"]


def test_evidence_is_a_clause_of_the_text():
    text = "We show that our model is 3x faster than Heron, while others wait."
    (claim,) = extract(text)
    assert claim.evidence == "our model is 3x faster than Heron"


def test_a_text_without_full_stops_is_read_to_its_end():
    # What took the square of the length would not come back from here.
    text = ("our model outperforms " * 2000).strip()
    assert all(claim.evidence in text for claim in extract(text))


SENTENCES = st.sampled_from(
    [
        "We present KestrelNet (KN), a counter.",
        "KN reaches 91.4% (vs. 88.0%) on BirdQA, e.g., at noon.",
        "It is 3x-5x faster than Heron et al. and cuts memory from 8 GB to 3 GB!",
        "KN gains 4.7 and 15.5 points, respectively.",
        "Without loss of quality; with 1/3 of the data.",
        "State of the art (SOTA) results; half the cost...",
        "(1) recall rises by 2%, (2) it drops to 10$^{-3}$.",
    ]
)


@given(st.lists(SENTENCES | st.text(max_size=40), max_size=8))
def test_claims_are_grounded_whatever_the_text(sentences):
    abstract = Abstract(id="a", title="KestrelNet: counting birds", text=" ".join(sentences))
    figures = find_figures(abstract.text)
    for claim in extract_claims(abstract).claims:
        assert claim.evidence
        assert claim.evidence in abstract.text
        for _, quantity in claim.figures():
            assert occurs(quantity.number, figures)
