"""The table of stages and their curves: which unit each stage is judged by, and what that unit says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.chance.borrowed import Borrowed, borrowed
from leadaudit.chance.horizon import Curve, Horizon, ending_rule, horizon
from leadaudit.chance.leaning import Told, told
from leadaudit.chance.units import RUNGS, Key, Rung, Sources, Unit
from leadaudit.tables import CURVES, STAGES, Column, Kind, conform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from leadaudit.process import Limits, Process

    Speaks = Callable[[Unit, Limits], bool]

CURVE_NAMES = (
    "day", "at_risk_count", "won_count", "ended_count", "still_open_count", "chance", "chance_low", "chance_high",
)  # fmt: skip

BESIDE_STAGES: dict[str, Kind] = {
    "chance_basis": "text",
    "patience_learned_days": "number",
    "horizon_learned_days": "number",
    "patience_young": "flag",
    "kept_from_days": "number",
    "kept_horizon_days": "number",
}


@dataclass(frozen=True)
class Chosen:
    """The units that a stage is judged by: one for the chance, one for patience."""

    key: Key
    chance_rung: Rung | None
    chance: Unit | None
    curve: Curve | None
    patience_rung: Rung | None
    patience: Unit | None

    @classmethod
    def of(cls, sources: Sources, keys: Iterable[Key], limits: Limits) -> list[Chosen]:
        """Climb the rungs for each stage until one has enough history."""
        chance = {key: _first(sources, key, limits, _speaks_of_chance) for key in keys}
        asked = [(rung, key) for key, (rung, _) in chance.items() if rung is not None]
        sources.bound(asked, limits.at_risk_min_count, limits.confidence_share)
        return [cls._of(sources, key, *found, limits) for key, found in chance.items()]

    @classmethod
    def _of(cls, sources: Sources, key: Key, rung: Rung | None, chance: Unit | None, limits: Limits) -> Chosen:
        patience_rung, patience = _first(sources, key, limits, _speaks_of_patience)
        curve = _curve(sources, key, rung, chance, _quantile(patience, limits), limits)
        return cls(key, rung, chance, curve, patience_rung, patience)


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


def _quantile(unit: Unit | None, limits: Limits) -> float:
    return unit.winners.quantile(limits.patience_share) if unit else limits.patience_default_days


def _curve(
    sources: Sources, key: Key, rung: Rung | None, unit: Unit | None, patience_days: float, limits: Limits
) -> Curve | None:
    if rung is None or unit is None or unit.landmarks is None:
        return None
    low, high = sources.bounds(rung, key, limits.at_risk_min_count, limits.confidence_share)
    # An own ending rule is about one stage; pooled stages would blur it.
    rule = ending_rule(unit.endings, limits) if rung == "stage" else None
    return Curve(unit.landmarks, low, high, rule, patience_days, unit.tail)


def stage_table(
    chosen: list[Chosen], sources: Sources, standing: dict[Key, dict[str, int]], process: Process, fraction: float
) -> pd.DataFrame:
    """STAGES and the columns of :data:`BESIDE_STAGES`, one row per chosen stage.

    Parameters
    ----------
    chosen : list of Chosen
    sources : Sources
        For kind and rank of the stages.
    standing : dict
        Counts per (pipeline, stage).
    process : Process
        What it fixes wins over what was learned.
    fraction : float
        Part of the chance at entry that counts as practically gone.
    """
    fixed = {(s.pipeline, s.name): (s.patience_days, s.horizon_days) for s in process.stages}
    nothing = {"stays_count": 0, "leads_count": 0, "won_count": 0, "open_count": 0}
    rows = []
    for choice in chosen:
        pipeline, stage = choice.key
        found = horizon(choice.curve, choice.curve.limit(fraction, process.limits)) if choice.curve else None
        row: dict[str, object] = {
            "pipeline": pipeline,
            "stage": stage,
            "kind": sources.kinds.get(choice.key, "open"),
            "rank": sources.ranks.get(choice.key),
            **standing.get(choice.key, nothing),
            **_patience(choice, found, process.limits),
            **_horizon(choice, found, _borrowed(choice, found, sources, fraction, process.limits)),
        }
        given = fixed.get((pipeline, stage or ""), fixed.get(("", stage or ""), (None, None)))
        rows.append(row | _given(*given))
    beside = {name: Column(kind, "") for name, kind in BESIDE_STAGES.items()}
    return conform(pd.DataFrame(rows), {**STAGES, **beside})


def with_fixed(stages: pd.DataFrame, process: Process) -> pd.DataFrame:
    """A stage table with the days that a process fixes; all others stay."""
    fixed = {(s.pipeline, s.name): (s.patience_days, s.horizon_days) for s in process.stages}
    keys = zip(stages["pipeline"].fillna(""), stages["stage"].fillna(""), strict=True)
    given = [_given(*fixed.get(key, fixed.get(("", key[1]), (None, None)))) for key in keys]
    changed = stages.copy()
    for name in (
        "patience_days",
        "patience_basis",
        "horizon_days",
        "horizon_basis",
        "horizon_none",
        "kept_horizon_days",
    ):
        values = [row.get(name, old) for row, old in zip(given, stages[name], strict=True)]
        changed[name] = pd.Series(values, index=stages.index, dtype=stages[name].dtype)
    return changed


def _given(patience_days: float | None, horizon_days: float | None) -> dict[str, object]:
    """What the process file fixes; a fixed horizon also holds beyond an own ending rule."""
    given: dict[str, object] = {}
    if patience_days is not None:
        given |= {"patience_days": patience_days, "patience_basis": "process"}
    if horizon_days is not None:
        given |= {"horizon_days": horizon_days, "horizon_basis": "process", "horizon_none": None}
        given |= {"kept_horizon_days": horizon_days}
    return given


def _patience(choice: Chosen, found: Horizon | None, limits: Limits) -> dict[str, object]:
    """Patience; its floor is ours and gives way where the client's own history has proved an earlier horizon."""
    unit = choice.patience
    days = _quantile(unit, limits)
    if unit is None:
        return {"patience_days": days, "patience_basis": "default", "patience_count": 0, "patience_young": False}
    proved = found.day if found is not None and found.day is not None else np.inf
    days = max(days, min(limits.patience_floor_days, proved))
    return {
        "patience_days": days,
        "patience_learned_days": days,
        "patience_basis": choice.patience_rung,
        "patience_count": len(unit.winners),
        "patience_young": unit.follow_up_days < limits.follow_up_cycles * unit.won_cycle_days,
    }


