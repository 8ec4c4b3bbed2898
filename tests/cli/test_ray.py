"""Runs on a Ray cluster of two processors: the same results, whatever is killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor.cli.exit_codes import ExitCode
from extractor.stores.reading import read_results
from tests.cli.conftest import Command, Outcome
from tests.model_server import PATIENCE_S, Body, ModelServer, Reply
from tests.samples import ABSTRACT, make_answer, make_claim

os.environ["RAY_AUTH_MODE"] = "disabled"
ray = pytest.importorskip("ray", reason="needs Ray: the extra `ray`")
pytest.importorskip("ray.data", reason="needs Ray Data: the extra `ray`")

# It sets options of its own that it calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning:ray")

COUNT = 40
SHARD = 5
IN_FLIGHT = 4


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster."""
    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=100 * 2**20)
    yield str(ray.get_runtime_context().gcs_address)
    ray.shutdown()


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.distributed.shards.SHARD_ABSTRACTS", SHARD)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "papers.jsonl"
    records = ({"id": f"p{n:02}", "abstract": f"{ABSTRACT.text} Run {n}x."} for n in range(COUNT))
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def options(server: ModelServer, tmp_path: Path) -> list[str]:
    server.script = answer
    asked = ["--model", "m", "--base-url", server.url, "--concurrency", str(IN_FLIGHT)]
    # What a test holds back must not be asked again before it lets go.
    asked += ["--timeout", str(2 * PATIENCE_S)]
    return [*asked, "--cache", str(tmp_path / "ray_cache"), "--json"]


def answer(_body: Body) -> Reply:
    return Reply(make_answer(make_claim()).body, delay_s=0.02)


def hold_half(server: ModelServer) -> threading.Event:
    """Answer only half of the requests until the event, so that a run cannot end before it."""
    rest = threading.Event()

    def answer_half(_body: Body) -> Reply:
        held = rest if len(server.requests) > COUNT // 2 else None
        return Reply(make_answer(make_claim()).body, after=held)

    server.script = answer_half
    return rest


def read_rows(target: Path) -> list[dict[str, Any]]:
    """What was found, apart from times, runs and what the cache spared."""
    rows = [result.to_record() for result in read_results(str(target))]
    for row in rows:
        for name in ("run_id", "created", "latency_s", "cache_hit", "cost_usd"):
            del row["provenance"][name]
    return sorted(rows, key=lambda row: (row["id"], row["source"]))


def read_summary(done: Outcome) -> dict[str, Any]:
    """The counts of a run, below what Ray has to say."""
    summary: dict[str, Any] = json.loads(done.err.splitlines()[-1])
    return summary


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.01)


def find_workers() -> list[int]:
    """The actors of our own cluster, not those of a neighbour's."""
    return [process for process in _list_processes() if b"ShardWorker" in _read(process, "cmdline")]


def _list_processes() -> Iterator[int]:
    parents = {
        int(path.name): int(stat.rpartition(b")")[2].split()[1])
        for path in Path("/proc").iterdir()
        if path.name.isdigit() and (stat := _read(int(path.name), "stat"))
    }
    for process in parents:
        above = process
        while above in parents:
            above = parents[above]
            if above == os.getpid():
                yield process


def _read(process: int, name: str) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/{name}").read_bytes()
    return b""


