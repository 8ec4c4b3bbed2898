import asyncio
import itertools
import threading
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from extractor.documents import Abstract, make_id
from extractor.errors import ModelAccessError
from extractor.pipeline import Pipeline
from extractor.readers import Entry, Unreadable
from extractor.results import Result
from extractor.settings import Settings
from tests.model_server import Body, ModelServer, Reply, completion, error
from tests.samples import ABSTRACT, make_answer, make_claim

NOTHING = completion('{"claims": []}')


def make_abstracts(count: int) -> Iterator[Abstract]:
    for number in range(count):
        text = f"Abstract number {number} tells of nothing."
        yield Abstract(id=make_id("", text), text=text)


def run(pipeline: Pipeline, entries: Any, **options: Any) -> list[Result]:
    async def collect() -> list[Result]:
        try:
            return [
                result async for batch in pipeline.stream(entries, **options) for result in batch
            ]
        finally:
            await pipeline.close()

    return asyncio.run(collect())


def open_pipeline(server: ModelServer, **settings: Any) -> Pipeline:
    return Pipeline(Settings(model="m", base_url=server.url, **settings))


def test_every_abstract_ends_in_exactly_one_state(server: ModelServer) -> None:
    def script(body: Body) -> Reply:
        text = body["messages"][-1]["content"]
        if "FooNet" in text:
            return make_answer(make_claim())
        return error(400, "too strange") if "number 3 " in text else NOTHING

    server.script = script
    unreadable = Unreadable("papers.jsonl:7", "not JSON")
    entries: list[Entry] = [*make_abstracts(5), unreadable, ABSTRACT]
    results = run(open_pipeline(server), entries)
    states = sorted(result.status for result in results)
    assert states == ["claims", "failed", "failed", *["no_claims"] * 4]


def test_an_unreadable_entry_is_a_failed_row_with_file_and_line(server: ModelServer) -> None:
    (result,) = run(open_pipeline(server), [Unreadable("papers.jsonl:7", "not JSON")])
    assert result.abstract.source == "papers.jsonl:7"
    assert result.reason == "unreadable: not JSON"
    assert server.requests == []


def test_requests_overlap_up_to_the_concurrency_and_not_beyond(server: ModelServer) -> None:
    all_there = threading.Event()

    def script(_body: Body) -> Reply:
        if server.in_flight == 7:
            all_there.set()
        return Reply(NOTHING.body, delay_s=0.05, after=all_there)

    server.script = script
    results = run(open_pipeline(server, concurrency=7), make_abstracts(40))
    assert len(results) == 40
    assert server.most_in_flight == 7


def test_a_slow_abstract_does_not_hold_up_the_others(server: ModelServer) -> None:
    others_done = threading.Event()

    def script(body: Body) -> Reply:
        is_slow = "number 0 " in body["messages"][-1]["content"]
        return Reply(NOTHING.body, after=others_done if is_slow else None)

    async def collect() -> list[Result]:
        results: list[Result] = []
        async for batch in pipeline.stream(make_abstracts(20)):
            results += batch
            if len(results) == 19:
                others_done.set()
        await pipeline.close()
        return results

    server.script = script
    pipeline = open_pipeline(server, concurrency=2, max_attempts=1)
    results = asyncio.run(collect())
    assert "number 0 " in results[-1].abstract.text
    assert {result.status for result in results} == {"no_claims"}


def test_sources_are_read_as_far_ahead_as_needed_and_not_to_their_end(server: ModelServer) -> None:
    taken = 0

    def endless() -> Iterator[Abstract]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield Abstract(id=str(number), text=f"text {number}")

    async def take_some(pipeline: Pipeline) -> int:
        count = 0
        stream = pipeline.stream(endless())
        async for batch in stream:
            count += len(batch)
            if count >= 20:
                break
        await stream.aclose()
        await pipeline.close()
        return count

    count = asyncio.run(take_some(open_pipeline(server, concurrency=4)))
    assert count >= 20
    assert taken < 5000


