"""The parts that all pages are made of, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from extractor.claims import Claim
from extractor.reporting import Assets, describe_abstract, pages, render_page
from tests.browser import expect_read
from tests.samples import ABSTRACT, make_claim

HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)> {{ 7 * 7 }} "
    "</script><script>alert(3)</script> <!-- \u202egnp.exe\u202c javascript:alert(4) 𝒳 end"
)
_DRAW = """
const data = components.readData();
const article = components.link(components.element("article", {class: "abstract"}));
const list = components.element("ul", {class: "claims"},
  ...data.claims.map((claim, index) => components.claimCard(claim, index)));
article.append(components.abstractText(data.text, data.claims), list);
document.getElementById("content").append(article);
"""


@pytest.fixture(autouse=True)
def _script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of its own whose script draws one abstract."""
    read = pages._read_asset
    monkeypatch.setattr(
        pages, "_read_asset", lambda *at: _DRAW if at[-1] == "draw.js" else read(*at)
    )


def open_abstract(page: Page, folder: Path, text: str, claims: list[dict[str, object]]) -> None:
    read = [Claim.model_validate(claim) for claim in claims]
    spans = [
        (text.index(claim.evidence), text.index(claim.evidence) + len(claim.evidence))
        if claim.evidence in text
        else None
        for claim in read
    ]
    data = {"text": text, "claims": describe_abstract(text, read, spans)}
    document = render_page(
        "page.html", title=HOSTILE, assets=Assets(scripts=("draw.js",)), data=data
    )
    (folder / "page.html").write_text(document, encoding="utf-8")
    page.goto((folder / "page.html").as_uri())


def lit(page: Page) -> str:
    return "".join(page.locator("mark.lit").all_text_contents())


def test_a_claim_in_focus_lights_its_quote_and_its_figures(page: Page, tmp_path: Path) -> None:
    second = make_claim(value=None, baseline_value=None, evidence="runs 3x faster", delta=None)
    open_abstract(page, tmp_path, ABSTRACT.text, [make_claim(), second])
    first, other = page.locator(".claim").all()
    first.focus()
    expect_read(lambda: lit(page), make_claim()["evidence"])
    expect(page.locator("mark.lit-figure")).to_have_text(["91.2%", "88.0%"])
    other.focus()
    expect_read(lambda: lit(page), "runs 3x faster")
    first.hover()
    expect_read(lambda: lit(page), make_claim()["evidence"])
    page.locator("mark", has_text="runs 3x faster").hover()
    expect(other).to_have_class("claim lit")


def test_all_of_a_lit_quote_looks_lit(page: Page, tmp_path: Path) -> None:
    overlapping = make_claim(evidence="against 88.0% for BazNet")
    open_abstract(page, tmp_path, ABSTRACT.text, [make_claim(), overlapping])
    page.locator(".claim").first.focus()
    paint = "marks => new Set(marks.map(mark => getComputedStyle(mark).backgroundColor)).size"
    assert page.locator("mark.lit").count() > 3
    assert page.locator("mark.lit").evaluate_all(paint) == 1


def test_overlapping_quotes_keep_every_character_in_its_place(page: Page, tmp_path: Path) -> None:
    text = "𝒜𝒷 alpha beta gamma delta."
    claims = [
        make_claim(value=None, baseline_value=None, evidence=evidence)
        for evidence in ("alpha beta gamma", "beta gamma delta", "gamma")
    ]
    open_abstract(page, tmp_path, text, claims)
    assert page.locator(".abstract-text").text_content() == text
    for place, claim in enumerate(claims):
        page.locator(".claim").nth(place).focus()
        expect_read(lambda: lit(page), claim["evidence"])
    page.locator("mark.overlap", has_text="gamma").hover()
    expect(page.locator(".claim.lit")).to_have_count(3)


def test_text_from_outside_stays_text(page: Page, tmp_path: Path) -> None:
    claim = make_claim(method=HOSTILE, datasets=[HOSTILE], evidence="not there", metric=HOSTILE)
    open_abstract(page, tmp_path, HOSTILE, [claim])
    shown = HOSTILE.replace("\u202e", "\ufffd").replace("\u202c", "\ufffd")
    assert page.locator(".abstract-text").text_content() == shown
    assert page.locator("h1").text_content() == shown
    assert page.locator(".claim-method").text_content() == " ".join(shown.split())
    expect(page.locator("main script, main img, main a")).to_have_count(0)


def test_a_hundred_thousand_characters_are_shown(page: Page, tmp_path: Path) -> None:
    text = "long words " * 9_090 + "FooNet wins."
    open_abstract(page, tmp_path, text, [make_claim(evidence="FooNet wins")])
    page.locator(".claim").focus()
    expect_read(lambda: lit(page), "FooNet wins")


def test_nothing_inline_runs_that_is_not_hashed(browser: Browser, tmp_path: Path) -> None:
    document = render_page("page.html", title="t", assets=Assets())
    injected = (
        "<script>document.title = 'run'</script><b style='color: red' onclick='alert(1)'>b</b>"
        "<img src='http://127.0.0.1:9/x.png'>"
    )
    (tmp_path / "page.html").write_text(document.replace("</main>", injected + "</main>"))
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto((tmp_path / "page.html").as_uri())
    page.locator("b").click()
    assert page.title() == "t"
    assert page.locator("b").evaluate("node => getComputedStyle(node).color") != "rgb(255, 0, 0)"
    assert len([text for text in refused if "Content Security Policy" in text]) == 4
    page.close()


def test_the_theme_is_chosen_and_remembered(page: Page, tmp_path: Path) -> None:
    open_abstract(page, tmp_path, ABSTRACT.text, [make_claim()])
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_role("button", name="Theme").press("Enter")
    assert page.evaluate(paper) == light
    page.get_by_role("button", name="Theme: light").press("Enter")
    assert page.evaluate(paper) != light
    dark = page.get_by_role("button", name="Theme: dark")
    for _ in range(20):
        # The browser brings what a file remembers to its store when it has time to.
        page.wait_for_timeout(250)
        page.reload()
        if dark.count():
            break
        while not dark.count():
            page.get_by_role("button", name="Theme").press("Enter")
    expect(dark).to_be_visible()
