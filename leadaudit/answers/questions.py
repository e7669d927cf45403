"""The answers, one function each: facts of the leads in, a sentence or two per lead out."""

from __future__ import annotations

import numpy as np

from leadaudit.answers.case import Case
from leadaudit.answers.writing import Flags, Texts
from leadaudit.criteria import CRITERIA
from leadaudit.criteria.answer import DAY, NAT, Times
from leadaudit.criteria.next_steps import REST_DAYS
from leadaudit.criteria.vetoes import VETOES

DECISION_DUE = ("resume_due", "pause_without_date", "decision_slipped", "past_patience")
"""Stall reasons that say that a decision is due; the others say what has to come first."""


def decision_due(case: Case) -> Texts:
    """Whether a decision is due: since when, no, or not readable."""
    said = case.writer.blank()
    since, due = _due(case)
    dated = ~np.isnat(since)
    scheduled = case.where("shade", "decision_scheduled")
    unreadable = case.where("verdict", "undetermined")
    case.writer.add(said, due & dated, "card.due_since", on=since)
    case.writer.add(said, due & ~dated, "card.due")
    case.writer.add(said, scheduled, "card.due_scheduled", on=_next_step_at(case))
    case.writer.add(said, unreadable, "card.due_unreadable")
    case.writer.add(said, ~due & ~scheduled & ~unreadable, "card.due_not")
    return said


def _due(case: Case) -> tuple[Times, Flags]:
    stalled, overdue = case.where("verdict", "stalled"), case.where("verdict", "overdue")
    since, due = np.where(overdue, case.facts.time("overdue_since"), NAT), overdue
    for name in DECISION_DUE:
        held = case.held(name) & stalled
        began = np.where(held, case.of_reason(name, "since_at", NAT), NAT)
        since, due = np.fmin(since, began), due | held
    return since, due


def why_here(case: Case) -> Texts:
    """The last progress, what has moved since, and the reason that decided."""
    said = case.writer.blank()
    _last_progress(case, said)
    _moved_since(case, said)
    _rested(case, said)
    because(case, said, case.deciding)
    return said


def _last_progress(case: Case, said: Texts) -> None:
    progress, began = case.facts.time("last_progress_at"), case.facts.time("stay_started_at")
    progressed, started = ~np.isnat(progress), ~np.isnat(began)
    what = case.quoted("last_progress_what")
    stage = case.quoted("stay_stage")
    reached = progressed & ~np.isin(what, ("decided", "precondition", "inbound")) & (stage != "")
    case.writer.add(said, reached, "card.progress_stage", on=progress, stage=stage)
    for name in ("decided", "precondition", "inbound"):
        case.writer.add(said, progressed & (what == name), f"card.progress_{name}", on=progress)
    case.writer.add(said, progressed & (said == ""), "card.progress_some", on=progress)
    by_crm = ~progressed & started & case.where("stay_origin", "stage_entered_at") & (case.quoted("stage") != "")
    case.writer.add(said, by_crm, "card.stands_since", on=began, stage=case.quoted("stage"))
    reopened = ~progressed & started & (case.numbers("life") > 0)
    case.writer.add(said, reopened & (said == ""), "card.reopened", on=began)
    case.writer.add(said, ~progressed & started & (said == ""), "card.never_progressed", on=began)
    case.writer.add(said, said == "", "card.began_unknown")


def _moved_since(case: Case, said: Texts) -> None:
    done, reacted = case.numbers("movement_count"), case.numbers("response_count")
    readable = np.isfinite(done) & np.isfinite(reacted)
    words = {name: case.writer.blank() for name in ("done", "reacted")}
    case.writer.add(words["done"], readable, "card.activities", n=done)
    case.writer.add(words["reacted"], readable, "card.reactions", n=reacted)
    case.writer.add(said, readable & (done > 0) & (reacted > 0), "card.moved", **words)
    case.writer.add(said, readable & (done > 0) & (reacted == 0), "card.moved_unanswered", **words)
    case.writer.add(said, readable & (done == 0) & (reacted > 0), "card.reacted", **words)
    case.writer.add(said, readable & (done == 0) & (reacted == 0), "card.quiet")


