"""`extractor retry`: take the failed abstracts of an output up again."""

import asyncio
import json
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractor.cli import options
from extractor.cli.running import leave, report_run, spare_collector, stop_on_interrupt
from extractor.formatting import show_controls
from extractor.settings import Mode, Settings

if TYPE_CHECKING:
    from extractor.readers import ReadOptions
    from extractor.retries import FailedAbstracts
    from extractor.runs import Tally
    from extractor.stores import RetryStore

_ADVICE = "Run the same command again to {what}."
_LISTED = 5


def retry(
    output: Annotated[
        str,
        typer.Argument(
            help="The output of a run: a .db or .jsonl file, or a database's URL.", metavar="OUT"
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option("-m", "--model", help="As in `run`. Default: the one that failed."),
    ] = None,
    base_url: options.BaseUrl = None,
    mode: Annotated[
        Mode | None, typer.Option("--mode", help="As in `run`. Default: as before.")
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(help="As in `run`. Default: the one used before.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("-p", "--param", metavar="KEY=VALUE", help="As in `run`. Default: as before."),
    ] = None,
    input_format: options.InputFormat = None,
    mapping: options.Mapping = None,
    skip_check: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="As in `run`. Default: as before."),
    ] = None,
    max_reasks: Annotated[
        int | None, typer.Option(min=0, help="As in `run`. Default: as before.")
    ] = None,
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
    quiet: options.Quiet = False,
    as_json: options.SummaryAsJson = False,
) -> None:
    """Ask again about the failed abstracts of an output.

    The sources are needed only where the output keeps no texts (older JSONL), or where an entry
    could not be read. Answers that failed for good are asked for anew in spite of the cache. Exit
    codes are those of `run`.
    """
    limits = {
        "max_attempts": max_attempts,
        "timeout_s": timeout,
        "concurrency": concurrency,
        "rpm": rpm,
        "tpm": tpm,
        "patience_s": patience,
        "max_cost_usd": max_cost,
        "max_requests": max_requests,
        "cache": not no_cache,
        "cache_dir": cache,
    }
    chosen = {
        "model": model,
        "base_url": base_url,
        "mode": mode,
        "prompt": prompt,
        "parameters": options.parse_parameters(param),
        "max_reasks": max_reasks,
        "skip_checks": skip_check,
    }
    from extractor.outages import LOCK_WAIT_S
    from extractor.readers import ReadOptions
    from extractor.stores import reopen_store

    reading = ReadOptions(format=input_format, mapping=options.split_pairs(mapping, "--map"))
    with closing(reopen_store(output, lock_wait_s=LOCK_WAIT_S)) as store:
        settings = _complete_settings(store, chosen, limits)
        if settings is None:
            _report_nothing(output, quiet, as_json)
            return
        tally, failed, interrupted = asyncio.run(_retry(settings, store, reading, quiet or as_json))
    if as_json:
        record = {**tally.to_record(), "not_found": len(failed.not_found)}
        typer.echo(json.dumps(record), err=True)
    elif not quiet:
        report_run(tally, interrupted=interrupted, advice=_ADVICE)
        _report_not_found(failed)
    leave(tally, interrupted=interrupted, is_incomplete=bool(failed.not_found))


def _complete_settings(
    store: "RetryStore", chosen: dict[str, Any], limits: dict[str, Any]
) -> Settings | None:
    """The settings to ask with; None if there is nothing to ask."""
    from extractor.recalling import AskedBefore

    before = AskedBefore.of(store.read_failed())
    return Settings(**before.complete(chosen), **limits) if before.rows else None


async def _retry(
    settings: Settings, store: "RetryStore", reading: "ReadOptions", quiet: bool
) -> tuple["Tally", "FailedAbstracts", bool]:
    from rich.console import Console

    from extractor.cli.progress import Progress
    from extractor.outages import outlast
    from extractor.retries import FailedAbstracts, ReplacingStore, RetryPipeline
    from extractor.runs import run_extraction

    pipeline = RetryPipeline(settings)
    failed = FailedAbstracts(store, pipeline.extraction_id, reading)
    replacing = ReplacingStore(store, failed)

    def count_failed() -> int:
        return sum(1 for _ in store.read_failed())

    console = Console(stderr=True, quiet=quiet)
    try:
        with Progress(console, None if quiet else count_failed) as shown, spare_collector():
            interrupted = stop_on_interrupt(pipeline, shown.announce)
            tally = await run_extraction(pipeline, failed.read(), replacing, shown.update)
        await outlast(replacing.finish, settings.patience_s, interrupted.is_set)
    finally:
        await pipeline.close()
    return tally, failed, interrupted.is_set()


def _report_nothing(output: str, quiet: bool, as_json: bool) -> None:
    if as_json:
        from extractor.runs import Tally
        from extractor.steering import Spending

        typer.echo(json.dumps({**Tally(Spending()).to_record(), "not_found": 0}), err=True)
    elif not quiet:
        from extractor.stores import show_target

        typer.echo(f"Nothing to retry: {show_target(output)} has no failed abstracts.", err=True)


def _report_not_found(failed: "FailedAbstracts") -> None:
    for row, reason in failed.not_found[:_LISTED]:
        place = f" ({row.source})" if row.source and row.source != row.id else ""
        typer.echo(show_controls(f"  cannot be found again: {row.id}{place}: {reason}"), err=True)
    if len(failed.not_found) > _LISTED:
        typer.echo(f"  ... and {len(failed.not_found) - _LISTED:,} more", err=True)
