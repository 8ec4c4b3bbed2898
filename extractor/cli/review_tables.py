"""What a review came to, as tables on a terminal."""

from rich.console import Console
from rich.table import Table

from extractor.formatting import show_controls
from extractor.review.summary import Summary

_COUNTS = ("finished", "labels", "accepted", "edited", "added", "rejected", "empty")


def print_summary(console: Console, summary: Summary) -> None:
    """Print progress and decisions by set of labels, then the time per abstract."""
    if not summary.sets:
        console.print(f"none of {summary.abstracts} abstracts is labelled yet")
        return
    sets = Table(box=None, pad_edge=False, title_justify="left")
    sets.add_column("labels of")
    for name in _COUNTS:
        sets.add_column(name, justify="right")
    for each in summary.sets:
        counts = [str(getattr(each, name)) for name in _COUNTS]
        sets.add_row(show_controls(each.label_set), *counts)
    console.print(sets)
    console.print(f"of {summary.abstracts} abstracts; empty ones have no claim")
    if not summary.paces:
        return
    paces = Table(box=None, pad_edge=False)
    for name in ("labels of", "annotator", "suggestions"):
        paces.add_column(name)
    for name in ("abstracts", "median per abstract", "in all"):
        paces.add_column(name, justify="right")
    for pace in summary.paces:
        paces.add_row(
            show_controls(pace.label_set),
            show_controls(pace.annotator),
            "with" if pace.suggestions else "without",
            str(pace.abstracts),
            print_duration(pace.median_s),
            print_duration(pace.total_s),
        )
    console.print()
    console.print(paces)


def print_duration(seconds: float) -> str:
    """Write seconds as people read them: `41 s`, `3 min 05 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
