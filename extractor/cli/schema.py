"""`extractor schema`: the JSON Schema of an answer."""

import typer


def schema() -> None:
    """Print the JSON Schema that a model's answer has to fit."""
    from extractor.schema import render_schema

    typer.echo(render_schema(), nl=False)