def _rested(case: Case, said: Texts) -> None:
    """Days of pauses, where they make the stay shorter than the calendar says."""
    calendar_days = (case.facts.ago(np.zeros(len(said))) - case.facts.time("stay_started_at")) / DAY
    rested_days = calendar_days - case.facts.stay_days
    case.writer.add(said, rested_days >= 1, "card.rested", n=np.round(rested_days))


def because(case: Case, said: Texts, criteria: Texts) -> None:
    """Put a criterion in words behind what is said of each lead, with what was seen and the limit."""
    for name in sorted(set(criteria) - {""}):
        here = criteria == name
        seen = {
            "seen": case.of_reason(name, "observed", np.nan),
            "limit": case.of_reason(name, "limit", np.nan),
            "on": case.of_reason(name, "since_at", NAT),
            "p": case.numbers("chance"),
            "q": case.numbers("chance_at_entry"),
            "detail": _listed(case.of_reason(name, "detail", None)),
        }
        if name in case.words:
            case.writer.add(said, here, "because.own", words=case.words[name])
            continue
        for variant, rows in _variants(case, name, here):
            case.writer.add(said, rows, f"because.{variant}", **seen)


def _variants(case: Case, name: str, here: Flags) -> list[tuple[str, Flags]]:
    """Criteria whose words depend on what was seen, or on where the limit comes from."""
    if name in ("past_patience", "busy_without_progress"):
        basis = case.of_reason(name, "basis", None)
        ours = here & (basis == "default")
        agreed = here & (basis == "process")
        return [(name, here & ~ours & ~agreed), (f"{name}_default", ours), (f"{name}_process", agreed)]
    if name == "horizon_passed":
        agreed = here & (case.of_reason(name, "basis", None) == "process")
        known = np.isfinite(case.numbers("chance")) & np.isfinite(case.numbers("chance_at_entry"))
        return [
            (name, here & ~agreed & known),
            (f"{name}_bare", here & ~agreed & ~known),
            (f"{name}_process", agreed),
        ]
    if name in ("timing_never_right", "no_urgency"):
        detail = case.of_reason(name, "detail", None)
        return [
            (f"{name}_{kind}", here & (detail == kind)) for kind in ("pauses", "postponed", "no_interest", "fields")
        ]
    if name == "valid_pause":
        dated = ~np.isnat(case.facts.time("paused_until"))
        return [(name, here & dated), ("pause_undated", here & ~dated)]
    return [(name, here)]


def _listed(details: Texts) -> Texts:
    return np.array([text.replace("|", ", ") if isinstance(text, str) else "" for text in details], dtype="object")


def missing(case: Case) -> Texts:
    """What is still to be settled for a decision."""
    said = case.writer.blank()
    failed, unknown = case.listed("preconditions_failed"), case.listed("preconditions_unknown")
    question, step = case.of_stage("question"), _next_step_at(case)
    case.writer.add(said, failed != "", "card.failed", names=failed)
    case.writer.add(said, unknown != "", "card.unknown", names=unknown)
    case.writer.add(said, question != "", "card.question", question=question)
    case.writer.add(said, (question == "") & (case.quoted("stage") != ""), "card.no_question")
    case.writer.add(said, case.held("no_decision_point"), "card.no_decision_point")
    case.writer.add(said, ~np.isnat(step), "card.step_ahead", on=step)
    case.writer.add(said, said == "", "card.nothing_known_missing")
    return said


def _next_step_at(case: Case) -> Times:
    """The next concrete step or planned meeting ahead."""
    step, meeting = case.facts.time("next_step_at"), case.facts.time("meeting_planned_at")
    step = np.where((step > case.facts.now) & case.facts.true("next_step_concrete"), step, NAT)
    return np.fmin(step, np.where(meeting > case.facts.now, meeting, NAT))


