"""`extractor cache`: look after the paid answers."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from extractor.cache import AnswerCache

app = typer.Typer(help="Look after the paid answers.", no_args_is_help=True)

Folder = Annotated[
    Path | None,
    typer.Option("--cache", metavar="DIR", help="The cache's folder, if not the default one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def info(folder: Folder = None, as_json: AsJson = False) -> None:
    """Say where the cache is and how much it holds."""
    found = _open(folder).info()
    if as_json:
        described = {
            "folder": str(found.folder),
            "answers": found.answers,
            "size_bytes": found.size_bytes,
        }
        typer.echo(json.dumps(described))
        return
    typer.echo(f"{found.folder}: {found.answers} answers, {found.size_bytes / 1e6:.1f} MB")


@app.command()
def clear(
    folder: Folder = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete every answer; they have to be paid for again."""
    answers = _open(folder)
    count = answers.info().answers
    if not yes:
        typer.confirm(f"Delete {count} paid answers in {answers.folder}?", abort=True)
    typer.echo(f"{answers.clear()} answers deleted")


@app.command()
def export(
    output: Annotated[
        typer.FileTextWrite,
        typer.Option("-o", "--output", encoding="utf-8", help="A file, or - for standard output."),
    ] = "-",  # type: ignore[assignment]
    folder: Folder = None,
) -> None:
    """Write every answer as a JSON line."""
    for line in _open(folder).export():
        output.write(f"{line}\n")


def _open(folder: Path | None) -> "AnswerCache":
    from extractor.cache import AnswerCache, find_cache_dir

    return AnswerCache(find_cache_dir(folder))
