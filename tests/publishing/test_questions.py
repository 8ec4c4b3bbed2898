"""The SQL of docs/sql.md, asked of a store of bundled texts on every database."""

import re
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import extractor
from extractor.documents import Abstract
from extractor.evaluation import load_gold
from extractor.publishing.questions import list_questions
from extractor.queries import compare_methods, count_store, rank_methods
from extractor.results import Result
from extractor.stores.connections import Database
from tests.queries.saying import figure, keep, say
from tests.readme import ROOT, SQL, render_questions
from tests.stores.making import make_result

TEXT = SQL.read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"## ([^\n]+)\n\n```sql\n(.+?)```", TEXT.partition("<!-- end")[0], re.S))
TITLES = {question.name: question.title for question in list_questions()}

SCORE = {"datasets": ["GSM8K"], "metric": "accuracy"}
PHI = {"method": "phi-3", "baselines": ["phi-3-mini", "other"], "outcome": "better"}
SAYINGS = [
    say(
        "a",
        SCORE | {"method": "FooNet", "value": figure(80)},
        SCORE | PHI | {"value": figure(90, qualifier="about")},
    ),
    say("b", SCORE | {"method": "BarNet", "value": figure(85), "evidence": "it's 85%; 'so'"}),
    say("c", SCORE | {"method": "phi-3-mini", "baselines": ["phi-3"], "outcome": "better"}),
    say("d", {"method": "FooNet"}, model="openai/gpt-5-mini"),
    say("d", {"method": "FooNet"}, {"method": "BarNet"}, model="patterns", cost_usd=0.5),
    make_result(id="e", failed="the model refused"),
]


@pytest.fixture(scope="module")
def results() -> list[Result]:
    labelled = load_gold(ROOT / "evals" / "gold" / "restated.jsonl")
    abstracts = [Abstract(id=each.id, title=each.title, text=each.text or "") for each in labelled]
    return [*extractor.extract_many(abstracts, model="patterns", cache=None), *SAYINGS]


def ask(target: str, sql: str) -> list[dict[str, Any]]:
    with (
        closing(Database(target, "read")) as database,
        database.transact(writes=False) as connection,
    ):
        return [dict(row) for row in connection.execute(text(sql)).mappings()]


def test_the_page_shows_the_questions_that_come_with_the_program() -> None:
    assert render_questions(TEXT) == TEXT, "run `make readme`"
    assert BLOCKS.keys() == set(TITLES.values())


def test_every_question_has_the_same_answer_on_every_database(
    tmp_path: Path, postgres_url: str, results: list[Result]
) -> None:
    here, there = keep(str(tmp_path / "c.db"), *results), keep(postgres_url, *results)
    for title, sql in BLOCKS.items():
        rows = [sorted(map(repr, ask(target, sql))) for target in (here, there)]
        assert rows[0] == rows[1], title
        assert rows[0], title


def test_the_commands_answer_as_the_questions_do(database: str, results: list[Result]) -> None:
    answers = {name: ask(keep(database, *results), BLOCKS[title]) for name, title in TITLES.items()}

    (board,) = rank_methods(database, "GSM8K", metric="accuracy").boards
    asked = [
        (row["method"], row["value_number"], row["evidence"]) for row in answers["leaderboard"]
    ]
    assert asked == [(entry.method, entry.value.number, entry.quote) for entry in board.entries]

    rivalry = compare_methods(database, "phi-3", "phi-3-mini")
    assert {row["claim_id"] for row in answers["rivals"]} == {
        seen.claim_id for seen in rivalry.comparisons
    }
    (contradiction,) = rivalry.contradictions
    (row,) = answers["contradictions"]
    assert (row["dataset"], row["metric"]) == (contradiction.dataset, contradiction.metric)
    assert {row["id"], row["other_id"]} == {
        seen.id for seen in contradiction.first + contradiction.second
    }

    counts = count_store(database)
    assert {row["outcome"]: row["claims"] for row in answers["outcomes"]} == counts.claims.outcomes
    assert sum(row["with_figure"] for row in answers["outcomes"]) == counts.claims.with_figure
    assert {row["model"]: row["extractions"] for row in answers["models"]} == {
        model.model: model.extractions for model in counts.models
    }
    failed = Counter({row["reason"]: row["abstracts"] for row in answers["failures"]})
    assert failed.total() == counts.states["failed"]
