"""What is progress, setback, neither; endings, lives."""

from __future__ import annotations

import pandas as pd
import pytest
from ledger.planted import AS_OF, PROCESS, act, export, facts, field, lead, path, stage, whats, written

from leadaudit import ledger
from leadaudit.errors import LeadAuditError
from leadaudit.process import Precondition

NEW, QUALIFIED, OFFER = ("2024-01-01", "New"), ("2024-02-01", "Qualified"), ("2024-03-01", "Offer")


def of(*steps, leads=None, **kwargs):
    """Milestones of one lead that took these steps."""
    return whats(written(leads, path(*steps), **kwargs))


def test_reaching_a_stage_beyond_the_highest_is_progress():
    """Each stage beyond all earlier ones is a milestone, with the stage it leads to."""
    assert of(NEW, QUALIFIED, OFFER) == ["created New", "progress Qualified", "progress Offer"]


def test_a_skipped_stage_is_no_obstacle():
    """From New straight to Offer is one progress."""
    assert of(NEW, OFFER) == ["created New", "progress Offer"]


def test_regaining_a_stage_is_no_progress():
    """Back to New and up to Qualified again moves nothing; only what lies beyond counts."""
    steps = (NEW, QUALIFIED, ("2024-03-01", "New"), ("2024-04-01", "Qualified"), ("2024-05-01", "Offer"))
    assert of(*steps) == ["created New", "progress Qualified", "progress Offer"]


def test_a_setback_starts_no_stay():
    """After a move back the stay still runs from the last progress, in its stage."""
    found = facts(None, path(NEW, OFFER, ("2024-05-01", "New"))).loc["a"]
    assert (found["stay_started_at"], found["stay_stage"]) == (pd.Timestamp("2024-03-01"), "Offer")
    assert (found["setback_count"], found["stage"]) == (1, "New")


def test_a_stage_that_records_an_activity_is_movement():
    """Contacted is no progress, and does not stand in the way of the next stage."""
    assert of(NEW, ("2024-01-05", "Contacted"), QUALIFIED) == ["created New", "progress Qualified"]


def test_a_life_that_begins_in_an_activity_stage_can_still_progress():
    """From Contacted to New is progress: New is beyond nothing."""
    assert of(("2024-01-01", "Contacted"), ("2024-02-01", "New")) == ["created Contacted", "progress New"]


def test_a_stage_that_the_process_does_not_name_is_no_progress():
    """An unknown stage has no rank: nobody knows whether it lies ahead."""
    assert of(NEW, ("2024-02-01", "Limbo"), OFFER) == ["created New", "progress Offer"]


def test_pauses_are_neither_progress_nor_setback():
    """Into a pause and back is a loop that starts no stay; a dateless pause rests for 90 days at most."""
    steps = (NEW, QUALIFIED, ("2024-03-01", "Keep warm"), ("2024-03-11", "Qualified"))
    book = written(None, path(*steps))
    assert whats(book) == ["created New", "progress Qualified", "paused Qualified", "resumed Qualified"]
    found = facts(None, path(*steps)).loc["a"]
    assert (found["setback_count"], found["loop_count"], found["pause_count"]) == (0, 1, 1)
    assert found["stay_days"] == (AS_OF - pd.Timestamp("2024-02-01")).days - 10


def test_leaving_a_pause_for_a_stage_never_reached_is_progress():
    """The lead came back and went further than ever: that is decided, pause or not."""
    steps = (NEW, QUALIFIED, ("2024-03-01", "Keep warm"), ("2024-03-11", "Offer"))
    assert of(*steps) == [
        "created New",
        "progress Qualified",
        "paused Qualified",
        "resumed Qualified",
        "progress Offer",
    ]


def test_leaving_a_pause_for_an_earlier_stage_is_no_setback():
    """Out of a pause and down is neither."""
    steps = (NEW, OFFER, ("2024-04-01", "Keep warm"), ("2024-04-11", "Qualified"))
    assert facts(None, path(*steps)).loc["a", "setback_count"] == 0


def test_another_pipeline_is_neither_progress_nor_setback():
    """The move itself is neutral; inside the new pipeline progress counts again."""
    changes = [
        *path(NEW, OFFER),
        stage("2024-04-01", "First talk", "Offer", pipeline="Partner"),
        stage("2024-05-01", "Signed up", "First talk", pipeline="Partner"),
    ]
    for row in changes[:2]:
        row["pipeline"] = "Direct"
    book = written([lead(pipeline="Partner")], changes)
    assert whats(book) == ["created New", "progress Offer", "progress Signed up"]
    assert book.milestones()["pipeline"].tolist() == ["Direct", "Direct", "Partner"]
    assert facts([lead(pipeline="Partner")], changes).loc["a", "setback_count"] == 0


