"""Opens a review: the abstracts of a store, the journal, and the gold files beside it."""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from extractor.errors import ConfigError
from extractor.review.goldfile import GoldFile
from extractor.review.items import collect_items
from extractor.review.journal import Journal
from extractor.review.reviewing import JOINT, SETTLED, Review
from extractor.stores.reading import read_results
from extractor.stores.targets import is_url

_NAME = re.compile(r"\w[\w.-]{0,39}")


def find_gold_file(store: str, gold: Path | None) -> Path:
    """Find the gold file of a review: the one that is named, else one beside the store.

    Raises:
        ConfigError: none is named, and the store is no file.
    """
    if gold is not None:
        return gold
    if is_url(store):
        raise ConfigError("name the gold file with --gold FILE: a database server has no folder")
    path = Path(store)
    return path.with_name(f"{path.stem}.gold.jsonl")


@contextmanager
def open_review(
    store: str,
    gold: Path,
    annotator: str,
    *,
    blind: bool = False,
    between: Collection[str] = (),
) -> Iterator[Review]:
    """Open a review, and bring its gold files up to date with its decisions.

    Args:
        store: a file or the URL of a database, with abstracts and claims.
        gold: the gold file; those of blind annotators and the settled one are named after it.
        annotator: who decides.
        blind: without suggestions, into a gold file of the annotator's own.
        between: the two sets of labels to be settled.

    Raises:
        ConfigError: the name is unfit, or the gold file belongs to something else.
        StoreError: the store cannot be read, or the journal or gold file not be written.
    """
    _require_name(annotator)
    names = {
        JOINT: gold,
        SETTLED: gold.with_name(f"{gold.stem}.{SETTLED}{gold.suffix}"),
        annotator: gold.with_name(f"{gold.stem}.{annotator}{gold.suffix}"),
    }
    shown = [annotator] if blind else [JOINT, SETTLED]
    gold_files = {name: GoldFile(names[name], name, suggestions=not blind) for name in shown}
    items = collect_items(read_results(store), store)
    journal = Journal(gold.with_suffix(".review.db"))
    try:
        for gold_file in gold_files.values():
            gold_file.take_in(journal, items)
            gold_file.write(journal, items)
        yield Review(items, journal, annotator, gold_files, blind, tuple(between))
    finally:
        journal.close()


def _require_name(annotator: str) -> None:
    if not _NAME.fullmatch(annotator):
        raise ConfigError(
            f"'{annotator}' cannot be the name of an annotator: it becomes part of a file name; "
            "name another with --annotator, of up to 40 letters, digits, dots, hyphens, underscores"
        )
    if annotator in {JOINT, SETTLED}:
        raise ConfigError(f"'{annotator}' cannot be the name of an annotator: choose another")
