"""A retry that is killed at any point loses no failed abstract and no answer."""

import json
from pathlib import Path

from extractor.stores.reading import read_results
from tests.killing import kill_at_random, start
from tests.model_server import Body, ModelServer, Reply, completion
from tests.samples import ABSTRACT, make_answer, make_claim

COUNT = 24
IN_FLIGHT = 4
KILLS = 2


def refuse(_body: Body) -> Reply:
    return completion(None, refusal="I would rather not")


def answer(_body: Body) -> Reply:
    return Reply(make_answer(make_claim()).body, delay_s=0.05)


def test_a_killed_retry_loses_nothing_and_needs_no_options(
    server: ModelServer, tmp_path: Path, database: str
) -> None:
    server.script = refuse
    source = tmp_path / "papers.jsonl"
    records = ({"id": str(n), "abstract": f"{ABSTRACT.text} Run {n}x."} for n in range(COUNT))
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    cache = tmp_path / "cache"
    at_once = ["--concurrency", IN_FLIGHT]
    options = [*at_once, "-o", database, "--model", "openai/m", "--base-url", server.url]
    assert start(cache, "run", source, *options, "--max-reasks", 0).wait() == 3
    asked = len(server.requests)
    server.script = answer
    for _ in range(KILLS):
        kill_at_random(server, start(cache, "retry", database, *at_once), COUNT // (KILLS + 1))
        assert len(list(read_results(database))) == COUNT
    start(cache, "retry", database, *at_once).wait()
    results = list(read_results(database, history=True))
    assert [result.status for result in results] == ["claims"] * COUNT
    assert {result.provenance.max_reasks for result in results} == {0}
    assert len(server.requests) <= asked + COUNT + KILLS * IN_FLIGHT
