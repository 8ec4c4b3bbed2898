"""`extractor prompt`: what is sent."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.settings import Mode

if TYPE_CHECKING:
    from extractor.documents import Abstract


def prompt(
    source: Annotated[
        str | None,
        typer.Argument(
            help="Whose first abstract to show, instead of a placeholder.", metavar="FILE"
        ),
    ] = None,
    version: Annotated[str, typer.Option(help="Prompt version, or a folder of your own.")] = "v1",
    mode: Annotated[Mode, typer.Option(help="How structured output is asked for.")] = "json_schema",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole request body, schema included.")
    ] = False,
) -> None:
    """Print exactly what is sent to a model."""
    from extractor.asking.forms import build_forms
    from extractor.asking.protocol import Request
    from extractor.prompting import load_prompt

    form = build_forms(load_prompt(version), mode)[0]
    messages = form.build_messages(Request(_find_abstract(source)))
    if as_json:
        typer.echo(json.dumps({"messages": messages, **form.extras}, indent=2, ensure_ascii=False))
        return
    for message in messages:
        typer.secho(f"[{message['role']}]", bold=True)
        typer.echo(f"{message['content']}\n")


def _find_abstract(source: str | None) -> "Abstract":
    from extractor.documents import Abstract
    from extractor.errors import InputError
    from extractor.readers import read_abstracts

    if source is None:
        return Abstract(id="", title="<title>", text="<abstract>")
    for entry in read_abstracts([source]):
        if isinstance(entry, Abstract):
            return entry
    raise InputError(f"{source} holds no abstract")
