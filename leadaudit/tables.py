"""The tables: columns, types, units and meaning, in the order in which data walks through them.

Readers, simulator and tests produce exactly :data:`LEADS`, :data:`ACTIVITIES` and
:data:`CHANGES`; everything after them is derived. Timestamps are naive, in the project's time
zone; durations are fractional days; shares and chances lie between 0 and 1. A missing value is
``NA``/``NaT``/``NaN``, never 0 and never an empty text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "time", "number", "count", "flag"]

PANDAS_DTYPE: dict[Kind, str] = {
    "text": "str",
    "time": "datetime64[us]",
    "number": "float64",
    "count": "Int64",
    "flag": "boolean",
}
DUCKDB_TYPE: dict[Kind, str] = {
    "text": "VARCHAR",
    "time": "TIMESTAMP",
    "number": "DOUBLE",
    "count": "BIGINT",
    "flag": "BOOLEAN",
}


@dataclass(frozen=True)
class Column:
    """One column: its kind (which fixes the dtype), meaning with unit, and whether it may be missing."""

    kind: Kind
    meaning: str
    required: bool = False


Table = dict[str, Column]

# ------------------------------------------------------------------ what a CRM gives us

LEADS: Table = {
    "lead_id": Column("text", "identifies the lead; unique", required=True),
    "name": Column("text", "what the CRM calls the lead"),
    "company": Column("text", "the company behind it"),
    "owner": Column("text", "the person in charge"),
    "source": Column("text", "where the lead came from"),
    "pipeline": Column("text", "the pipeline; the key of a stage is (pipeline, stage)"),
    "stage": Column("text", "the stage as exported"),
    "status": Column("text", "open, paused, won or lost"),
    "amount": Column("number", "value in `currency` (base-currency column preferred)"),
    "currency": Column("text", "ISO code; values are never added across currencies"),
    "probability": Column("number", "the CRM's own chance of winning, 0-1"),
    "created_at": Column("time", "when the lead came into being"),
    "stage_entered_at": Column("time", "when the current stage was entered"),
    "last_activity_at": Column("time", "the CRM's own last activity"),
    "next_step": Column("text", "what is planned next, in the seller's words"),
    "next_step_at": Column("time", "when it is planned"),
    "expected_close_at": Column("time", "the date set for the decision"),
    "closed_at": Column("time", "when it was won or lost"),
    "lost_reason": Column("text", "why it ended"),
    "paused_until": Column("time", "resumption date of a pause"),
}
"""One row per lead. Further columns of the export follow under their own headers, as text."""

ACTIVITIES: Table = {
    "lead_id": Column("text", "the lead it belongs to", required=True),
    "at": Column("time", "when it happened or is planned", required=True),
    "kind": Column("text", "email, call, meeting, note, task, content, offer, form or other"),
    "direction": Column("text", "outbound, inbound, mutual, internal or unknown"),
    "subject": Column("text", "subject line or title"),
    "outcome": Column("text", "what came of it, in the CRM's words"),
    "by": Column("text", "who did it"),
    "done": Column("flag", "false = planned (or cancelled); missing counts as done when dated before as_of"),
}
"""One row per dated contact or piece of work."""

CHANGES: Table = {
    "lead_id": Column("text", "the lead it belongs to", required=True),
    "at": Column("time", "when the field changed", required=True),
    "field": Column("text", "stage, status, expected_close_at, owner, amount, next_step, next_step_at, or a header"),
    "before": Column("text", "value before; missing = unknown or none"),
    "after": Column("text", "value after"),
    "pipeline": Column("text", "pipeline of `after` for stage changes; missing = the lead's own"),
    "by": Column("text", "who changed it"),
    "at_uncertainty_days": Column(
        "number", "days within which the change happened before `at` (dated exports); 0 = exact"
    ),
    "seq": Column("count", "order among equal timestamps of a lead, oldest first; set by ingest"),
}
"""One row per dated change of a field. The first stage a lead was seen in is a change without `before`."""

ISSUES: Table = {
    "file": Column("text", "file name, without its folder"),
    "sheet": Column("text", "sheet of a workbook"),
    "row": Column("count", "line of the file (header = its own line); missing = the whole file or column"),
    "column": Column("text", "header in the file"),
    "value": Column("text", "the value found, shortened; missing where it could be private"),
    "code": Column("text", "what is wrong, a key of language/issues", required=True),
    "severity": Column("text", "error (row set aside), warning (value lost) or note"),
    "count": Column("count", "how many rows or values the issue stands for"),
}

# ------------------------------------------------------------------ what the ledger makes of it

EVENTS: Table = {
    "lead_id": Column("text", "the lead", required=True),
    "at": Column("time", "when", required=True),
    "seq": Column("count", "order among equal timestamps of a lead"),
    "sort": Column("text", "movement, response, progress, setback or neutral (pauses, owner changes, planned)"),
    "what": Column("text", "created, stage, won, ended, reopened, paused, resumed, decided, or an activity's kind"),
    "origin": Column("text", "lead, change or activity"),
    "pipeline": Column("text", "pipeline after the event"),
    "stage": Column("text", "stage after the event"),
    "direction": Column("text", "of an activity"),
    "bulk": Column("flag", "part of an import or clean-up, or an automatic mailing"),
}
"""The ledger: one row per event of a lead before as_of."""

MILESTONES: Table = {
    "lead_id": Column("text", "the lead", required=True),
    "at": Column("time", "when; missing where an ending has no date", required=True),
    "seq": Column("count", "order among equal timestamps of a lead"),
    "what": Column("text", "created, progress, won, ended, reopened, paused, resumed or vanished"),
    "pipeline": Column("text", "pipeline after the milestone"),
    "stage": Column("text", "stage that the lead stands in afterwards; missing after won and ended"),
    "life": Column("count", "0 for the first life of a lead, +1 at each reopening"),
    "known": Column("flag", "false where the true date is earlier and unknown (history began later)"),
    "counts": Column("flag", "false for an ending as duplicate, test or wrong entry: censored"),
    "bulk": Column("flag", "part of an import or clean-up (an ending may be)"),
    "movement_count": Column("count", "movement since the milestone before"),
    "observed_at": Column(
        "time", "when observation of the stay that begins here started, where later than `at` (delayed entry)"
    ),
}
"""The part of the ledger that stays are made of; sorted by lead, time, seq."""

STREAKS: Table = {
    "lead_id": Column("text", "the lead", required=True),
    "streak_count": Column("count", "unanswered contact days in a row reached", required=True),
    "at": Column("time", "the day on which that many were reached"),
}
"""One row per unanswered contact day: how long the streak had become by then."""

# ------------------------------------------------------------------ what the judgement needs

STAYS: Table = {
    "lead_id": Column("text", "the lead", required=True),
    "life": Column("count", "life of the lead in which the stay lies"),
    "pipeline": Column("text", "pipeline of the stay"),
    "stage": Column("text", "stage of the stay; missing = the whole lead in its pipeline (no history)"),
    "started_at": Column("time", "last progress or creation", required=True),
    "entered_days": Column("number", "age in days at which observation begins (delayed entry); 0 = from the start"),
    "stay_days": Column("number", "length in days, valid pauses not counted"),
    "end": Column("text", "progress, won, ended, open or censored"),
    "outcome": Column("text", "what became of the lead in the end: won, ended or open (censored)"),
    "outcome_days": Column("number", "days from the stay's start to that outcome, or to as_of; pauses not counted"),
    "movement_count": Column("count", "movement within the stay"),
}
"""One row per stay: the unit that statistics are made of."""

STAGES: Table = {
    "pipeline": Column("text", "pipeline"),
    "stage": Column("text", "stage; missing = the whole lead (no history)"),
    "kind": Column("text", "open, decision, paused, won or ended"),
    "rank": Column("count", "position in the process"),
    "stays_count": Column("count", "stays seen here"),
    "leads_count": Column("count", "leads seen here"),
    "won_count": Column("count", "of these leads won in the end"),
    "open_count": Column("count", "open leads standing here now (by the stage of their last progress)"),
    "chance_at_entry": Column("number", "chance of being won in the end on entering"),
    "patience_days": Column("number", "how long a stay may last and still be normal"),
    "patience_basis": Column("text", "stage, neighbours, pipeline, all, default or process"),
    "patience_count": Column("count", "stays of won leads behind it"),
    "horizon_days": Column("number", "first day on which the chance is practically gone; missing = none"),
    "horizon_basis": Column("text", "stage, neighbours, pipeline, all or process; missing = none"),
    "horizon_count": Column("count", "stays behind it"),
    "horizon_none": Column("text", "why there is none: chance_stays_high, too_few, no_endings or not_learned"),
    "chance_limit": Column("number", "the limit that the upper bound was compared with"),
    "ending_rule_days": Column("number", "day on which the client itself ends; missing = no such rule"),
    "ending_rule_share": Column("number", "share of those at risk that it ends within two days"),
    "kept_won_share": Column("number", "chance of those kept beyond the rule"),
}
"""One row per (pipeline, stage): what the client's own history says."""

