"""`extractor run`: extract claims from files of abstracts."""

import asyncio
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from extractor.cli import options
from extractor.cli.dry_run import print_dry_run
from extractor.cli.running import leave, report_run, spare_collector, stop_on_interrupt
from extractor.errors import ConfigError
from extractor.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extractor.cli.progress import Progress
    from extractor.readers import Entry, ReadOptions
    from extractor.runs import Tally
    from extractor.stores import Store

Engine = Literal["local", "ray"]

_MACHINES = "Many machines"
_ADVICE = {
    "local": "Run the same command again to {what}; nothing is paid twice.",
    "ray": "Run the same command again to {what}; only what was in flight is asked again.",
}


def run(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, tables as postgresql://...?table=NAME, or - for standard input.",
            metavar="SOURCE...",
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE|URL",
            help="A .db, .jsonl, .jsonl.gz, .parquet, .duckdb or .csv file, a database's URL, or - "
            "for JSON lines; without it, a table on the screen.",
        ),
    ] = None,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    mode: options.AskMode = "json_schema",
    prompt: options.PromptVersion = "v1",
    param: options.Parameters = None,
    input_format: options.InputFormat = None,
    mapping: options.Mapping = None,
    skip_check: options.SkipCheck = None,
    screen: Annotated[
        bool,
        typer.Option(
            "--screen",
            help="Ask nothing about abstracts in which rules see no figure and no comparison.",
        ),
    ] = False,
    max_reasks: options.MaxReasks = 2,
    max_attempts: options.MaxAttempts = 6,
    timeout: options.Timeout = 120.0,
    concurrency: options.Concurrency = 256,
    rpm: options.RequestsPerMinute = None,
    tpm: options.TokensPerMinute = None,
    patience: options.Patience = 600.0,
    max_cost: options.MaxCost = None,
    max_requests: options.MaxRequests = None,
    cache: options.CacheFolder = None,
    no_cache: options.NoCache = False,
    refresh: options.Refresh = False,
    engine: Annotated[
        Engine,
        typer.Option(
            help="ray spreads the work over a cluster, into a folder of Parquet files (-o NAME/).",
            rich_help_panel=_MACHINES,
        ),
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="A running Ray cluster; without it, one is started here.",
            rich_help_panel=_MACHINES,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked, and what it would cost.")
    ] = False,
    quiet: options.Quiet = False,
    as_json: options.SummaryAsJson = False,
) -> None:
    """Extract claims from abstracts.

    A second run into the same output does only what is missing. Exit code 3 says that some
    abstracts failed; run the same command again, or `extractor retry`, to try them once more.
    """
    settings = Settings(
        model=model,
        base_url=base_url,
        mode=mode,
        prompt=prompt,
        parameters=options.parse_parameters(param),
        max_reasks=max_reasks,
        max_attempts=max_attempts,
        timeout_s=timeout,
        concurrency=concurrency,
        rpm=rpm,
        tpm=tpm,
        patience_s=patience,
        max_cost_usd=max_cost,
        max_requests=max_requests,
        cache=not no_cache,
        cache_dir=cache,
        refresh=refresh,
        skip_checks=frozenset(skip_check or []),
        screen=screen,
    )
    from extractor.cli.progress import count
    from extractor.readers import ReadOptions, read_abstracts

    columns = options.split_pairs(mapping, "--map")
    reading = ReadOptions(format=input_format, mapping=columns)
    if address is not None and engine != "ray":
        raise ConfigError("--address is that of a Ray cluster: add --engine ray")
    if dry_run:
        kept = output if engine == "local" else None
        print_dry_run(settings, read_abstracts(sources, options=reading), kept, as_json=as_json)
        return
    is_quiet = quiet or as_json
    if engine == "ray":
        tally, interrupted = _run_on_ray(settings, sources, reading, output, address, is_quiet)
    else:
        # Waits for the first entry, which Ctrl-C has to end: so outside the event loop.
        entries = read_abstracts(sources, options=reading)
        shown = _show_progress(sources, reading, is_quiet)
        tally, interrupted = asyncio.run(_run(settings, entries, output, shown))
    if as_json:
        typer.echo(json.dumps(tally.to_record()), err=True)
    elif _has_nothing_to_do(tally, output, interrupted) and not quiet:
        from extractor.stores import show_target

        present = f"has all of it already ({count(tally.present, 'abstract')})"
        typer.echo(f"Nothing to do: {show_target(str(output))} {present}.", err=True)
    elif not quiet:
        can_go_on = output not in (None, "-")
        report_run(tally, interrupted=interrupted, advice=_ADVICE[engine] if can_go_on else None)
    leave(tally, interrupted=interrupted)


async def _run(
    settings: Settings, entries: "Iterable[Entry]", output: str | None, progress: "Progress"
) -> tuple["Tally", bool]:
    from extractor.pipeline import Pipeline
    from extractor.runs import run_extraction

    pipeline = Pipeline(settings)
    try:
        with closing(_open_output(output)) as store, progress as shown, spare_collector():
            interrupted = stop_on_interrupt(pipeline, shown.announce)
            tally = await run_extraction(pipeline, entries, store, shown.update)
    finally:
        await pipeline.close()
    return tally, interrupted.is_set()


def _run_on_ray(
    settings: Settings,
    sources: list[str],
    reading: "ReadOptions",
    output: str | None,
    address: str | None,
    quiet: bool,
) -> tuple["Tally", bool]:
    if output in (None, "-"):
        raise ConfigError("many machines write into a folder: give one with -o NAME/")
    from extractor.distributed.driving import run_distributed
    from extractor.distributed.shards import ShardSource
    from extractor.runs import Tally
    from extractor.steering import Spending

    tally = Tally(Spending())
    with _show_progress(sources, reading, quiet) as shown:
        try:
            source = ShardSource(sources, reading)
            run_distributed(settings, source, output, tally, address=address, report=shown.update)
        except KeyboardInterrupt:
            return tally, True
    return tally, False


def _open_output(output: str | None) -> "Store":
    if output is not None:
        from extractor.outages import LOCK_WAIT_S
        from extractor.stores import open_store

        return open_store(output, sys.stdout, lock_wait_s=LOCK_WAIT_S)
    from rich.console import Console

    from extractor.cli.tables import TableStore

    return TableStore(Console())


def _show_progress(sources: list[str], reading: "ReadOptions", quiet: bool) -> "Progress":

    from rich.console import Console

    from extractor.cli.progress import Progress
    from extractor.readers import read_abstracts

    def count_entries() -> int:
        return sum(1 for _ in read_abstracts(sources, options=reading))

    # Whatever is no file, such as a pipe, can be read only once.
    countable = not quiet and all(Path(name).is_file() or Path(name).is_dir() for name in sources)
    return Progress(Console(stderr=True, quiet=quiet), count_entries if countable else None)


def _has_nothing_to_do(tally: "Tally", output: str | None, interrupted: bool) -> bool:
    return bool(output and tally.present and not (tally.finished or interrupted or tally.stopped))
