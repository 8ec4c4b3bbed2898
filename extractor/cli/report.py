"""`extractor report`: look at claims in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from extractor.errors import StoreError


def report(
    store: Annotated[
        str, typer.Argument(help="What `run` has written: a file, or the URL of a database.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The page to write.")
    ],
) -> None:
    """Write the claims of a store as one HTML page that needs no network.

    Of each abstract the newest extraction that did not fail, with its evidence highlighted.
    """
    from extractor.reporting.claims_page import render_claims_page
    from extractor.stores.reading import read_results
    from extractor.stores.targets import is_url

    name = "a database" if is_url(store) else Path(store).name
    page = render_claims_page(read_results(store), name)
    write_page(page, output)


def write_page(page: str, path: Path) -> None:
    """Write a page as UTF-8.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error
    typer.echo(f"{path} written: {len(page.encode()) / 1e6:.1f} MB, open it in a browser", err=True)