CURVES: Table = {
    "pipeline": Column("text", "pipeline"),
    "stage": Column("text", "stage; missing = the whole lead"),
    "day": Column("number", "landmark: the stay has lasted at least so many days"),
    "at_risk_count": Column("count", "stays that lasted at least so long"),
    "won_count": Column("count", "of their leads, won by as_of"),
    "ended_count": Column("count", "of their leads, ended by as_of"),
    "still_open_count": Column("count", "of their leads, still open at as_of"),
    "chance": Column("number", "Aalen-Johansen chance of being won in the end"),
    "chance_low": Column("number", "one-sided 90 % lower bound"),
    "chance_high": Column("number", "one-sided 90 % upper bound"),
}
"""The chance curve of each stage, one row per landmark."""

EVIDENCE: Table = {
    "lead_id": Column("text", "the lead", required=True),
    "pipeline": Column("text", "pipeline at as_of"),
    "stage": Column("text", "stage at as_of"),
    "stage_rank": Column("count", "its position in the process"),
    "status": Column("text", "open, paused, won or lost at as_of"),
    "vanished": Column("flag", "missing from the latest dated export"),
    "amount": Column("number", "value"),
    "currency": Column("text", "currency of the value"),
    "created_at": Column("time", "creation"),
    "age_days": Column("number", "as_of - creation"),
    "life": Column("count", "0 = never reopened"),
    "life_started_at": Column("time", "creation or last reopening"),
    "last_progress_at": Column("time", "last progress of this life; missing = none since it began"),
    "last_progress_what": Column("text", "stage, decided, precondition or inbound"),
    "stay_started_at": Column("time", "last progress, else start of life"),
    "stay_stage": Column("text", "stage whose statistics apply: that of the last progress"),
    "stay_days": Column("number", "as_of - stay_started_at, valid pauses not counted"),
    "stay_origin": Column("text", "history, stage_entered_at, created_at or unknown"),
    "movement_count": Column("count", "movement since the last progress"),
    "response_count": Column("count", "responses since the last progress"),
    "conversation_count": Column("count", "held calls (answered or mutual) and meetings since the last progress"),
    "life_response_count": Column("count", "responses in this life"),
    "came_itself": Column("flag", "the first contact of this life was inbound"),
    "last_contact_at": Column("time", "last done outbound, inbound or mutual contact"),
    "last_contact_direction": Column("text", "its direction"),
    "last_activity_at": Column("time", "last done activity of any direction"),
    "last_response_at": Column("time", "last response"),
    "unanswered_count": Column("count", "outbound mail and call days since the last response"),
    "unanswered_since_at": Column("time", "first of them"),
    "cadence_ratio": Column("number", "median of the last 3 outbound gaps / median of the earlier ones"),
    "setback_count": Column("count", "moves back in this life"),
    "loop_count": Column("count", "A-B-A moves since the last progress"),
    "postponed_count": Column("count", "days on which the expected close was moved later, since the last progress"),
    "postponed_days": Column("number", "sum of these delays"),
    "pause_count": Column("count", "pauses in this life"),
    "pauses_over_count": Column("count", "pauses that ran out after contact without progress"),
    "pause_started_at": Column("time", "start of the current pause"),
    "paused_until": Column("time", "its resumption date"),
    "pause_moved_count": Column("count", "how often that date was moved"),
    "next_step": Column("text", "next step as written"),
    "next_step_at": Column("time", "its date"),
    "next_step_set_at": Column("time", "when it was set, where known"),
    "next_step_moved_count": Column("count", "how often its date was moved"),
    "next_step_concrete": Column("flag", "names a decision, question or agreed date; not just 'follow up'"),
    "meeting_planned_at": Column("time", "next planned meeting with the other side"),
    "meeting_planned_set_at": Column("time", "when it was set, where known"),
    "expected_close_at": Column("time", "decision date set"),
    "our_turn": Column("flag", "the last real contact was inbound, or the stage waits for us"),
    "our_turn_since_at": Column("time", "since when"),
    "asked_at": Column("time", "first inbound contact that `answered_at` answers; missing while it is our turn"),
    "answered_at": Column("time", "our first contact after it, where no response followed"),
    "no_interest": Column("flag", "an unsubscribe or 'no interest' came after the last progress"),
    "urgency_absent": Column("flag", "mapped fields say there is no date, budget or need"),
    "preconditions_failed": Column("text", "preconditions known to fail, joined by |"),
    "preconditions_unknown": Column("text", "preconditions not known, joined by |"),
    "preconditions_known_count": Column("count", "preconditions known, good or bad"),
    "evidence": Column("text", "letters that this lead has, e.g. HE"),
}
"""One row per lead as of a moment: the facts that verdicts are made from."""

