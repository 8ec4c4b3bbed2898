"""What the throttle counts with: rates of flow, and what was answered before a refusal."""

import math
import time
from collections import deque
from dataclasses import dataclass

_MOST_COUNTED = 10_000
_SHORTEST_WINDOW_S = 1.0
# So many that are answered, or refused, after a refusal show whether it was chance.
_SERVED_ALIKE = 2
_REFUSED_ALIKE = 4
# By so much requests overtake one another on their way.
_OVERTAKEN_S = 0.05


class Bucket:
    """Tokens that flow in at a steady rate; what is asked takes some out.

    Attributes:
        rate_per_s: what flows in.
    """

    def __init__(self, rate_per_s: float, capacity: float, level: float | None = None) -> None:
        """Set up a bucket.

        Args:
            rate_per_s: what flows in.
            capacity: what it holds at the most.
            level: what it holds now; full if None.
        """
        self.rate_per_s = rate_per_s
        self._capacity = capacity
        self._level = capacity if level is None else level
        self._filled = time.monotonic()

    def delay_s(self, amount: float) -> float:
        """Seconds until so much may be taken out; more than the capacity waits for a full one."""
        self._fill()
        missing = min(amount, self._capacity) - self._level
        return max(0.0, missing / self.rate_per_s)

    def take(self, amount: float) -> None:
        """Take out, or give back a negative amount; the level may fall below nothing."""
        self._fill()
        self._level = min(self._capacity, self._level - amount)

    def speed_up(self, amount_per_s: float) -> None:
        """Let more flow in from now on."""
        self._fill()
        self.rate_per_s += amount_per_s

    def _fill(self) -> None:
        now = time.monotonic()
        self._level = min(self._capacity, self._level + (now - self._filled) * self.rate_per_s)
        self._filled = now


@dataclass(frozen=True, slots=True)
class Pass:
    """What lets one request through the gate.

    Attributes:
        entered: when, by the monotonic clock.
        tokens: what the request was taken to cost.
    """

    entered: float
    tokens: float


class Epoch:
    """The requests since the gate was last opened, and the refusals that shut it.

    Attributes:
        is_over: whether a refusal has shut the gate.
    """

    def __init__(self) -> None:
        self._answered: deque[float] = deque(maxlen=_MOST_COUNTED)
        self.forget_refusals()

    def forget_refusals(self) -> None:
        """Go on as if none had come; what was answered still tells the server's pace."""
        self.is_over = False
        self._first_refused = -math.inf
        self._last_refused = -math.inf
        self._refused = 0
        self._served_younger: list[float] = []
        self._shut_at = -math.inf
        self._unheard = 0
        self._pause_s: float | None = None

    def note_answer(self, passed: Pass) -> None:
        """Count an answer; those that were in flight when the gate was shut count too."""
        self._answered.append(passed.entered)
        # What was sent after the pause is served by any server, and tells nothing.
        if self._first_refused < passed.entered <= self._shut_at:
            self._served_younger.append(passed.entered)

    def note_refusal(self, passed: Pass, retry_after_s: float | None, in_flight: int) -> None:
        """Count a refusal, with the pause that the server asked for.

        Args:
            passed: what let its request in.
            retry_after_s: the pause.
            in_flight: requests that no response has come to yet, with this one.
        """
        if not self.is_over:
            self.is_over, self._first_refused = True, passed.entered
        if passed.entered > self._shut_at:
            self._shut_at, self._unheard = time.monotonic(), in_flight
        self._refused += 1
        self._pause_s = retry_after_s or self._pause_s
        self._last_refused = max(self._last_refused, passed.entered)

    def note_end(self, passed: Pass) -> None:
        """Count a request that is no longer in flight, whatever became of it."""
        self._unheard -= passed.entered <= self._shut_at

    @property
    def is_undecided(self) -> bool:
        """Whether what is still in flight may tell if a refusal was chance."""
        return self.is_over and self._unheard > 0 and not (self.was_limit or self.was_chance)

    @property
    def was_limit(self) -> bool:
        """Whether requests were refused in a row, as a server does that counts by the second."""
        between = sum(entered < self._last_refused for entered in self._served_younger)
        return self._refused >= max(_REFUSED_ALIKE, _REFUSED_ALIKE * between)

    @property
    def was_chance(self) -> bool:
        """Whether the server answers what was sent between its refusals and after them."""
        if len(self._served_younger) < _SERVED_ALIKE or self.was_limit:
            return False
        return (
            sum(entered > self._last_refused for entered in self._served_younger) >= _SERVED_ALIKE
        )

    @property
    def names_pause(self) -> bool:
        """Whether the server said how long to wait."""
        return self._pause_s is not None

    def peak_per_s(self) -> float:
        """What was answered of the window before the first refused request, a second.

        The window is the pause that was asked for: a server that counts by the second answers a
        second's worth at once.

        Returns:
            0 if the gate has not been open for so long.
        """
        if self._open_s < self._window_s:
            return 0.0
        since = self._first_refused - self._window_s
        answered = sum(since < entered < self._first_refused for entered in self._answered)
        return answered / self._window_s

    def mean_per_s(self) -> float:
        """What was answered until the first refused request was sent, a second."""
        until = self._first_refused + _OVERTAKEN_S
        answered = sum(entered < until for entered in self._answered)
        return answered / max(self._window_s, self._open_s)

    def steady_per_s(self) -> float:
        """The mean of one or two windows at a steady pace; of less or more it tells nothing."""
        is_telling = self._window_s < self._open_s < 2 * self._window_s
        return self.mean_per_s() if is_telling else math.inf

    @property
    def _open_s(self) -> float:
        return self._first_refused - min(self._answered, default=self._first_refused)

    @property
    def _window_s(self) -> float:
        return max(_SHORTEST_WINDOW_S, self._pause_s or 0.0)
