from extractor.documents import Abstract, hash_text
from extractor.evaluation import GoldDocument, hydrate_gold
from tests.evaluation.examples import TEXT, document, fields, in_words

LABELLED = document(
    fields(evidence=[33, 111]),
    in_words(
        evidence=[113, 151],
    ),
    text=None,
).model_copy(update={"title": "Sorting letters", "text_sha256": hash_text(TEXT)})


def _abstract(text: str, title: str = "Sorting letters") -> Abstract:
    return Abstract(id="x", title=title, text=text)


def _hydrate(*abstracts: Abstract) -> tuple[list[GoldDocument], list[str], list[str]]:
    result = hydrate_gold([LABELLED], abstracts)
    return result.documents, result.reanchored, [reason for _, reason in result.unjoined]


def test_texts_are_joined_by_hash_whatever_their_title() -> None:
    (joined,), reanchored, unjoined = _hydrate(_abstract(f" {TEXT}\n", title="Another"))
    assert joined.text == TEXT
    assert joined.claims[0].evidence == fields()["evidence"]
    assert joined.claims[0].span == (33, 111)
    assert not reanchored and not unjoined


def test_another_version_is_joined_by_title_with_new_places() -> None:
    text = f"We study the post. {TEXT} Code is public."
    (joined,), reanchored, _ = _hydrate(_abstract(text, title="SORTING letters."))
    assert joined.claims[0].evidence == f"{fields()['evidence']}."
    assert joined.claims[1].evidence.startswith("It also beats InkReader on StampBench")
    assert joined.text_sha256 == hash_text(text)
    assert reanchored == ["d1"]


def test_the_exact_text_wins_over_another_version() -> None:
    (joined,), reanchored, _ = _hydrate(_abstract(f"Draft. {TEXT}"), _abstract(TEXT))
    assert joined.text == TEXT
    assert not reanchored


def test_a_changed_figure_is_not_joined() -> None:
    documents, _, reasons = _hydrate(_abstract(TEXT.replace("91.4", "91.5")))
    assert not documents
    assert reasons == ["the text under its title is another one: 1 of 2 labels not in it"]


def test_what_cannot_be_joined_is_named() -> None:
    documents, _, reasons = _hydrate(_abstract("Another text.", title="Another"))
    assert not documents
    assert reasons == ["no text has its hash or its title"]


def test_offsets_beyond_the_text_are_named() -> None:
    broken = document(fields(evidence=[3, 999]), text=None)
    broken = broken.model_copy(update={"text_sha256": hash_text(TEXT)})
    result = hydrate_gold([broken], [_abstract(TEXT)])
    assert [reason for _, reason in result.unjoined] == ["offsets reach beyond the end of its text"]


def test_labels_with_texts_stay_as_they_are() -> None:
    gold = [document(fields())]
    assert hydrate_gold(gold, []).documents == gold


def test_an_abstract_without_claims_is_joined_by_title() -> None:
    empty = LABELLED.model_copy(update={"claims": []})
    assert hydrate_gold([empty], [_abstract("A new text.")]).reanchored == ["d1"]
