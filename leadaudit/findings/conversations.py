"""Conversations are precious: how early they come, what they decide, and how many end in a maybe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, apart, few, median_interval, wilson
from leadaudit.findings.reasons import is_about, says_something
from leadaudit.findings.track import DAY_US, NEVER_US, Numbers, Track
from leadaudit.findings.view import View

CLOSING_DAYS = 7
ANSWERS_COUNT = 2
ACTIVITIES_AND_TALKS = ("E", "conversations")


@dataclass(frozen=True)
class First:
    """The first conversation of each lead that had one.

    Attributes
    ----------
    lead_no, at_us : ndarray
    early : ndarray of bool
        Nothing had come from the other side before it.
    """

    lead_no: Numbers
    at_us: Numbers
    early: Numbers

    @classmethod
    def of(cls, view: View) -> First:
        """First conversations; one that the lead itself opened (an incoming call) is not early."""
        talks = view.conversations
        first = np.append(True, talks.lead_no[1:] != talks.lead_no[:-1])[: len(talks)]
        lead_no, at_us = talks.lead_no[first], talks.at_us[first]
        came = view.marked("inbound").count(lead_no, np.full(len(lead_no), -1), at_us)
        return cls(lead_no, at_us, came == 0)


def first_conversation(view: View) -> Result:
    """Days and contacts from creation to the first conversation; share of leads that begin with one."""
    first = First.of(view)
    known = view.created_us[first.lead_no] > 0
    lead_no, at_us = first.lead_no[known], first.at_us[known]
    if len(lead_no) < MIN_COUNT:
        return few(len(lead_no))
    # Contact often precedes the record; then the conversation came on day 0.
    days = np.maximum(at_us - view.created_us[lead_no], 0) / DAY_US
    contacts = view.marked("contact").count(lead_no, np.full(len(lead_no), -1), at_us - 1)
    begins = contacts == 0
    theirs = view.all["came_itself"].fillna(value=False).to_numpy(bool)[lead_no]
    facts = {"n": len(lead_no), "days": float(np.median(days)), "contacts": float(np.median(contacts)), "begins": int(begins.sum()),
             "share": float(begins.mean()), "theirs": int(theirs.sum())}  # fmt: skip
    low, high = wilson(int(begins.sum()), len(begins))
    table = [{"share_that_begins": float(begins.mean()), "low": low, "high": high, "came_itself": int(theirs.sum())}]
    spread = median_interval(days.tolist())
    return Result(float(np.median(days)), "neutral", len(days), *spread, facts=facts, table=table)


def early_conversation(view: View) -> Result:
    """Win share of decided leads whose first conversation was early against prepared; goes together with, causes nothing."""
    first = First.of(view)
    status = view.all["status"].to_numpy()[first.lead_no]
    before = first.at_us <= view.closed_us[first.lead_no]
    decided = np.isin(status, ["won", "lost"]) & before
    early, prepared = decided & first.early, decided & ~first.early
    fewest = int(min(early.sum(), prepared.sum()))
    if fewest < MIN_COUNT:
        return few(fewest)
    won = status == "won"
    counts = [(int((group & won).sum()), int(group.sum())) for group in (prepared, early)]
    low, high = apart(*counts[0], *counts[1])
    shares = [x / n for x, n in counts]
    facts: dict[str, Any] = {
        "prepared": shares[0],
        "early": shares[1],
        "n_prepared": counts[0][1],
        "n_early": counts[1][1],
    }
    table: list[Mapping[str, Any]] = []
    for name, (x, n) in zip(("prepared", "early"), counts, strict=True):
        ends = wilson(x, n)
        table.append({"first_conversation": name, "leads": n, "won": x, "low": ends[0], "high": ends[1]})
    # Graded only where the interval leaves no doubt of the direction.
    wording = "no_difference" if low <= 0 <= high else "reverse" if high < 0 else ""
    return Result(
        shares[0] - shares[1],
        "neutral",
        counts[0][1] + counts[1][1],
        low,
        high,
        wording=wording,
        facts=facts,
        table=table,
    )


def planned_conversations(view: View) -> Result:
    """Planned meetings of open leads: a decision is due, prepared, or too early."""
    planned = view.open[view.open["meeting_planned_at"] >= view.as_of]
    if planned.empty:
        return Result(None, "neutral", 0, wording="none")
    due = planned["next_step_code"].isin(["decide", "end"])
    prepared = ~due & (planned["life_response_count"].fillna(0) > 0)
    early = ~due & ~prepared
    facts = {"n": len(planned), "due": int(due.sum()), "prepared": int(prepared.sum()), "early": int(early.sum())}
    low, high = wilson(int(early.sum()), len(planned))
    table = [{"conversation": name, "count": facts[name]} for name in ("due", "prepared", "early")]
    leads = list(planned.loc[early, "lead_id"])
    return Result(float(early.mean()), "neutral", len(planned), low, high, facts=facts, leads=leads, table=table)


def maybe_share(view: View) -> Result:
    """Conversations without progress or an ending within the stage's patience / conversations; beside those of won leads."""
    talks = view.conversations
    patience = view.patience_us_at(talks.lead_no, talks.at_us)
    seen = (talks.at_us + patience <= view.as_of_us) & (talks.at_us <= view.closed_us[talks.lead_no])
    lead_no, at_us = talks.lead_no[seen], talks.at_us[seen]
    if len(lead_no) < MIN_COUNT:
        return few(len(lead_no))
    open_ended = view.settled.next_us(lead_no, at_us, or_then=True) > at_us + patience[seen]
    won = view.all["status"].eq("won").to_numpy()[lead_no]
    low, high = wilson(int(open_ended.sum()), len(lead_no))
    share = float(open_ended.mean())
    table = _maybe_early(view, lead_no, at_us, open_ended)
    facts = {"x": int(open_ended.sum()), "n": len(lead_no), "share": share, "won": None}
    if won.sum() < MIN_COUNT:
        return Result(share, "neutral", len(lead_no), low, high, wording="alone", facts=facts, table=table)
    limit = float(open_ended[won].mean())
    facts["won"] = limit
    grade: Grade = "amber" if low > limit else "good"
    return Result(share, grade, len(lead_no), low, high, limit, "won", facts=facts, table=table)


