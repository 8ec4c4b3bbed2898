"""What commands that ask a model have in common: interrupts, the summary, the exit code."""

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import typer

from extractor.cli.exit_codes import ExitCode
from extractor.formatting import show_controls

if TYPE_CHECKING:
    from extractor.pipeline import Pipeline
    from extractor.runs import Tally


@contextmanager
def spare_collector() -> Iterator[None]:
    """Keep the garbage collection from going through all that is loaded over and over again."""
    gc.freeze()
    try:
        yield
    finally:
        # DuckDB complains on the way out about what is never collected.
        gc.unfreeze()


def stop_on_interrupt(pipeline: "Pipeline", announce: Callable[[str], None]) -> asyncio.Event:
    """Let the first Ctrl-C finish what is in flight, and the second one leave at once."""
    interrupted = asyncio.Event()

    def stop() -> None:
        if interrupted.is_set():
            os._exit(ExitCode.INTERRUPTED)
        interrupted.set()
        pipeline.stop()
        announce("Interrupted: finishing what is in flight (Ctrl-C again to leave at once).")

    # Not every platform's event loop can; there Ctrl-C raises KeyboardInterrupt as ever.
    with suppress(NotImplementedError):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, stop)
        loop.add_signal_handler(signal.SIGTERM, stop)
    return interrupted


def report_run(tally: "Tally", *, interrupted: bool, advice: str | None) -> None:
    """Sum a run up on standard error.

    Args:
        tally: what was done.
        interrupted: whether by a signal.
        advice: how to go on, with `{what}` for the purpose; None where nothing was kept.
    """
    from extractor.cli.progress import summarise

    typer.echo(summarise(tally), err=True)
    for identifier, reason in tally.failures:
        typer.echo(show_controls(f"  failed: {identifier}: {reason}"), err=True)
    if tally.failed > len(tally.failures):
        typer.echo(f"  ... and {tally.failed - len(tally.failures):,} more", err=True)
    if tally.stopped:
        typer.echo(f"Stopped: {tally.stopped}.", err=True)
    unfinished = interrupted or tally.stopped
    if advice and (unfinished or tally.failed):
        what = "go on" if unfinished else "try the failed ones again"
        typer.echo(advice.format(what=what), err=True)


def leave(tally: "Tally", *, interrupted: bool, is_incomplete: bool = False) -> None:
    """Leave with the exit code of a run, unless all is well.

    Args:
        tally: what was done.
        interrupted: whether by a signal.
        is_incomplete: whether some failed that the tally does not count.
    """
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    if tally.failed or tally.stopped or is_incomplete:
        raise typer.Exit(ExitCode.SOME_FAILED)
