"""`extractor fetch`: papers from the net into a file that `extractor run` reads."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli import options
from extractor.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from extractor.fetching.arxiv_api import Fetched

app = typer.Typer(help="Fetch abstracts from the net.", no_args_is_help=True)


@app.callback()
def _begin() -> None:
    """Fetch abstracts from the net."""


@app.command("arxiv")
def fetch_arxiv(
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="A .jsonl file, or - for the screen."),
    ],
    query: Annotated[
        str, typer.Option(help="In arXiv's own language, as in 'cat:cs.CL AND ti:parsing'.")
    ] = "",
    ids: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,...", help="Identifiers, with commas. May be repeated."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Submitted on this day or later (UTC); papers then come oldest first.",
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Submitted on this day or before."
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option("--max", min=1, metavar="N", help="Only the first N papers of the search."),
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Fetch abstracts from arXiv, one request in three seconds, as its terms of use ask.

    A second run into the same file fetches what is missing; with --since it begins where the
    first one ended. Without --since the newest papers come first.
    """
    from extractor.fetching import arxiv_api
    from extractor.fetching.papers import open_papers

    search = arxiv_api.ArxivSearch(
        query=query.strip(),
        ids=tuple(name.strip() for names in ids or () for name in names.split(",") if name.strip()),
        since=since.replace(tzinfo=UTC).date() if since else None,
        until=until.replace(tzinfo=UTC).date() if until else None,
        most=most,
    )
    with closing(open_papers(output, sys.stdout)) as papers, _show_progress(quiet) as update:
        try:
            fetched = arxiv_api.fetch_arxiv(search, papers, update)
        except KeyboardInterrupt:
            typer.echo("Interrupted; run the same command again to go on.", err=True)
            raise typer.Exit(ExitCode.INTERRUPTED) from None
    if not quiet:
        _report(fetched, output)


@contextmanager
def _show_progress(quiet: bool) -> "Iterator[Callable[[Fetched], None]]":
    from rich.console import Console

    with Console(stderr=True, quiet=quiet).status("Asking arXiv ...") as status:
        yield lambda fetched: status.update(f"{fetched.written:,} new papers")


def _report(fetched: "Fetched", output: str) -> None:
    from extractor.cli.progress import count
    from extractor.formatting import show_controls

    where = "" if output == "-" else f" in {output}"
    present = f", {fetched.present:,} were there already" if fetched.present else ""
    typer.echo(f"{count(fetched.written, 'new paper')}{where}{present}.", err=True)
    if fetched.unusable:
        named = show_controls(", ".join(fetched.unusable[:5]))
        typer.echo(f"Without an abstract: {len(fetched.unusable):,} ({named}).", err=True)
    if fetched.absent:
        named = ", ".join(fetched.absent[:5])
        typer.echo(f"Not found: {len(fetched.absent):,} ({named}).", err=True)