def _borrowed(
    choice: Chosen, found: Horizon | None, sources: Sources, fraction: float, limits: Limits
) -> Borrowed | None:
    """What the next rungs prove for a stage that has too few cases of its own."""
    if found is None or choice.curve is None or choice.chance_rung is None:
        return None
    patience_days = choice.curve.patience_days

    def curve_of(rung: Rung) -> tuple[Curve, int] | None:
        unit = sources.unit(rung, choice.key, limits.at_risk_min_count)
        curve = _curve(sources, choice.key, rung, unit, patience_days, limits)
        return None if curve is None else (curve, unit.stays_count)

    return borrowed(choice.curve, found, choice.chance_rung, curve_of, fraction, limits)


def _horizon(choice: Chosen, found: Horizon | None, lent: Borrowed | None) -> dict[str, object]:
    if found is None or choice.curve is None or choice.chance is None:
        return {"horizon_none": "not_learned", "horizon_count": 0, "chance_basis": "default"}
    landmarks, rule = choice.curve.landmarks, choice.curve.rule
    kept = landmarks.chance[choice.curve.kept]
    return {
        "chance_at_entry": landmarks.chance[0],
        "chance_basis": choice.chance_rung,
        "chance_limit": found.limit,
        "horizon_days": lent.day if lent else found.day,
        "horizon_learned_days": lent.day if lent else found.day,
        "horizon_basis": lent.rung if lent else choice.chance_rung if found.day is not None else None,
        "horizon_count": lent.stays_count if lent else choice.chance.stays_count,
        "horizon_none": None if lent else found.none,
        "ending_rule_days": rule.day if rule else None,
        "ending_rule_share": rule.share if rule else None,
        "kept_won_share": kept[0] if len(kept) else None,
        "kept_from_days": rule.kept_from if rule else None,
        "kept_horizon_days": found.kept_day,
    }


def curve_tables(chosen: list[Chosen], count: float, limits: Limits) -> tuple[pd.DataFrame, pd.DataFrame]:
    """CURVES: the curve of each stage that has one, and apart its tail, where fewer leads are at risk than prove anything.

    Parameters
    ----------
    chosen : list of Chosen
    count : float
        Leads that an earlier landmark counts for (:func:`leadaudit.chance.leaning.learned_count`).
    limits : Limits
    """
    curves = {choice.key: choice.curve for choice in chosen if choice.curve is not None}
    found = list(zip(curves, told(list(curves.values()), count, limits), strict=True))
    whole = [(key, one, slice(0, one.proved)) for key, one in found]
    tails = [(key, one, slice(one.proved, None)) for key, one in found if len(one.marks) > one.proved]
    return _rows(whole), _rows(tails)


def _rows(found: list[tuple[Key, Told, slice]]) -> pd.DataFrame:
    if not found:
        return conform(pd.DataFrame(), CURVES)
    parts = [
        [
            column[rows]
            for column in (
                one.marks.day, one.marks.at_risk, one.marks.won, one.marks.ended, one.marks.still_open,
                one.chance, one.low, one.high,
            )
        ]
        for _, one, rows in found
    ]  # fmt: skip
    columns = {name: np.concatenate(column) for name, column in zip(CURVE_NAMES, zip(*parts, strict=True), strict=True)}
    stage_no = np.repeat(np.arange(len(found)), [len(part[0]) for part in parts])
    names = {
        name: pd.array([key[place] for key, _, _ in found], dtype="str").take(stage_no)
        for place, name in enumerate(("pipeline", "stage"))
    }
    return conform(pd.DataFrame({**names, **columns}), CURVES)
