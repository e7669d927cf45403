"""The widgets in Python, without a browser: what a control does to what is shown."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

import leadaudit
from leadaudit.errors import LeadAuditError, MissingExtraError
from leadaudit.notebooks.exploring import EXPLORE, open_explore, write_notebook
from leadaudit.packaged import notebook_path

lab = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("ipywidgets", "anywidget", "itables")),
    reason="needs the extra lab",
)


@pytest.fixture(scope="module")
def view(audit):
    """The board of the sample."""
    return audit.view()


@lab
def test_a_filter_reaches_board_table_and_count(view):
    """All three show the same leads; the button takes every filter back."""
    view._lists["verdict"].value = ("overdue",)
    view._ranges["amount"].value = (20_000, view._ranges["amount"].max)

    assert set(view.leads["verdict"]) == {"overdue"}
    assert view.leads["amount"].min() >= 20_000
    drawn = [lead_id for _, trace in view._traces("dots") for lead_id in trace.customdata]
    assert (
        sorted(drawn) == sorted(view.leads["lead_id"]) == sorted(row.split(" · ")[0] for row in view._table.df["Lead"])
    )
    assert f"{len(view.leads)} von {len(view.all_leads)}" in view._count.value
    view._reset.click()
    assert len(view.leads) == len(view.all_leads)


@lab
def test_dot_row_and_typed_name_all_show_the_card(view):
    """The three ways to a lead, one of them without a mouse, and on along the table."""
    from plotly.callbacks import Points

    panel, trace = view._traces("dots")[0]
    view._clicked(trace, Points(point_inds=[2], xs=[], ys=[]), None)
    by_dot = view.lead_id
    assert by_dot == trace.customdata[2]
    assert by_dot in view._card.value
    assert len(dict(view._traces("ring"))[panel].x) == 1
    view._table.selected_rows = [4]
    assert view.lead_id == view.leads["lead_id"].iloc[4]
    view._chooser.value = by_dot
    assert view.lead_id == by_dot
    view.choose(view.leads["lead_id"].iloc[0])
    view._after.click()
    assert view.lead_id == view.leads["lead_id"].iloc[1]
    with pytest.raises(LeadAuditError, match="no lead"):
        view.choose("nobody")


@lab
def test_sliders_change_counts_and_picture_and_can_be_taken_back(audit, tmp_path):
    """All stages or one; what is shown is what follows from the settings."""
    trial = audit.what_if(tmp_path / "audit.toml")
    trial._sliders["patience"].value = 200

    counts = trial.outcome.counts
    assert len(trial.outcome.changed)
    assert {trace.meta: trace.x[0] for trace in trial._picture.data} == counts["after"].to_dict()
    trial._scope.value = 0
    assert trial._sliders["patience"].value == 200
    trial._sliders["patience"].value = 100
    assert sorted(set(trial.settings.patience.values())) == [1.0, 2.0]
    trial._switches["our_turn"].value = False
    trial._keep.click()
    assert "our_turn" in trial._said.value
    assert (tmp_path / "audit.toml").is_file()
    trial._reset.click()
    assert trial.outcome.changed.empty
    assert trial.settings.criteria_off == frozenset()


@lab
def test_one_lead_and_segments_have_frames_and_something_to_show(audit):
    """Also a lead that is ended."""
    for lead_id in (
        audit.open_leads["lead_id"].iloc[0],
        audit.leads.loc[audit.leads["verdict"] == "ended", "lead_id"].iloc[0],
    ):
        lead = audit.lead(lead_id)
        assert len(lead.events)
        assert "application/vnd.jupyter.widget-view+json" in lead._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in audit.segments()._repr_mimebundle_()


@lab
def test_a_picture_is_announced_with_all_that_it_holds(view):
    """What is sent after the announcement is lost in a slow browser."""
    state = view._board.get_state()

    assert len(state["_widget_data"]) == len(view._board.data) > 5
    assert state["_widget_layout"]["height"] > 100
    assert len(state["_bundle"]) > 1_000_000 > len(state["_esm"])


def test_without_the_extra_one_sentence_names_it(audit, monkeypatch):
    """Not an ImportError from the depths of a library."""
    monkeypatch.setattr("leadaudit.explore.lab.find_spec", lambda _: None)

    for call in (audit.view, audit.what_if, audit.segments, lambda: audit.lead("x")):
        with pytest.raises(MissingExtraError, match=r"leadaudit\[lab\]"):
            call()


def test_the_notebook_has_its_parameters_and_no_logic():
    """The parameters cell declares what the first cell checks."""
    cells = json.loads(notebook_path("explore").read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    (tagged,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]

    declared = {line.split(":")[0]: line.partition("# ")[2].strip() for line in tagged["source"]}
    assert list(declared) == list(EXPLORE)
    assert all(cell.get("outputs", []) == [] for cell in cells)
    assert not any(word in text for text in code for word in ("def ", "for ", "lambda"))


def test_the_command_writes_beside_an_earlier_notebook_never_over_it(tmp_path):
    """The next free name, and it is said; parameters stand in the cell, paths as seen from the notebook."""
    (tmp_path / "my leads.csv").write_text("lead_id,status,created_at\nA,open,2026-01-01\n", encoding="utf-8")
    command = [
        sys.executable,
        "-c",
        "from leadaudit.cli import main; main()",
        "explore",
        "my leads.csv",
        "--no-open",
        "-l",
        "de",
    ]
    for _ in range(2):
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
        assert run.returncode == 0, run.stderr

    assert "explore-2.ipynb" in run.stdout
    assert "bleibt, wie es ist" in run.stdout
    cells = json.loads((tmp_path / "explore-2.ipynb").read_text(encoding="utf-8"))["cells"]
    parameters = "".join(cells[1]["source"])
    assert 'files: str = "my leads.csv"  # exports' in parameters
    assert 'language: str = "de"  # de or en' in parameters


def test_awkward_values_reach_the_notebook_as_they_are(tmp_path):
    """Backslashes, quotes and umlauts in a path."""
    awkward = 'C:\\neu\\"Müller" \\1.csv'
    text = write_notebook(tmp_path, {"files": awkward}).read_text(encoding="utf-8")

    values: dict[str, str] = {}
    exec("".join(json.loads(text)["cells"][1]["source"]), values)
    assert values["files"] == awkward


def test_the_first_cell_reads_the_sample_and_leaves_a_persons_own_names_alone():
    """A variable of one's own is no mistyped parameter here."""
    audit, shown = open_explore({"language": "en", "n": 5, "lead_id": ""})

    assert len(audit.leads) == 600
    assert shown.by == "source"
    assert shown.process.name == "audit.toml"
    assert audit.leads.set_index("lead_id").loc[shown.lead_id, "verdict"] == "overdue"
    assert leadaudit.__version__
