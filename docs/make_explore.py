"""Make the pictures of docs/explore.md from the packaged sample: ``python docs/make_explore.py``.

Needs the development tools (Playwright, JupyterLab) and a Chrome, Edge or Chromium. Run it again when the
exploration changes and look at what it made.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from leadaudit.packaged import sample_paths
from leadaudit.report.pdf import find_browser

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "tests"))  # the browser tests know how to serve and to click

from explore.serving import BROWSER, Seen, served  # noqa: E402

PICTURES = Path(__file__).parent / "explore"
QUALITY = 72
OUTPUTS = {2: "view-de", 3: "what-if-de", 4: "lead-de", 5: "segments-de"}
"""Pictures by the place of their cell among the code cells."""


def main() -> None:
    """Serve the notebook, use it as the tests do, and take every picture."""
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as play,
        served("lab", sample_paths(), Path(folder) / "lab") as address,
    ):
        browser = play.chromium.launch(executable_path=str(find_browser()), args=BROWSER)
        seen = Seen(browser, width=1300)
        seen.run_all(address)
        lead_id = seen.click_dot(3)
        seen.card(lead_id).wait_for(state="visible")
        seen.drawn(5)
        seen.drag("Geduld", 60)
        seen.page.locator(".la-explore td", has_text="+").first.wait_for()
        seen.page.wait_for_timeout(2000)  # pictures settle
        outputs = seen.page.locator(".jp-Cell-outputWrapper")
        for number, name in OUTPUTS.items():
            _take(outputs.nth(number), name)
        browser.close()


def _take(output: Any, name: str) -> None:
    output.scroll_into_view_if_needed()
    output.screenshot(path=PICTURES / f"{name}.jpg", type="jpeg", quality=QUALITY)


if __name__ == "__main__":
    main()
