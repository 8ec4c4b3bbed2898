"""The comparison page: where one system is better than another, and on which claims."""

from collections.abc import Sequence
from typing import Any

from extractor.evaluation.comparison import CardComparison
from extractor.evaluation.gold import GoldDocument
from extractor.evaluation.scorecards import ScoreCard
from extractor.evaluation.statistics import Difference
from extractor.evaluation.wording import SHOWN_FIGURES, describe_system, title_figure
from extractor.reporting.cases import describe_labels
from extractor.reporting.pages import Assets, render_page

_ASSETS = Assets(
    styles=("explorer.css", "score_page.css"), scripts=("tables.js", "comparison_page.js")
)


def render_comparison_page(
    comparison: CardComparison,
    cards: tuple[ScoreCard, ScoreCard],
    documents: Sequence[GoldDocument] = (),
) -> str:
    """Write how system B differs from system A as one HTML document.

    Args:
        comparison: of the two cards.
        cards: of A and of B.
        documents: the labels that both were scored against; without them, which claims were
            found is only counted.
    """
    first, second = cards
    names = describe_system(first.system), describe_system(second.system)
    figures = [
        (title_figure(name), comparison.figures[name], first.figures[name], second.figures[name])
        for name in SHOWN_FIGURES
    ]
    slices = {name: found["soft_f1"] for name, found in comparison.slices.items()}
    changed = sorted(comparison.causes.items(), key=lambda item: (item[1], item[0]))
    return render_page(
        "comparison_page.html",
        title=f"{names[1]} against {names[0]}",
        assets=_ASSETS,
        data={"cases": _describe_cases(cards, documents)},
        comparison=comparison,
        gold=first.gold,
        names=names,
        figures=figures,
        reach=_find_reach([found for _, found, _, _ in figures]),
        slices=slices,
        slice_reach=_find_reach(list(slices.values())),
        causes=[
            (cause, change, first.causes.get(cause, 0), second.causes.get(cause, 0))
            for cause, change in changed
        ],
        has_labels=bool(documents),
    )


def _find_reach(differences: Sequence[Difference]) -> float:
    """The largest end of an interval, for plots that share one scale."""
    ends = [abs(end) for each in differences for end in (each.low, each.high) if end is not None]
    return max([*ends, 0.01])


def _describe_cases(
    cards: tuple[ScoreCard, ScoreCard], documents: Sequence[GoldDocument]
) -> list[dict[str, Any]]:
    rows = [{row.id: row for row in card.abstracts} for card in cards]
    cases = []
    for document in documents:
        case = describe_labels(document)
        found = [set(by_id[document.id].found) for by_id in rows]
        for place, claim in enumerate(document.claims):
            case["gold"][place]["found"] = [
                name for name, places in zip("AB", found, strict=True) if place in places
            ]
            case["gold"][place]["status"] = claim.status
        cases.append(case)
    return cases
