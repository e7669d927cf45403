"""What entering each status does to the chance: a decision raises it, a recorded activity leaves it where it was.

A status that leads reach because something was decided tells the good leads from the others, and
whoever reaches it has a better chance than those who stood as long in the status before. A status
that is set because *we* did something ("Angebot gesendet") tells nothing: the chance is what it was.

For each move *m* from a status *A*, made after a stay of *d* days, the mover is compared with all
leads that stood in *A* for at least *d* days, himself among them::

    effect = 1/M · sum over m of ( y(m) - mean of y over R(d) )

``R(d)`` are the stays in *A* at risk on day *d* (landmarks, van Houwelingen 2007). ``y`` is 1 for
a lead won in the end, 0 for one that ended; open leads are neither: each won lead is weighted by the
inverse of the chance to have been followed that long, estimated from the open ones (inverse
probability of censoring: Robins and Rotnitzky 1992, Satten and Datta 2001). The interval is that of
the sum's influence function, added up per lead, so that a lead which is both mover and comparison
is not counted as two.

It is a comparison of those who went on with those who did not, and so a connection, not a cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from leadaudit.tables import STAYS, Column, Table, conform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadaudit.process import Process

    Numbers = NDArray[np.float64]
    Rows = NDArray[np.intp]

EffectAnswer = Literal["raises", "lowers", "none", "unclear"]

MOVES_MIN_COUNT = 30
"""Moves with a comparison that an answer needs; the same number as stays at a landmark."""

WON_MIN_COUNT = 10
"""Movers won in the end that an answer needs, as many as learning needs anywhere."""

SAME_SHARE = 0.25
"""No effect = a change by more than this part of the chance before can be ruled out.

