"""Imports and clean-ups: many leads changed by one actor within a minute; many mails with one subject."""

from __future__ import annotations

from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[Any]]

DAY_US = 86_400_000_000
DATE_ONLY_SHARE = 0.9
"""If so many changes stand at midnight, the export has dates without times, and no minute can be seen."""


def in_bulk(lead_no: Numbers, at_us: Numbers, actor: Numbers, leads_count: int, seconds: float) -> Numbers:
    """Which changes are part of a bulk move: ``leads_count`` leads by one actor within ``seconds``.

    Parameters
    ----------
    lead_no, actor : ndarray of int
        Lead and actor of each change; all unknown actors are one actor.
    at_us : ndarray of int64
        Microseconds.
    leads_count : int
    seconds : float
        The window, both ends included.

    Returns
    -------
    ndarray of bool

    Notes
    -----
    Distinct leads in every window are counted without a loop: the rows in it, less those whose
    lead already stands in the same window.

    Examples
    --------
    >>> in_bulk(np.array([1, 2, 3]), np.array([0, 10, 90_000_000]), np.zeros(3, int), 2, 60)
    array([ True,  True, False])
    """
    size = len(lead_no)
    if size < leads_count or np.mean(at_us % DAY_US == 0) > DATE_ONLY_SHARE:
        return np.zeros(size, bool)
    if not _crowded(at_us, actor, leads_count, seconds):
        return np.zeros(size, bool)
    order = np.lexsort((at_us, actor))
    lead, at, who = lead_no[order], at_us[order], actor[order]
    # One ascending axis for all actors: their times stand apart by more than a window.
    span = at.max() - at.min() + int(seconds * 1e6) + 1
    axis = np.searchsorted(np.unique(who), who).astype(np.int64) * span + (at - at.min())
    first = np.searchsorted(axis, axis - int(seconds * 1e6), side="left")
    position = np.arange(size)
    full = position - first + 1 >= leads_count
    if not full.any():
        return np.zeros(size, bool)
    distinct = position - first + 1 - _repeated(lead, who, first)
    ends = np.flatnonzero(distinct >= leads_count)
    marks = np.zeros(size + 1, np.int64)
    np.add.at(marks, first[ends], 1)
    np.add.at(marks, ends + 1, -1)
    found = np.zeros(size, bool)
    found[order] = np.cumsum(marks[:-1]) > 0
    return found


def _crowded(at_us: Numbers, actor: Numbers, count: int, seconds: float) -> bool:
    """Whether any actor made so many changes in about that time: mostly nobody did, and sorting once tells."""
    second = (at_us - at_us.min()) // 1_000_000
    window = int(seconds) + 1
    axis = np.sort((actor.astype(np.int64) + 1) * (int(second.max()) + window + 2) + second)
    return bool((axis[count - 1 :] - axis[: len(axis) - count + 1] <= window).any())


def _repeated(lead: Numbers, who: Numbers, first: Numbers) -> Numbers:
    """For each window (``first[i]`` … i): rows whose lead stands earlier in the same window."""
    size = len(lead)
    by_lead = np.lexsort((np.arange(size), lead, who))
    same = (lead[by_lead][1:] == lead[by_lead][:-1]) & (who[by_lead][1:] == who[by_lead][:-1])
    later, earlier = by_lead[1:][same], by_lead[:-1][same]
    near = earlier >= first[later]
    later, earlier = later[near], earlier[near]
    # The pair lies in every window that ends at `later` or after and begins at `earlier` or before.
    last = np.searchsorted(first, earlier, side="right")
    marks = np.zeros(size + 1, np.int64)
    np.add.at(marks, later, 1)
    np.add.at(marks, last, -1)
    return np.cumsum(marks[:-1])
