"""`extractor export`: claims as a table for other systems."""

import json
import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from extractor.cli import options


class ExportFormat(StrEnum):
    """What is written to standard output."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def export(
    store: options.StoreTarget,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="A .parquet, .csv, .jsonl, .jsonl.gz or .duckdb file, or - for standard output.",
        ),
    ],
    flat: Annotated[
        bool, typer.Option("--flat", help="A row for each claim, data set and baseline.")
    ] = False,
    method: options.Part = None,
    dataset: options.Part = None,
    metric: options.Part = None,
    baseline: options.Part = None,
    made_by: options.MadeBy = None,
    outcome: options.WantedOutcome = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            metavar="DATE",
            help="Only what was extracted then or later (UTC).",
        ),
    ] = None,
    output_format: Annotated[
        ExportFormat, typer.Option("--format", help="For standard output.")
    ] = ExportFormat.JSONL,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing.")] = False,
    as_json: options.SummaryAsJson = False,
) -> None:
    """Write the claims of a store as a table: of each abstract those of its newest extraction."""
    from extractor.cli.progress import count
    from extractor.errors import ConfigError
    from extractor.stores.choosing import ClaimFilter
    from extractor.stores.exporting import export_claims, print_claims
    from extractor.stores.reading import read_results
    from extractor.stores.targets import is_same

    if is_same(store, output):
        raise ConfigError(f"{output} is the store itself: name another file with -o")
    wanted = ClaimFilter(method, dataset, metric, baseline, made_by, outcome, since)
    claims = wanted.choose(read_results(store))
    if output == "-":
        print_claims(claims, output_format.value, sys.stdout, flat=flat)
        return
    exported = export_claims(claims, output, flat=flat, overwrite=force)
    if as_json:
        typer.echo(json.dumps({"claims": exported.claims, "rows": exported.rows}), err=True)
    elif not quiet:
        rows = f" in {count(exported.rows, 'row')}" if flat else ""
        typer.echo(f"{output}: {count(exported.claims, 'claim')}{rows}.", err=True)
