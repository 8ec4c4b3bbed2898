"""What the throttle counts with: rates of flow, and what was answered before a refusal."""

import math
import time
from collections import deque
from dataclasses import dataclass

_MOST_COUNTED = 10_000
_SHORTEST_WINDOW_S = 1.0
# So many that are answered, or refused, after a refusal show whether it was chance.
_SERVED_ALIKE = 2
_REFUSED_ALIKE = 3
_ANSWERED_TO_ONE = 20


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
        self.is_over = False
        self._answered: deque[float] = deque(maxlen=_MOST_COUNTED)
        self._first_refused = -math.inf
        self._last_refused = -math.inf
        self._refused = 0
        self._served_since = 0
        self._pause_s: float | None = None

    def note_answer(self, passed: Pass) -> None:
        """Count an answer; those that were in flight when the gate was shut count too."""
        self._answered.append(passed.entered)
        self._served_since += passed.entered > self._last_refused

    def note_refusal(self, passed: Pass, retry_after_s: float | None) -> None:
        """Count a refusal, with the pause that the server asked for."""
        if not self.is_over:
            self.is_over, self._first_refused = True, passed.entered
        self._refused += 1
        self._pause_s = retry_after_s or self._pause_s
        self._last_refused = max(self._last_refused, passed.entered)
        self._served_since = 0

    @property
    def was_chance(self) -> bool:
        """Whether the server answers what was sent after all that it refused."""
        return self.is_over and self._served_since >= _SERVED_ALIKE

    @property
    def was_rare(self) -> bool:
        """Whether many were answered before the first refusal."""
        return len(self._answered) >= _ANSWERED_TO_ONE * self._refused

    @property
    def was_sudden(self) -> bool:
        """Whether the gate was shut soon after it was opened: the pace was too much."""
        return self._first_refused - min(self._answered, default=0.0) < 2 * self._window_s

    @property
    def names_pace(self) -> bool:
        """Whether a server that names a pause refused all that came, not one by chance."""
        return self._pause_s is not None and self._refused >= _REFUSED_ALIKE

    def rate_per_s(self) -> float:
        """What was answered until the first refused request was sent, a second.

        Of all that time or of the last window, whichever is less; the window is the pause that was
        asked for: a server that counts by the second answers a second's worth at once.
        """
        since = self._first_refused - self._window_s
        counted = sum(entered > since for entered in self._answered)
        all_s = self._first_refused - min(self._answered, default=since)
        return min(counted / self._window_s, len(self._answered) / max(self._window_s, all_s))

    @property
    def _window_s(self) -> float:
        return max(_SHORTEST_WINDOW_S, self._pause_s or 0.0)
