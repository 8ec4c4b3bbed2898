"""A run that is killed at any point goes on as if nothing had happened."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

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


def start(server: ModelServer, source: Path, folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "extractor", "run", str(source), "-o", str(folder / "out.db")]
    options = ["--model", "m", "--base-url", server.url, "--concurrency", str(IN_FLIGHT)]
    environment = {**os.environ, "EXTRACTOR_CACHE_DIR": str(folder / "cache")}
    return subprocess.Popen([*command, *options], env=environment, stderr=subprocess.DEVNULL)


def read_state(folder: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What a run leaves behind, apart from times and names of runs."""
    connection = sqlite3.connect(folder / "out.db")
    extractions = connection.execute(
        "SELECT extraction_id, status, attempts, tokens_in, tokens_out FROM extractions ORDER BY 1"
    ).fetchall()
    claims = connection.execute("SELECT extraction_id, claim_id FROM claims ORDER BY 1").fetchall()
    connection.close()
    return extractions, claims


@pytest.fixture
def uninterrupted(server: ModelServer, tmp_path: Path) -> Path:
    server.script = answer
    folder = tmp_path / "uninterrupted"
    folder.mkdir()
    assert start(server, write_abstracts(tmp_path), folder).wait() == 0
    assert len(server.requests) == COUNT
    return folder


def test_a_killed_run_ends_like_an_uninterrupted_one(
    server: ModelServer, tmp_path: Path, uninterrupted: Path
) -> None:
    source = tmp_path / "papers.jsonl"
    folder = tmp_path / "killed"
    folder.mkdir()
    server.requests.clear()
    for _ in range(KILLS):
        asked_before = len(server.requests)
        process = start(server, source, folder)
        waits_for = asked_before + random.randint(1, max(1, COUNT // KILLS))
        give_up = time.monotonic() + 30
        while len(server.requests) < waits_for and process.poll() is None:
            assert time.monotonic() < give_up
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.1))
        process.kill()
        process.wait()
    assert start(server, source, folder).wait() == 0
    assert read_state(folder) == read_state(uninterrupted)
    assert len(server.requests) <= COUNT + KILLS * IN_FLIGHT
