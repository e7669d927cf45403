"""What flips when patience and horizon are a quarter shorter or longer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.tables import VERDICTS
from leadaudit.verdict import verdicts_of

if TYPE_CHECKING:
    from leadaudit.criteria import Facts
    from leadaudit.judge import Judgement

SCALED = ("patience_days", "horizon_days")


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How much the verdicts hang on the thresholds.

    Attributes
    ----------
    share : float
        By which part patience and horizon were moved (0.25 = a quarter).
    verdicts : DataFrame
        Index of the judged leads; columns ``lower``, ``base``, ``higher``: the verdict at each setting.
    """

    share: float
    verdicts: pd.DataFrame

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Leads per verdict at ``lower``, ``base`` and ``higher``."""
        return {
            str(setting): {verdict: int((column == verdict).sum()) for verdict in VERDICTS}
            for setting, column in self.verdicts.items()
        }

    @property
    def borderline(self) -> pd.Series:
        """Leads whose verdict is another at one of the settings (bool, index of the judged leads)."""
        base = self.verdicts["base"]
        return (self.verdicts["lower"] != base) | (self.verdicts["higher"] != base)


def sensitivity(judgement: Judgement) -> Sensitivity:
    """Judge again with patience and horizon shorter and longer.

    Parameters
    ----------
    judgement : Judgement
        Its process says by which part (``limits.sensitivity_share``).

    Returns
    -------
    Sensitivity
    """
    share = judgement.facts.process.limits.sensitivity_share
    own = judgement.extra_criteria
    verdicts = {
        "lower": verdicts_of(scaled(judgement.facts, 1 - share), own),
        "base": judgement.leads["verdict"],
        "higher": verdicts_of(scaled(judgement.facts, 1 + share), own),
    }
    return Sensitivity(share, pd.DataFrame(verdicts, index=judgement.leads.index))


def scaled(facts: Facts, factor: float) -> Facts:
    """The same facts with every patience and horizon multiplied."""
    placed = facts.evidence.assign(**{name: facts.evidence[name] * factor for name in SCALED})
    stages = facts.learned.stages
    learned = replace(facts.learned, stages=stages.assign(**{name: stages[name] * factor for name in SCALED}))
    return replace(facts, evidence=placed, learned=learned)
