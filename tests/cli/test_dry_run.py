import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, claim_first_words, read_text, write_papers
from tests.cli.test_run import KEY, read_lines
from tests.model_server import Body, ModelServer, Reply, completion, error


@pytest.fixture
def estimate(command: Command, model: list[str], server: ModelServer) -> Any:
    """Estimates a run; no request may come of it."""

    def start(*arguments: object) -> dict[str, Any]:
        before = len(server.requests)
        ran = command("run", *arguments, "--dry-run", "--json", *model)
        assert (ran.code, ran.err) == (0, "")
        assert len(server.requests) == before
        return dict(json.loads(ran.out))

    return start


def test_without_history_tokens_are_assumed_and_nothing_is_asked_or_written(
    command: Command, estimate: Any, model: list[str], papers: Path, tmp_path: Path
) -> None:
    output = tmp_path / "claims.db"
    found = estimate(papers, "-o", output)
    assert (found["read"], found["to_ask"], found["requests"]) == (3, 3, 3)
    assert (found["chars_per_token"], found["measured_answers"]) == (4.0, 0)
    assert found["tokens_out"] == 3 * 400
    assert 0 < found["tokens_prefix"] < found["tokens_in"]
    assert found["cost_usd"] is None
    ran = command("run", papers, "-o", output, "--dry-run", *model)
    assert "3 read: 3 to be asked" in ran.out
    assert "unknown: the price tables do not know this model or server" in ran.out
    assert "Assumed, since no earlier answer was found: 4.00 characters a token" in ran.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["papers.jsonl"]


def test_a_dry_run_needs_no_key_and_knows_list_prices(command: Command, papers: Path) -> None:
    for options in ([], ["--model", "openai/gpt-5-mini"]):
        ran = command("run", papers, "--dry-run", "--json", *options)
        found = json.loads(ran.out)
        assert found["model"] == "openai/gpt-5-mini"
        assert 0 < found["cost_cached_usd"] < found["cost_usd"] < 1
    text = command("run", papers, "--dry-run").out
    assert "Dry run with openai/gpt-5-mini, prompt v1@" in text
    assert "with the prefix from the provider's cache" in text


@pytest.mark.parametrize("name", ["claims.db", "claims.jsonl"])
def test_what_is_done_is_not_asked_and_its_usage_is_the_measure(
    command: Command, estimate: Any, model: list[str], papers: Path, name: str
) -> None:
    output = papers.with_name(name)
    command("run", papers, "-o", output, "--no-cache", *model)
    more = write_papers(papers, 5)
    before = output.read_bytes()
    found = estimate(more, "-o", output)
    assert (found["present"], found["answered"], found["to_ask"]) == (3, 0, 2)
    assert found["measured_answers"] == 3
    # The server counts 1,000 tokens in and 100 out for each, and these are as long.
    assert (found["tokens_in"], found["tokens_out"]) == (2000, 200)
    assert output.read_bytes() == before
    ran = command("run", more, "-o", output, "--dry-run", *model)
    assert f"3 in {output} already, 2 to be asked" in ran.out
    assert "Measured on 3 earlier answers: " in ran.out
    # Another model has no history.
    other = command("run", more, "-o", output, "--dry-run", *model[:2], "--model", "n")
    assert "5 to be asked" in other.out
    assert "Assumed" in other.out


def test_what_the_cache_answers_is_not_asked_and_measured_too(
    command: Command, estimate: Any, model: list[str], papers: Path
) -> None:
    command("run", papers, "-o", papers.with_name("claims.db"), *model)
    found = estimate(write_papers(papers, 5), "-o", papers.with_name("other.jsonl"))
    assert (found["present"], found["answered"], found["to_ask"]) == (0, 3, 2)
    assert (found["measured_answers"], found["tokens_in"]) == (3, 2000)
    assert estimate(papers, "--refresh")["to_ask"] == 5
    assert estimate(papers, "--no-cache")["to_ask"] == 5


