"""`extractor batch`: the providers' batch interface, slower and at half the price."""

import asyncio
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli.batch_reports import announce, report_export, report_import, report_jobs
from extractor.cli.exit_codes import ExitCode
from extractor.cli.options import (
    AsJson,
    AskMode,
    BaseUrl,
    CacheFolder,
    MaxReasks,
    Model,
    Parameters,
    PromptVersion,
    parse_parameters,
    split_pairs,
)
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.batch import Import, Job, Limits
    from extractor.batch.collecting import Collection

app = typer.Typer(
    help="Ask through a provider's batch interface: slower, at half the price.",
    no_args_is_help=True,
)

_FILES = "Files"
Output = Annotated[
    str,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE|URL",
        help="A .db or .jsonl file, a database's URL, or - for JSON lines.",
    ),
]
NextRequests = Annotated[
    Path | None,
    typer.Option(
        "--next",
        metavar="FILE",
        help="Where to write what is to be asked next. Default: beside the output, or here.",
        rich_help_panel=_FILES,
    ),
]
MaxLines = Annotated[
    int,
    typer.Option(min=1, help="Requests in one file at the most.", rich_help_panel=_FILES),
]
MaxMegabytes = Annotated[
    float,
    typer.Option("--max-mb", min=0.001, help="Size of one file.", rich_help_panel=_FILES),
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Stay and look again until there is nothing to wait for.")
]
Interval = Annotated[
    float, typer.Option(min=0.01, metavar="SECONDS", help="Between two looks, with --wait.")
]


