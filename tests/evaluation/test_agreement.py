import pytest

from extractor.errors import InputError
from extractor.evaluation import krippendorff_alpha, measure_agreement
from tests.evaluation.examples import delta, document, fields, in_words, memory

# The worked examples of Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011):
# section A, two observers and binary data; B, two observers and five categories; C, four
# observers with missing data.
BINARY = ("0100000010", "1110010000")
NOMINAL = ("aabbdcccedda", "babbbccceddd")
MISSING = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


@pytest.mark.parametrize(
    ("observers", "alpha"), [(BINARY, 0.095), (NOMINAL, 0.692), (MISSING, 0.743)]
)
def test_alpha_of_the_published_examples(observers: tuple[str, ...], alpha: float) -> None:
    units = [
        [None if value == "." else value for value in unit] for unit in zip(*observers, strict=True)
    ]
    assert krippendorff_alpha(units) == pytest.approx(alpha, abs=5e-4)


def test_alpha_of_full_agreement_and_of_nothing() -> None:
    assert krippendorff_alpha([["a", "a"], ["b", "b"]]) == 1
    assert krippendorff_alpha([["a", "a"], ["a", "a"]]) is None
    assert krippendorff_alpha([["a", None], [None, "b"]]) is None
    assert krippendorff_alpha([]) is None


def test_annotators_who_agree_agree_wholly() -> None:
    labels = [document(fields(delta=delta(3.2, "points")), in_words(outcome="similar"))]
    agreement = measure_agreement(labels, labels)
    assert agreement.ceiling()["strict_f1"] == 1
    assert agreement.alphas["outcome"].value == 1
    assert agreement.alphas["unit kind"].pairs == 3
    assert "grounding" not in agreement.figures


def test_it_does_not_matter_who_comes_first() -> None:
    first = [document(fields(), memory(status="optional")), document(in_words(), name="d2")]
    second = [document(fields(outcome="similar"), memory()), document(name="d2")]
    forth, back = measure_agreement(first, second), measure_agreement(second, first)
    assert forth.figures == back.figures
    assert forth.alphas == back.alphas


def test_abstracts_of_one_annotator_alone_are_named() -> None:
    first = [document(fields()), document(memory(), name="d2")]
    assert measure_agreement(first, [document(fields())]).left_out == ["d2"]
    with pytest.raises(InputError, match="no abstract in common"):
        measure_agreement(first, [document(name="d3")])
