"""A run that is killed at any point goes on as if nothing had happened."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from extractor.stores.reading import read_results
from tests.model_server import Body, ModelServer, Reply
from tests.samples import ABSTRACT, make_answer, make_claim

COUNT = 80
IN_FLIGHT = 8
KILLS = int(os.environ.get("KILLS", "4"))


def answer(_body: Body) -> Reply:
    return Reply(make_answer(make_claim()).body, delay_s=0.05)


def write_abstracts(folder: Path) -> Path:
    source = folder / "papers.jsonl"
    records = ({"id": str(n), "abstract": f"{ABSTRACT.text} Run {n}x."} for n in range(COUNT))
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    return source


@pytest.fixture(params=["out.db", "out.jsonl", "out.parquet"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def start(server: ModelServer, source: Path, output: Path) -> "subprocess.Popen[bytes]":
    folder = output.parent
    command = [sys.executable, "-m", "extractor", "run", str(source), "-o", str(output)]
    options = ["--model", "m", "--base-url", server.url, "--concurrency", str(IN_FLIGHT)]
    environment = {**os.environ, "EXTRACTOR_CACHE_DIR": str(folder / "cache")}
    return subprocess.Popen([*command, *options], env=environment, stderr=subprocess.DEVNULL)


def read_state(output: Path) -> list[tuple[object, ...]]:
    """What a run leaves behind, apart from times and names of runs."""
    results = read_results(str(output), history=True)
    return sorted(
        (
            result.provenance.extraction_id,
            result.status,
            *(getattr(result.provenance, name) for name in ("attempts", "tokens_in", "tokens_out")),
            *(claim.claim_id for claim in result.claims),
        )
        for result in results
    )


@pytest.fixture
def uninterrupted(server: ModelServer, tmp_path: Path, name: str) -> Path:
    server.script = answer
    folder = tmp_path / "uninterrupted"
    folder.mkdir()
    assert start(server, write_abstracts(tmp_path), folder / name).wait() == 0
    assert len(server.requests) == COUNT
    return folder / name


def test_a_killed_run_ends_like_an_uninterrupted_one(
    server: ModelServer, tmp_path: Path, uninterrupted: Path, name: str
) -> None:
    source = tmp_path / "papers.jsonl"
    output = tmp_path / "killed" / name
    output.parent.mkdir()
    server.requests.clear()
    for _ in range(KILLS):
        asked_before = len(server.requests)
        process = start(server, source, output)
        waits_for = asked_before + random.randint(1, max(1, COUNT // KILLS))
        give_up = time.monotonic() + 120
        while len(server.requests) < waits_for and process.poll() is None:
            assert time.monotonic() < give_up
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.1))
        process.kill()
        process.wait()
    assert start(server, source, output).wait() == 0
    assert read_state(output) == read_state(uninterrupted)
    assert len(server.requests) <= COUNT + KILLS * IN_FLIGHT
