"""`extractor stats`: what a store holds and what it cost."""

import typer

from extractor.cli import options


def stats(store: options.StoreTarget, as_json: options.AsJson = False) -> None:
    """Count abstracts, claims, models, tokens, cost, frequent names and problems."""
    from extractor.queries import count_store

    counts = count_store(store)
    if as_json:
        typer.echo(counts.model_dump_json(indent=2))
        return
    from rich.console import Console

    from extractor.cli.answer_tables import print_counts

    print_counts(Console(), counts)
