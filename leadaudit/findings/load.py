"""What the open leads tie up, and how long it takes to decide them all at today's pace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from leadaudit.audit import Audit

PACE_DAYS = 90
MONTH_DAYS = 30.4375


@dataclass(frozen=True)
class Load:
    """The open load at ``as_of``.

    Attributes
    ----------
    open_count : int
        Leads that are open or paused.
    days : float
        Lead-days: sum of their ages. Leads without a creation date are not in it (``unknown_count``).
    median_days : float
        Median age.
    decided_count : int
        Leads won or ended in the last 90 days.
    months : float
        Months until all open leads are decided at that pace; missing if none was.
    left_count, freed_days
        Leads that remain, and lead-days freed, if the proposed endings are carried out.
    months_after
        Months until the remaining ones are decided at that pace.
    """

    open_count: int
    days: float
    median_days: float
    unknown_count: int
    decided_count: int
    months: float
    left_count: int
    freed_days: float

    @classmethod
    def of(cls, audit: Audit) -> Load:
        """The load of an audit's open leads."""
        open_leads = audit.open_leads
        ages = open_leads["age_days"]
        overdue = open_leads["verdict"] == "overdue"
        closed_at = audit.export.leads()["closed_at"]
        decided = int((closed_at >= audit.as_of - pd.Timedelta(days=PACE_DAYS)).sum())
        pace = decided / PACE_DAYS * MONTH_DAYS
        return cls(
            open_count=len(open_leads),
            days=float(ages.sum()),
            median_days=float(ages.median()),
            unknown_count=int(ages.isna().sum()),
            decided_count=decided,
            months=len(open_leads) / pace if pace else float("nan"),
            left_count=int((~overdue).sum()),
            freed_days=float(ages[overdue].sum()),
        )

    @property
    def months_after(self) -> float:
        """Missing where none was decided or none is open."""
        return self.months * self.left_count / self.open_count if self.open_count else float("nan")
