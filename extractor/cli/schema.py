"""`extractor schema`: the published contracts."""

from enum import StrEnum
from typing import Annotated

import typer


class Contract(StrEnum):
    """What is described."""

    ANSWER = "answer"
    TABLES = "tables"


def schema(
    contract: Annotated[
        Contract,
        typer.Argument(help="A model's answer, as JSON Schema; or tables, as Arrow types."),
    ] = Contract.ANSWER,
) -> None:
    """Print the JSON Schema that a model's answer has to fit, or the columns of tables."""
    if contract is Contract.TABLES:
        from extractor.stores.files import naming_extra

        with naming_extra("parquet"):
            from extractor.stores.arrow_text import render_arrow_schemas

            typer.echo(render_arrow_schemas(), nl=False)
        return
    from extractor.schema import render_schema

    typer.echo(render_schema(), nl=False)
