"""Who contacts whom, when, and what comes of it: the activities of all lives.

Contacts follow from the life and from the seller: a pushing seller writes more and closer
together, an absent one hardly; a lead answers as its readiness lets it, a quiet one comes by
itself when it is ready, a stuck one answers politely and decides nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from leadaudit.simulate.lives import GHOSTED, STUCK, WON, Flags, Floats, Ints, Lives
from leadaudit.simulate.office import in_office, whole
from leadaudit.simulate.pipeline import ABSENT, PUSHING, TACTFUL

KINDS = ("email", "call", "meeting", "note", "task", "content", "form")
EMAIL, CALL, MEETING, NOTE, TASK, CONTENT, FORM = range(len(KINDS))
DIRECTIONS = ("outbound", "inbound", "mutual", "internal")
OUTBOUND, INBOUND, MUTUAL, INTERNAL = range(len(DIRECTIONS))
TOPICS = (
    "first_enquiry", "offer_contact", "follow_up", "answer", "own_question", "call_out", "call_in", "meeting", "early_meeting",
    "note", "material", "refusal", "acceptance", "newsletter", "task",
)  # fmt: skip
OUTCOMES = ("", "reached", "not_reached", "next_step_agreed", "maybe", "no_result", "cancelled")

OUT_DAYS = np.array([7.5, 13.0, 27.0])
"""Days between two contacts of ours in the usual course of things, by style."""

MISSED_SHARE = 0.07
"""Contacts that nobody logged."""


def contacts(lives: Lives, horizon: float, weekday: int, rng: np.random.Generator) -> pd.DataFrame:
    """All contacts up to a moment: lead, time, kind, direction, topic, outcome (codes), done."""
    parts = [
        _openings(lives, rng), _usual_course(lives, horizon, rng), _decision_talks(lives, rng), _pushing(lives, rng),
        _after_silence(lives, rng), _early_talks(lives, rng), _own_initiative(lives, rng), _last_words(lives, rng),
        _second_lives(lives, rng),
    ]  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    rows = pd.concat([rows, _replies(rows, lives, rng)], ignore_index=True)
    rows = _in_office_hours(rows[rows["time"] < horizon], lives, weekday)
    rows = rows[rng.random(len(rows)) >= MISSED_SHARE]
    return rows.sort_values(["lead", "time"], kind="stable", ignore_index=True)


def _contact(
    lead: Ints, time: Floats, kind: Ints | int, direction: Ints | int, topic: str | Ints, outcome: Ints | int = 0
) -> pd.DataFrame:
    code = TOPICS.index(topic) if isinstance(topic, str) else topic
    columns = {"lead": lead, "time": time, "kind": kind, "direction": direction, "topic": code, "outcome": outcome}
    return pd.DataFrame(columns).assign(done=True)


def _outbound(lead: Ints, time: Floats, reached: Flags, topic: str, rng: np.random.Generator) -> pd.DataFrame:
    """Mails and calls of ours; a call says whether somebody was reached, a mail that was answered gets a mail back."""
    call = rng.random(len(lead)) < 0.36
    kind = np.where(call, CALL, EMAIL)
    outcome = np.where(call, np.where(reached, OUTCOMES.index("reached"), OUTCOMES.index("not_reached")), 0)
    code = np.where(call, TOPICS.index("call_out"), TOPICS.index(topic))
    return _contact(lead, time, kind, OUTBOUND, code, outcome)


def _answers(
    sent: pd.DataFrame, reached: Flags, lag_days: Floats | float, end: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    time = sent["time"].to_numpy() + 0.05 + rng.exponential(1.3, len(sent)) * lag_days
    kept = reached & (sent["kind"].to_numpy() == EMAIL) & (time < end)
    return _contact(sent["lead"].to_numpy()[kept], time[kept], EMAIL, INBOUND, "answer")


def _replies(rows: pd.DataFrame, lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Our word on what they wrote; where it is lacking the lead waits for us."""
    asked = rows[rows["topic"].isin([TOPICS.index("answer"), TOPICS.index("own_question")])]
    lead = asked["lead"].to_numpy()
    style = lives.style[lead]
    time = asked["time"].to_numpy() + 0.03 + np.array([0.3, 0.6, 2.5])[style] * rng.exponential(1, len(lead))
    closed = np.where(np.isnan(lives.closed), np.inf, lives.closed)[lead]
    kept = (rng.random(len(lead)) < np.array([0.93, 0.93, 0.65])[style]) & (time < closed)
    kind = np.where(rng.random(len(lead)) < 0.25, CALL, EMAIL)
    outcome = np.where(kind == CALL, OUTCOMES.index("reached"), 0)
    topic = np.where(kind == CALL, TOPICS.index("call_out"), TOPICS.index("answer"))
    return _contact(lead[kept], time[kept], kind[kept], OUTBOUND, topic[kept], outcome[kept])


