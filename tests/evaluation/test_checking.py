import json
from pathlib import Path
from typing import Any

import pytest

from extractor.documents import hash_text
from extractor.evaluation import check_gold_file
from tests.evaluation.examples import TEXT, fields, figure, in_words, memory


def _check(folder: Path, *records: dict[str, Any], **more: Any) -> list[tuple[Any, ...]]:
    file = folder / "gold.jsonl"
    file.write_text("\n".join(map(json.dumps, records)))
    problems = check_gold_file(file, **more)
    return [(problem.document, problem.claim, problem.check) for problem in problems]


def _record(*claims: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "d1", "text": TEXT, "text_sha256": hash_text(TEXT), "claims": claims, **more}


def test_sound_labels_have_no_problem(tmp_path: Path) -> None:
    assert _check(tmp_path, _record(fields(), memory(), in_words(evidence=[113, 150]))) == []


@pytest.mark.parametrize(
    ("claim", "check"),
    [
        (fields(outcome="best"), "schema"),
        (fields(value=figure(91.4, "%", qualifier="circa")), "schema"),
        (fields(evidence="PostNet reaches an accuracy of 91.5%"), "evidence"),
        (fields(evidence=[33, 9999]), "evidence"),
        (fields(evidence=[34, 110]), "evidence"),
        (fields(evidence=[33, 112]), "evidence"),
        (fields(evidence=[32, 111]), "evidence"),
        (fields(value=figure(128.47, "%")), "figures"),
        (fields(value=figure(88.2, "%", high=91)), "figures"),
    ],
)
def test_a_broken_label_is_found(tmp_path: Path, claim: dict[str, Any], check: str) -> None:
    found = _check(tmp_path, _record(memory(), claim))
    expected = [] if claim["evidence"] == [33, 112] else [("d1", 1, check)]
    assert found == expected


def test_problems_of_abstracts_are_found(tmp_path: Path) -> None:
    assert _check(tmp_path, _record(fields(), fields())) == [("d1", 1, "duplicate")]
    assert _check(tmp_path, _record(text_sha256="0" * 64)) == [("d1", None, "hash")]
    assert _check(tmp_path, _record(), _record()) == [("d1", None, "id")]
    assert _check(tmp_path, {"claims": None}) == [("line 1", None, "schema")]
    assert _check(tmp_path, _record(colour="red")) == [("d1", None, "schema")]
    hashless = {"id": "d1", "claims": [fields(evidence=[1, 9])]}
    assert _check(tmp_path, hashless) == [("d1", None, "hash")]


def test_what_is_measured_must_not_stand_in_a_few_shot_example(tmp_path: Path) -> None:
    example = "Example: it also beats InkReader on StampBench and needs 3.5 GB of memory, ha."
    assert _check(tmp_path, _record(), examples=[example]) == [("d1", None, "few-shot")]
    assert _check(tmp_path, _record(), examples=["It also beats InkReader."]) == []


def test_labels_without_text_are_checked_against_texts_at_hand(tmp_path: Path) -> None:
    record = {"id": "d1", "text_sha256": "0" * 64, "claims": [fields(evidence=[33, 111])]}
    assert _check(tmp_path, record) == []
    assert _check(tmp_path, record, texts={"d1": TEXT}) == [("d1", None, "hash")]
