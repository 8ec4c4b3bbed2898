"""Claims as tables for people and for spreadsheets."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import IO, Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from extractor.formatting import render_field, show_controls
from extractor.results import Result
from extractor.stores import RunRecord
from extractor.stores.files.csv import write_rows

Claim = Mapping[str, Any]

_COLUMNS = ("method", "datasets", "metric", "value", "baselines", "baseline_value", "delta")
_QUANTITY_PARTS = ("number", "high", "unit", "qualifier")
_OUTCOME_STYLES = {"better": "green", "worse": "red", "similar": "yellow", "mixed": "yellow"}
_UNBOUNDED = 10_000


class TableStore:
    """Prints claims as they come; it keeps nothing."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def holds(self, extraction_id: str) -> bool:  # noqa: ARG002
        """Never: what was printed cannot be looked up."""
        return False

    def record_run(self, run: RunRecord) -> None:
        """Nothing to do."""

    def write(self, results: Sequence[Result]) -> None:
        """Print a heading and a table for each abstract."""
        for result in results:
            abstract = result.abstract
            self._print(abstract.title or abstract.id, "bold")
            if result.status == "failed":
                self._print(f"  failed: {result.reason}", "red")
            elif not result.claims:
                self._print("  no claims", "dim")
            else:
                claims = (claim.model_dump() for claim in result.claims)
                print_claims(self._console, claims)
            self._console.print()

    def close(self) -> None:
        """Nothing to close."""

    def _print(self, text: str, style: str) -> None:
        self._console.print(Text(show_controls(text), style=style))


def print_claims(console: Console, claims: Iterable[Claim], *, first: Sequence[str] = ()) -> None:
    """Print claims, each a row of a table, or a list where a row would break its words.

    Text is shown as it is, never as markup; what no claim fills is left out.

    Args:
        console: where to.
        claims: each with the fields of a claim at least.
        first: further fields to begin with.
    """
    names = (*first, *_COLUMNS, "outcome")
    rows = [[show_controls(render_field(claim[name])) for name in names] for claim in claims]
    filled = [column for column in range(len(names)) if any(row[column] for row in rows)]
    headings = [names[column].replace("_", " ") for column in filled]
    cells = [[_style_cell(names[column], row[column]) for column in filled] for row in rows]
    table = Table(*headings, box=None, header_style="dim")
    for row_cells in cells:
        table.add_row(*row_cells)
    unbounded = console.options.update(width=_UNBOUNDED)
    if console.measure(table, options=unbounded).minimum <= console.width:
        console.print(table)
        return
    for number, row_cells in enumerate(cells):
        listed = Table.grid(Column(style="dim"), Column(overflow="fold"), padding=(0, 1))
        for heading, cell in zip(headings, row_cells, strict=True):
            if cell:
                listed.add_row(heading, cell)
        console.print(*([] if number == 0 else [""]), listed, sep="\n")


def write_csv(claims: Iterable[Claim], file: IO[str]) -> None:
    """Write claims as CSV, lists joined by `; `, quantities in a column for each part."""
    rows = map(_flatten, claims)
    if first := next(rows, None):
        write_rows(file, first, chain([first], rows))


def _style_cell(name: str, text: str) -> Text:
    return Text(text, style=_OUTCOME_STYLES.get(text, "") if name == "outcome" else "")


def _flatten(claim: Claim) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in claim.items():
        if name.endswith(("value", "delta")):
            parts = [*_QUANTITY_PARTS, *(["direction"] if name == "delta" else [])]
            row.update({f"{name}_{part}": (value or {}).get(part) for part in parts})
        elif name == "span":
            row["span_start"], row["span_end"] = value or (None, None)
        else:
            row[name] = value
    return row
