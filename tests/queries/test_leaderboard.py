from pathlib import Path
from typing import Any

import pytest

from extractor.queries import Board, rank_methods
from tests.queries.saying import figure, keep, say


def score(method: str, number: float, unit: str | None = "%", **more: Any) -> dict[str, Any]:
    qualifier = more.pop("qualifier", "exact")
    value = figure(number, unit, qualifier=qualifier, high=more.pop("high", None))
    fields = {"method": method, "datasets": ["GSM8K"], "metric": "accuracy", "value": value}
    return fields | {"evidence": f"{method} has {number:g}"} | more


def ranking(board: Board) -> list[tuple[int, str, float]]:
    return [(entry.rank, entry.method, entry.comparable) for entry in board.entries]


@pytest.fixture(params=["claims.db", "claims.jsonl"])
def target(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    return str(tmp_path / request.param)


def test_methods_are_ranked_by_their_own_values(target: str) -> None:
    keep(
        target,
        say("a", score("FooNet", 80), score("Other", 99, datasets=["MATH"])),
        say("b", score("BarNet", 91.5, baselines=["FooNet"], baseline_value=figure(83))),
        say("c", score("BazNet", 0.8, None), {"method": "QuxNet", "datasets": ["GSM8K"]}),
    )
    (board,) = rank_methods(target, "GSM8K").boards
    assert ranking(board) == [(1, "BarNet", 91.5), (2, "FooNet", 80), (2, "BazNet", 80)]
    assert (board.metric, board.unit, board.better) == ("accuracy", "%", "higher")
    best = board.entries[0]
    assert (best.id, best.title, best.quote) == ("b", "On b", "BarNet has 91.5")
    assert board.entries[2].value.number == 0.8


def test_spellings_are_joined_and_kept(target: str) -> None:
    keep(
        target,
        say("a", score("FooNet", 80, datasets=["Grade School Math 8K"])),
        say("b", score("BarNet", 70, datasets=["the gsm8k benchmark"], metric="Accuracies")),
    )
    (board,) = rank_methods(target, "GSM-8k").boards
    assert [entry.datasets for entry in board.entries] == [
        ["Grade School Math 8K"],
        ["the gsm8k benchmark"],
    ]
    assert board.dataset_names == ["Grade School Math 8K", "the gsm8k benchmark"]
    assert board.metric_names == ["Accuracies", "accuracy"]


def test_look_alikes_are_never_joined(target: str) -> None:
    keep(
        target,
        say("a", score("FooNet", 95, datasets=["CIFAR-10"])),
        say("b", score("BarNet", 75, datasets=["CIFAR-100"])),
        say("c", score("BazNet", 85, datasets=["CIFAR-10"], metric="top-5 accuracy")),
        say("d", score("QuxNet", 65, datasets=["CIFAR-10"], metric="top-1 accuracy")),
    )
    found = rank_methods(target, "CIFAR-10").boards
    assert sorted(ranking(board)[0][1] for board in found) == ["BazNet", "FooNet", "QuxNet"]
    assert [ranking(board) for board in rank_methods(target, "CIFAR 100").boards] == [
        [(1, "BarNet", 75)]
    ]


def test_units_that_do_not_compare_stand_apart(target: str) -> None:
    keep(
        target,
        say("a", score("FooNet", 80), score("FooNet", 0.4, None, metric="perplexity")),
        say("b", score("BarNet", 88.5, None), score("BarNet", 40, metric="perplexity")),
        say("c", score("BazNet", 90, "ms", metric="latency")),
        say("d", score("QuxNet", 0.1, "s", metric="latency")),
    )
    boards = rank_methods(target, "GSM8K").boards
    assert {(board.metric, board.unit): ranking(board) for board in boards} == {
        ("latency", "s"): [(1, "BazNet", 0.09), (2, "QuxNet", 0.1)],
        ("accuracy", "%"): [(1, "FooNet", 80)],
        ("accuracy", ""): [(1, "BarNet", 88.5)],
        ("perplexity", ""): [(1, "FooNet", 0.4)],
        ("perplexity", "%"): [(1, "BarNet", 40)],
    }


def test_the_direction_is_known_stated_or_given(target: str) -> None:
    keep(
        target,
        say("a", score("FooNet", 3, metric="depth"), score("FooNet", 3, metric="error")),
        say("b", score("BarNet", 4, metric="depth"), score("BarNet", 4, metric="error")),
    )
    first = {b.metric: b for b in rank_methods(target, "GSM8K").boards}
    assert (first["error"].better, first["error"].better_from) == ("lower", "metric")
    assert (first["depth"].better, first["depth"].better_from) == ("higher", "unknown")
    assert [entry.method for entry in first["error"].entries] == ["FooNet", "BarNet"]
    assert [entry.method for entry in first["depth"].entries] == ["BarNet", "FooNet"]
    for board in rank_methods(target, "GSM8K", better="lower").boards:
        assert (board.better_from, board.entries[0].method) == ("option", "FooNet")


def test_what_an_abstract_says_twice_counts_once(target: str) -> None:
    keep(
        target,
        say(
            "a",
            score("FooNet", 80, baselines=["BarNet"]),
            score("FooNet model", 80, baselines=["BazNet"]),
            score("FooNet", 80, qualifier="at_least"),
            score("FooNet", 81),
        ),
        say("b", score("FooNet", 80)),
    )
    (board,) = rank_methods(target, "GSM8K").boards
    assert [(entry.rank, entry.id, entry.value.qualifier) for entry in board.entries] == [
        (1, "a", "exact"),
        (2, "a", "exact"),
        (2, "a", "at_least"),
        (2, "b", "exact"),
    ]


def test_versions_of_a_paper_count_once(target: str) -> None:
    first, second, other = (say(paper, score("FooNet", 80)) for paper in ("av1", "av2", "b"))
    titled = second.abstract.model_copy(update={"title": first.abstract.title.upper()})
    keep(target, first, second.model_copy(update={"abstract": titled}), other)
    (board,) = rank_methods(target, "GSM8K").boards
    assert [entry.id for entry in board.entries] == ["av1", "b"]


def test_more_spellings_than_a_statement_takes(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extractor.queries.claims._NAMES", 2)
    spellings = ["GSM8K", "gsm8k", "GSM-8K", "GSM 8k", "the GSM8K"]
    papers = [
        say(f"p{number}", score(f"Net{number}", number, datasets=[name, spellings[0]]))
        for number, name in enumerate(spellings)
    ]
    keep(target, *papers)
    (board,) = rank_methods(target, "GSM8K").boards
    assert sorted(entry.id for entry in board.entries) == ["p0", "p1", "p2", "p3", "p4"]
    assert board.dataset_names == sorted(spellings)


def test_only_the_newest_extraction_speaks(target: str) -> None:
    keep(
        target,
        say("a", score("FooNet", 80), created="2026-01-01T00:00:00+00:00"),
        say("a", score("FooNet", 81), created="2026-01-02T00:00:00+00:00", model="newer"),
    )
    (board,) = rank_methods(target, "GSM8K").boards
    assert ranking(board) == [(1, "FooNet", 81)]


def test_a_range_counts_by_its_less_good_end(target: str) -> None:
    keep(target, say("a", score("FooNet", 70, high=90)), say("b", score("BarNet", 75)))
    (board,) = rank_methods(target, "GSM8K").boards
    assert ranking(board) == [(1, "BarNet", 75), (2, "FooNet", 70)]
    (turned,) = rank_methods(target, "GSM8K", better="lower").boards
    assert ranking(turned) == [(1, "BarNet", 75), (2, "FooNet", 90)]


def test_a_range_may_end_at_zero(target: str) -> None:
    keep(target, say("a", score("FooNet", -5, high=0)), say("b", score("BarNet", -1)))
    (board,) = rank_methods(target, "GSM8K", better="lower").boards
    assert ranking(board) == [(1, "BarNet", -1), (2, "FooNet", 0)]


def test_metric_and_task_narrow_the_boards(target: str) -> None:
    keep(
        target,
        say("a", score("FooNet", 80, task="Maths Tutoring"), score("FooNet", 3, metric="error")),
        say("b", score("BarNet", 70, task="sorting"), score("BarNet", 4, metric=None)),
    )
    (board,) = rank_methods(target, "GSM8K", metric="Accuracy").boards
    assert [entry.method for entry in board.entries] == ["FooNet", "BarNet"]
    (board,) = rank_methods(target, "GSM8K", task="maths").boards
    assert [entry.method for entry in board.entries] == ["FooNet"]
    absent = rank_methods(target, "GSM8K", metric="FID")
    assert (absent.boards, absent.other_metrics) == ([], ["accuracy", "error"])


def test_what_is_near_is_named_where_nothing_is_found(target: str) -> None:
    keep(target, say("a", score("FooNet", 80, datasets=["GSM8K hard split", "MATH"])))
    found = rank_methods(target, "GSM8K")
    assert (found.boards, found.near) == ([], ["GSM8K hard split"])


def test_postgresql_answers_as_sqlite_does(postgres_url: str, tmp_path: Path) -> None:
    results = [
        say("b", score("BarNet", 70), score("Bäz'; --", 71, qualifier="at_least")),
        say("a", score("FooNet", 80), score("FooNet", 2, metric="error")),
    ]
    here = keep(str(tmp_path / "claims.db"), *results)
    assert rank_methods(keep(postgres_url, *results), "gsm8k") == rank_methods(here, "gsm8k")
