"""The report page in a real browser: silent, calm, complete, and usable without a mouse."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from leadaudit.report.pdf import find_browser, write_pdf

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason="no Chrome, Edge or Chromium on this machine"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    arguments = ["--disable-gpu", "--no-first-run"] + (
        ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    )
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(find_browser()), args=arguments)
        yield opened
        opened.close()


class Seen:
    """A page with everything that it said and asked for."""

    def __init__(self, browser: Any, path: Path, width: int = 1440, **options: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", **options)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def draw_all(self) -> None:
        """Bring every picture into view; they are drawn then."""
        for plot in self.page.locator(".plot").all():
            plot.scroll_into_view_if_needed()
            sync_api.expect(plot).to_have_class(re.compile("js-plotly-plot"), timeout=30_000)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_asks_for_nothing_and_complains_of_nothing(browser: Any, sample_page: Path, scheme: str) -> None:
    """One file, no request but itself, a silent console, every picture drawn."""
    with Seen(browser, sample_page, color_scheme=scheme) as seen:
        seen.draw_all()

        assert seen.asked == [sample_page.as_uri()]
        assert seen.said == []


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_nothing_sticks_out_at_the_side(browser: Any, sample_page: Path, width: int) -> None:
    """On a telephone, a tablet and a screen the page scrolls in one direction only."""
    with Seen(browser, sample_page, width) as seen:
        seen.draw_all()

        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


def test_lists_are_sorted_filtered_and_opened_by_keyboard(browser: Any, sample_page: Path) -> None:
    """Header buttons sort, the box filters, Enter opens a card and Escape closes it."""
    with Seen(browser, sample_page) as seen:
        page = seen.page
        table = page.locator("table.stack").first
        header = table.locator("th button").nth(2)
        header.focus()
        page.keyboard.press("Enter")
        days = table.locator("tbody tr td:nth-child(3)").evaluate_all(
            "cells => cells.map(cell => Number(cell.dataset.sort))"
        )

        assert days == sorted(days)
        assert table.locator("th").nth(2).get_attribute("aria-sort") == "ascending"

        card = table.locator("button.open-card").first
        name = card.inner_text()
        card.focus()
        page.keyboard.press("Enter")
        assert page.locator("dialog[open] #card-title").inner_text().endswith(name)
        assert page.locator("dialog[open] dd").count() >= 6
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0
        assert page.evaluate("document.activeElement.className") == "open-card"

        page.locator(".tools input").first.fill("gibt es sicher nicht")
        assert table.locator("tbody tr:not([hidden])").count() == 0


def test_the_page_prints_whole_and_not_too_long(sample_page: Path, tmp_path: Path) -> None:
    """A PDF with page numbers, fewer than thirty pages, and no list without its header."""
    write_pdf(sample_page, tmp_path / "report.pdf")
    raw = (tmp_path / "report.pdf").read_bytes()

    assert 8 < raw.count(b"/Type /Page\n") + raw.count(b"/Type /Page ") < 30


def test_a_checker_of_accessibility_finds_nothing(browser: Any, sample_page: Path) -> None:
    """axe-core (a development tool of its own: set LEADAUDIT_AXE to its axe.min.js) has no complaint."""
    script = os.environ.get("LEADAUDIT_AXE")
    if not script:
        pytest.skip("axe-core is not here (set LEADAUDIT_AXE to axe.min.js)")
    with Seen(browser, sample_page, bypass_csp=True) as seen:
        seen.draw_all()
        seen.page.add_script_tag(path=script)
        found = seen.page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(v => [v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 200)])"
        )

    assert found == []
