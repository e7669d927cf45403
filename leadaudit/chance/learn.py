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

from leadaudit.chance.horizon import ending_rule, horizon
from leadaudit.chance.streaks import StreakCounts, count_streaks
from leadaudit.chance.units import RUNGS, Key, Rung, Sources, Unit, key_of
from leadaudit.process import Limits
from leadaudit.tables import CURVES, STAGES, STAYS, Column, Kind, conform

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadaudit.process import Process

    Speaks = Callable[[Unit, Limits], bool]

CURVE_NAMES = (
    "day",
    "at_risk_count",
    "won_count",
    "ended_count",
    "still_open_count",
    "chance",
    "chance_low",
    "chance_high",
)

BESIDE_STAGES: dict[str, Kind] = {
    "chance_basis": "text",
    "patience_learned_days": "number",
    "horizon_learned_days": "number",
    "patience_young": "flag",
    "kept_from_days": "number",
    "kept_horizon_days": "number",
}


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
        CURVES, the chance curve that each stage is judged by.
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
    streak_limit_count : int or None
        Smallest number of unanswered contacts after which the chance is practically gone.
    streak_curve : DataFrame
        ``streak_count`` and the columns of CURVES from ``at_risk_count`` on.
    """

    as_of: pd.Timestamp
    stages: pd.DataFrame
    curves: pd.DataFrame
    follow_up_days: float
    won_cycle_days: float
    stays_count: int
    won_count: int
    undated_count: int
    unknown_age_count: int
    streak_limit_count: int | None
    streak_curve: pd.DataFrame
    _sources: Sources = field(repr=False)
    _streaks: StreakCounts = field(repr=False)
    _standing: pd.DataFrame = field(repr=False)

    def under(self, process: Process) -> Learned:
        """The same history read under the limits (and fixed thresholds) of another process.

        The order of the stages is that of the process that was learned under.
        """
        limits = process.limits
        chosen = [_Chosen.of(self._sources, key, limits) for key in self._sources.keys]
        streak_curve = self._streaks.curve(limits)
        return replace(
            self,
            stages=_stages(chosen, self._sources, self._standing, process),
            curves=_curves(chosen, self._sources, limits),
            streak_limit_count=self._streaks.limit(streak_curve, limits),
            streak_curve=streak_curve,
        )

    def of_unseen(self, key: Key, process: Process) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Stage row and curve for a (pipeline, stage) that neither history nor process knows."""
        chosen = [_Chosen.of(self._sources, key, process.limits)]
        return _stages(chosen, self._sources, self._standing, process), _curves(chosen, self._sources, process.limits)


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
    usable = stays[~undated & ~unknown_age]
    sources = Sources.of(usable, process, as_of)
    won = usable[usable["outcome"] == "won"]
    cycles = won.drop_duplicates("lead_id")["outcome_days"]
    bare = Learned(
        as_of=as_of,
        stages=conform(pd.DataFrame(), STAGES),
        curves=conform(pd.DataFrame(), CURVES),
        follow_up_days=float(np.max(sources.followed_days, initial=0.0)),
        won_cycle_days=float(cycles.median()) if len(cycles) else np.nan,
        stays_count=len(usable),
        won_count=int(won["lead_id"].nunique()),
        undated_count=int(stays.loc[undated, "lead_id"].nunique()),
        unknown_age_count=int(unknown_age.sum()),
        streak_limit_count=None,
        streak_curve=pd.DataFrame(),
        _sources=sources,
        _streaks=count_streaks(streaks, usable, as_of),
        _standing=_standing(stays),
    )
    return bare.under(process)


def _standing(stays: pd.DataFrame) -> pd.DataFrame:
    """Stays, leads, won leads and leads standing now per stage, all leads counted."""
    keys = [stays["pipeline"].fillna(""), stays["stage"]]
    won = stays["lead_id"].where(stays["outcome"] == "won")
    current = (stays["end"] == "open") & (stays["outcome"] == "open")
    table = pd.DataFrame({"lead_id": stays["lead_id"], "won": won, "open": current})
    grouped = table.groupby(keys, dropna=False, sort=False)
    return grouped.agg(
        stays_count=("lead_id", "size"),
        leads_count=("lead_id", "nunique"),
        won_count=("won", "nunique"),
        open_count=("open", "sum"),
    )


@dataclass(frozen=True)
class _Chosen:
    """The units that a stage is judged by: one for the chance, one for patience."""

    key: Key
    chance_rung: Rung | None
    chance: Unit | None
    patience_rung: Rung | None
    patience: Unit | None

    @classmethod
    def of(cls, sources: Sources, key: Key, limits: Limits) -> _Chosen:
        chance = _first(sources, key, limits, _speaks_of_chance)
        patience = _first(sources, key, limits, _speaks_of_patience)
        return cls(key, *chance, *patience)


def _first(sources: Sources, key: Key, limits: Limits, speaks: Speaks) -> tuple[Rung | None, Unit | None]:
    for rung in RUNGS:
        unit = sources.unit(rung, key, limits.at_risk_min_count)
        if speaks(unit, limits):
            return rung, unit
    return None, None


