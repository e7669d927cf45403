"""JupyterLab and Voilà without a window, on a free port of this computer, and the exploration in a browser."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leadaudit.cli.explore import command, environment
from leadaudit.notebooks.exploring import write_notebook

PATIENCE_MS = 150_000
"""A busy computer is slow, not broken: everything is waited for, nothing is slept over."""

IS_ROOT = getattr(os, "geteuid", lambda: 1)() == 0
BROWSER = ["--disable-gpu", "--no-first-run", *(["--no-sandbox"] if IS_ROOT else [])]


@contextmanager
def served(kind: str, files: list[Path], folder: Path, language: str = "de", **parameters: str) -> Iterator[str]:
    """The address of the exploration notebook, filled in for these files, while it is served.

    Parameters
    ----------
    kind : {"lab", "voila"}
    files : list of Path
    folder : Path
        Empty; notebook and settings of the server go there.
    language : {"de", "en"}
    **parameters : str
        Further parameters of the notebook.
    """
    named = ";".join(str(file.resolve()) for file in files)
    notebook = write_notebook(folder, {"files": named, "language": language, **parameters})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    if kind == "lab":
        run = [*command(notebook, browser=False), f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"]
        run += ["--allow-root"] if IS_ROOT else []
        address, alive = f"/lab/tree/{notebook.name}?token={token}", "/api"
    else:
        run = [sys.executable, "-m", "voila", notebook.name, "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
        address, alive = "/", "/static/"
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            run, cwd=folder, env=_private(folder), stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            _wait(server, f"http://127.0.0.1:{port}{alive}", folder / "server.log")
            yield f"http://127.0.0.1:{port}{address}"
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _private(folder: Path) -> dict[str, str]:
    """The environment in which nothing of the person at this computer is read or changed."""
    own = {name: str(folder / "jupyter" / name.lower()) for name in
           ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")}  # fmt: skip
    checkout = str(Path(__file__).resolve().parents[2])
    return environment() | own | {"PYTHONPATH": checkout, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no server: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


class Seen:
    """The exploration in a browser: its page, what was asked of other computers, and errors."""

    def __init__(self, browser: Any, *, width: int = 1400, height: int = 5200) -> None:
        self.page = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce").new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, address: str) -> None:
        if not address.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            self.asked.append(address)

    def run_all(self, address: str) -> None:
        """Open the notebook in JupyterLab and run all cells."""
        self.page.goto(address)
        self.page.wait_for_function("document.querySelector('#jp-main-statusbar')?.innerText.includes('Idle')")
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        self.page.locator('[data-command="runmenu:run-all"]').click()
        self.drawn(4)

    def drawn(self, count: int) -> None:
        """Wait until so many pictures have their content."""
        script = "n => [...document.querySelectorAll('.js-plotly-plot')].filter(p => p.data?.length).length >= n"
        self.page.wait_for_function(script, arg=count)

    @property
    def board(self) -> Any:
        """The picture of the stages."""
        return self.page.locator(".js-plotly-plot").first

    def click_dot(self, nth: int = 0) -> str:
        """Click one of the dots that stand most apart from all others with a mouse; gives the id of its lead."""
        self.board.scroll_into_view_if_needed()
        where = self.board.evaluate(
            """(plot, nth) => {
                const box = plot.getBoundingClientRect(), layout = plot._fullLayout;
                const dots = plot._fullData.filter(t => t.meta?.[0] === 'dots').flatMap(t => {
                    const x = layout[t.xaxis.replace('x', 'xaxis')], y = layout[t.yaxis.replace('y', 'yaxis')];
                    return Array.from(t.customdata, (id, n) => ({
                        id, x: box.x + x._offset + x.l2p(t.x[n]), y: box.y + y._offset + y.l2p(t.y[n]),
                    }));
                });
                const apart = dot => Math.min(...dots.filter(o => o !== dot).map(o => Math.hypot(o.x - dot.x, o.y - dot.y)));
                return dots.map(dot => ({...dot, apart: apart(dot)})).sort((a, b) => b.apart - a.apart)[nth];
            }""",
            nth,
        )
        self.page.mouse.move(where["x"] + 3, where["y"])
        self.page.mouse.move(where["x"], where["y"])
        self.page.locator(".hoverlayer .hovertext").first.wait_for(state="visible")
        self.page.mouse.click(where["x"], where["y"])
        return str(where["id"])

    def card(self, lead_id: str) -> Any:
        """The heading of a lead's card."""
        return self.page.locator(".la-explore h3", has_text=lead_id).first

    def drag(self, name: str, by: int) -> None:
        """Drag a slider by some pixels."""
        handle = self.page.locator(".widget-slider", has_text=name).locator(".noUi-handle").first
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for step in range(1, 6):
            self.page.mouse.move(x + by * step / 5, y)
        self.page.mouse.up()

    def counts(self) -> list[list[str]]:
        """The table of counts under the sliders."""
        table = self.page.locator(".la-explore table", has=self.page.locator("th", has_text="Unterschied")).first
        return table.evaluate("t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.innerText.trim()))")
