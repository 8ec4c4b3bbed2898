import asyncio
import json
import logging
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import extractor
from extractor.asking import Answer, Request
from extractor.cache import AnswerCache, CachedAsker, find_cache_dir
from extractor.documents import Abstract, hash_text
from extractor.errors import RunStoppedError, StoreError
from extractor.steering import SharingAsker, Throttle
from tests.cli.conftest import Command, command, papers
from tests.model_server import ModelServer, completion
from tests.samples import ABSTRACT, make_answer, make_claim

__all__ = ["command", "papers"]

KEY = "0" * 64


def make(content: Any = '{"claims": []}') -> Answer:
    return Answer(message={"role": "assistant", "content": content}, created="now")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "answers"


@pytest.fixture
def cache(folder: Path) -> Iterator[AnswerCache]:
    opened = AnswerCache(folder)
    yield opened
    opened.close()


def change(folder: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        assert connection.execute(statement, values).rowcount == 1
        connection.commit()


class Malice:
    """Unpickling this creates a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch '{self.trace}'",)


def test_an_answer_comes_back_as_it_was_kept(cache: AnswerCache, folder: Path) -> None:
    hostile = Answer(
        message={"role": "assistant", "content": "☃ \x00 {{x}} \ud800", "tool_calls": None},
        finish_reason="stop",
        created="now",
    )
    cache.put(KEY, hostile)
    cache.close()
    with closing(AnswerCache(folder)) as reopened:
        found = reopened.get(KEY)
    assert found is not None
    assert found.cached
    assert found.model_dump() == hostile.model_dump()


def test_a_key_that_is_not_there_is_a_miss_without_a_warning(
    cache: AnswerCache, caplog: pytest.LogCaptureFixture
) -> None:
    assert cache.get(KEY) is None
    assert not caplog.records


def test_the_folder_is_closed_to_others(cache: AnswerCache, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_tilde_means_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EXTRACTOR_CACHE_DIR", "~/answers")
    with closing(AnswerCache(find_cache_dir())) as cache:
        assert cache.folder == tmp_path / "answers"
    assert stat.S_IMODE((tmp_path / "answers").stat().st_mode) == 0o700


def test_a_folder_with_a_tilde_is_the_same_one_for_runs_and_batches(
    command: Command, papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXTRACTOR_CACHE_DIR", "~/answers")
    asked = ["batch", "export", papers, "--base-url", "http://127.0.0.1:9/v1", "--model", "m"]
    assert command(*asked, "-o", "requests.jsonl").code == 0
    assert command(*asked, "-o", "requests.jsonl", "--cache", "~/chosen").code == 0
    for folder in ("answers", "chosen"):
        assert (tmp_path / folder / "cache.db").exists()
        assert (tmp_path / folder / "batch" / "journal.db").exists()
    assert not (tmp_path / "~").exists()


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTOR_CACHE_DIR", "/elsewhere")
    assert find_cache_dir() == Path("/elsewhere")
    monkeypatch.delenv("EXTRACTOR_CACHE_DIR")
    assert find_cache_dir().name == "claim-extractor"


def test_a_pickled_value_is_a_miss_and_does_not_run(
    cache: AnswerCache, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trace = tmp_path / "trace"
    poison = pickle.dumps(Malice(trace))
    cache.put(KEY, make())
    change(folder, "UPDATE Cache SET mode = 4, value = ?", poison)
    assert cache.get(KEY) is None
    assert list(cache.export()) == []
    assert "cannot be used" in caplog.text
    assert not trace.exists()
    # The poison is live: whoever unpickles it runs it.
    pickle.loads(poison)
    assert trace.exists()


def test_a_pickled_key_does_not_run_and_hides_no_other_entry(
    cache: AnswerCache, folder: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    cache.put(KEY, make())
    cache.put("1" * 64, make())
    change(
        folder,
        "UPDATE Cache SET raw = 0, key = ? WHERE key = ?",
        pickle.dumps(Malice(trace)),
        KEY,
    )
    assert cache.get(KEY) is None
    assert [json.loads(line)["key"] for line in cache.export()] == ["1" * 64]
    assert cache.clear() == 2
    assert not trace.exists()


@pytest.mark.parametrize("mode", [2, 3, 4])
def test_an_entry_cannot_name_a_file_to_read_or_to_delete(
    cache: AnswerCache, folder: Path, tmp_path: Path, mode: int
) -> None:
    precious = tmp_path / "precious.json"
    precious.write_text(make('{"claims": [], "secret": 1}').model_dump_json())
    cache.put(KEY, make())
    named = "UPDATE Cache SET mode = ?, filename = '../precious.json', value = NULL"
    change(folder, named, mode)
    assert cache.get(KEY) is None
    cache.put(KEY, make())
    assert cache.get(KEY) is not None
    change(folder, named, mode)
    cache.clear()
    assert precious.exists()


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b'{"message": {"role": "assis',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"{}",
        b"[]",
        b"null",
        b'{"message": "text", "created": "now"}',
        b'{"message": {"content": 5}, "created": "now"}',
        b'{"message": {"tool_calls": [{}]}, "created": "now"}',
        b'{"message": {"tool_calls": 7}, "created": "now"}',
        b'{"message": {"refusal": {"a": 1}}, "created": "now"}',
        "text",
        17,
        2.5,
    ],
)
def test_a_truncated_or_foreign_value_is_a_miss_with_a_warning(
    cache: AnswerCache, folder: Path, caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    cache.put(KEY, make())
    change(folder, "UPDATE Cache SET value = ?", value)
    assert cache.get(KEY) is None
    assert "cannot be used" in caplog.text
    cache.put(KEY, make())
    assert cache.get(KEY) is not None


def test_a_damaged_database_is_a_miss_or_a_clear_error(
    cache: AnswerCache, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache.put(KEY, make("x" * 100_000))
    cache.close()
    database = folder / "cache.db"
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size // 2)
    try:
        with closing(AnswerCache(folder)) as reopened:
            assert reopened.get(KEY) is None
        assert "cannot be used" in caplog.text
    except StoreError as error:
        assert "--no-cache" in str(error)


def test_a_folder_that_cannot_be_one_is_reported_with_ways_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot open the cache .* --cache DIR, .* --no-cache"):
        AnswerCache(tmp_path / "file")


def test_nothing_paid_is_evicted(folder: Path) -> None:
    # More than diskcache's own limit would hold, which is set down to be reached sooner.
    with closing(AnswerCache(folder)) as cache:
        change(folder, "UPDATE Settings SET value = 1 WHERE key = 'size_limit'")
        change(
            folder,
            "UPDATE Settings SET value = 'least-recently-stored' WHERE key = 'eviction_policy'",
        )
    with closing(AnswerCache(folder)) as cache:
        for number in range(400):
            cache.put(f"{number:064}", make("x" * 5000))
        assert cache.info().answers == 400
        assert all(cache.get(f"{number:064}") for number in range(400))
        assert cache.info().size_bytes > 400 * 5000


def test_two_processes_fill_one_cache_at_once(cache: AnswerCache, folder: Path) -> None:
    script = """
import sys
import tracemalloc
from pathlib import Path
from extractor.cache import AnswerCache
from tests.test_cache import make
cache = AnswerCache(Path(sys.argv[1]))
for number in range(100):
    cache.put(f"{sys.argv[2]}-{number}", make())
"""
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(folder), name]) for name in ("a", "b")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert all(cache.get(f"{name}-{number}") for name in ("a", "b") for number in range(100))


def ask(server: ModelServer, **settings: Any) -> extractor.Result:
    return extractor.extract(ABSTRACT, model="m", base_url=server.url, **settings)


def read_contents(folder: Path) -> list[str]:
    with closing(AnswerCache(folder)) as cache:
        return [json.loads(line)["message"]["content"] for line in cache.export()]


def test_the_raw_answer_is_kept_before_it_is_judged(server: ModelServer, folder: Path) -> None:
    server.script = lambda _: completion("no JSON at all")
    result = ask(server, cache_dir=folder, max_reasks=0)
    assert result.status == "failed"
    assert read_contents(folder) == ["no JSON at all"]


def test_a_reask_is_kept_beside_the_first_answer(server: ModelServer, folder: Path) -> None:
    wrong = make_claim(evidence="FooNet wins everywhere")
    server.script = lambda body: make_answer(make_claim() if len(body["messages"]) > 2 else wrong)
    assert ask(server, cache_dir=folder).status == "claims"
    assert len(read_contents(folder)) == 2
    again = ask(server, cache_dir=folder)
    assert len(server.requests) == 2
    assert again.provenance.cache_hit


def test_refresh_asks_again_and_keeps_the_new_answer(server: ModelServer, folder: Path) -> None:
    ask(server, cache_dir=folder)
    server.script = lambda _: make_answer(make_claim())
    assert ask(server, cache_dir=folder).status == "no_claims"
    assert ask(server, cache_dir=folder, refresh=True).status == "claims"
    assert ask(server, cache_dir=folder).status == "claims"
    assert len(server.requests) == 2


def test_without_a_cache_nothing_is_kept(server: ModelServer, folder: Path) -> None:
    ask(server, cache_dir=folder, cache=False)
    ask(server, cache_dir=folder, cache=False)
    assert len(server.requests) == 2
    assert not folder.exists()


def test_a_poisoned_entry_is_asked_for_again_and_mended(
    server: ModelServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ask(server, cache_dir=folder)
    change(folder, "UPDATE Cache SET mode = 4, value = ?", pickle.dumps({"claims": []}))
    assert ask(server, cache_dir=folder).status == "no_claims"
    assert "cannot be used" in caplog.text
    assert ask(server, cache_dir=folder).provenance.cache_hit
    assert len(server.requests) == 2


class SlowAsker:
    """Answers everything after a moment, or fails."""

    model = "slow"
    mode = "none"
    asks_model = True

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[Request] = []
        self._error = error

    def key(self, request: Request) -> str:
        return hash_text(request.abstract.text + str(request.followups))

    async def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        await asyncio.sleep(0.02)
        if self._error:
            raise self._error
        return make()

    def reask(self, request: Request, answer: Answer, problems: str) -> Request:
        return request.follow_up({"role": "user", "content": problems})

    def price(self, answer: Answer) -> float | None:
        return 1.0

    async def close(self) -> None:
        pass


class HeldAsker(SlowAsker):
    """Answers the text of the samples, or fails, when it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(error)
        self.is_asked = asyncio.Event()
        self.release = asyncio.Event()

    async def ask(self, request: Request) -> Answer:
        self.is_asked.set()
        if request.abstract.text == "text":
            await self.release.wait()
        return await super().ask(request)


def make_request(text: str = "text") -> Request:
    return Request(Abstract(id="a", text=text))


def test_the_same_question_side_by_side_is_asked_once(cache: AnswerCache) -> None:
    asker = SlowAsker()

    async def ask_five_times() -> list[Answer]:
        shared = SharingAsker(CachedAsker(asker, cache))
        return await asyncio.gather(*(shared.ask(make_request()) for _ in range(5)))

    answers = asyncio.run(ask_five_times())
    assert len(asker.asked) == 1
    assert sorted(answer.cached for answer in answers) == [False, True, True, True, True]


def test_a_failure_reaches_all_who_wait_for_it_and_is_not_kept(cache: AnswerCache) -> None:
    asker = SlowAsker(StoreError("no"))

    async def ask_twice() -> list[Any]:
        shared = SharingAsker(CachedAsker(asker, cache))
        both = (shared.ask(make_request()), shared.ask(make_request()))
        return await asyncio.gather(*both, return_exceptions=True)

    assert [str(outcome) for outcome in asyncio.run(ask_twice())] == ["no", "no"]
    assert len(asker.asked) == 1
    assert cache.info().answers == 0


def test_what_another_run_is_asking_is_waited_for(cache: AnswerCache, folder: Path) -> None:
    asker = HeldAsker()

    async def ask_in_both() -> tuple[Answer, Answer]:
        with closing(AnswerCache(folder)) as others:
            first = asyncio.create_task(CachedAsker(asker, cache).ask(make_request()))
            await asker.is_asked.wait()
            second = asyncio.create_task(CachedAsker(asker, others).ask(make_request()))
            # Asked about later, but answered first, since nobody else asks it.
            await CachedAsker(asker, others).ask(make_request("other"))
            assert not second.done()
            asker.release.set()
            return await first, await second

    answers = asyncio.run(ask_in_both())
    assert len(asker.asked) == 2
    assert [answer.cached for answer in answers] == [False, True]


def test_what_another_run_has_asked_in_vain_is_asked(cache: AnswerCache, folder: Path) -> None:
    held, asker = HeldAsker(StoreError("no")), HeldAsker()
    asker.release.set()

    async def ask_in_both() -> Answer:
        with closing(AnswerCache(folder)) as others:
            first = asyncio.create_task(CachedAsker(held, cache).ask(make_request()))
            await held.is_asked.wait()
            second = asyncio.create_task(CachedAsker(asker, others).ask(make_request()))
            held.release.set()
            with pytest.raises(StoreError):
                await first
            return await second

    assert not asyncio.run(ask_in_both()).cached


def test_a_run_that_is_stopped_waits_for_no_other_one(cache: AnswerCache, folder: Path) -> None:
    asker = HeldAsker()

    async def stop() -> None:
        with closing(AnswerCache(folder)) as others:
            first = asyncio.create_task(CachedAsker(asker, cache).ask(make_request()))
            await asker.is_asked.wait()
            throttle = Throttle(1)
            throttle.give_up(RunStoppedError("the run was stopped"))
            stopped = CachedAsker(SlowAsker(), others, rest=throttle.rest)
            with pytest.raises(RunStoppedError):
                await stopped.ask(make_request())
            asker.release.set()
            await first

    asyncio.run(stop())
    assert len(asker.asked) == 1


class InstantAsker(SlowAsker):
    """Answers at once."""

    async def ask(self, request: Request) -> Answer:
        return make()


def test_what_was_asked_anew_takes_few_bytes_to_remember(cache: AnswerCache) -> None:
    number = 3000

    async def ask_all() -> int:
        refreshing = CachedAsker(InstantAsker(), cache, refresh=True)
        await refreshing.ask(make_request())
        tracemalloc.start()
        for text in range(number):
            await refreshing.ask(make_request(str(text)))
        return tracemalloc.get_traced_memory()[0]

    try:
        assert asyncio.run(ask_all()) < 50 * number
    finally:
        tracemalloc.stop()


def test_a_cache_that_cannot_be_written_loses_no_answer_and_asks_no_more(
    cache: AnswerCache, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    change_to_read_only(folder)
    asker = SlowAsker()

    async def ask_all() -> None:
        cached = CachedAsker(asker, cache)
        answer = await cached.ask(make_request("first"))
        assert answer.texts == ['{"claims": []}']
        # What was begun is finished: its claims would be lost with it.
        again = cached.reask(make_request("first"), answer, "a problem")
        assert (await cached.ask(again)).texts == ['{"claims": []}']
        with pytest.raises(StoreError, match=r"cannot write to the cache .* --cache DIR"):
            await cached.ask(make_request("second"))

    with caplog.at_level(logging.WARNING):
        asyncio.run(ask_all())
    assert len(asker.asked) == 2
    assert caplog.text.count("cannot write to the cache") == 1


def change_to_read_only(folder: Path) -> None:
    """Make every write fail as on a full disk."""
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON Cache BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