def next_step(case: Case) -> Texts:
    """The next sensible step: a decision, a question or an impulse."""
    said = case.writer.blank()
    question = case.first_question
    asked = question != ""
    for code in ("ask", "resume"):
        here = case.where("next_step_code", code)
        case.writer.add(said, here & asked, f"next_step.{code}", question=question, on=case.facts.time("paused_until"))
        case.writer.add(said, here & ~asked, f"next_step.{code}_open", on=case.facts.time("paused_until"))
    _decide(case, said)
    _answer(case, said)
    case.writer.add(said, case.where("next_step_code", "pause"), "next_step.pause")
    ending = case.where("next_step_code", "end")
    case.writer.add(said, ending, "next_step.end")
    case.writer.add(said, case.where("next_step_code", "impulse"), "next_step.impulse", on=_rest_until(case))
    _nothing(case, said)
    return said


def _decide(case: Case, said: Texts) -> None:
    here, step = case.where("next_step_code", "decide"), _next_step_at(case)
    agreed = here & ~np.isnat(step) & (case.held("decision_scheduled") | case.held("decision_agreed"))
    case.writer.add(said, agreed, "next_step.prepare", on=step)
    case.writer.add(said, here & ~agreed, "next_step.decide")


def _answer(case: Case, said: Texts) -> None:
    here, since = case.where("next_step_code", "answer"), case.facts.time("our_turn_since_at")
    case.writer.add(said, here & ~np.isnat(since), "next_step.answer", on=since)
    case.writer.add(said, here & np.isnat(since), "next_step.answer_undated")


def _nothing(case: Case, said: Texts) -> None:
    here = case.where("next_step_code", "none")
    paused, gone = case.where("verdict", "paused"), case.facts.true("vanished")
    pushed = case.held("pressure") | case.where("verdict", "stalled")
    case.writer.add(said, here & gone, "next_step.look_up")
    case.writer.add(said, here & paused & ~gone, "next_step.rest", on=case.facts.time("paused_until"))
    case.writer.add(said, here & pushed & ~paused & ~gone, "next_step.leave_room", on=_rest_until(case))
    case.writer.add(said, here & ~pushed & ~paused & ~gone, "next_step.none", on=case.patience_end_at)


def _rest_until(case: Case) -> Times:
    ahead = np.fmax(case.facts.patience_days - case.facts.stay_days, REST_DAYS)
    return case.facts.ago(-ahead)


def when_to_end(case: Case) -> Texts:
    """The day from which ending is the better choice, or the sign that is met already."""
    said = case.writer.blank()
    overdue, unreadable = case.where("verdict", "overdue"), case.where("verdict", "undetermined")
    paused = case.where("verdict", "paused")
    end_on, since = case.facts.time("end_on"), case.facts.time("overdue_since")
    dated = ~np.isnat(since)
    case.writer.add(said, overdue & dated, "card.end_since", on=since)
    case.writer.add(said, overdue & ~dated, "card.end_now")
    until = case.facts.time("paused_until")
    case.writer.add(said, paused & ~np.isnat(until), "card.end_after_pause", on=until)
    case.writer.add(said, paused & np.isnat(until), "card.end_of_dateless_pause")
    case.writer.add(said, unreadable, "card.end_unreadable")
    rest = ~overdue & ~paused & ~unreadable
    ahead = rest & (end_on >= case.facts.now)
    case.writer.add(said, ahead, "card.end_on", on=end_on)
    passed = rest & ~ahead & ~np.isnat(end_on)
    case.writer.add(said, passed, "card.end_passed", on=end_on)
    veto = _first_veto(case)
    case.writer.add(said, passed & (veto != ""), "card.end_vetoed", veto=veto)
    _no_horizon(case, said, rest & np.isnat(end_on))
    agreed = case.of_stage("end_when")
    case.writer.add(said, ~paused & (agreed != ""), "card.end_when", words=agreed)
    return said


def _first_veto(case: Case) -> Texts:
    """What stands against the sign of the horizon, in words; empty where nothing does."""
    said = case.writer.blank()
    for criterion in VETOES:
        case.writer.add(said, case.held(criterion.name) & (said == ""), f"reason.{criterion.name}")
    for name, words in case.words.items():
        said[case.vetoed_by(name) & (said == "")] = words
    return said


