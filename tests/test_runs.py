import asyncio
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from extractor.documents import Abstract
from extractor.errors import StoreError
from extractor.pipeline import Pipeline
from extractor.readers import Entry, Unreadable
from extractor.results import Result
from extractor.runs import Tally, run_extraction
from extractor.settings import Settings
from extractor.stores import RunRecord
from tests.model_server import Body, ModelServer, Reply, completion
from tests.samples import ABSTRACT, make_answer, make_claim


class MemoryStore:
    """Keeps everything in lists; it fails after so many batches if it is told to."""

    def __init__(self, fails_after: int | None = None) -> None:
        self.results: list[Result] = []
        self.runs: list[RunRecord] = []
        self.batches = 0
        self.written = threading.Event()
        self.failed = threading.Event()
        self._fails_after = fails_after

    def holds(self, extraction_id: str) -> bool:
        return any(
            result.provenance.extraction_id == extraction_id and result.status != "failed"
            for result in self.results
        )

    def record_run(self, run: RunRecord) -> None:
        self.runs.append(run)

    def write(self, results: Sequence[Result]) -> None:
        if self.batches == self._fails_after:
            self.failed.set()
            raise StoreError("the disk is full")
        self.batches += 1
        self.results += results
        self.written.set()

    def close(self) -> None:
        pass


def run(
    server: ModelServer, entries: Any, store: MemoryStore, reports: list[int] | None = None
) -> Tally:
    async def extract() -> Tally:
        pipeline = Pipeline(Settings(model="m", base_url=server.url, concurrency=4))
        report = None if reports is None else lambda tally: reports.append(tally.finished)
        try:
            return await run_extraction(pipeline, entries, store, report)
        finally:
            await pipeline.close()

    return asyncio.run(extract())


def make_abstracts(number: int) -> list[Abstract]:
    return [Abstract(id=str(index), text=f"{index}. {ABSTRACT.text}") for index in range(number)]


def test_everything_is_counted_once_in_its_state(server: ModelServer) -> None:
    server.script = lambda body: (
        make_answer()
        if "Abstract: 0" in body["messages"][1]["content"]
        else make_answer(make_claim(), make_claim())
    )
    abstracts = make_abstracts(3)
    unreadable = Unreadable("papers.jsonl:7", "no JSON")
    tally = run(server, [*abstracts, unreadable, abstracts[1]], store := MemoryStore())
    assert (tally.claims, tally.no_claims, tally.failed) == (2, 1, 1)
    assert (tally.finished, tally.read, tally.duplicates, tally.present) == (4, 5, 1, 0)
    # The second claim of each answer repeats the first.
    assert (tally.accepted, tally.rejected) == (2, 2)
    assert tally.failures == [("papers.jsonl:7", "unreadable: no JSON")]
    assert tally.spending.requests == 3
    assert len(store.results) == 4


def test_a_second_run_takes_up_what_failed_and_what_is_new(server: ModelServer) -> None:
    abstracts = make_abstracts(3)
    server.script = lambda body: (
        completion(None, finish_reason="content_filter")
        if "Abstract: 1" in body["messages"][1]["content"]
        else make_answer(make_claim())
    )
    store = MemoryStore()
    assert run(server, abstracts[:2], store).failed == 1
    again = run(server, abstracts, store)
    assert (again.present, again.finished, again.failed) == (1, 2, 1)
    # The answer that was withheld is in the cache and costs nothing more.
    assert again.spending.requests == 1


def test_a_run_is_recorded_when_it_starts_and_when_it_ends(server: ModelServer) -> None:
    run(server, make_abstracts(1), store := MemoryStore())
    started, ended = store.runs
    assert started.run_id == ended.run_id == store.results[0].provenance.run_id
    assert (started.finished, ended.finished is not None) == (None, True)
    assert started.model == "m"


def test_progress_is_reported_after_each_batch(server: ModelServer) -> None:
    reports: list[int] = []
    run(server, make_abstracts(20), store := MemoryStore(), reports)
    assert len(reports) == store.batches
    assert reports == sorted(reports)
    assert reports[-1] == 20


def test_a_store_that_fails_stops_asking(server: ModelServer) -> None:
    store = MemoryStore(fails_after=1)

    def script(_body: Body) -> Reply:
        # Four in flight are answered for the batch that is written, and four for the next one.
        count = len(server.requests)
        held = None if count <= 4 else store.written if count <= 8 else store.failed
        return Reply(make_answer(make_claim()).body, after=held)

    server.script = script
    with pytest.raises(StoreError, match="disk is full"):
        run(server, make_abstracts(200), store)
    assert store.results
    assert len(server.requests) < 150
    assert len(store.runs) == 1


def test_a_used_up_budget_does_not_hide_that_the_store_fails(server: ModelServer) -> None:
    server.script = lambda _: make_answer()

    async def extract() -> None:
        settings = Settings(model="m", base_url=server.url, max_requests=3)
        pipeline = Pipeline(settings)
        try:
            await run_extraction(pipeline, make_abstracts(9), MemoryStore(fails_after=0))
        finally:
            await pipeline.close()

    with pytest.raises(StoreError, match="disk is full"):
        asyncio.run(extract())


def test_entries_are_read_only_as_far_ahead_as_the_work_needs(server: ModelServer) -> None:
    read: list[int] = []

    def read_slowly() -> Iterator[Entry]:
        for number, abstract in enumerate(make_abstracts(900)):
            read.append(number - len(server.requests))
            yield abstract

    run(server, read_slowly(), MemoryStore())
    assert len(read) == 900
    assert max(read) < 700


def test_counts_are_a_json_object(server: ModelServer, tmp_path: Path) -> None:
    record = run(server, make_abstracts(2), MemoryStore()).to_record()
    assert (record["no_claims"], record["requests"], record["tokens_in"]) == (2, 2, 2000)
