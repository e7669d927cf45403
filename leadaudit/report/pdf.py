"""The PDF: the same page, printed by the Chrome, Edge or Chromium of this computer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from leadaudit.errors import OutputError

SETTING = "LEADAUDIT_BROWSER"
"""Environment variable with the path of a browser; empty text = none."""

PRINT_SECONDS = 120
_NAMES = (
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "microsoft-edge-stable",
    "chrome",
    "msedge",
)
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Chromium\Application\chrome.exe",
)
_WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")


def find_browser() -> Path | None:
    """The browser to print with: the setting, then the search path, then the places where installers put one."""
    if SETTING in os.environ:
        chosen = os.environ[SETTING]
        return Path(chosen) if chosen else None
    on_path = (shutil.which(name) for name in _NAMES)
    places = [Path(found) for found in on_path if found] + _places()
    return next((place for place in places if place.is_file()), None)


def _places() -> list[Path]:
    if sys.platform == "darwin":
        return [root / place.lstrip("/") for place in _MAC for root in (Path("/"), Path.home())]
    roots = [Path(os.environ[name]) for name in _WINDOWS_ROOTS if name in os.environ]
    return [root / place for place in _WINDOWS for root in roots]


def write_pdf(page: Path, target: Path) -> None:
    """Print a report page to PDF.

    Parameters
    ----------
    page : Path
        The report's HTML file.
    target : Path
        The PDF; written as a whole or not at all.

    Raises
    ------
    OutputError
        ``browser_missing`` or ``pdf_failed``; the page itself prints just as well.
    """
    browser = find_browser()
    if browser is None:
        raise OutputError("browser_missing")
    part = target.with_suffix(".part.pdf")
    reason = _print(browser, page, part)
    if reason or not _is_pdf(part):
        part.unlink(missing_ok=True)
        raise OutputError("pdf_failed", browser=browser.name, reason=reason or "no file")
    os.replace(part, target)


def _print(browser: Path, page: Path, target: Path) -> str:
    """Why printing failed, or nothing. Browsers chatter on stderr when all is well: the file decides."""
    with tempfile.TemporaryDirectory(prefix="la-print-", ignore_cleanup_errors=True) as profile:
        command = [
            str(browser),
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={target}",
            *(["--no-sandbox"] if _is_root() else []),
            page.resolve().as_uri() + "#print",
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=PRINT_SECONDS, check=False)  # noqa: S603 - our own command
        except subprocess.TimeoutExpired:
            return f"no answer within {PRINT_SECONDS} s"
        except OSError as error:
            return error.strerror or type(error).__name__
    return ""


def _is_root() -> bool:
    """As root (in a container) Chromium refuses its own sandbox; nobody else goes without."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _is_pdf(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(5) == b"%PDF-"
