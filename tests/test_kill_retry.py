"""A retry that is killed at any point loses no failed abstract and no answer."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from extractor.stores.reading import read_results
from tests.model_server import Body, ModelServer, Reply, completion
from tests.samples import ABSTRACT, make_answer, make_claim

COUNT = 24
IN_FLIGHT = 4
KILLS = int(os.environ.get("KILLS", "2"))


def refuse(_body: Body) -> Reply:
    return completion(None, refusal="I would rather not")


def answer(_body: Body) -> Reply:
    return Reply(make_answer(make_claim()).body, delay_s=0.05)


def start(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "extractor", *arguments, "--concurrency", str(IN_FLIGHT)],
        env={**os.environ, "EXTRACTOR_CACHE_DIR": str(folder / "cache")},
        stderr=subprocess.DEVNULL,
    )


def kill_after_requests(server: ModelServer, process: "subprocess.Popen[bytes]") -> None:
    waits_for = len(server.requests) + random.randint(1, COUNT // (KILLS + 1))
    give_up = time.monotonic() + 60
    while len(server.requests) < waits_for and process.poll() is None:
        assert time.monotonic() < give_up
        time.sleep(0.005)
    time.sleep(random.uniform(0, 0.1))
    process.kill()
    process.wait()


def test_a_killed_retry_loses_nothing_and_needs_no_options(
    server: ModelServer, tmp_path: Path, database: str
) -> None:
    server.script = refuse
    source = tmp_path / "papers.jsonl"
    records = ({"id": str(n), "abstract": f"{ABSTRACT.text} Run {n}x."} for n in range(COUNT))
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    options = ["-o", database, "--model", "openai/m", "--base-url", server.url]
    assert start(tmp_path, "run", str(source), *options, "--max-reasks", "0").wait() == 3
    asked = len(server.requests)
    server.script = answer
    for _ in range(KILLS):
        kill_after_requests(server, start(tmp_path, "retry", database))
        assert len(list(read_results(database))) == COUNT
    start(tmp_path, "retry", database).wait()
    results = list(read_results(database, history=True))
    assert [result.status for result in results] == ["claims"] * COUNT
    assert {result.provenance.max_reasks for result in results} == {0}
    assert len(server.requests) <= asked + COUNT + KILLS * IN_FLIGHT
