"""The first page: where to begin, what it costs, and sentences that follow the numbers down to one and none."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import leadaudit
from leadaudit import report
from leadaudit.audit import Audit
from leadaudit.findings.load import Load
from leadaudit.ingest.export import Export
from leadaudit.language import LANGUAGES, sentence
from leadaudit.report import lists
from leadaudit.report.first_steps import first_steps
from leadaudit.report.sections import load_in_words


def test_it_begins_with_a_decision_point_then_endings_then_answers(sample: Audit) -> None:
    """Three steps in the order of the recommendations, each with its number and a place to go to."""
    steps = first_steps(sample)
    waiting = int((sample.open_leads["next_step_code"] == "answer").sum())

    assert [step.anchor for step in steps] == ["stuck-stages", "overdue", "stalled"]
    assert str(sample.counts["overdue"]) in steps[1].what
    assert str(waiting) in steps[2].what
    for step in steps:
        assert f'<a href="#{step.anchor}">{step.what}</a>' in unescape(report.head(sample).html)


def test_where_nobody_waits_the_first_advice_of_the_further_chapters_follows(sample: Audit) -> None:
    """Tuning comes last, and only where something stands out."""
    rested = replace(sample.judgement, leads=sample.judgement.leads.assign(next_step_code="none"))
    step = first_steps(replace(sample, judgement=rested))[-1]
    row = sample.findings[sample.findings["finding"] == step.anchor.replace("-", "_")].iloc[0]

    assert row["grade"] in ("amber", "red")
    assert step.why == row["recommendation"]


def test_a_pipeline_without_open_leads_has_nothing_to_begin_with() -> None:
    """No step, no empty heading, no count of nothing."""
    leads = pd.DataFrame(
        {"lead_id": ["A", "B"], "status": ["won", "lost"], "created_at": pd.to_datetime(["2026-01-01"] * 2)}
    )
    audit = leadaudit.audit(Export.of_frames(leads, language="de", timezone="UTC"))
    html = report.head(audit).html

    assert first_steps(audit) == []
    assert 'id="first-steps"' not in html
    assert load_in_words(audit) == [sentence("report.load_none", "de")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("left", [0, 1, 2])
def test_the_load_is_said_in_the_right_number(language: str, left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One lead is one lead, and where nothing remains that is said."""
    load = Load(left + 1, 50.0, 25.0, 0, 1, 3.0, left, 40.0)
    monkeypatch.setattr(Load, "of", classmethod(lambda _, __: load))
    audit: Any = SimpleNamespace(language=language, counts={"overdue": 1})
    said = " ".join(load_in_words(audit))

    assert not re.search(r"\b[01] (offene Leads|open leads|Leads|leads)\b", said)


def test_the_lists_say_their_order_and_the_proof_of_each_ending(sample: Audit) -> None:
    """One proposal for all needs no column; what it rests on does."""
    html = unescape(report.leads(sample, "overdue").html)
    first = lists.chosen_leads(sample, "overdue").iloc[0]
    proof = sample.answers.set_index("lead_id")["proof"]

    assert sentence("list.by_value", "de", caption="").strip("; ") in html
    assert proof[first["lead_id"]] in html
    assert sentence("next_step.end", "de") not in html


def test_a_single_further_reason_is_said_and_not_counted() -> None:
    """To say that there is one more takes as long as to say which."""
    lead = {
        "shade": None, "borderline": False, "chance": 0.1, "chance_at_entry": 0.4,
        "reasons": "horizon_passed|never_reacted|past_patience|no_decision_point",
    }  # fmt: skip

    assert lists._other_reasons(lead, "de").count(" · ") == 2
    assert sentence("reason.no_decision_point", "de") in lists._other_reasons(lead, "de")
    more = lists._other_reasons({**lead, "reasons": lead["reasons"] + "|pressure"}, "de")
    assert more.endswith(sentence("list.more_reasons", "de", n=2))


def test_a_lead_on_its_way_is_headed_by_that(sample: Audit) -> None:
    """Hints stand below; no lead that is fine is headed by what speaks against it."""
    fine = sample.open_leads[sample.open_leads["shade"].notna()].iloc[0].to_dict()

    assert lists.deciding_reason(fine, "de") == sentence(f"shade.{fine['shade']}", "de")


def test_proposals_that_did_not_hold_come_with_a_word_of_caution(
    sample: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first page never sends a reader to endings that the review of the past speaks against."""
    from leadaudit.report import first_steps as steps

    found = steps._finding

    def red(audit: Audit, name: str) -> Any:
        row = found(audit, name)
        return {**row, "grade": "red"} if row is not None and name == "backtest" else row

    calm = first_steps(sample)[1].why
    monkeypatch.setattr(steps, "_finding", red)

    caution = sentence("first_step.endings.caution", "de")
    assert caution not in calm
    assert first_steps(sample)[1].why == f"{calm} {caution}"


def test_without_an_ending_due_the_stalled_leads_come_first(sample: Audit) -> None:
    """There is something to do on Monday all the same."""
    leads = sample.judgement.leads
    rested = replace(sample.judgement, leads=leads.assign(verdict=leads["verdict"].replace({"overdue": "stalled"})))
    step = first_steps(replace(sample, judgement=rested))[1]

    assert step.anchor == "stalled"
    assert step.why == sentence("first_step.stalled.why_none_due", "de")


def test_a_guide_value_names_no_winners() -> None:
    """Where nobody was won, no lead is said to stand longer than the won ones."""
    leads = pd.DataFrame({"lead_id": [f"L{n}" for n in range(20)], "status": "open", "stage": "Angebot"})
    leads["created_at"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(range(20), unit="D")
    changes = leads.assign(at=leads["created_at"], field="stage", after=leads["stage"])[
        ["lead_id", "at", "field", "after"]
    ]
    export = Export.of_frames(leads, None, changes, language="de", timezone="UTC")
    audit = leadaudit.audit(export, as_of="2026-06-01")
    stuck = audit.findings.set_index("finding").loc["stuck_stages"]
    said = " ".join([stuck["sentence"], report.leads(audit, "stalled").html, report.head(audit).html])

    assert (audit.open_leads["stay_days"] > audit.open_leads["patience_days"]).all()
    assert "neun von zehn" not in said
    assert stuck["grade"] == "neutral"
