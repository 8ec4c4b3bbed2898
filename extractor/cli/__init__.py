"""The command line: one module a command; each parses, prints, and sets the exit code."""

import io
import logging
import os
import sys
from typing import Annotated

import typer

from extractor import __version__
from extractor.cli import (
    batch,
    cache,
    compare,
    compare_methods,
    evaluate,
    export,
    fetch,
    gold,
    leaderboard,
    load,
    prompt,
    report,
    retry,
    review,
    run,
    schema,
    show,
    stats,
    store,
)
from extractor.cli.exit_codes import ExitCode
from extractor.errors import ExtractorError, StoreError
from extractor.formatting import show_controls

app = typer.Typer(
    help="Turn scientific abstracts into structured, checked, database-ready claims.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("retry")(retry.retry)
app.command("show")(show.show)
app.command("export")(export.export)
app.command("load")(load.load)
app.command("leaderboard")(leaderboard.leaderboard)
app.command("compare-methods")(compare_methods.compare_methods)
app.command("stats")(stats.stats)
app.command("report")(report.report)
app.command("review")(review.review)
app.command("eval")(evaluate.evaluate)
app.command("compare")(compare.compare)
app.add_typer(gold.app, name="gold")
app.command("schema")(schema.schema)
app.command("prompt")(prompt.prompt)
app.add_typer(batch.app, name="batch")
app.add_typer(cache.app, name="cache")
app.add_typer(store.app, name="store")
app.add_typer(fetch.app, name="fetch")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"claim-extractor {__version__}")
        raise typer.Exit


@app.callback()
def _begin(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print version."),
    ] = False,
) -> None:
    logging.basicConfig(format="%(levelname)s: %(message)s", handlers=[_LogHandler()])
    # Their messages come a second time, as ours, with what to do about them.
    for name in ("instructor", "openai", "httpx2"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # A full disk behind standard output has to show before the exit code is chosen.
    context.call_on_close(sys.stdout.flush)


class _LogHandler(logging.Handler):
    """Writes above the live progress line, which stands in for standard error while it runs."""

    def emit(self, record: logging.LogRecord) -> None:
        # Not typer.echo, which finds the terminal behind it.
        print(show_controls(self.format(record)), file=sys.stderr)


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # JSON is UTF-8 whatever the locale, and no character may stop a run.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except StoreError as error:
        typer.echo(show_controls(f"Error: {error}"), err=True)
        sys.exit(ExitCode.CHECK_FAILED)
    except ExtractorError as error:
        typer.echo(show_controls(f"Error: {error}"), err=True)
        sys.exit(ExitCode.WRONG_USE)
    except OSError as error:
        typer.echo(f"Error: cannot write the output: {error.strerror}", err=True)
        # What is still in its buffer would fail once more on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.CHECK_FAILED)
