"""What the fields of a label offer: the figures and names that an abstract prints."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from extractor.asking.patterns.lexicon import METRIC
from extractor.documents import Abstract
from extractor.quantities import Figure, find_figures
from extractor.quantities.names import is_name
from extractor.review.labels import Label

_MOST_NAMES = 80
_MOST_FIGURES = 80
_WORD = re.compile(r"[^\s,;:()\[\]\"“”]+")
_CONTEXT = 24


@dataclass(frozen=True, slots=True)
class FigureOffer:
    """A printed figure, ready to be taken over.

    Attributes:
        printed: as it stands in the text.
        around: the words beside it.
    """

    printed: str
    around: str
    number: float
    high: float | None
    unit: str | None
    qualifier: str
    direction: str | None


def find_offers(abstract: Abstract, suggestions: Iterable[Label] = ()) -> dict[str, Any]:
    """Collect what the fields of an abstract's labels offer.

    Args:
        abstract: whose text is read.
        suggestions: claims whose names are offered before those found by rules.

    Returns:
        Lists of texts under `names` and `metrics`, of figures under `figures`.
    """
    names: dict[str, None] = {}
    metrics: dict[str, None] = {}
    for label in suggestions:
        claim = label.claim
        names.update(dict.fromkeys([claim.method, *claim.datasets, *claim.baselines]))
        metrics.update(dict.fromkeys([claim.metric] if claim.metric else []))
    for text in (abstract.title, abstract.text):
        names.update(dict.fromkeys(find_names(text)))
        metrics.update(dict.fromkeys(found[0] for found in METRIC.finditer(text)))
    return {
        "names": list(filter(None, names))[:_MOST_NAMES],
        "metrics": list(metrics)[:_MOST_NAMES],
        "figures": [asdict(offer) for offer in offer_figures(abstract.text)],
    }


def offer_figures(text: str) -> list[FigureOffer]:
    """Offer every figure of a text once, in the order of its places, names' digits left out."""
    offers: dict[tuple[object, ...], FigureOffer] = {}
    for figure in find_figures(text):
        # Digits without end are no number that JSON could carry.
        if figure.in_name or not math.isfinite(figure.number + (figure.high or 0.0)):
            continue
        offer = _offer(text, figure)
        key = (offer.number, offer.high, offer.unit, offer.qualifier)
        offers.setdefault(key, offer)
    return list(offers.values())[:_MOST_FIGURES]


def _offer(text: str, figure: Figure) -> FigureOffer:
    before = text[max(0, figure.start - _CONTEXT) : figure.start]
    after = text[figure.end : figure.end + _CONTEXT]
    printed = text[figure.start : figure.end]
    return FigureOffer(
        printed=printed,
        around=f"{before.partition(' ')[2]}{printed}{after.rpartition(' ')[0]}",
        number=figure.number,
        high=figure.high,
        unit=figure.unit,
        qualifier=figure.qualifier,
        direction=figure.direction,
    )


def find_names(text: str) -> list[str]:
    """Find what looks like names of systems and data sets: runs of words with capitals."""
    found: list[str] = []
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        goes_on = bool(run) and text[run[-1].end() : word.start()] == " "
        if not goes_on:
            found += _name_of(text, run)
            run = []
        clean = word[0].rstrip(".")
        if (clean and is_name(clean)) or (run and goes_on and clean[:1].isdigit()):
            run.append(word)
            if clean != word[0]:
                found += _name_of(text, run)
                run = []
        else:
            found += _name_of(text, run)
            run = []
    found += _name_of(text, run)
    return list(dict.fromkeys(found))


def _name_of(text: str, run: Sequence[re.Match[str]]) -> list[str]:
    """Give the name that a run of words is, unless it is just a word that begins a sentence."""
    if not run:
        return []
    first = run[0]
    begins = first.start() == 0 or text[: first.start()].rstrip().endswith((".", "!", "?", ":"))
    if begins and _is_plain(first[0]):
        run = run[1:]
    name = " ".join(word[0] for word in run).rstrip(".'’")
    return [name] if len(name) > 1 else []


def _is_plain(word: str) -> bool:
    return word.rstrip(".").istitle() and word.rstrip(".").isalpha()
