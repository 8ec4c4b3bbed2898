"""The claims page, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from extractor.reporting.claims_page import render_claims_page
from tests.browser import (
    NARROW,
    THEMES,
    WIDE,
    expect_read,
    find_barriers,
    measure_overflow,
    open_page,
)
from tests.reporting.making import SHOWN_HOSTILE, make_results

ROWS = ".claims-table tbody tr:not(.detail)"


@pytest.fixture
def claims(page: Page, tmp_path: Path) -> Page:
    """The page of four abstracts, opened."""
    path = tmp_path / "claims.html"
    path.write_text(render_claims_page(make_results(), "four.jsonl"), encoding="utf-8")
    page.goto(path.as_uri())
    return page


def read_column(page: Page, name: str) -> list[str]:
    headings = page.locator(".claims-table th").evaluate_all(
        "all => all.map(e => e.dataset.column)"
    )
    place = headings.index(name) + 1
    return page.locator(f"{ROWS} > td:nth-child({place})").all_text_contents()


def test_the_table_shows_claims_as_the_terminal_does(claims: Page) -> None:
    expect(claims.locator(ROWS)).to_have_count(4)
    expect_read(lambda: read_column(claims, "value"), ["91.2%", "", "", ""])
    expect_read(lambda: read_column(claims, "delta"), ["3.2 points ↑", "3x ↑", "", ""])
    assert read_column(claims, "problems")[0] == "delta"
    expect(claims.locator("#found")).to_have_text("4 of 4 claims")


def test_filters_narrow_table_and_abstracts(claims: Page) -> None:
    claims.get_by_label("Find").fill("slownet baznet")
    expect_read(lambda: read_column(claims, "method"), ["SlowNet"])
    claims.get_by_role("button", name="Clear").click()
    claims.get_by_role("combobox", name="Outcome").select_option("similar")
    expect(claims.locator("#found")).to_have_text("1 of 4 claims")
    claims.get_by_role("tab", name="Abstracts").click()
    expect(claims.locator(".case-list h3")).to_have_text(["FooNet: Fast bars"])
    claims.get_by_role("button", name="Clear").click()
    claims.get_by_role("combobox", name="Abstracts").select_option("failed")
    expect(claims.locator(".case-list")).to_contain_text("no answer")
    claims.get_by_label("Find").fill("nothing has this")
    expect(claims.locator("#view-abstracts")).to_have_text("No abstract fits.")


def test_columns_sort_by_keyboard(claims: Page) -> None:
    header = claims.locator("th[data-column=delta]")
    header.get_by_role("button").press("Enter")
    expect(header).to_have_attribute("aria-sort", "ascending")
    expect_read(lambda: read_column(claims, "delta")[:2], ["3x ↑", "3.2 points ↑"])
    claims.keyboard.press("Enter")
    expect(header).to_have_attribute("aria-sort", "descending")
    expect_read(lambda: read_column(claims, "delta"), ["3.2 points ↑", "3x ↑", "", ""])


def test_a_row_opens_its_abstract_with_the_quote_lit(claims: Page) -> None:
    button = claims.get_by_role("button", name="SlowNet")
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    lit = claims.locator("tr.detail mark.lit")
    expect_read(lit.all_text_contents, ["runs ", "3x", " faster"])
    claims.locator("tr.detail .claim").last.focus()
    expect_read(lambda: "".join(lit.all_text_contents()), "It is on a par with human experts")
    button.press("Enter")
    expect(claims.locator("tr.detail")).to_have_count(0)


def test_tabs_move_with_the_arrow_keys(claims: Page) -> None:
    claims.get_by_role("tab", name="Table").focus()
    claims.keyboard.press("ArrowRight")
    expect(claims.get_by_role("tab", name="Abstracts")).to_be_focused()
    expect(claims.locator(".case-list > li")).to_have_count(4)
    expect(claims.locator(".kept-out")).to_contain_text("1 kept out")


def test_hostile_text_stays_text(claims: Page) -> None:
    claims.get_by_role("tab", name="Abstracts").click()
    assert SHOWN_HOSTILE in claims.locator("h3").all_text_contents()
    assert SHOWN_HOSTILE in claims.locator(".abstract-text").all_text_contents()
    expect(claims.locator("main script, main img")).to_have_count(0)
    links = claims.locator("main a").evaluate_all("all => all.map(link => link.href)")
    assert links == ["https://example.org/survey"]


def test_runs_charts_and_costs_are_shown(claims: Page) -> None:
    runs = claims.get_by_role("group", name="Runs").locator("tbody tr").all_text_contents()
    assert len(runs) == 2
    assert "$0.0250" in runs[0] and "$0.0375" in runs[0] and "unknown" in runs[1]
    titles = claims.locator(".charts h2").all_text_contents()
    assert titles[0] == "Outcomes"
    assert "better" in claims.get_by_role("img", name="How many claims").all_text_contents()[0]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nobody_is_kept_out(
    browser: Browser, tmp_path: Path, theme: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "claims.html"
    path.write_text(render_claims_page(make_results(), "four.jsonl"), encoding="utf-8")
    with open_page(browser, color_scheme=theme, size=size) as page:
        page.goto(path.as_uri())
        page.get_by_role("button", name="SlowNet").click()
        assert find_barriers(page) == []
        assert measure_overflow(page) <= 0
        page.get_by_role("tab", name="Abstracts").click()
        page.locator(".claim").first.focus()
        assert find_barriers(page) == []
        assert measure_overflow(page) <= 0


def test_many_claims_are_paged(page: Page, tmp_path: Path) -> None:
    (result, *_) = make_results()
    many = [
        result.model_copy(update={"abstract": result.abstract.model_copy(update={"id": str(n)})})
        for n in range(120)
    ]
    (tmp_path / "many.html").write_text(render_claims_page(many, "many"), encoding="utf-8")
    page.goto((tmp_path / "many.html").as_uri())
    expect(page.locator(ROWS)).to_have_count(100)
    page.get_by_role("button", name="Last").click()
    expect(page.locator(ROWS)).to_have_count(60)
    page.get_by_label("Find").fill("slownet")
    expect(page.locator("#pager")).to_have_text("FirstPrevious1 of 2NextLast")


def test_without_the_text_the_quote_stands_with_its_claim(page: Page, tmp_path: Path) -> None:
    (result, *_) = make_results()
    bare = result.model_copy(update={"abstract": result.abstract.model_copy(update={"text": ""})})
    (tmp_path / "bare.html").write_text(render_claims_page([bare], "bare"), encoding="utf-8")
    page.goto((tmp_path / "bare.html").as_uri())
    page.get_by_role("tab", name="Abstracts").click()
    expect(page.locator(".abstract")).to_contain_text("The text was not stored.")
    expect(page.locator(".claim").nth(1)).to_contain_text("“runs 3x faster”")


def test_an_empty_store_has_a_page_too(page: Page, tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text(render_claims_page([], "empty"), encoding="utf-8")
    page.goto((tmp_path / "empty.html").as_uri())
    expect(page.locator("#view-table")).to_have_text("No claim fits.")
    expect(page.locator(".charts")).to_have_count(0)
