"""`extractor compare`: is the second score card better than the first, and how surely?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli import options, pages
from extractor.cli.exit_codes import ExitCode
from extractor.cli.gold_sets import load_labels
from extractor.errors import ConfigError, InputError

if TYPE_CHECKING:
    from extractor.evaluation.gold import GoldDocument
    from extractor.evaluation.scorecards import GoldProvenance

Card = Annotated[Path, typer.Argument(help="A score card written by `eval -o`.")]


def compare(
    first: Card,
    second: Card,
    margin: Annotated[
        float, typer.Option(min=0.0, help="How much worse B may be, as in 0.01.")
    ] = 0.0,
    figure: Annotated[str, typer.Option(help="The figure that decides.")] = "soft",
    html: pages.ScorePage = None,
    gold: Annotated[
        str | None,
        typer.Option(metavar="LABELS", help="The labels, for the page; if not a set of ours."),
    ] = None,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Texts of the labels, for the page. May be repeated."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare two score cards of the same labels, abstract by abstract.

    Exit code 1 says that B is worse than A by more than the margin.
    """
    if html is None and (gold or corpus):
        raise ConfigError("--gold and --corpus are for the page: give --html too")
    from extractor.evaluation.comparison import compare_cards
    from extractor.evaluation.scorecards import load_score_card

    cards = load_score_card(first), load_score_card(second)
    comparison = compare_cards(*cards)
    is_worse = comparison.is_worse(margin, figure)
    if as_json:
        typer.echo(comparison.model_dump_json(indent=2))
    else:
        from rich.console import Console

        from extractor.cli.score_tables import print_comparison

        print_comparison(Console(), comparison)
    if html is not None:
        from extractor.reporting.comparison_page import render_comparison_page

        documents = _find_labels(cards[0].gold, gold, corpus or [])
        pages.write_page(render_comparison_page(comparison, cards, documents), html)
    if is_worse:
        typer.echo(f"B is worse than A in {figure} by more than {margin:g}.", err=True)
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _find_labels(
    wanted: "GoldProvenance", named: str | None, corpus: list[Path]
) -> "list[GoldDocument]":
    """Load the labels that the cards were made with; none if they are of a set we do not have."""
    from extractor.evaluation.gold import fingerprint_gold

    try:
        documents = load_labels(named or wanted.name, corpus)
    except InputError:
        if named is None:
            return []
        raise
    if fingerprint_gold(documents) == wanted.sha256:
        return documents
    if named is None:
        return []
    raise InputError(f"{named}: not the labels that the cards were made with ({wanted.name})")
