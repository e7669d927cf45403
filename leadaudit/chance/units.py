"""The units that statistics are learned from: a stage, its neighbours, its pipeline, everything.

A unit is counted once and remembered, so that other limits can be tried on it at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadaudit.chance.bounds import bounds
from leadaudit.chance.horizon import Endings, endings
from leadaudit.chance.landmarks import WON, Landmarks, Risks, distinct, follow, landmark_days, tail
from leadaudit.chance.patience import WinnersStays, winners_stays

if TYPE_CHECKING:
    from leadaudit.process import Process

Numbers = NDArray[np.float64]
Rung = Literal["stage", "neighbours", "pipeline", "all"]
RUNGS: tuple[Rung, ...] = ("stage", "neighbours", "pipeline", "all")
Key = tuple[str, str | None]
Rows = tuple[tuple[int, int], ...]
"""Where stays stand: begin and end of each run."""

WAITING_KINDS = ("open", "decision")

TAIL_MIN_COUNT = 5
"""Stays at risk down to which a chance is followed; no verdict rests on fewer than ``at_risk_min_count``."""


@dataclass(frozen=True)
class Unit:
    """What the stays of one unit say, whatever the limits are.

    ``won_count`` counts leads, not stays. ``landmarks`` is empty (``None``) without enough stays
    at risk on any day; ``tail`` has those beyond them, with fewer at risk: they only tell chances.
    What only some units are asked for is counted when it is.
    """

    stays_count: int
    won_count: int
    follow_up_days: float
    won_cycle_days: float
    landmarks: Landmarks | None
    _sources: Sources = field(repr=False)
    _rows: Rows
    _at_risk_min: int

    @cached_property
    def tail(self) -> Landmarks | None:
        """Landmarks beyond the last one."""
        if self.landmarks is None:
            return None
        return tail(self._sources.risks_of(self._rows), self.landmarks.day[-1], TAIL_MIN_COUNT)

    @cached_property
    def winners(self) -> WinnersStays:
        """The stays that patience is made of."""
        return winners_stays(self._sources.risks_of(self._rows), taken(self._sources.moved_on, self._rows))

    @cached_property
    def endings(self) -> Endings:
        """The endings day by day."""
        risks = self._sources.risks_of(self._rows)
        return endings(risks, taken(self._sources.ended_here, self._rows), self._at_risk_min)


@dataclass(frozen=True)
class Sources:
    """The stays that can be learned from, by (pipeline, stage), and the units made of them so far."""

    keys: tuple[Key, ...]
    ranks: dict[Key, int]
    kinds: dict[Key, str]
    slices: dict[Key, slice]
    risks: Risks
    lead: NDArray[np.intp]
    moved_on: NDArray[np.bool_]
    ended_here: NDArray[np.bool_]
    followed_days: Numbers
    _units: dict[tuple[Rows, int], Unit] = field(default_factory=dict, repr=False)
    _bounds: dict[tuple[Rows, int, float], tuple[Numbers, Numbers]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, stays: pd.DataFrame, numbered: Numbered, process: Process, as_of: pd.Timestamp) -> Sources:
        """Sort the stays by stage; every row must have its durations, and its number in ``numbered``."""
        code, found = numbered.code, numbered.keys
        order = np.argsort(code, kind="stable")
        sizes = np.bincount(code, minlength=len(found))
        ends = np.cumsum(sizes)
        slices = {
            key: slice(int(end - size), int(end)) for key, end, size in zip(found, ends, sizes, strict=True) if size
        }
        ranks, kinds, keys = _placed(list(slices), process)
        end = stays["end"]
        started = stays["started_at"].to_numpy()[order]
        followed = (as_of.to_datetime64() - started) / np.timedelta64(1, "D")
        risks = Risks.of(stays)
        return cls(
            keys,
            ranks,
            kinds,
            slices,
            Risks(risks.entered[order], risks.stay[order], risks.outcome[order], risks.outcome_days[order]),
            numbered.lead[order],
            end.isin(["progress", "won"]).to_numpy()[order],
            (end == "ended").to_numpy(dtype=bool)[order],
            followed - risks.entered[order],
        )

    def unit(self, rung: Rung, key: Key, at_risk_min: int) -> Unit:
        """The unit of a stage on a rung, counted on first demand; rungs of the same stays share it."""
        place = (self._rows(rung, key), at_risk_min)
        if place not in self._units:
            self._units[place] = self._count(*place)
        return self._units[place]

    def bounds(self, rung: Rung, key: Key, at_risk_min: int, level: float) -> tuple[Numbers, Numbers]:
        """Lower and upper bounds of the unit's chances."""
        self.bound([(rung, key)], at_risk_min, level)
        return self._bounds[self._rows(rung, key), at_risk_min, level]

    def bound(self, units: Iterable[tuple[Rung, Key]], at_risk_min: int, level: float) -> None:
        """Find the bounds of several units together, which takes hardly longer than those of one."""
        places = {(self._rows(rung, key), at_risk_min, level): self.unit(rung, key, at_risk_min) for rung, key in units}
        wanted = {place: unit.landmarks for place, unit in places.items() if place not in self._bounds}
        empty = np.empty(0)
        chance = [empty if marks is None else marks.chance for marks in wanted.values()]
        effective = [empty if marks is None else marks.effective for marks in wanted.values()]
        if chance:
            low, high = bounds(np.concatenate(chance), np.concatenate(effective), level)
            ends = np.cumsum([len(part) for part in chance])[:-1]
            self._bounds.update(zip(wanted, zip(np.split(low, ends), np.split(high, ends), strict=True), strict=True))

    def _rows(self, rung: Rung, key: Key) -> Rows:
        if rung == "stage":
            members = [key]
        elif rung == "neighbours":
            members = [key, *self._neighbours(key)]
        elif rung == "pipeline":
            members = [other for other in self.keys if other[0] == key[0]]
        else:
            members = list(self.keys)
        found = (self.slices[member] for member in members if member in self.slices)
        return tuple((part.start, part.stop) for part in found)

    def _neighbours(self, key: Key) -> list[Key]:
        """The waiting stages before and after this one in its pipeline."""
        rank = self.ranks.get(key)
        if rank is None:
            return []
        row = sorted(
            (self.ranks[other], other)
            for other in self.slices
            if other[0] == key[0] and other in self.ranks and self.kinds.get(other, "open") in WAITING_KINDS
        )
        before = [other for place, other in row if place < rank]
        after = [other for place, other in row if place > rank]
        return [*before[-1:], *after[:1]]

    def _count(self, rows: Rows, at_risk_min: int) -> Unit:
        risks = self.risks_of(rows)
        won = risks.outcome == WON
        days = landmark_days(risks, at_risk_min)
        return Unit(
            stays_count=len(risks),
            won_count=len(distinct(taken(self.lead, rows)[won])),
            follow_up_days=float(np.max(taken(self.followed_days, rows), initial=0.0)),
            won_cycle_days=float(np.median(risks.outcome_days[won])) if won.any() else np.nan,
            landmarks=follow(risks, days) if len(days) else None,
            _sources=self,
            _rows=rows,
            _at_risk_min=at_risk_min,
        )

    def risks_of(self, rows: Rows) -> Risks:
        """The stays of a unit."""
        columns = (self.risks.entered, self.risks.stay, self.risks.outcome, self.risks.outcome_days)
        return Risks(*(taken(column, rows) for column in columns))


