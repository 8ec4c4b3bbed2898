"""Finds labels, joins them with texts, and measures the ceiling that people set."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from extractor.errors import InputError
from extractor.resources import data_folder

if TYPE_CHECKING:
    from extractor.evaluation.gold import GoldDocument

DEFAULT_GOLD = "restated"


def find_gold(name: str) -> Path:
    """Find a label file by its path, or one of the project's own sets by its name.

    Raises:
        InputError: there is neither.
    """
    shipped = data_folder("evals") / "gold"
    for path in (Path(name), shipped / f"{name}.jsonl"):
        if path.is_file():
            return path
    sets = sorted(path.stem for path in shipped.glob("*.jsonl"))
    raise InputError(f"no label file '{name}', nor a set of that name ({', '.join(sets)})")


def load_labels(name: str, corpus: list[Path]) -> list["GoldDocument"]:
    """Load labels, joined with texts if a corpus is given.

    Labels that find no text are named on standard error and left out.
    """
    from extractor.documents import Abstract
    from extractor.evaluation.gold import load_gold
    from extractor.evaluation.hydration import hydrate_gold
    from extractor.readers import read_abstracts

    documents = load_gold(find_gold(name))
    if not corpus:
        return documents
    entries = read_abstracts(corpus)
    hydration = hydrate_gold(documents, (entry for entry in entries if isinstance(entry, Abstract)))
    for unjoined in hydration.unjoined:
        typer.echo(f"left out {unjoined.id}: {unjoined.reason}", err=True)
    if hydration.reanchored:
        listed = ", ".join(hydration.reanchored)
        typer.echo(f"labels put onto another version of the text: {listed}", err=True)
    return hydration.documents


def measure_ceiling(name: str, documents: list["GoldDocument"]) -> dict[str, float | None] | None:
    """Agreement of the two annotators of one of the project's own sets; None for other labels."""
    from extractor.evaluation.agreement import measure_agreement
    from extractor.evaluation.gold import load_gold

    path = find_gold(name)
    pair = [path.with_suffix(f".annotator_{which}.jsonl") for which in "ab"]
    if not all(annotated.is_file() for annotated in pair):
        return None
    wanted = {document.id for document in documents}
    first, second = (
        [document for document in load_gold(annotated) if document.id in wanted]
        for annotated in pair
    )
    return measure_agreement(first, second, resamples=1).ceiling()
