"""What holds for every lead whatever its facts: contacts, answers and time move verdicts in one direction only."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from criteria.leads import AS_OF, PROCESS, STAGE, Learned, Norms, ago, frame, lead, stages
from hypothesis import given, settings
from hypothesis import strategies as st

from leadaudit.criteria import Facts
from leadaudit.tables import VERDICTS
from leadaudit.verdict import decide, verdicts_of

LEADS_COUNT = 200
NOW = AS_OF - pd.Timedelta(minutes=1)

Lead = dict[str, Any]


class Draw:
    """Random leads whose facts fit together, from a seed that hypothesis chooses."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def maybe(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def days(self, most: float) -> float:
        """Often a limit or near one, else anything."""
        near = self.random.choice([5, 7, 14, 20, 21, 24, 24, 25, 30, 45, 60, 90]) + self.random.choice(
            [-0.01, 0, 0.01, 1]
        )
        return float(min(near if self.maybe(0.4) else self.random.uniform(0, most), most))

    def count(self, most: int) -> int:
        return self.random.randint(0, most)

    def lead(self) -> Lead:
        patience = float(self.random.choice([7, 20, 20, 30, 60]))
        stay = patience * self.random.uniform(0.9, 1.4) if self.maybe(0.5) else self.days(120)
        facts: Lead = {
            "stay_days": None if self.maybe(0.05) else stay,
            "patience_days": patience,
            "horizon_days": None if self.maybe(0.3) else float(self.random.choice([0, 5, 20, 24, 24, 60, 90])),
            "status": str(self.random.choice(["open", "open", "open", "open", "open", "paused", "lost"])),
            "vanished": self.maybe(0.03),
            "movement_count": self.count(9),
            "loop_count": self.count(2),
            "preconditions_failed": "Budget" if self.maybe(0.05) else None,
            "preconditions_unknown": "Budget" if self.maybe(0.3) else None,
            "no_interest": self.maybe(0.15),
            "urgency_absent": self.maybe(0.1),
            "pauses_over_count": self.count(2),
            "postponed_count": self.count(3),
            "postponed_days": self.days(60),
            "expected_close_at": ago(self.days(60) - 30) if self.maybe(0.5) else None,
            "stay_started_at": ago(stay),
        }
        return lead(**{**facts, **self.contacts(stay), **self.plans(), **self.pause()})

    def contacts(self, stay: float) -> Lead:
        reacted = self.days(150) if self.maybe(0.6) else None
        in_stay = reacted is not None and reacted <= stay
        facts: Lead = {
            "last_response_at": None if reacted is None else ago(reacted),
            "life_response_count": 0 if reacted is None else 1 + self.count(3),
            "response_count": 1 + self.count(2) if in_stay else 0,
            "came_itself": self.maybe(0.3),
            "our_turn": False,
            "unanswered_count": 0,
            "last_contact_at": None if reacted is None else ago(reacted),
            "last_activity_at": None if reacted is None else ago(reacted),
        }
        if reacted is not None and self.maybe(0.4):
            return {**facts, "our_turn": True, "our_turn_since_at": ago(reacted + self.days(20)), "by_stage": False}
        if self.maybe(0.5):
            span = self.days(reacted if reacted is not None else 60)
            last = self.random.uniform(0, span)
            facts |= {
                "unanswered_count": 1 + self.count(8),
                "unanswered_since_at": ago(span),
                "last_contact_at": ago(last),
                "last_activity_at": ago(last),
                "cadence_ratio": self.random.uniform(0, 2) if self.maybe(0.5) else None,
            }
            if reacted is not None and self.maybe(0.4):
                facts |= {"asked_at": ago(reacted + self.days(9)), "answered_at": ago(span)}
        if self.maybe(0.1):
            facts |= {"our_turn": True, "our_turn_since_at": ago(self.days(20)), "by_stage": True}
        return facts

    def plans(self) -> Lead:
        return {
            "next_step_at": ago(self.days(100) - 95) if self.maybe(0.4) else None,
            "next_step_concrete": self.maybe(0.7),
            "next_step_set_at": ago(self.days(30)) if self.maybe(0.6) else None,
            "next_step_moved_count": self.count(2),
            "meeting_planned_at": ago(-self.days(95) - 0.1) if self.maybe(0.2) else None,
            "meeting_planned_set_at": ago(self.days(30)) if self.maybe(0.6) else None,
        }

    def pause(self) -> Lead:
        if self.maybe(0.8):
            return {}
        return {
            "pause_started_at": ago(self.days(120)) if self.maybe(0.7) else None,
            "paused_until": ago(self.days(120) - 60) if self.maybe(0.6) else None,
            "pause_moved_count": self.count(2),
        }


