"""The drafted process: which stages there are, of what kind, in which order."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadaudit.draft import draft, in_order, records_activity
from leadaudit.ingest import Export


def export_of(paths: list[tuple[str, ...]], status: list[str] | None = None) -> Export:
    """Leads that walk through stages, a day each; the last stage of a closed lead is its ending."""
    start = pd.Timestamp("2026-01-01")
    leads, changes = [], []
    for number, path in enumerate(paths):
        state = status[number] if status else "open"
        closed_at = start + pd.Timedelta(days=number + len(path) - 1) if state != "open" else pd.NaT
        leads.append(
            {"lead_id": f"L{number}", "stage": path[-1], "status": state, "created_at": start, "closed_at": closed_at}
        )
        for step, (before, after) in enumerate(zip((None, *path), path, strict=False)):
            at = start + pd.Timedelta(days=number + step)
            changes.append(
                {"lead_id": f"L{number}", "at": at, "field": "stage", "before": before, "after": after, "seq": step}
            )
    return Export.of_frames(pd.DataFrame(leads), None, pd.DataFrame(changes))


def kinds_of(export: Export) -> dict[str, str]:
    return {stage.name: stage.kind for stage in draft(export).process.stages}


def test_stages_stand_in_the_order_in_which_leads_pass_them() -> None:
    """Names say nothing here; leads that skip a stage or step back do not confuse it."""
    paths = [("Zeta", "Beta", "Omega")] * 8 + [("Zeta", "Omega")] * 3 + [("Zeta", "Omega", "Beta")] * 2

    assert [stage.name for stage in draft(export_of(paths)).process.stages] == ["Zeta", "Beta", "Omega"]


def test_an_ending_is_known_by_what_happens_on_entering_it() -> None:
    """A stage without a telling name is an ending where leads are closed on the day on which they enter it."""
    paths = [("In", "Mid", "Ziel")] * 8 + [("In", "Aus")] * 8 + [("In", "Mid")] * 4
    status = ["won"] * 8 + ["lost"] * 8 + ["open"] * 4

    assert kinds_of(export_of(paths, status)) == {"In": "open", "Mid": "open", "Ziel": "won", "Aus": "ended"}


def test_a_stage_named_like_an_ending_that_leads_leave_again_is_none() -> None:
    """A stage called "Accepted" on the way to an offer ends nothing."""
    paths = [("New", "Accepted", "Offer", "Won")] * 10

    assert kinds_of(export_of(paths, ["won"] * 10)) == {
        "New": "open",
        "Accepted": "open",
        "Offer": "open",
        "Won": "won",
    }


def test_a_pause_is_known_by_its_name() -> None:
    """The stage "Zurückgestellt" is a pause although leads leave it."""
    paths = [("Neu", "Zurückgestellt", "Angebot")] * 9

    assert kinds_of(export_of(paths))["Zurückgestellt"] == "paused"


def test_stages_that_record_an_activity_are_proposed_and_not_yet_in_effect() -> None:
    """The name "Angebot gesendet" says what we did; a person decides what follows from that."""
    drafted = draft(export_of([("Neu", "Angebot gesendet", "Entscheidung")] * 9))

    assert drafted.activity_stages == (("", "Angebot gesendet"),)
    assert not any(stage.records_activity for stage in drafted.process.stages)


def test_without_stages_the_process_is_empty() -> None:
    """Leads with a status alone are judged as whole leads."""
    leads = pd.DataFrame({"lead_id": ["a", "b"], "status": ["open", "won"], "created_at": ["2026-01-01", "2026-01-02"]})

    assert draft(Export.of_frames(leads)).process.stages == ()


@pytest.mark.parametrize(
    "stage", ["Angebot gesendet", "nachgefasst", "Contacted", "Proposal sent", "Follow-up", "Termin vereinbart"]
)
def test_words_of_doing_are_known(stage: str) -> None:
    """German and English."""
    assert records_activity(stage)


@pytest.mark.parametrize(
    "stage", ["Qualifiziert", "Verhandlung", "Entscheidung", "Negotiation", "Decision", "Budget geklärt"]
)
def test_words_of_deciding_are_not(stage: str) -> None:
    """German and English."""
    assert not records_activity(stage)


@given(st.permutations(["A", "B", "C", "D", "E"]))
def test_the_order_depends_on_what_was_seen_and_not_on_how_it_is_listed(names: list[str]) -> None:
    """Every observed succession runs forward, whatever the order to start from."""
    pairs = [("A", "B"), ("B", "C"), ("C", "D"), ("D", "E"), ("A", "D")]
    seen = pd.DataFrame([{"earlier": a, "later": b, "leads_count": 5} for a, b in pairs])

    assert in_order(list(names), seen) == ["A", "B", "C", "D", "E"]
