"""`extractor report`: look at claims in a browser."""

from collections.abc import Iterator
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli import pages
from extractor.errors import ConfigError

if TYPE_CHECKING:
    from extractor.results import Result

MOST_ABSTRACTS = 20_000
"""What one page holds, as measured: it opens in about two seconds."""


def report(
    store: Annotated[
        str, typer.Argument(help="What `run` has written: a file, or the URL of a database.")
    ],
    output: pages.Page,
) -> None:
    """Write the claims of a store as one HTML page that needs no network.

    Of each abstract the newest extraction that did not fail, with its evidence highlighted. More
    than 20,000 abstracts become several pages that link to one another.
    """
    from extractor.reporting.claims_page import render_claims_page
    from extractor.stores.reading import read_results
    from extractor.stores.targets import is_url

    name = "a database" if is_url(store) else Path(store).name
    results = read_results(store)
    for number in count(1):
        part, results, is_last = _take_part(results)
        if pages.is_stream(output) and not is_last:
            raise ConfigError(
                f"more than {MOST_ABSTRACTS:,} abstracts take several files: name one"
            )
        links = [(f"Part {number - 1}", _name_part(output, number - 1).name)] if number > 1 else []
        if not is_last:
            links.append((f"Part {number + 1}", _name_part(output, number + 1).name))
        page = render_claims_page(part, name, links)
        pages.write_page(page, _name_part(output, number))
        if is_last:
            return


def _take_part(results: "Iterator[Result]") -> "tuple[list[Result], Iterator[Result], bool]":
    part = list(islice(results, MOST_ABSTRACTS))
    following = list(islice(results, 1))
    return part, chain(following, results), not following


def _name_part(path: Path, number: int) -> Path:
    return path if number == 1 else path.with_suffix(f".{number}{path.suffix}")
