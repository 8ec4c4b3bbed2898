"""`extractor compare-methods`: who is said to beat whom."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractor.cli import options
from extractor.formatting import show_controls

if TYPE_CHECKING:
    from extractor.queries import Rivalry

Method = Annotated[str, typer.Argument(help="A method, in any spelling.")]


def compare_methods(
    store: options.StoreTarget,
    first: Method,
    second: Method,
    output_format: options.Format = options.PrintFormat.TABLE,
) -> None:
    """Show which of two methods is said to beat the other, on what, by how much, and where.

    Abstracts that say the opposite of one metric on one data set are listed as contradictions.
    """
    from extractor.queries import compare_methods as compare

    found = compare(store, first, second)
    if output_format is options.PrintFormat.JSON:
        typer.echo(found.model_dump_json(indent=2))
    elif output_format is options.PrintFormat.CSV:
        from extractor.cli.tables import write_csv

        write_csv(_list_rows(found), sys.stdout)
    elif found.comparisons:
        from rich.console import Console

        from extractor.cli.answer_tables import print_rivalry

        print_rivalry(Console(), found)
    if not found.comparisons:
        typer.echo(_explain(found), err=True)


def _list_rows(found: "Rivalry") -> Iterator[dict[str, Any]]:
    for comparison in found.comparisons:
        row = comparison.model_dump(mode="json")
        first, second = row.pop("names")
        first_value, second_value = row.pop("values")
        yield {
            **{"first": first, "second": second},
            **{"first_value": first_value, "second_value": second_value},
            "delta": row.pop("difference"),
            **row,
        }


def _explain(found: "Rivalry") -> str:
    """Say why there is nothing, and what to ask for instead."""
    missing = [
        f"{method} is not named" + (f"; near it: {show_controls(', '.join(near))}" if near else "")
        for method, names, near in zip(found.methods, found.names, found.near, strict=True)
        if not names
    ]
    return "\n".join(missing) or f"no claim compares {' and '.join(found.methods)}"
