import pytest

from extractor.asking.patterns.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It gains 3.5 points. It is small.", 2),
        ("Birds, e.g. Herons, are seen by Kestrel et al. on site.", 1),
        ("It beats A vs. B (cf. Fig. 3). We stop here.", 2),
        ("Is it fast? Yes! It is.", 3),
        ("No end", 1),
        ("", 0),
    ],
)
def test_full_stops_of_abbreviations_end_no_sentence(text, count):
    sentences = split_sentences(text)
    assert len(sentences) == count
    assert all(text[s.start : s.start + len(s.text)] == s.text for s in sentences)


def test_clauses_are_parted_but_brackets_are_not():
    (sentence,) = split_sentences("It is fast, while others (slow, while cheap) wait.")
    start, end = sentence.clause_at(0)
    assert sentence.text[start:end] == "It is fast, while "
    assert len(sentence.breaks) == 2


def test_figures_keep_their_place_in_the_sentence():
    _, second = split_sentences("It has 2 parts. It gains 4% on both.")
    (figure,) = second.figures
    assert second.text[figure.start : figure.end] == "4%"
