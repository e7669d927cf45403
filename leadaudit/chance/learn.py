"""Learning from the client's own history: chance, patience and horizon per stage.

Where a stage has too little history, its neighbours speak for it, then its pipeline, then
everything, and at last our defaults; the basis names the rung. What is counted does not depend
on limits; :meth:`Learned.under` reads the same counts under other ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.chance.horizon import fraction_learned
from leadaudit.chance.leaning import learned_count
from leadaudit.chance.stage_table import Chosen, curve_tables, stage_table, with_fixed
from leadaudit.chance.streaks import StreakCounts, count_streaks
from leadaudit.chance.units import Key, Numbered, Sources
from leadaudit.tables import CURVES, STAGES, STAYS, conform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadaudit.process import Process


@dataclass(frozen=True)
class Learned:
    """What the client's own history says, under the limits of a process.

    Attributes
    ----------
    stages : DataFrame
        STAGES, one row per (pipeline, stage) in the order of the process, and beside its columns
        ``chance_basis`` (rung of the curve), ``patience_learned_days`` and
        ``horizon_learned_days`` (also where the process overrides them), ``patience_young``
        (follow-up too short for slow winners), ``kept_from_days`` and ``kept_horizon_days``
        (for leads that the client kept beyond its own ending rule).
    curves : DataFrame
        CURVES, the chance curve that each stage is judged by; its chances lean
        (:mod:`leadaudit.chance.leaning`), its counts and bounds are those of its own cases.
    tails : DataFrame
        The same columns beyond the last landmark of each curve, where fewer leads are at risk than
        prove anything: the chances of leads that have stood so long.
    leaning_count : float
        Leads that an earlier landmark counts for in a chance.
    follow_up_days : float
        Longest time that any lead was followed: what "in the end" means.
    won_cycle_days : float
        Median days from creation to winning; missing without a win.
    stays_count, won_count : int
        Stays and won leads learned from.
    undated_count : int
        Leads left out because their ending has no date.
    unknown_age_count : int
        Stays left out because they began at an unknown date before the history.
    chance_fraction_share : float
        Part of the chance at entry below which it counts as practically gone, as large as this
        history allows (:func:`leadaudit.chance.horizon.fraction_learned`).
    streak_limit_count : int or None
        Smallest number of unanswered contacts after which the chance is practically gone.
    streak_none : str or None
        Why there is no such number: ``chance_stays_high``, ``too_few`` or ``not_learned``.
    streak_curve : DataFrame
        ``streak_count`` and the columns of CURVES from ``at_risk_count`` on.
    """

    as_of: pd.Timestamp
    stages: pd.DataFrame
    curves: pd.DataFrame
    tails: pd.DataFrame
    leaning_count: float
    follow_up_days: float
    won_cycle_days: float
    stays_count: int
    won_count: int
    undated_count: int
    unknown_age_count: int
    chance_fraction_share: float
    streak_limit_count: int | None
    streak_none: str | None
    streak_curve: pd.DataFrame
    _sources: Sources = field(repr=False)
    _streaks: StreakCounts = field(repr=False)
    _standing: dict[Key, dict[str, int]] = field(repr=False)

    def under(self, process: Process) -> Learned:
        """The same history read under the limits (and fixed thresholds) of another process.

        The order of the stages is that of the process that was learned under.
        """
        limits = process.limits
        chosen = Chosen.of(self._sources, self._sources.keys, limits)
        own = [choice.curve for choice in chosen if choice.curve is not None and choice.chance_rung == "stage"]
        fraction = fraction_learned(own, limits)
        count = learned_count(own)
        curves, tails = curve_tables(chosen, count, limits)
        streak_curve = self._streaks.curve(limits)
        streak_limit, streak_none = self._streaks.limit(streak_curve, limits, fraction)
        return replace(
            self,
            stages=stage_table(chosen, self._sources, self._standing, process, fraction),
            curves=curves,
            tails=tails,
            leaning_count=count,
            chance_fraction_share=fraction,
            streak_limit_count=streak_limit,
            streak_none=streak_none,
            streak_curve=streak_curve,
        )

    def fixed_by(self, process: Process) -> Learned:
        """The same, with the days that a process fixes beside those of the one that it was read under.

        Quicker than :meth:`under`, and the same where nothing but fixed days differs.
        """
        return replace(self, stages=with_fixed(self.stages, process))

    def of_unseen(self, key: Key, process: Process) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Stage row, curve and its tail for a (pipeline, stage) that neither history nor process knows."""
        chosen = Chosen.of(self._sources, [key], process.limits)
        stages = stage_table(chosen, self._sources, self._standing, process, self.chance_fraction_share)
        return stages, *curve_tables(chosen, self.leaning_count, process.limits)