@pytest.mark.usefixtures("cluster")
def test_the_results_are_those_of_one_machine(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("papers").mkdir()
    lines = [{"id": f"p{n}", "text": f"FooNet reaches {n}% accuracy."} for n in range(8)]
    odd = [{"id": "odd", "text": "Half of \ud800 {{ tin }} wins 3.5x faster."}, {"id": "none"}]
    Path("papers/a.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in [*lines, *odd, *lines[:3]]) + "no JSON\n"
    )
    Path("papers/b.csv").write_text("id,abstract\np0,FooNet reaches 0% accuracy.\nq,It wins.\n")
    Path("papers/c.csv").write_text("")
    a = "papers/a.jsonl"
    twice = {"p0": {f"{a}:1", f"{a}:11", "papers/b.csv:2"}}
    twice |= {f"p{n}": {f"{a}:{n + 1}", f"{a}:{n + 11}"} for n in (1, 2)}
    run = ["run", "papers", "--model", "patterns", "--json"]
    local = command(*run, "-o", "local.jsonl")
    spread = command(*run, "-o", "out/", "--engine", "ray")
    assert (spread.code, local.code) == (ExitCode.SOME_FAILED, ExitCode.SOME_FAILED)
    counts = read_summary(spread)
    assert {**counts, "elapsed_s": 0} == {**read_summary(local), "elapsed_s": 0}
    assert (counts["duplicates"], counts["failed"]) == (4, 3)
    rows, local_rows = read_rows(Path("out")), read_rows(Path("local.jsonl"))
    for row in [*rows, *local_rows]:
        # Which of the places of an entry is named, is for the workers' pace to say.
        if row["id"] in twice:
            assert row.pop("source") in twice[row["id"]]
    assert rows == local_rows
    assert len(list(Path("out").glob("part-*.parquet"))) >= 3


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find a worker")
@pytest.mark.usefixtures("cluster")
def test_a_worker_that_is_killed_costs_only_what_was_in_flight(
    command: Command, server: ModelServer, source: Path, options: list[str], tmp_path: Path
) -> None:
    killed: list[int] = []
    rest = hold_half(server)

    def kill() -> None:
        try:
            wait_for(lambda: len(server.requests) > COUNT // 2)
            killed.append(find_workers()[0])
            os.kill(killed[0], signal.SIGKILL)
        finally:
            rest.set()

    killer = threading.Thread(target=kill)
    killer.start()
    out = tmp_path / "out"
    done = command("run", source, *options, "--engine", "ray", "-o", out)
    killer.join()
    assert killed
    assert done.code == 0
    assert COUNT <= len(server.requests) <= COUNT + IN_FLIGHT
    assert command("run", source, *options, "-o", tmp_path / "local.jsonl").code == 0
    assert read_rows(out) == read_rows(tmp_path / "local.jsonl")
    assert command("load", out, tmp_path / "claims.db").code == 0
    assert read_rows(tmp_path / "claims.db") == read_rows(out)


@pytest.mark.usefixtures("cluster")
def test_a_budget_ends_the_run_and_a_later_one_goes_on(
    command: Command, server: ModelServer, source: Path, options: list[str], tmp_path: Path
) -> None:
    run = ["run", source, *options, "--engine", "ray", "-o", tmp_path / "out"]
    first = command(*run, "--max-requests", 11)
    assert first.code == ExitCode.SOME_FAILED
    assert read_summary(first)["stopped"] == "the budget of 11 requests is used up"
    assert len(server.requests) == 11
    second = command(*run)
    assert second.code == 0
    assert read_summary(second)["present"] == read_summary(first)["claims"] == 11
    assert len(server.requests) == COUNT
    assert len(read_rows(tmp_path / "out")) == COUNT


def test_a_driver_that_is_killed_goes_on(
    command: Command, cluster: str, server: ModelServer, source: Path, options: list[str]
) -> None:
    rest = hold_half(server)
    out = source.parent / "out"
    run = ["run", str(source), *options, "--engine", "ray", "-o", str(out)]
    script = (
        "from extractor.distributed import shards; from extractor.cli import main;"
        f"shards.SHARD_ABSTRACTS = {SHARD}; main()"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", script, *run, "--address", cluster],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: len(server.requests) > COUNT // 2 or driver.poll() is not None)
    finally:
        driver.kill()
        driver.wait()
    # Ray ends the actors some time after their driver.
    wait_for(lambda: not find_workers())
    rest.set()
    wait_for(lambda: not server.in_flight)
    asked = len(server.requests)
    done = command(*run)
    assert done.code == 0
    assert len(read_rows(out)) == COUNT
    # What was in flight then is asked once more, and nothing else.
    assert COUNT <= len(server.requests) <= COUNT + IN_FLIGHT
    assert asked < len(server.requests) or asked == COUNT


@pytest.mark.usefixtures("cluster")
def test_a_wrong_key_ends_the_run_with_its_message(
    command: Command, server: ModelServer, source: Path, options: list[str], tmp_path: Path
) -> None:
    server.script = lambda _body: Reply({"error": {"message": "no such key"}}, status=401)
    done = command("run", source, *options, "--engine", "ray", "-o", tmp_path / "out")
    assert done.code == ExitCode.WRONG_USE
    assert "no such key" in done.err
    assert "Traceback" not in done.err
    assert len(server.requests) < COUNT


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["papers.jsonl", "--engine", "ray"], "give one with -o NAME/"),
        (["papers.jsonl", "--engine", "ray", "-o", "-"], "give one with -o NAME/"),
        (["papers.jsonl", "--engine", "ray", "-o", "out.db"], "use -o NAME/, and then"),
        (["-", "--engine", "ray", "-o", "out"], "cannot read standard input"),
        (["no.jsonl", "--engine", "ray", "-o", "out"], "no.jsonl: not found"),
        (["papers.jsonl", "--address", "127.0.0.1:1"], "add --engine ray"),
    ],
)
def test_wrong_use_is_explained_before_a_cluster_is_sought(
    command: Command,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(source.parent)
    monkeypatch.setattr(ray, "init", lambda **_options: pytest.fail("sought"))
    done = command("run", *arguments, "--model", "patterns")
    assert done.code == ExitCode.WRONG_USE
    assert message in done.err


def test_a_missing_extra_is_named(
    command: Command, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("extractor.distributed")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "ray.data", None)
    run = ["run", source, "--model", "patterns", "--engine", "ray", "-o", tmp_path / "out"]
    done = command(*run)
    assert done.code == ExitCode.WRONG_USE
    assert "pip install 'claim-extractor[ray]'" in done.err
