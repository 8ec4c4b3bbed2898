from pathlib import Path
from typing import Any

import pytest

from extractor.errors import ConfigError
from extractor.queries import compare_methods
from tests.queries.saying import figure, keep, say


def duel(method: str, *baselines: str, outcome: str = "better", **more: Any) -> dict[str, Any]:
    fields = {"method": method, "baselines": list(baselines), "outcome": outcome}
    return fields | {"evidence": f"{method} against {baselines}: {outcome}"} | more


@pytest.fixture
def target(tmp_path: Path) -> str:
    return str(tmp_path / "claims.db")


@pytest.mark.parametrize(
    ("outcome", "as_method", "as_baseline"),
    [
        ("better", "first", "second"),
        ("worse", "second", "first"),
        ("similar", "similar", "similar"),
        ("mixed", "mixed", "mixed"),
        ("reported", "reported", "reported"),
    ],
)
def test_the_outcome_of_the_claim_says_who_is_better(
    target: str, outcome: str, as_method: str, as_baseline: str
) -> None:
    # Lower is better here, so the figures alone would mislead.
    figures = {"metric": "error", "value": figure(3), "baseline_value": figure(5)}
    keep(target, say("a", duel("FooNet", "BarNet", outcome=outcome, **figures)))
    (seen,) = compare_methods(target, "FooNet", "BarNet").comparisons
    assert (seen.verdict, seen.about, seen.names) == (as_method, "first", ("FooNet", "BarNet"))
    assert [value and value.number for value in seen.values] == [3, 5]
    (turned,) = compare_methods(target, "BarNet", "FooNet").comparisons
    assert (turned.verdict, turned.about) == (as_baseline, "second")
    assert turned.names == ("BarNet", "FooNet")
    assert [value and value.number for value in turned.values] == [5, 3]


def test_the_difference_stays_as_it_is_printed(target: str) -> None:
    delta = figure(2.5, "points", qualifier="at_least", direction="increase")
    keep(target, say("a", duel("FooNet", "BarNet", "BazNet", delta=delta, datasets=["MMLU"])))
    (seen,) = compare_methods(target, "barnet", "foonet").comparisons
    assert seen.difference is not None
    assert seen.difference.model_dump() == delta | {"high": None}
    assert (seen.about, seen.baselines, seen.datasets) == ("second", ["BarNet", "BazNet"], ["MMLU"])
    assert (seen.id, seen.title, seen.quote.split()[0]) == ("a", "On a", "FooNet")


def test_names_are_joined_but_not_look_alikes(target: str) -> None:
    keep(
        target,
        say("a", duel("the FooNet model", "Llama-3")),
        say("b", duel("FooNet", "Llama 2")),
        say("c", duel("LLaMA3", "FooNet")),
        say("d", duel("FooNet", "Llama 3.1")),
        say("e", duel("FooNet+", "Llama 3")),
    )
    found = compare_methods(target, "FooNet", "Llama 3")
    assert [(seen.id, seen.names) for seen in found.comparisons] == [
        ("a", ("the FooNet model", "Llama-3")),
        ("c", ("FooNet", "LLaMA3")),
    ]
    assert found.names == (["FooNet", "the FooNet model"], ["LLaMA3", "Llama 3", "Llama-3"])
    assert found.tally == {"first": 1, "second": 1}


def test_contradictions_are_opposite_words_on_one_thing(target: str) -> None:
    on = {"datasets": ["MMLU"], "metric": "accuracy"}
    keep(
        target,
        say("a", duel("FooNet", "BarNet", **on), duel("FooNet", "BarNet", metric="accuracy")),
        say("b", duel("BarNet", "FooNet", **on | {"datasets": ["ARC", "MMLU benchmark"]})),
        say("c", duel("BarNet", "FooNet", **on | {"metric": "latency"})),
        say("d", duel("FooNet", "BarNet", outcome="similar", **on)),
    )
    (found,) = compare_methods(target, "FooNet", "BarNet").contradictions
    assert (found.dataset, found.metric) == ("MMLU", "accuracy")
    assert [seen.id for seen in found.first] == ["a"]
    assert [seen.id for seen in found.second] == ["b"]


def test_one_paper_does_not_contradict_itself(target: str) -> None:
    on = {"datasets": ["MMLU"], "metric": "accuracy"}
    keep(target, say("a", duel("FooNet", "BarNet", **on), duel("BarNet", "FooNet", **on)))
    found = compare_methods(target, "FooNet", "BarNet")
    assert len(found.comparisons) == 2
    assert found.contradictions == []


def test_two_names_of_one_method_are_refused(target: str) -> None:
    keep(target, say("a", duel("FooNet", "BarNet")))
    with pytest.raises(ConfigError, match="two names of one method"):
        compare_methods(target, "FooNet", "the FooNet")


def test_a_name_that_is_not_there_gives_those_near_it(target: str) -> None:
    keep(target, say("a", duel("FooNet 8B chat", "BarNet")))
    found = compare_methods(target, "FooNet 8B", "BarNet")
    assert (found.comparisons, found.near) == ([], (["FooNet 8B chat"], []))


def test_every_kind_of_store_answers_alike(postgres_url: str, tmp_path: Path) -> None:
    on = {"datasets": ["MMLU"], "metric": "accuracy"}
    results = [
        say("a", duel("FooNet", "BarNet", **on)),
        say("b", duel("BarNet", "FooNet", "'; DROP TABLE claims; --", **on)),
    ]
    answers = [
        compare_methods(keep(stored, *results), "FooNet", "BarNet")
        for stored in (str(tmp_path / "c.db"), str(tmp_path / "c.jsonl"), postgres_url)
    ]
    assert len(answers[0].contradictions) == 1
    assert answers[0] == answers[1] == answers[2]
