"""Score cards and comparisons as tables for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from extractor.evaluation.wording import (
    MAIN_FIGURES,
    SHOWN_FIGURES,
    describe_system,
    title_figure,
)

if TYPE_CHECKING:
    from extractor.evaluation.agreement import Agreement
    from extractor.evaluation.comparison import CardComparison
    from extractor.evaluation.scorecards import ScoreCard
    from extractor.evaluation.statistics import Difference, Estimate


def print_card(console: Console, card: "ScoreCard") -> None:
    """Print the figures, the slices and the causes of a score card."""
    gold = card.gold
    console.print(
        f"{describe_system(card.system)} on {gold.name}: {gold.abstracts} abstracts, "
        f"{gold.required} required and {gold.optional} optional claims",
        style="bold",
        highlight=False,
    )
    _warn_of_gaps(console, card)
    table = _make_table("figure", "score", "95% interval", "two people")
    for name in (*SHOWN_FIGURES, *(name for name in card.figures if name.endswith("_accuracy"))):
        ceiling = (card.ceiling or {}).get(name)
        table.add_row(title_figure(name), *_cells(card.figures[name]), _percent(ceiling))
    console.print(table)
    _print_slices(console, card)
    _print_causes(console, card)


def print_spread(console: Console, cards: "Sequence[ScoreCard]") -> None:
    """Print how much the figures vary between runs of one system."""
    from extractor.evaluation.statistics import measure_spread

    table = _make_table(f"over {len(cards)} runs", "mean", "lowest", "highest", "deviation")
    for name in MAIN_FIGURES:
        values = [card.figures[name].value for card in cards]
        spread = measure_spread(value for value in values if value is not None)
        parts = (spread.mean, spread.low, spread.high, spread.deviation)
        table.add_row(title_figure(name), *map(_percent, parts))
    console.print(table)


def print_comparison(console: Console, comparison: "CardComparison") -> None:
    """Print by how much B differs from A, B minus A."""
    first, second = describe_system(comparison.first), describe_system(comparison.second)
    console.print(f"A: {first}\nB: {second}", style="bold", highlight=False)
    table = _make_table("figure", "B - A", "95% interval", "p")
    for name in SHOWN_FIGURES:
        table.add_row(title_figure(name), *_difference_cells(comparison.figures[name]))
    console.print(table)
    slices = _make_table("soft F1 in", "B - A", "95% interval", "p")
    for name, figures in comparison.slices.items():
        slices.add_row(name, *_difference_cells(figures["soft_f1"]))
    console.print(slices)
    console.print(
        f"claims found by B alone: {len(comparison.gained)}, by A alone: {len(comparison.lost)}"
    )
    if comparison.causes:
        changes = ", ".join(f"{cause} {change:+d}" for cause, change in comparison.causes.items())
        console.print(f"lost points by cause: {changes}", highlight=False)
    if comparison.cost_usd is not None:
        console.print(f"cost: {comparison.cost_usd:+.4f} USD", highlight=False)
    if comparison.latency_s is not None:
        console.print(f"mean time to an answer: {comparison.latency_s:+.2f} s", highlight=False)


def print_agreement(console: Console, agreement: "Agreement") -> None:
    """Print how far two annotators agree."""
    console.print(f"{agreement.abstracts} abstracts labelled by both", style="bold")
    if agreement.left_out:
        console.print(f"left out, labelled by one alone: {', '.join(agreement.left_out)}")
    table = _make_table("figure", "agreement", "95% interval")
    for name, estimate in agreement.figures.items():
        if name in SHOWN_FIGURES or name.endswith("_accuracy"):
            table.add_row(title_figure(name), *_cells(estimate))
    console.print(table)
    alphas = _make_table("closed field", "Krippendorff's alpha", "pairs")
    for name, alpha in agreement.alphas.items():
        shown = "" if alpha.value is None else f"{alpha.value:.3f}"
        alphas.add_row(name, shown, str(alpha.pairs))
    console.print(alphas)


def _warn_of_gaps(console: Console, card: "ScoreCard") -> None:
    if card.failed:
        console.print(f"{len(card.failed)} abstracts without an answer count as all missed")
    if card.unknown:
        console.print(f"{len(card.unknown)} predictions belong to no labelled abstract")
    if card.gold.with_text < card.gold.abstracts:
        console.print("quotes and figures were not checked: the labels come without texts")


def _print_slices(console: Console, card: "ScoreCard") -> None:
    table = _make_table("slice", "soft F1", "95% interval", "strict F1", "figures F1")
    for name, figures in card.slices.items():
        strict, right = figures["strict_f1"].value, figures["figures_f1"].value
        table.add_row(name, *_cells(figures["soft_f1"]), _percent(strict), _percent(right))
    console.print(table)


def _print_causes(console: Console, card: "ScoreCard") -> None:
    total = sum(card.causes.values())
    table = _make_table("why strict F1 lost points", "points", "share")
    for cause, points in card.causes.items():
        table.add_row(cause, str(points), _percent(points / total))
    console.print(table)


def _make_table(first: str, *others: str) -> Table:
    table = Table(box=None, header_style="dim")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _cells(estimate: "Estimate") -> tuple[str, str]:
    return _percent(estimate.value), _interval(estimate)


def _difference_cells(difference: "Difference") -> tuple[str, str, str]:
    value = "" if difference.value is None else f"{100 * difference.value:+.1f}"
    p_value = "" if difference.p_value is None else f"{difference.p_value:.3f}"
    return value, _interval(difference), p_value


def _interval(estimate: "Estimate") -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{100 * estimate.low:.1f} to {100 * estimate.high:.1f}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"
