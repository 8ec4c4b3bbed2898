"""How many requests are in flight: found out by itself, within the caps that were set.

The number in flight grows while the server keeps up and is halved when it refuses or slows
down: additive increase, multiplicative decrease, as TCP does it (Chiu and Jain, 1989; Jacobson,
1988). One gate for all workers holds back what the server, or the user, does not want yet.
"""

import asyncio
import contextlib
import math
import time
from collections import deque
from statistics import median

from extractor.asking import RateLimit
from extractor.steering.pacing import Bucket, Pacer
from extractor.steering.refusals import Epoch, Pass

_FIRST_LIMIT = 12.0
# How far above its best the median latency may rise before growth stops, and before it is halved.
_SLOW = 2.0
_TOO_SLOW = 4.0
# A machine with other work adds so much by itself; no model is as quick.
_NOISE_S = 0.05
_FEWEST_TIMED = 16
# With fewer in flight nothing tells whether a refusal was chance.
_FEWEST_TELLING = 4.0
# A server that refuses so many whatever it is sent is overloaded, for all that it answers between.
_RARE = 0.07
_SHARE_SMOOTHING = 1 / 64
_LIMIT_MARGIN = 0.95
# After a refusal that names no time.
_SHORTEST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 10.0
_PAUSE_DECAY = 0.9
# What each answer adds to the limit until the first cut: the more, the longer it takes. When the
# first refusal is heard, what was sent meanwhile is too much as well; but with answers that take
# seconds, small steps would never get anywhere.
_LEAST_GROWTH = 0.1
_GROWTH_PER_S = 1.0
_MOST_GROWTH = 1.0
# What a request is taken to cost before the server has counted one.
_FIRST_TOKENS = 2500.0
_TOKENS_SMOOTHING = 0.1