def _openings(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """How a lead begins: it writes to us or we to it; we answer soon, or late, or not."""
    lead = np.arange(lives.count)
    came = rng.random(lives.count) < np.where(lives.quiet, 0.9, np.array([0.8, 0.85, 0.5, 0.6, 0.0, 0.7])[lives.source])
    form = rng.random(lives.count) < 0.4
    first = _contact(lead[came], lives.created[came], np.where(form[came], FORM, EMAIL), INBOUND, "first_enquiry")
    ours = lives.created + np.where(came, np.array([0.15, 0.6, 3.5])[lives.style], 0.02) * (
        0.3 + rng.exponential(1, lives.count)
    )
    answered = rng.random(lives.count) < np.where(came, 0.75, 0.45)
    kept = (ours < lives.last_seen) & (rng.random(lives.count) < np.array([0.98, 0.95, 0.8])[lives.style])
    sent = _outbound(lead[kept], ours[kept], answered[kept], "offer_contact", rng)
    return pd.concat([first, sent, _answers(sent, answered[kept], 1.0, lives.last_seen[kept], rng)])


def _scattered(start: Floats, end: Floats, gap_days: Floats, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Random moments within spans: which span, when."""
    length = np.maximum(end - start, 0)
    which = np.repeat(np.arange(len(start)), rng.poisson(length / gap_days))
    return which, start[which] + rng.random(len(which)) * length[which]


def _standing(lives: Lives, horizon: float) -> pd.DataFrame:
    """Spans in which a lead stands in a stage and takes part: lead, rank, start, end, stuck."""
    lead, rank = np.nonzero(~np.isnan(lives.entered))
    start = lives.entered[lead, rank]
    last = np.where(np.isnan(lives.last_seen), horizon, lives.last_seen)
    end = np.where(np.isnan(lives.left[lead, rank]), last[lead], lives.left[lead, rank])
    stuck = (lives.end[lead] == STUCK) & (lives.end_stage[lead] == rank)
    # Talks with a stuck lead go on long after readiness has stopped growing.
    busy_until = np.fmin(lives.closed[lead], start + 60 + _busy_days(lives, lead))
    end = np.where(stuck, busy_until, end)
    on_hold = np.where(lives.pause_stage[lead] == rank, lives.paused[lead, 0], np.inf)
    frame = pd.DataFrame(
        {"lead": lead, "rank": rank, "start": start, "end": np.fmin(np.fmin(end, on_hold), horizon), "stuck": stuck}
    )
    return frame[frame["end"] > frame["start"]].reset_index(drop=True)


def _busy_days(lives: Lives, lead: Ints) -> Floats:
    """How long the talks with a stuck lead go on, in days: longer the better it seems to fit."""
    return 70 + 160 * lives.fit[lead]


def _usual_course(lives: Lives, horizon: float, rng: np.random.Generator) -> pd.DataFrame:
    spans = _standing(lives, horizon)
    lead = spans["lead"].to_numpy()
    stuck = spans["stuck"].to_numpy()
    quiet = lives.quiet[lead]
    gap = np.where(stuck, 6.5, np.where(quiet, 48.0, OUT_DAYS[lives.style[lead]]))
    which, time = _scattered(spans["start"].to_numpy(), spans["end"].to_numpy(), gap, rng)
    share = np.where(stuck, 0.62, np.where(quiet, 0.75, 0.68))[which]
    reached = rng.random(len(which)) < share
    end = spans["end"].to_numpy()[which]
    sent = _outbound(lead[which], time, reached, "follow_up", rng)
    slower = 1 + 0.25 * lives.pushes[lead[which], spans["rank"].to_numpy()[which]]
    parts = [sent, _answers(sent, reached, slower, end, rng)]
    which, time = _scattered(spans["start"].to_numpy(), spans["end"].to_numpy(), np.where(stuck, 22.0, 400.0), rng)
    outcome = rng.choice([OUTCOMES.index("no_result"), OUTCOMES.index("maybe")], len(which), p=[0.45, 0.55])
    parts.append(_contact(lead[which], time, MEETING, MUTUAL, "meeting", outcome))
    for gap_days, kind, topic, direction in (
        (60, NOTE, "note", INTERNAL),
        (70, TASK, "task", INTERNAL),
        (80, CONTENT, "material", OUTBOUND),
    ):
        often = np.where(stuck, 0.35, np.where(quiet, 3.0, 1.0)) * gap_days
        which, time = _scattered(spans["start"].to_numpy(), spans["end"].to_numpy(), often, rng)
        parts.append(_contact(lead[which], time, kind, direction, topic))
    return pd.concat(parts)


def _decision_talks(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """What precedes a decision: a conversation, or the lead's own word when it was quiet."""
    lead, rank = np.nonzero(~np.isnan(lives.left))
    before = lives.left[lead, rank] - rng.uniform(0.05, 2.5, len(lead))
    fits = before > lives.entered[lead, rank]
    drawn = rng.random(len(lead))
    talk = fits & (rank >= 1) & (drawn < np.where(lives.quiet[lead], 0.25, 0.6))
    own = fits & ~talk & (drawn > np.where(lives.quiet[lead], 0.32, 0.8))
    meeting = rng.random(len(lead)) < 0.6
    kind = np.where(meeting, MEETING, CALL)
    talks = _contact(lead[talk], before[talk], kind[talk], MUTUAL, "meeting", OUTCOMES.index("next_step_agreed"))
    call = rng.random(len(lead)) < 0.3
    came = _contact(lead[own], before[own], np.where(call, CALL, EMAIL)[own], INBOUND, "own_question")
    return pd.concat([talks, came])


def _pushing(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Streaks of contacts that nobody answers, each gap shorter than the one before."""
    lead, rank = np.nonzero(lives.pushes > 0)
    pushes = lives.pushes[lead, rank]
    end = np.where(np.isnan(lives.left[lead, rank]), lives.last_seen[lead], lives.left[lead, rank])
    start = lives.entered[lead, rank]
    return _streaks(lead, start + 0.2 * (end - start), 0.7 * (end - start), pushes, 0.8, rng)


def _streaks(
    lead: Ints, start: Floats, length: Floats, contacts_count: Ints, ratio: float, rng: np.random.Generator
) -> pd.DataFrame:
    which = np.repeat(np.arange(len(lead)), contacts_count)
    turn = np.arange(len(which)) - np.repeat(np.cumsum(contacts_count) - contacts_count, contacts_count)
    whole = 1 - ratio ** contacts_count[which]
    time = start[which] + length[which] * (1 - ratio**turn) / whole + rng.uniform(0, 0.3, len(which))
    return _outbound(lead[which], time, np.zeros(len(which), dtype=bool), "follow_up", rng)


def _after_silence(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """What sellers do once nothing comes back any more."""
    lead = np.nonzero(lives.end == GHOSTED)[0]
    style = lives.style[lead]
    number = 1 + rng.poisson(np.array([6.0, 2.0, 0.6])[style])
    gap = np.array([5.0, 16.0, 30.0])[style]
    until = np.where(np.isnan(lives.closed[lead]), np.inf, lives.closed[lead]) - lives.over[lead]
    length = np.minimum(gap * number, 0.9 * until)
    ratio = {PUSHING: 0.85, TACTFUL: 1.25, ABSENT: 1.1}
    parts = [
        _streaks(
            lead[style == s], lives.over[lead][style == s] + 2, length[style == s], number[style == s], ratio[s], rng
        )
        for s in ratio
    ]
    return pd.concat(parts)


def _early_talks(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Conversations held before there was readiness: they end in a maybe."""
    lead = np.nonzero(lives.early)[0]
    time = lives.created[lead] + rng.uniform(0.2, 4, len(lead))
    kept = time < lives.last_seen[lead]
    outcome = np.where(rng.random(len(lead)) < 0.8, OUTCOMES.index("maybe"), OUTCOMES.index("no_result"))
    return _contact(lead[kept], time[kept], MEETING, MUTUAL, "early_meeting", outcome[kept])


def _own_initiative(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Questions that leads ask by themselves."""
    end = np.where(np.isnan(lives.last_seen), lives.created, lives.last_seen)
    which, time = _scattered(lives.created, end, np.where(lives.quiet, 55.0, 75.0), rng)
    return _contact(which, time, EMAIL, INBOUND, "own_question")


def _last_words(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """The mail that says yes or no."""
    told = np.nonzero(np.isin(lives.closing, (0, 2)) & (rng.random(lives.count) < 0.85))[0]
    won = lives.end[told] == WON
    topic = np.where(won, TOPICS.index("acceptance"), TOPICS.index("refusal"))
    return _contact(told, lives.closed[told] - rng.uniform(0.01, 0.03, len(told)), EMAIL, INBOUND, topic)


def _second_lives(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    lead = np.nonzero(~np.isnan(lives.reopened))[0]
    back = _contact(lead, lives.reopened[lead] - 0.02, EMAIL, INBOUND, "own_question")
    which, time = _scattered(lives.reopened[lead], lives.closed_again[lead], np.full(len(lead), 9.0), rng)
    reached = rng.random(len(which)) < 0.6
    sent = _outbound(lead[which], time, reached, "follow_up", rng)
    return pd.concat([back, sent, _answers(sent, reached, 1.0, lives.closed_again[lead[which]], rng)])


def _in_office_hours(rows: pd.DataFrame, lives: Lives, weekday: int) -> pd.DataFrame:
    """Bring contacts into working time, as the lives were."""
    worked = in_office(rows["time"].to_numpy(), lives.created[rows["lead"]], weekday)
    return rows.assign(time=whole(worked, 1440))
