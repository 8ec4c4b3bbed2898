"""What only a process of its own can show: signals, pipes, imports, standard streams."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from extractor.stores.reading import read_claims
from tests.cli.conftest import Command, claim_first_words, read_text, write_papers
from tests.model_server import PATIENCE_S, Body, ModelServer, Reply

Spawn = Callable[..., "subprocess.Popen[str]"]

CONCURRENCY = 4


def read_content(path: Path) -> list[tuple[object, ...]]:
    """What claims say, whatever order they were found in."""
    return sorted(
        (claim["id"], claim["claim_id"], claim["evidence"]) for claim in read_claims(str(path))
    )


def read_questions(requests: list[Body]) -> list[str]:
    return [request["messages"][1]["content"] for request in requests]


@pytest.mark.parametrize("name", ["claims.db", "claims.jsonl"])
def test_after_kill_9_a_second_run_completes_the_output_and_resends_only_what_was_in_flight(
    spawn: Spawn, command: Command, server: ModelServer, tmp_path: Path, name: str
) -> None:
    papers = write_papers(tmp_path / "papers.jsonl", 40)
    whole, broken = tmp_path / f"whole-{name}", tmp_path / name
    model = ["--base-url", server.url, "--model", "m"]
    options = [*model, "--concurrency", CONCURRENCY]
    server.script = claim_first_words(delay_s=0.05)
    killed = spawn("run", papers, "-o", broken, *options)
    server.wait_for_requests(16, killed)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    server.script = claim_first_words()
    second = command("run", papers, "-o", broken, *options)
    assert second.code == 0, second.err
    asked = read_questions(server.requests)
    assert len(set(asked)) == 40
    assert len(asked) - 40 <= CONCURRENCY
    assert command("run", papers, "-o", whole, *options).code == 0
    assert len(server.requests) == len(asked)
    assert read_content(broken) == read_content(whole)
    assert len(read_content(whole)) == 40


def test_a_second_interrupt_leaves_at_once(
    spawn: Spawn, model: list[str], server: ModelServer, tmp_path: Path
) -> None:
    never = threading.Event()
    server.script = lambda _body: Reply(after=never)
    papers = write_papers(tmp_path / "papers.jsonl", 8)
    run = spawn("run", papers, "-o", tmp_path / "claims.db", *model)
    server.wait_for_requests(8, run)
    run.send_signal(signal.SIGINT)
    assert run.stderr is not None
    assert "Ctrl-C again to leave at once" in run.stderr.readline()
    run.send_signal(signal.SIGINT)
    assert run.wait() == 130
    assert "Traceback" not in run.stderr.read()
    assert read_content(tmp_path / "claims.db") == []


def pipe_papers(process: "subprocess.Popen[str]", count: int) -> None:
    """Write abstracts to a process and keep the pipe open, as a source does that goes on."""
    assert process.stdin is not None
    for number in range(count):
        text = f"Model{number} wins. {'It is fast, and it is small. ' * 5}"
        process.stdin.write(json.dumps({"id": f"p{number}", "abstract": text}) + "\n")
    process.stdin.flush()


def wait_until_taken(process: "subprocess.Popen[str]") -> None:
    """Wait until a process has read all that was written to its pipe."""
    assert process.stdin is not None
    give_up = time.monotonic() + PATIENCE_S
    while int.from_bytes(fcntl.ioctl(process.stdin, termios.FIONREAD, b"\0" * 4), sys.byteorder):
        assert time.monotonic() < give_up, "the run does not read"
        time.sleep(0.01)


def test_an_interrupt_ends_a_run_that_waits_for_more_on_a_pipe(
    spawn: Spawn, model: list[str], server: ModelServer, tmp_path: Path
) -> None:
    server.script = claim_first_words()
    output = tmp_path / "claims.jsonl"
    run = spawn("run", "-", "-o", output, *model, stdin=subprocess.PIPE)
    pipe_papers(run, 1000)
    server.wait_for_requests(500, run)
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE_S) == 130
    assert run.stderr is not None
    assert "Traceback" not in run.stderr.read()
    assert len(read_content(output)) >= 400


def test_an_interrupt_ends_a_run_that_waits_for_its_first_abstract(
    spawn: Spawn, model: list[str], server: ModelServer, tmp_path: Path
) -> None:
    run = spawn("run", "-", "-o", tmp_path / "claims.jsonl", *model, stdin=subprocess.PIPE)
    pipe_papers(run, 1)
    wait_until_taken(run)
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE_S) == 130
    assert run.stderr is not None
    assert "Traceback" not in run.stderr.read()


def test_a_run_that_has_used_up_its_budget_leaves_an_open_pipe(
    spawn: Spawn, model: list[str], server: ModelServer, tmp_path: Path
) -> None:
    server.script = claim_first_words()
    output = tmp_path / "claims.jsonl"
    run = spawn("run", "-", "-o", output, *model, "--max-requests", 900, stdin=subprocess.PIPE)
    pipe_papers(run, 1000)
    assert run.wait(PATIENCE_S) == 3
    assert len(read_content(output)) == 900


def test_two_runs_share_one_database_and_one_cache(
    spawn: Spawn, model: list[str], tmp_path: Path
) -> None:
    papers = write_papers(tmp_path / "papers.jsonl", 30)
    database = tmp_path / "claims.db"
    runs = [spawn("run", papers, "-o", database, *model) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0], [run.communicate() for run in runs]
    assert len(read_content(database)) == 30


def test_a_reader_that_has_had_enough_is_no_accident(
    spawn: Spawn, command: Command, model: list[str], tmp_path: Path
) -> None:
    papers = write_papers(tmp_path / "papers.jsonl", 400)
    assert command("run", papers, "-o", tmp_path / "claims.jsonl", *model, "-q").code == 0
    for arguments in (
        ["show", tmp_path / "claims.jsonl", "--format", "json"],
        ["run", papers, "-o", "-", *model],
    ):
        writer = spawn(*arguments)
        assert writer.stdout is not None
        assert writer.stderr is not None
        assert json.loads(writer.stdout.readline())["id"].startswith("p")
        writer.stdout.close()
        errors = writer.stderr.read()
        for accident in ("Traceback", "Exception", "BrokenPipe"):
            assert accident not in errors


@pytest.mark.parametrize(
    "arguments",
    [["prompt"], ["run", "papers.jsonl", "-o", "-"], ["run", "papers.jsonl"]],
)
def test_a_full_disk_behind_standard_output_gives_exit_code_1(
    spawn: Spawn, model: list[str], papers: Path, arguments: list[str]
) -> None:
    options = model if arguments[0] == "run" else []
    with Path("/dev/full").open("w") as full:
        writer = spawn(*arguments, *options, cwd=papers.parent, stdout=full)
        _, errors = writer.communicate()
    assert writer.returncode == 1
    assert errors.startswith("Error: ")
    assert "No space left on device" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("name", ["claims.duckdb", "claims.parquet", "claims.db"])
def test_a_quiet_run_says_nothing_to_its_last_breath(spawn: Spawn, papers: Path, name: str) -> None:
    output = papers.with_name(name)
    run = spawn("run", papers, "--model", "patterns", "--quiet", "-o", output)
    assert run.communicate() == ("", "")
    assert (run.returncode, output.exists()) == (0, True)


_WITH_A_FULL_DISK = """
import resource, signal
from extractor.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
main()
"""


def test_who_only_asks_is_not_told_to_choose_another_output(
    command: Command, model: list[str], tmp_path: Path
) -> None:
    papers, output = write_papers(tmp_path / "papers.jsonl", 200), tmp_path / "claims.jsonl"
    assert command("run", papers, "-o", output, *model).code == 0
    asked = [sys.executable, "-c", _WITH_A_FULL_DISK, "stats", str(output)]
    ran = subprocess.run(asked, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"Error: no copy of {output} to ask can be made: " in ran.stderr
    assert ran.stderr.endswith("; make room there, or name another folder in TMPDIR\n")


def test_any_locale_prints_any_text(spawn: Spawn, model: list[str], tmp_path: Path) -> None:
    papers = tmp_path / "papers.jsonl"
    paper = {"id": "Größe ☃", "title": "Füü", "text": "FooNet ☃ wins. It is fast."}
    papers.write_text(json.dumps(paper))
    plain = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    ran = spawn("run", papers, "-o", "-", *model, env=plain)
    out, errors = ran.communicate()
    assert ran.returncode == 0, errors
    record = json.loads(out)
    assert (record["id"], record["claims"][0]["evidence"]) == ("Größe ☃", "FooNet ☃ wins")


@pytest.mark.parametrize("is_plain", [True, False])
def test_colours_are_for_terminals_that_want_them(
    model: list[str], papers: Path, is_plain: bool
) -> None:
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    environment |= {"NO_COLOR": "1"} if is_plain else {}
    master, terminal = os.openpty()
    command = [sys.executable, "-c", "from extractor.cli import main; main()"]
    with subprocess.Popen(
        [*command, "run", str(papers), *model],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=environment,
    ) as run:
        os.close(terminal)
        seen = read_terminal(master)
    assert run.returncode == 0
    assert "3 abstracts: 3 with claims" in seen
    assert ("\x1b[32m" in seen) is not is_plain


def read_terminal(master: int) -> str:
    seen = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other end was closed
            chunk = b""
        if not chunk:
            os.close(master)
            return seen.decode()
        seen += chunk


def test_help_loads_neither_clients_nor_databases() -> None:
    script = """
