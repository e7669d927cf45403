"""One verdict per lead, in a fixed order, with all reasons."""

from __future__ import annotations

import pandas as pd
import pytest
from criteria.leads import AS_OF, PROCESS, STAGE, ago, facts, frame, lead, stages

from leadaudit.criteria import CRITERIA, Facts
from leadaudit.tables import EVIDENCE, JUDGED, REASONS, VERDICTS
from leadaudit.verdict import decide, verdicts_of


def judged(*leads, **changes):
    """The first lead, judged."""
    return decide(facts(*leads, **changes))[0].iloc[0]


SILENT = {"last_response_at": ago(50), "response_count": 0}
LATE = {**SILENT, "stay_days": 70.0}
GHOSTED = {
    **SILENT,
    "stay_days": 40.0,
    "unanswered_count": 6,
    "unanswered_since_at": ago(30),
    "last_contact_at": ago(2),
    "last_contact_direction": "outbound",
}
WAITING = {"our_turn": True, "our_turn_since_at": ago(20), "last_contact_direction": "inbound"}
PAUSED = {"status": "paused", "paused_until": ago(-30)}


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({"status": "won"}, "ended", None),
        ({"status": "lost", "preconditions_failed": "Budget", **LATE}, "ended", None),
        ({"vanished": True, **LATE}, "undetermined", "horizon_passed"),
        ({"status": None}, "undetermined", None),
        ({"preconditions_failed": "Budget", **PAUSED, **WAITING}, "overdue", "preconditions_failed"),
        ({"preconditions_failed": "Budget"}, "overdue", "preconditions_failed"),
        ({**PAUSED, **WAITING, **LATE}, "paused", "valid_pause"),
        ({**WAITING, **LATE}, "stalled", "our_turn"),
        (LATE, "overdue", "horizon_passed"),
        (GHOSTED, "overdue", "no_reaction"),
        ({"no_interest": True, "stay_days": 21.0}, "overdue", "no_urgency"),
        ({"pauses_over_count": 2, "stay_days": 21.0}, "overdue", "timing_never_right"),
        ({"stay_days": 26.0}, "stalled", "past_patience"),
        ({"stay_days": 20.1, "movement_count": 7}, "stalled", "busy_without_progress"),
        ({"stay_days": 20.1, "movement_count": 6}, "progressing", None),
        ({"stay_days": 20.0, "movement_count": 7}, "progressing", "busy_without_progress"),
        ({"stay_days": None}, "undetermined", None),
        ({"stay_days": None, **WAITING}, "stalled", "our_turn"),
        ({}, "progressing", None),
    ],
)
def test_verdicts_follow_the_order(changes, verdict, reason):
    """Earlier verdicts win over later ones; the deciding reason stands first."""
    found = judged(lead(**changes), letters="HEF")

    assert verdict == found["verdict"]
    if reason is None:
        assert pd.isna(found["reasons"])
    else:
        assert reason == found["reasons"].split("|")[0]


@pytest.mark.parametrize(
    ("veto", "verdict"),
    [
        ({"our_turn": True, "our_turn_since_at": ago(1)}, "stalled"),
        ({"meeting_planned_at": ago(-5), "meeting_planned_set_at": ago(40)}, "stalled"),
        ({"last_response_at": ago(3), "response_count": 1}, "stalled"),
        ({"last_response_at": ago(3), "response_count": 2}, "overdue"),
        ({"patience_days": 70.0}, "progressing"),
    ],
)
def test_a_veto_against_the_horizon_leaves_it_stalled(veto, verdict):
    """An act may lift overdue to stalled, never to progressing; only recent progress takes the sign away."""
    assert verdict == judged(lead(**{**LATE, **veto}))["verdict"]


@pytest.mark.parametrize(
    ("veto", "verdict"),
    [
        ({"last_response_at": ago(10)}, "stalled"),
        ({"stay_days": 25.0}, "stalled"),
        ({"stay_days": 10.0}, "stalled"),
        ({"patience_days": 40.0}, "stalled"),
    ],
)
def test_silence_within_the_margin_is_stalled(veto, verdict):
    """Repeated silence is a reason before patience is over, but not an ending."""
    found = judged(lead(**{**GHOSTED, **veto}))

    assert verdict == found["verdict"]
    assert "no_reaction" in found["reasons"].split("|")


def test_an_unlearned_limit_of_silence_never_ends():
    """On our default limit, silence is stalled however long the stay."""
    assert "stalled" == judged(lead(**GHOSTED), streak_limit_count=None)["verdict"]


@pytest.mark.parametrize("sign", [{"no_interest": True}, {"pauses_over_count": 2}, {"horizon_days": 5.0}])
def test_progress_within_patience_stands_against_every_sign_but_one(sign):
    """A sign is kept as a reason, with the veto, and the lead is progressing; a failed precondition is no such sign."""
    leads, reasons = decide(facts(lead(stay_days=20.0, **sign)))

    assert "progressing" == leads["verdict"].iloc[0]
    assert {"ending", "veto"} <= set(reasons["role"])
    assert "within_patience" in set(reasons["criterion"])