The same part by which the judgement calls a chance practically gone: what is less than that to the
one is no step to the other."""

LEVEL_SHARE = 0.90
"""Two-sided level of the interval; both ends are one-sided 95 % bounds (equivalence by two one-sided tests)."""

EFFECTS: Table = {
    "pipeline": Column("text", "pipeline"),
    "stage": Column("text", "the status entered"),
    "rank": Column("count", "its position in the process"),
    "entered_count": Column("count", "moves into it, as progress, from another status"),
    "compared_count": Column("count", "of these, moves with enough leads that stood as long in the status before"),
    "won_count": Column("count", "of the compared, leads won by as_of"),
    "before": Column("text", "status from which most of them came"),
    "chance_before": Column("number", "chance just before: of leads that stood as long in the status before"),
    "chance_after": Column("number", "chance on entry"),
    "effect": Column("number", "chance_after - chance_before"),
    "effect_low": Column("number", "lower end of the 90 % interval"),
    "effect_high": Column("number", "upper end of the 90 % interval"),
    "answer": Column("text", "raises, lowers, none (a change worth the name is ruled out) or unclear (too few cases)"),
}
"""One row per status that leads were seen to enter from another one, in the order of the process."""


@dataclass(frozen=True)
class _Standing:
    """The stays of one status, and for each landmark asked for what those at risk came to."""

    entered: Numbers
    stay: Numbers
    days: Numbers
    still_open: NDArray[np.bool_]
    weight: Numbers
    lead: Rows
    going_to: Rows

    def followed(self, until: Numbers) -> Numbers:
        """Share of leads that are followed at least so many days since the stay began."""
        return _followed_until(self.entered, self.days, self.still_open, until)

    def at(self, days: Numbers, followed_share: Numbers) -> tuple[Numbers, Numbers]:
        """How many stood for so long, and the chance of these."""
        by_stay, by_entry = np.argsort(self.stay), np.argsort(self.entered)
        lasting = np.searchsorted(self.stay[by_stay], days, side="left")
        late = np.searchsorted(self.entered[by_entry], days, side="right")
        at_risk = (late - lasting).astype(np.float64)
        of_stay = np.append(0.0, np.cumsum(self.weight[by_stay]))
        of_entry = np.append(0.0, np.cumsum(self.weight[by_entry]))
        return at_risk, followed_share * (of_entry[late] - of_stay[lasting]) / np.maximum(at_risk, 1)


def effects(stays: pd.DataFrame, process: Process) -> pd.DataFrame:
    """The effect of entering each status on the chance of being won in the end.

    Parameters
    ----------
    stays : DataFrame
        STAYS (:func:`leadaudit.chance.stays`), by lead and time.
    process : Process
        Its order; a status that the process calls an activity is no progress and has no row.

    Returns
    -------
    DataFrame
        EFFECTS: one row per status entered from another one, in the order of the process. Shares
        0-1; missing where no move has a comparison. Empty without stage history.

    Examples
    --------
    >>> from leadaudit.process import Process
    >>> len(effects(pd.DataFrame(columns=list(STAYS)), Process()))
    0
    """
    stays = conform(stays, STAYS)
    place, names = _places(stays)
    going_to = _going_to(stays, place)
    usable = stays[["entered_days", "stay_days", "outcome_days", "stage"]].notna().all(axis=1).to_numpy()
    lead = pd.factorize(stays["lead_id"])[0]
    standing = {
        number: _standing(stays, lead, going_to, np.flatnonzero(usable & (place == number)))
        for number in _numbers(place[usable & (going_to >= 0)])
    }
    rows = [_effect(number, names, going_to, standing, process) for number in _numbers(going_to[going_to >= 0])]
    found = conform(pd.DataFrame(rows, columns=list(EFFECTS)), EFFECTS)
    return found.sort_values(["rank", "pipeline", "stage"], kind="stable", ignore_index=True)


def _places(stays: pd.DataFrame) -> tuple[Rows, list[tuple[str, str]]]:
    """The (pipeline, stage) of each stay as a number, -1 for none, and what the numbers mean."""
    pipeline, pipelines = pd.factorize(stays["pipeline"].fillna(""))
    stage, stages = pd.factorize(stays["stage"])
    place = np.where(stage < 0, -1, pipeline * len(stages) + stage)
    return place, [(str(one), str(other)) for one in pipelines for other in stages]


def _numbers(places: Rows) -> list[int]:
    """The numbers that occur, ascending; counting small numbers is quicker than sorting many."""
    return np.flatnonzero(np.bincount(places)).tolist()


def _going_to(stays: pd.DataFrame, place: Rows) -> Rows:
    """Number of the status that each stay led into by progress; -1 for none."""
    lead, life = stays["lead_id"].to_numpy(), stays["life"].fillna(0).to_numpy(np.int64)
    following = np.append(place[1:], np.full(min(1, len(place)), -1))
    same = np.append((lead[1:] == lead[:-1]) & (life[1:] == life[:-1]), np.zeros(min(1, len(lead)), bool))
    moved = same & (stays["end"] == "progress").to_numpy() & (following != place)
    return np.where(moved, following, -1)


def _standing(stays: pd.DataFrame, lead: Rows, going_to: Rows, rows: Rows) -> _Standing:
    part = stays.iloc[rows]
    entered, stay, days = (part[name].to_numpy(np.float64) for name in ("entered_days", "stay_days", "outcome_days"))
    won, still_open = (part["outcome"] == "won").to_numpy(), (part["outcome"] == "open").to_numpy()
    weight = np.where(won, 1 / _followed_until(entered, days, still_open, days), 0.0)
    return _Standing(np.minimum(entered, stay), stay, days, still_open, weight, lead[rows], going_to[rows])


def _followed_until(entered: Numbers, days: Numbers, censored: NDArray[np.bool_], until: Numbers) -> Numbers:
    """Share of leads that are followed at least so many days (Kaplan-Meier of being still open at as_of)."""
    times, counts = np.unique(days[censored], return_counts=True)
    settled, every = np.sort(days[~censored]), np.sort(days)
    at_risk = len(days) - np.searchsorted(every, times, side="left")
    # A lead settled on the day on which another is censored was settled first.
    at_risk -= np.searchsorted(settled, times, side="right") - np.searchsorted(settled, times, side="left")
    at_risk -= len(entered) - np.searchsorted(np.sort(entered), times, side="right")
    # The last one followed takes nothing with it: nobody is left to stand for.
    staying = np.where(at_risk > counts, 1 - counts / np.maximum(at_risk, 1), 1.0)
    return np.append(1.0, np.cumprod(staying))[np.searchsorted(times, until, side="left")]


def _effect(
    number: int, names: list[tuple[str, str]], going_to: Rows, standing: dict[int, _Standing], process: Process
) -> dict[str, object]:
    """One row of EFFECTS."""
    parts = [_compared(part, number, process.limits.at_risk_min_count) for part in standing.values()]
    moves = [len(part.after) for part in parts]
    pipeline, stage = names[number]
    row: dict[str, object] = {"pipeline": pipeline, "stage": stage, "rank": process.rank_of(pipeline, stage)}
    row |= {
        "entered_count": int((going_to == number).sum()),
        "compared_count": sum(moves),
        "won_count": 0,
        "answer": "unclear",
    }
    if not sum(moves):
        return row
    after, before = (np.concatenate([getattr(part, name) for part in parts]) for name in ("after", "before"))
    effect = float((after - before).mean())
    spread = _spread(parts, effect) / len(after)
    z = NormalDist().inv_cdf((1 + LEVEL_SHARE) / 2)
    low, high = effect - z * spread, effect + z * spread
    won_count, chance_before = int((after > 0).sum()), float(before.mean())
    enough = len(after) >= MOVES_MIN_COUNT and won_count >= WON_MIN_COUNT
    came_from = names[list(standing)[int(np.argmax(moves))]][1]
    return row | {
        "won_count": won_count, "before": came_from, "chance_before": chance_before,
        "chance_after": float(after.mean()), "effect": effect, "effect_low": low, "effect_high": high,
        "answer": answer(low, high, chance_before) if enough else "unclear",
    }  # fmt: skip


def answer(low: float, high: float, chance_before: float) -> EffectAnswer:
    """What an interval of the effect says.

    Examples
    --------
    >>> answer(0.04, 0.12, 0.30), answer(-0.02, 0.03, 0.30), answer(-0.10, 0.20, 0.30)
    ('raises', 'none', 'unclear')
    """
    margin = SAME_SHARE * chance_before
    if -margin < low and high < margin:
        return "none"
    if low > 0:
        return "raises"
    return "lowers" if high < 0 else "unclear"


@dataclass(frozen=True)
class _Compared:
    """Moves from one status into another: the mover's weight, the chance of those who stood as long, and who bears it."""

    after: Numbers
    before: Numbers
    movers: Rows
    pull: Numbers
    lead: Rows


