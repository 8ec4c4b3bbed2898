"""`extractor show`: look at claims that were stored."""

import json
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Any

import typer

from extractor.cli import options

Part = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only claims whose field holds this.")
]


def show(
    store: options.StoreTarget,
    method: Part = None,
    dataset: Part = None,
    metric: Part = None,
    baseline: Part = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many claims.")] = None,
    output_format: options.Format = options.PrintFormat.TABLE,
) -> None:
    """Show claims that were stored: of each abstract those of its newest extraction."""
    from extractor.stores.reading import read_claims

    wanted = {"method": method, "datasets": dataset, "metric": metric, "baselines": baseline}
    parts = {name: part.casefold() for name, part in wanted.items() if part}
    claims = islice(_filter_claims(read_claims(store), parts), limit)
    if output_format is options.PrintFormat.JSON:
        for claim in claims:
            typer.echo(json.dumps(claim, ensure_ascii=False))
        return
    from extractor.cli.tables import print_claims, write_csv

    if output_format is options.PrintFormat.CSV:
        write_csv(claims, sys.stdout)
        return
    from rich.console import Console

    if found := list(claims):
        print_claims(Console(), found, first=["id"])
    else:
        typer.echo("no such claims", err=True)


def _filter_claims(
    claims: Iterator[dict[str, Any]], parts: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for claim in claims:
        if all(part in _read_names(claim[name]) for name, part in parts.items()):
            yield claim


def _read_names(value: str | list[str] | None) -> str:
    names = value if isinstance(value, list) else [value or ""]
    return "\n".join(names).casefold()
