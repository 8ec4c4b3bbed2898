"""`extractor load`: results from one store into another."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from extractor.cli import options


def load(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Outputs of `run` of any kind: files, folders of them, URLs of databases.",
        ),
    ],
    store: Annotated[
        str,
        typer.Argument(metavar="STORE", help="What to fill, as for `run -o`; - prints JSON lines."),
    ],
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing.")] = False,
    as_json: options.SummaryAsJson = False,
) -> None:
    """Load results, with their history and failures, from stores of any kind into another one.

    What the other one holds already stays as it is: loading twice changes nothing.
    """
    from extractor.cli.progress import count
    from extractor.stores import show_target
    from extractor.stores.loading import load_results

    loaded = load_results(sources, store, sys.stdout)
    if as_json:
        typer.echo(json.dumps(asdict(loaded)), err=True)
    elif not quiet:
        failed = f", {loaded.failed:,} failed" if loaded.failed else ""
        there = f"; {loaded.present:,} were there already" if loaded.present else ""
        made = f"{count(loaded.extractions, 'extraction')} with {count(loaded.claims, 'claim')}"
        typer.echo(f"{show_target(store)}: {made}{failed} loaded{there}.", err=True)
