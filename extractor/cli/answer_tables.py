"""Answers to questions about a store as tables for people."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.cli.progress import count
from extractor.formatting import render_field, render_quantity, show_controls

if TYPE_CHECKING:
    from extractor.queries import Board, Comparison, Contradiction, Rivalry, StoreCounts
    from extractor.queries.counts import NameCount

_NO_METRIC = "no metric named"


def print_board(console: Console, board: "Board") -> None:
    """Print a board: rank, method, value, and the source with the passage that says so."""
    heading = [board.dataset, board.metric or _NO_METRIC, board.unit, f"{board.better} is better"]
    _print_heading(console, " · ".join(part for part in heading if part))
    if board.better_from == "unknown":
        _print_note(console, "whether higher is better is a guess: --lower-is-better turns it")
    for names in (board.dataset_names, board.metric_names):
        if len(names) > 1:
            _print_note(console, f"joined: {', '.join(names)}")
    table = _make_table(["", "method", "value", "data sets", "source"], right=[0, 2])
    for entry in board.entries:
        _add_row(
            table,
            str(entry.rank),
            entry.method,
            _render(entry.value),
            render_field(entry.datasets),
            _cite(entry.id, entry.title, entry.quote),
        )
    console.print(table)
    console.print()


def print_rivalry(console: Console, rivalry: "Rivalry") -> None:
    """Print who is said to beat whom, then the contradictions."""
    first, second = rivalry.methods
    for method, names in zip(rivalry.methods, rivalry.names, strict=True):
        if names != [method]:
            _print_note(console, f"{method} is printed as: {', '.join(names)}")
    said = {
        "first": f"{first} better",
        "second": f"{second} better",
        **{verdict: verdict for verdict in ("similar", "mixed", "reported")},
    }
    counted = ", ".join(
        f"{said[verdict]} {rivalry.tally[verdict]}" for verdict in said if verdict in rivalry.tally
    )
    _print_heading(console, f"{first} and {second}: {counted}")
    columns = ["better", "data sets", "metric", "by", first, second, "source"]
    table = _make_table(columns)
    for comparison in rivalry.comparisons:
        _add_row(
            table,
            said[comparison.verdict].removesuffix(" better"),
            render_field(comparison.datasets),
            comparison.metric or "",
            _render_difference(comparison),
            *map(_render, comparison.values),
            _cite(comparison.id, comparison.title, comparison.quote),
        )
    console.print(table)
    for contradiction in rivalry.contradictions:
        console.print()
        _print_contradiction(console, rivalry, contradiction)


def print_counts(console: Console, counts: "StoreCounts") -> None:
    """Print what a store holds and what it cost."""
    states = ", ".join(f"{state} {number}" for state, number in sorted(counts.states.items()))
    _print_heading(console, f"{count(counts.abstracts, 'abstract')}: {states or 'none'}")
    span = f", from {counts.first} to {counts.last}" if counts.first else ""
    extractions = count(counts.extractions, "extraction")
    _print_plain(console, f"{extractions} in {count(counts.runs, 'run')}{span}")
    models = _make_table(
        ["model", "prompt", "asked", "failed", "cached", "tokens in", "tokens out", "cost in USD"],
        right=range(2, 8),
    )
    for model in counts.models:
        cost = "unknown" if model.cost_usd is None else f"{model.cost_usd:.4f}"
        if model.cost_usd is not None and model.without_cost:
            cost += f" and {model.without_cost} unknown"
        numbers = (model.extractions, model.failed, model.cached, model.tokens_in, model.tokens_out)
        _add_row(models, model.model, model.prompt, *map(str, numbers), cost)
    console.print(models)
    console.print()
    _print_claim_counts(console, counts)
    _print_names(console, "method", counts.methods)
    _print_names(console, "data set", counts.datasets)
    _print_names(console, "metric", counts.metrics)
    if counts.problems:
        problems = _make_table(["check", "kept with a warning", "rejected"], right=[1, 2])
        for problem in counts.problems:
            _add_row(problems, problem.check, str(problem.kept), str(problem.rejected))
        console.print(problems)
    if counts.reasons:
        reasons = _make_table(["why abstracts failed", "times"], right=[1])
        for reason, number in counts.reasons.items():
            _add_row(reasons, reason, str(number))
        console.print(reasons)


def _print_claim_counts(console: Console, counts: "StoreCounts") -> None:
    claims = counts.claims
    mean = "" if claims.per_abstract is None else f", {claims.per_abstract:.1f} an abstract"
    _print_heading(
        console, f"{count(claims.total, 'claim')}{mean}, {claims.most_per_abstract} at the most"
    )
    table = _make_table(["claims with", "", "share"], right=[1, 2])
    named = {
        "a figure": claims.with_figure,
        "a value": claims.with_value,
        "a baseline's value": claims.with_baseline_value,
        "a difference": claims.with_delta,
        "a data set": claims.with_dataset,
        "a baseline": claims.with_baseline,
        **{f"outcome {outcome}": number for outcome, number in sorted(claims.outcomes.items())},
    }
    for name, number in named.items():
        share = f"{number / claims.total:.0%}" if claims.total else ""
        _add_row(table, name, str(number), share)
    console.print(table)
    console.print()


def _print_names(console: Console, kind: str, names: "Sequence[NameCount]") -> None:
    if not names:
        return
    table = _make_table([kind, "claims", "also printed as"], right=[1])
    for name in names:
        _add_row(table, name.name, str(name.claims), ", ".join(name.spellings[1:]))
    console.print(table)
    console.print()


def _print_contradiction(
    console: Console, rivalry: "Rivalry", contradiction: "Contradiction"
) -> None:
    metric = contradiction.metric or _NO_METRIC
    _print_heading(console, f"contradiction on {contradiction.dataset}, {metric}")
    sides = (contradiction.first, contradiction.second)
    for method, comparisons in zip(rivalry.methods, sides, strict=True):
        for comparison in comparisons:
            _print_plain(console, f"{method} is better: {comparison.id}  “{comparison.quote}”")


def _render_difference(comparison: "Comparison") -> str:
    """Write the printed difference, and whose it is where it is not the first one's."""
    if comparison.difference is None:
        return ""
    owner = "" if comparison.about == "first" else f" ({comparison.names[1]})"
    return _render(comparison.difference) + owner


def _render(quantity: Any) -> str:
    return render_quantity(quantity and quantity.model_dump())


def _cite(source: str, title: str, quote: str) -> Text:
    heading = f"{source}  {title}".rstrip()
    return Text.assemble(show_controls(heading), ("\n" + show_controls(f"“{quote}”"), "dim"))


def _make_table(columns: Sequence[str], *, right: Iterable[int] = ()) -> Table:
    table = Table(box=None, header_style="dim")
    numeric = set(right)
    for place, column in enumerate(columns):
        justify: Any = "right" if place in numeric else "left"
        table.add_column(Text(show_controls(column)), justify=justify, overflow="fold")
    return table


def _add_row(table: Table, *cells: str | Text) -> None:
    table.add_row(
        *(cell if isinstance(cell, Text) else Text(show_controls(cell)) for cell in cells)
    )


def _print_heading(console: Console, text: str) -> None:
    console.print(Text(show_controls(text), style="bold"), soft_wrap=True)


def _print_note(console: Console, text: str) -> None:
    console.print(Text(show_controls(text), style="dim"))


def _print_plain(console: Console, text: str) -> None:
    console.print(Text(show_controls(text)), soft_wrap=True)