# ------------------------------------------------------------------ what the judgement gives

REASONS: Table = {
    "lead_id": Column("text", "the lead", required=True),
    "criterion": Column("text", "name of the criterion", required=True),
    "role": Column("text", "ending, veto, stall, flag or shade"),
    "observed": Column("number", "observed value"),
    "limit": Column("number", "the limit it was compared with"),
    "unit": Column("text", "days, count, share or empty"),
    "basis": Column("text", "stage, neighbours, pipeline, all, default, process or observed"),
    "inferred": Column("flag", "false = observed"),
    "since_at": Column("time", "since when it holds, where known"),
    "detail": Column("text", "e.g. the precondition's name"),
}
"""One row per criterion that held for an open lead: all reasons are kept."""

JUDGED: Table = {
    "verdict": Column("text", "progressing, stalled, overdue, paused, ended or undetermined", required=True),
    "shade": Column("text", "advancing, maturing or decision_scheduled (progressing only)"),
    "reasons": Column("text", "criteria that held, joined by |, the deciding one first"),
    "borderline": Column("flag", "flips with patience and horizon at -25 % or +25 %"),
    "patience_days": Column("number", "patience that was compared"),
    "horizon_days": Column("number", "horizon that was compared; missing = none"),
    "chance": Column("number", "chance of being won in the end, given stage and stay"),
    "chance_low": Column("number", "lower bound"),
    "chance_high": Column("number", "upper bound"),
    "chance_at_entry": Column("number", "chance when the stay began"),
    "proof_at_risk_count": Column("count", "stays that lasted as long as this one"),
    "proof_won_count": Column("count", "of their leads, won"),
    "proof_ended_count": Column("count", "of their leads, ended"),
    "proof_open_count": Column("count", "of their leads, still open"),
    "proof_day": Column("number", "landmark that these counts belong to"),
    "basis": Column("text", "rung of the thresholds: stage, neighbours, pipeline, all, default, process"),
    "overdue_since": Column("time", "when the first ending sign was met (overdue only)"),
    "end_on": Column("time", "day on which the horizon is or was reached, or the sign was met"),
    "end_criterion": Column("text", "the criterion behind end_on"),
    "next_step_code": Column("text", "decide, ask, impulse, answer, pause, resume, end or none"),
}
"""Columns that the judgement adds to EVIDENCE; together they are ``Audit.leads``."""

