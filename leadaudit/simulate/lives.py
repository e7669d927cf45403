"""The hidden part: what really happens to each lead, and why.

Each lead has a fit, an urgency and a pace of its own. Readiness grows between two thresholds at
that pace, with plateaus; at a threshold a decision is taken. Everything else acts on these two:
pushing lengthens the way and lowers the chance, so does a conversation held too early; a pause
stops the clock; a plateau without end makes a lead that is stuck however busy it is. Nothing here
knows of tables: those are written by :mod:`leadaudit.simulate.records` from what a CRM would see.

All times are days since the start of the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leadaudit.simulate.pipeline import ABSENT, PUSHING, Pipeline

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

WON, BY_US, BY_THEM, GHOSTED, STUCK, FORGOTTEN = range(6)
"""What really became of a lead; the last three are silent, nobody has decided anything."""

CLOSED_WON, CLOSED_BY_US, CLOSED_BY_THEM, CLEANED_UP, NEVER_CLOSED = range(5)
"""What the CRM was told in the end."""

NO_CAUSE, CAUSE_FIT, CAUSE_PUSHED, CAUSE_EARLY, CAUSE_PAUSE, CAUSE_PLATEAU, CAUSE_SILENCE = range(7)

PAUSES_COUNT = 3
FUTURE_DAYS = 1500.0
"""How far beyond the last arrival the future is followed."""


@dataclass
class Lives:
    """True lives of n leads through S stages; NaN where something never happens."""

    created: Floats
    owner: Ints
    style: Ints
    source: Ints
    fit: Floats
    urgency: Floats
    pace: Floats
    quiet: Flags
    early: Flags
    stuck_at: Ints
    entered: Floats
    left: Floats
    pushes: Ints
    paused: Floats
    resumed: Floats
    resume_on: Floats
    pause_stage: Ints
    end_stage: Ints
    end: Ints
    cause: Ints
    over: Floats
    closed: Floats
    closing: Ints
    reopened: Floats
    closed_again: Floats
    won_again: Flags = field(default_factory=lambda: np.zeros(0, bool))

    @property
    def count(self) -> int:
        """How many leads."""
        return len(self.created)

    @property
    def last_seen(self) -> Floats:
        """The end of the first life as far as the other side takes part: decided, silent or plateau."""
        return np.where(np.isnan(self.over), self.closed, np.fmin(self.over, self.closed))


SOURCE_FIT = np.array([0.10, 0.03, -0.02, 0.06, -0.12, 0.0])
SOURCE_SHARE = np.array([0.24, 0.22, 0.16, 0.12, 0.12, 0.14])


def arrivals(count: int, days: float, weekday: int, rng: np.random.Generator) -> Floats:
    """Moments at which leads arrive: Poisson given their number; growing, seasonal, mostly in office hours."""
    day = np.arange(int(days))
    growth = 1 + 1.4 * day / days
    season = 1 + 0.25 * np.sin(2 * np.pi * (day + 30) / 365.25) - 0.35 * (np.abs((day % 365.25) - 85) < 7)
    weekend = np.where((day + weekday) % 7 >= 5, 0.15, 1.0)
    share = np.cumsum(growth * season * weekend)
    whole = np.searchsorted(share / share[-1], rng.random(count))
    clock = np.clip(rng.normal(12.5, 2.6, count), 6.5, 21.5) / 24
    return np.sort(whole + clock)


def live(count: int, days: float, pipeline: Pipeline, weekday: int, rng: np.random.Generator) -> Lives:
    """Simulate n lives from their arrival to their real end, however late that is."""
    lives = _born(count, days, pipeline, weekday, rng)
    at = lives.created.copy()
    alive = np.ones(count, dtype=bool)
    for rank in range(len(pipeline.stages)):
        lives.entered[alive, rank] = at[alive]
        needed = _needed_days(lives, rank, pipeline, rng)
        needed = _paused_on_the_way(lives, rank, at, needed, alive, rng)
        passes = _decided(lives, rank, pipeline, alive, rng)
        _end_here(lives, rank, at, needed, alive & ~passes, rng)
        at = at + needed
        lives.left[alive & passes, rank] = at[alive & passes]
        alive &= passes
    lives.end[alive] = WON
    lives.end_stage[alive] = len(pipeline.stages)
    lives.closed[alive] = at[alive]
    lives.closing[alive] = CLOSED_WON
    _close_silent(lives, days, pipeline, weekday, rng)
    _reopen(lives, rng)
    return lives


def _born(count: int, days: float, pipeline: Pipeline, weekday: int, rng: np.random.Generator) -> Lives:
    stages_count = len(pipeline.stages)
    shares = np.array([seller.share for seller in pipeline.sellers])
    owner = rng.choice(len(shares), count, p=shares / shares.sum())
    style = np.array([seller.style for seller in pipeline.sellers])[owner]
    source = rng.choice(len(SOURCE_SHARE), count, p=SOURCE_SHARE)
    fit = np.clip(rng.beta(2.4, 2.2, count) + SOURCE_FIT[source], 0, 1)
    urgency = rng.beta(2, 2.4, count)
    pace = np.exp(rng.normal(0, 0.32, count)) * (1.35 - 0.7 * urgency)
    quiet = rng.random(count) < 0.20
    # Little urgency is what makes talks go on without end.
    stuck = ~quiet & (rng.random(count) < 0.24 * (1.35 - urgency))
    early = ~quiet & ~stuck & (rng.random(count) < np.array([0.34, 0.10, 0.08])[style])

    def none() -> Floats:
        return np.full(count, np.nan)

    return Lives(
        created=arrivals(count, days, weekday, rng), owner=owner, style=style, source=source, fit=fit, urgency=urgency,
        pace=pace, quiet=quiet, early=early,
        stuck_at=np.where(stuck, rng.choice(_left_by_decision(pipeline), count), -1),
        entered=np.full((count, stages_count), np.nan), left=np.full((count, stages_count), np.nan),
        pushes=np.zeros((count, stages_count), dtype=np.int64),
        paused=np.full((count, PAUSES_COUNT), np.nan), resumed=np.full((count, PAUSES_COUNT), np.nan),
        resume_on=np.full((count, PAUSES_COUNT), np.nan), pause_stage=np.full(count, -1),
        end_stage=np.full(count, -1), end=np.full(count, -1), cause=np.zeros(count, dtype=np.int64),
        over=none(), closed=none(), closing=np.full(count, NEVER_CLOSED), reopened=none(), closed_again=none(),
        won_again=np.zeros(count, dtype=bool),
    )  # fmt: skip


def _left_by_decision(pipeline: Pipeline) -> Ints:
    """Stages beyond the first that are left when the lead is ready, not when we have done something."""
    later = [stage.by_activity for stage in pipeline.stages[1:]] + [False]
    ranks = [rank for rank, ours in enumerate(later) if rank >= 1 and not ours]
    return np.array(ranks or [0])


def _needed_days(lives: Lives, rank: int, pipeline: Pipeline, rng: np.random.Generator) -> Floats:
    """Days until readiness reaches the next threshold; to a stage entered by activity, until we act."""
    count = lives.count
    usual = pipeline.stages[rank].days * np.exp(rng.normal(0, 0.40, count))
    plateau = np.where(rng.random(count) < 0.18, rng.exponential(1.1 * pipeline.stages[rank].days, count), 0.0)
    ours = rank + 1 < len(pipeline.stages) and pipeline.stages[rank + 1].by_activity
    if ours:
        return usual * np.array([0.7, 1.0, 1.6])[lives.style]
    needed = usual * lives.pace * np.where(lives.quiet, 1.25, 1.0) + plateau
    needed *= np.where(lives.early & (rank <= 1), 1.4, 1.0)
    if rank == 0:
        needed[rng.random(count) < 0.05] = 0.0
    pushing = (lives.style == PUSHING) & ~lives.quiet & (rank >= 1) & (lives.stuck_at != rank)
    pushes = np.where(pushing, np.minimum(rng.poisson(needed / 5.5), 9), 0)
    lives.pushes[:, rank] = np.where(pushes >= 3, pushes, 0)
    return needed * (1 + 0.06 * lives.pushes[:, rank])


def _paused_on_the_way(
    lives: Lives, rank: int, at: Floats, needed: Floats, alive: Flags, rng: np.random.Generator
) -> Floats:
    """Put some leads on hold half-way; the time on hold comes on top of what readiness needs."""
    count = lives.count
    calm = alive & (rank >= 1) & (lives.stuck_at != rank) & (lives.pause_stage < 0)
    chosen = calm & (rng.random(count) < 0.08)
    lives.pause_stage[chosen] = rank
    started = at + 0.5 * needed
    held = np.zeros(count)
    again = chosen
    for turn in range(PAUSES_COUNT):
        length = rng.uniform(30, 110, count)
        late = np.where(rng.random(count) < 0.45, rng.exponential(18, count), 0.0) * np.where(
            lives.style == ABSENT, 2, 1
        )
        dated = rng.random(count) < np.array([0.6, 0.85, 0.35])[lives.style]
        lives.paused[again, turn] = (started + held)[again]
        lives.resume_on[again & dated, turn] = (started + held + length)[again & dated]
        lives.resumed[again, turn] = (started + held + length + late)[again]
        held = np.where(again, held + length + late + 9, held)
        again = again & (rng.random(count) < 0.30)
    return needed + held


def _decided(lives: Lives, rank: int, pipeline: Pipeline, alive: Flags, rng: np.random.Generator) -> Flags:
    """Who passes the threshold, and what it was that kept back those who would have passed."""
    usual = pipeline.stages[rank].pass_share
    score = np.log(usual / (1 - usual)) + 2.6 * (lives.fit - 0.5) + 0.8 * (lives.urgency - 0.45)
    share = 1 / (1 + np.exp(-score))
    after_push = share * 0.90 ** lives.pushes[:, rank]
    after_talk = after_push * np.where(lives.early & (rank <= 1), 0.66, 1.0)
    after_pause = after_talk * np.where(lives.pause_stage == rank, 0.62, 1.0)
    drawn = rng.random(lives.count)
    passes = drawn < after_pause
    for cause, limit in (
        (CAUSE_PAUSE, after_talk), (CAUSE_EARLY, after_push), (CAUSE_PUSHED, share), (CAUSE_FIT, np.ones(lives.count)),
    ):  # fmt: skip
        new = alive & ~passes & (lives.cause == NO_CAUSE) & (drawn < limit)
        lives.cause[new] = cause
    stuck = alive & (lives.stuck_at == rank)
    freed = stuck & (rng.random(lives.count) < 0.015)
    lives.cause[stuck] = np.where(freed[stuck], NO_CAUSE, CAUSE_PLATEAU)
    return np.where(stuck, freed, passes)


def _end_here(lives: Lives, rank: int, at: Floats, needed: Floats, ends: Flags, rng: np.random.Generator) -> None:
    """How those end that do not pass: told by us, told by them, silently, or never resumed."""
    count = lives.count
    lives.end_stage[ends] = rank
    drawn = rng.random(count)
    # Cumulated shares of: by us, by them; the rest goes silent.
    by_us = np.where(lives.cause == CAUSE_PUSHED, 0.12, np.where(lives.quiet, 0.5, 0.28))
    by_them = np.where(lives.cause == CAUSE_PUSHED, 0.42, np.where(lives.quiet, 1.0, 0.54))
    end = np.where(drawn < by_us, BY_US, np.where(drawn < by_them, BY_THEM, GHOSTED))
    forgotten = (lives.pause_stage == rank) & (lives.style == ABSENT) & (rng.random(count) < 0.6)
    end = np.where(forgotten, FORGOTTEN, end)
    end = np.where(lives.stuck_at == rank, STUCK, end)
    lives.end[ends] = end[ends]
    lives.cause[ends & (end == GHOSTED) & (lives.cause == CAUSE_FIT)] = CAUSE_SILENCE
    part = rng.random(count)
    told = ends & ((end == BY_US) | (end == BY_THEM))
    when = at + needed * np.where(end == BY_US, 0.6 + 0.9 * part, 0.3 + 0.8 * part) + 0.04
    lives.closed[told] = when[told]
    lives.closing[told] = np.where(end == BY_US, CLOSED_BY_US, CLOSED_BY_THEM)[told]
    silent = ends & ~told
    over = at + needed * np.where(end == GHOSTED, 0.6 * part, 0.25)
    first_pause = lives.paused[:, 0]
    over = np.where(end == FORGOTTEN, first_pause, over)
    # Whoever falls silent while on hold does so when nobody comes back to them.
    over = np.where(
        (end == GHOSTED) & (over > first_pause) & (lives.pause_stage == rank),
        np.fmax(over, np.nanmax(np.where(np.isnan(lives.resumed), -1.0, lives.resumed), axis=1)),
        over,
    )
    lives.over[silent] = over[silent]
    lives.resumed[ends & (end == FORGOTTEN)] = np.nan
    lives.paused[ends & (end == FORGOTTEN), 1:] = np.nan


def _close_silent(lives: Lives, days: float, pipeline: Pipeline, weekday: int, rng: np.random.Generator) -> None:
    """Silent leads are closed late by a person, by a bulk clean-up, or never."""
    count = lives.count
    silent = np.isin(lives.end, (GHOSTED, STUCK, FORGOTTEN))
    own_share = np.where(
        lives.end == GHOSTED, np.array([0.46, 0.64, 0.12])[lives.style], np.array([0.30, 0.48, 0.10])[lives.style]
    )
    own = silent & (rng.random(count) < own_share)
    delay = np.where(lives.end == STUCK, rng.gamma(4, 32, count) + 45, 30 + rng.exponential(45, count))
    closes = np.where(own, lives.over + delay, np.inf)
    skipped = rng.geometric(0.68, count) - 1
    turn = np.ceil((np.where(silent, lives.over, 0) + 45) / pipeline.clean_up_days) + skipped
    clean_up = np.floor(turn * pipeline.clean_up_days)
    clean_up = np.where(clean_up < days + FUTURE_DAYS, clean_up, np.inf)
    cleaned = silent & (clean_up < closes)
    # One person, one minute, a Friday afternoon.
    seconds = rng.uniform(0, 55, count) / 86_400
    # In the time of lives, which knows no weekend, the fifth working day begins at 5.6 of 7.
    friday = 7 * np.floor((clean_up + weekday) / 7) + 6.7 - weekday
    when = np.where(cleaned, friday + seconds, closes)
    lives.closed = np.where(silent & np.isfinite(when), when, lives.closed)
    lives.closing = np.where(silent & own, CLOSED_BY_US, lives.closing)
    lives.closing = np.where(cleaned, CLEANED_UP, lives.closing)


def _reopen(lives: Lives, rng: np.random.Generator) -> None:
    """A few ended leads come back months later and start a second, shorter life."""
    count = lives.count
    lost = np.isin(lives.closing, (CLOSED_BY_US, CLOSED_BY_THEM)) & (lives.end != STUCK) & (lives.end_stage >= 1)
    chosen = lost & (rng.random(count) < 0.06)
    back = lives.closed + 50 + rng.exponential(80, count)
    lives.reopened[chosen] = back[chosen]
    lives.closed_again[chosen] = (back + 12 + rng.exponential(28, count))[chosen]
    lives.won_again = chosen & (rng.random(count) < 0.2 + 0.4 * lives.fit)
