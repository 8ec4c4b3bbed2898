"""`extractor review`: look through claims in a browser and make gold labels of them."""

import getpass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli import options
from extractor.errors import ConfigError

if TYPE_CHECKING:
    from extractor.review.summary import Summary


def review(
    store: Annotated[
        str, typer.Argument(help="What a run wrote: a file, or the URL of a database.")
    ],
    gold: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The gold file to write. Default: beside the store."),
    ] = None,
    annotator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who decides. Default: your user name.")
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Without suggestions, into a gold file of your own.")
    ] = False,
    settle: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Whose labels are settled, of more than two; twice."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 0,
    report: Annotated[
        bool, typer.Option("--report", help="Print what the review came to so far; no page.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Review claims in a browser, on this machine alone, and write gold labels.

    Every decision is on the disk at once, in a journal beside the gold file. Others may review
    the same store at the same time.
    """
    for module in ("starlette", "uvicorn", "scipy"):
        if find_spec(module) is None:
            raise ConfigError(f"reviewing needs {module}: pip install 'claim-extractor[review]'")
    from extractor.review.opening import find_gold_file, open_review
    from extractor.review.summary import summarise

    path = find_gold_file(store, gold)
    with open_review(
        store, path, annotator or _read_user(), blind=blind, between=settle or ()
    ) as opened:
        if not report:
            from extractor.review.serving import serve

            serve(opened, port, _announce)
        summary = summarise(opened.journal, opened.items, [opened.own_set] if blind else None)
    _print(summary, as_json, err=not report)


def _announce(address: str) -> None:
    typer.echo(f"Review at {address}")
    typer.echo("Every decision is saved at once. Ctrl-C ends the review.", err=True)


def _read_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise ConfigError("say who you are with --annotator NAME") from error


def _print(summary: "Summary", as_json: bool, *, err: bool) -> None:
    if as_json:
        typer.echo(summary.model_dump_json(indent=2), err=err)
        return
    from rich.console import Console

    from extractor.cli.review_tables import print_summary

    print_summary(Console(stderr=err), summary)
