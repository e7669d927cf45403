"""What a CRM records of the lives: stage moves with wrong clicks, loops and clean-ups, and dates that slip.

Times are days since the start; stages are codes: 0 … S-1 open, S paused, S+1 won, S+2 lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadaudit.simulate.lives import CLEANED_UP, FORGOTTEN, STUCK, WON, Floats, Ints, Lives
from leadaudit.simulate.office import in_office, whole

BY_OWNER = -1
CLEANER = -2
"""Who moved: the lead's owner, the one who cleans up, else the number of a seller."""

WRONG_CLICK_SHARE = 0.015
LOOP_SHARE = 0.04


@dataclass(frozen=True)
class Moves:
    """Stage moves in the order in which they were made: columns lead, time, after, by (codes)."""

    rows: pd.DataFrame

    def before(self, moment: float) -> pd.DataFrame:
        """Moves known before a moment."""
        return self.rows[self.rows["time"] < moment]


def moves(lives: Lives, weekday: int, rng: np.random.Generator) -> Moves:
    """Every stage move of all lives, the future included."""
    stages_count = lives.entered.shape[1]
    lead, rank = np.nonzero(~np.isnan(lives.entered))
    entered = _moves_of(lead, lives.entered[lead, rank], rank)
    parts = [entered, _pauses(lives, stages_count), _endings(lives, stages_count), _second_lives(lives, stages_count)]
    parts += [_loops(lives, rng), _wrong_clicks(entered, lives, stages_count, rng)]
    rows = pd.concat(parts, ignore_index=True)
    worked = in_office(rows["time"].to_numpy(), lives.created[rows["lead"]], weekday)
    rows["time"] = whole(worked, 86_400)
    rows = rows.sort_values(["lead", "time", "order"], kind="stable", ignore_index=True)
    repeated = (rows["lead"] == rows["lead"].shift()) & (rows["after"] == rows["after"].shift())
    return Moves(rows[~repeated].drop(columns="order").reset_index(drop=True))


def _moves_of(lead: Ints, time: Floats, after: Ints | int, by: Ints | int = BY_OWNER, order: int = 0) -> pd.DataFrame:
    columns = {"lead": lead, "time": time, "after": after, "by": by}
    # At equal times the later stage comes later: that is how people click through.
    return pd.DataFrame(columns).assign(order=lambda frame: frame["after"] + order)


def _pauses(lives: Lives, stages_count: int) -> pd.DataFrame:
    last = np.where(np.isnan(lives.closed), np.inf, lives.closed)[:, None]
    lead, turn = np.nonzero(lives.paused < last)
    on_hold = _moves_of(lead, lives.paused[lead, turn], stages_count)
    lead, turn = np.nonzero(lives.resumed < last)
    back = _moves_of(lead, lives.resumed[lead, turn], lives.pause_stage[lead])
    return pd.concat([on_hold, back])


def _endings(lives: Lives, stages_count: int) -> pd.DataFrame:
    lead = np.nonzero(~np.isnan(lives.closed))[0]
    after = np.where(lives.end[lead] == WON, stages_count + 1, stages_count + 2)
    by = np.where(lives.closing[lead] == CLEANED_UP, CLEANER, BY_OWNER)
    return _moves_of(lead, lives.closed[lead], after, by)


def _second_lives(lives: Lives, stages_count: int) -> pd.DataFrame:
    lead = np.nonzero(~np.isnan(lives.reopened))[0]
    back = _moves_of(lead, lives.reopened[lead], np.maximum(lives.end_stage[lead] - 1, 1))
    ending = np.where(lives.won_again[lead], stages_count + 1, stages_count + 2)
    return pd.concat([back, _moves_of(lead, lives.closed_again[lead], ending)])


