"""What a backtest gives: the past leads as judged then, and everything that can be counted of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from leadaudit.backtest import calibration as calibrating
from leadaudit.backtest.moments import DAY
from leadaudit.backtest.tallies import by_date, once, tally
from leadaudit.tables import VERDICTS

OURS = "overdue"
"""The name of our own proposals among the rules."""

RULE_WINDOW_DAYS = 2.0
"""An own ending rule is found where many end within two days (design 4.2); its endings are told by the same."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """Verdicts at past dates, and what became of the leads.

    Frames with a column ``at`` have rows per date, and rows without a date for all dates together,
    in which each lead counts once. Intervals are Wilson's (90 %, two-sided). Outcomes are those known at ``end``.

    Attributes
    ----------
    dates : DataFrame
        One row per date: ``at``, ``open_count``, ``unknown_count`` (status at the date unknown: left out),
        ``won_before_count``, ``won_cycle_days``, ``follow_up_days`` (seen before), ``history_days``,
        ``later_days`` (seen after). Empty where the history is too short.
    end : Timestamp
        First moment not known of the whole export.
    leads : DataFrame
        One row per date and lead open then: what was said of it, ``outcome`` (won, ended, open or
        unknown), ``outcome_at``, ``outcome_days`` and ``own_rule_days`` (day on which the client itself
        ends leads in this stage).
    reasons : DataFrame
        REASONS of all dates, with ``at``.
    flags : DataFrame
        Index of ``leads``: what each other rule would have flagged; missing where it could not be read.
    rule_limits : DataFrame
        ``at``, ``rule``, ``limit_days``: what the other rules compared with.
    criteria_lost : tuple of str
        Criteria that can be told today but could not at any of the dates, because what they read
        carries no date in the export.
    why_none : str
        Why there are no dates: ``too_few_wins``, ``no_history``, ``too_short``; ``""`` where there are.
    facts : mapping
        Numbers behind the choice of the dates.
    """

    dates: pd.DataFrame
    end: pd.Timestamp
    leads: pd.DataFrame
    reasons: pd.DataFrame
    flags: pd.DataFrame
    rule_limits: pd.DataFrame
    criteria_lost: tuple[str, ...] = ()
    why_none: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return len(self.dates) > 0

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """What became of each verdict: ``at``, ``verdict``, counts, shares and intervals, ``days_to_ending``."""
        there = [name for name in VERDICTS if (self.leads["verdict"] == name).any()]
        groups = [(name, self.leads[self.leads["verdict"] == name]) for name in there]
        return by_date(self.leads, groups, "verdict")

    @cached_property
    def criteria(self) -> pd.DataFrame:
        """The same per criterion that held, with its ``role``."""
        held = self.reasons[["at", "lead_id", "criterion", "role"]].merge(
            self.leads[["at", "lead_id", "outcome", "outcome_days"]], on=["at", "lead_id"]
        )
        groups = list(held.groupby(["role", "criterion"], sort=True))
        frame = by_date(self.leads, [(f"{role}|{name}", group) for (role, name), group in groups], "criterion")
        parts = frame["criterion"].str.split("|", n=1)
        return frame.assign(criterion=parts.str[1], role=parts.str[0])

    @cached_property
    def baselines(self) -> pd.DataFrame:
        """Our proposals and the rules of CRMs on the same leads.

        ``at``, ``rule``, ``limit_days``, the counts of :attr:`verdicts`, and ``caught_count``,
        ``not_won_count`` and ``caught_share``: of the leads not won by the end, those that were flagged.
        """
        flagged = {OURS: (self.leads["verdict"] == OURS).to_numpy(bool)}
        flagged |= {str(rule): flag.fillna(value=False).to_numpy(bool) for rule, flag in self.flags.items()}
        frame = by_date(self.leads, [(rule, self.leads[mask]) for rule, mask in flagged.items()], "rule")
        frame = frame.merge(self.rule_limits, on=["at", "rule"], how="left").merge(self._not_won, on="at")
        caught = frame["ended_count"] + frame["open_count"]
        return frame.assign(
            caught_count=caught, caught_share=caught / frame["not_won_count"].where(frame["not_won_count"] > 0)
        )

    @cached_property
    def _not_won(self) -> pd.DataFrame:
        """Leads not won by the end, per date and in all (each lead once)."""
        rest = self.leads[self.leads["outcome"].isin(["ended", "open"])]
        counts = rest.groupby("at").size().reindex(self.dates["at"], fill_value=0)
        every = pd.DataFrame({"at": [pd.NaT], "not_won_count": [rest["lead_id"].nunique()]})
        frame = pd.DataFrame({"at": counts.index, "not_won_count": counts.to_numpy()})
        return pd.concat([frame, every.astype({"at": "datetime64[us]"})], ignore_index=True)

    @cached_property
    def calibration(self) -> pd.DataFrame:
        """Chance said and share won, in bins of equal count (:func:`leadaudit.backtest.calibration.calibration`)."""
        return calibrating.calibration(self.leads)

    @cached_property
    def _errors(self) -> tuple[float, float]:
        return calibrating.calibration_error(self.leads)

    @property
    def calibration_error(self) -> float:
        """Mean gap between said and observed; missing where there are too few leads."""
        return self._errors[0]

    @property
    def calibration_error_allowed(self) -> float:
        """95 % of the gaps lie below this if the chances are true."""
        return self._errors[1]

    @cached_property
    def proposals(self) -> pd.DataFrame:
        """Leads for which an ending was proposed, each at the first date at which it was."""
        return once(self.leads[self.leads["verdict"] == OURS]).reset_index(drop=True)

    @cached_property
    def false_endings(self) -> pd.DataFrame:
        """Proposals that were won later: what was said of them then, when they were won."""
        columns = [
            "at",
            "lead_id",
            "pipeline",
            "stage",
            "stay_days",
            "patience_days",
            "horizon_days",
            "chance",
            "chance_at_entry",
            "reasons",
            "outcome_at",
            "outcome_days",
        ]
        return self.proposals.loc[self.proposals["outcome"] == "won", columns].reset_index(drop=True)

    @cached_property
    def freed(self) -> pd.DataFrame:
        """Lead-days that endings at the dates would have freed, of leads not won later.

        ``at``, ``leads_count``, ``days``: from the date to the client's own ending, or to ``end`` where the
        lead is still open. The row without a date counts each lead once, from its first proposal.
        """
        due = self.leads[(self.leads["verdict"] == OURS) & self.leads["outcome"].isin(["ended", "open"])]
        days = due["outcome_days"].where(due["outcome"] == "ended", (self.end - due["at"]) / DAY)
        due = due.assign(days=days.fillna(0.0))
        rows = [
            {
                "at": at,
                "leads_count": int((due["at"] == at).sum()),
                "days": float(due.loc[due["at"] == at, "days"].sum()),
            }
            for at in self.dates["at"]
        ]
        first = once(due)
        rows.append({"at": pd.NaT, "leads_count": len(first), "days": float(first["days"].sum())})
        return pd.DataFrame(rows).astype({"at": "datetime64[us]"})

    @property
    def lead_days_freed(self) -> float:
        """Lead-days freed in all, each lead from its first proposal; missing without dates."""
        return float(self.freed["days"].iloc[-1]) if self else float("nan")

    @cached_property
    def confirmed(self) -> Mapping[str, Any]:
        """The proposals in numbers: the counts of :attr:`verdicts` and ``by_rule_count``.

        ``by_rule_count``: confirmed endings that came on the day (or within two) on which the client ends leads of
        this stage anyway, by a fixed rule of its own. They prove nothing.
        """
        said = self.proposals
        apart = (said["stay_days"] + said["outcome_days"] - said["own_rule_days"]).abs()
        by_rule = (said["outcome"] == "ended") & (apart <= RULE_WINDOW_DAYS)
        return {**tally(said), "by_rule_count": int(by_rule.sum())}

    @cached_property
    def others(self) -> Mapping[str, Any]:
        """The same counts of the open leads for which no ending was ever proposed."""
        rest = self.leads[~self.leads["lead_id"].isin(self.proposals["lead_id"])]
        return tally(once(rest))

    def __repr__(self) -> str:
        """Dates and proposals in one line."""
        if not self:
            return f"<Backtest: no dates, {self.why_none}>"
        said = self.confirmed
        days = ", ".join(f"{at:%Y-%m-%d}" for at in self.dates["at"])
        return f"<Backtest at {days}: {said['leads_count']} proposals, {said['ended_count']} ended, {said['won_count']} won, {said['open_count']} open>"