def test_an_ending_in_stage_status_and_record_counts_once():
    """Stage Lost, status lost and the record's closing date are one ending, dated by the history."""
    changes = [*path(NEW, QUALIFIED, ("2024-03-01 10:00", "Lost")), field("2024-03-01 10:00", "status", "open", "lost")]
    book = written([lead(status="lost", closed_at="2024-03-04", stage="Lost")], changes)
    assert whats(book) == ["created New", "progress Qualified", "ended"]
    assert book.milestones()["at"].iloc[-1] == pd.Timestamp("2024-03-01 10:00")


def test_from_one_ended_stage_to_another_is_the_same_ending():
    """Declined and then Lost ended once, on the first day."""
    book = written([lead(status="lost")], path(NEW, ("2024-03-01", "Declined"), ("2024-04-01", "Lost")))
    assert whats(book) == ["created New", "ended"]
    assert book.milestones()["at"].iloc[-1] == pd.Timestamp("2024-03-01")


def test_an_ending_that_only_the_record_tells_is_one():
    """Without a stage for it, status and closing date of the lead are the ending."""
    book = written([lead(status="won", closed_at="2024-03-04", stage="Offer")], path(NEW, OFFER))
    assert whats(book) == ["created New", "progress Offer", "won"]
    assert book.milestones()["at"].iloc[-1] == pd.Timestamp("2024-03-04")


def test_a_closing_date_before_the_last_change_is_moved_behind_it():
    """A date without time lies before the afternoon's change; the ending still comes last."""
    changes = path(NEW, ("2024-03-04 15:00", "Offer"))
    book = written([lead(status="won", closed_at="2024-03-04", stage="Offer")], changes)
    assert book.milestones()["at"].iloc[-1] == pd.Timestamp("2024-03-04 15:00")


def test_an_ending_without_a_date_is_kept_with_none():
    """Learning leaves it out and counts it; the lead is not open."""
    book = written([lead(status="lost", stage="Lost")], [])
    assert whats(book) == ["created", "ended"]
    assert pd.isna(book.milestones()["at"].iloc[-1])
    found = facts([lead(status="lost", stage="Lost")]).loc["a"]
    assert found["status"] == "lost"
    assert pd.isna(found["stay_days"])


def test_the_last_known_ending_is_the_outcome():
    """Lost, and won later without being reopened: won."""
    book = written([lead(status="won", stage="Won")], path(NEW, ("2024-03-01", "Lost"), ("2024-04-01", "Won")))
    assert whats(book) == ["created New", "ended", "won"]


def test_a_record_that_contradicts_the_history_is_believed():
    """The history ends in Lost, the record says won since: won counts."""
    leads = [lead(status="won", closed_at="2024-05-01", stage="Won")]
    assert of(NEW, ("2024-03-01", "Lost"), leads=leads) == ["created New", "ended", "won"]


def test_reopening_starts_a_new_life():
    """What was reached before counts for nothing in the new life."""
    steps = (NEW, OFFER, ("2024-04-01", "Lost"), ("2024-05-01", "New"), ("2024-06-01", "Qualified"))
    book = written(None, path(*steps))
    assert whats(book) == ["created New", "progress Offer", "ended", "reopened New", "progress Qualified"]
    assert book.milestones()["life"].tolist() == [0, 0, 0, 1, 1]
    found = facts(None, path(*steps)).loc["a"]
    assert (found["life"], found["life_started_at"]) == (1, pd.Timestamp("2024-05-01"))


def test_a_status_alone_can_reopen():
    """Status back to open puts the lead where it stood before it ended."""
    changes = [
        *path(NEW, OFFER),
        field("2024-04-01", "status", "open", "lost"),
        field("2024-05-01", "status", "lost", "open"),
    ]
    changes.append(stage("2024-06-01", "Contract", "Offer"))
    assert whats(written(None, changes))[2:] == ["ended", "reopened Offer", "progress Contract"]


def test_an_open_record_after_an_ended_history_is_a_reopening():
    """The record stands in an open stage and says open: it was reopened, at its stage's date."""
    leads = [lead(stage="Qualified", stage_entered_at="2024-05-05")]
    book = written(leads, path(NEW, ("2024-04-01", "Lost")))
    assert whats(book) == ["created New", "ended", "reopened Qualified"]
    assert book.milestones()["at"].iloc[-1] == pd.Timestamp("2024-05-05")


def test_status_open_says_nothing_about_an_open_lead():
    """An open lead stays in its pause when its status is written again."""
    changes = [*path(NEW, ("2024-06-20", "Keep warm")), field("2024-06-21", "status", None, "open")]
    assert facts([lead(status=None)], changes).loc["a", "status"] == "paused"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("continue", ["created New", "progress New"]),
        ("Weiterführen", ["created New", "progress New"]),
        ("pausieren", ["created New", "progress New", "paused New"]),
        ("end", ["created New", "ended"]),
        ("customer is relevant", ["created New", "progress New"]),
    ],
)
def test_a_recorded_decision_is_progress(word, expected):
    """Whatever a person decided starts a new stay, a pause or an end."""
    changes = [*path(NEW), field("2024-06-01", "decision", None, word)]
    assert whats(written([lead(status=None)], changes)) == expected


