"""A blind annotator sees nothing; two annotators are compared, and their differences settled."""

from typing import Any

from extractor.evaluation.gold import load_gold
from tests.review.conftest import TOKEN, Reviewer, Reviewers

CLAIM = {
    "method": "MossBERT",
    "metric": "memory",
    "baselines": ["LabelGPT"],
    "delta": {"number": 60, "unit": "%", "qualifier": "up_to", "direction": "decrease"},
    "outcome": "better",
    "evidence": "It uses up to 60% less memory than LabelGPT",
}


def put(reviewer: Reviewer, key: str = "new-1", **changes: Any) -> Any:
    label = {"key": key, "span": None, "claim": CLAIM | changes}
    return reviewer.decide("mossbert", action="put", label=label)


def test_a_blind_annotator_sees_neither_suggestions_nor_others(
    ann: Reviewer, reviewers: Reviewers
) -> None:
    ann.finish("mossbert")
    ben = reviewers.open("ben", blind=True)
    view = ben.view("mossbert")
    assert (view["suggestions"], view["labels"], view["version"]) == ([], [], 0)
    assert [row["suggestions"] for row in ben.listed] == [0] * 5
    assert ben.get("summary")["sets"] == [] or ben.get("summary")["sets"][0]["label_set"] == "ben"
    for path in ("settle", "api/joint/abstracts", "api/settled/abstracts", "api/joint/summary"):
        assert ben.client.get(f"/{TOKEN}/{path}").status_code == 404
    put(ben)
    ben.decide("mossbert", action="finish")
    assert len(ann.view("mossbert")["labels"]) == 4
    (document,) = load_gold(reviewers.gold.with_name("mine.ben.jsonl"))
    assert document.labelling is not None
    assert document.labelling.suggestions is None


def test_there_is_nothing_to_settle_before_two_have_labelled(
    ann: Reviewer, reviewers: Reviewers
) -> None:
    assert not ann.get("abstracts")["can_settle"]
    answer = ann.client.get(f"/{TOKEN}/api/settled/abstracts")
    assert answer.status_code == 422
    assert "--blind" in answer.json()["error"]


def test_differences_are_paired_and_settled(ann: Reviewer, reviewers: Reviewers) -> None:
    ann.finish("mossbert")
    ann.decide("survey", action="finish")
    ben = reviewers.open("ben", blind=True)
    put(ben, metric="memory use")
    put(ben, key="new-2", metric="accuracy", delta=None, outcome="similar")
    ben.decide("mossbert", action="finish")
    settling = reviewers.open("ann", label_set="settled")
    assert [row["id"] for row in settling.listed] == ["mossbert"]
    suggestions = settling.view("mossbert")["suggestions"]
    by_metric = {each["claim"]["metric"]: each for each in suggestions}
    assert by_metric["memory use"]["rivals"] == [by_metric["memory"]["key"]]
    assert by_metric["memory use"]["sources"] == ["ben"]
    assert by_metric["memory"]["sources"] == ["joint"]
    assert "metric" in by_metric["memory"]["differs"]
    assert by_metric["accuracy"]["rivals"] == []
    view = settling.decide("mossbert", action="accept", keys=[by_metric["memory"]["key"]])
    view = settling.decide("mossbert", action="accept", keys=[by_metric["memory use"]["key"]])
    assert [label["claim"]["metric"] for label in view["labels"]] == ["memory use"]
    settling.decide("mossbert", action="finish", status=422)
    settling.decide("mossbert", action="finish", reject_rest=True)
    before = load_gold(reviewers.gold)
    (settled,) = load_gold(reviewers.gold.with_name("mine.settled.jsonl"))
    assert [claim.metric for claim in settled.claims] == ["memory use"]
    assert len(before[0].claims) == 4


def test_what_two_people_say_alike_is_one_suggestion(reviewers: Reviewers) -> None:
    for name in ("ben", "cleo"):
        blind = reviewers.open(name, blind=True)
        put(blind)
        blind.decide("mossbert", action="finish")
    settling = reviewers.open("ann", label_set="settled")
    (suggestion,) = settling.view("mossbert")["suggestions"]
    assert (suggestion["sources"], suggestion["differs"]) == (["ben", "cleo"], [])


def test_of_three_annotators_two_are_chosen(ann: Reviewer, reviewers: Reviewers) -> None:
    ann.finish("survey")
    for name in ("ben", "cleo"):
        reviewers.open(name, blind=True).decide("survey", action="finish")
    answer = ann.client.get(f"/{TOKEN}/api/settled/abstracts")
    assert answer.status_code == 422
    assert "--settle" in answer.json()["error"]
    settling = reviewers.open("ann", label_set="settled", between=("ben", "cleo"))
    assert [row["id"] for row in settling.listed] == ["survey"]
