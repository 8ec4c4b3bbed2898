"""The pages on the bundled texts: they fit any window, and the documentation shows them.

`make screenshots` keeps the pictures.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import extractor
from extractor.documents import Abstract
from extractor.evaluation import (
    GoldDocument,
    GoldProvenance,
    Prediction,
    SystemProvenance,
    load_gold,
    make_score_card,
    score,
)
from extractor.reporting.claims_page import render_claims_page
from extractor.reporting.score_page import render_score_page
from extractor.resources import data_folder
from extractor.results import Result
from tests.browser import NARROW, THEMES, keep_screenshot, measure_overflow, open_page

WINDOW = (1280, 1240)
GOLD = data_folder("evals") / "gold"


@pytest.fixture(scope="session")
def documents() -> Sequence[GoldDocument]:
    return load_gold(GOLD / "restated.jsonl")


@pytest.fixture(scope="session")
def results(documents: Sequence[GoldDocument]) -> list[Result]:
    """What the offline extractor finds."""
    abstracts = [Abstract(id=each.id, title=each.title, text=each.text or "") for each in documents]
    return sorted(
        extractor.extract_many(abstracts, model="patterns", cache=False),
        key=lambda result: result.abstract.id,
    )


@pytest.fixture(scope="session")
def pages(
    documents: Sequence[GoldDocument],
    results: list[Result],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    claims = render_claims_page(results, "claims.db")
    (folder / "claims.html").write_text(claims, encoding="utf-8")
    report = score(documents, {each.abstract.id: Prediction.of(each.claims) for each in results})
    card = make_score_card(
        report,
        GoldProvenance.of("restated", documents),
        SystemProvenance(model="patterns", cost_usd=0.0),
        created="2026-11-20T08:00:00+00:00",
        ceiling={"soft_f1": 0.929, "strict_f1": 0.705, "figures_f1": 0.983, "detection_f1": 0.983},
    )
    (folder / "score.html").write_text(render_score_page(card, report), encoding="utf-8")
    return folder


@pytest.mark.parametrize("theme", THEMES)
def test_the_claims_page_of_real_texts(pages: Path, browser: Browser, theme: str) -> None:
    with open_page(browser, color_scheme=theme, size=WINDOW) as page:
        page.goto((pages / "claims.html").as_uri())
        page.get_by_label("Find").fill("imagenet")
        page.locator(".row-button").first.click()
        page.locator(".row-button").first.blur()
        assert page.locator("tr.detail mark.lit").count() > 0
        page.mouse.move(0, 0)
        keep_screenshot(page, f"claims-page-{theme}")
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        assert measure_overflow(page) <= 0


@pytest.mark.parametrize("theme", THEMES)
def test_the_score_page_of_real_texts(pages: Path, browser: Browser, theme: str) -> None:
    with open_page(browser, color_scheme=theme, size=WINDOW) as page:
        page.goto((pages / "score.html").as_uri())
        keep_screenshot(page, f"score-page-{theme}")
        page.locator(".cause", has_text="wrong data set").click()
        assert page.locator(".pair.chosen").count() > 0
        page.mouse.move(0, 0)
        keep_screenshot(page, f"score-page-cases-{theme}")
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        assert measure_overflow(page) <= 0
