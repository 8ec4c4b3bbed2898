from extractor.evaluation.evidence import Passage, compare_passages, find_spans, make_passage

TEXT = "Letters are slow. PostNet is fast. PostNet is fast. It is small."


def test_every_place_of_a_quote_is_found() -> None:
    assert find_spans("PostNet  is fast.", TEXT) == ((18, 34), (35, 51))
    assert find_spans("PostNet is slow.", TEXT) == ()
    assert find_spans(" ", TEXT) == ()


def test_places_are_compared_by_their_overlap() -> None:
    first = make_passage("", (18, 34), TEXT)
    assert compare_passages(first, make_passage("", (18, 34), TEXT)) == 1
    assert compare_passages(first, make_passage("", (18, 26), TEXT)) == 2 / 3
    assert compare_passages(first, make_passage("", (52, 60), TEXT)) == 0


def test_any_place_of_a_quote_may_be_the_labelled_one() -> None:
    assert compare_passages(make_passage("", (35, 51), TEXT), _quote("PostNet is fast.")) == 1


def test_a_place_where_something_else_stands_is_not_believed() -> None:
    claimed = make_passage("It is small.", (18, 34), TEXT)
    assert claimed.spans == ((52, 64),)
    assert make_passage("It is large.", (18, 34), TEXT).spans == ()


def test_without_a_text_words_are_compared() -> None:
    first = make_passage("PostNet is fast", None, None)
    assert compare_passages(first, make_passage("postnet IS fast!", None, None)) == 1
    assert compare_passages(first, make_passage("PostNet is small", None, None)) == 2 / 3


def test_a_place_and_words_cannot_be_compared() -> None:
    known_by_place = make_passage("", (18, 34), None)
    assert compare_passages(known_by_place, make_passage("PostNet is fast", None, None)) is None


def test_no_evidence_is_wrong_evidence() -> None:
    assert compare_passages(make_passage("", (18, 34), None), make_passage("", None, None)) == 0


def _quote(quote: str) -> Passage:
    return make_passage(quote, None, TEXT)
