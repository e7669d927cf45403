"""Moments of many leads, sorted, so that "the next one after" and "how many between" are a look-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[Any]]

DAY_US = 86_400_000_000
NEVER_US = np.iinfo(np.int64).max
_UNIT_US = 1000
_SPAN = 1 << 43
"""Milliseconds that a lead has on the axis: 278 years, so that a million leads fit into 63 bits."""


@dataclass(frozen=True)
class Track:
    """Moments by lead, in order.

    Attributes
    ----------
    lead_no, at_us : ndarray of int64
        Sorted by lead and time.
    row : ndarray of int
        Where each moment stood in what the track was made of.
    """

    lead_no: Numbers
    at_us: Numbers
    row: Numbers
    _key: Numbers

    @classmethod
    def of(cls, lead_no: Numbers, at_us: Numbers) -> Track:
        """Sort moments; those without a date are left out.

        Examples
        --------
        >>> track = Track.of(np.array([1, 0, 1]), np.array([5, 3, 4]) * DAY_US)
        >>> (track.next_us(np.array([1, 0]), np.array([4, 3]) * DAY_US) // DAY_US == [5, NEVER_US // DAY_US]).tolist()
        [True, True]
        """
        dated = np.flatnonzero((at_us != NEVER_US) & (at_us != np.iinfo(np.int64).min))
        key = _keyed(lead_no[dated], at_us[dated])
        order = np.argsort(key, kind="stable")
        row = dated[order]
        return cls(lead_no[row], at_us[row], row, key[order])

    def __len__(self) -> int:
        return len(self.lead_no)

    def until(self, lead_no: Numbers, at_us: Numbers) -> Numbers:
        """Position behind the last moment of each lead at or before a time."""
        return np.searchsorted(self._key, _keyed(lead_no, at_us), side="right")

    def before(self, lead_no: Numbers, at_us: Numbers) -> Numbers:
        """Position of the first moment of each lead at or after a time."""
        return np.searchsorted(self._key, _keyed(lead_no, at_us), side="left")

    def next_us(self, lead_no: Numbers, at_us: Numbers, *, or_then: bool = False) -> Numbers:
        """First moment of each lead after a time (or at it); :data:`NEVER_US` where there is none."""
        position = self.before(lead_no, at_us) if or_then else self.until(lead_no, at_us)
        own = np.append(self.lead_no, -1)[position] == lead_no
        return np.where(own, np.append(self.at_us, NEVER_US)[position], NEVER_US)

    def last(self, lead_no: Numbers, at_us: Numbers) -> Numbers:
        """Row of each lead's last moment at or before a time, as an index into the track; -1 where there is none."""
        position = self.until(lead_no, at_us) - 1
        own = (position >= 0) & (np.append(self.lead_no, -1)[position] == lead_no)
        return np.where(own, position, -1)

    def count(self, lead_no: Numbers, after_us: Numbers, until_us: Numbers) -> Numbers:
        """How many moments of each lead lie after one time and not after another."""
        return np.maximum(self.until(lead_no, until_us) - self.until(lead_no, after_us), 0)


def _keyed(lead_no: Numbers, at_us: Numbers) -> Numbers:
    """One ascending number of lead and time; times before 1970 and after 2248 fall on the edges."""
    return lead_no.astype(np.int64) * _SPAN + np.clip(at_us // _UNIT_US, 0, _SPAN - 1)
