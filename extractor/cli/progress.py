"""Shows how a run is getting on: a live line in a terminal, plain lines elsewhere."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from rich.console import Console
from rich.live import Live
from rich.text import Text

from extractor.errors import ExtractorError
from extractor.runs import Tally

_LIVE_INTERVAL_S = 0.1
_PLAIN_INTERVAL_S = 10.0


class Progress:
    """Prints a line about a run at most so often; the last is printed by `summarise`."""

    def __init__(self, console: Console, count_entries: Callable[[], int] | None) -> None:
        """Get ready to report.

        Args:
            console: where to, standard error as a rule.
            count_entries: counts what there is to do, in a thread beside the run; None where
                that cannot be known, as with standard input.
        """
        self._total: int | None = None
        self._tally: Tally | None = None
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._console = console
        self._interval_s = _LIVE_INTERVAL_S if self._live else _PLAIN_INTERVAL_S
        self._shown = time.monotonic()
        self._count_entries = count_entries

    def __enter__(self) -> "Progress":
        if self._count_entries is not None:
            threading.Thread(target=self._count, daemon=True).start()
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_details: object) -> None:
        if self._live:
            self._live.update(Text(""), refresh=True)
            self._live.stop()
        if kind is not None and self._tally is not None:
            self._console.print(Text(f"Stopped after {summarise(self._tally)}"), soft_wrap=True)

    def update(self, tally: Tally) -> None:
        """Show how far the run is, unless that was just done."""
        self._tally = tally
        now = time.monotonic()
        if now - self._shown < self._interval_s:
            return
        self._shown = now
        line = Text(self._describe(tally), no_wrap=True, overflow="ellipsis")
        if self._live:
            self._live.update(line, refresh=True)
        else:
            self._console.print(line, soft_wrap=True)

    def announce(self, message: str) -> None:
        """Print a line of its own above the live one, also where progress is not shown."""
        console = self._live.console if self._live else Console(stderr=True)
        console.print(Text(message), soft_wrap=True)

    def _count(self) -> None:
        # What cannot be read is reported by the run itself.
        with suppress(ExtractorError):
            self._total = self._count_entries() if self._count_entries else None

    def _describe(self, tally: Tally) -> str:
        rate = _rate(tally)
        parts = [count(tally.finished, "abstract")]
        if self._total is not None:
            parts[0] = f"{tally.read:,} of {self._total:,} abstracts"
        parts.append(_format_rate(rate))
        if self._total is not None and rate:
            parts.append(f"{format_duration((self._total - tally.read) / rate)} left")
        parts.append(count(tally.accepted, "claim"))
        if tally.failed:
            parts.append(f"{tally.failed:,} failed")
        return " · ".join([*parts, *describe_spending(tally)])


def summarise(tally: Tally) -> str:
    """Sum a run up in one line."""
    screened = f" ({tally.screened:,} screened)" if tally.screened else ""
    parts = [
        f"{count(tally.finished, 'abstract')}: {tally.claims:,} with claims, "
        f"{tally.no_claims:,} without{screened}, {tally.failed:,} failed",
        count(tally.accepted, "claim")
        + (f" ({tally.rejected:,} rejected)" if tally.rejected else ""),
    ]
    if tally.duplicates:
        parts.append(count(tally.duplicates, "duplicate"))
    if tally.present:
        parts.append(f"{tally.present:,} done before")
    rate = f" ({_format_rate(_rate(tally))})" if tally.finished else ""
    parts.append(f"{format_duration(tally.elapsed_s)}{rate}")
    return " · ".join([*parts, *describe_spending(tally)])


def describe_spending(tally: Tally) -> list[str]:
    """Tokens and cost, if anything was asked."""
    spending = tally.spending
    if not spending.requests or not spending.tokens_in:
        return []
    cached = f" ({spending.tokens_cached:,} cached)" if spending.tokens_cached else ""
    described = [f"{spending.tokens_in:,} tokens in{cached}, {spending.tokens_out:,} out"]
    if spending.unpriced < spending.requests:
        described.append(f"${spending.cost_usd:,.4f}")
    return described


def count(number: int, noun: str) -> str:
    """Write a number of things: `1 claim`, `2,000 claims`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def format_duration(seconds: float) -> str:
    """Write seconds as people say them: `0.4 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _rate(tally: Tally) -> float:
    return tally.finished / tally.elapsed_s if tally.elapsed_s else 0.0


def _format_rate(rate: float) -> str:
    return f"{rate:,.1f}/s" if rate < 10 else f"{rate:,.0f}/s"