def _no_horizon(case: Case, said: Texts, here: Flags) -> None:
    """None because the chance stays high, and none because too little is known, are different answers."""
    why = case.facts.from_stage("horizon_none")
    case.writer.add(said, here & (why == "chance_stays_high"), "card.end_never")
    case.writer.add(said, here & (why == "no_endings"), "card.end_no_endings")
    case.writer.add(said, here & (said == ""), "card.end_unknown")


def what_would_change(case: Case) -> Texts:
    """What would lead to another assessment."""
    said = case.writer.blank()
    progressing, stalled = case.where("verdict", "progressing"), case.where("verdict", "stalled")
    margin = progressing & (case.facts.stay_days > case.facts.patience_days)
    case.writer.add(said, margin, "change.margin")
    case.writer.add(said, progressing & ~margin, "change.progressing", on=case.stalls_at)
    ours = stalled & (case.deciding == "our_turn")
    case.writer.add(said, ours, "change.our_turn")
    case.writer.add(said, stalled & ~ours, "change.stalled")
    overdue, built_in = case.where("verdict", "overdue"), {criterion.name for criterion in CRITERIA}
    for name in ("preconditions_failed", "no_reaction", "no_urgency", "timing_never_right", "horizon_passed"):
        case.writer.add(said, overdue & (case.deciding == name), f"change.{name}")
    case.writer.add(said, overdue & ~np.isin(case.deciding, list(built_in)), "change.stalled")
    case.writer.add(said, case.where("verdict", "paused"), "change.paused")
    unreadable, gone = case.where("verdict", "undetermined"), case.facts.true("vanished")
    case.writer.add(said, unreadable & gone, "change.vanished")
    case.writer.add(said, unreadable & ~gone, "change.undetermined")
    return said


def proof(case: Case) -> Texts:
    """What became of the leads that stood as long as this one, in counts."""
    said = case.writer.blank()
    count, won = case.numbers("proof_at_risk_count"), case.numbers("proof_won_count")
    shown = (count > 0) & np.isfinite(case.numbers("chance"))
    columns = {
        "n": count,
        "stood": _stood(case),
        "won": won,
        "ended": case.numbers("proof_ended_count"),
        "open": case.numbers("proof_open_count"),
        "p": case.numbers("chance"),
        "q": case.numbers("chance_at_entry"),
    }
    case.writer.add(said, shown & (won > 0), "card.proof", **columns)
    case.writer.add(said, shown & (won == 0), "card.proof_none_won", **columns)
    case.writer.add(said, ~shown, "card.proof_missing")
    return said


def _stood(case: Case) -> Texts:
    """Which leads were counted: those of this stage, of similar ones, or all."""
    said = case.writer.blank()
    days, whole = case.numbers("proof_day"), case.quoted("stay_stage") == ""
    stages = case.facts.learned.stages
    rung = case.facts.from_stage("chance_basis" if "chance_basis" in stages.columns else "horizon_basis")
    begun = ~(days > 0)
    case.writer.add(said, begun & whole, "card.stood_lead_begun")
    case.writer.add(said, ~begun & whole, "card.stood_lead", d=days)
    for name in ("neighbours", "pipeline", "all"):
        case.writer.add(said, ~whole & (rung == name), f"card.stood_{name}", d=days)
    # Parked or moved back, a lead stands elsewhere than where its stay is counted: “here” would name the wrong stage.
    moved = (case.quoted("stay_stage") != case.quoted("stage")) & (said == "")
    case.writer.add(said, moved & ~begun, "card.stood_in", d=days, stage=case.quoted("stay_stage"))
    case.writer.add(said, moved & begun, "card.stood_in_begun", stage=case.quoted("stay_stage"))
    case.writer.add(said, begun & (said == ""), "card.stood_begun")
    case.writer.add(said, said == "", "card.stood", d=days)
    return said
