"""A store that goes away in mid-run costs no answer."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from extractor.errors import StoreError, TransientStoreError
from extractor.outages import outlast
from extractor.pipeline import Pipeline
from extractor.runs import run_extraction
from extractor.settings import Settings
from extractor.stores.checking import check_store
from extractor.stores.reading import read_results
from extractor.stores.sql import SqlStore
from tests.model_server import PATIENCE_S, Body, ModelServer, Reply
from tests.postgres import PrivateServer, open_schema, start_server
from tests.samples import ABSTRACT, make_answer, make_claim

COUNT = 60


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[PrivateServer]:
    with start_server() as running:
        yield running


@pytest.fixture
def target(postgres_server: PrivateServer) -> Iterator[str]:
    """A schema of the server; the tests may leave the server stopped."""
    postgres_server.start()
    with open_schema(postgres_server.url) as url:
        yield url
        postgres_server.start()


@pytest.fixture
def rest() -> threading.Event:
    """Lets a run come to its end; without it most of the answers are held back."""
    return threading.Event()


@pytest.fixture
def model(server: ModelServer, rest: threading.Event) -> ModelServer:
    """Answers a few requests, and the others when it may."""

    def answer(_body: Body) -> Reply:
        held = rest if len(server.requests) > COUNT // 6 else None
        return Reply(make_answer(make_claim()).body, after=held)

    server.script = answer
    return server


class Run:
    """A run of its own process into a database."""

    def __init__(self, folder: Path, model: ModelServer, target: str, *options: str) -> None:
        source = folder / "papers.jsonl"
        records = ({"id": str(n), "abstract": f"{ABSTRACT.text} Run {n}x."} for n in range(COUNT))
        source.write_text("".join(json.dumps(record) + "\n" for record in records))
        self._said = folder / "said.txt"
        arguments = ["run", str(source), "-o", target, "--model", "m", "--base-url", model.url]
        # What a test holds back must not be asked again before it lets go.
        arguments += ["--timeout", str(2 * PATIENCE_S)]
        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "extractor", *arguments, "--concurrency", "4", *options],
                env={**os.environ, "EXTRACTOR_CACHE_DIR": str(folder / "cache")},
                stderr=said,
            )

    def end(self) -> tuple[int, str]:
        """Exit code, and what was printed."""
        return self._process.wait(PATIENCE_S), self.said()

    def said(self) -> str:
        return self._said.read_text()

    def wait_until(self, reached: Callable[[], bool]) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while not reached():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < give_up, self.said()
            time.sleep(0.02)


def count_written(target: str) -> int:
    try:
        return sum(1 for _ in read_results(target))
    except StoreError:
        return 0


def test_a_run_interrupted_by_a_restart_of_the_server_ends_complete(
    postgres_server: PrivateServer,
    target: str,
    model: ModelServer,
    rest: threading.Event,
    tmp_path: Path,
) -> None:
    run = Run(tmp_path, model, target)
    run.wait_until(lambda: count_written(target) > 0)
    rest.set()
    postgres_server.restart()
    code, said = run.end()
    assert code == 0, said
    assert count_written(target) == COUNT
    assert check_store(target).defects == []
    assert len(model.requests) == COUNT
    assert "hush" not in said


def test_a_run_waits_for_a_server_that_is_down(
    postgres_server: PrivateServer,
    target: str,
    model: ModelServer,
    rest: threading.Event,
    tmp_path: Path,
) -> None:
    run = Run(tmp_path, model, target)
    run.wait_until(lambda: count_written(target) > 0)
    postgres_server.stop()
    rest.set()
    run.wait_until(lambda: "trying again for up to 600 s" in run.said())
    postgres_server.start()
    code, said = run.end()
    assert code == 0, said
    assert count_written(target) == COUNT
    assert len(model.requests) == COUNT
    assert "hush" not in said


def test_a_run_without_patience_stops_and_the_next_one_replays_the_cache(
    postgres_server: PrivateServer,
    target: str,
    model: ModelServer,
    rest: threading.Event,
    tmp_path: Path,
) -> None:
    run = Run(tmp_path, model, target, "--patience", "0")
    run.wait_until(lambda: count_written(target) > 0)
    postgres_server.stop()
    rest.set()
    code, said = run.end()
    assert code == 1
    assert "then run again: paid answers are in the cache" in said
    assert "hush" not in said
    assert "Traceback" not in said
    postgres_server.start()
    assert Run(tmp_path, model, target).end()[0] == 0
    assert count_written(target) == COUNT
    assert len(model.requests) == COUNT


def test_a_run_waits_for_a_file_that_another_program_has_locked(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = lambda _body: make_answer(make_claim())
    path = tmp_path / "claims.db"
    waiting = asyncio.Event()
    monkeypatch.setattr("extractor.outages._log.warning", lambda *_: waiting.set())

    async def extract() -> None:
        pipeline = Pipeline(Settings(model="m", base_url=server.url, patience_s=60))
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            running = asyncio.create_task(run_extraction(pipeline, [ABSTRACT], store))
            await asyncio.wait_for(waiting.wait(), PATIENCE_S)
            assert not running.done()
            other.rollback()
        assert (await running).claims == 1
        await pipeline.close()

    with closing(SqlStore(str(path), lock_wait_s=0.01)) as store:
        asyncio.run(extract())
    assert count_written(str(path)) == 1


def test_a_run_says_that_a_file_is_locked_and_goes_on_when_it_is_free(
    model: ModelServer, rest: threading.Event, tmp_path: Path
) -> None:
    rest.set()
    path = tmp_path / "claims.db"
    SqlStore(str(path)).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        run = Run(tmp_path, model, str(path))
        run.wait_until(lambda: "locked; trying again for up to 600 s" in run.said())
        other.rollback()
    code, said = run.end()
    assert code == 0, said
    assert count_written(str(path)) == COUNT


def test_the_rest_goes_on_while_a_store_is_slow() -> None:
    went_on = threading.Event()

    async def try_it() -> None:
        asyncio.get_running_loop().call_soon(went_on.set)
        await outlast(lambda: assert_set(went_on), 0, lambda: False)

    asyncio.run(try_it())


def assert_set(event: threading.Event) -> None:
    assert event.wait(PATIENCE_S)


def test_what_will_not_pass_is_not_tried_again() -> None:
    tried: list[int] = []

    def fail() -> None:
        tried.append(1)
        raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="disk is full"):
        asyncio.run(outlast(fail, 600, lambda: False))
    assert len(tried) == 1


def test_who_is_told_to_stop_does_not_wait_for_the_store() -> None:
    def fail() -> None:
        raise TransientStoreError("the server is away", "start it")

    with pytest.raises(TransientStoreError, match="the server is away; start it"):
        asyncio.run(outlast(fail, 600, lambda: True))
