"""The throttle against servers of every kind, in a time of its own that no machine's load moves."""

import asyncio
import math
import random
import selectors
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import mean
from types import SimpleNamespace
from typing import Any, Protocol

import pytest

from extractor.asking import Answer, AskerLayer, Request
from extractor.documents import Abstract
from extractor.errors import TransientModelError
from extractor.steering import Throttle, ThrottledAsker, pacing, refusals, throttle, throttled

_REQUEST = Request(Abstract(id="a", text="text"))


class _Clock(selectors.DefaultSelector):
    """Lets the time go by at which nothing happens, instead of waiting."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        events = super().select(0)
        if not events and timeout:
            self.now += timeout + 1e-6
        return events


class Server(Protocol):
    """Says whether a request is refused; told the time, and how many are being answered."""

    def __call__(self, now: float, answering: int) -> bool: ...


def allow_per_second(most: int) -> Server:
    """Refuse what is too much in a second of the clock."""
    counts: Counter[int] = Counter()

    def is_refused(now: float, _answering: int) -> bool:
        counts[int(now)] += 1
        return counts[int(now)] > most

    return is_refused


def refill(rate_per_s: float, burst: float) -> Server:
    """Refuse what finds the bucket empty, as proxies do."""
    bucket = SimpleNamespace(level=burst, filled=-math.inf)

    def is_refused(now: float, _answering: int) -> bool:
        bucket.level = min(burst, bucket.level + (now - bucket.filled) * rate_per_s)
        bucket.filled = now
        if bucket.level < 1:
            return True
        bucket.level -= 1
        return False

    return is_refused


def allow_at_once(most: int) -> Server:
    return lambda _now, answering: answering >= most


def refuse_by_chance(share: float) -> Server:
    draw = random.Random(7)
    return lambda _now, _answering: draw.random() < share


@dataclass
class Simulation:
    """A run against a simulated server.

    Attributes:
        refusal_s: how long the server takes to refuse; as long as to answer if None.
    """

    is_refused: Server
    latency_s: float
    retry_after_s: float | None = None
    refusal_s: float | None = None
    requests: int = 0
    refusals: int = 0
    answering: int = 0
    elapsed_s: float = 0.0
    _draw: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def refused_share(self) -> float:
        return self.refusals / self.requests

    async def ask(self) -> Answer:
        self.requests += 1
        latency_s = self.latency_s * self._draw.uniform(0.9, 1.1)
        if self.is_refused(asyncio.get_running_loop().time(), self.answering):
            self.refusals += 1
            await asyncio.sleep(latency_s if self.refusal_s is None else self.refusal_s)
            raise TransientModelError("slow down", self.retry_after_s, refused=True)
        self.answering += 1
        await asyncio.sleep(latency_s)
        self.answering -= 1
        return Answer(message={}, created="")


class _SimulatedAsker(AskerLayer):
    model = "simulated"
    mode = "json_schema"
    asks_model = True

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def ask(self, request: Request) -> Answer:
        return await self._simulation.ask()


Simulate = Callable[..., Simulation]


@pytest.fixture
def simulate(monkeypatch: pytest.MonkeyPatch) -> Simulate:
    """Run so many requests to their answers, and return what became of them."""

    def run(simulation: Simulation, count: int, *, phase_s: float = 0.0) -> Simulation:
        clock = _Clock()
        clock.now += phase_s
        loop = asyncio.SelectorEventLoop(clock)
        monkeypatch.setattr(loop, "time", lambda: clock.now)
        for module in (throttle, pacing, refusals, throttled):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=loop.time))

        async def ask_all() -> None:
            asker = ThrottledAsker(_SimulatedAsker(simulation), Throttle(256), patience_s=600.0)
            left = iter(range(count))

            async def work() -> None:
                for _ in left:
                    await asker.ask(_REQUEST)

            await asyncio.gather(*(work() for _ in range(512)))

        started = clock.now
        try:
            loop.run_until_complete(ask_all())
        finally:
            loop.close()
        simulation.elapsed_s = clock.now - started
        return simulation

    return run


@pytest.mark.parametrize(
    ("latency_s", "refusal_s", "longest_s"),
    [(0.005, None, 11.5), (0.05, 0.002, 13.0), (0.2, None, 14.0), (0.2, 0.002, 13.0)],
)
def test_a_server_that_counts_by_the_second_is_kept_busy_and_refuses_few(
    simulate: Simulate, latency_s: float, refusal_s: float | None, longest_s: float
) -> None:
    runs = [
        simulate(
            Simulation(allow_per_second(100), latency_s, 1.0, refusal_s),
            1_000,
            phase_s=phase / 8,
        )
        for phase in range(8)
    ]
    assert max(run.elapsed_s for run in runs) < longest_s
    assert mean(run.refused_share for run in runs) < 0.05


@pytest.mark.parametrize("retry_after_s", [None, 1.0])
@pytest.mark.parametrize("latency_s", [0.005, 0.05, 0.2])
def test_the_pace_of_a_server_that_allows_small_bursts_only_is_found(
    simulate: Simulate, latency_s: float, retry_after_s: float | None
) -> None:
    server = Simulation(refill(100, burst=10), latency_s, retry_after_s, refusal_s=0.002)
    run = simulate(server, 3_000)
    assert run.elapsed_s < 30 + 15
    assert run.refused_share < 0.02


def test_a_long_run_keeps_the_pace_that_it_has_found(simulate: Simulate) -> None:
    run = simulate(Simulation(allow_per_second(100), 0.2, 1.0), 6_000)
    assert run.elapsed_s < 70
    assert run.refused_share < 0.025


def test_answers_that_take_seconds_are_not_waited_for_one_by_one(simulate: Simulate) -> None:
    run = simulate(Simulation(allow_per_second(20), 5.0, 1.0, refusal_s=0.002), 1_000)
    assert run.elapsed_s < 105
    assert run.refused_share < 0.05


@pytest.mark.parametrize("retry_after_s", [None, 0.1, 1.0])
@pytest.mark.parametrize(("latency_s", "longest_s"), [(0.01, 40), (0.2, 90)])
def test_refusals_by_chance_do_not_make_it_crawl(
    simulate: Simulate, latency_s: float, longest_s: float, retry_after_s: float | None
) -> None:
    run = simulate(Simulation(refuse_by_chance(0.05), latency_s, retry_after_s), 5_000)
    assert run.elapsed_s < longest_s


@pytest.mark.parametrize("retry_after_s", [None, 1.0])
def test_a_server_that_answers_so_many_at_once_is_kept_busy(
    simulate: Simulate, retry_after_s: float | None
) -> None:
    run = simulate(Simulation(allow_at_once(50), 0.2, retry_after_s), 2_000)
    assert run.elapsed_s < 17
    assert run.refused_share < 0.09


def test_a_server_without_limits_is_soon_asked_as_much_as_allowed(simulate: Simulate) -> None:
    run = simulate(Simulation(lambda _now, _answering: False, 5.0), 2_000)
    assert run.elapsed_s < 65


def test_a_server_that_has_become_slower_is_asked_as_much_as_before(simulate: Simulate) -> None:
    def become_slower(now: float, _answering: int) -> bool:
        if now > 1060.0:
            simulation.latency_s = 2.5
        return False

    simulation = Simulation(become_slower, 0.5)
    simulate(simulation, 40_000)
    assert simulation.elapsed_s < 60 + 200


def test_after_a_minute_of_refusals_it_goes_on(simulate: Simulate) -> None:
    refuse = lambda now, _answering: 1020.0 < now < 1080.0  # noqa: E731
    run = simulate(Simulation(refuse, 0.5, 1.0), 20_000)
    assert run.elapsed_s < 80 + 80
