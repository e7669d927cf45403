"""All findings together: nothing is guessed, nothing is personal, every sentence exists in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from findings.planting import RULE, Plant

import leadaudit
from leadaudit import simulate
from leadaudit.audit import Audit
from leadaudit.findings import RULES, findings, questions, worked_out
from leadaudit.findings.finding import CHAPTERS
from leadaudit.findings.questions import ASKS
from leadaudit.findings.reasons import is_about, says_something
from leadaudit.ingest.export import Export
from leadaudit.language import LANGUAGES, sentence

PAGE = Path(__file__).resolve().parents[2] / "docs" / "principles.md"
PRINCIPLES = [
    f"{idea}{number}"
    for idea, count in (("D", 10), ("E", 13), ("C", 9), ("M", 11), ("S", 11))
    for number in range(1, count + 1)
]

# What is counted over the leads there are, whatever else the export has; 0 is then a true count.
COUNTED = {
    "overdue_share", "four_answers", "answerable", "decision_due", "data_state", "status_inventory", "sensitivity", "concentration", "states_in_use",
}  # fmt: skip


@pytest.fixture(scope="module")
def bare() -> pd.DataFrame:
    """Findings of three open leads of which nothing is known but where they stand."""
    leads = pd.DataFrame({"lead_id": list("abc"), "stage": ["New", "New", "Offer"]})
    return findings(leadaudit.audit(Export.of_frames(leads), as_of="2024-06-01", language="en")).set_index("finding")


@pytest.fixture(scope="module")
def rich() -> Audit:
    """An audit of simulated leads with everything that a CRM can tell."""
    simulated = simulate.leads(200, months=14, seed=7, language="de")
    export = Export.of_frames(simulated.leads, simulated.activities, simulated.changes, language="de")
    return leadaudit.audit(export, as_of=simulated.as_of, language="de")


@pytest.fixture(scope="module")
def told(rich: Audit) -> dict[str, pd.DataFrame]:
    """Its findings in both languages."""
    return {"de": rich.findings, "en": worked_out(rich, RULES, "en")}


@pytest.mark.parametrize("finding", [rule.finding for rule in RULES])
def test_nothing_is_guessed_from_a_bare_export(bare: pd.DataFrame, finding: str) -> None:
    """A finding that lacks what it needs has no value, and says what is missing or that there are too few cases."""
    row = bare.loc[finding]

    if finding not in COUNTED:
        assert pd.isna(row["value"]), row["sentence"]
    if row["grade"] == "unreadable":
        assert row["absent"]
        assert row["sentence"].startswith("For this we lack")
    assert len(row["sentence"]) > 10


def test_what_only_history_or_activities_tell_is_not_said_to_be_none() -> None:
    """Leads alone say nothing of steps, resumptions, unanswered messages and late entries: no sentence counts them as 0."""
    plant = Plant()
    plant.won()
    plant.lost(lost_reason="No budget")
    plant.lost(2, after=2, lost_reason="No budget")
    plant.open(12, age=100)
    plant.changes = []
    chosen = [
        RULE[name] for name in ("settled_per_lead", "ending_quality", "endings_by_kind", "early_noes", "overdue_share")
    ]
    said = worked_out(plant.audit(), chosen, "en").set_index("finding")["sentence"]

    assert "this export does not show" in said["settled_per_lead"]
    assert "cannot be seen without activities" in said["ending_quality"]
    assert "missing here" in said["endings_by_kind"]
    assert "does not show" in said["early_noes"]
    assert "no day can be drawn" in said["overdue_share"]


def test_an_export_without_open_leads_finds_nothing_about_them() -> None:
    """Shares of open leads are undetermined where there are none, never 0."""
    plant = Plant()
    plant.won()
    chosen = [
        rule
        for rule in RULES
        if rule.chapter not in ("conversations", "maturity") and rule.finding not in ("backtest", "baselines")
    ]
    found = worked_out(plant.audit(), chosen, "en").set_index("finding")

    of_open = [
        "overdue_share",
        "four_answers",
        "answerable",
        "decision_due",
        "status_inventory",
        "sensitivity",
        "concentration",
        "stuck_stages",
    ]
    assert found.loc[of_open, "value"].isna().all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_is_worded_in_both_languages(told: dict[str, pd.DataFrame], language: str) -> None:
    """No sentence has a hole in it, and those that call for something say what to do."""
    found = told[language]

    assert list(found["finding"]) == [rule.finding for rule in RULES]
    for row in found.to_dict("records"):
        assert re.fullmatch(r"[^{}]{20,}[.!?]", row["sentence"]), row
        assert not re.search(r"\bnan\b|\bNone\b(?! of)|NaT|–(?=[.,;)])", row["sentence"]), row
        if row["grade"] in ("amber", "red"):
            assert len(row["recommendation"]) > 20, row["finding"]


def test_both_languages_tell_the_same_numbers(told: dict[str, pd.DataFrame]) -> None:
    """Only the words differ."""
    numbers = ["finding", "grade", "value", "n", "low", "high", "limit", "leads", "table"]
    pd.testing.assert_frame_equal(told["de"][numbers], told["en"][numbers])


def test_numbers_keep_their_bounds(rich: Audit, told: dict[str, pd.DataFrame]) -> None:
    """An interval holds its value, a share lies between 0 and 1 unless it is a difference, ids are those of leads."""
    found = told["de"]
    known = set(rich.leads["lead_id"])

    for row in found.to_dict("records"):
        if pd.notna(row["low"]):
            assert row["low"] - 1e-9 <= row["value"] <= row["high"] + 1e-9, row["finding"]
        assert set(filter(None, str(row["leads"]).split("|"))) <= known, row["finding"]
        assert isinstance(json.loads(row["table"] or "[]"), list)
        assert row["chapter"] in CHAPTERS


def test_no_person_is_in_a_finding(rich: Audit, told: dict[str, pd.DataFrame]) -> None:
    """Neither sentence nor table names an owner."""
    owners = set(rich.export.leads()["owner"].dropna())
    found = told["de"]

    written = " ".join([*found["sentence"], *found["recommendation"], *found["table"]])
    assert owners
    assert not [owner for owner in owners if owner in written]


def test_every_principle_is_shown_by_a_finding_or_asked() -> None:
    """Fifty-four statements, none left out."""
    shown = {principle for rule in RULES for principle in rule.principles}
    asked = {principle for ask in ASKS for principle in ask.principles}

    assert len(PRINCIPLES) == 54
    assert set(PRINCIPLES) == shown | asked


def test_the_page_of_principles_names_findings_that_exist() -> None:
    """One row per principle, in the report's words; each finding in it is worked out, and belongs to that principle."""
    rows = dict(re.findall(r"^\| ([DECMS]\d+) \|(.*)\|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    of_finding = {rule.finding: rule.principles for rule in RULES}
    asks = {ask.name: ask.principles for ask in ASKS}

    assert list(rows) == PRINCIPLES
    for principle, row in rows.items():
        assert row.split(" | ")[0].strip() == sentence(f"principle.{principle}", "en")
        named = re.findall(r"`([a-z_]+)`", row)
        assert named, principle
        assert [name for name in named if principle not in of_finding.get(name, ()) + asks.get(name, ())] == [], (
            principle
        )


def test_questions_are_asked_where_the_data_are_silent(rich: Audit) -> None:
    """What no export shows is always asked; what this one shows is not."""
    asked = {question.name for question in questions(rich)}

    assert {"trust", "said_goodbye", "why_still_open"} <= asked
    assert "pre_qualification" not in asked
    assert all("?" in question.text for question in questions(rich))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_and_question_has_its_words(language: str) -> None:
    """A name for references, a word on what would be seen, and the questions themselves."""
    for rule in RULES:
        assert sentence(f"finding_title.{rule.finding}", language)
        assert not sentence(f"finding.{rule.finding}.gain", language).endswith(".")
    assert all(sentence(f"question.{ask.name}", language) for ask in ASKS)


def test_reasons_that_say_nothing_are_told_from_those_that_do() -> None:
    """No reason is one like "Sonstiges" or "Other"; who refused and why is read from the words."""
    reasons = pd.Series(
        ["Sonstiges", "other", "k.A.", " ", None, "Preis", "Keine Rückmeldung", "Went with a competitor"]
    )

    assert says_something(reasons).tolist() == [False] * 5 + [True] * 3
    assert is_about(reasons, "price").tolist() == [False] * 5 + [True, False, True]
    assert is_about(reasons, "by_us").tolist() == [False] * 6 + [True, False]