def test_the_estimate_is_what_the_run_then_asks(
    command: Command, estimate: Any, model: list[str], server: ModelServer, papers: Path
) -> None:
    answer = claim_first_words()
    server.script = lambda body: error(500) if "FooNet 1" in read_text(body) else answer(body)
    output = papers.with_name("claims.jsonl")
    command("run", papers, "-o", output, "--max-attempts", 1, *model)
    same = {"title": "Paper", "text": "FooNet 9 wins. It is fast."}
    twice = papers.read_text() + json.dumps({"id": "p9", **same}) + "\n"
    papers.write_text(twice + twice + json.dumps({"id": "p8", **same}))
    found = estimate(papers, "-o", output, "--concurrency", 8)
    assert {name: found[name] for name in ("read", "duplicates", "present", "to_ask")} == {
        "read": 9,
        "duplicates": 4,
        "present": 2,
        "to_ask": 3,
    }
    assert (found["shared"], found["requests"]) == (1, 2)
    assert [line["status"] for line in read_lines(output)].count("failed") == 1
    server.script = claim_first_words()
    before = len(server.requests)
    command("run", papers, "-o", output, *model)
    assert len(server.requests) == before + found["requests"]


def test_reasks_are_expected_as_often_as_before(
    command: Command, estimate: Any, model: list[str], server: ModelServer, papers: Path
) -> None:
    answer = claim_first_words()

    def script(body: Body) -> Reply:
        return answer(body) if len(body["messages"]) > 2 else completion("what claims?")

    server.script = script
    output = papers.with_name("claims.db")
    command("run", papers, "-o", output, *model)
    assert len(server.requests) == 6
    found = estimate(write_papers(papers, 5), "-o", papers.with_name("other.db"))
    assert (found["answered"], found["to_ask"], found["requests"]) == (3, 2, 4)
    ran = command("run", papers, "--dry-run", *model)
    assert "requests    about 4" in ran.out
    assert "1.00 re-asks an abstract" in ran.out


def test_screened_and_unreadable_entries_are_counted(
    command: Command, estimate: Any, model: list[str], tmp_path: Path
) -> None:
    papers = tmp_path / "papers.jsonl"
    papers.write_text('{"id": "a", "text": "We discuss what a bar is."}\n{"id": \n')
    output = tmp_path / "claims.db"
    found = estimate(papers, "-o", output, "--screen")
    assert (found["screened"], found["unreadable"], found["to_ask"]) == (1, 1, 0)
    assert found["cost_usd"] == 0
    command("run", papers, "-o", output, "--screen", *model)
    assert estimate(papers, "-o", output, "--screen")["present"] == 1
    assert estimate(papers, "-o", output)["to_ask"] == 1


def test_rules_cost_nothing(command: Command, papers: Path) -> None:
    ran = command("run", papers, "--dry-run", "--model", "patterns")
    assert ran.code == 0
    assert "3 read: 3 by rules, 0 to be asked" in ran.out
    assert "cost        $0" in ran.out


def test_a_key_is_not_shown_and_not_sent(
    estimate: Any, server: ModelServer, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert KEY not in json.dumps(estimate(papers))
    assert server.headers == []


@pytest.mark.parametrize(
    ("option", "value", "refusal"),
    [
        ("--output", "claims.xlsx", (2, "claims.xlsx' is to be: use a file that ends in .db")),
        ("--output", "papers.jsonl", (1, "papers.jsonl:1 is no result of this program")),
        ("--max-cost", "1", (2, "the price of m is not known")),
    ],
)
def test_what_a_run_would_refuse_a_dry_run_refuses(
    command: Command, papers: Path, option: str, value: str, refusal: tuple[int, str]
) -> None:
    chosen = papers.with_name(value) if option == "--output" else value
    address = ["--base-url", "http://127.0.0.1:9/v1", "--model", "m"]
    ran = command("run", papers, "--dry-run", option, chosen, *address)
    assert ran.code == refusal[0]
    assert refusal[1] in ran.err
