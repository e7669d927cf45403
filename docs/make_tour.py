"""Make the pictures of docs/report-tour.md from the packaged sample: ``python docs/make_tour.py``.

Needs the development tools (Playwright) and a Chrome, Edge or Chromium. Run it again when the page
changes and look at what it made; names of pictures as arguments make these only.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from leadaudit.delivery import Order, deliver
from leadaudit.packaged import sample_paths
from leadaudit.report.pdf import find_browser

PICTURES = Path(__file__).parent / "tour"
QUALITY = 78


@dataclass(frozen=True)
class Shot:
    """One picture: its file, language, where the page is scrolled to, the window, and what is opened on it."""

    name: str
    language: str = "de"
    anchor: str = ""
    width: int = 1120
    height: int = 900
    dark: bool = False
    card: bool = False
    opened: bool = False


SHOTS = (
    Shot("first-page-de", height=1280),
    Shot("first-page-en", "en", height=1280),
    Shot("decision-points-de", anchor="#decision-points"),
    Shot("stages-en", "en", anchor="#stages", height=1080),
    Shot("endings-de", anchor="#endings"),
    Shot("behind-de", anchor="#stuck-stages", height=820, opened=True),
    Shot("conversations-en", "en", anchor="#conversations", height=1000),
    Shot("decide-de", anchor="#actions"),
    Shot("list-de", anchor="#overdue", height=760),
    Shot("card-en", "en", anchor="#overdue", height=900, card=True),
    Shot("trust-de", anchor="#trust", height=1080),
    Shot("dark-en", "en", anchor="#stages", dark=True, height=760),
    Shot("telephone-de", width=390, height=844),
)


def main() -> None:
    """Run the sample in both languages and take every picture."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        pages = {language: _report(Path(folder), language) for language in ("de", "en")}
        arguments = ["--disable-gpu"] + (["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else [])
        browser = play.chromium.launch(executable_path=str(find_browser()), args=arguments)
        for shot in [shot for shot in SHOTS if shot.name in sys.argv[1:] or not sys.argv[1:]]:
            _take(browser, pages[shot.language], shot)
        browser.close()


def _report(folder: Path, language: str) -> Path:
    deliver(Order(tuple(sample_paths()), language=language, pdf=False), folder / language)
    return folder / language / "report.html"


def _take(browser: Any, page_path: Path, shot: Shot) -> None:
    scheme = "dark" if shot.dark else "light"
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(page_path.as_uri() + shot.anchor)
    page.wait_for_timeout(600)
    if shot.anchor:
        # Pictures above were drawn meanwhile; their place was kept, but lists may have moved it.
        page.evaluate("anchor => document.querySelector(anchor).scrollIntoView()", shot.anchor)
    if shot.opened:
        page.evaluate(
            "anchor => document.querySelectorAll(`${anchor} details`).forEach(one => { one.open = true; })", shot.anchor
        )
    if shot.card:
        page.locator(f"{shot.anchor} ~ .scroll button.open-card").first.click()
    page.wait_for_timeout(900)
    page.screenshot(path=PICTURES / f"{shot.name}.jpg", type="jpeg", quality=QUALITY)
    context.close()


if __name__ == "__main__":
    main()
