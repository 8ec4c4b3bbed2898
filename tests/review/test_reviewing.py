"""Decisions: what they lead to, how they are undone, and what happens when two people decide."""

import json
from pathlib import Path
from typing import Any

import pytest

from extractor.evaluation.checking import check_gold_file
from extractor.evaluation.gold import load_gold
from tests.review.conftest import Reviewer, Reviewers, write_store
from tests.stores.making import make_result

QUOTE = "It uses up to 60% less memory than LabelGPT"


def label(view: Any, place: int = 0, **changes: Any) -> dict[str, Any]:
    """A label of an abstract as the page sends it, with other values in its claim."""
    found = {key: view["labels"][place][key] for key in ("key", "status", "span", "claim")}
    return found | {"claim": found["claim"] | changes}


def added(evidence: str, **changes: Any) -> dict[str, Any]:
    """A label that nothing suggested."""
    claim = {"method": "MossBERT", "outcome": "better", "evidence": evidence} | changes
    return {"key": "new-1", "span": None, "claim": claim}


def shape(view: Any) -> tuple[int, int]:
    return len(view["labels"]), sum(each["rejected"] for each in view["suggestions"])


def test_suggestions_become_labels_or_are_turned_down(ann: Reviewer) -> None:
    first, second, *_ = [each["key"] for each in ann.view("mossbert")["suggestions"]]
    assert shape(ann.decide("mossbert", action="accept", keys=[first])) == (1, 0)
    assert shape(ann.decide("mossbert", action="reject", keys=[second])) == (1, 1)
    assert shape(ann.decide("mossbert", action="reject", keys=[first])) == (0, 2)
    assert shape(ann.decide("mossbert", action="accept", keys=[second])) == (1, 1)


def test_every_change_can_be_undone_and_redone(ann: Reviewer) -> None:
    keys = [each["key"] for each in ann.view("mossbert")["suggestions"]]
    shapes = [
        (0, 0),
        *(shape(ann.decide("mossbert", action="accept", keys=[key])) for key in keys),
    ]
    for expected in reversed(shapes[:-1]):
        view = ann.decide("mossbert", action="undo")
        assert shape(view) == expected
    assert not view["can_undo"]
    ann.decide("mossbert", action="undo", status=422)
    for expected in shapes[1:]:
        view = ann.decide("mossbert", action="redo")
        assert shape(view) == expected
    assert not view["can_redo"]
    assert shape(ann.decide("mossbert", action="undo")) == shapes[-2]
    view = ann.decide("mossbert", action="reject", keys=keys[:1])
    assert not view["can_redo"]
    assert shape(ann.decide("mossbert", action="undo")) == shapes[-2]


def test_typing_into_one_field_is_undone_at_once(ann: Reviewer) -> None:
    (key, *_) = [each["key"] for each in ann.view("mossbert")["suggestions"]]
    view = ann.decide("mossbert", action="accept", keys=[key])
    for typed in ("M", "Mo", "Moss"):
        changed = label(view, method=typed)
        view = ann.decide("mossbert", action="put", label=changed, field="method-1")
    assert view["labels"][0]["claim"]["method"] == "Moss"
    view = ann.decide("mossbert", action="undo")
    assert view["labels"][0]["claim"]["method"] == "MossBERT"


def test_a_label_is_checked_like_an_answer(ann: Reviewer) -> None:
    number = {"number": 61, "unit": "%", "qualifier": "up_to", "direction": "decrease"}
    cases = [
        (added("It uses up to 60% more memory"), "quote", True),
        (added(QUOTE, delta=number), "figure", True),
        (added(QUOTE, method=" "), "method", True),
        (added(QUOTE, outcome="reported"), "result", False),
        (added(QUOTE, delta=number | {"number": "sixty"}), "schema", True),
        (added(QUOTE, delta=number | {"number": 60, "direction": None}), "schema", True),
        (added(QUOTE, delta=number | {"number": 60, "unit": "points"}), "unit", False),
        (added(QUOTE, outcome="good"), "schema", True),
    ]
    for typed, check, blocks in cases:
        (answer,) = ann.decide("mossbert", action="put", label=typed)["labels"]
        found = {remark["check"]: remark["blocks"] for remark in answer["remarks"]}
        assert found.get(check) is blocks, (typed, found)
    right = added(QUOTE, metric="memory", delta=number | {"number": 60})
    view = ann.decide("mossbert", action="put", label=right)
    (answer,), text = view["labels"], view["text"]
    assert answer["remarks"] == []
    assert text[slice(*answer["span"])] == QUOTE
    assert text[slice(*answer["places"]["delta"])] == "60%"