def outbound(one: Lead, draw: Draw) -> Lead:
    """The same lead after a mail of ours, a minute before the audit."""
    first = not one["unanswered_count"]
    counted = first or draw.maybe(0.7)  # a second mail on the same day is the same contact day
    after = {
        **one,
        "movement_count": one["movement_count"] + 1,
        "last_contact_at": NOW,
        "last_activity_at": NOW,
        "last_contact_direction": "outbound",
        "unanswered_count": one["unanswered_count"] + counted,
        "unanswered_since_at": NOW if first else one["unanswered_since_at"],
        "cadence_ratio": draw.random.uniform(0, 2) if draw.maybe(0.5) else None,
    }
    if one["our_turn"] and not one.get("by_stage"):
        after |= {
            "our_turn": False,
            "our_turn_since_at": None,
            "asked_at": one["our_turn_since_at"],
            "answered_at": NOW,
        }
    return after


def response(one: Lead, draw: Draw) -> Lead:
    """The same lead after a reaction: a mail of theirs or a meeting that was held."""
    inbound = draw.maybe(0.5)
    after = {
        **one,
        "last_contact_at": NOW,
        "last_activity_at": NOW,
        "last_response_at": NOW,
        "last_contact_direction": "inbound" if inbound else "mutual",
        "response_count": one["response_count"] + 1,
        "life_response_count": one["life_response_count"] + 1,
        "movement_count": one["movement_count"] + draw.count(1),
        "unanswered_count": 0,
        "unanswered_since_at": None,
        "cadence_ratio": None,
        "asked_at": None,
        "answered_at": None,
    }
    if one.get("by_stage"):
        return after
    waiting = one["our_turn"]
    return {
        **after,
        "our_turn": inbound,
        "our_turn_since_at": (one["our_turn_since_at"] if waiting else NOW) if inbound else None,
    }


def facts_of(leads: list[Lead], draw: Draw, as_of: pd.Timestamp = AS_OF) -> Facts:
    """Facts under thresholds and letters that the seed chooses."""
    learned = Learned(
        streak_limit_count=None if draw.maybe(0.3) else 3 + draw.count(4),
        stages=stages({**STAGE, "horizon_days": None if draw.maybe(0.4) else float(draw.random.choice([5, 24, 60]))}),
    )
    norms = Norms(reaction_share=0.8 if draw.maybe(0.9) else 0.1, busy_limit_count=None if draw.maybe(0.3) else 4)
    letters = "HENF" if draw.maybe(0.8) else "HE"
    return Facts(frame(*leads), norms, learned, PROCESS, as_of, letters)


def moved(before: Facts, after: Facts, leads: list[Lead], start: set[str], never: str) -> list[Lead]:
    """Leads that went from one of these verdicts to one that they never may reach so."""
    was, became = verdicts_of(before), verdicts_of(after)
    wrong = (was.isin(start) & (became == never)).to_numpy()
    return [one for one, bad in zip(leads, wrong, strict=True) if bad]


seeds = given(st.integers(0, 2**32 - 1))
few = settings(max_examples=8)


@few
@seeds
def test_an_outbound_contact_never_improves_a_verdict(seed):
    """Stalled stays off progressing, overdue stays off stalled and progressing: activity decides nothing."""
    draw = Draw(seed)
    leads = [draw.lead() for _ in range(LEADS_COUNT)]
    before = facts_of(leads, draw)
    after = replace(before, evidence=frame(*[outbound(one, draw) for one in leads]))

    assert [] == moved(before, after, leads, {"stalled", "overdue"}, "progressing")
    assert [] == moved(before, after, leads, {"overdue"}, "stalled")


@few
@seeds
def test_a_response_lifts_overdue_at_most_to_stalled(seed):
    """An answer is no decision."""
    draw = Draw(seed)
    leads = [draw.lead() for _ in range(LEADS_COUNT)]
    before = facts_of(leads, draw)
    after = replace(before, evidence=frame(*[response(one, draw) for one in leads]))

    assert [] == moved(before, after, leads, {"overdue"}, "progressing")