def test_memory_does_not_grow_with_the_number_of_abstracts() -> None:
    def measure(count: int) -> int:
        async def drain() -> None:
            pipeline = Pipeline(Settings(model="patterns"))
            async for _batch in pipeline.stream(make_abstracts(count)):
                pass

        tracemalloc.start()
        asyncio.run(drain())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    measure(100)
    assert measure(4000) < 2 * measure(1000) + 500_000


def test_a_wrong_key_stops_the_run_after_what_was_finished(server: ModelServer) -> None:
    def script(_body: Body) -> Reply:
        return NOTHING if len(server.requests) <= 5 else error(401, "expired")

    server.script = script

    async def collect() -> int:
        pipeline, count = open_pipeline(server, concurrency=1), 0
        with pytest.raises(ModelAccessError, match="expired"):
            async for batch in pipeline.stream(make_abstracts(1000)):
                count += len(batch)
        await pipeline.close()
        return count

    assert asyncio.run(collect()) == 5
    assert len(server.requests) == 6


def test_a_stopped_run_finishes_what_is_in_flight_and_takes_no_more(server: ModelServer) -> None:
    pipeline = open_pipeline(server, concurrency=3)

    def script(_body: Body) -> Reply:
        pipeline.stop()
        return NOTHING

    server.script = script
    assert 1 <= len(run(pipeline, make_abstracts(100))) <= 3


def test_identical_abstracts_in_flight_share_one_request(server: ModelServer) -> None:
    server.script = lambda _body: Reply(NOTHING.body, delay_s=0.1)
    twins = [Abstract(id=name, text="The same words.") for name in "abc"]
    results = run(open_pipeline(server), twins)
    assert sorted(result.abstract.id for result in results) == ["a", "b", "c"]
    assert len(server.requests) == 1


def test_a_reader_that_breaks_down_stops_the_run_with_its_error(server: ModelServer) -> None:
    def broken() -> Iterator[Abstract]:
        yield from make_abstracts(3)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        run(open_pipeline(server), broken())


def test_a_fault_of_our_own_costs_only_the_abstract_it_happens_on(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(text: str) -> None:
        raise ZeroDivisionError(text)

    monkeypatch.setattr("extractor.grounding._fold", stumble)
    results = run(open_pipeline(server), make_abstracts(2))
    assert [result.status for result in results] == ["failed", "failed"]
    assert "internal error, please report: ZeroDivisionError" in (results[0].reason or "")


def test_claims_carry_their_place_and_a_stable_identifier(server: ModelServer) -> None:
    server.script = lambda _body: make_answer(make_claim())
    (first,) = run(open_pipeline(server), [ABSTRACT])
    (second,) = run(open_pipeline(server, refresh=True), [ABSTRACT])
    assert first.claims[0].claim_id == second.claims[0].claim_id
    assert first.provenance.extraction_id == second.provenance.extraction_id
    assert first.provenance.run_id != second.provenance.run_id


def test_evidence_is_the_passage_of_the_text_also_where_the_quote_differs_in_typography(
    server: ModelServer,
) -> None:
    abstract = Abstract(id="1", text="FooNet is “fast” – by 3%.")
    quote = 'FooNet is "fast" - by 3%'
    value = {"number": 3, "unit": "%"}
    claim = make_claim(evidence=quote, value=value, baseline_value=None)
    server.script = lambda _body: make_answer(claim)
    (result,) = run(open_pipeline(server), [abstract])
    assert result.claims[0].evidence == "FooNet is “fast” – by 3%"


def test_a_check_that_is_switched_off_rejects_nothing(server: ModelServer) -> None:
    server.script = lambda _body: make_answer(make_claim(evidence="made up"))
    (result,) = run(open_pipeline(server, skip_checks=frozenset({"quote"})), [ABSTRACT])
    assert result.claims[0].span is None
    assert result.claims[0].evidence == "made up"