def _maybe_early(view: View, lead_no: Numbers, at_us: Numbers, open_ended: Numbers) -> list[Mapping[str, Any]]:
    """Maybes among first conversations that came early, and among all other ones."""
    first = First.of(view)
    key = dict(zip(first.lead_no.tolist(), zip(first.at_us.tolist(), first.early.tolist(), strict=True), strict=True))
    early = np.array(
        [key[lead][1] and key[lead][0] == at for lead, at in zip(lead_no.tolist(), at_us.tolist(), strict=True)],
        dtype=bool,
    )
    return [
        {"conversation": name, "count": int(group.sum()), "maybe": int((group & open_ended).sum())}
        for name, group in (("early", early), ("later", ~early))
    ]


def conversations_per_win(view: View) -> Result:
    """Conversations of won leads / wins, and of ended leads / endings."""
    number = view.all["lead_no"].to_numpy()
    held = view.conversations.count(number, np.full(len(number), -1), view.closed_us)
    won, ended = held[view.won["lead_no"]], held[view.ended["lead_no"]]
    if len(won) < MIN_COUNT:
        return few(len(won))
    total = int(won.sum() + ended.sum())
    per_ended = float(ended.mean()) if len(ended) else None
    facts = {
        "per_win": total / len(won),
        "own": float(won.mean()),
        "ended": per_ended,
        "n": len(won),
        "n_ended": len(ended),
    }
    return Result(
        total / len(won),
        "neutral",
        len(won),
        facts=facts,
        table=[{"group": "won", "mean": float(won.mean())}, {"group": "ended", "mean": per_ended}],
    )


def closing_conversations(view: View) -> Result:
    """Conversations followed by progress or an ending within 7 days / conversations; setbacks within 7 days."""
    talks = view.conversations
    seen = (talks.at_us + CLOSING_DAYS * DAY_US <= view.as_of_us) & (talks.at_us <= view.closed_us[talks.lead_no])
    lead_no, at_us = talks.lead_no[seen], talks.at_us[seen]
    if len(lead_no) < MIN_COUNT:
        return few(len(lead_no))
    until = at_us + CLOSING_DAYS * DAY_US
    closing = view.settled.next_us(lead_no, at_us, or_then=True) <= until
    back = _setbacks(view, lead_no, at_us, until)
    recorded, said = _outcomes(view)
    share = float(closing.mean())
    low, high = wilson(int(closing.sum()), len(closing))
    facts = {"x": int(closing.sum()), "n": len(closing), "share": share, "days": CLOSING_DAYS, "back": int(back.sum()),
             "recorded": recorded / said if said else None}  # fmt: skip
    return Result(
        share,
        "neutral",
        len(closing),
        low,
        high,
        facts=facts,
        table=[{"recorded": recorded, "held": said, "setbacks": int(back.sum())}],
    )


def _setbacks(view: View, lead_no: Numbers, at_us: Numbers, until_us: Numbers) -> Numbers:
    walked = view.audit.judgement.history.history.walked
    back = Track.of(walked.rows.lead_no[walked.setback].astype(np.int64), walked.rows.at_us[walked.setback])
    return back.count(lead_no, at_us, until_us) > 0


