"""A real browser for tests: Debian's Chromium, driven by Playwright, without a network.

A playwright holds the event loop of its thread while it runs: what a test does beside its page
must not call `asyncio.run` in the same process.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    expect,
    sync_playwright,
)

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "build" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
DOCS = ROOT / "docs"
WIDE = (1280, 900)
NARROW = (390, 844)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--force-color-profile=srgb",
)
_LOCAL = {"127.0.0.1", "localhost", ""}
_TIMEOUT_MS = 30_000
# Five seconds, as it is without, are not enough on a machine that is busy.
expect.set_options(timeout=_TIMEOUT_MS)


def skip_without(program: str, reason: str) -> None:
    """Skip a test that lacks a program; fail where the browser tests have to run."""
    if os.environ.get("EXTRACTOR_REQUIRE_BROWSER"):
        pytest.fail(f"EXTRACTOR_REQUIRE_BROWSER is set, but {program} is missing: {reason}")
    pytest.skip(f"needs {program}: {reason}")


@dataclass
class Conduct:
    """What a page did that it should not: messages, dialogs, requests that leave the machine."""

    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._read_console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", self._close_dialog)
        page.on("request", self._check_request)

    def _read_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _close_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _check_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws"} and address.hostname not in _LOCAL:
            self.complaints.append(f"request: {request.url}")


@contextmanager
def start_browser() -> Iterator[Browser]:
    """Start the system's Chromium; skip where there is none."""
    program = shutil.which("chromium")
    if program is None:
        skip_without("chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def open_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open a page in a fresh profile; in the end it must have behaved.

    Args:
        browser: a running browser.
        options: of `Browser.new_context`, as in color_scheme="dark".
    """
    size = options.pop("size", WIDE)
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", **options
    )
    context.set_default_timeout(_TIMEOUT_MS)
    page = context.new_page()
    conduct = Conduct()
    conduct.watch(page)
    yield page
    context.close()
    assert conduct.complaints == [], conduct.complaints


def expect_read(read: Callable[[], T], expected: T) -> None:
    """Wait until what is read from a page is what is expected: a page draws when it has time to."""
    give_up = time.monotonic() + _TIMEOUT_MS / 1000
    while (found := read()) != expected and time.monotonic() < give_up:
        time.sleep(0.02)
    assert found == expected


def find_barriers(page: Page) -> list[str]:
    """Let axe-core look for what keeps people out: serious and critical findings, one a line."""
    if not AXE.is_file():
        skip_without(
            "axe-core", f"npm install --prefix {AXE.parents[2].relative_to(ROOT)} axe-core"
        )
    # Not as a script tag, which the page's policy rightly refuses.
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {json.dumps(node['target'])} {node.get('failureSummary', '')}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def measure_overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


def keep_screenshot(page: Page, name: str, **options: Any) -> None:
    """Write a picture for the documentation, where that was asked for."""
    if os.environ.get("EXTRACTOR_SCREENSHOTS"):
        DOCS.mkdir(exist_ok=True)
        page.screenshot(path=DOCS / f"{name}.png", animations="disabled", **options)
