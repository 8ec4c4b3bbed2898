import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, Outcome, claim_first_words, read_text
from tests.cli.test_run import count_rows, read_lines
from tests.model_server import Body, ModelServer, Reply, Script, completion, error
from tests.samples import make_answer, make_claim

REFUSAL = completion(None, refusal="I would rather not")
FILTERED = completion("", finish_reason="content_filter")
TRUNCATED = completion('{"claims": [', finish_reason="length")
INVALID = completion("what claims?")
DOWN = error(500, "the server is down")


def fail_second(reply: Reply) -> Script:
    """Answer all but the second abstract."""
    answer = claim_first_words()

    def script(body: Body) -> Reply:
        return reply if "FooNet 1" in read_text(body) else answer(body)

    return script


def read_states(output: Path) -> dict[str, tuple[str, str]]:
    """Status and model by the id of the abstract."""
    if output.suffix == ".jsonl":
        lines = read_lines(output)
        states = {line["id"]: (line["status"], line["provenance"]["model"]) for line in lines}
        assert len(states) == len(lines)
        return states
    query = "SELECT id, status, model FROM extractions JOIN abstracts USING (abstract_key)"
    with closing(sqlite3.connect(output)) as connection:
        rows = connection.execute(query).fetchall()
    assert len({row[0] for row in rows}) == len(rows) == count_rows(output, "abstracts")
    return {identifier: (status, model) for identifier, status, model in rows}


