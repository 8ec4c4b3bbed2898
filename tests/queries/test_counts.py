from pathlib import Path

import pytest

from extractor.errors import StoreError
from extractor.queries import count_store
from extractor.stores import open_store
from tests.queries.saying import figure, keep, say
from tests.stores.databases import query
from tests.stores.making import RUN, make_checked, make_result

WARNING = {"check": "delta", "severity": "warning", "message": "does not follow"}
PAID = {"attempts": 2, "tokens_in": 100, "tokens_out": 10, "tokens_cached": 50, "cost_usd": 0.25}
RESULTS = [
    say(
        "a",
        {"method": "FooNet", "datasets": ["GSM8K", "MATH"], "value": figure(1)},
        {"method": "FooNet", "baselines": ["BarNet"], "outcome": "better", "problems": [WARNING]},
        **PAID,
    ),
    say("b", {"method": "the FooNet", "datasets": ["GSM8k"], "metric": None}, **PAID),
    say("b", {"method": "older"}, created="2025-01-01T00:00:00+00:00", model="old", run_id="run-0"),
    make_result(id="c", claims=[], cache_hit=True),
    make_result(id="d", failed="the model refused", rejected={"method": "x"}),
    make_result(id="e", failed="the model refused", model="old"),
    make_result(id="e", claims=[make_checked(claim_id="e" * 16)]),
]


@pytest.fixture(params=["claims.db", "claims.jsonl", "postgresql"])
def target(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        return keep(request.getfixturevalue("postgres_url"), *RESULTS)
    return keep(str(tmp_path / request.param), *RESULTS)


@pytest.mark.parametrize("column", ["extractions.rejected", "claims.problems"])
def test_json_that_was_broken_by_hand_is_told(tmp_path: Path, column: str) -> None:
    target = keep(str(tmp_path / "claims.db"), *RESULTS)
    table, _, name = column.partition(".")
    query(target, f"UPDATE {table} SET {name} = '[{{'")
    with pytest.raises(StoreError, match="see extractor store check"):
        count_store(target)


def test_abstracts_count_once_and_by_their_best(target: str) -> None:
    counts = count_store(target)
    assert counts.abstracts == 5
    assert counts.states == {"claims": 3, "no_claims": 1, "failed": 1}
    assert (counts.extractions, counts.runs) == (7, 2)
    assert (counts.first, counts.last) == ("2025-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00")
    assert counts.reasons == {"the model refused": 2}


def test_models_are_counted_with_what_they_took(target: str) -> None:
    newest, old = count_store(target).models
    assert (newest.model, newest.extractions, newest.failed, newest.cached) == ("m", 5, 1, 1)
    assert (newest.attempts, newest.tokens_in, newest.tokens_out) == (4, 200, 20)
    assert (newest.tokens_cached, newest.cost_usd, newest.without_cost) == (100, 0.5, 3)
    assert (old.model, old.extractions, old.failed, old.cost_usd) == ("old", 2, 1, None)


def test_claims_are_those_of_the_newest_extractions(target: str) -> None:
    claims = count_store(target).claims
    assert (claims.total, claims.most_per_abstract) == (4, 2)
    assert claims.per_abstract == pytest.approx(4 / 3)
    assert (claims.with_figure, claims.with_value, claims.with_baseline_value) == (2, 2, 1)
    assert (claims.with_delta, claims.with_dataset, claims.with_baseline) == (0, 3, 2)
    assert claims.outcomes == {"better": 2, "reported": 2}


def test_spellings_of_a_name_count_together(target: str) -> None:
    counts = count_store(target)
    assert [(name.name, name.claims) for name in counts.methods] == [("FooNet", 4)]
    assert counts.methods[0].spellings == ["FooNet", "the FooNet"]
    assert [(name.name, name.claims) for name in counts.datasets] == [
        ("GSM8K", 2),
        ("BarBench", 1),
        ("MATH", 1),
    ]
    assert [name.name for name in count_store(target, most=1).datasets] == ["GSM8K"]


def test_problems_are_counted_by_check(target: str) -> None:
    problems = {problem.check: problem for problem in count_store(target).problems}
    assert (problems["delta"].kept, problems["delta"].rejected) == (1, 0)
    assert (problems["quote"].kept, problems["quote"].rejected) == (0, 1)


def test_a_folder_of_files_is_one_store(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for number, result in enumerate(RESULTS):
        keep(str(tmp_path / "parts" / f"part-{number}.jsonl"), result)
    whole = keep(str(tmp_path / "claims.db"), *RESULTS)
    assert count_store(str(tmp_path / "parts")) == count_store(whole)


def test_an_empty_run_has_nothing_to_count(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "claims.db"), stdout=None)  # type: ignore[arg-type]
    store.record_run(RUN)
    store.close()
    counts = count_store(str(tmp_path / "claims.db"))
    assert (counts.abstracts, counts.states, counts.models) == (0, {}, [])
    assert (counts.claims.total, counts.claims.per_abstract) == (0, None)
