"""What a server says about its rate limits, read from the headers of a response."""

import math
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

Unit = Literal["requests", "tokens"]

# Limits are counted by the day at the most.
_LONGEST_S = 86_400.0
_UNITS: tuple[Unit, ...] = ("requests", "tokens")
_PARTS = re.compile(r"([\d.]+)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class RateLimit(NamedTuple):
    """A limit of requests or of tokens.

    Attributes:
        limit: what is allowed in all.
        remaining: what is left of it.
        reset_s: seconds until all of it is allowed again.
    """

    unit: Unit
    limit: float
    remaining: float
    reset_s: float


def read_rate_limits(headers: Mapping[str, str]) -> tuple[RateLimit, ...]:
    """Read the `x-ratelimit-*` headers; what is absent or unreadable is left out."""
    found = []
    for unit in _UNITS:
        reset = headers.get(f"x-ratelimit-reset-{unit}")
        if reset is None:
            continue
        try:
            limit = float(headers[f"x-ratelimit-limit-{unit}"])
            remaining = float(headers[f"x-ratelimit-remaining-{unit}"])
            reset_s = _read_duration(reset)
        except (KeyError, ValueError):
            continue
        # Some tell the time of day instead.
        if all(map(math.isfinite, (limit, remaining, reset_s))) and reset_s <= _LONGEST_S:
            found.append(RateLimit(unit, limit, remaining, reset_s))
    return tuple(found)


def _read_duration(text: str) -> float:
    """Read `6m0s`, `1.5s`, `20ms`, or plain seconds."""
    parts = _PARTS.findall(text)
    if not parts:
        return float(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)