def _outcomes(view: View) -> tuple[int, int]:
    """Held meetings and answered calls with a recorded outcome, and all of them; counted where they live."""
    counted = view.audit.export.connection.sql(
        f"""SELECT count(*) FILTER (outcome IS NOT NULL) AS recorded, count(*) AS held FROM {view.audit.export.names["activities"]}
            WHERE kind IN ('meeting', 'call') AND direction IN ('mutual', 'inbound') AND coalesce(done, true) AND "at" < ?""",
        params=[view.as_of.to_pydatetime()],
    ).fetchall()
    return int(counted[0][0]), int(counted[0][1])


def answering_without_progress(view: View) -> Result:
    """Open leads that answered and were talked to since their last progress: reachable, not ready."""
    running = view.open
    if running.empty:
        return few(0)
    talked = (running["response_count"].fillna(0) >= ANSWERS_COUNT) & (running["conversation_count"].fillna(0) >= 1)
    late = talked & (running["stay_days"] > running["patience_days"])
    share = float(talked.mean())
    low, high = wilson(int(talked.sum()), len(running))
    facts = {"x": int(talked.sum()), "n": len(running), "share": share, "late": int(late.sum())}
    grade: Grade = "neutral" if talked.any() else "good"
    return Result(share, grade, len(running), low, high, facts=facts, leads=list(running.loc[talked, "lead_id"]))


def price_after_early_talk(view: View) -> Result:
    """Price or competitor among the reasons of ended leads, after early against prepared first conversations."""
    first = First.of(view)
    early = pd.Series(first.early, index=first.lead_no)
    ended = view.ended[says_something(view.ended["lost_reason"])]
    ended = ended[ended["lead_no"].isin(early.index)]
    was_early = early.reindex(ended["lead_no"]).to_numpy(bool)
    price = is_about(ended["lost_reason"], "price")
    n_early, n_prepared = int(was_early.sum()), int((~was_early).sum())
    if min(n_early, n_prepared) < MIN_COUNT:
        return few(min(n_early, n_prepared))
    x_early, x_prepared = int((price & was_early).sum()), int((price & ~was_early).sum())
    low, high = apart(x_early, n_early, x_prepared, n_prepared)
    facts = {
        "early": x_early / n_early,
        "prepared": x_prepared / n_prepared,
        "n_early": n_early,
        "n_prepared": n_prepared,
    }
    wording = "no_difference" if low <= 0 <= high else ""
    return Result(
        facts["early"] - facts["prepared"], "neutral", n_early + n_prepared, low, high, wording=wording, facts=facts
    )


def wins_without_conversation(view: View) -> Result:
    """Won leads without a recorded conversation / won leads."""
    won = view.won["lead_no"].to_numpy()
    if len(won) < MIN_COUNT:
        return few(len(won))
    without = (
        view.conversations.count(
            won, np.full(len(won), -1), np.where(view.closed_us[won] == NEVER_US, view.as_of_us, view.closed_us[won])
        )
        == 0
    )
    share = float(without.mean())
    low, high = wilson(int(without.sum()), len(won))
    facts = {"x": int(without.sum()), "n": len(won), "share": share}
    return Result(share, "neutral", len(won), low, high, facts=facts, leads=list(view.won.loc[without, "lead_id"]))


RULES: tuple[Rule, ...] = (
    Rule(
        "first_conversation",
        "conversations",
        ("C1",),
        (*ACTIVITIES_AND_TALKS, "created_at"),
        "days",
        first_conversation,
    ),
    Rule("early_conversation", "conversations", ("C2", "C7"), ACTIVITIES_AND_TALKS, "share", early_conversation),
    Rule("planned_conversations", "conversations", ("C7",), ("planned_meetings",), "share", planned_conversations),
    Rule("maybe_share", "conversations", ("C3",), ACTIVITIES_AND_TALKS, "share", maybe_share),
    Rule(
        "answering_without_progress",
        "conversations",
        ("C4",),
        ACTIVITIES_AND_TALKS,
        "share",
        answering_without_progress,
    ),
    Rule("conversations_per_win", "conversations", ("C5",), ACTIVITIES_AND_TALKS, "ratio", conversations_per_win),
    Rule("closing_conversations", "conversations", ("C6",), ACTIVITIES_AND_TALKS, "share", closing_conversations),
    Rule(
        "price_after_early_talk",
        "conversations",
        ("C8",),
        (*ACTIVITIES_AND_TALKS, "lost_reason"),
        "share",
        price_after_early_talk,
    ),
    Rule(
        "wins_without_conversation", "conversations", ("C9",), ACTIVITIES_AND_TALKS, "share", wins_without_conversation
    ),
)
