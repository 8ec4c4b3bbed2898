"""What refusals tell: whether they were chance or a limit, and what was answered before them."""

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
        self._window_s = _SHORTEST_WINDOW_S

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
        self._window_s = max(self._window_s, retry_after_s or 0.0)
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
    def answers(self) -> int:
        """How many were answered, as far as they are counted."""
        return len(self._answered)

    @property
    def is_long(self) -> bool:
        """Whether the gate was open for a window: the longest pause asked for, or a second."""
        return self._open_s > self._window_s

    def answered_per_s(self, windows: int) -> float:
        """What was answered before the first refused request was sent, a second.

        Args:
            windows: how many of them to look back, where the gate was open for two or more;
                all the time, and no less than one window, if it was not.
        """
        window_s = max(self._window_s, self._open_s)
        if self._open_s >= 2 * self._window_s:
            window_s = windows * self._window_s
        since, until = self._first_refused - window_s, self._first_refused + _OVERTAKEN_S
        answered = sum(since <= entered < until for entered in self._answered)
        return answered / window_s

    @property
    def _open_s(self) -> float:
        return self._first_refused - min(self._answered, default=self._first_refused)