@app.command()
def export(
    sources: Annotated[
        list[str],
        typer.Argument(help="Files, folders, or - for standard input.", metavar="SOURCE..."),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="The first file of requests."),
    ],
    model: Model = None,
    base_url: BaseUrl = None,
    mode: AskMode = "json_schema",
    prompt: PromptVersion = "v1",
    param: Parameters = None,
    input_format: Annotated[
        str | None, typer.Option("--format", help="The sources' format, if not to be told.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Which column or key holds id, title, text, url or published. May be repeated.",
        ),
    ] = None,
    skip_check: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Switch a validation check off. May be repeated."),
    ] = None,
    max_reasks: MaxReasks = 2,
    max_lines: MaxLines = 50_000,
    max_mb: MaxMegabytes = 190.0,
    cache: CacheFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the requests that are still to be asked.

    Nothing is asked that the cache has an answer to, and no key is needed. What does not fit into
    one file goes on in FILE-2.jsonl, FILE-3.jsonl and so on.
    """
    from extractor.batch import Limits, export_requests
    from extractor.readers import ReadOptions, read_abstracts

    settings = Settings(
        model=model,
        base_url=base_url,
        mode=mode,
        prompt=prompt,
        parameters=parse_parameters(param),
        max_reasks=max_reasks,
        skip_checks=frozenset(skip_check or []),
        cache_dir=cache,
    )
    columns = split_pairs(mapping, "--map")
    entries = read_abstracts(sources, options=ReadOptions(format=input_format, mapping=columns))
    limits = Limits(max_lines, int(max_mb * 1e6))
    done = asyncio.run(export_requests(entries, settings, output, limits))
    report_export(done, as_json=as_json)


@app.command("import")
def import_(
    answers: Annotated[
        list[str],
        typer.Argument(help="Output and error files, in any order.", metavar="ANSWERS..."),
    ],
    output: Output,
    next_requests: NextRequests = None,
    max_lines: MaxLines = 50_000,
    max_mb: MaxMegabytes = 190.0,
    cache: CacheFolder = None,
    as_json: AsJson = False,
) -> None:
    """Take answers in, check them, and store the claims.

    The answers go into the cache, and no request is sent. Those with problems, and questions
    that got no answer, make the next file of requests. Exit code 3 says that some abstracts
    failed, or that lines could not be used.
    """
    from extractor.batch import Limits

    limits = Limits(max_lines, int(max_mb * 1e6))
    done = asyncio.run(_import(answers, output, next_requests, limits, cache))
    report_import(done, as_json=as_json)
    if _is_lacking(done):
        raise typer.Exit(ExitCode.SOME_FAILED)


async def _import(
    answers: list[str],
    output: str,
    next_requests: Path | None,
    limits: "Limits",
    cache: Path | None,
) -> "Import":
    from extractor.batch import Destination, import_answers
    from extractor.stores import open_store

    with closing(open_store(output, sys.stdout)) as store:
        to = Destination(store, next_requests or _name_next(output), limits)
        return await import_answers(answers, to, cache)


@app.command()
def submit(
    requests: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="Exported files. Default: what is left."),
    ] = None,
    wait: Wait = False,
    interval: Interval = 60.0,
    cache: CacheFolder = None,
    as_json: AsJson = False,
) -> None:
    """Submit files of requests to the server that they were exported for.

    A file that has a job is not submitted again, whatever happened to the last command. Where the
    provider's limit of enqueued tokens is reached, the rest waits: with --wait it is submitted
    as jobs end, or else by the next `extractor batch submit`. Exit code 3 says that jobs wait,
    have failed or are lost.
    """
    jobs = asyncio.run(_submit(requests or [], interval if wait else None, cache))
    report_jobs(jobs, as_json=as_json)
    if any(job.state in ("waiting", "failed", "lost") for job in jobs):
        raise typer.Exit(ExitCode.SOME_FAILED)


@app.command()
def status(
    every: Annotated[bool, typer.Option("--all", help="Also jobs that are collected.")] = False,
    cache: CacheFolder = None,
    as_json: AsJson = False,
) -> None:
    """Say how the jobs are getting on."""
    report_jobs(asyncio.run(_follow(every, cache)), as_json=as_json)


@app.command()
def collect(
    output: Output,
    next_requests: NextRequests = None,
    wait: Wait = False,
    interval: Interval = 60.0,
    max_lines: MaxLines = 50_000,
    max_mb: MaxMegabytes = 190.0,
    cache: CacheFolder = None,
    as_json: AsJson = False,
) -> None:
    """Download the answers of jobs that have ended, and import them.

    With --wait until all jobs have ended. Exit code 3 says that abstracts or jobs failed, or that
    jobs are lost.
    """
    from extractor.batch import Limits

    limits = Limits(max_lines, int(max_mb * 1e6))
    wait_s = interval if wait else None
    done = asyncio.run(_collect(output, next_requests, limits, cache, wait_s))
    report_jobs(done.jobs, as_json=as_json)
    for brought in done.imports:
        report_import(brought, as_json=as_json)
    if done.failed or any(map(_is_lacking, done.imports)):
        raise typer.Exit(ExitCode.SOME_FAILED)


@app.command()
def cancel(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Identifiers of jobs, or files of requests.", metavar="[JOB...]"),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All jobs under way.")] = False,
    cache: CacheFolder = None,
    as_json: AsJson = False,
) -> None:
    """Stop jobs; what they have answered can still be collected.

    One that is lost, since its server does not know it or has no answer of it, is given up.
    """
    if not names and not every:
        raise typer.BadParameter("name jobs, or say --all")
    report_jobs(asyncio.run(_cancel(names or [], cache)), as_json=as_json)


async def _submit(requests: list[Path], wait_s: float | None, cache: Path | None) -> "list[Job]":
    from extractor.batch.driving import open_driver
    from extractor.cache import find_cache_dir

    async with open_driver(find_cache_dir(cache), announce) as driver:
        jobs = await driver.submit(requests)
        return jobs if wait_s is None else await driver.wait_until_taken(wait_s)


async def _follow(every: bool, cache: Path | None) -> "list[Job]":
    from extractor.batch.driving import open_driver
    from extractor.cache import find_cache_dir

    async with open_driver(find_cache_dir(cache), announce) as driver:
        jobs = await driver.refresh()
        return driver.book.list_all() if every else jobs


async def _cancel(names: list[str], cache: Path | None) -> "list[Job]":
    from extractor.batch.driving import open_driver
    from extractor.cache import find_cache_dir

    async with open_driver(find_cache_dir(cache), announce) as driver:
        return await driver.cancel(names)


async def _collect(
    output: str,
    next_requests: Path | None,
    limits: "Limits",
    cache: Path | None,
    wait_s: float | None,
) -> "Collection":
    from extractor.batch import Destination
    from extractor.batch.collecting import collect_answers
    from extractor.stores import open_store

    with closing(open_store(output, sys.stdout)) as store:
        to = Destination(store, next_requests or _name_next(output), limits)
        return await collect_answers(to, announce, cache, wait_s)


def _name_next(output: str) -> Path | None:
    """Name the next requests after the output; there is no place beside standard output."""
    from extractor.stores.targets import find_path

    if output == "-":
        return None
    # A database on a server has no place beside it.
    return (find_path(output) or Path("next")).with_suffix(".requests.jsonl")


def _is_lacking(done: "Import") -> bool:
    return bool(done.failed or done.intake.invalid or done.intake.faults["refused"])
