"""Abstracts and claims as the data that the pages' scripts draw from."""

from collections.abc import Iterable, Sequence
from typing import Any

from extractor.claims import Claim, Delta, Quantity
from extractor.formatting import render_field
from extractor.quantities import Figure, can_ground, find_figures, prints

FIELDS = ("method", "task", "datasets", "metric", "value", "baselines", "baseline_value", "delta")


def describe_abstract(
    text: str, claims: Sequence[Claim], spans: Sequence[tuple[int, int] | None]
) -> list[dict[str, Any]]:
    """Describe the claims of one abstract.

    Args:
        text: the abstract's normalised text; "" where it is not known.
        claims: its claims.
        spans: where the evidence of each claim stands in the text, if it does.

    Returns:
        What `describe_claim` says of each claim.
    """
    printed = find_figures(text) if any(claim.figures() for claim in claims) else []
    return [describe_claim(claim, span, printed) for claim, span in zip(claims, spans, strict=True)]


def describe_claim(
    claim: Claim, span: tuple[int, int] | None, printed: Iterable[Figure] = ()
) -> dict[str, Any]:
    """Describe one claim as the pages show it.

    Args:
        claim: the claim.
        span: `[start, end)` of its evidence in characters of the text.
        printed: the figures of the text, as `find_figures` gives them.

    Returns:
        Its fields as text, `outcome`, `evidence`, `span`, and `figures`: start, end and role of
        every place where a figure of the claim is printed, within the evidence where it is.
    """
    figures = list(printed)
    fields = claim.model_dump(include=set(FIELDS))
    return {
        **{name: render_field(fields[name]) for name in FIELDS},
        "outcome": claim.outcome,
        "evidence": claim.evidence,
        "span": span,
        "figures": [
            (figure.start, figure.end, role)
            for role, quantity in claim.figures()
            for figure in _locate_figure(quantity, span, figures)
        ],
    }


def rank_quantity(quantity: Quantity | None) -> float | None:
    """Give the number that a quantity is sorted by: a decrease is negative."""
    if isinstance(quantity, Delta):
        size = abs(quantity.number)
        return -size if quantity.direction == "decrease" else size
    return None if quantity is None else quantity.number


def _locate_figure(
    quantity: Quantity, span: tuple[int, int] | None, printed: Iterable[Figure]
) -> list[Figure]:
    places = [
        figure
        for figure in printed
        if can_ground(figure, quantity.unit)
        and (prints(figure, quantity.number) or _is_end(quantity, figure))
    ]
    if span is None:
        return places
    quoted = [place for place in places if span[0] <= place.start and place.end <= span[1]]
    return quoted or places


def _is_end(quantity: Quantity, figure: Figure) -> bool:
    return quantity.high is not None and prints(figure, quantity.high)