def _speaks_of_chance(unit: Unit, limits: Limits) -> bool:
    return (
        unit.landmarks is not None
        and unit.won_count >= limits.wins_min_count
        and unit.follow_up_days >= limits.follow_up_cycles * unit.won_cycle_days
    )


def _speaks_of_patience(unit: Unit, limits: Limits) -> bool:
    return len(unit.winners) >= limits.patience_min_count


def _stages(chosen: list[_Chosen], sources: Sources, standing: pd.DataFrame, process: Process) -> pd.DataFrame:
    fixed = {(s.pipeline, s.name): (s.patience_days, s.horizon_days) for s in process.stages}
    counted = {
        key_of(*place): counts for place, counts in zip(standing.index, standing.to_dict("records"), strict=True)
    }
    rows = []
    for choice in chosen:
        pipeline, stage = choice.key
        kept_patience, kept_horizon = fixed.get((pipeline, stage or ""), fixed.get(("", stage or ""), (None, None)))
        patience_days, patience = _patience(choice, process.limits)
        row: dict[str, object] = {
            "pipeline": pipeline,
            "stage": stage,
            "kind": sources.kinds.get(choice.key, "open"),
            "rank": sources.ranks.get(choice.key),
            **_counted(counted, choice.key),
            **patience,
        }
        row |= _horizon(choice, sources, patience_days, process.limits)
        if kept_patience is not None:
            row |= {"patience_days": kept_patience, "patience_basis": "process"}
        if kept_horizon is not None:
            row |= {
                "horizon_days": kept_horizon,
                "horizon_basis": "process",
                "horizon_none": None,
                "kept_from_days": None,
            }
        rows.append(row)
    learned = {name: Column(kind, "") for name, kind in BESIDE_STAGES.items()}
    return conform(pd.DataFrame(rows), {**STAGES, **learned})


def _counted(counted: dict[Key, dict[str, int]], key: Key) -> dict[str, int]:
    return counted.get(key, {"stays_count": 0, "leads_count": 0, "won_count": 0, "open_count": 0})


def _patience(choice: _Chosen, limits: Limits) -> tuple[float, dict[str, object]]:
    unit = choice.patience
    if unit is None:
        days, basis, count, young = limits.patience_default_days, "default", 0, False
    else:
        days = max(limits.patience_floor_days, unit.winners.quantile(limits.patience_share))
        basis, count = str(choice.patience_rung), len(unit.winners)
        young = unit.follow_up_days < limits.follow_up_cycles * unit.won_cycle_days
    return days, {
        "patience_days": days,
        "patience_learned_days": days if unit is not None else np.nan,
        "patience_basis": basis,
        "patience_count": count,
        "patience_young": young,
    }


def _horizon(choice: _Chosen, sources: Sources, patience_days: float, limits: Limits) -> dict[str, object]:
    if choice.chance is None or choice.chance_rung is None or choice.chance.landmarks is None:
        return {"horizon_none": "not_learned", "horizon_count": 0, "chance_basis": "default"}
    landmarks = choice.chance.landmarks
    bound = sources.bounds(choice.chance_rung, choice.key, limits.at_risk_min_count, limits.confidence_share)
    # An own ending rule is about one stage; pooled stages would blur it.
    rule = ending_rule(choice.chance.endings, limits) if choice.chance_rung == "stage" else None
    found = horizon(landmarks, bound, rule, patience_days, limits)
    kept = np.flatnonzero(landmarks.day >= rule.kept_from) if rule else np.empty(0, dtype=np.intp)
    return {
        "chance_at_entry": landmarks.chance[0],
        "chance_basis": choice.chance_rung,
        "chance_limit": found.limit,
        "horizon_days": found.day,
        "horizon_learned_days": found.day,
        "horizon_basis": choice.chance_rung if found.day is not None else None,
        "horizon_count": choice.chance.stays_count,
        "horizon_none": found.none,
        "ending_rule_days": rule.day if rule else None,
        "ending_rule_share": rule.share if rule else None,
        "kept_won_share": landmarks.chance[kept[0]] if len(kept) else None,
        "kept_from_days": rule.kept_from if rule else None,
        "kept_horizon_days": found.kept_day,
    }


def _curves(chosen: list[_Chosen], sources: Sources, limits: Limits) -> pd.DataFrame:
    parts = []
    for choice in chosen:
        if choice.chance is None or choice.chance_rung is None or choice.chance.landmarks is None:
            continue
        marks = choice.chance.landmarks
        bound = sources.bounds(choice.chance_rung, choice.key, limits.at_risk_min_count, limits.confidence_share)
        columns = (marks.day, marks.at_risk, marks.won, marks.ended, marks.still_open, marks.chance, *bound)
        part = pd.DataFrame(dict(zip(CURVE_NAMES, columns, strict=True)))
        parts.append(part.assign(pipeline=choice.key[0], stage=choice.key[1]))
    return conform(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(), CURVES)
