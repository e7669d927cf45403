"""Reports of the sample, of hostile leads and of bare leads, made without a kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from report.hostile_leads import hostile_frames

import leadaudit
from leadaudit import report
from leadaudit.audit import Audit
from leadaudit.ingest.export import Export
from leadaudit.packaged import sample_paths
from leadaudit.report.html import PLOTLY_MIME, write_html


def executed(audit: Audit, notebook: Path) -> dict[str, Any]:
    """The audit notebook with the outputs that its cells have for an audit, as a kernel would leave it."""
    document = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in document["cells"]:
        call = "".join(cell["source"]).strip().splitlines()[-1]
        if cell["cell_type"] != "code" or not call.startswith("report.") or call.startswith("report.write"):
            continue
        shown = eval(call, {"audit": audit, "report": report})
        cell["outputs"] = [
            {"output_type": "display_data", "metadata": {}, "data": bundle(one)}
            for one in getattr(shown, "figures", [shown])
        ]
    return document


def bundle(shown: Any) -> dict[str, Any]:
    """The forms in which a notebook keeps what a cell shows."""
    if hasattr(shown, "to_json"):
        return {PLOTLY_MIME: json.loads(shown.to_json())}
    return shown._repr_mimebundle_()


Maker = Callable[[Audit, Path], Path]


@pytest.fixture(scope="session")
def make_page(checkout: Path) -> Maker:
    """Write the page of an audit into a folder; gives its path."""

    def make(audit: Audit, folder: Path) -> Path:
        notebook = folder / "report.ipynb"
        notebook.write_text(json.dumps(executed(audit, checkout / "notebooks" / "audit.ipynb")), encoding="utf-8")
        write_html(notebook, folder / "report.html")
        return folder / "report.html"

    return make


@pytest.fixture(scope="session")
def sample() -> Audit:
    """The sample, audited once."""
    return leadaudit.audit(leadaudit.read(*sample_paths()))


@pytest.fixture(scope="session")
def sample_page(sample: Audit, make_page: Maker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its report."""
    return make_page(sample, tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def bare() -> Audit:
    """Leads and nothing else: no history, no activities, no amounts."""
    days = pd.date_range("2026-01-01", periods=12, freq="7D")
    leads = pd.DataFrame(
        {"lead_id": [f"B{n}" for n in range(12)], "status": ["won", "lost", "open"] * 4, "created_at": days}
    )
    return leadaudit.audit(Export.of_frames(leads, language="en", timezone="UTC"))


@pytest.fixture(scope="session")
def hostile() -> Audit:
    """An audit of leads whose every text attacks."""
    return leadaudit.audit(Export.of_frames(*hostile_frames(), language="de", timezone="UTC"))


@pytest.fixture(scope="session")
def hostile_page(hostile: Audit, make_page: Maker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its report."""
    return make_page(hostile, tmp_path_factory.mktemp("hostile"))