def test_a_quote_is_put_where_it_stands_letter_for_letter(ann: Reviewer) -> None:
    typed = added("it in accuracy.  ") | {"span": [0, 5]}
    view = ann.decide("mossbert", action="put", label=typed)
    (saved,) = view["labels"]
    assert view["text"][slice(*saved["span"])] == saved["claim"]["evidence"] == "it in accuracy."


def test_a_figure_is_read_as_it_is_printed(ann: Reviewer) -> None:
    path = ann.root.replace("/joint", "/figure")
    read = ann.client.post(path, json={"text": "about 31.1-39.9%"}).json()
    assert (read["number"], read["high"], read["unit"], read["qualifier"]) == (
        31.1,
        39.9,
        "%",
        "about",
    )
    assert ann.client.post(path, json={"text": "many"}).json() is None


def test_fields_offer_what_the_text_prints(ann: Reviewer) -> None:
    offers = ann.view("tidewise")["offers"]
    assert {"TideWise", "NorthPort-24", "HARMA", "TideLSTM"} <= set(offers["names"])
    assert "mean absolute error" in offers["metrics"]
    printed = {each["printed"]: each for each in offers["figures"]}
    assert (printed["4.1 cm"]["number"], printed["4.1 cm"]["unit"]) == (4.1, "cm")


def test_digits_without_end_keep_no_abstract_from_being_reviewed(store: Path) -> None:
    endless = make_result(id="endless", text=f"FooNet has {'9' * 400} parameters, 3x fewer.")
    write_store(store, [endless])
    pages = Reviewers(store)
    offers = pages.open("ann").view("endless")["offers"]
    pages.close()
    assert [each["printed"] for each in offers["figures"]] == ["3x"]


def test_an_abstract_is_not_done_while_something_is_open_or_wrong(ann: Reviewer) -> None:
    said = ann.decide("mossbert", action="finish", status=422)["error"]
    assert "undecided: 4" in said
    keys = [each["key"] for each in ann.view("mossbert")["suggestions"]]
    ann.decide("mossbert", action="accept", keys=keys)
    view = ann.decide("mossbert", action="put", label=label(ann.view("mossbert"), method=""))
    ann.decide("mossbert", action="finish", status=422)
    ann.decide("mossbert", action="put", label=label(view, method="MossBERT"))
    assert ann.decide("mossbert", action="finish")["finished"]


def test_no_claim_is_a_label_too(ann: Reviewer, reviewers: Reviewers) -> None:
    ann.decide("survey", action="finish")
    ann.decide("quietnet", action="finish", reject_rest=True)
    documents = {document.id: document for document in load_gold(reviewers.gold)}
    assert set(documents) == {"survey", "quietnet"}
    assert [document.claims for document in documents.values()] == [[], []]


def test_the_gold_file_says_who_when_and_how_long(ann: Reviewer, reviewers: Reviewers) -> None:
    for seconds in (10, 20.5, 10_000):
        assert ann.post("mossbert", "time", {"active_s": seconds}).status_code == 204
    ann.finish("mossbert")
    (document,) = load_gold(reviewers.gold)
    labelling = document.labelling
    assert labelling is not None
    assert (labelling.annotators, labelling.suggestions) == (["ann"], "patterns")
    assert labelling.active_s == 10 + 20.5 + 60  # no page counts more than a minute at once
    assert labelling.started <= labelling.finished
    assert check_gold_file(reviewers.gold) == []


def test_a_gold_file_follows_what_is_opened_and_changed_again(
    ann: Reviewer, reviewers: Reviewers
) -> None:
    ann.finish("mossbert")
    ann.finish("tidewise")
    view = ann.decide("mossbert", action="reopen")
    assert [document.id for document in load_gold(reviewers.gold)] == ["tidewise"]
    changed = label(view) | {"status": "optional"}
    ann.decide("mossbert", action="put", label=changed)
    ann.decide("mossbert", action="finish")
    by_id = {document.id: document for document in load_gold(reviewers.gold)}
    assert by_id["mossbert"].claims[0].status == "optional"


def test_two_people_see_each_others_decisions(ann: Reviewer, reviewers: Reviewers) -> None:
    ben = reviewers.open("ben")
    before = ben.get("changes?after=0")["sequence"]
    ann.finish("mossbert")
    changes = ben.get(f"changes?after={before}")
    (change,) = changes["abstracts"]
    assert (change["key"], change["annotator"], change["finished"]) == (
        ann.key("mossbert"),
        "ann",
        True,
    )
    assert ben.view("mossbert")["finished"]
    assert ben.get(f"changes?after={changes['sequence']}")["abstracts"] == []


