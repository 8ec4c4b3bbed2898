"""What the throttle counts with: rates of flow, and what was answered before a refusal."""

import math
import time
from collections import deque
from dataclasses import dataclass

_MOST_COUNTED = 10_000
_SHORTEST_WINDOW_S = 1.0


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
    """The requests since the gate was last opened, and the refusal that shut it."""

    def __init__(self) -> None:
        self._answered: deque[float] = deque(maxlen=_MOST_COUNTED)
        self._refused = -math.inf
        self._window_s: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether a refusal that named a time has shut the gate."""
        return self._window_s is not None

    def note_answer(self, passed: Pass) -> None:
        """Count an answer; those that were in flight when the gate was shut count too."""
        self._answered.append(passed.entered)

    def end(self, passed: Pass, pause_s: float) -> None:
        """Note a refusal, and the pause that the server asked for."""
        self._refused = passed.entered
        self._window_s = max(_SHORTEST_WINDOW_S, pause_s)

    def go_on(self) -> None:
        """Take the refusal for chance."""
        self._window_s = None

    def rate_per_s(self) -> float:
        """What was answered until the refused request was sent, a second.

        Of all that time or of the last window, whichever is less; the window is the pause that was
        asked for: a server that counts by the second answers a second's worth at once.
        """
        window_s = self._window_s or _SHORTEST_WINDOW_S
        since = self._refused - window_s
        counted = sum(entered > since for entered in self._answered)
        all_s = max(window_s, self._refused - min(self._answered, default=since))
        return min(counted / window_s, len(self._answered) / all_s)