FINDINGS: Table = {
    "finding": Column("text", "id, e.g. overdue_share", required=True),
    "chapter": Column("text", "decision_points, endings, conversations, maturity, steering or trust", required=True),
    "principles": Column("text", "ids of the principles it shows, joined by |"),
    "grade": Column("text", "good, amber, red, neutral (no limit) or unreadable (something is absent)"),
    "value": Column("number", "the finding's number, in `unit`; missing = unreadable or undetermined"),
    "unit": Column("text", "share, days, count, ratio or empty"),
    "n": Column("count", "how many leads or events the value rests on"),
    "low": Column("number", "lower end of the interval"),
    "high": Column("number", "upper end of the interval"),
    "limit": Column("number", "limit that the grade was made with"),
    "basis": Column("text", "where the limit comes from: won (own won leads), pipeline, process, default or none"),
    "absent": Column("text", "evidence letters or columns that would be needed, joined by |"),
    "sentence": Column("text", "the result in one sentence, in the audit's language"),
    "recommendation": Column("text", "what to do, in the audit's language; empty where nothing is"),
    "leads": Column("text", "ids behind it, joined by |"),
    "table": Column("text", "JSON: further rows (per stage, per bin) that its picture or table is made of"),
}
"""One row per finding (:mod:`leadaudit.findings`)."""