def test_changes_to_different_claims_get_along(ann: Reviewer, reviewers: Reviewers) -> None:
    ben = reviewers.open("ben")
    keys = [each["key"] for each in ann.view("mossbert")["suggestions"]]
    ann.decide("mossbert", base=0, action="accept", keys=keys[:1])
    view = ben.decide("mossbert", base=0, action="reject", keys=keys[1:2])
    assert shape(view) == (1, 1)


def test_nothing_is_overwritten_silently(ann: Reviewer, reviewers: Reviewers) -> None:
    ben = reviewers.open("ben")
    (key, *_) = [each["key"] for each in ann.view("mossbert")["suggestions"]]
    seen = ben.decide("mossbert", action="accept", keys=[key])
    ann.decide("mossbert", action="put", label=label(seen, method="MossBERT 110M"))
    conflict = ben.decide(
        "mossbert",
        base=seen["version"],
        action="put",
        label=label(seen, method="Moss"),
        status=409,
    )
    assert "ann" in conflict["error"]
    assert conflict["current"]["labels"][0]["claim"]["method"] == "MossBERT 110M"
    assert ann.view("mossbert")["labels"][0]["claim"]["method"] == "MossBERT 110M"
    late = {"base": 0, "decision": {"action": "finish", "reject_rest": True}}
    assert ben.post("mossbert", "decisions", late).status_code == 409
    kept = ben.decide(
        "mossbert",
        base=conflict["current"]["version"],
        action="put",
        label=label(seen, method="Moss"),
    )
    assert kept["labels"][0]["claim"]["method"] == "Moss"


def test_nobody_undoes_what_someone_else_did(ann: Reviewer, reviewers: Reviewers) -> None:
    ben = reviewers.open("ben")
    first, second, *_ = [each["key"] for each in ann.view("mossbert")["suggestions"]]
    ann.decide("mossbert", action="accept", keys=[first])
    assert not ben.view("mossbert")["can_undo"]
    assert "ann" in ben.decide("mossbert", action="undo", status=422)["error"]
    ben.decide("mossbert", action="accept", keys=[second])
    view = ben.decide("mossbert", action="undo")
    assert shape(view) == (1, 0)
    assert not view["can_undo"]


def test_hostile_text_comes_and_goes_unchanged(ann: Reviewer, reviewers: Reviewers) -> None:
    hostile = "<script>alert(1)</script> {{7*7}} \u202egnp '; DROP TABLE decisions; --"
    ann.decide("mossbert", action="put", label=added(QUOTE, method=hostile))
    view = ann.view("mossbert")
    assert view["labels"][0]["claim"]["method"] == hostile
    ann.decide("mossbert", action="finish", reject_rest=True)
    (document,) = load_gold(reviewers.gold)
    assert document.claims[0].method == hostile


def test_a_page_shows_no_text_of_an_abstract_as_markup(ann: Reviewer) -> None:
    page = ann.client.get(ann.root.partition("/api")[0] + "/").text
    assert "mossbert" not in page  # texts come as JSON, and never through a template
    answer = ann.client.get(f"{ann.root}/abstracts/{ann.key('mossbert')}")
    assert answer.headers["content-type"] == "application/json"


def test_a_full_disk_loses_no_decision(ann: Reviewer, reviewers: Reviewers, tmp_path: Path) -> None:
    ann.decide("survey", action="finish")
    reviewers.gold.unlink()
    reviewers.gold.mkdir()  # nothing can be put in its place
    answer = ann.post(
        "quietnet",
        "decisions",
        {"base": 0, "decision": {"action": "finish", "reject_rest": True}},
    )
    assert answer.status_code == 507
    assert "safe" in answer.json()["error"]
    reviewers.gold.rmdir()
    reviewers.open("ann")
    written = [json.loads(line)["id"] for line in reviewers.gold.read_text().splitlines()]
    assert sorted(written) == ["quietnet", "survey"]


def test_a_kill_right_after_the_gold_file_was_replaced_costs_nothing(
    ann: Reviewer, reviewers: Reviewers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.finish("survey")
    replace = Path.replace

    def replace_and_die(path: Path, target: Path) -> Path:
        replace(path, target)
        raise RuntimeError("killed")

    decision = {"base": 0, "decision": {"action": "finish", "reject_rest": True}}
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace_and_die)
        assert ann.post("mossbert", "decisions", decision).status_code == 500
    assert len(load_gold(reviewers.gold)) == 2
    again = reviewers.open("ann")
    assert [row["id"] for row in again.listed if row["finished"]] == ["mossbert", "survey"]


def test_a_private_gold_file_stays_private(ann: Reviewer, reviewers: Reviewers) -> None:
    ann.finish("survey")
    reviewers.gold.chmod(0o600)
    ann.finish("mossbert")
    assert len(load_gold(reviewers.gold)) == 2
    assert reviewers.gold.stat().st_mode & 0o777 == 0o600