def test_a_precondition_that_became_known_is_progress_for_good_or_bad():
    """Unknown to no is clarity; no to yes is no news of this kind, and unknown to unknown neither."""
    process = PROCESS.model_copy(
        update={"preconditions": (Precondition(name="Budget", column="Budget", good=("yes",), bad=("no",)),)}
    )
    changes = [
        *path(NEW),
        field("2024-02-01", "Budget", None, "maybe"),
        field("2024-03-01", "Budget", "maybe", " NO "),
        field("2024-04-01", "Budget", "no", "yes"),
    ]
    book = written(None, changes, process=process)
    assert whats(book) == ["created New", "progress New"]
    assert book.milestones()["at"].iloc[-1] == pd.Timestamp("2024-03-01")
    found = facts(None, changes, process=process).loc["a"]
    assert found["last_progress_what"] == "precondition"


def test_an_inbound_act_that_the_process_names_is_progress():
    """The signed offer decides when it comes in, not when we send a mail of that name."""
    process = PROCESS.model_copy(update={"decisive_subjects": ("signed offer",)})
    acts = [
        act("2024-02-01", subject="Signed offer?"),
        act("2024-03-01", direction="inbound", subject="Re: signed offer"),
    ]
    book = written(None, path(NEW), acts, process=process)
    assert whats(book) == ["created New", "progress New"]
    assert book.milestones()["movement_count"].tolist() == [0, 1]


@pytest.mark.parametrize(("reason", "counts"), [("Duplicate", False), ("Price", True), (None, True)])
def test_an_ending_as_a_wrong_entry_does_not_count(reason, counts):
    """Duplicates and tests were never decided."""
    book = written([lead(status="lost", closed_at="2024-03-01", lost_reason=reason)], path(NEW))
    assert book.milestones()["counts"].tolist() == [True, counts]


def test_events_at_as_of_are_not_known():
    """Known is what happened before as_of; at the very moment is too late."""
    steps = path(NEW, ("2024-07-01 00:00", "Qualified"))
    assert whats(written(None, steps)) == ["created New"]
    assert whats(written(None, steps, as_of=AS_OF + pd.Timedelta(seconds=1))) == ["created New", "progress Qualified"]


def test_a_lead_created_at_as_of_is_not_known():
    """It does not appear at all."""
    found = facts([lead(), lead("b", "2024-07-01")])
    assert found.index.tolist() == ["a"]


def test_equal_times_follow_the_chain():
    """Written in the wrong order, New → Qualified still comes before Qualified → Offer."""
    changes = [
        stage("2024-02-01", "Contract", "Offer"),
        stage("2024-02-01", "Offer", "Qualified"),
        stage("2024-02-01", "Qualified", "New"),
        stage("2024-01-01", "New"),
    ]
    assert whats(written(None, changes)) == ["created New", "progress Qualified", "progress Offer", "progress Contract"]


def test_equal_times_without_a_chain_follow_the_stages():
    """Nothing says which came from where: the lower stage first."""
    changes = [stage("2024-01-01", "New"), stage("2024-02-01", "Offer"), stage("2024-02-01", "Qualified")]
    assert whats(written(None, changes)) == ["created New", "progress Qualified", "progress Offer"]


def test_the_ledger_of_one_lead_tells_movement_from_progress():
    """Mail out is movement, mail in a response, the next stage progress, the way back a setback."""
    acts = [act("2024-01-05", subject="Hello"), act("2024-01-06", direction="inbound")]
    book = written(
        None,
        path(NEW, QUALIFIED, ("2024-03-01", "New"), ("2024-04-01", "Qualified"), ("2024-05-01", "Keep warm")),
        acts,
    )
    told = book.of_lead("a")
    assert told["sort"].tolist() == ["neutral", "movement", "response", "progress", "setback", "movement", "neutral"]
    assert told["what"].tolist() == ["created", "email", "email", "stage", "stage", "stage", "paused"]
    assert told["stage"].tolist() == ["New", "New", "New", "Qualified", "New", "Qualified", "Keep warm"]


def test_an_unknown_lead_is_an_error_with_a_hint():
    """The message names the lead asked for and one that is near."""
    with pytest.raises(LeadAuditError, match="There is no lead D-1.*Did you mean D-10"):
        written([lead("D-10")]).of_lead("D-1")


def test_the_ledger_as_a_table_holds_every_event_once():
    """Activities and changes of all leads, whatever the backend does with their order."""
    book = written([lead(), lead("b")], path(NEW, QUALIFIED), [act("2024-01-05"), act("2024-01-06", lead_id="b")])
    events = book.events().collect("pandas").to_native()
    assert events.groupby("origin").size().to_dict() == {"activity": 2, "change": 1, "lead": 2}


def test_the_same_export_gives_the_same_ledger():
    """Two ledgers of one export are equal to the last value."""
    given = export(None, path(NEW, QUALIFIED, OFFER), [act("2024-01-05")])
    first, second = (ledger.write(given, PROCESS, AS_OF).milestones() for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
