"""Steps, pauses, postponements, preconditions, letters; where a stay starts without history."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from ledger.planted import AS_OF, PROCESS, act, export, facts, field, lead, path, whats, written

from leadaudit import ledger
from leadaudit.evidence.steps import concrete
from leadaudit.process import Precondition

NEW, QUALIFIED = ("2024-01-01", "New"), ("2024-02-01", "Qualified")


def of(*, changes=(), acts=(), process=PROCESS, **columns):
    """Evidence of one lead."""
    return facts([lead(**columns)], changes, acts, process).loc["a"]


def test_without_history_the_stay_starts_with_the_stage():
    """Else with creation; the unit is the whole lead, and the origin says so."""
    found = facts([lead(stage="Offer", stage_entered_at="2024-05-01"), lead("b", stage="Offer"), lead("c", None)])
    assert found["stay_origin"].tolist() == ["stage_entered_at", "created_at", "unknown"]
    assert found["stay_days"].tolist()[:2] == [61.0, 182.0]
    assert pd.isna(found.loc["c", "stay_days"])
    assert found["stay_stage"].isna().all()


def test_a_handful_of_changes_is_no_history():
    """Without the letter H only endings are taken from changes: leads are compared as a whole."""
    given = export([lead(status="lost")], path(NEW, QUALIFIED, ("2024-03-01", "Lost")))
    assert whats(ledger.write(replace(given, evidence=""), PROCESS, AS_OF)) == ["created", "ended"]


def test_a_lead_older_than_the_history_has_an_unknown_start():
    """Its first change came from a later stage: nobody knows since when it stood there."""
    leads = [lead(), lead("b", "2023-01-01")]
    changes = [*path(NEW, QUALIFIED), *path(("2024-03-01", "Offer"), lead_id="b")]
    changes[-1]["before"] = "Qualified"
    frame = written(leads, changes).milestones().set_index("lead_id")
    assert frame.loc["b", "known"].tolist() == [False, True]
    assert frame.loc["b", "observed_at"].isna().all()


def test_a_lead_older_than_the_history_in_the_first_stage_enters_late():
    """It can only have stood there since creation; it is observed since the history began."""
    leads = [lead(), lead("b", "2023-01-01")]
    changes = [*path(NEW, QUALIFIED), {**path(("2024-03-01", "Offer"), lead_id="b")[0], "before": "New"}]
    created = written(leads, changes).milestones().query("lead_id == 'b'").iloc[0]
    assert (created["known"], created["observed_at"]) == (True, pd.Timestamp("2024-01-01"))


def test_a_stay_older_than_the_history_counts_at_least_since_then():
    """Open, older than the history, no stage date: it has stood there since the history began, at least."""
    leads = [
        lead(),
        lead("b", "2023-01-01", stage="Offer"),
        lead("c", "2023-01-01", stage="Offer", stage_entered_at="2023-06-01"),
    ]
    found = facts(leads, path(NEW, QUALIFIED))
    assert found.loc["b", ["stay_started_at", "stay_origin"]].tolist() == [pd.Timestamp("2024-01-01"), "history"]
    assert found.loc["c", ["stay_started_at", "stay_origin"]].tolist() == [
        pd.Timestamp("2023-06-01"),
        "stage_entered_at",
    ]


def test_a_lead_without_changes_stands_where_it_was_created():
    """In an export with history it never moved; one created at an ending has no stage."""
    leads = [lead(), lead("b", stage="Qualified"), lead("c", status="lost", stage="Lost", closed_at="2024-02-01")]
    book = written(leads, path(NEW, QUALIFIED))
    assert whats(book, "b") == ["created Qualified"]
    assert whats(book, "c") == ["created", "ended"]


def test_a_lead_without_creation_begins_with_its_first_change():
    """The true date is earlier and unknown."""
    frame = written([lead(created=None)], path(NEW, QUALIFIED)).milestones()
    assert frame["at"].iloc[0] == pd.Timestamp("2024-01-01")
    assert frame["known"].tolist() == [False, True]


def test_a_change_before_the_creation_moves_the_creation():
    """The record was made after the fact."""
    frame = written([lead(created="2024-01-10")], path(NEW, QUALIFIED)).milestones()
    assert frame["at"].iloc[0] == pd.Timestamp("2024-01-01")


def test_the_stage_of_the_record_wins_and_the_history_fills_it():
    """An export without a stage column still knows where the lead stands."""
    assert of(changes=path(NEW, QUALIFIED))["stage"] == "Qualified"
    assert of(changes=path(NEW, QUALIFIED), stage="Offer")["stage_rank"] == 4


def test_loops_count_since_the_last_progress():
    """There and back twice are two returns; progress forgets them."""
    steps = (NEW, QUALIFIED, ("2024-03-01", "New"), ("2024-03-05", "Qualified"), ("2024-03-09", "New"))
    assert of(changes=path(*steps))["loop_count"] == 3
    assert of(changes=path(*steps, ("2024-04-01", "Offer")))["loop_count"] == 0


def test_a_pause_with_a_date_rests_until_then():
    """At its resumption date the lead stands again, although it is still called paused."""
    steps = path(NEW, QUALIFIED, ("2024-03-01", "Keep warm"))
    found = of(changes=steps, paused_until="2024-06-01", status="paused", stage="Keep warm")
    assert found["stay_days"] == (AS_OF - pd.Timestamp("2024-02-01")).days - 92
    assert (found["pause_started_at"], found["paused_until"]) == (
        pd.Timestamp("2024-03-01"),
        pd.Timestamp("2024-06-01"),
    )
    assert (found["pause_moved_count"], found["status"]) == (0, "paused")


@pytest.mark.parametrize(("until", "rested"), [("2025-03-02", 122), ("2025-03-03", 0), (None, 90)])
def test_a_pause_far_ahead_is_none(until, rested):
    """A year and a day is the most; without a date 90 days are."""
    steps = path(NEW, QUALIFIED, ("2024-03-01", "Keep warm"))
    assert of(changes=steps, paused_until=until, status=None)["stay_days"] == 151 - rested


def test_a_pause_moved_twice_rests_until_the_second_move():
    """Once may happen; after that it is put off."""
    steps = path(NEW, QUALIFIED, ("2024-03-01", "Keep warm"))
    dates = ["2024-04-01", "2024-05-01", "2024-06-01"]
    steps += [
        field(at, "paused_until", before, after)
        for at, before, after in zip(["2024-03-01", "2024-03-31", "2024-04-30"], [None, *dates], dates, strict=False)
    ]
    found = of(changes=steps, status=None)
    assert (found["pause_moved_count"], found["stay_days"]) == (2, 151 - 60)
    assert found["paused_until"] == pd.Timestamp("2024-06-01")


def test_a_lead_that_is_paused_by_its_status_alone_is_paused():
    """Since when nobody knows."""
    found = of(status="paused", stage="Offer", paused_until="2024-09-01")
    assert (found["status"], found["paused_until"]) == ("paused", pd.Timestamp("2024-09-01"))
    assert pd.isna(found["pause_started_at"])


def test_pauses_that_ran_out_without_progress_are_counted():
    """Contact after it, and nothing came of it; the second pause is the same; one with progress after it is not."""
    steps = [
        NEW,
        QUALIFIED,
        ("2024-03-01", "Keep warm"),
        ("2024-03-10", "Qualified"),
        ("2024-04-01", "Keep warm"),
        ("2024-04-10", "Qualified"),
    ]
    acts = [act("2024-03-12"), act("2024-04-12")]
    assert of(changes=path(*steps), acts=acts)["pauses_over_count"] == 2
    assert of(changes=path(*steps), acts=acts[:1])["pauses_over_count"] == 1
    assert of(changes=path(*steps, ("2024-05-01", "Offer")), acts=acts)["pauses_over_count"] == 1
    assert of(changes=path(*steps[:-1]), acts=acts)["pauses_over_count"] == 1


def test_postponed_days_are_summed_over_different_days():
    """Twice on one day is one postponement; an earlier date is none; before the last progress none counts."""
    moves = [
        ("2024-01-10", "2024-02-01", "2024-03-01"), ("2024-03-01 09:00", "2024-03-01", "2024-04-01"),
        ("2024-03-01 10:00", "2024-04-01", "2024-04-11"), ("2024-03-02", "2024-04-11", "2024-04-01"),
        ("2024-03-03", "2024-04-01", "2024-05-01"), ("2024-03-04", None, "2024-05-01"), ("2024-03-05", "2024-05-01", "soon"),
    ]  # fmt: skip
    changes = [*path(NEW, QUALIFIED), *(field(at, "expected_close_at", before, after) for at, before, after in moves)]
    found = of(changes=changes)
    assert (found["postponed_count"], found["postponed_days"]) == (2, 31 + 10 + 30)


def test_without_a_history_of_dates_postponements_are_not_known():
    """Missing, not 0."""
    assert pd.isna(of(changes=path(NEW))["postponed_count"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nachfassen", False), ("nochmal anrufen", False), ("Follow-up", False), ("Touch base next week", False),
        ("Kunde meldet sich: warten", False), ("follow up on the offer", False), ("Mail an Herrn Kunde", True),
        ("Nachfassen: Entscheidung im Vorstand", True), ("Sign contract", True), ("Budget geklärt?", True),
        ("Termin am 12.3.", True), ("Angebot erwarten", True), ("12.03.", False), ("Mail", False),
    ],
)  # fmt: skip
def test_a_concrete_step_names_something(text, expected):
    """A decision, question, date or content; staying at it is none."""
    assert concrete(pd.Series([text], dtype="str")).tolist() == [expected]


def test_no_step_is_neither_concrete_nor_vague():
    """Missing stays missing."""
    assert concrete(pd.Series([None], dtype="str")).isna().all()


def test_a_next_step_knows_when_it_was_set_and_moved():
    """Set with its text, its date moved once after that."""
    changes = [
        field("2024-03-01", "next_step", None, "Decision"), field("2024-03-01", "next_step_at", None, "2024-04-01"),
        field("2024-03-20", "next_step_at", "2024-04-01", "2024-05-01"),
    ]  # fmt: skip
    found = of(changes=changes, next_step="Decision", next_step_at="2024-05-01")
    assert (found["next_step_set_at"], found["next_step_moved_count"]) == (pd.Timestamp("2024-03-01"), 1)
    assert found["next_step_concrete"] == True  # noqa: E712
    only_dates = [row for row in changes if row["field"] == "next_step_at"]
    assert of(changes=only_dates, next_step_at="2024-05-01")["next_step_moved_count"] == 1
    assert of(changes=changes[2:], next_step_at="2024-05-01")["next_step_set_at"] == pd.Timestamp("2024-03-20")


def test_the_next_planned_meeting_lies_ahead():
    """With the other side, not called off; a plan whose date has passed is nothing."""
    acts = [
        act("2024-06-01", "meeting", "mutual", done=False), act("2024-07-05", "meeting", "internal", done=False),
        act("2024-07-06", "meeting", "mutual", done=False, outcome="cancelled"),
        act("2024-07-08", "meeting", "mutual", done=False), act("2024-07-09", "meeting", "mutual", done=None),
    ]  # fmt: skip
    assert of(acts=acts)["meeting_planned_at"] == pd.Timestamp("2024-07-08")


def test_preconditions_are_good_bad_or_unknown():
    """Compared without case; numbers with limits; from their stage on; absent columns are left out."""
    process = PROCESS.model_copy(
        update={
            "preconditions": (
                Precondition(name="Budget", column="Budget", good=("Yes",), bad=("no",)),
                Precondition(name="Size", column="Seats", at_least=10),
                Precondition(name="Contract", column="Terms", good=("ok",), from_stage="Offer"),
                Precondition(name="Gone", column="Nowhere", good=("x",)),
            )
        }
    )
    leads = [
        lead("a", stage="New", Budget=" yes", Seats="12", Terms=None),
        lead("b", stage="Offer", Budget="NO", Seats="9", Terms=None),
        lead("c", stage="New", Budget="maybe", Seats="many", Terms=None),
    ]
    found = facts(leads, path(NEW, lead_id="a"), process=process)
    assert found["preconditions_known_count"].tolist() == [2, 2, 0]
    assert found["preconditions_failed"].fillna("").tolist() == ["", "Budget|Size", ""]
    assert found["preconditions_unknown"].fillna("").tolist() == ["", "Contract", "Budget|Size"]


def test_urgency_is_absent_where_a_field_says_so():
    """An empty field says nothing."""
    process = PROCESS.model_copy(update={"urgency_columns": ("Timeline",), "urgency_absent_values": ("No plan",)})
    leads = [lead("a", Timeline="no plan"), lead("b", Timeline="Q3"), lead("c", Timeline=None)]
    assert facts(leads, process=process)["urgency_absent"].tolist() == [True, False, pd.NA]


def test_letters_say_what_each_lead_has():
    """History, activities with direction, next steps, field history."""
    leads = [lead("a", next_step="Call"), lead("b"), lead("c"), lead("d")]
    changes = [*path(NEW), field("2024-02-01", "next_step", None, "Call", "b")]
    acts = [
        act("2024-02-01", lead_id="c"),
        act("2024-02-01", "note", "internal", lead_id="d"),
        act("2024-08-01", "meeting", "mutual", "d", done=False),
    ]
    assert facts(leads, changes, acts)["evidence"].tolist() == ["HN", "F", "E", "N"]


def test_a_vanished_lead_is_flagged_and_its_last_sighting_kept():
    """Missing from a later dated export: nobody knows what became of it."""
    changes = [*path(NEW), field("2024-03-01", "vanished", None, None)]
    assert of(changes=changes)["vanished"] == True  # noqa: E712
    assert whats(written(None, changes)) == ["created New", "vanished New"]