@pytest.mark.parametrize(("stay_days", "role", "verdict"), [(10.0, "flag", "progressing"), (21.0, "stall", "stalled")])
def test_flags_on_our_conduct_stall_only_past_patience(stay_days, role, verdict):
    """Within patience they are a hint on the card."""
    pushed = lead(stay_days=stay_days, unanswered_count=3, unanswered_since_at=ago(9))
    leads, reasons = decide(facts(pushed))
    roles = reasons.set_index("criterion")["role"]

    assert verdict == leads["verdict"].iloc[0]
    assert [role, role] == [roles["pressure"], roles["no_decision_point"]]


@pytest.mark.parametrize(
    ("changes", "shade"),
    [
        ({"meeting_planned_at": ago(-5), "meeting_planned_set_at": ago(1)}, "decision_scheduled"),
        (
            {
                "stay_days": 18.0,
                "last_activity_at": ago(11),
                "next_step_at": ago(-2),
                "next_step_concrete": True,
                "next_step_moved_count": 9,
            },
            "maturing",
        ),
        ({}, "advancing"),
        ({"unanswered_count": 3}, None),
        ({"stay_days": 30.0}, None),
    ],
)
def test_a_progressing_lead_has_the_first_shade_that_holds(changes, shade):
    """Agreed before maturing before advancing; no other verdict has a shade."""
    found = judged(lead(**changes))

    assert shade == (None if pd.isna(found["shade"]) else found["shade"])


def test_all_reasons_that_held_are_kept():
    """One row per criterion that held, the deciding one first, with what was seen and the limit."""
    leads, reasons = decide(
        facts(lead(lead_id="A"), lead(lead_id="B", **LATE, loop_count=2), lead(lead_id="C", status="won", **LATE))
    )
    of_b = reasons[reasons["lead_id"] == "B"]

    assert ["horizon_passed", "back_and_forth", "past_patience", "no_decision_point"] == list(of_b["criterion"])
    assert "|".join(of_b["criterion"]) == leads["reasons"].iloc[1]
    assert (70.0, 60.0, "days", "stage") == tuple(of_b[["observed", "limit", "unit", "basis"]].iloc[0])
    assert {"A", "B"} == set(reasons["lead_id"])


def test_a_veto_is_named_where_it_stood_against_a_sign():
    """A lead without any sign needs no veto among its reasons."""
    reasons = decide(facts(lead(lead_id="A", **WAITING), lead(lead_id="B", **{**LATE, **WAITING})))[1]

    assert {"B"} == set(reasons.loc[reasons["role"] == "veto", "lead_id"])


@pytest.mark.parametrize(
    ("changes", "since", "end_on", "by"),
    [
        (LATE, ago(10), ago(10), "horizon_passed"),
        ({"preconditions_failed": "Budget"}, pd.NaT, pd.NaT, "preconditions_failed"),
        ({"preconditions_failed": "Budget", **LATE}, ago(10), ago(10), "preconditions_failed"),
        (GHOSTED, ago(2 + 28 / 5).round("s"), ago(2 + 28 / 5).normalize(), "no_reaction"),
        ({}, pd.NaT, ago(-50), "horizon_passed"),
        ({"horizon_days": 5.0}, pd.NaT, ago(-10), "horizon_passed"),
        ({"horizon_days": None}, pd.NaT, pd.NaT, None),
        ({**LATE, **WAITING}, pd.NaT, ago(10), "horizon_passed"),
        (PAUSED, pd.NaT, pd.NaT, None),
        ({"status": "lost"}, pd.NaT, pd.NaT, None),
    ],
)
def test_an_ending_has_a_day_and_a_criterion(changes, since, end_on, by):
    """Overdue: when the first sign was met; else the day of the horizon, not before patience is over."""
    found = judged(lead(**changes))

    assert [str(since), str(end_on)] == [str(found["overdue_since"].round("s")), str(found["end_on"])]
    assert by == (None if pd.isna(found["end_criterion"]) else found["end_criterion"])


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"status": "won"}, "none"),
        ({"vanished": True}, "none"),
        (LATE, "end"),
        (PAUSED, "none"),
        ({"status": "paused", "pause_started_at": ago(5)}, "pause"),
        (WAITING, "answer"),
        ({"our_turn": True, "our_turn_since_at": ago(1)}, "answer"),
        ({"status": "paused", "paused_until": ago(1)}, "resume"),
        ({"status": "paused", "pause_started_at": ago(91)}, "pause"),
        ({"stay_days": 30.0, "preconditions_unknown": "Budget"}, "ask"),
        ({"stay_days": 30.0, "movement_count": 9}, "decide"),
        ({"stay_days": 30.0, "expected_close_at": ago(30)}, "decide"),
        (
            {
                "stay_days": 30.0,
                "life_response_count": 0,
                "came_itself": False,
                "response_count": 0,
                "last_response_at": None,
                "last_contact_at": ago(14),
            },
            "impulse",
        ),
        ({"stay_days": 15.0, "asked_at": ago(14), "answered_at": ago(3)}, "none"),
        ({"stay_days": 15.0, "asked_at": ago(24), "answered_at": ago(14), "last_contact_at": ago(14)}, "impulse"),
        ({"stay_days": 30.0}, "ask"),
        ({"stay_days": None}, "ask"),
        ({"meeting_planned_at": ago(-5), "meeting_planned_set_at": ago(1)}, "decide"),
        ({"unanswered_count": 3}, "none"),
        ({"preconditions_unknown": "Budget"}, "ask"),
        ({"movement_count": 9, "next_step_at": ago(-5), "next_step_concrete": True, "next_step_moved_count": 2}, "ask"),
        ({}, "ask"),
        ({"next_step_at": ago(-5), "next_step_concrete": True, "next_step_moved_count": 2}, "none"),
        (
            {
                "stay_days": 15.0,
                "last_activity_at": ago(14),
                "last_contact_at": ago(14),
                "life_response_count": 0,
                "came_itself": False,
                "next_step_at": ago(-5),
                "next_step_concrete": True,
                "next_step_moved_count": 2,
            },
            "impulse",
        ),
    ],
)
def test_the_next_step_is_a_decision_a_question_or_an_impulse(changes, step):
    """Each situation has one sensible step."""
    assert step == judged(lead(**changes))["next_step_code"]


