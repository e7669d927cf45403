"""The exploration in a real browser, in JupyterLab and in Voilà: a slider is dragged, a dot is clicked."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from explore.serving import BROWSER, PATIENCE_MS, Seen, served

from leadaudit import simulate
from leadaudit.report.pdf import find_browser

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason="no Chrome, Edge or Chromium on this machine"),
    pytest.mark.skipif(importlib.util.find_spec("jupyterlab") is None, reason="needs the extra lab"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(find_browser()), args=BROWSER)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A small client's export: quick to judge."""
    simulated = simulate.leads(240, months=18, seed=5)
    return simulate.write_export(simulated, tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def lab(browser: Any, files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """The notebook in JupyterLab, all cells run once."""
    with served("lab", files, tmp_path_factory.mktemp("lab")) as address:
        seen = Seen(browser)
        seen.run_all(address)
        yield seen


def until(true: Any) -> None:
    """Wait until something holds in the page."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def test_a_dot_clicked_shows_the_card_and_the_life_of_its_lead(lab):
    """The board and the card are one thing under the hand."""
    lead_id = lab.click_dot(1)

    lab.card(lead_id).wait_for(state="visible")
    lab.drawn(5)
    assert (
        "Ab wann ist ein Ende die bessere Wahl?" in lab.page.locator(".la-explore", has_text=lead_id).first.inner_text()
    )


def test_a_lead_is_found_without_a_mouse(lab):
    """Typed into the field, and on to the next by a key."""
    field = lab.page.get_by_placeholder("Lead: Nummer")
    wanted = lab.board.evaluate("plot => plot.data.findLast(t => t.meta?.[0] === 'dots' && t.x.length).customdata[0]")
    field.fill(wanted)
    field.press("Enter")

    lab.card(wanted).wait_for(state="visible")
    field.press("Tab")
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Enter")
    lab.card(wanted).wait_for(state="detached")


def test_a_slider_dragged_changes_the_counts(lab):
    """While it is dragged, and again by the arrow keys."""
    before = lab.counts()
    assert all(row[3] == "0" for row in before)

    lab.drag("Geduld", 70)
    until(lambda: any(row[3] != "0" for row in lab.counts()))
    dragged = lab.counts()
    assert sum(int(row[2]) for row in dragged) == sum(int(row[1]) for row in before)
    for _ in range(12):
        lab.page.keyboard.press("ArrowRight")
    until(lambda: _put_back(lab) == before)


def _put_back(lab):
    """The counts after a click on the button; the widgets' host may deliver earlier keys after it, so it is asked again."""
    lab.page.locator("button", has_text="Wie bisher").click()
    time.sleep(1)
    return lab.counts()


def test_nothing_is_asked_of_another_computer_and_nothing_goes_wrong(lab):
    """No content network, no telemetry, no question about news."""
    assert lab.asked == []
    # The host's own limit of two seconds, met on a busy computer; our pictures come all the same (whole.js).
    assert [error for error in lab.errors if "Failed to initialize model" not in error] == []
    assert lab.page.locator("text=Jupyter news").count() == 0


@pytest.mark.skipif(importlib.util.find_spec("voila") is None, reason="voila is not installed")
def test_it_is_an_app_in_voila(browser, files, tmp_path):
    """The same notebook without its code: the slider and the dot do what they do in JupyterLab."""
    with served("voila", files, tmp_path) as address:
        seen = Seen(browser)
        # Voilà's own page asks for a font of symbols; without it, everything is there all the same.
        seen.page.route(
            "**/*", lambda route: route.abort() if "127.0.0.1" not in route.request.url else route.continue_()
        )
        seen.page.goto(address)
        seen.drawn(4)
        seen.drag("Geduld", 70)
        until(lambda: any(row[3] != "0" for row in seen.counts()))
        lead_id = seen.click_dot()
        seen.card(lead_id).wait_for(state="visible")

        assert [url for url in seen.asked if "fontawesome-free" not in url] == []
