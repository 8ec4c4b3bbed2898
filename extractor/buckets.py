"""Rates of flow, as the throttle keeps them."""

import time


class Bucket:
    """Tokens that flow in at a steady rate; what is asked takes some out."""

    def __init__(self, rate_per_s: float, capacity: float, level: float | None = None) -> None:
        """Set up a bucket.

        Args:
            rate_per_s: what flows in.
            capacity: what it holds at the most.
            level: what it holds now; full if None.
        """
        self._rate_per_s = rate_per_s
        self._capacity = capacity
        self._level = capacity if level is None else level
        self._filled = time.monotonic()

    def delay_s(self, amount: float) -> float:
        """Seconds until so much may be taken out; more than the capacity waits for a full one."""
        self._fill()
        missing = min(amount, self._capacity) - self._level
        return max(0.0, missing / self._rate_per_s)

    def take(self, amount: float) -> None:
        """Take out, or give back a negative amount; the level may fall below nothing."""
        self._fill()
        self._level = min(self._capacity, self._level - amount)

    def speed_up(self, amount_per_s: float) -> None:
        """Let more flow in from now on."""
        self._fill()
        self._rate_per_s += amount_per_s

    def _fill(self) -> None:
        now = time.monotonic()
        self._level = min(self._capacity, self._level + (now - self._filled) * self._rate_per_s)
        self._filled = now
