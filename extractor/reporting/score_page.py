"""The score page: how good a system is, and every case behind the figures."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from extractor.evaluation.rules import FIELDS
from extractor.evaluation.scorecards import ScoreCard
from extractor.evaluation.scoring import Report
from extractor.evaluation.statistics import measure_spread
from extractor.evaluation.wording import (
    MAIN_FIGURES,
    SHOWN_FIGURES,
    describe_system,
    title_figure,
)
from extractor.reporting.cases import describe_case
from extractor.reporting.charts import draw_history
from extractor.reporting.pages import Assets, render_page

HERO = (*MAIN_FIGURES, "specificity")
_HISTORY_FIGURE = "soft_f1"
_ASSETS = Assets(
    styles=("explorer.css", "score_page.css"), scripts=("tables.js", "cases.js", "score_page.js")
)


def render_score_page(
    card: ScoreCard,
    report: Report,
    *,
    repeats: Sequence[ScoreCard] = (),
    history: Sequence[ScoreCard] = (),
) -> str:
    """Write a score card and the cases behind it as one HTML document.

    Args:
        card: the figures.
        report: the scored predictions that the card was made of.
        repeats: cards of all runs of the system, if there are several.
        history: other cards, older or newer; those of other labels or rules are left out.

    Raises:
        ConfigError: the libraries that draw the history are not installed.
    """
    cases = [
        describe_case(judged, report.losses.get(judged.document.id, []))
        for judged in report.judgements
    ]
    system = describe_system(card.system)
    return render_page(
        "score_page.html",
        title=f"{system} on {card.gold.name}",
        assets=_ASSETS,
        data={"cases": cases},
        card=card,
        system=system,
        hero=[(name, title_figure(name)) for name in HERO],
        figures=[(name, title_figure(name)) for name in SHOWN_FIGURES if name not in HERO],
        fields=[(field.replace("_", " "), f"{field}_accuracy") for field in FIELDS],
        lost_points=sum(card.causes.values()),
        spread=_measure_repeats(repeats),
        history=_draw_history([*history, card]),
    )


def _measure_repeats(cards: Sequence[ScoreCard]) -> list[tuple[str, Any]]:
    if len(cards) < 2:
        return []
    measured = []
    for name in MAIN_FIGURES:
        values = [card.figures[name].value for card in cards]
        spread = measure_spread(value for value in values if value is not None)
        measured.append((title_figure(name), spread))
    return measured


def _draw_history(cards: Sequence[ScoreCard]) -> Markup | None:
    """Draw the cards that can be compared with the last one; None if it is alone."""
    last = cards[-1]
    comparable = {
        (card.created, describe_system(card.system)): card
        for card in cards
        if card.gold.sha256 == last.gold.sha256
        and (card.scorer_version, card.rules) == (last.scorer_version, last.rules)
        and card.figures[_HISTORY_FIGURE].value is not None
    }
    if len(comparable) < 2:
        return None
    rows = [
        {"created": created, "system": system, **_to_percent(card)}
        for (created, system), card in sorted(comparable.items())
    ]
    return draw_history(rows, title_figure(_HISTORY_FIGURE))


def _to_percent(card: ScoreCard) -> dict[str, float | None]:
    parts = card.figures[_HISTORY_FIGURE].model_dump()
    return {name: None if part is None else 100 * part for name, part in parts.items()}
