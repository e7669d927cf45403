"""The truth of each lead, kept beside the tables and never in them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from leadaudit.simulate.lives import BY_THEM, BY_US, GHOSTED, STUCK, WON, Floats, Ints, Lives, live
from leadaudit.simulate.moves import Moves
from leadaudit.simulate.moves import moves as moves_of
from leadaudit.simulate.office import at_work
from leadaudit.simulate.pipeline import STYLE_NAMES, Pipeline

CLOSINGS = ("won", "ended_by_us", "ended_by_them", "cleaned_up", "never_closed")
CAUSES = ("", "fit", "pushed", "early_talk", "pause", "plateau", "silence")
PATIENCE_SHARE = 0.90
CHANCE_FLOOR_SHARE = 0.05
CHANCE_FRACTION_SHARE = 0.25
AT_RISK_MIN_COUNT = 30
LIMITS_COUNT = 20_000
LIMITS_DAYS = 730.0
LIMITS_SEED = 20_241_001


@lru_cache(maxsize=8)
def true_limits(pipeline: Pipeline) -> tuple[pd.Series, pd.Series]:
    """True patience and horizon by rank: from many more leads of this pipeline than any client has."""
    rng = np.random.Generator(np.random.PCG64(LIMITS_SEED))
    raw = live(LIMITS_COUNT, LIMITS_DAYS, pipeline, 0, rng)
    stays = true_stays(at_work(raw, 0), moves_of(raw, 0, rng))
    return patience_by_stage(stays), horizon_by_stage(stays)


def truth(lives: Lives, moves: Moves, moment: float, limits: tuple[pd.Series, pd.Series]) -> pd.DataFrame:
    """One row per lead, times still in days since the start; see :attr:`Simulated.truth`."""
    stays = true_stays(lives, moves)
    patience, horizon = limits
    now = _standing_at(stays, moment).reindex(np.arange(lives.count))
    stage = now["rank"].astype("Int64").to_numpy(dtype="float64", na_value=np.nan)
    frame = pd.DataFrame({
        "kind": kinds(lives),
        "outcome_in_the_end": np.array(CLOSINGS, dtype=object)[_final_closing(lives)],
        "decided_at": np.where(np.isin(lives.end, (WON, BY_US, BY_THEM)), lives.closed, np.nan),
        "closed_at": np.where(np.isnan(lives.closed_again), lives.closed, lives.closed_again),
        "cause": np.array(CAUSES, dtype=object)[lives.cause],
        "practically_over_at": _over_at(lives),
        "stay_rank": stage,
        "stay_started_at": now["start"].to_numpy(),
        "true_patience_days": _looked_up(patience, stage),
        "true_horizon_days": _looked_up(horizon, stage),
        "fit": lives.fit, "urgency": lives.urgency, "pace": lives.pace,
        "seller_style": np.array(STYLE_NAMES, dtype=object)[lives.style],
        "pushed_count": lives.pushes.sum(axis=1),
        "talked_too_early": lives.early,
        "pauses_count": (~np.isnan(lives.paused)).sum(axis=1),
        "reopened_at": lives.reopened,
    })  # fmt: skip
    for rank in range(lives.entered.shape[1]):
        last = np.where(np.isnan(lives.left[:, rank]), lives.closed, lives.left[:, rank])
        frame[f"stage_{rank}_days"] = last - lives.entered[:, rank]
    frame["true_state"] = _states(frame, lives, moment)
    return frame


def kinds(lives: Lives) -> np.ndarray:
    """What a lead lives through, the strongest first; not what becomes of it (but for the ghosted)."""
    rules = [
        (lives.end == STUCK) | ((lives.stuck_at >= 0) & (lives.end_stage > lives.stuck_at)),
        lives.end == GHOSTED,
        ~np.isnan(lives.paused[:, 0]),
        lives.quiet,
        lives.early,
        lives.pushes.sum(axis=1) >= 3,
    ]
    names = ["busy_and_stuck", "ghosted", "parked", "silent_and_maturing", "talked_too_early", "pushed_away"]
    return np.select(rules, np.array(names, dtype=object), default="steady")


def _over_at(lives: Lives) -> Floats:
    """When a lead's own chance was gone: it fell silent, stopped moving or was ended for good."""
    gone = np.where(np.isnan(lives.closed_again), lives.last_seen, lives.closed_again)
    return np.where((lives.end == WON) | lives.won_again, np.nan, gone)


def _final_closing(lives: Lives) -> Ints:
    won, ended_by_us = CLOSINGS.index("won"), CLOSINGS.index("ended_by_us")
    again = ~np.isnan(lives.reopened)
    return np.where(again, np.where(lives.won_again, won, ended_by_us), lives.closing)


