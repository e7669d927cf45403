"""Pauses: from when to when a lead validly rested, so that the time does not count as standing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.ledger.known import LAST_US, Known, microseconds
from leadaudit.ledger.places import NO_KIND, PAUSED
from leadaudit.ledger.walk import Walked

if TYPE_CHECKING:
    from leadaudit.process import Limits

Numbers = np.ndarray[Any, np.dtype[Any]]

DAY_US = 86_400_000_000
MISSING_US = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Pauses:
    """One element per pause, sorted by lead and start.

    Attributes
    ----------
    lead_no, row : ndarray of int
        The lead, and the row of the walk that began the pause.
    started_us, left_us : ndarray of int64
        Start, and when the lead left the pause (largest integer: it has not).
    until_us : ndarray of int64
        Resumption date that was set last; smallest integer: none known.
    moved_count : ndarray of int
        How often that date was moved.
    valid_until_us : ndarray of int64
        End of the valid part: the time up to here does not count as standing.
    """

    lead_no: Numbers
    row: Numbers
    started_us: Numbers
    left_us: Numbers
    until_us: Numbers
    moved_count: Numbers
    valid_until_us: Numbers


def pauses(walked: Walked, known: Known, limits: Limits) -> Pauses:
    """Find all pauses and how long each was valid.

    A pause is valid until its resumption date, at most ``pause_ahead_max_days`` ahead; without a
    date for ``pause_dateless_days``; until its date is moved more often than
    ``pause_moves_max_count``; never longer than the lead stays in it.
    """
    rows = walked.rows
    began = np.flatnonzero(walked.pausing)
    left_us = _left(rows.lead_no, rows.at_us, rows.kind)[began]
    lead_no, started = rows.lead_no[began], rows.at_us[began]
    first_us, last_us, moved, too_often_us = _dates(known, lead_no, started, left_us)
    standing = left_us == LAST_US
    record_us = microseconds(known.leads["paused_until"])[lead_no]
    first_us = np.where((first_us == MISSING_US) & standing, record_us, first_us)
    last_us = np.where(standing & (record_us != MISSING_US), record_us, last_us)
    dated = first_us != MISSING_US
    far = dated & (last_us - started > limits.pause_ahead_max_days * DAY_US)
    dateless_us = started + int(limits.pause_dateless_days * DAY_US)
    valid = np.where(far, started, np.where(dated, last_us, dateless_us))
    valid = np.minimum(valid, np.where(moved > limits.pause_moves_max_count, too_often_us, LAST_US))
    valid = np.clip(np.minimum(valid, left_us), started, None)
    return Pauses(lead_no, began, started, left_us, last_us, moved, valid)


def _left(lead_no: Numbers, at_us: Numbers, kind: Numbers) -> Numbers:
    """Per row, when the lead next enters a state that is no pause."""
    size = len(lead_no)
    ends = (kind != NO_KIND) & (kind != PAUSED)
    position = np.where(ends, np.arange(size), size)
    following = np.append(np.minimum.accumulate(position[::-1])[::-1][1:], size) if size else position
    same = np.append(lead_no, -1)[following] == lead_no
    return np.where(same, np.append(at_us, LAST_US)[following], LAST_US)


def _dates(
    known: Known, lead_no: Numbers, started: Numbers, left: Numbers
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Per pause: first and last resumption date set in it, moves of it, and when it was moved once too often."""
    size = len(lead_no)
    first, last = np.full(size, MISSING_US), np.full(size, MISSING_US)
    moved, too_often = np.zeros(size, np.int64), np.full(size, LAST_US)
    changes = known.changes.iloc[known.rows_of("paused_until")]
    if not len(changes) or not size:
        return first, last, moved, too_often
    changes = changes.sort_values(["lead_no", "at_us", "seq"], kind="stable")
    date_us = microseconds(pd.to_datetime(changes["after"].astype("str"), errors="coerce", format="ISO8601"))
    # The date is often set seconds before the stage: a day of grace belongs to the pause.
    owner = pd.DataFrame({"lead_no": lead_no, "begin": started - DAY_US, "pause": np.arange(size)})
    own = pd.DataFrame({"lead_no": changes["lead_no"].to_numpy(), "at": changes["at_us"].to_numpy(), "date": date_us})
    own = own[own["date"] != MISSING_US]
    paired = own.reset_index(drop=True).merge(owner.astype({"lead_no": own["lead_no"].dtype}), on="lead_no")
    paired = paired[(paired["at"] >= paired["begin"]) & (paired["at"] < left[paired["pause"]])]
    groups = paired.groupby("pause", sort=True)
    paired = paired.assign(nth=groups.cumcount(), change=groups["date"].diff().ne(0))
    paired = paired[paired["change"]].assign(nth=lambda f: f.groupby("pause").cumcount())
    groups = paired.groupby("pause", sort=True)
    index = groups.size().index.to_numpy()
    first[index], last[index] = groups["date"].first(), groups["date"].last()
    moved[index] = groups.size().to_numpy() - 1
    over = paired[paired["nth"] == 2]
    too_often[over["pause"]] = over["at"]
    return first, last, moved, too_often


def rested_us(found: Pauses, lead_no: Numbers, since_us: Numbers, until_us: int, leads_count: int) -> Numbers:
    """Valid pause time of each lead between a moment of its own and one for all, in microseconds."""
    since = np.full(leads_count, LAST_US)
    since[lead_no] = since_us
    begin = np.maximum(found.started_us, since[found.lead_no])
    end = np.minimum(found.valid_until_us, until_us)
    total = np.zeros(leads_count, np.int64)
    np.add.at(total, found.lead_no, np.maximum(end - begin, 0))
    return total[lead_no]