def _compared(part: _Standing, number: int, at_risk_min: int) -> _Compared:
    moving = np.flatnonzero(part.going_to == number)
    order = moving[np.argsort(part.stay[moving], kind="stable")]
    days = part.stay[order]
    share = part.followed(days)
    at_risk, before = part.at(days, share)
    kept = at_risk >= at_risk_min
    days, share, at_risk, before = (values[kept] for values in (days, share, at_risk, before))
    order = order[kept]
    after = share * part.weight[order]
    return _Compared(after, before, part.lead[order], _pull(part, days, share / at_risk, before / at_risk), part.lead)


def _pull(part: _Standing, days: Numbers, own: Numbers, mean: Numbers) -> Numbers:
    """How each stay pulls the comparison of all the moves that it stood as long as."""
    last = np.searchsorted(days, part.stay, side="right")
    first = np.searchsorted(days, part.entered, side="left")
    own_sum, mean_sum = np.append(0.0, np.cumsum(own)), np.append(0.0, np.cumsum(mean))
    return part.weight * (own_sum[last] - own_sum[first]) - (mean_sum[last] - mean_sum[first])


def _spread(parts: list[_Compared], effect: float) -> float:
    """Standard error of the sum over all moves, influences added up per lead."""
    lead = np.concatenate([array for part in parts for array in (part.movers, part.lead)])
    influence = np.concatenate([array for part in parts for array in (part.after - part.before - effect, -part.pull)])
    per_lead = np.bincount(lead, influence)
    count = max(int(np.count_nonzero(np.bincount(lead))), 2)
    return float(np.sqrt((per_lead**2).sum() * count / (count - 1)))