@pytest.fixture(params=["claims.db", "claims.jsonl"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


@pytest.fixture
def run(command: Command, model: list[str], server: ModelServer, papers: Path, output: Path) -> Any:
    """Runs over the three abstracts, of which the second fails with a reply."""

    def start(reply: Reply, *options: object) -> Outcome:
        server.script = fail_second(reply)
        ran = command("run", papers, "-o", output, *model, "--max-attempts", 1, *options)
        assert ran.code == 3
        server.requests.clear()
        return ran

    return start


@pytest.fixture
def retry(command: Command, model: list[str], output: Path) -> Command:
    """Takes the failed ones of the output up again, with the same model."""
    return lambda *options: command("retry", output, *model, *options)


@pytest.mark.parametrize(
    "reply", [REFUSAL, FILTERED, TRUNCATED, INVALID, DOWN, error(400, "too strange")]
)
def test_just_the_failed_abstract_is_asked_again_and_replaced(
    retry: Command, server: ModelServer, output: Path, run: Any, reply: Reply
) -> None:
    run(reply)
    server.script = claim_first_words()
    again = retry()
    assert again.code == 0
    assert "1 abstract: 1 with claims, 0 without, 0 failed · 1 claim" in again.err
    assert len(server.requests) == 1
    assert "FooNet 1" in read_text(server.requests[0])
    assert read_states(output) == {f"p{number}": ("claims", "m") for number in range(3)}
    ran = retry()
    assert (ran.code, ran.err) == (0, f"Nothing to retry: {output} has no failed abstracts.\n")
    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [REFUSAL, DOWN])
def test_one_text_of_many_abstracts_is_asked_once_in_each_retry(
    command: Command, model: list[str], server: ModelServer, tmp_path: Path, reply: Reply
) -> None:
    papers, output = tmp_path / "papers.jsonl", tmp_path / "claims.db"
    lines = (json.dumps({"id": f"p{number}", "text": "FooNet wins."}) for number in range(20))
    papers.write_text("\n".join(lines))
    server.script = lambda _: reply
    command("run", papers, "-o", output, *model, "--max-attempts", 1)
    server.script = lambda _: REFUSAL
    for _ in range(2):
        server.requests.clear()
        assert command("retry", output, *model).code == 3
        assert len(server.requests) == 1


def test_a_run_after_a_retry_has_nothing_to_do(
    command: Command, model: list[str], papers: Path, output: Path
) -> None:
    arguments = ["run", papers, "-o", output, *model]
    server_is_away = ["--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--max-attempts", 1]
    command("run", papers, "-o", output, *server_is_away)
    assert command("retry", output, *model).code == 0
    assert "has all of it already (3 abstracts)" in command(*arguments).err


def test_what_fails_again_stays_and_can_be_tried_once_more(
    command: Command, model: list[str], server: ModelServer, output: Path, run: Any
) -> None:
    run(REFUSAL)
    for _ in range(2):
        again = command("retry", output, *model, "--max-reasks", 1)
        assert again.code == 3
        assert "  failed: p1: the model refused: I would rather not" in again.err
        assert "Run the same command again to try the failed ones again.\n" in again.err
        assert read_states(output)["p1"] == ("failed", "m")
    assert len(server.requests) == 2


def test_another_model_replaces_the_failed_row(
    command: Command, server: ModelServer, output: Path, run: Any
) -> None:
    run(REFUSAL)
    again = command("retry", output, "--model", "patterns")
    assert again.code == 0
    states = read_states(output)
    assert states.pop("p1")[1] == "patterns"
    assert set(states.values()) == {("claims", "m")}
    assert server.requests == []


def test_model_prompt_mode_and_parameters_are_those_of_the_failed_row(
    command: Command, server: ModelServer, output: Path, run: Any
) -> None:
    run(DOWN, "--mode", "tools", "-p", "temperature=0.5")
    server.script = claim_first_words()
    assert command("retry", output).code == 0
    (request,) = server.requests
    assert (request["model"], request["temperature"]) == ("m", 0.5)
    assert request["tools"]


def test_server_checks_and_re_asks_are_those_of_the_failed_row(
    command: Command, server: ModelServer, papers: Path, output: Path
) -> None:
    # By its name alone, this model would be asked of OpenAI.
    named = ["--model", "openai/gpt-oss", "--base-url", server.url]
    server.script = lambda _: INVALID
    command("run", papers, "-o", output, *named, "--max-reasks", 1, "--skip-check", "quote")
    server.requests.clear()
    ran = command("retry", output)
    assert ran.code == 3
    assert {request["model"] for request in server.requests} == {"openai/gpt-oss"}
    assert len(server.requests) == 3 * 2
    made_up = make_claim(evidence="nowhere", value=None, baseline_value=None)
    server.script = lambda _: make_answer(made_up)
    assert command("retry", output).code == 0
    assert set(read_states(output).values()) == {("claims", "openai/gpt-oss")}


def test_another_model_without_a_provider_is_asked_on_the_same_server(
    command: Command, server: ModelServer, output: Path, run: Any
) -> None:
    run(DOWN)
    server.script = claim_first_words()
    assert command("retry", output, "--model", "n").code == 0
    assert read_states(output)["p1"] == ("claims", "n")


@pytest.mark.parametrize("name", ["m", "openai/m"])
def test_a_row_that_does_not_tell_its_server_is_not_asked_of_another(
    command: Command, server: ModelServer, papers: Path, output: Path, name: str
) -> None:
    server.script = fail_second(DOWN)
    at_server = ["--base-url", server.url]
    command("run", papers, "-o", output, *at_server, "--model", name, "--max-attempts", 1)
    forget_server(output)
    server.requests.clear()
    server.script = claim_first_words()
    ran = command("retry", output)
    assert ran.code == 2
    assert f"asked of '{name}' on a server whose address is not recorded: name it" in ran.err
    assert read_states(output)["p1"][0] == "failed"
    assert command("retry", output, *at_server).code == 0
    assert len(server.requests) == 1


def forget_server(output: Path) -> None:
    """Leave the output as a version did that did not record servers."""
    unrecorded = ("base_url", "max_reasks", "skip_checks")
    if output.suffix == ".jsonl":
        lines = read_lines(output)
        for line in lines:
            for name in unrecorded:
                del line["provenance"][name]
        output.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return
    with closing(sqlite3.connect(output)) as connection:
        connection.execute(f"UPDATE extractions SET {', '.join(f'{n} = NULL' for n in unrecorded)}")
        connection.commit()


def test_a_choice_is_asked_for_where_the_rows_differ(
    command: Command, server: ModelServer, papers: Path
) -> None:
    output = papers.with_name("claims.db")
    options = ["--base-url", server.url, "--max-attempts", 1]
    server.script = fail_second(DOWN)
    for name in ("m", "n"):
        command("run", papers, "-o", output, *options, "--model", name)
    ran = command("retry", output, *options)
    assert ran.code == 2
    assert "were asked with 2 models (m, n): choose with --model" in ran.err
    server.script = claim_first_words()
    ran = command("retry", output, *options, "--model", "n")
    assert ran.code == 0
    assert count_rows(output, "extractions") == 5


def test_a_changed_prompt_is_not_taken_for_the_old_one(
    command: Command, model: list[str], output: Path, run: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "system.md").write_text("Find claims.")
    (folder / "examples.jsonl").write_text("")
    run(DOWN, "--prompt", folder)
    ran = command("retry", output, *model)
    assert ran.code == 2
    assert "with the prompt 'mine@" in ran.err
    assert "name its folder, or another one, with --prompt" in ran.err


def test_a_budget_leaves_the_rest_to_the_next_retry(
    command: Command, model: list[str], server: ModelServer, papers: Path, output: Path
) -> None:
    server.script = lambda _: DOWN
    command("run", papers, "-o", output, *model, "--max-attempts", 1)
    server.script = claim_first_words()
    server.requests.clear()
    limited = [*model, "--max-requests", 1, "--concurrency", 1]
    stopped = command("retry", output, *limited)
    assert stopped.code == 3
    assert "Stopped: the budget of 1 requests is used up." in stopped.err
    assert sorted(status for status, _ in read_states(output).values()) == [
        "claims",
        "failed",
        "failed",
    ]
    assert command("retry", output, *model).code == 0
    assert len(server.requests) == 3


def test_a_retry_that_is_stopped_by_a_wrong_key_loses_no_failed_row(
    command: Command, model: list[str], server: ModelServer, output: Path, run: Any
) -> None:
    run(REFUSAL)
    server.script = lambda _: error(401, "wrong key")
    assert command("retry", output, *model).code == 2
    assert read_states(output)["p1"] == ("failed", "m")


def forget_texts(output: Path) -> None:
    """Turn a JSONL file into one as it was written before lines held texts."""
    lines = read_lines(output)
    for line in lines:
        del line["text"], line["url"], line["published"]
    output.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_texts_of_an_older_jsonl_file_are_read_again_by_id_and_hash(
    command: Command, model: list[str], server: ModelServer, papers: Path
) -> None:
    output = papers.with_name("claims.jsonl")
    server.script = lambda _: DOWN
    command("run", papers, "-o", output, *model, "--max-attempts", 1)
    forget_texts(output)
    server.script = claim_first_words()
    records = read_lines(papers)
    # The first has moved, the second has changed.
    records[1]["text"] += " And more."
    papers.write_text("".join(json.dumps(record) + "\n" for record in [*records[1:], records[0]]))
    ran = command("retry", output, *model)
    assert ran.code == 3
    assert "2 abstracts: 2 with claims, 0 without, 0 failed" in ran.err
    assert f"  cannot be found again: p1 ({papers}:2): it does not stand there any more" in ran.err
    assert {name: state for name, (state, _) in read_states(output).items()} == {
        "p0": "claims",
        "p1": "failed",
        "p2": "claims",
    }
    papers.unlink()
    ran = command("retry", output, *model, "--json")
    summary = json.loads(ran.err)
    assert (ran.code, summary["claims"], summary["not_found"]) == (3, 0, 1)
    assert f"{papers}: not found" in command("retry", output, *model).err


def test_what_was_piped_in_is_retried_from_the_output_alone(
    command: Command, model: list[str], server: ModelServer, papers: Path, output: Path
) -> None:
    server.script = lambda _: DOWN
    command("run", "-", "-o", output, *model, "--max-attempts", 1, stdin=papers.read_text())
    server.script = claim_first_words()
    assert command("retry", output, *model).code == 0
    assert read_states(output) == {f"p{number}": ("claims", "m") for number in range(3)}


def test_what_was_piped_in_cannot_be_found_again_for_an_older_file(
    command: Command, model: list[str], server: ModelServer, papers: Path
) -> None:
    output = papers.with_name("claims.jsonl")
    server.script = lambda _: DOWN
    command("run", "-", "-o", output, *model, "--max-attempts", 1, stdin=papers.read_text())
    forget_texts(output)
    ran = command("retry", output, *model)
    assert ran.code == 3
    assert ran.err.count("  cannot be found again: p") == 3


def test_entries_that_could_not_be_read_are_read_again(
    command: Command, model: list[str], papers: Path, output: Path
) -> None:
    whole = papers.read_text().splitlines(keepends=True)
    papers.write_text(whole[0] + whole[1][:20] + "\n" + whole[2])
    command("run", papers, "-o", output, *model)
    ran = command("retry", output, *model)
    assert ran.code == 3
    assert f"  failed: {papers}:2: unreadable: not valid JSON" in ran.err
    papers.write_text("".join(whole))
    ran = command("retry", output, *model)
    assert ran.code == 0
    assert read_states(output) == {f"p{number}": ("claims", "m") for number in range(3)}


def test_there_is_nothing_to_retry_without_failed_rows_and_no_key_is_needed(
    command: Command, model: list[str], papers: Path, output: Path
) -> None:
    command("run", papers, "-o", output, *model)
    before = output.read_bytes()
    assert "Nothing to retry" in command("retry", output).err
    assert json.loads(command("retry", output, "--json").err)["failed"] == 0
    assert command("retry", output, "--quiet").err == ""
    assert len(output.read_bytes()) == len(before)


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("absent.db", 1, "absent.db is no file; name the output of an earlier run"),
        ("papers.jsonl", 1, "papers.jsonl:1 is no result of this program"),
        ("papers.txt", 2, "papers.txt' is to be: use a file that ends in .db"),
    ],
)
def test_only_outputs_of_a_run_can_be_retried(
    command: Command, papers: Path, name: str, code: int, message: str
) -> None:
    papers.with_name("papers.txt").write_text("Text.")
    ran = command("retry", papers.with_name(name))
    assert ran.code == code
    assert message in ran.err
    assert not papers.with_name("absent.db").exists()
