"""`extractor leaderboard`: methods ranked by their printed figures on a data set."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractor.cli import options
from extractor.formatting import show_controls

if TYPE_CHECKING:
    from extractor.queries import Direction, Leaderboard


def leaderboard(
    store: options.StoreTarget,
    dataset: Annotated[str, typer.Option(metavar="NAME", help="The data set, in any spelling.")],
    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this metric, in any spelling.")
    ] = None,
    task: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only claims whose task holds this.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many of a metric.")] = None,
    lower_is_better: Annotated[
        bool | None,
        typer.Option(
            "--lower-is-better/--higher-is-better",
            help="Which values are better, where the name of the metric does not tell.",
            show_default=False,
        ),
    ] = None,
    output_format: options.Format = options.PrintFormat.TABLE,
) -> None:
    """Rank methods by the values that abstracts print for them on a data set.

    Only values of one metric and one unit are compared. Names are joined by the alias registry
    that scoring uses, and shown as printed.
    """
    from extractor.queries import rank_methods

    better: Direction | None = None
    if lower_is_better is not None:
        better = "lower" if lower_is_better else "higher"
    found = rank_methods(store, dataset, metric=metric, task=task, better=better)
    found = found.shorten(limit)
    if output_format is options.PrintFormat.JSON:
        boards = [board.model_dump(mode="json") for board in found.boards]
        typer.echo(json.dumps(boards, ensure_ascii=False, indent=2))
    elif output_format is options.PrintFormat.CSV:
        from extractor.cli.tables import write_csv

        write_csv(_list_rows(found), sys.stdout)
    else:
        from rich.console import Console

        from extractor.cli.answer_tables import print_board

        for board in found.boards:
            print_board(Console(), board)
    if not found.boards:
        typer.echo(show_controls(_explain(found, dataset, metric)), err=True)


def _list_rows(found: "Leaderboard") -> Iterator[dict[str, Any]]:
    for board in found.boards:
        ranked_by = {"unit": board.unit, "better": board.better, "better_from": board.better_from}
        for entry in board.entries:
            yield {"dataset": board.dataset, **entry.model_dump(mode="json"), **ranked_by}


def _explain(found: "Leaderboard", dataset: str, metric: str | None) -> str:
    """Say why there is nothing, and what to ask for instead."""
    if found.near:
        return f"no claims on {dataset}; near it: {', '.join(found.near)}"
    wanted = f"no values of {metric} on {dataset}" if metric else f"no values on {dataset}"
    others = f"; there are {', '.join(found.other_metrics)}" if found.other_metrics else ""
    return wanted + others
