"""`extractor compare`: is the second score card better than the first, and how surely?"""

from pathlib import Path
from typing import Annotated

import typer

from extractor.cli import options
from extractor.cli.exit_codes import ExitCode

Card = Annotated[Path, typer.Argument(help="A score card written by `eval -o`.")]


def compare(
    first: Card,
    second: Card,
    margin: Annotated[
        float, typer.Option(min=0.0, help="How much worse B may be, as in 0.01.")
    ] = 0.0,
    figure: Annotated[str, typer.Option(help="The figure that decides.")] = "soft",
    as_json: options.AsJson = False,
) -> None:
    """Compare two score cards of the same labels, abstract by abstract.

    Exit code 1 says that B is worse than A by more than the margin.
    """
    from extractor.evaluation.comparison import compare_cards
    from extractor.evaluation.scorecards import load_score_card

    comparison = compare_cards(load_score_card(first), load_score_card(second))
    is_worse = comparison.is_worse(margin, figure)
    if as_json:
        typer.echo(comparison.model_dump_json(indent=2))
    else:
        from rich.console import Console

        from extractor.cli.score_tables import print_comparison

        print_comparison(Console(), comparison)
    if is_worse:
        typer.echo(f"B is worse than A in {figure} by more than {margin:g}.", err=True)
        raise typer.Exit(ExitCode.CHECK_FAILED)
