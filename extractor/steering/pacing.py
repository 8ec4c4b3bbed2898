"""Rates of flow: the caps that were set, and the pace that a server asks for by its refusals."""

import time

from extractor.steering.refusals import Epoch

# After a refusal the pace is a little below what was answered, and saves up little of what is
# not used.
_MARGIN = 0.9
_SAVED_S = 0.05
# It rises the faster the longer no other refusal comes: it has made up for the margin after some
# fourteen seconds, and is tenfold after forty; up to ten times as soon if it was told by few.
_GROWTH_PER_S3 = 0.00012
_MOST_GROWTH = 1.0
_CERTAIN_ANSWERS = 100
_LEAST_CERTAIN = 0.1
# Refusals that nothing shows to be a limit: so few answers before them may be chance, twice; and
# where it has not helped so often to go more slowly, it was not the pace.
_FEWEST_ANSWERS = 50
_MOST_UNTOLD = 2
_MOST_DOUBTS = 3
_ALIKE = 1.05
# A refusal within a window of time lowers the pace by no more than this, and by the margin.
_LARGEST_CUT = 0.78


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

    def _fill(self) -> None:
        now = time.monotonic()
        self._level = min(self._capacity, self._level + (now - self._filled) * self.rate_per_s)
        self._filled = now


class Pace(Bucket):
    """A rate a little below what a server answered, which rises until it refuses again."""

    def __init__(self, answered_per_s: float, certainty: float, doubts: int = 0) -> None:
        """Set the pace.

        Args:
            answered_per_s: before the server refused.
            certainty: of this rate, up to 1; the less, the sooner it is tried to be too low.
            doubts: how often in a row a pace like this has been refused.
        """
        rate_per_s = _MARGIN * answered_per_s
        super().__init__(rate_per_s, max(1.0, rate_per_s * _SAVED_S))
        self.certainty = min(1.0, max(_LEAST_CERTAIN, certainty))
        self.doubts = doubts
        self._measured_per_s = answered_per_s
        self._since = time.monotonic()

    def rise(self) -> None:
        """Let a little more flow in from now on."""
        self._fill()
        age_s = time.monotonic() - self._since
        growth = _GROWTH_PER_S3 * age_s**2 / self.certainty**3
        self.rate_per_s += min(_MOST_GROWTH, growth)

    def lower(self, answered_per_s: float, certainty: float) -> "Pace":
        """The pace after the next refusal; doubted if this one was no higher than measured."""
        rate_per_s = min(self.rate_per_s, answered_per_s)
        if self.rate_per_s < _ALIKE * self._measured_per_s:
            return Pace(rate_per_s, max(certainty, self.certainty), self.doubts + 1)
        return Pace(rate_per_s, max(certainty, 2 * self.certainty))


class Pacer:
    """Finds the pace that a server asks for by its refusals.

    Attributes:
        pace: what to keep to; None as long as no refusal has told of one.
    """

    def __init__(self) -> None:
        """Know of no pace."""
        self.pace: Pace | None = None
        self._untold = 0
        self._is_doubted = False

    def note_answer(self) -> None:
        """Try a little more."""
        if self.pace is not None:
            self.pace.rise()

    def note_chance(self) -> None:
        """Take the last refusals for chance."""
        self._untold = 0

    def note_refusals(self, epoch: Epoch) -> None:
        """Find a pace, or correct it, by refusals that were no chance, or may have been."""
        # A first pace is told by more, as requests come in bursts before there is one.
        answered_per_s = epoch.answered_per_s(2 if self.pace is None else 1)
        certainty = epoch.answers / _CERTAIN_ANSWERS
        if epoch.was_limit:
            self._is_doubted = False
        if not answered_per_s or self._is_doubted:
            return
        if self.pace is not None:
            if not epoch.is_long:
                # Of a bucket that allows a burst, less than a window shows too little.
                answered_per_s = max(answered_per_s, _LARGEST_CUT * self.pace.rate_per_s)
            self.pace = self.pace.lower(answered_per_s, certainty)
            self._is_doubted = self.pace.doubts > _MOST_DOUBTS and not epoch.was_limit
            if self._is_doubted:
                self.pace = None
        elif epoch.was_limit or epoch.answers >= _FEWEST_ANSWERS or self._untold >= _MOST_UNTOLD:
            self.pace = Pace(answered_per_s, certainty)
        else:
            self._untold += 1
