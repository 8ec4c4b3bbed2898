import json
from pathlib import Path

import pytest

from extractor.errors import InputError
from extractor.evaluation import (
    GoldClaim,
    Prediction,
    align_predictions,
    fingerprint_gold,
    load_gold,
    load_predictions,
    save_gold,
)
from tests.evaluation.examples import document, fields, in_words, memory


def test_evidence_may_be_a_quote_or_a_place(tmp_path: Path) -> None:
    documents = [document(fields(), in_words(evidence=[111, 150], status="optional"))]
    save_gold(documents, tmp_path / "gold.jsonl")
    assert load_gold(tmp_path / "gold.jsonl") == documents
    labels = json.loads((tmp_path / "gold.jsonl").read_text())["claims"]
    assert labels[1]["evidence"] == [111, 150]
    assert labels[1]["status"] == "optional"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON Lines"),
        ("[]", ":1: not a JSON object"),
        ('{"id": "a", "claims": [{"method": "x"}]}', ":1: claims.0.outcome"),
        (json.dumps({"id": "a", "claims": [fields(evidence=[9, 3])]}), "start < end"),
        (json.dumps({"id": "a", "claims": [fields(evidence=" ")]}), "needs evidence"),
        (json.dumps({"id": "a", "claims": [fields(outcome="best")]}), "outcome"),
        (json.dumps({"id": "a", "claims": [fields(colour="red")]}), "colour"),
        ('{"id": "a", "claims": []}\n{"id": "a", "claims": []}', ":2: id 'a' stands on two"),
    ],
)
def test_a_broken_label_file_is_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "gold.jsonl").write_text(line)
    with pytest.raises(InputError, match=message):
        load_gold(tmp_path / "gold.jsonl")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl"):
        load_gold(tmp_path / "none.jsonl")


def test_the_fingerprint_depends_on_labels_alone() -> None:
    one, two = document(fields()), document(memory(), name="d2")
    without_text = one.model_copy(update={"text": None})
    assert fingerprint_gold([one, two]) == fingerprint_gold([two, without_text])
    assert fingerprint_gold([one]) != fingerprint_gold([document(fields(outcome="worse"))])


def test_predictions_are_read_from_any_system(tmp_path: Path) -> None:
    lines = [
        {"id": "d1", "claims": [fields(span=[33, 111], claim_id="x")], "status": "claims"},
        {"id": "d2", "claims": [], "status": "failed", "provenance": {"cost_usd": 0.5}},
        {"id": 7, "claims": []},
    ]
    (tmp_path / "found.jsonl").write_text("\n".join(map(json.dumps, lines)))
    first, second, third = load_predictions(tmp_path / "found.jsonl")
    assert first.prediction.claims[0].span == (33, 111)
    assert second.prediction.failed and second.prediction.cost_usd == 0.5
    assert third.id == "7" and not third.prediction.failed


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"claims": []}', "needs `id` and `claims`"),
        ('{"id": "a"}', "needs `id` and `claims`"),
        ('{"id": "a", "claims": [{}]}', ":1: method"),
        ('{"id": "a", "claims": []}\n{"id": "a", "claims": []}', "two lines"),
    ],
)
def test_a_broken_predictions_file_is_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "found.jsonl").write_text(line)
    with pytest.raises(InputError, match=message):
        load_predictions(tmp_path / "found.jsonl")


@pytest.mark.parametrize(
    "key", [{"id": "d1"}, {"id": "x", "text_sha256": "f" * 64}, {"id": "x", "title": "On  LETTERS"}]
)
def test_predictions_join_by_id_hash_or_title(tmp_path: Path, key: dict[str, str]) -> None:
    gold = document(fields()).model_copy(update={"text_sha256": "f" * 64, "title": "On letters"})
    (tmp_path / "found.jsonl").write_text(json.dumps({**key, "claims": [fields()]}))
    aligned = align_predictions([gold], load_predictions(tmp_path / "found.jsonl"))
    assert aligned == {"d1": Prediction.of([GoldClaim.model_validate(fields())])}


def test_predictions_of_other_abstracts_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "found.jsonl").write_text('{"id": "x", "claims": []}')
    found = load_predictions(tmp_path / "found.jsonl")
    assert align_predictions([document(fields())], found) == {}