LEADS_CSV: tuple[str, ...] = (
    "lead_id", "verdict", "shade", "reasons", "borderline", "stay_days", "patience_days", "horizon_days",
    "chance", "chance_low", "chance_high", "basis", "evidence", "overdue_since", "end_on", "end_criterion",
    "next_step_code", "pipeline", "stage", "status", "amount", "currency", "last_progress_at",
    "why_here", "missing", "next_step", "when_to_end",
)  # fmt: skip
"""Columns of ``leads.csv``, in order (design, section 5)."""

VERDICTS: tuple[str, ...] = ("progressing", "stalled", "overdue", "paused", "undetermined", "ended")
SHADES: tuple[str, ...] = ("advancing", "maturing", "decision_scheduled")
LETTERS: dict[str, str] = {
    "H": "stage history",
    "E": "activities with direction",
    "N": "next steps",
    "F": "field history",
}


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Give a frame exactly the dtypes of a table; absent columns become missing values.

    Parameters
    ----------
    frame : DataFrame
        Any columns; those that the table does not name are kept behind.
    table : dict of str to Column
        One of the tables of this module.

    Returns
    -------
    DataFrame
        A new frame: the table's columns in order, then the others.

    Examples
    --------
    >>> import pandas as pd
    >>> conform(pd.DataFrame({"lead_id": ["a"], "Budget": ["x"]}), LEADS).columns[-1]
    'Budget'
    """
    import pandas as pd

    columns = {name: _typed(frame, name, column.kind) for name, column in table.items()}
    others = {name: frame[name] for name in frame.columns if name not in table}
    return pd.DataFrame({**columns, **others}, index=frame.index, copy=False)


def _typed(frame: pd.DataFrame, name: str, kind: Kind) -> pd.Series:
    import pandas as pd

    if name not in frame.columns:
        return pd.Series(None, index=frame.index, dtype=PANDAS_DTYPE[kind])
    return frame[name].astype(PANDAS_DTYPE[kind])


def empty(table: Table) -> pd.DataFrame:
    """An empty frame with the columns and dtypes of a table."""
    import pandas as pd

    return conform(pd.DataFrame(), table)
