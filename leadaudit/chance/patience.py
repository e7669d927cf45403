"""Patience: how long a stay may last and still be normal, by the client's own won leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadaudit.chance.landmarks import OPEN, WON, Risks, distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

FOLLOWED_LEAST_SHARE = 0.1
"""No won lead stands for more than ten: the tail of a young history is not blown up beyond that."""


@dataclass(frozen=True)
class WinnersStays:
    """Stays that ended in progress or winning, of leads later won: shortest first, with weights.

    A lead won after a long time is seen only if it came early enough: in a young history mostly
    fast winners are known. Each winner therefore counts for the leads that were not followed
    long enough to show the same (the weights that Aalen-Johansen gives it, too).
    """

    days: Numbers
    weight: Numbers

    def __len__(self) -> int:
        return len(self.days)

    def quantile(self, share: float) -> float:
        """Shortest stay that at least ``share`` of the (weighted) winners did not exceed.

        Examples
        --------
        >>> import numpy as np
        >>> WinnersStays(np.array([1.0, 2.0, 3.0, 9.0]), np.ones(4)).quantile(0.75)
        3.0
        """
        reached = np.cumsum(self.weight) / self.weight.sum()
        return float(self.days[min(int(np.searchsorted(reached, share - 1e-9)), len(self) - 1)])


def winners_stays(risks: Risks, moved_on: NDArray[np.bool_]) -> WinnersStays:
    """The stays that patience is made of.

    Parameters
    ----------
    risks : Risks
        Stays of one unit.
    moved_on : array of bool
        Which of them ended in progress or winning.
    """
    chosen = moved_on & (risks.outcome == WON)
    days = risks.stay[chosen]
    weight = 1 / np.maximum(_followed(risks, risks.outcome_days[chosen]), FOLLOWED_LEAST_SHARE)
    order = np.argsort(days, kind="stable")
    return WinnersStays(days[order], weight[order])


def _followed(risks: Risks, days: Numbers) -> Numbers:
    """Share of leads followed for at least so many days: Kaplan-Meier of being censored."""
    censored = distinct(risks.outcome_days[risks.outcome == OPEN])
    if not len(censored):
        return np.ones(len(days))
    ordered, entered = np.sort(risks.outcome_days), np.sort(risks.entered)
    # Leads that settled on the same day were still followed when it happened.
    settled = np.sort(risks.outcome_days[risks.outcome != OPEN])
    gone = np.searchsorted(ordered, censored, side="left")
    settled_then = np.searchsorted(settled, censored, "right") - np.searchsorted(settled, censored, "left")
    at_risk = np.searchsorted(entered, censored, side="right") - gone - settled_then
    leaving = np.searchsorted(ordered, censored, "right") - gone - settled_then
    kept = np.cumprod(1 - leaving / np.maximum(at_risk, leaving))
    before = np.searchsorted(censored, days, side="left")
    return np.append(1.0, kept)[before]