@pytest.mark.parametrize("off", [criterion.name for criterion in CRITERIA])
def test_any_criterion_can_be_switched_off(off):
    """What is switched off is neither a reason nor a verdict, and nothing else breaks."""
    leads = [lead(lead_id=str(i), **one) for i, one in enumerate([{}, LATE, GHOSTED, WAITING, PAUSED])]
    process = PROCESS.model_copy(update={"criteria_off": frozenset({off})})
    found, reasons = decide(facts(*leads, process=process))

    assert off not in set(reasons["criterion"])
    assert not found["reasons"].fillna("").str.split("|").map(lambda names: off in names).any()
    assert found["verdict"].isin(VERDICTS).all()


def test_the_margin_is_borderline():
    """Past patience but within the margin: progressing, and marked."""
    assert [True, False] == list(decide(facts(lead(stay_days=22.0), lead(stay_days=10.0)))[0]["borderline"])


def test_tables_are_as_promised():
    """EVIDENCE and JUDGED columns for each lead, REASONS for each reason; nothing handed in is changed."""
    given = facts(lead(**LATE), lead(lead_id="L-2"))
    before = given.evidence.copy()
    leads, reasons = decide(given)

    assert {*EVIDENCE, *JUDGED} <= set(leads.columns)
    assert list(REASONS) == list(reasons.columns)
    assert leads.columns.is_unique
    pd.testing.assert_frame_equal(before, given.evidence)


def test_no_lead_is_no_error():
    """An empty pipeline gives empty tables."""
    leads, reasons = decide(facts(evidence=frame().iloc[:0]))

    assert (0, 0) == (len(leads), len(reasons))


def test_only_the_verdicts_are_the_same_verdicts():
    """The quicker way gives the same."""
    given = facts(*[lead(lead_id=str(i), **one) for i, one in enumerate([{}, LATE, GHOSTED, WAITING, PAUSED])])

    assert list(decide(given)[0]["verdict"]) == list(verdicts_of(given))


def test_placed_columns_replace_earlier_ones():
    """Judging again with other thresholds needs only the columns that they change."""
    given = facts(lead(stay_days=25.5))
    again = given.with_placed(pd.DataFrame({"patience_days": [30.0]}, index=given.evidence.index))

    assert ["stalled", "progressing"] == [decide(one)[0]["verdict"].iloc[0] for one in (given, again)]


def test_many_criteria_of_ones_own_are_told_apart():
    """Reasons are joined right however many criteria there are."""
    from leadaudit.criteria import criterion

    own = [
        criterion(f"own_{i}", "stall")(lambda given, i=i: [i % 2 == row % 2 for row in range(len(given))])
        for i in range(80)
    ]
    found = decide(facts(lead(lead_id="A"), lead(lead_id="B")), own)[0]["reasons"].str.split("|")

    assert [f"own_{i}" for i in range(0, 80, 2)] == [name for name in found.iloc[0] if name.startswith("own")]
    assert [f"own_{i}" for i in range(1, 80, 2)] == [name for name in found.iloc[1] if name.startswith("own")]


def test_small_clients_are_judged_on_defaults():
    """One lead, nothing learned: patience of ours, no horizon, nobody overdue by time alone."""
    learned = stages(
        {
            **STAGE,
            "patience_basis": "default",
            "horizon_days": None,
            "horizon_basis": None,
            "horizon_none": "not_learned",
        }
    )
    one = lead(stay_days=400.0, patience_days=30.0, horizon_days=None, basis="default", **SILENT)
    found = judged(
        one,
        stages=learned,
        streak_limit_count=None,
        busy_limit_count=None,
        silence_limit_days=None,
        reaction_share=None,
    )

    assert isinstance(facts(one), Facts)
    assert ("stalled", AS_OF) == (found["verdict"], AS_OF)