def true_stays(lives: Lives, moves: Moves) -> pd.DataFrame:
    """Every stay of the whole run: lead, rank, start, length and whether the lead was won in the end.

    A stay begins on reaching a stage beyond the highest so far (of this life) and ends with the
    next one or with the ending; time on hold does not count.
    """
    stages_count = lives.entered.shape[1]
    rows = moves.rows
    after = rows["after"].to_numpy()
    # Two clicks within minutes count as the second.
    brief = (rows["lead"] == rows["lead"].shift(-1)) & (rows["time"].shift(-1) - rows["time"] < 10 / 1440)
    ending = after > stages_count
    life = (
        ((rows["lead"] == rows["lead"].shift()) & pd.Series(ending).shift(fill_value=False))
        .groupby(rows["lead"])
        .cumsum()
    )
    rows = rows.assign(life=life, ending=ending)[~(brief & ~pd.Series(ending & (after == stages_count + 1)))]
    rows = rows[rows["after"] != stages_count]
    ranks = rows["after"].where(~rows["ending"], stages_count)
    highest = ranks.groupby([rows["lead"], rows["life"]]).cummax()
    key = [rows["lead"], rows["life"]]
    new = (highest > highest.groupby(key).shift().fillna(-1)) | rows["ending"]
    stays = rows[new].reset_index(drop=True)
    stays["end"] = stays.groupby(["lead", "life"])["time"].shift(-1)
    stays["next"] = stays.groupby(["lead", "life"])["after"].shift(-1)
    stays = stays[~stays["ending"]].rename(columns={"time": "start", "after": "rank"})
    first_won = (lives.end == WON)[stays["lead"]]
    stays["won"] = np.where(stays["life"] == 0, first_won, lives.won_again[stays["lead"]])
    stays["closed"] = np.where(stays["life"] == 0, lives.closed[stays["lead"]], lives.closed_again[stays["lead"]])
    end = np.where(np.isnan(stays["end"]), np.inf, stays["end"])
    held = _held_days(lives, stays["lead"].to_numpy(), stays["start"].to_numpy(), end)
    stays["length"] = np.maximum(end - stays["start"] - held, 0)
    return stays.reset_index(drop=True)


def _held_days(lives: Lives, lead: Ints, start: Floats, end: Floats) -> Floats:
    paused = lives.paused[lead]
    resumed = np.where(np.isnan(lives.resumed[lead]), np.inf, lives.resumed[lead])
    within = np.minimum(resumed, end[:, None]) - np.maximum(paused, start[:, None])
    return np.where(np.isfinite(within) & (within > 0), within, 0).sum(axis=1)


def patience_by_stage(stays: pd.DataFrame) -> pd.Series:
    """By rank: within how many days nine of ten stays of later winners ended, the whole future known."""
    won = stays[stays["won"]]
    return won.groupby("rank")["length"].quantile(PATIENCE_SHARE)


def horizon_by_stage(stays: pd.DataFrame) -> pd.Series:
    """By rank: first day on which, of the stays that lasted so long, practically none is won any more."""
    return pd.Series({rank: _horizon(part) for rank, part in stays.groupby("rank")}, dtype="float64")


def _horizon(stays: pd.DataFrame) -> float:
    length = np.sort(stays["length"].to_numpy())
    order = np.argsort(stays["length"].to_numpy(), kind="stable")
    won_later = np.cumsum(stays["won"].to_numpy()[order][::-1])[::-1]
    days = np.arange(0, 400)
    first = np.searchsorted(length, days, side="left")
    at_risk = len(length) - first
    known = at_risk >= AT_RISK_MIN_COUNT
    chance = np.where(known, won_later[np.minimum(first, len(length) - 1)] / np.maximum(at_risk, 1), np.nan)
    over = known & (chance < max(CHANCE_FLOOR_SHARE, CHANCE_FRACTION_SHARE * stays["won"].mean()))
    return float(days[over][0]) if over.any() else np.nan


def _standing_at(stays: pd.DataFrame, moment: float) -> pd.DataFrame:
    begun = stays[stays["start"] < moment]
    return begun.groupby("lead").last()


def _looked_up(by_stage: pd.Series, stage: Floats) -> Floats:
    return pd.Series(stage).map(by_stage).to_numpy(dtype="float64")


def _states(frame: pd.DataFrame, lives: Lives, moment: float) -> np.ndarray:
    """What a lead truly is at the moment, knowing its future."""
    first = (frame["closed_at"] < moment) & np.isnan(lives.reopened)
    closed_now = first | ((lives.closed < moment) & ~(lives.reopened < moment)) | (lives.closed_again < moment)
    held = ((lives.paused < moment) & ~(lives.resumed < moment)).any(axis=1)
    stay = moment - frame["stay_started_at"]
    over = frame["practically_over_at"] < moment
    overdue = over & (stay >= frame["true_horizon_days"].fillna(np.inf))
    rules = [closed_now, overdue & ~held, held & ~over, over | (stay > frame["true_patience_days"])]
    return np.select(rules, np.array(["ended", "overdue", "paused", "stalled"], dtype=object), default="progressing")