def _loops(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Back a stage and forth again: now and then for everyone, often for those who are stuck."""
    stuck = np.nonzero((lives.end == STUCK) & (lives.end_stage >= 1))[0]
    lead = np.repeat(stuck, rng.poisson(1.3, len(stuck)))
    span = np.fmin(lives.closed[lead] - lives.over[lead], 150)
    back = lives.over[lead] + rng.uniform(0.1, 0.8, len(lead)) * span
    rank = lives.end_stage[lead]
    forth = back + rng.uniform(0.05, 0.18, len(lead)) * span
    some, at = np.nonzero((rng.random(lives.left.shape) < LOOP_SHARE) & ~np.isnan(lives.left))
    kept = (at >= 1) & (lives.pause_stage[some] != at)
    some, at = some[kept], at[kept]
    length = lives.left[some, at] - lives.entered[some, at]
    parts = [
        _moves_of(lead, back, rank - 1), _moves_of(lead, forth, rank),
        _moves_of(some, lives.entered[some, at] + 0.3 * length, at - 1),
        _moves_of(some, lives.entered[some, at] + 0.5 * length, at),
    ]  # fmt: skip
    return pd.concat(parts)


def _wrong_clicks(entered: pd.DataFrame, lives: Lives, stages_count: int, rng: np.random.Generator) -> pd.DataFrame:
    """A wrong stage, put right a few minutes later."""
    chosen = entered[(rng.random(len(entered)) < WRONG_CLICK_SHARE) & (entered["after"].to_numpy() < stages_count - 1)]
    lead, rank = chosen["lead"].to_numpy(), chosen["after"].to_numpy()
    moment = chosen["time"].to_numpy() + rng.uniform(0.02, 0.05, len(chosen))
    left = np.fmin(np.where(np.isnan(lives.left), np.inf, lives.left)[lead, rank], lives.closed[lead])
    kept = moment + 0.01 < np.where(np.isnan(left), np.inf, left)
    lead, rank, moment = lead[kept], rank[kept], moment[kept]
    wrong = np.where(rng.random(len(lead)) < 0.25, stages_count + 2, rank + 1)
    return pd.concat([_moves_of(lead, moment, wrong), _moves_of(lead, moment + 3 / 1440, rank, order=-9)])


def expected_closes(lives: Lives, weekday: int, rng: np.random.Generator) -> pd.DataFrame:
    """Dates set for the decision, and how they slip: columns lead, time, before, after (days, whole)."""
    rank = min(2, lives.entered.shape[1] - 1)
    lead = np.nonzero(~np.isnan(lives.entered[:, rank]) & (rng.random(lives.count) < 0.9))[0]
    set_at = lives.entered[lead, rank] + rng.uniform(0.01, 0.2, len(lead))
    date = np.floor(set_at + rng.choice([21, 30, 42, 60, 90], len(lead)) + rng.integers(-4, 9, len(lead)))
    end = np.where(np.isnan(lives.closed[lead]), np.inf, lives.closed[lead])
    before = np.full(len(lead), np.nan)
    parts = []
    for _ in range(7):
        parts.append(pd.DataFrame({"lead": lead, "time": set_at, "before": before, "after": date}))
        moves_on = (date < end) & (rng.random(len(lead)) < np.array([0.75, 0.6, 0.25])[lives.style[lead]])
        lead, set_at, date, end = lead[moves_on], set_at[moves_on], date[moves_on], end[moves_on]
        before = date
        set_at = np.maximum(date - rng.uniform(-6, 5, len(lead)), set_at + 0.5)
        date = np.floor(np.maximum(date, set_at) + rng.integers(10, 46, len(lead)))
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["time"].to_numpy() < np.where(np.isnan(lives.closed), np.inf, lives.closed)[rows["lead"]]]
    rows["time"] = in_office(rows["time"].to_numpy(), lives.created[rows["lead"]], weekday)
    return rows.sort_values(["lead", "time"], kind="stable", ignore_index=True)


def resume_dates(lives: Lives, moment: float) -> Floats:
    """The resumption date that stands in the CRM at a moment, for leads on hold then; else NaN."""
    turn = (lives.paused < moment) & ~(lives.resumed < moment)
    held = np.where(turn, lives.resume_on, np.nan)
    dates = np.full(lives.count, np.nan)
    for column in range(held.shape[1]):
        dates = np.where(turn[:, column], held[:, column], dates)
    return np.where(lives.end == FORGOTTEN, lives.resume_on[:, 0], dates)