import sys
from extractor.cli import app
heavy = {"openai", "instructor", "sqlalchemy", "diskcache", "scipy", "numpy", "pyarrow"}
for arguments in (["--help"], ["run", "--help"], ["show", "--help"], ["cache", "--help"]):
    try:
        app(arguments)
    except SystemExit as left:
        assert left.code == 0
    assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="reserves on Linux only")
def test_two_runs_at_the_same_time_pay_once(
    spawn: Spawn, server: ModelServer, tmp_path: Path
) -> None:
    papers = write_papers(tmp_path / "papers.jsonl", 3)
    more = write_papers(tmp_path / "more.jsonl", 4)
    answer = claim_first_words()
    is_met = threading.Event()

    def script(body: Body) -> Reply:
        reply = answer(body)
        # Only the second run has this one, and only after the others.
        if "FooNet 3" in read_text(body):
            is_met.set()
        else:
            reply.after = is_met
        return reply

    server.script = script
    model = ["--base-url", server.url, "--model", "m"]
    first = spawn("run", papers, "-o", tmp_path / "claims.db", *model)
    server.wait_for_requests(3)
    second = spawn("run", more, "-o", tmp_path / "claims.db", *model)
    for run in (first, second):
        assert run.wait() == 0
    assert len(server.requests) == 4
    assert len(read_content(tmp_path / "claims.db")) == 4


def test_a_run_that_is_killed_holds_no_other_one_up(
    spawn: Spawn, server: ModelServer, tmp_path: Path
) -> None:
    papers = write_papers(tmp_path / "papers.jsonl", 3)
    answer = claim_first_words()
    is_over = threading.Event()

    def script(body: Body) -> Reply:
        reply = answer(body)
        reply.after = is_over if len(server.requests) <= 3 else None
        return reply

    server.script = script
    run = ["run", papers, "-o", tmp_path / "claims.db", "--base-url", server.url, "--model", "m"]
    killed = spawn(*run)
    server.wait_for_requests(3)
    second = spawn(*run)
    killed.kill()
    try:
        assert second.wait() == 0
    finally:
        is_over.set()
    assert len(server.requests) == 6
