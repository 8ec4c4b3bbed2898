import json
import logging
import os
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from extractor.pipeline import Pipeline
from tests.cli.conftest import Command, claim_first_words, read_text, write_papers
from tests.model_server import Body, ModelServer, Reply, completion, error, in_turn

KEY = "sk-very-secret-0123456789abcdef"


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def count_rows(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.parametrize("name", ["claims.db", "claims.jsonl"])
def test_a_run_fills_the_output_and_a_second_one_has_nothing_to_do(
    command: Command, model: list[str], server: ModelServer, papers: Path, name: str
) -> None:
    output = papers.with_name(name)
    first = command("run", papers, "-o", output, *model)
    assert first.code == 0
    assert first.out == ""
    assert "3 abstracts: 3 with claims, 0 without, 0 failed · 3 claims" in first.err
    assert "3,000 tokens in (1,800 cached), 300 out" in first.err
    before = output.read_bytes()
    second = command("run", papers, "-o", output, *model)
    assert (second.code, second.out) == (0, "")
    assert second.err == f"Nothing to do: {output} has all of it already (3 abstracts).\n"
    assert len(server.requests) == 3
    assert len(output.read_bytes()) == len(before)


def test_a_run_over_the_corpus_with_patterns_puts_each_abstract_in_one_state(
    command: Command, corpus: Path, tmp_path: Path
) -> None:
    database, lines = tmp_path / "claims.db", tmp_path / "claims.jsonl"
    sources = [*sorted(corpus.glob("*.txt")), "--model", "patterns"]
    first = command("run", *sources, "-o", database)
    assert first.code == 0
    assert "381 abstracts: " in first.err
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM abstracts").fetchone() == (381,)
        states = dict(
            connection.execute("SELECT status, count(*) FROM extractions GROUP BY status")
        )
        spans = connection.execute(
            "SELECT substr(text, span_start + 1, span_end - span_start), evidence "
            "FROM claims JOIN extractions USING (extraction_id) JOIN abstracts USING (abstract_key)"
        ).fetchall()
    assert sum(states.values()) == 381
    assert "failed" not in states
    assert len(spans) > 381
    assert all(passage == evidence for passage, evidence in spans)
    second = command("run", *sources, "-o", database)
    assert "Nothing to do" in second.err
    assert command("run", *sources, "-o", lines).code == 0
    assert len({record["id"] for record in read_lines(lines)}) == 381


def test_without_an_output_a_table_is_printed(
    command: Command, model: list[str], papers: Path
) -> None:
    ran = command("run", papers, *model)
    assert ran.code == 0
    assert ran.out.count("FooNet") == 3
    assert ran.out.index("Paper") < ran.out.index("method") < ran.out.index("BarBench")
    assert "3 abstracts: 3 with claims" in ran.err


def test_standard_input_is_read_and_standard_output_written(
    command: Command, model: list[str], papers: Path
) -> None:
    ran = command("run", "-", "-o", "-", *model, stdin=papers.read_text())
    assert ran.code == 0
    records = [json.loads(line) for line in ran.out.splitlines()]
    assert sorted(record["id"] for record in records) == ["p0", "p1", "p2"]
    assert "3 abstracts" in ran.err


def test_one_plain_text_on_standard_input_is_one_abstract(
    command: Command, model: list[str]
) -> None:
    ran = command("run", "-", *model, stdin="FooNet wins. It is fast, and it is small.\n")
    assert ran.code == 0
    assert "1 abstract: 1 with claims, 0 without, 0 failed · 1 claim ·" in ran.err


def test_a_pipe_is_read_once(command: Command, model: list[str], papers: Path) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as file:
        file.write(papers.read_bytes())
    ran = command("run", f"/dev/fd/{reader}", "-o", "-", *model)
    os.close(reader)
    assert len(ran.out.splitlines()) == 3
    assert "Traceback" not in ran.err


def test_columns_are_mapped_and_a_format_can_be_given(
    command: Command, model: list[str], tmp_path: Path
) -> None:
    table = tmp_path / "papers.data"
    table.write_text("key,summary\nk1,FooNet wins. It is fast.\n")
    ran = command(
        "run", table, "--format", "csv", "--map", "text=summary", "--map", "id=key", *model,
        "-o", "-",
    )  # fmt: skip
    assert json.loads(ran.out)["id"] == "k1"


def test_quiet_prints_nothing_and_json_prints_the_summary(
    command: Command, model: list[str], papers: Path, tmp_path: Path
) -> None:
    quiet = command("run", papers, "-o", tmp_path / "a.db", "--quiet", *model)
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    ran = command("run", papers, "-o", tmp_path / "b.db", "--json", *model)
    summary = json.loads(ran.err)
    assert ran.out == ""
    assert (summary["claims"], summary["failed"], summary["accepted"]) == (3, 0, 3)
    # The answers were paid for by the first run.
    assert (summary["requests"], summary["cost_usd"]) == (0, 0.0)


def test_absurd_token_counts_do_not_stop_a_run(
    command: Command, model: list[str], server: ModelServer, papers: Path, database: str
) -> None:
    honest, absurd = claim_first_words(), completion("nonsense", tokens=(10**20, 3 * 10**9, -1))
    server.script = lambda body: absurd if "FooNet 1" in read_text(body) else honest(body)
    # The second run reads the answers from the cache, also those that were asked again.
    for output in (database, papers.with_name("claims.parquet")):
        ran = command("run", papers, "-o", output, "--max-reasks", "2", *model)
        assert "3 abstracts: 2 with claims, 0 without, 1 failed" in ran.err
    assert len(server.requests) == 2 + 3


def test_duplicates_are_asked_and_stored_once(
    command: Command, model: list[str], server: ModelServer, papers: Path, tmp_path: Path
) -> None:
    ran = command("run", papers, papers, "-o", tmp_path / "claims.db", *model)
    assert "3 duplicates" in ran.err
    assert len(server.requests) == 3
    assert count_rows(tmp_path / "claims.db", "extractions") == 3


def test_some_failures_give_exit_code_3_and_are_tried_again(
    command: Command, model: list[str], server: ModelServer, papers: Path, tmp_path: Path
) -> None:
    answer = claim_first_words()
    server.script = lambda body: (
        error(400, "no \x1b[31mway") if "FooNet 1" in read_text(body) else answer(body)
    )
    output = tmp_path / "claims.jsonl"
    ran = command("run", papers, "-o", output, *model)
    assert ran.code == 3
    assert "2 with claims, 0 without, 1 failed" in ran.err
    assert "  failed: p1: " in ran.err
    assert "no \ufffd[31mway" in ran.err
    assert "\x1b" not in ran.err
    assert "Run the same command again to try the failed ones again" in ran.err
    server.script = answer
    again = command("run", papers, "-o", output, *model)
    assert again.code == 0
    assert "1 abstract: 1 with claims, 0 without, 0 failed · 1 claim · 2 done before" in again.err
    assert [record["status"] for record in read_lines(output)] == ["claims"] * 3
    assert len(server.requests) == 4


def test_many_failures_are_counted_not_listed(
    command: Command, model: list[str], server: ModelServer, tmp_path: Path
) -> None:
    server.script = in_turn([completion("", finish_reason="content_filter")])
    papers = write_papers(tmp_path / "papers.jsonl", 9)
    ran = command("run", papers, "-o", tmp_path / "claims.db", "--max-reasks", "0", *model)
    assert ran.code == 3
    assert ran.err.count("  failed: ") == 5
    assert "  ... and 4 more" in ran.err


def test_a_server_that_is_down_fails_each_abstract_with_the_reason(
    command: Command, papers: Path, tmp_path: Path
) -> None:
    down = ["--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--max-attempts", "1"]
    ran = command("run", papers, "-o", tmp_path / "claims.jsonl", *down)
    assert ran.code == 3
    assert "3 failed" in ran.err
    assert {record["status"] for record in read_lines(tmp_path / "claims.jsonl")} == {"failed"}


def test_no_model_and_no_key_names_the_three_ways_on(
    command: Command, papers: Path, tmp_path: Path
) -> None:
    ran = command("run", papers, "-o", tmp_path / "claims.db")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: no model chosen and no OPENAI_API_KEY")
    for way in ("export OPENAI_API_KEY=", "--base-url http://localhost", "--model patterns"):
        assert way in ran.err
    assert not (tmp_path / "claims.db").exists()


def test_a_wrong_key_stops_the_run_at_once_and_is_never_shown(
    command: Command,
    server: ModelServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.script = lambda _: error(401, f"Incorrect API key provided: {KEY}")
    caplog.set_level(logging.DEBUG)
    papers = write_papers(tmp_path / "papers.jsonl", 50)
    options = ["--base-url", server.url, "--model", "m", "--concurrency", 2]
    ran = command("run", papers, "-o", tmp_path / "claims.db", *options)
    assert (ran.code, ran.out) == (2, "")
    assert "check the key" in ran.err
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert len(server.requests) <= 2
    assert KEY not in ran.err + caplog.text
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or KEY.encode() not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.txt"], "absent.txt: not found; give an existing file"),
        (["papers.jsonl", "-o", "claims.xlsx"], "'claims.xlsx' is to be: use a file"),
        (["papers.jsonl", "--map", "text"], "--map text: write it as NAME=VALUE"),
        (["papers.jsonl", "--map", "colour=blue"], "colour"),
        (["papers.jsonl", "-p", "=1"], "-p =1: write it as NAME=VALUE"),
        (["papers.jsonl", "--format", "docx"], "unknown format 'docx'; known: jsonl"),
        (["papers.jsonl", "--prompt", "v0"], "no prompt 'v0': neither a version (v1"),
        (["papers.jsonl", "--skip-check", "spelling"], "no check 'spelling'; there are: quote"),
        (["papers.jsonl", "--model", "gpt"], "write provider/model or patterns"),
        (["papers.jsonl", "--base-url", "localhost:1"], "not an address of a server"),
        (["papers.jsonl", "--base-url", "http://me:hush@localhost:1"], "leave them out"),
        (["papers.jsonl", "--mode", "prose"], "'prose' is not one of"),
        (["papers.jsonl", "--concurrency", "0"], "Input should be greater than or equal to 1"),
        (["papers.jsonl", "--shout"], "No such option"),
        ([], "Missing argument"),
    ],
)
def test_wrong_use_gives_exit_code_2_and_says_what_is_right(
    command: Command,
    papers: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(papers.parent)
    defaults = [] if "--model" in arguments else ["--model", "m"]
    if "--base-url" not in arguments and defaults:
        defaults += ["--base-url", "http://127.0.0.1:9/v1"]
    ran = command("run", *arguments, *defaults)
    assert (ran.code, ran.out) == (2, "")
    assert message in " ".join(ran.err.replace("│", " ").split())
    assert "Traceback" not in ran.err


def test_an_output_that_is_no_store_gives_exit_code_1_and_costs_nothing(
    command: Command, model: list[str], server: ModelServer, papers: Path
) -> None:
    ran = command("run", papers, "-o", papers, *model)
    assert (ran.code, ran.out) == (1, "")
    assert "papers.jsonl:1 is no result of this program; choose another output" in ran.err
    assert server.requests == []
    assert len(papers.read_text().splitlines()) == 3


def test_an_output_that_fails_stops_the_run_and_what_was_paid_is_kept(
    command: Command, model: list[str], server: ModelServer, papers: Path, tmp_path: Path
) -> None:
    full = tmp_path / "full.jsonl"
    full.symlink_to("/dev/full")
    ran = command("run", papers, "-o", full, *model)
    assert ran.code == 1
    assert "No space left on device; make room or choose another output" in ran.err
    assert "Stopped after" not in ran.err
    assert command("run", papers, "-o", tmp_path / "claims.db", *model).code == 0
    assert len(server.requests) == 3


def test_a_cache_that_cannot_be_written_stops_the_run_with_its_answers_stored(
    command: Command, model: list[str], server: ModelServer, tmp_path: Path
) -> None:
    folder = tmp_path / "answers"
    assert command("cache", "info", "--cache", folder).code == 0
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON Cache BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    papers = write_papers(tmp_path / "papers.jsonl", 20)
    output = tmp_path / "claims.jsonl"
    options = ["--cache", folder, "--concurrency", 2, *model]
    ran = command("run", papers, "-o", output, *options)
    assert ran.code == 1
    assert "cannot write to the cache" in ran.err
    assert "Stopped after " in ran.err
    # Those in flight, and those that had passed the cache when it broke.
    assert 1 <= len(read_lines(output)) == len(server.requests) < 20


def test_parameters_reach_the_server(
    command: Command, model: list[str], server: ModelServer, papers: Path
) -> None:
    command("run", papers, *model, "-p", "temperature=0", "--param", "user=me", "-p", "stop=a=b")
    assert server.requests[0]["temperature"] == 0
    assert server.requests[0]["user"] == "me"
    assert server.requests[0]["stop"] == "a=b"


def test_refresh_and_no_cache_ask_again(
    command: Command, model: list[str], server: ModelServer, papers: Path, tmp_path: Path
) -> None:
    for number, options in enumerate([[], ["--refresh"], ["--no-cache"]]):
        command("run", papers, "-o", tmp_path / f"{number}.jsonl", *model, *options)
    assert len(server.requests) == 9


def test_text_that_looks_like_markup_or_commands_a_terminal_is_only_text(
    command: Command, model: list[str], server: ModelServer
) -> None:
    answer = claim_first_words()

    def script(body: Body) -> Reply:
        reply = answer(body)
        text = reply.body["choices"][0]["message"]["content"]
        claim = json.loads(text)["claims"][0] | {"method": "[red]Foo[/] \x1b]0;pwned\x07"}
        return completion(json.dumps({"claims": [claim]}))

    server.script = script
    ran = command("run", "-", *model, stdin="FooNet [bold]wins[/bold]. It is {{fast}}.")
    assert ran.code == 0
    assert "[red]Foo[/] \ufffd]0;pwned\ufffd" in ran.out
    assert "\x1b" not in ran.out
    assert "FooNet [bold]wins[/bold]" in read_text(server.requests[0])


def test_an_interrupt_finishes_what_is_in_flight_and_says_how_to_go_on(
    command: Command,
    model: list[str],
    server: ModelServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    papers = write_papers(tmp_path / "papers.jsonl", 12)
    output = tmp_path / "claims.jsonl"
    answer = claim_first_words()
    stopped = threading.Event()
    stop = Pipeline.stop

    def stop_and_tell(pipeline: Pipeline) -> None:
        stop(pipeline)
        stopped.set()

    def script(body: Body) -> Reply:
        if len(server.requests) == 4:
            os.kill(os.getpid(), signal.SIGINT)
        return Reply(answer(body).body, after=stopped)

    monkeypatch.setattr(Pipeline, "stop", stop_and_tell)
    server.script = script
    ran = command("run", papers, "-o", output, *model, "--concurrency", "4")
    assert ran.code == 130
    assert "Interrupted: finishing what is in flight" in ran.err
    assert "Run the same command again to go on; nothing is paid twice." in ran.err
    assert "Traceback" not in ran.err
    assert len(read_lines(output)) == len(server.requests) == 4
    server.script = claim_first_words()
    again = command("run", papers, "-o", output, *model)
    assert again.code == 0
    assert "4 done before" in again.err
    assert len(read_lines(output)) == len(server.requests) == 12
