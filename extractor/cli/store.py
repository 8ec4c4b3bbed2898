"""`extractor store`: verify an output, or bring it up to date."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from extractor.cli import options
from extractor.cli.exit_codes import ExitCode
from extractor.formatting import show_controls

if TYPE_CHECKING:
    from extractor.stores.checking import Inspection

app = typer.Typer(help="Verify an output, or bring it up to date.", no_args_is_help=True)


@app.command()
def check(store: options.StoreTarget, as_json: options.AsJson = False) -> None:
    """Verify what a store holds, and count it by run.

    Every claim belongs to an extraction and stands where its span says; identifiers and hashes
    follow from what they were made of. Exit code 1 says that something is wrong.
    """
    from extractor.stores.checking import check_store

    inspection = check_store(store)
    if as_json:
        runs = [{"run_id": run_id, **asdict(run)} for run_id, run in inspection.runs.items()]
        defects = [asdict(defect) for defect in inspection.defects]
        report = {"runs": runs, "found": inspection.found, "defects": defects}
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        _print_inspection(inspection)
    if inspection.defects:
        raise typer.Exit(ExitCode.CHECK_FAILED)


@app.command()
def migrate(store: options.StoreTarget) -> None:
    """Bring a database of an older version up to date, in one transaction.

    A run that writes into it does the same.
    """
    from extractor.stores.targets import holds_tables, show_target

    if not holds_tables(store):
        typer.echo(f"{show_target(store)} is no database: there is nothing to migrate.")
        return
    from extractor.stores import tables
    from extractor.stores.connections import Database

    database = Database(store, "write")
    database.close()
    was = database.layout_before
    done = "is up to date" if was == tables.LAYOUT else f"was upgraded from layout {was}"
    typer.echo(f"{database.name} {done} (layout {tables.LAYOUT}).")


def _print_inspection(inspection: "Inspection") -> None:
    from rich.console import Console
    from rich.table import Table

    from extractor.cli.progress import count

    counted = ("claims", "no claims", "failed", "accepted")
    table = Table("run", "model", "prompt", *counted, box=None)
    for run_id, run in inspection.runs.items():
        counts = (run.claims, run.no_claims, run.failed, run.accepted)
        names = map(show_controls, (run_id, run.model, run.prompt))
        table.add_row(*names, *(f"{number:,}" for number in counts))
    Console().print(table)
    for defect in inspection.defects:
        typer.echo(show_controls(f"{defect.where}: {defect.what}"))
    found = inspection.found
    if found > len(inspection.defects):
        typer.echo("...")
    typer.echo(f"{count(found, 'defect')}." if found else "Nothing is wrong.")