def learn(
    stays: pd.DataFrame, process: Process, *, as_of: pd.Timestamp, streaks: pd.DataFrame | None = None
) -> Learned:
    """Learn chance, patience and horizon per stage.

    Parameters
    ----------
    stays : DataFrame
        STAYS (:func:`leadaudit.chance.stays`).
    process : Process
        Order of the stages, fixed thresholds, limits.
    as_of : Timestamp
        First moment not known.
    streaks : DataFrame, optional
        STREAKS; without it no limit for unanswered contacts is learned.

    Examples
    --------
    >>> import pandas as pd
    >>> from leadaudit.process import Process
    >>> learned = learn(pd.DataFrame(columns=["lead_id"]), Process(), as_of=pd.Timestamp("2024-01-01"))
    >>> learned.won_count, len(learned.stages), learned.streak_limit_count
    (0, 0, None)
    """
    stays = conform(stays, STAYS)
    undated = stays["outcome_days"].isna() | stays["stay_days"].isna()
    unknown_age = stays["entered_days"].isna() & ~undated
    numbered = Numbered.of(stays)
    usable, usable_numbers = stays, numbered
    if (undated | unknown_age).any():
        kept = (~undated & ~unknown_age).to_numpy()
        usable, usable_numbers = stays[kept], numbered.only(kept)
    sources = Sources.of(usable, usable_numbers, process, as_of)
    won = usable[usable["outcome"] == "won"]
    cycles = won.drop_duplicates("lead_id")["outcome_days"]
    bare = Learned(
        as_of=as_of,
        stages=conform(pd.DataFrame(), STAGES),
        curves=conform(pd.DataFrame(), CURVES),
        tails=conform(pd.DataFrame(), CURVES),
        leaning_count=0.0,
        follow_up_days=float(np.max(sources.followed_days, initial=0.0)),
        won_cycle_days=float(cycles.median()) if len(cycles) else np.nan,
        stays_count=len(usable),
        won_count=len(cycles),
        undated_count=int(stays.loc[undated, "lead_id"].nunique()),
        unknown_age_count=int(unknown_age.sum()),
        chance_fraction_share=process.limits.chance_fraction_share,
        streak_limit_count=None,
        streak_none="not_learned",
        streak_curve=pd.DataFrame(),
        _sources=sources,
        _streaks=count_streaks(streaks, usable, as_of),
        _standing=_standing(stays, numbered),
    )
    return bare.under(process)


def _standing(stays: pd.DataFrame, numbered: Numbered) -> dict[Key, dict[str, int]]:
    """Stays, leads, won leads and leads standing now per stage, those that cannot be learned from included."""
    code, keys, lead = numbered.code, numbered.keys, numbered.lead
    won = (stays["outcome"] == "won").to_numpy(dtype=bool)
    standing = ((stays["end"] == "open") & (stays["outcome"] == "open")).to_numpy(dtype=bool)
    size, both = len(keys), code * (int(lead.max(initial=-1)) + 1) + lead
    counts = {
        "stays_count": np.bincount(code, minlength=size),
        "leads_count": _distinct(both, code, size),
        "won_count": _distinct(both[won], code[won], size),
        "open_count": np.bincount(code[standing], minlength=size),
    }
    return {key: {name: int(column[place]) for name, column in counts.items()} for place, key in enumerate(keys)}


def _distinct(both: NDArray[np.intp], code: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """How many different leads there are per stage."""
    first = ~pd.Series(both).duplicated().to_numpy()
    return np.bincount(code[first], minlength=size)
