"""`extractor export`: claims for other systems, as a table or in a form of their own."""

import json
import sys
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from extractor.publishing import Form
    from extractor.results import Result
    from extractor.stores.targets import Kind


class ExportFormat(StrEnum):
    """What is written, where the name of the file does not tell."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    TRIG = "trig"
    DATASETTE = "datasette"
    LABELSTUDIO = "labelstudio"


_TABLES: dict[ExportFormat, "Kind"] = {
    ExportFormat.JSONL: "jsonl",
    ExportFormat.CSV: "csv",
    ExportFormat.PARQUET: "parquet",
}
_FORMS: dict[ExportFormat, "Form"] = {
    ExportFormat.TRIG: "trig",
    ExportFormat.DATASETTE: "datasette",
    ExportFormat.LABELSTUDIO: "labelstudio",
}


def export(
    store: options.StoreTarget,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="A .parquet, .csv, .jsonl, .jsonl.gz, .duckdb or .trig (RDF) file, "
            "or - for standard output.",
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
        ExportFormat | None,
        typer.Option(
            "--format",
            help="For standard output, jsonl unless named; datasette: a SQLite file with "
            "full-text index; labelstudio: tasks with the claims as pre-labels.",
        ),
    ] = None,
    base_uri: Annotated[
        str | None, typer.Option(metavar="URI", help="What the URIs of RDF begin with.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing.")] = False,
    as_json: options.SummaryAsJson = False,
) -> None:
    """Write the claims of a store as a table: of each abstract those of its newest extraction.

    Also as RDF (nanopublications), as a SQLite file for Datasette, or as Label Studio tasks.
    """
    from extractor.stores.choosing import ClaimFilter
    from extractor.stores.exporting import export_claims, print_claims
    from extractor.stores.reading import read_results
    from extractor.stores.targets import check_apart

    check_apart(store, output)
    wanted = ClaimFilter(method, dataset, metric, baseline, made_by, outcome, since)
    form = _choose_form(output, output_format)
    _check_options(output, form, flat, base_uri, force)
    if form is not None:
        # A later run takes what stands in a store for the whole answer of a model.
        choose = wanted.choose_results if form == "datasette" else wanted.narrow
        claims = _publish(choose(read_results(store)), output, form, base_uri, force)
        _summarise(output, claims, claims, False, quiet or output == "-", as_json)
        return
    chosen = wanted.choose(read_results(store))
    if output == "-":
        kind = _TABLES[output_format or ExportFormat.JSONL]
        print_claims(chosen, kind, sys.stdout, flat=flat)
        return
    exported = export_claims(chosen, output, flat=flat, overwrite=force)
    _summarise(output, exported.claims, exported.rows, flat, quiet, as_json)


def _choose_form(output: str, output_format: ExportFormat | None) -> "Form | None":
    """The form that is no table, if one is wanted.

    Raises:
        ConfigError: a table is wanted, but of another kind than the file's name says.
    """
    from extractor.errors import ConfigError
    from extractor.stores.exporting import check_export

    if output_format is None:
        return "trig" if output.lower().endswith(".trig") else None
    if output_format in _FORMS:
        return _FORMS[output_format]
    if output != "-" and check_export(output) != _TABLES[output_format]:
        raise ConfigError(
            f"--format {output_format} does not go with {output}: the name of a file tells its "
            "format, so leave --format out or name another file"
        )
    return None


def _check_options(
    output: str, form: "Form | None", flat: bool, base_uri: str | None, force: bool
) -> None:
    """Refuse options that would have no effect.

    Raises:
        ConfigError: there is one.
    """
    from extractor.errors import ConfigError

    if flat and form is not None:
        raise ConfigError(f"--flat is for tables, and {form} is none: leave it out")
    if base_uri is not None and form != "trig":
        raise ConfigError("--base-uri is for RDF alone: leave it out, or say --format trig")
    if force and output == "-":
        raise ConfigError("--force is for files, and - is none: leave it out")


def _summarise(output: str, claims: int, rows: int, flat: bool, quiet: bool, as_json: bool) -> None:
    from extractor.cli.progress import count

    if as_json:
        typer.echo(json.dumps({"claims": claims, "rows": rows}), err=True)
    elif not quiet:
        in_rows = f" in {count(rows, 'row')}" if flat else ""
        typer.echo(f"{output}: {count(claims, 'claim')}{in_rows}.", err=True)


def _publish(
    results: "Iterable[Result]", output: str, form: "Form", base_uri: str | None, force: bool
) -> int:
    """Write a form that is no table, and count the claims in it."""
    from extractor.publishing import publish, render

    claims = 0

    def tally() -> "Iterator[Result]":
        nonlocal claims
        for result in results:
            claims += len(result.claims)
            yield result

    if output == "-":
        for part in render(tally(), form, base_uri=base_uri):
            typer.echo(part, nl=False)
    else:
        publish(tally(), output, form, base_uri=base_uri, overwrite=force)
    return claims
