"""Order of stage changes that carry the same time: from → to chain, else stage order, else file order."""

from __future__ import annotations

from typing import Any

import numpy as np

from leadaudit.ledger.order import by_lead_and_time

Numbers = np.ndarray[Any, np.dtype[Any]]


def in_order(lead_no: Numbers, at_us: Numbers, seq: Numbers, before: Numbers, after: Numbers, rank: Numbers) -> Numbers:
    """Positions that sort stage changes by lead and time, equal times by chain.

    Parameters
    ----------
    lead_no, at_us, seq : ndarray of int
        Lead, microseconds, order in the file (oldest first).
    before, after : ndarray of int
        Places; negative = missing.
    rank : ndarray of int
        Rank of ``after``; decides where no chain does.

    Returns
    -------
    ndarray of int

    Examples
    --------
    Written newest first, both at the same moment: New → Offer comes before Offer → Won.

    >>> zero = np.zeros(2, int)
    >>> in_order(zero, zero, np.array([0, 1]), np.array([1, 0]), np.array([2, 1]), np.array([2, 1]))
    array([1, 0])
    """
    order = by_lead_and_time(lead_no, at_us, seq)
    lead, at = lead_no[order], at_us[order]
    tied_with_last = np.zeros(len(order), bool)
    tied_with_last[1:] = (lead[1:] == lead[:-1]) & (at[1:] == at[:-1])
    if not tied_with_last.any():
        return order
    starts = np.flatnonzero(~tied_with_last)
    sizes = np.diff(np.append(starts, len(order)))
    # Ties are chained in rounds: the n-th round places the n-th change of every moment, and the
    # moments of one lead build on each other only through the stage the lead stood in before.
    moment = np.cumsum(~tied_with_last) - 1
    return order[_chained(order, starts, sizes, moment, lead, before, after, rank)]


def _chained(
    order: Numbers,
    starts: Numbers,
    sizes: Numbers,
    moment: Numbers,
    lead: Numbers,
    before: Numbers,
    after: Numbers,
    rank: Numbers,
) -> Numbers:
    came, went, level = before[order], after[order], rank[order]
    result = np.arange(len(order))
    waiting = np.flatnonzero(sizes[moment] > 1)
    standing = _standing(starts, lead, came, went, moment, np.flatnonzero(sizes > 1))
    placed = np.zeros(len(starts), np.int64)
    span = max(int(max(came.max(), went.max())), 0) + 2
    while len(waiting):
        group = moment[waiting]
        fits = came[waiting] == standing[group]
        heads = ~np.isin(group * span + came[waiting] + 1, group * span + went[waiting] + 1)
        preference = np.where(fits, 0, np.where(heads, 1, 2))
        picked = np.lexsort((waiting, level[waiting], preference, group))
        picked = picked[np.unique(group[picked], return_index=True)[1]]
        chosen, of = waiting[picked], group[picked]
        result[starts[of] + placed[of]] = chosen
        placed[of] += 1
        standing[of] = went[chosen]
        waiting = np.delete(waiting, picked)
    return result


def _standing(starts: Numbers, lead: Numbers, came: Numbers, went: Numbers, moment: Numbers, tied: Numbers) -> Numbers:
    """Where each lead stood before a tied moment: the only open end of the moment before; -1 if it is not certain."""
    span = max(int(max(came.max(), went.max())), 0) + 2
    follows = tied[(tied > 0) & (lead[starts[tied]] == lead[starts[tied] - 1])]
    before = np.zeros(len(starts), bool)
    before[follows - 1] = True
    rows = np.flatnonzero(before[moment])
    at, went_there = moment[rows], went[rows]
    is_end = ~np.isin(at * span + went_there + 1, at * span + came[rows] + 1)
    counts = np.bincount(at[is_end], minlength=len(starts))
    last = np.full(len(starts), -1, np.int64)
    last[at[is_end]] = went_there[is_end]
    last[counts != 1] = -1
    standing = np.full(len(starts), -1, np.int64)
    standing[follows] = last[follows - 1]
    return standing
