"""Throttle, outages and budget, in runs against a real server."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from extractor.asking import Answer, AskerLayer, RateLimit, Request
from extractor.asking.limits import read_rate_limits
from extractor.documents import Abstract
from extractor.errors import BudgetReachedError, ConfigError, ModelAccessError, RunStoppedError
from extractor.pipeline import Pipeline
from extractor.results import Result
from extractor.settings import Settings
from extractor.steering import Budget, BudgetedAsker, Spending, Throttle
from tests.model_server import Body, ModelServer, Reply, completion, error

NOTHING = completion('{"claims": []}')


def run(server: ModelServer, count: int, **settings: Any) -> list[Result]:
    async def collect() -> list[Result]:
        pipeline = Pipeline(Settings(model="m", **{"base_url": server.url, **settings}))
        try:
            batches = pipeline.stream(make_abstracts(count))
            return [result async for batch in batches for result in batch]
        finally:
            await pipeline.close()

    return asyncio.run(collect())


def make_abstracts(count: int) -> Iterator[Abstract]:
    return (Abstract(id=str(number), text=f"text number {number}") for number in range(count))


class CappedServer:
    """Allows so many requests in a second and refuses the others."""

    def __init__(self, per_second: int, retry_after: str | None) -> None:
        self.per_second = per_second
        self.retry_after = retry_after
        self.refused = 0
        self.seconds: dict[int, int] = {}

    def __call__(self, _body: Body) -> Reply:
        second = int(time.monotonic())
        self.seconds[second] = self.seconds.get(second, 0) + 1
        if self.seconds[second] <= self.per_second:
            return NOTHING
        self.refused += 1
        return error(429, "slow down", retry_after=self.retry_after)


@pytest.mark.parametrize("retry_after", ["1", None])
def test_a_server_that_allows_few_requests_loses_no_abstract_and_refuses_few(
    server: ModelServer, retry_after: str | None
) -> None:
    server.script = capped = CappedServer(60, retry_after)
    results = run(server, 200, max_attempts=1)
    assert [result.status for result in results] == ["no_claims"] * 200
    # Without a throttle each of the 256 in flight would be refused several times a second.
    assert capped.refused < 200


def test_an_outage_is_waited_out_without_failing_an_abstract(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    def script(_body: Body) -> Reply:
        is_out = len(server.requests) > 10 and "faults in a row" not in caplog.text
        return error(500, "out to lunch") if is_out else NOTHING

    server.script = script
    results = run(server, 100, max_attempts=100)
    assert {result.status for result in results} == {"no_claims"}
    assert "50 faults in a row" in caplog.text
    assert "the server answers again" in caplog.text


def test_an_outage_that_outlasts_patience_ends_the_run_and_says_how_to_go_on(
    server: ModelServer,
) -> None:
    server.script = lambda _body: error(500, "gone for good")
    with pytest.raises(ModelAccessError, match=r"no answer for .* gone for good.* to go on"):
        run(server, 200, max_attempts=100, patience_s=0)


def test_a_few_abstracts_are_enough_to_see_that_no_server_is_there(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(ModelAccessError, match=r"no answer for .* to go on"):
            run(server, 2, base_url=nowhere, patience_s=1.5)
    assert "until the server answers" in caplog.text


def test_refusals_alone_outlast_patience_too(server: ModelServer) -> None:
    server.script = lambda _body: error(429, "slow down")
    with pytest.raises(ModelAccessError, match=r"no answer for .* slow down.* to go on"):
        run(server, 30, patience_s=1.0)
    assert len(server.requests) < 200


def test_a_limit_that_is_refilled_tomorrow_is_not_slept_through(server: ModelServer) -> None:
    spent = {
        "x-ratelimit-limit-requests": "200",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "86400s",
    }
    server.script = lambda _body: Reply(NOTHING.body, headers=spent)
    with pytest.raises(ModelAccessError, match=r"limits .* s of rest; .*--patience"):
        run(server, 100)


@pytest.mark.parametrize("is_interrupted", [True, False])
def test_whoever_waits_to_try_again_hears_of_the_end(
    server: ModelServer, is_interrupted: bool
) -> None:
    """A pause that was asked for does not hold up a stop, nor a key that is refused."""
    server.script = lambda _body: error(500, "broken", retry_after="500")

    async def end() -> list[object]:
        pipeline = Pipeline(Settings(model="m", base_url=server.url))
        waiting = [asyncio.create_task(pipeline.extract(each)) for each in make_abstracts(3)]
        while len(server.requests) < 3:
            await asyncio.sleep(0.01)
        if is_interrupted:
            pipeline.stop()
        else:
            server.script = lambda _body: error(401, "no such key")
            with pytest.raises(ModelAccessError):
                await pipeline.extract(Abstract(id="d", text="another text"))
        ended = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 120)
        await pipeline.close()
        return ended

    expected = RunStoppedError if is_interrupted else ModelAccessError
    assert {type(each) for each in asyncio.run(end())} == {expected}


def test_a_rest_that_outlasts_patience_is_not_slept_through(server: ModelServer) -> None:
    server.script = lambda _body: error(429, "come back tomorrow", retry_after="86400")
    with pytest.raises(ModelAccessError, match="86400 s of rest"):
        run(server, 5)


def test_the_budget_of_requests_is_kept_to_the_request(server: ModelServer) -> None:
    with pytest.raises(BudgetReachedError, match="25 requests"):
        run(server, 100, max_requests=25)
    assert len(server.requests) == 25


@pytest.mark.parametrize("status", [400, 500])
def test_requests_that_fail_count_against_the_budget(server: ModelServer, status: int) -> None:
    server.script = lambda _body: error(status, "broken")
    with pytest.raises(BudgetReachedError, match="3 requests"):
        run(server, 100, max_requests=3)
    assert len(server.requests) == 3


class _PricedAsker(AskerLayer):
    """Takes a cent for each answer, a while after it was asked."""

    model = "priced"
    mode = "json_schema"
    asks_model = True

    def __init__(self) -> None:
        self.asked = 0

    async def ask(self, request: Request) -> Answer:
        self.asked += 1
        for _ in range(10):
            await asyncio.sleep(0)
        return Answer(message={}, created="")

    def price(self, answer: Answer) -> float | None:
        return 0.01


@pytest.mark.parametrize(
    ("max_cost_usd", "answers"), [(0.0, 0), (0.005, 1), (0.05, 5), (0.055, 5), (1.0, 100)]
)
def test_a_budget_in_money_is_kept_from_the_first_answer_on(
    max_cost_usd: float, answers: int
) -> None:
    async def spend() -> tuple[int, Spending]:
        inner, spending = _PricedAsker(), Spending()
        asker = BudgetedAsker(inner, spending, Budget(max_cost_usd))
        requests = [Request(abstract) for abstract in make_abstracts(500)]
        ended = await asyncio.gather(
            *(asker.ask(request) for request in requests), return_exceptions=True
        )
        assert {type(each) for each in ended} <= {Answer, BudgetReachedError}
        return inner.asked, spending

    asked, spending = asyncio.run(spend())
    assert (asked, spending.requests) == (answers, answers)


def test_a_budget_in_money_needs_a_price(server: ModelServer) -> None:
    with pytest.raises(ConfigError, match=r"price.*--max-requests"):
        run(server, 1, max_cost_usd=1.0)


def test_requests_a_minute_are_capped(server: ModelServer) -> None:
    started = time.monotonic()
    run(server, 30, rpm=1200)
    # Twenty a second, of which the first second's come at once.
    assert time.monotonic() - started > 0.4


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("1s", 1), ("6m0s", 360), ("20ms", 0.02), ("1h2m3.5s", 3723.5), ("7", 7)],
)
def test_rate_limits_are_read_from_the_headers(reset: str, seconds: float) -> None:
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": reset,
        "x-ratelimit-limit-tokens": "many",
        "x-ratelimit-reset-tokens": "1s",
    }
    assert read_rate_limits(headers) == (RateLimit("requests", 60, 59, seconds),)


@pytest.mark.parametrize("reset", ["inf", "1763712000", "soon"])
def test_a_time_of_reset_that_is_none_does_not_shut_the_gate(reset: str) -> None:
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": reset,
    }
    assert read_rate_limits(headers) == ()


def test_a_limit_that_is_used_up_closes_the_gate_until_it_refills() -> None:
    async def wait() -> float:
        throttle = Throttle(8)
        passed = await throttle.enter()
        started = time.monotonic()
        throttle.note_answer(passed, 100, (RateLimit("requests", 10, 0, 2.0),))
        throttle.leave(passed)
        await throttle.enter()
        return time.monotonic() - started

    assert asyncio.run(wait()) > 0.15


def test_a_cancelled_wait_takes_no_place() -> None:
    async def cancel_some() -> int:
        throttle = Throttle(1)
        first = await throttle.enter()
        waiting = [asyncio.create_task(throttle.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        throttle.leave(first)
        waiting[1].cancel()
        await asyncio.gather(*waiting[:2], return_exceptions=True)
        throttle.leave(await waiting[2])
        return throttle.in_flight

    assert asyncio.run(cancel_some()) == 0


def test_who_waits_for_an_answer_asks_when_the_first_to_ask_gives_up(server: ModelServer) -> None:
    given_up = threading.Event()
    server.script = lambda _body: Reply(NOTHING.body, after=given_up)

    async def ask_twice() -> str:
        pipeline = Pipeline(Settings(model="m", base_url=server.url))
        first, second = (Abstract(id=name, text="the same") for name in "ab")
        asking = asyncio.create_task(pipeline.extract(first))
        await asyncio.to_thread(server.wait_for_requests, 1)
        waiting = asyncio.create_task(pipeline.extract(second))
        # Time to look into the cache and to begin to wait; who takes longer asks anyway.
        await asyncio.sleep(0.05)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        given_up.set()
        status = (await waiting).status
        await pipeline.close()
        return status

    assert asyncio.run(ask_twice()) == "no_claims"
    assert len(server.requests) == 2