class Throttle:
    """The gate that every request goes through.

    Attributes:
        limit: requests that may be in flight now; a fraction grows towards the next one.
        in_flight: requests that are.
    """

    def __init__(
        self, most_in_flight: int, rpm: float | None = None, tpm: float | None = None
    ) -> None:
        """Open the gate.

        Args:
            most_in_flight: cap of `limit`.
            rpm: cap of requests a minute.
            tpm: cap of tokens a minute, prompt and answer together.
        """
        self.limit = min(_FIRST_LIMIT, float(most_in_flight))
        self.in_flight = 0
        self._most = float(most_in_flight)
        self._grows_fast = True
        self._grows = True
        self._last_cut = -math.inf
        self._limit_before = self.limit
        self._refused_share = 0.0
        self._pacer = Pacer()
        self._closed_until = -math.inf
        self._refused_until = -math.inf
        self._pause_s = _SHORTEST_PAUSE_S
        self._tokens = _FIRST_TOKENS
        self._epoch = Epoch()
        self._best_latency_s = math.inf
        self._timed: list[float] = []
        self._request_buckets: dict[str, Bucket] = {}
        self._token_buckets: dict[str, Bucket] = {}
        if rpm is not None:
            self._request_buckets["cap"] = Bucket(rpm / 60, max(1.0, rpm / 60))
        if tpm is not None:
            self._token_buckets["cap"] = Bucket(tpm / 60, max(1.0, tpm / 60))
        self._waiting: deque[asyncio.Future[Pass]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None
        self._has_given_up = asyncio.Event()

    async def enter(self) -> Pass:
        """Wait for a place, first come, first served.

        Raises:
            Exception: what `give_up` was called with.
        """
        if self._error is not None:
            raise self._error
        if not self._waiting and (admitted := self._admit()) is not None:
            return admitted
        future: asyncio.Future[Pass] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._set_timer()
        try:
            return await future
        except asyncio.CancelledError:
            # The place may have been given in the very moment of the cancellation.
            if future.done() and not future.cancelled() and future.exception() is None:
                self.leave(future.result())
            raise

    async def rest(self, seconds: float) -> None:
        """Wait so many seconds away from the gate.

        Raises:
            Exception: what `give_up` was called with meanwhile.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_given_up.wait(), seconds)
        if self._error is not None:
            raise self._error

    def leave(self, passed: Pass) -> None:
        """Give the place back that was entered by."""
        self.in_flight -= 1
        self._epoch.note_end(passed)
        self._wake()

    def note_answer(self, passed: Pass, tokens: int, limits: tuple[RateLimit, ...] = ()) -> None:
        """Learn from an answer.

        Args:
            passed: what let its request in.
            tokens: what it cost, prompt and answer together; 0 if the server does not say.
            limits: what the server says it still allows.
        """
        if tokens:
            for bucket in self._token_buckets.values():
                bucket.take(tokens - passed.tokens)
            self._tokens += _TOKENS_SMOOTHING * (tokens - self._tokens)
        for limit in limits:
            self._heed(limit)
        self._refused_share -= _SHARE_SMOOTHING * self._refused_share
        self._epoch.note_answer(passed)
        if self._epoch.was_chance:
            self._go_on()
        self._pacer.note_answer()
        self._pause_s = max(_SHORTEST_PAUSE_S, self._pause_s * _PAUSE_DECAY)
        latency_s = time.monotonic() - passed.entered
        self._time(latency_s)
        if self._grows and self.in_flight >= int(self.limit):
            self.limit = min(self._most, self.limit + self._growth(latency_s))

    def note_refusal(self, passed: Pass, retry_after_s: float | None) -> bool:
        """Learn from a refusal: halve, wait as long as was asked, or longer each time, keep pace.

        Returns:
            Whether it was news: what was sent before the last cut says nothing about what was
            cut to.
        """
        is_news = passed.entered > self._last_cut
        if is_news:
            # Where a pace is kept, it is the pace that was too much.
            self._cut(self.limit if self._pacer.pace is not None else self.limit / 2)
            self._pause_s = min(_LONGEST_PAUSE_S, 2 * self._pause_s)
        pause_s = self._pause_s if retry_after_s is None else retry_after_s
        self._refused_share += _SHARE_SMOOTHING * (1 - self._refused_share)
        self._epoch.note_refusal(passed, retry_after_s, self.in_flight)
        self._refused_until = max(self._refused_until, time.monotonic() + pause_s)
        return is_news

    def start_over(self, pause_s: float) -> None:
        """Let in one request at a time, the first after a pause, until answers come again."""
        self.limit = 1.0
        self._grows_fast = True
        self._last_cut = time.monotonic()
        self._closed_until = max(self._closed_until, time.monotonic() + pause_s)

    def give_up(self, error: Exception) -> None:
        """Let nobody in any more: all who wait, and who come, get this error."""
        self._error = error
        self._has_given_up.set()
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(error)

    @property
    def server_delay_s(self) -> float:
        """Seconds until the server, by what it says of its limits, allows another request."""
        requests, tokens = self._request_buckets.get("server"), self._token_buckets.get("server")
        return max(
            requests.delay_s(1) if requests else 0.0,
            tokens.delay_s(self._tokens) if tokens else 0.0,
        )

    def _admit(self) -> Pass | None:
        if self.in_flight >= int(self.limit) or self._delay_s() > 0:
            return None
        if self._epoch.is_over and not self._epoch.is_undecided:
            self._begin_anew()
        self.in_flight += 1
        for bucket in self._list_request_buckets():
            bucket.take(1)
        for bucket in self._token_buckets.values():
            bucket.take(self._tokens)
        return Pass(time.monotonic(), self._tokens)

    def _delay_s(self) -> float:
        delays = [max(self._closed_until, self._refused_until) - time.monotonic()]
        delays += [bucket.delay_s(1) for bucket in self._list_request_buckets()]
        delays += [bucket.delay_s(self._tokens) for bucket in self._token_buckets.values()]
        return max(0.0, *delays)

    def _list_request_buckets(self) -> list[Bucket]:
        pace = self._pacer.pace
        return [*self._request_buckets.values(), *([pace] if pace else [])]

    def _wake(self) -> None:
        while self._waiting:
            if self._waiting[0].done():
                self._waiting.popleft()
            elif (admitted := self._admit()) is not None:
                self._waiting.popleft().set_result(admitted)
            else:
                break
        self._set_timer()

    def _set_timer(self) -> None:
        """Come back when the gate opens, if it is time alone that keeps it shut."""
        if self._timer is not None or not self._waiting or self.in_flight >= int(self.limit):
            return
        self._timer = asyncio.get_running_loop().call_later(self._delay_s(), self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._wake()

    def _cut(self, limit: float) -> None:
        """Let fewer be in flight, but not too few to tell anything by."""
        self._limit_before = self.limit
        self.limit = max(min(self.limit, _FEWEST_TELLING), limit)
        self._grows_fast = False
        self._last_cut = time.monotonic()

    def _growth(self, latency_s: float) -> float:
        """What an answer adds to the limit."""
        if not self._grows_fast and self._pacer.pace is None:
            return 1 / self.limit
        return min(_MOST_GROWTH, max(_LEAST_GROWTH, _GROWTH_PER_S * latency_s))

    def _go_on(self) -> None:
        """Open the gate after a refusal that was chance; if these are rare, for as many."""
        share = 1.0 if self._refused_share < _RARE else _LIMIT_MARGIN
        self.limit = max(self.limit, share * self._limit_before)
        self._pacer.note_chance()
        self._refused_until = -math.inf
        self._epoch.forget_refusals()

    def _begin_anew(self) -> None:
        """Open the gate after a refusal that was no chance, for fewer or more slowly."""
        epoch = self._epoch
        is_rare = not epoch.was_limit and self._refused_share < _RARE
        if is_rare:
            # Nothing that was in flight could tell; a burst may have been too much.
            self.limit = max(self.limit, self._limit_before)
        elif self.limit <= _FEWEST_TELLING:
            self.limit = max(1.0, self.limit / 2)
        self._pacer.note_refusals(epoch)
        self._epoch = Epoch()

    def _time(self, latency_s: float) -> None:
        """Compare a round's median latency, which stragglers leave alone, with the best one."""
        self._timed.append(latency_s)
        if len(self._timed) < max(_FEWEST_TIMED, self.limit):
            return
        median_s = median(self._timed)
        self._timed.clear()
        if self.limit <= _FIRST_LIMIT and median_s > _SLOW * self._best_latency_s:
            # With so few in flight it is not we who make the server slow: it has become another.
            self._best_latency_s = median_s
            self._grows_fast = True
        self._best_latency_s = min(self._best_latency_s, median_s)
        best_s = self._best_latency_s + _NOISE_S
        self._grows = median_s < _SLOW * best_s
        if median_s > _TOO_SLOW * best_s and self.limit > _FIRST_LIMIT:
            self._cut(self.limit / 2)

    def _heed(self, limit: RateLimit) -> None:
        """Keep a bucket like the server's own: its size, its flow and what is left in it."""
        buckets = self._request_buckets if limit.unit == "requests" else self._token_buckets
        if limit.reset_s <= 0 or limit.remaining >= limit.limit:
            buckets.pop("server", None)
            return
        each = 1.0 if limit.unit == "requests" else self._tokens
        # The server had not yet counted what went out while this answer came back.
        level = limit.remaining - each * self.in_flight
        rate_per_s = (limit.limit - limit.remaining) / limit.reset_s
        buckets["server"] = Bucket(rate_per_s, limit.limit, level)
