import io
import re
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console

from extractor.cli.progress import Progress, format_duration, summarise
from extractor.errors import StoreError
from extractor.runs import Tally
from extractor.steering import Spending


@pytest.fixture(autouse=True)
def _four_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.runs.time", SimpleNamespace(monotonic=lambda: 4.0))


def make_tally(**counts: int) -> Tally:
    """What a run has done after four seconds."""
    spending = Spending(requests=9, tokens_in=9_000, tokens_out=900, cost_usd=0.0123)
    return Tally(spending, started=0.0, **counts)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (-1, "0.0 s"),
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_are_written_as_people_say_them(seconds: float, written: str) -> None:
    assert format_duration(seconds) == written


def test_a_summary_names_what_there_is_and_nothing_else() -> None:
    one = summarise(make_tally(claims=1, accepted=1))
    assert one.startswith(
        "1 abstract: 1 with claims, 0 without, 0 failed · 1 claim · 4.0 s (0.2/s)"
    )
    assert one.endswith("9,000 tokens in, 900 out · $0.0123")
    many = summarise(
        make_tally(claims=2, failed=1, accepted=5, rejected=2, duplicates=1, present=1000)
    )
    assert "5 claims (2 rejected) · 1 duplicate · 1,000 done before" in many
    unpriced = make_tally(claims=1)
    unpriced.spending = replace(unpriced.spending, unpriced=9)
    assert "$" not in summarise(unpriced)
    offline = make_tally(claims=1)
    offline.spending = Spending()
    assert "tokens" not in summarise(offline)
    assert "/s" not in summarise(make_tally(present=3))


def show_progress(console: Console, *tallies: Tally, total: int | None = None) -> str:
    with Progress(console, (lambda: total) if total else None) as progress:
        for tally in tallies:
            time.sleep(0.11)
            progress.update(tally)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_live_line_fits_the_terminal_and_tells_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Entries are counted before the line is shown, not beside it.
    monkeypatch.setattr(threading.Thread, "start", threading.Thread.run)
    console = Console(file=io.StringIO(), force_terminal=True, width=60, color_system=None)
    seen = show_progress(console, make_tally(claims=8, failed=2, accepted=20), total=100)
    assert re.search(r"10 of 100 abstracts · [\d.]+/s · \d+ s left · 20 claims · 2 fai", seen)
    lines = [part for part in seen.split("\n") if "abstracts" in part]
    assert len(lines) == 1
    assert "9,000 tokens in" not in seen
    assert "…" in lines[0]


def test_without_a_terminal_short_runs_print_no_progress() -> None:
    console = Console(file=io.StringIO(), width=60)
    assert show_progress(console, make_tally(claims=1), make_tally(claims=2)) == ""


def test_a_run_that_stops_says_what_is_kept() -> None:
    console = Console(file=io.StringIO(), width=60)
    with pytest.raises(StoreError), Progress(console, None) as progress:
        progress.update(make_tally(claims=2, accepted=3))
        raise StoreError("full")
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert printed.startswith("Stopped after 2 abstracts: 2 with claims")
    assert printed.count("\n") == 1
