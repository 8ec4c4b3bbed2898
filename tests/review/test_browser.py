"""The review app in a real browser: pointer, keyboard, two people, a kill, hostile text."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from extractor.documents import Abstract
from extractor.evaluation.gold import load_gold
from extractor.results import Result
from tests.browser import (
    NARROW,
    THEMES,
    find_barriers,
    keep_screenshot,
    measure_overflow,
    open_page,
)
from tests.review.conftest import write_store
from tests.stores.making import make_checked, make_result

COMMAND = [sys.executable, "-c", "from extractor.cli import main; main()"]
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)> {{ 7 * 7 }} javascript:alert(3) "
    "\u202egnp.exe\u202c \U0001d4b3"
)


class Servers:
    """Review servers, each a process that can be killed."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, store: Path, *options: str) -> str:
        """Serve a store; return the address of the page."""
        gold = store.with_name("mine.jsonl")
        process = subprocess.Popen(
            [*COMMAND, "review", str(store), "--gold", str(gold), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self.processes.append(process)
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/\S+/", process.stdout.readline())
        assert found is not None
        return found[0]

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self.processes.clear()


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Tests ask for it before a page, which would complain of a server that is gone."""
    started = Servers()
    yield started
    started.kill()


Visit = Callable[[str], Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens pages in profiles of their own, which may meet refusals and dead servers."""
    contexts = []

    def open_address(address: str) -> Page:
        context = browser.new_context(reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_address
    for context in contexts:
        context.close()


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def card(page: Page, text: str) -> Locator:
    return page.locator("#cards .claim").filter(has_text=text)


def go_to(page: Page, title: str) -> None:
    """Choose an abstract from the list, by keyboard."""
    expect(page.locator("#list")).to_contain_text("done")
    page.keyboard.press("l")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#abstract-title")).to_contain_text(title)


def expect_saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("saved")


def label_by_keyboard(page: Page) -> None:
    """Label the abstract on MossBERT: accept, reject, undo, edit, add, optional, done."""
    press = page.keyboard.press
    press("a")
    expect(page.locator(".claim.label")).to_have_count(1)
    expect(card(page, "79.2")).to_be_focused()
    press("x")
    expect(card(page, "rejected")).to_be_visible()
    expect(card(page, "3.4 points")).to_be_focused()
    press("u")
    expect(page.locator(".claim.rejected")).to_have_count(0)
    card(page, "79.2").focus()
    press("a")
    expect(card(page, "3.4 points")).to_be_focused()
    press("e")
    expect(page.get_by_label("Method")).to_be_focused()
    metric = page.get_by_label("Metric")
    while not metric.evaluate("node => node === document.activeElement"):
        press("Tab")
    page.keyboard.type("F1 score")
    press("Escape")
    expect(card(page, "3.4 points")).to_contain_text("edited")
    expect(card(page, "3.4 points")).to_contain_text("F1 score")
    press("j")
    press("a")
    press("o")
    expect(card(page, "60%").locator(".chip", has_text="optional")).to_be_visible()


def add_by_keyboard(page: Page) -> None:
    """Make a claim of the last sentence of the text, and fill it in."""
    press = page.keyboard.press
    press("s")
    for _ in range(3):
        press("ArrowDown")
    expect(page.locator("#spoken")).to_contain_text("It uses up to 60%")
    press("Enter")
    expect(page.get_by_label("Method")).to_be_focused()
    expect(page.locator(".editor .problem")).to_contain_text("neither a measured number")
    press("Tab")
    press("s")  # similar
    expect(page.locator(".editor .problem")).to_have_count(0)
    press("Escape")
    expect(card(page, "added")).to_be_focused()


def accept_everything(page: Page) -> None:
    while left := page.locator(".claim.suggested").count():
        page.locator(".claim.suggested").first.focus()
        page.keyboard.press("a")
        expect(page.locator(".claim.suggested")).to_have_count(left - 1)


def test_five_abstracts_are_labelled_by_keyboard_alone_for_check_and_eval(
    servers: Servers, page: Page, store: Path
) -> None:
    page.goto(servers.start(store, "--annotator", "ann"))
    expect(page.locator(".claim.suggested").first).to_be_focused()
    go_to(page, "MossBERT")
    label_by_keyboard(page)
    add_by_keyboard(page)
    page.keyboard.press("d")
    for done, title in enumerate(("Ten years", "TideWise", "SinterFlow", "bird-song"), start=1):
        expect(page.locator("#list")).to_contain_text(f"{done} done")
        go_to(page, title)
        accept_everything(page)
        page.keyboard.press("n" if title == "Ten years" else "d")
    expect(page.locator("#status")).to_contain_text("All 5 abstracts are done")
    gold = store.with_name("mine.jsonl")
    checked = run("gold", "check", gold)
    assert checked.returncode == 0, checked.stdout
    scored = run("eval", gold, "--model", "patterns", "--json")
    assert scored.returncode == 0, scored.stderr
    assert 0.5 < json.loads(scored.stdout)["figures"]["soft_f1"]["value"] < 1
    documents = {document.id: document for document in load_gold(gold)}
    assert len(documents) == 5
    moss = documents["mossbert"]
    assert [claim.status for claim in moss.claims].count("optional") == 1
    assert len(moss.claims) == 5
    assert moss.labelling is not None
    assert moss.labelling.annotators == ["ann"]
    reported = json.loads(run("review", store, "--gold", gold, "--report", "--json").stdout)
    assert reported["sets"][0]["finished"] == 5
    (pace,) = reported["paces"]
    assert (pace["annotator"], pace["suggestions"], pace["abstracts"]) == ("ann", True, 5)


def test_a_claim_is_made_and_filled_in_by_pointer(
    servers: Servers, page: Page, store: Path
) -> None:
    page.goto(servers.start(store, "--annotator", "ann", "--blind"))
    expect(page.locator("#workbench")).to_be_visible()
    go_to(page, "MossBERT")
    expect(page.locator(".claim")).to_have_count(0)
    expect(page.locator("mark")).to_have_count(0)
    page.evaluate(
        """() => {
            const node = document.querySelector('.abstract-text').firstChild;
            const start = node.data.indexOf('BERT obtains an F1');
            document.getSelection().setBaseAndExtent(node, start, node, start + 29);
        }"""
    )
    page.get_by_role("button", name="New claim from selection").click()
    evidence = page.get_by_label("Evidence")
    expect(evidence).to_have_value("MossBERT obtains an F1 score of 88.4")  # whole words
    page.get_by_label("Method").fill("MossBERT")
    value = page.get_by_role("group", name="Value", exact=True)
    value.get_by_label("number").fill("88.9")
    expect(page.locator(".editor .problem.error")).to_contain_text("88.9 does not occur")
    value.get_by_role("button", name="88.4").click()
    expect(value.get_by_label("number")).to_have_value("88.4")
    expect(page.locator(".editor .problem")).to_have_count(0)
    page.get_by_label("Data set 1").fill("HerbNER")
    page.get_by_label("Data set 2").fill("TaxonLink")
    delta = page.get_by_role("group", name="Difference")
    delta.get_by_label("number").fill("up to 60%")
    delta.get_by_label("number").press("Tab")
    expect(delta.get_by_label("unit")).to_have_value("%")
    expect(delta.get_by_label("precision")).to_have_value("up_to")
    expect(page.locator(".editor .problem.error")).to_contain_text("delta direction")
    delta.get_by_label("direction").select_option("decrease")
    expect(page.locator(".editor .problem.error")).to_have_count(0)
    page.get_by_role("button", name="Close").click()
    expect(page.locator("mark.labelled").first).to_contain_text("MossBERT obtains")
    page.get_by_role("button", name="Done, next").click()
    expect(page.locator("#abstract-title")).not_to_have_text("MossBERT")
    (document,) = load_gold(store.with_name("mine.ann.jsonl"))
    (claim,) = document.claims
    assert claim.datasets == ["HerbNER", "TaxonLink"]
    assert claim.delta is not None
    assert (claim.delta.number, claim.delta.unit, claim.delta.direction) == (60, "%", "decrease")
    assert document.labelling is not None
    assert document.labelling.suggestions is None
    assert not store.with_name("mine.jsonl").exists()


def test_a_killed_server_loses_nothing(servers: Servers, visit: Visit, store: Path) -> None:
    page = visit(servers.start(store, "--annotator", "ann"))
    go_to(page, "MossBERT")
    page.keyboard.press("e")
    page.get_by_label("Method").fill("MossBERT 110M")
    expect_saved(page)
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    page.get_by_label("Task").fill("never sent")
    servers.kill()
    page.get_by_label("Metric").fill("F1")
    expect(page.locator("#saved")).to_contain_text("not saved")
    again = visit(servers.start(store, "--annotator", "ann"))
    go_to(again, "MossBERT")
    expect(card(again, "MossBERT 110M")).to_contain_text("edited")
    again.keyboard.press("u")
    expect(card(again, "MossBERT 110M")).to_have_count(0)
    again.keyboard.press("u")
    expect(again.locator(".claim.suggested")).to_have_count(4)
    again.keyboard.press("Shift+U")
    again.keyboard.press("Shift+U")
    expect(card(again, "MossBERT 110M")).to_be_visible()


def test_two_people_see_one_another_and_choose_where_they_collide(
    servers: Servers, visit: Visit, store: Path
) -> None:
    ann = visit(servers.start(store, "--annotator", "ann"))
    ben = visit(servers.start(store, "--annotator", "ben"))
    go_to(ann, "MossBERT")
    go_to(ben, "MossBERT")
    ann.keyboard.press("a")
    expect(ben.locator(".claim.label")).to_have_count(1)
    expect(ben.locator("#status")).to_contain_text("ann")
    for page in (ann, ben):
        card(page, "88.4").focus()
        page.keyboard.press("e")
        expect(page.get_by_label("Method")).to_be_focused()
    ann.get_by_label("Method").fill("MossBERT of Ann")
    expect_saved(ann)
    expect(ben.locator("#status")).to_contain_text("ann has changed")
    ben.get_by_label("Method").fill("MossBERT of Ben")
    dialog = ben.get_by_role("dialog")
    expect(dialog).to_contain_text("MossBERT of Ann")
    expect(dialog).to_contain_text("MossBERT of Ben")
    dialog.get_by_role("button", name="Keep mine").click()
    expect(ben.get_by_label("Method")).to_have_value("MossBERT of Ben")
    ben.keyboard.press("Escape")
    expect(card(ben, "MossBERT of Ben")).to_be_visible()
    ann.keyboard.press("Escape")
    expect(card(ann, "MossBERT of Ben")).to_be_visible()


def test_a_form_opened_while_a_change_arrives_overwrites_nothing(
    servers: Servers, visit: Visit, store: Path
) -> None:
    ann = visit(servers.start(store, "--annotator", "ann"))
    ben = visit(servers.start(store, "--annotator", "ben"))
    go_to(ann, "MossBERT")
    go_to(ben, "MossBERT")
    ann.keyboard.press("a")
    expect(ben.locator(".claim.label")).to_have_count(1)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    ben.route("**/abstracts/*", hold)
    card(ann, "88.4").focus()
    ann.keyboard.press("e")
    with ben.expect_request("**/abstracts/*"):
        ann.get_by_label("Method").fill("MossBERT of Ann")
    card(ben, "88.4").focus()
    ben.keyboard.press("e")
    expect(ben.get_by_label("Method")).to_have_value("MossBERT")
    with ben.expect_response("**/abstracts/*"):
        held[0].continue_()
    expect(ben.locator("#status")).to_contain_text("ann has changed")
    ben.get_by_label("Method").fill("MossBERT of Ben")
    expect(ben.get_by_role("dialog")).to_contain_text("MossBERT of Ann")


def test_two_annotators_are_compared_and_settled(
    visit: Visit, browser: Browser, store: Path, servers: Servers
) -> None:
    first = visit(servers.start(store, "--annotator", "ann"))
    go_to(first, "MossBERT")
    accept_everything(first)
    first.keyboard.press("d")
    expect(first.locator("#list")).to_contain_text("1 done")
    second = visit(servers.start(store, "--annotator", "ben", "--blind"))
    go_to(second, "MossBERT")
    second.locator("#passage").focus()
    for _ in range(4):
        second.keyboard.press("ArrowDown")
    second.keyboard.press("Enter")
    second.get_by_label("Method").fill("MossBERT")
    second.get_by_label("Outcome").select_option("better")
    second.get_by_label("Metric").fill("memory usage")
    second.get_by_label("Baseline 1").fill("LabelGPT")
    number = second.get_by_role("group", name="Difference").get_by_label("number")
    second.get_by_label("Difference: direction").select_option("decrease")
    number.fill("up to 60%")
    # The figure is taken apart although the form is gone at once.
    second.keyboard.press("Escape")
    second.keyboard.press("d")
    expect(second.locator("#list")).to_contain_text("1 done")
    with open_page(browser) as page:
        page.goto(first.url.partition("#")[0] + "settle")
        expect(page.locator(".claim.suggested")).to_have_count(5)
        expect(card(page, "memory usage")).to_contain_text("ben")
        expect(card(page, "memory usage")).to_contain_text("differs in")
        card(page, "memory usage").focus()
        page.keyboard.press("a")
        expect(page.locator(".claim.rejected")).to_have_count(1)  # its rival
        assert find_barriers(page) == []
        for left in (2, 1, 0):
            page.locator(".claim.suggested").first.focus()
            page.keyboard.press("x")
            expect(page.locator(".claim.suggested")).to_have_count(left)
        page.keyboard.press("d")
        expect(page.locator("#status")).to_contain_text("are done")
    (settled,) = load_gold(store.with_name("mine.settled.jsonl"))
    assert [claim.metric for claim in settled.claims] == ["memory usage"]
    assert run("gold", "check", store.with_name("mine.settled.jsonl")).returncode == 0
    measured = run(
        "gold", "agreement", store.with_name("mine.jsonl"), store.with_name("mine.ben.jsonl")
    )
    assert measured.returncode == 0, measured.stderr


@pytest.fixture
def hostile(tmp_path: Path, examples: list[Result]) -> Path:
    """A store whose texts attack: markup, scripts, writing direction, and sheer length."""
    claim = make_checked(
        method=HOSTILE, evidence="FooNet wins", span=(len(HOSTILE) + 1, len(HOSTILE) + 12)
    )
    attack = make_result(
        id="<b>1</b>", title=HOSTILE, text=f"{HOSTILE} FooNet wins.", claims=[claim]
    )
    abstract = Abstract(
        id="long",
        title="Long",
        text="FooNet wins. " + "Long words. " * 8_400,
        url="javascript:alert(4)",
    )
    long = make_result(id="long", claims=[]).model_copy(update={"abstract": abstract})
    return write_store(tmp_path / "hostile.db", [attack, long])


def test_hostile_text_stays_text(servers: Servers, page: Page, hostile: Path) -> None:
    page.goto(servers.start(hostile))
    shown = HOSTILE.replace("\u202e", "\ufffd").replace("\u202c", "\ufffd")
    go_to(page, "script")
    expect(page.locator("#abstract-title")).to_have_text(shown)
    expect(page.locator("#passage")).to_contain_text(shown)
    expect(page.locator(".claim-method")).to_have_text(shown)
    page.locator(".claim").focus()
    expect(page.locator("mark.lit")).to_have_text(["FooNet wins"])
    page.keyboard.press("e")
    expect(page.get_by_label("Method")).to_have_value(HOSTILE)
    page.keyboard.press("Escape")
    assert page.locator("main script, main img, h2 *, mark *, .claim-method *").count() == 0
    go_to(page, "Long")
    assert page.locator("main a[href^=javascript]").count() == 0
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Evidence")).to_have_value("FooNet wins.")
    assert measure_overflow(page) == 0


def test_nothing_keeps_anyone_out_in_either_theme_or_on_a_phone(
    browser: Browser, store: Path, servers: Servers
) -> None:
    address = servers.start(store, "--annotator", "ann")
    for theme in THEMES:
        with open_page(browser, color_scheme=theme) as page:
            page.goto(address)
            go_to(page, "MossBERT")
            assert find_barriers(page) == []
            page.keyboard.press("?")
            expect(page.get_by_role("dialog")).to_be_visible()
            assert find_barriers(page) == []
            page.keyboard.press("Escape")
            card(page, "79.2").focus()
            if theme == "light":
                page.keyboard.press("a")
                expect(page.locator(".claim.label")).to_have_count(1)
                card(page, "79.2").focus()
            keep_screenshot(page, f"review-{theme}")
            page.keyboard.press("e")
            expect(page.get_by_label("Method")).to_be_focused()
            assert find_barriers(page) == []
    with open_page(browser, size=NARROW, has_touch=True) as page:
        page.goto(address)
        expect(page.locator(".claim").first).to_be_visible()
        assert measure_overflow(page) == 0
        page.get_by_role("button", name="Edit").first.tap()
        expect(page.get_by_label("Method")).to_be_visible()
        assert measure_overflow(page) == 0
        assert find_barriers(page) == []
        page.get_by_role("button", name="Close").tap()
        page.get_by_role("button", name="Summary").tap()
        expect(page.get_by_role("dialog")).to_contain_text("labels of")
        assert measure_overflow(page) == 0