@few
@seeds
def test_time_alone_never_makes_a_lead_progressing(seed):
    """With nothing new, a later moment turns neither stalled nor overdue into progressing.

    Not even where a client kept the lead beyond its own ending rule, and the horizon of the kept is another.
    """
    draw = Draw(seed)
    leads = [draw.lead() for _ in range(LEADS_COUNT)]
    before, days = facts_of(leads, draw), draw.days(9) if draw.maybe(0.5) else draw.days(100)
    later = AS_OF + pd.Timedelta(days=days)
    horizon = before.learned.stages["horizon_days"].iloc[0]
    waited = []
    for one in leads:
        kept = one["horizon_days"] == horizon and draw.maybe(0.5)
        stay = None if one["stay_days"] is None else one["stay_days"] + days
        meeting = one["meeting_planned_at"]
        gone = meeting is not None and meeting < later
        beyond = None if kept else one["horizon_days"]
        waited.append(
            {**one, "stay_days": stay, "horizon_days": beyond, "meeting_planned_at": None if gone else meeting}
        )
    after = replace(before, evidence=frame(*waited), as_of=later)

    assert [] == moved(before, after, leads, {"stalled", "overdue"}, "progressing")


@few
@seeds
def test_order_of_rows_and_further_columns_do_not_matter(seed):
    """The same leads in another order, with columns of the client's own, are judged the same."""
    draw = Draw(seed)
    leads = [{**draw.lead(), "lead_id": f"L-{number}"} for number in range(LEADS_COUNT)]
    before = facts_of(leads, draw)
    shuffled = before.evidence.iloc[draw.random.sample(range(LEADS_COUNT), LEADS_COUNT)].assign(Colour="blue")
    judged, reasons = decide(before)
    again, reasons_again = decide(replace(before, evidence=shuffled))

    columns = ["verdict", "shade", "reasons", "end_on", "end_criterion", "overdue_since", "next_step_code"]
    pd.testing.assert_frame_equal(
        judged.set_index("lead_id")[columns].sort_index(), again.set_index("lead_id")[columns].sort_index()
    )
    pd.testing.assert_frame_equal(_sorted(reasons), _sorted(reasons_again))


def _sorted(reasons: pd.DataFrame) -> pd.DataFrame:
    return reasons.sort_values(["lead_id", "criterion", "role"], ignore_index=True)


@few
@seeds
def test_shifting_everything_by_weeks_changes_nothing(seed):
    """Only working days depend on the calendar, and weeks have the same."""
    draw = Draw(seed)
    leads = [draw.lead() for _ in range(LEADS_COUNT)]
    before = facts_of(leads, draw)
    shift = pd.Timedelta(weeks=draw.random.randint(-60, 60))
    times = before.evidence.select_dtypes("datetime")
    shifted = before.evidence.assign(**{name: times[name] + shift for name in times})
    after = replace(before, evidence=shifted, as_of=AS_OF + shift)

    assert list(verdicts_of(before)) == list(verdicts_of(after))


@few
@seeds
def test_every_lead_has_exactly_one_verdict_that_its_reasons_bear_out(seed):
    """One of the six; what is stalled or overdue names the reason first, and it is among the reasons."""
    draw = Draw(seed)
    leads = [{**draw.lead(), "lead_id": f"L-{number}"} for number in range(LEADS_COUNT)]
    judged, reasons = decide(facts_of(leads, draw))
    first = reasons.drop_duplicates("lead_id").set_index("lead_id")["criterion"]
    decided = judged[judged["verdict"].isin(["stalled", "overdue", "paused"])].set_index("lead_id")

    assert judged["verdict"].isin(VERDICTS).all()
    assert judged["next_step_code"].notna().all()
    assert list(first.reindex(decided.index)) == list(decided["reasons"].str.partition("|")[0])
    assert (judged["shade"].notna() <= (judged["verdict"] == "progressing")).all()
    assert (judged["overdue_since"].dropna() <= AS_OF).all()
    assert set(reasons["lead_id"]).isdisjoint(judged.loc[judged["verdict"] == "ended", "lead_id"])


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_drawn_leads_reach_every_verdict(verdict):
    """The invariants are tested on leads of every kind."""
    draw = Draw(7)
    reached = verdicts_of(facts_of([draw.lead() for _ in range(600)], draw))

    assert (reached == verdict).sum() >= 5