def taken(column: NDArray[Any], rows: Rows) -> NDArray[Any]:
    """The values of some runs of rows; those of a single one are not copied.

    Examples
    --------
    >>> taken(np.arange(6), ((0, 2), (4, 6)))
    array([0, 1, 4, 5])
    """
    parts = [column[slice(*part)] for part in rows]
    return parts[0] if len(parts) == 1 else np.concatenate([column[:0], *parts])


@dataclass(frozen=True)
class Numbered:
    """Numbers instead of names, one per stay: comparing names of millions of stays takes time, and is done once.

    ``code`` counts the (pipeline, stage) in ``keys``.
    """

    code: NDArray[np.intp]
    keys: list[Key]
    lead: NDArray[np.intp]

    @classmethod
    def of(cls, stays: pd.DataFrame) -> Numbered:
        """Number stages and leads in order of appearance."""
        return cls(*coded(stays), pd.factorize(stays["lead_id"])[0])

    def only(self, rows: NDArray[np.bool_]) -> Numbered:
        """The same for some of the stays."""
        return Numbered(self.code[rows], self.keys, self.lead[rows])


def coded(stays: pd.DataFrame) -> tuple[NDArray[np.intp], list[Key]]:
    """A number per stay for its (pipeline, stage), and what the numbers stand for, in order of appearance."""
    pipeline, pipelines = pd.factorize(stays["pipeline"])
    stage, stages = pd.factorize(stays["stage"])
    # Missing is -1 in both; a missing pipeline and an empty one are the same.
    width = len(stages) + 1
    owner = np.array([key_of(name, None)[0] for name in pipelines] + [""], dtype=object)
    same, owners = pd.factorize(owner)
    code, pairs = pd.factorize(same[pipeline] * width + stage + 1)
    return code, [_pair(int(pair), width, owners, stages) for pair in pairs]


def _pair(pair: int, width: int, owners: NDArray[np.object_], stages: pd.Index) -> Key:
    owner, name = divmod(pair, width)
    return key_of(owners[owner], stages[name - 1] if name else None)


def key_of(pipeline: object, stage: object) -> Key:
    """(pipeline, stage) with "" for no pipeline and ``None`` for the whole lead."""
    return ("" if pd.isna(pipeline) else str(pipeline), None if pd.isna(stage) else str(stage))


def _placed(found: list[Key], process: Process) -> tuple[dict[Key, int], dict[Key, str], tuple[Key, ...]]:
    """Rank and kind of each stage, and all stages in order: those of the process, seen or not, then others."""
    pipelines = sorted({pipeline for pipeline, _ in found})
    ranks: dict[Key, int] = {}
    kinds: dict[Key, str] = {}
    for rank, stage in enumerate(process.stages):
        owners = [stage.pipeline] if stage.pipeline else pipelines or [""]
        for owner in owners:
            ranks.setdefault((owner, stage.name), rank)
            kinds.setdefault((owner, stage.name), stage.kind)
    others = sorted((key for key in found if key not in ranks), key=lambda key: (key[0], key[1] or ""))
    in_process = sorted(ranks, key=lambda key: (key[0], ranks[key]))
    return ranks, kinds, (*in_process, *others)
