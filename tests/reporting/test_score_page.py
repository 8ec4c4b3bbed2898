"""The score page and the comparison page, in a real browser."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from extractor.evaluation import (
    GoldDocument,
    GoldProvenance,
    Prediction,
    Report,
    ScoreCard,
    SystemProvenance,
    compare_cards,
    make_score_card,
    score,
)
from extractor.evaluation.predictions import PredictedClaim
from extractor.reporting.comparison_page import render_comparison_page
from extractor.reporting.score_page import render_score_page
from tests.browser import (
    NARROW,
    THEMES,
    WIDE,
    expect_read,
    find_barriers,
    measure_overflow,
    open_page,
)
from tests.reporting.making import HOSTILE, SHOWN_HOSTILE
from tests.samples import ABSTRACT, make_claim

_BARE = {"value": None, "baseline_value": None}
SPEED = make_claim(**_BARE, metric="speed", datasets=[], evidence="runs 3x faster")
EXPERTS = make_claim(
    **_BARE,
    metric=None,
    datasets=[],
    baselines=["human experts"],
    outcome="similar",
    evidence="It is on a par with human experts",
)
HOSTILE_CLAIM = make_claim(**_BARE, method=HOSTILE, metric=HOSTILE, evidence=HOSTILE)

GOLD = [
    GoldDocument.model_validate(
        {"id": "foo", "title": "FooNet", "text": ABSTRACT.text, "claims": [make_claim(), SPEED]}
    ),
    GoldDocument.model_validate(
        {"id": "bad", "title": HOSTILE, "text": HOSTILE, "claims": [HOSTILE_CLAIM]}
    ),
    GoldDocument.model_validate({"id": "survey", "title": "A survey", "text": "We look back."}),
]


def answer(**claims: Sequence[object]) -> dict[str, Prediction]:
    return {
        name: Prediction(tuple(PredictedClaim.model_validate(claim) for claim in listed))
        for name, listed in claims.items()
    }


def make_card(
    predictions: dict[str, Prediction], model: str, created: str = "2026-11-20T08:00:00+00:00"
) -> tuple[ScoreCard, Report]:
    report = score(GOLD, predictions)
    gold = GoldProvenance.of("three", GOLD)
    ceiling = {"soft_f1": 0.93}
    system = SystemProvenance(model=model)
    return make_score_card(report, gold, system, created=created, ceiling=ceiling), report


ANSWER = answer(foo=[make_claim(metric="loss"), EXPERTS], bad=[HOSTILE_CLAIM], survey=[])
OTHER = answer(foo=[make_claim(), SPEED], bad=[], survey=[])


def write_score_page(folder: Path, **options: Sequence[ScoreCard]) -> str:
    (folder / "score.html").write_text(
        render_score_page(*make_card(ANSWER, HOSTILE), **options), encoding="utf-8"
    )
    return (folder / "score.html").as_uri()


def write_comparison(folder: Path) -> str:
    cards = make_card(ANSWER, "one")[0], make_card(OTHER, "other")[0]
    page = render_comparison_page(compare_cards(*cards, resamples=50), cards, GOLD)
    (folder / "diff.html").write_text(page, encoding="utf-8")
    return (folder / "diff.html").as_uri()


def test_figures_stand_beside_what_people_reach(page: Page, tmp_path: Path) -> None:
    page.goto(write_score_page(tmp_path))
    row = page.get_by_role("row", name="soft F1").first
    card, _ = make_card(ANSWER, "m")
    assert f"{100 * (card.figures['soft_f1'].value or 0):.1f}" in (row.text_content() or "")
    expect(row).to_contain_text("93.0")
    assert page.locator("h1").text_content() == SHOWN_HOSTILE


def test_a_bar_opens_the_cases_behind_it(page: Page, tmp_path: Path) -> None:
    page.goto(write_score_page(tmp_path))
    expect(page.locator(".case")).to_have_count(3)
    page.locator(".cause", has_text="missed").press("Enter")
    expect(page.locator("#found")).to_have_text("1 of 3 abstracts, 1 times missed")
    chosen = page.locator(".pair.chosen")
    expect(chosen).to_have_count(1)
    expect(chosen.locator(".claim-body")).to_contain_text("speed")
    expect(chosen.locator(".absent")).to_have_text("not found")
    page.locator(".cause", has_text="missed").click()
    expect(page.locator(".case")).to_have_count(3)


def test_labelled_and_extracted_claims_stand_side_by_side(page: Page, tmp_path: Path) -> None:
    page.goto(write_score_page(tmp_path))
    pair = page.locator(".case", has_text="Counting bars").locator(".pair").first
    expect(pair.locator(".verdict")).to_contain_text("wrong metric")
    assert pair.locator(".wrong dd").all_text_contents() == ["accuracy", "loss"]
    one, other = pair.locator(".claim").all()
    other.focus()
    lit = page.locator("mark.lit")
    expect_read(lambda: "".join(lit.all_text_contents()), make_claim()["evidence"])
    expect(one).not_to_have_class("lit")


def test_hostile_text_stays_text(page: Page, tmp_path: Path) -> None:
    page.goto(write_score_page(tmp_path))
    page.get_by_label("Find").fill("svg onload")
    expect(page.locator("#list")).to_have_text("No case fits.")
    page.get_by_label("Find").fill("onerror")
    assert page.locator(".case .abstract-text").text_content() == SHOWN_HOSTILE
    expect(page.locator("main script, main img, main a")).to_have_count(0)
    page.goto(write_comparison(tmp_path))
    expect(page.locator("main script, main img, main a")).to_have_count(0)


def test_the_history_shows_older_cards(page: Page, tmp_path: Path) -> None:
    older, _ = make_card(OTHER, "older", "2026-10-01T08:00:00+00:00")
    page.goto(write_score_page(tmp_path, history=[older]))
    expect(page.get_by_role("img", name="soft F1 over time")).to_contain_text("older")
    page.goto(write_score_page(tmp_path))
    expect(page.get_by_role("img", name="soft F1 over time")).to_have_count(0)


def test_the_comparison_shows_what_one_alone_found(page: Page, tmp_path: Path) -> None:
    page.goto(write_comparison(tmp_path))
    show = page.get_by_role("combobox", name="Show")
    show.select_option("B")
    expect(page.locator(".case-list h3")).to_have_text(["FooNet"])
    alone = page.locator(".claim", has_text="found by B alone")
    expect(alone).to_contain_text("speed")
    alone.focus()
    expect_read(lambda: "".join(page.locator("mark.lit").all_text_contents()), "runs 3x faster")
    show.select_option("A")
    expect(page.locator(".case-list h3")).to_have_text([SHOWN_HOSTILE])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nobody_is_kept_out(
    browser: Browser, tmp_path: Path, theme: str, size: tuple[int, int]
) -> None:
    with open_page(browser, color_scheme=theme, size=size) as page:
        for address in (write_score_page(tmp_path), write_comparison(tmp_path)):
            page.goto(address)
            page.locator(".claim[data-claim]").first.focus()
            assert find_barriers(page) == []
            assert measure_overflow(page) <= 0
