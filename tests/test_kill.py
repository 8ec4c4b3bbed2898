"""A run that is killed at any point goes on as if nothing had happened."""

import json
import subprocess
from pathlib import Path

import pytest

from extractor.stores.reading import read_results
from tests.killing import kill_at_random, start
from tests.model_server import Body, ModelServer, Reply
from tests.samples import ABSTRACT, make_answer, make_claim

COUNT = 200
IN_FLIGHT = 8
KILLS = {"out.db": 20, "out.jsonl": 8, "out.parquet": 8}


def answer(_body: Body) -> Reply:
    return Reply(make_answer(make_claim()).body, delay_s=0.05)


def write_abstracts(folder: Path) -> Path:
    source = folder / "papers.jsonl"
    records = ({"id": str(n), "abstract": f"{ABSTRACT.text} Run {n}x."} for n in range(COUNT))
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    return source


@pytest.fixture(params=list(KILLS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(server: ModelServer, source: Path, output: Path) -> "subprocess.Popen[bytes]":
    options = ["--model", "m", "--base-url", server.url, "--concurrency", IN_FLIGHT]
    return start(output.parent / "cache", "run", source, "-o", output, *options)


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
    assert run(server, write_abstracts(tmp_path), folder / name).wait() == 0
    assert len(server.requests) == COUNT
    return folder / name


def test_a_killed_run_ends_like_an_uninterrupted_one(
    server: ModelServer, tmp_path: Path, uninterrupted: Path, name: str
) -> None:
    source = tmp_path / "papers.jsonl"
    output = tmp_path / "killed" / name
    output.parent.mkdir()
    server.requests.clear()
    for _ in range(KILLS[name]):
        kill_at_random(server, run(server, source, output), IN_FLIGHT + 2)
    assert run(server, source, output).wait() == 0
    assert read_state(output) == read_state(uninterrupted)
    assert len(server.requests) <= COUNT + KILLS[name] * IN_FLIGHT
