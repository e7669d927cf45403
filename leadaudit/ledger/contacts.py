"""The activities of all leads as three sorted columns of numbers: lead, time, what it was.

Texts are looked at where the activities live; what comes back is a number of the lead, a time and
some bits per activity (14 bytes). On these, "since the last progress" is a position, and counting
between two positions is a subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from leadaudit.ledger.beside import arrow, beside
from leadaudit.ledger.known import LAST_US
from leadaudit.ledger.order import unit_of
from leadaudit.ledger.sorting import MARKS, done_before, outcomes, told

if TYPE_CHECKING:
    import pyarrow as pa

    from leadaudit.ingest.export import Export
    from leadaudit.process import Process

Numbers = np.ndarray[Any, np.dtype[Any]]

BITS = ("mailing", *MARKS)
"""What the bits of a mark say, lowest first; ``response`` is the highest, so that it sorts behind our own contact."""

DAY_US = 86_400_000_000
MISSING_US = np.iinfo(np.int64).min


def flagged(export: Export, process: Process, as_of: pd.Timestamp) -> nw.LazyFrame[Any]:
    """Done activities before ``as_of`` with what they were (:func:`leadaudit.ledger.sorting.told`), lazily."""
    done = done_before(export.frame("activities"), as_of)
    return told(done, process, outcomes(done))


@dataclass(frozen=True)
class Acts:
    """Activities sorted by lead and time; at equal times our own contact comes before a response.

    Attributes
    ----------
    lead_no, at_us, marks : ndarray
        ``marks`` has one bit per name in :data:`BITS`.
    leads_count : int
    axis : tuple of int
        ``(first_us, span, unit_us)`` of the sorting key.
    """

    lead_no: Numbers
    at_us: Numbers
    marks: Numbers
    leads_count: int
    axis: tuple[int, int, int]

    def __len__(self) -> int:
        return len(self.lead_no)

    def rows(self, name: str) -> Numbers:
        """Positions of the activities with a mark."""
        if name not in self._rows:
            self._rows[name] = np.flatnonzero((self.marks & self.bit(name)) != 0).astype(np.int32)
        return self._rows[name]

    @cached_property
    def _rows(self) -> dict[str, Numbers]:
        return {}

    @staticmethod
    def bit(name: str) -> int:
        """The bit of a mark."""
        return 1 << BITS.index(name)

    @cached_property
    def start(self) -> Numbers:
        """Position of the first activity of each lead, and the end."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.lead_no, minlength=self.leads_count))])

    @cached_property
    def key(self) -> Numbers:
        """Ascending number of lead and time; equal for equal times."""
        first, span, unit = self.axis
        return self.lead_no.astype(np.int64) * span + (self.at_us - first) // unit

    def after(self, lead_no: Numbers, at_us: Numbers) -> Numbers:
        """Position of the first activity of each lead after a moment (what happens at the moment lies before it)."""
        first, span, unit = self.axis
        # Outside the times there are, the nearest one has the same answer; before them all is "-1".
        moment = np.clip(at_us, first - unit, first + (span - 2) * unit)
        return np.searchsorted(self.key, lead_no.astype(np.int64) * span + (moment - first) // unit, side="right")

    def until(self, name: str) -> Numbers:
        """How many activities with a mark stand before each position (one element more than activities)."""
        found = np.zeros(len(self) + 1, np.int32)
        if name in self._rows and not len(self._rows[name]):
            return found
        np.cumsum((self.marks & self.bit(name)) != 0, out=found[1:], dtype=np.int32)
        return found

    def last_us(self, name: str, since: Numbers | None = None, before: Numbers | None = None) -> Numbers:
        """Time of each lead's last activity with a mark, from a position on and before another; smallest integer = none."""
        rows = self._within(name, since, before)
        found = np.full(self.leads_count, MISSING_US)
        found[self.lead_no[rows]] = self.at_us[rows]
        return found

    def first_us(self, name: str, since: Numbers | None = None, before: Numbers | None = None) -> Numbers:
        """Time of each lead's first activity with a mark; largest integer = none."""
        rows = self._within(name, since, before)[::-1]
        found = np.full(self.leads_count, LAST_US)
        found[self.lead_no[rows]] = self.at_us[rows]
        return found

    def _within(self, name: str, since: Numbers | None, before: Numbers | None) -> Numbers:
        rows = self.rows(name)
        if since is not None:
            rows = rows[rows >= since[self.lead_no[rows]]]
        if before is not None:
            rows = rows[rows < before[self.lead_no[rows]]]
        return rows


def collect(flags: nw.LazyFrame[Any], numbers: pa.Table, export: Export, mailing_leads_count: int) -> Acts:
    """Bring the activities of known leads home as numbers.

    Parameters
    ----------
    flags : LazyFrame
        Of :func:`flagged`.
    numbers : pyarrow.Table
        ``lead_id`` and ``lead_no``.
    export : Export
    mailing_leads_count : int
        Mails with one subject to so many leads on one day were sent by a machine: no contact of ours.
    """
    marks = nw.lit(0, dtype=nw.Int32())
    for name in MARKS:
        marks = marks + nw.when(nw.col(name)).then(Acts.bit(name)).otherwise(0)
    numbered = flags.join(beside(numbers, flags, export.connection), on="lead_id", how="inner")
    table = arrow(numbered.select("lead_no", "at", "mail", marks=marks.cast(nw.Int16)))
    lead_no = _column(table, "lead_no", np.int32)
    at_us = _column(table, "at", np.dtype("datetime64[us]")).view(np.int64)
    found = _column(table, "marks", np.int16)
    mailing = _mailings(table.column("mail"), lead_no, at_us, mailing_leads_count)
    del table  # the subjects weigh more than everything else
    found = np.where(mailing, found & ~(Acts.bit("chased") | Acts.bit("contact")) | Acts.bit("mailing"), found)
    return sorted_acts(lead_no, at_us, found.astype(np.int16), numbers.num_rows)


def _column(table: pa.Table, name: str, dtype: Any) -> Numbers:
    return np.ascontiguousarray(table.column(name).to_numpy().astype(dtype, copy=False))


def _mailings(mail: pa.ChunkedArray, lead_no: Numbers, at_us: Numbers, leads_count: int) -> Numbers:
    """Which activities are mails with a subject that went to many leads on the same day."""
    mailing = np.zeros(len(lead_no), bool)
    encoded = mail.dictionary_encode().combine_chunks()
    codes = encoded.indices.fill_null(-1).to_numpy()
    # A subject that is rare altogether is no mailing on any day.
    often = np.append(np.bincount(codes[codes >= 0], minlength=len(encoded.dictionary)) >= leads_count, False)
    rows = np.flatnonzero(often[codes])
    if not len(rows):
        return mailing
    day = at_us[rows] // DAY_US
    day -= day.min()
    group = pd.factorize(codes[rows].astype(np.int64) * (int(day.max()) + 1) + day)[0]
    # One number per group and lead: sorted, each new one is one more lead of its group.
    size = int(lead_no.max()) + 1
    pairs = np.sort(group * size + lead_no[rows])
    leads = np.bincount(pairs[np.append(True, pairs[1:] != pairs[:-1])] // size)
    mailing[rows] = leads[group] >= leads_count
    return mailing


def sorted_acts(lead_no: Numbers, at_us: Numbers, marks: Numbers, leads_count: int) -> Acts:
    """Sort activities by lead, time, and our own contact before a response.

    Lead, time and marks are packed into one integer where they fit (whole seconds do), which sorts six times faster
    than finding positions; else times are exact to the millisecond at least.
    """
    first = int(at_us.min()) if len(at_us) else 0
    length = int(at_us.max()) - first if len(at_us) else 0
    unit = unit_of(at_us - first)
    bits, time_bits = len(BITS), (length // unit + 3).bit_length()
    if (leads_count + 1).bit_length() + time_bits + bits <= 62:
        packed = (lead_no.astype(np.int64) << time_bits) + (at_us - first) // unit
        packed = np.sort((packed << bits) + marks)
        marks = (packed & ((1 << bits) - 1)).astype(np.int16)
        packed >>= bits
        at_us = (packed & ((1 << time_bits) - 1)) * unit + first
        return Acts((packed >> time_bits).astype(np.int32), at_us, marks, leads_count, (first, 1 << time_bits, unit))
    unit = 1 if (length + 3) * 2 * (leads_count + 1) < LAST_US else 1000
    span = length // unit + 3
    key = (lead_no.astype(np.int64) * span + (at_us - first) // unit) * 2
    order = np.argsort(key + ((marks & Acts.bit("response")) != 0))
    return Acts(lead_no[order], at_us[order], marks[order], leads_count, (first, span, unit))


def streaks(acts: Acts) -> pd.DataFrame:
    """How long the row of unanswered days had become, per chased day.

    Returns
    -------
    DataFrame
        ``lead_no``, ``at_us`` (first unanswered contact of the day), ``streak_count`` and ``run`` (number of the
        row; a response of the other side begins a new one), sorted by lead and time.
    """
    chosen = np.flatnonzero(acts.marks & (acts.bit("chased") | acts.bit("response")))
    lead_no, at_us = acts.lead_no[chosen], acts.at_us[chosen]
    chased = (acts.marks[chosen] & acts.bit("chased")) != 0
    fresh = ~chased
    fresh[:1] = True
    fresh[1:] |= lead_no[1:] != lead_no[:-1]
    run = np.cumsum(fresh)[chased]
    lead_no, at_us = lead_no[chased], at_us[chased]
    day = at_us // DAY_US
    counted = np.ones(len(run), bool)
    counted[1:] = (run[1:] != run[:-1]) | (day[1:] != day[:-1])
    run, lead_no, at_us = run[counted], lead_no[counted], at_us[counted]
    begins = np.ones(len(run), bool)
    begins[1:] = run[1:] != run[:-1]
    position = np.arange(len(run))
    start = np.maximum.accumulate(np.where(begins, position, 0)) if len(run) else position
    return pd.DataFrame({"lead_no": lead_no, "at_us": at_us, "streak_count": position - start + 1, "run": run})


def decisive_acts(acts: Acts) -> tuple[Numbers, Numbers]:
    """Lead and time of the inbound acts that are a decision in this process."""
    rows = acts.rows("decisive")
    return acts.lead_no[rows].astype(np.int64), acts.at_us[rows]
