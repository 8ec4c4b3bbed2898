"""Writes HTML pages where a command was told to."""

from pathlib import Path
from typing import Annotated

import typer

from extractor.errors import StoreError

Page = Annotated[
    Path,
    typer.Option(
        "-o", "--output", metavar="FILE", help="The page to write; - for standard output."
    ),
]
ScorePage = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write a page to read in a browser."),
]


def is_stream(path: Path) -> bool:
    """Tell whether a page goes to standard output."""
    return str(path) == "-"


def write_page(page: str, path: Path) -> None:
    """Write a page as UTF-8 and say so.

    Raises:
        StoreError: it cannot be written.
    """
    if is_stream(path):
        typer.echo(page, nl=False)
        return
    try:
        size = path.write_bytes(page.encode("utf-8", "replace"))
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error
    typer.echo(f"{path} written ({size / 1e6:.1f} MB): open it in a browser", err=True)
