"""`extractor show`: look at claims that were stored."""

import json
import sys
from itertools import islice
from typing import Annotated

import typer

from extractor.cli import options


def show(
    store: options.StoreTarget,
    method: options.Part = None,
    dataset: options.Part = None,
    metric: options.Part = None,
    baseline: options.Part = None,
    made_by: options.MadeBy = None,
    outcome: options.WantedOutcome = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many claims.")] = None,
    output_format: options.Format = options.PrintFormat.TABLE,
) -> None:
    """Show claims that were stored: of each abstract those of its newest extraction."""
    from extractor.stores.choosing import ClaimFilter
    from extractor.stores.reading import read_results

    wanted = ClaimFilter(method, dataset, metric, baseline, made_by, outcome)
    claims = islice(wanted.choose(read_results(store)), limit)
    if output_format is options.PrintFormat.CSV:
        from extractor.stores.exporting import print_claims as write_claims

        write_claims(claims, "csv", sys.stdout)
        return
    shown = (
        {
            "id": result.abstract.id,
            "title": result.abstract.title,
            **claim.model_dump(mode="json", exclude={"problems"}),
        }
        for result, _, claim in claims
    )
    if output_format is options.PrintFormat.JSON:
        for claim in shown:
            typer.echo(json.dumps(claim, ensure_ascii=False))
        return
    from rich.console import Console

    from extractor.cli.tables import print_claims

    if found := list(shown):
        print_claims(Console(), found, first=["id"])
    else:
        typer.echo("no such claims", err=True)
