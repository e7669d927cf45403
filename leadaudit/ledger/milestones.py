"""The milestones of all leads: what stays are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.ledger.known import Known, times
from leadaudit.ledger.order import merged
from leadaudit.ledger.pauses import Pauses
from leadaudit.ledger.places import WON, Places, coded
from leadaudit.ledger.rows import Begun
from leadaudit.ledger.walk import CREATED, Walked

if TYPE_CHECKING:
    from collections.abc import Callable

Numbers = np.ndarray[Any, np.dtype[Any]]

WHATS = ("created", "progress", "won", "ended", "reopened", "paused", "resumed", "vanished")
CREATED_M, PROGRESS, WON_M, ENDED_M, REOPENED, PAUSED_M, RESUMED, VANISHED = range(len(WHATS))


def numbered(walked: Walked, start: Begun, known: Known, found: Pauses, as_of_us: int) -> pd.DataFrame:
    """Milestones with numbers instead of names.

    Returns
    -------
    DataFrame
        ``lead_no``, ``at_us``, ``seq``, ``what`` (index into :data:`WHATS`), ``place``, ``pipeline_no``,
        ``life``, ``known``, ``bulk``, ``entered_us``; sorted by lead and time, ``seq`` counting from 0 per lead.
    """
    rows = walked.rows
    what = np.full(len(rows.lead_no), -1, np.int8)
    what[walked.progress] = PROGRESS
    what[walked.ending] = np.where(rows.kind[walked.ending] == WON, WON_M, ENDED_M)
    what[walked.reopened] = REOPENED
    what[rows.source == CREATED] = CREATED_M
    chosen = np.flatnonzero(what >= 0)
    frame = pd.DataFrame(
        {
            "lead_no": rows.lead_no[chosen],
            "at_us": rows.at_us[chosen],
            "row": chosen,
            "part": np.int8(1),
            "what": what[chosen],
            "place": walked.standing[chosen],
            "life": walked.life[chosen],
            "bulk": rows.bulk[chosen],
        }
    )
    parts = [frame, _pause_rows(walked, found, as_of_us)]
    parts.append(_vanished_rows(known, walked))
    # A resumption at the moment of a progress ends the pause first; a decision to pause comes before its pause.
    if any(len(part) for part in parts[1:]):
        frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
        frame = frame.iloc[_in_order(frame, len(parts[0]))].reset_index(drop=True)
    first = frame["what"].to_numpy() == CREATED_M
    own = frame["lead_no"].to_numpy()
    frame["known"] = np.where(first, start.known[own], True)
    frame["entered_us"] = np.where(first, start.entered_us[own], np.iinfo(np.int64).min)
    frame["seq"] = np.arange(len(frame)) - np.maximum.accumulate(np.where(_begins(own), np.arange(len(frame)), 0))
    return frame.drop(columns=["row", "part"])


def _in_order(frame: pd.DataFrame, walked_count: int) -> Numbers:
    """Positions that sort by lead, time, row and part; the first rows stand so, only leads with others are sorted."""
    lead_no = frame["lead_no"].to_numpy()
    order = merged(lead_no)
    touched = np.zeros(int(lead_no.max()) + 1, bool)
    touched[lead_no[walked_count:]] = True
    rows = np.flatnonzero(touched[lead_no[order]])
    own = order[rows]
    order[rows] = own[np.lexsort([frame[name].to_numpy()[own] for name in ("part", "row", "at_us", "lead_no")])]
    return order


def _begins(lead_no: Numbers) -> Numbers:
    return np.append(True, lead_no[1:] != lead_no[:-1])[: len(lead_no)]


def _pause_rows(walked: Walked, found: Pauses, as_of_us: int) -> pd.DataFrame:
    valid = found.valid_until_us > found.started_us
    over = valid & (found.valid_until_us < as_of_us)
    row = np.concatenate([found.row[valid], found.row[over]])
    lead_no = np.concatenate([found.lead_no[valid], found.lead_no[over]])
    return pd.DataFrame(
        {
            "lead_no": lead_no,
            "at_us": np.concatenate([found.started_us[valid], found.valid_until_us[over]]),
            "row": row,
            "part": np.repeat(np.array([2, 0], np.int8), [valid.sum(), over.sum()]),
            "what": np.repeat(np.array([PAUSED_M, RESUMED], np.int8), [valid.sum(), over.sum()]),
            "place": walked.standing[row],
            "life": walked.life[row],
            "bulk": walked.rows.bulk[row],
        }
    )


def _vanished_rows(known: Known, walked: Walked) -> pd.DataFrame:
    gone = known.changes.iloc[known.rows_of("vanished")]
    gone = gone.sort_values("at_us").drop_duplicates("lead_no", keep="last")
    last_row = np.zeros(len(known.leads), np.int64)
    last_row[walked.rows.lead_no] = np.arange(len(walked.rows.lead_no))
    row = last_row[gone["lead_no"].to_numpy(np.int64)]
    return pd.DataFrame(
        {
            "lead_no": gone["lead_no"].to_numpy(np.int64),
            "at_us": gone["at_us"].to_numpy(),
            "row": row,
            "part": np.int8(3),
            "what": np.int8(VANISHED),
            "place": walked.standing[row],
            "life": walked.life[row],
            "bulk": False,
        }
    )


def named(frame: pd.DataFrame, known: Known, places: Places, data_quality: Callable[[str], bool]) -> pd.DataFrame:
    """Milestones as :data:`leadaudit.tables.MILESTONES`, with ``observed_at`` (begin of delayed observation)."""
    lead_no, place, what = (frame[name].to_numpy() for name in ("lead_no", "place", "what"))
    over = np.isin(what, (WON_M, ENDED_M))
    own_pipeline = places.pipeline_numbers(known.leads["pipeline"])[lead_no]
    pipeline_no = np.where(place < 0, own_pipeline, places.pipeline_no(place))
    return pd.DataFrame(
        {
            "lead_id": known.leads["lead_id"].array.take(lead_no),
            "at": times(frame["at_us"].to_numpy()),
            "seq": frame["seq"].astype("Int64"),
            "what": coded(WHATS, what),
            "pipeline": places.pipeline_names(pipeline_no),
            "stage": places.stage_names(np.where(over, -1, place)),
            "life": frame["life"].astype("Int64"),
            "known": frame["known"].astype("boolean"),
            "counts": pd.array(_counts(frame, known, data_quality), dtype="boolean"),
            "bulk": frame["bulk"].astype("boolean"),
            "observed_at": times(frame["entered_us"].to_numpy()),
        }
    )


def _counts(frame: pd.DataFrame, known: Known, data_quality: Callable[[str], bool]) -> Numbers:
    """False for a lead's last ending if its reason says that it never was a lead."""
    reasons = known.leads["lost_reason"].cat
    bad = np.append([data_quality(reason) for reason in reasons.categories], False).astype(bool)
    counts = np.ones(len(frame), bool)
    rows = np.flatnonzero(frame["what"].to_numpy() == ENDED_M)
    lead_no = frame["lead_no"].to_numpy()[rows]
    last = np.append(lead_no[1:] != lead_no[:-1], True)[: len(rows)]
    counts[rows] = ~(last & bad[reasons.codes.to_numpy()[lead_no]])
    return counts
