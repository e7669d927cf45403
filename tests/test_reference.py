"""The reference of the Python interface: built from docstrings without a warning, complete, and asking no network."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


def test_the_page_of_tables_says_what_the_code_says():
    """Columns, units and meanings are written once, in tables.py; docs/make_reference.py copies them."""
    spec = importlib.util.spec_from_file_location("make_reference", CHECKOUT / "docs" / "make_reference.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)

    assert (CHECKOUT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8") == made.page()


class Loaded(HTMLParser):
    """Addresses that a browser fetches by itself."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag in {"script", "img", "iframe", "source"} and found.get("src"):
            self.addresses.append(found["src"])
        if tag == "link" and found.get("rel") in {"stylesheet", "icon", "preload", "preconnect"}:
            self.addresses.append(found["href"])


@pytest.mark.slow
def test_the_documentation_is_built_without_a_warning_and_asks_no_network(tmp_path):
    """Every name in the reference exists and is documented; the pages open from a folder, offline."""
    pytest.importorskip("mkdocstrings", reason="mkdocstrings is not installed")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    run = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, encoding="utf-8")

    assert run.returncode == 0, run.stdout + run.stderr
    page = (tmp_path / "reference" / "index.html").read_text(encoding="utf-8")
    for name in ("leadaudit.read", "leadaudit.audit.audit", "leadaudit.Audit.leads", "leadaudit.Audit.to_event_log"):
        assert f'id="{name}"' in page
    assert re.search(r"Parameters|Parameter", page)
    loaded = Loaded()
    loaded.feed(page)
    assert loaded.addresses
    assert [] == [address for address in loaded.addresses if re.match(r"(https?:)?//", address)]
