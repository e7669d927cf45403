"""Activities of each lead, counted between its milestones and per day; done where the activities live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from leadaudit.ledger.beside import arrow, beside
from leadaudit.ledger.known import LAST_US, microseconds
from leadaudit.ledger.sorting import done_before, told

if TYPE_CHECKING:
    import pyarrow as pa

    from leadaudit.ingest.export import Export
    from leadaudit.process import Process

Numbers = np.ndarray[Any, np.dtype[Any]]
BOUNDARIES_COUNT = 6
"""Boundaries compared in one pass; leads with more are looked at again."""


def flagged(export: Export, process: Process, as_of: pd.Timestamp) -> nw.LazyFrame[Any]:
    """Done activities before ``as_of`` with what they were, and ``mailing`` where they were automatic."""
    acts = told(done_before(export.frame("activities"), as_of), process).with_columns(
        day=nw.col("at").dt.truncate("1d")
    )
    mails = acts.filter(nw.col("chased"), nw.col("kind") == "email", ~nw.col("subject").is_null())
    many = (
        mails.group_by("subject", "day")
        .agg(leads_count=nw.col("lead_id").n_unique())
        .filter(nw.col("leads_count") >= process.limits.mailing_leads_count)
        .select("subject", "day", mailing=nw.lit(value=True))
    )
    joined = acts.join(many, on=["subject", "day"], how="left")
    mailing = nw.col("mailing").fill_null(value=False) & nw.col("chased") & (nw.col("kind") == "email")
    return joined.with_columns(mailing=mailing).with_columns(
        chased=nw.col("chased") & ~nw.col("mailing"), contact=nw.col("contact") & ~nw.col("mailing")
    )


def decisive_acts(acts: nw.LazyFrame[Any], numbers: pa.Table, export: Export) -> pd.DataFrame:
    """``lead_no`` and ``at_us`` of the inbound acts that are a decision in this process."""
    found = acts.filter(nw.col("decisive")).join(beside(numbers, acts, export.connection), on="lead_id", how="inner")
    frame = arrow(found.select("lead_no", "at")).to_pandas()
    return pd.DataFrame({"lead_no": frame["lead_no"].astype("int64"), "at_us": microseconds(frame["at"])})


def between(acts: nw.LazyFrame[Any], boundaries: pd.DataFrame, lead_ids: pd.Series, export: Export) -> pd.DataFrame:
    """Count activities of each lead between its milestones.

    Parameters
    ----------
    acts : LazyFrame
        Of :func:`flagged`.
    boundaries : DataFrame
        ``lead_no`` and ``at_us`` of the milestones that separate, sorted.
    lead_ids : Series
        ``lead_id`` by ``lead_no``.
    export : Export

    Returns
    -------
    DataFrame
        One row per lead and ``segment`` with activities (0 = before its first boundary; what
        happens at the very time of a boundary lies before it), with counts and times.
    """
    nth = boundaries.groupby("lead_no", sort=False).cumcount().to_numpy()
    lead_no, at_us = boundaries["lead_no"].to_numpy(), boundaries["at_us"].to_numpy()
    most = int(nth.max()) + 1 if len(nth) else 0
    found, chosen = [], np.arange(len(lead_ids))
    for first in range(0, max(most, 1), BOUNDARIES_COUNT):
        width = min(BOUNDARIES_COUNT, max(most - first, 0))
        table = _wide(chosen, lead_no, at_us, nth, first, width, lead_ids)
        found.append(_pass(acts, beside(table, acts, export.connection), first, width))
        chosen = np.unique(lead_no[nth == first + width]) if width else chosen[:0]
    return pd.concat(found, ignore_index=True).sort_values(["lead_no", "segment"], ignore_index=True)


def _wide(
    chosen: Numbers, lead_no: Numbers, at_us: Numbers, nth: Numbers, first: int, width: int, lead_ids: pd.Series
) -> pa.Table:
    """One row per chosen lead: its id and number, the boundary before these (``since``) and the boundaries."""
    import pyarrow as pa

    position = np.full(len(lead_ids), -1)
    position[chosen] = np.arange(len(chosen))
    columns: dict[str, Any] = {
        "lead_id": pa.array(lead_ids.iloc[chosen]),
        "lead_no": pa.array(chosen.astype(np.int32)),
    }
    for number in range(first - 1, first + width + 1):
        values = np.full(len(chosen), LAST_US if number >= first else np.iinfo(np.int64).min + 1)
        mine = (nth == number) & (position[lead_no] >= 0)
        values[position[lead_no[mine]]] = at_us[mine]
        missing = (values == LAST_US) | (values == np.iinfo(np.int64).min + 1)
        columns[f"b{number - first + 1}"] = pa.array(values, mask=missing).cast(pa.timestamp("us"))
    return pa.table(columns)


def _pass(acts: nw.LazyFrame[Any], wide: nw.LazyFrame[Any], first: int, width: int) -> pd.DataFrame:
    at = nw.col("at")
    joined = acts.join(wide, on="lead_id", how="inner")
    if first:
        joined = joined.filter(at > nw.col("b0"))
    last = nw.col(f"b{width + 1}")
    joined = joined.filter(last.is_null() | (at <= last))
    segment = nw.lit(first)
    for number in range(1, width + 1):
        segment = segment + (at > nw.col(f"b{number}")).fill_null(value=False).cast(nw.Int32)
    return _counted(joined.with_columns(segment=segment.cast(nw.Int32)))


def _counted(joined: nw.LazyFrame[Any]) -> pd.DataFrame:
    at, direction = nw.col("at"), nw.col("direction")

    def when(flag: nw.Expr) -> nw.Expr:
        return nw.when(flag).then(at).otherwise(None)

    contact = nw.col("contact")
    direct = nw.col("kind").is_in(["email", "call", "meeting"])
    theirs = contact & (direction == "inbound")
    ours = contact & (direction == "outbound")
    flags = joined.select(
        "lead_no",
        "segment",
        "at",
        moved=(~nw.col("decisive")).cast(nw.Int32),
        responded=nw.col("response").cast(nw.Int32),
        talked=nw.col("conversation").cast(nw.Int32),
        reachable=direct.cast(nw.Int32),
        unknown=(direct & (direction == "unknown")).cast(nw.Int32),
        response_at=when(nw.col("response")),
        inbound_at=when(theirs),
        outbound_at=when(ours),
        mutual_at=when(contact & ~theirs & ~ours),
        refusal_at=when(nw.col("no_interest")),
    )
    table = flags.group_by("lead_no", "segment").agg(
        activity_count=nw.len(),
        movement_count=nw.col("moved").sum(),
        response_count=nw.col("responded").sum(),
        conversation_count=nw.col("talked").sum(),
        reach_count=nw.col("reachable").sum(),
        unknown_count=nw.col("unknown").sum(),
        last_at=at.max(),
        response_at=nw.col("response_at").max(),
        first_inbound_at=nw.col("inbound_at").min(),
        first_outbound_at=nw.col("outbound_at").min(),
        first_mutual_at=nw.col("mutual_at").min(),
        inbound_at=nw.col("inbound_at").max(),
        outbound_at=nw.col("outbound_at").max(),
        mutual_at=nw.col("mutual_at").max(),
        refusal_at=nw.col("refusal_at").max(),
    )
    frame = arrow(table).to_pandas()
    counts = [name for name in frame.columns if name.endswith("_count")]
    return frame.astype({name: "int64" for name in ["lead_no", "segment", *counts]})


def contact_days(acts: nw.LazyFrame[Any], numbers: pa.Table, export: Export) -> pd.DataFrame:
    """Days on which a lead was chased or responded, sorted by lead and day.

    Returns
    -------
    DataFrame
        ``lead_no``, ``day_us``, ``chased_us`` (last mail or call without an answer on that day),
        ``first_chased_us``, ``response_us`` (last response), ``asked_us`` (first inbound contact), ``mutual_us`` (last
        mutual one); smallest integer = none.
    """
    at = nw.col("at")
    chased, response = nw.col("chased"), nw.col("response")
    table = arrow(
        acts.filter(chased | response)
        .join(beside(numbers, acts, export.connection), on="lead_id", how="inner")
        .select(
            "lead_no",
            "day",
            chased_at=nw.when(chased).then(at).otherwise(None),
            response_at=nw.when(response).then(at).otherwise(None),
            asked_at=nw.when(nw.col("inbound")).then(at).otherwise(None),
            mutual_at=nw.when(response & ~nw.col("inbound")).then(at).otherwise(None),
        )
        .group_by("lead_no", "day")
        .agg(
            nw.col("chased_at").max(),
            nw.col("response_at").max(),
            nw.col("asked_at").min(),
            nw.col("mutual_at").max(),
            first_chased_at=nw.col("chased_at").min(),
        )
    )
    frame = table.to_pandas()
    days = pd.DataFrame(
        {
            "lead_no": frame["lead_no"].astype("int64"),
            "day_us": microseconds(frame["day"]),
            "chased_us": microseconds(frame["chased_at"]),
            "first_chased_us": microseconds(frame["first_chased_at"]),
            "response_us": microseconds(frame["response_at"]),
            "asked_us": microseconds(frame["asked_at"]),
            "mutual_us": microseconds(frame["mutual_at"]),
        }
    )
    return days.iloc[np.lexsort((days["day_us"], days["lead_no"]))].reset_index(drop=True)


def streaks(days: pd.DataFrame) -> pd.DataFrame:
    """How long the row of unanswered days had become, per chased day.

    Parameters
    ----------
    days : DataFrame
        Of :func:`contact_days`.

    Returns
    -------
    DataFrame
        ``lead_no``, ``at_us`` (first unanswered contact of the day), ``streak_count``, ``start_us`` (first of
        the row), ``row`` (position in ``days``). A day on which the lead answered *after* our last contact counts
        nothing; one on which we came again after the answer begins a new row.
    """
    none = np.iinfo(np.int64).min
    chased_us, response_us = days["chased_us"].to_numpy(), days["response_us"].to_numpy()
    lead_no = days["lead_no"].to_numpy()
    counted = (chased_us != none) & (chased_us > response_us)
    fresh = np.ones(len(days), bool)
    fresh[1:] = lead_no[1:] != lead_no[:-1]
    fresh |= response_us != none
    run = np.cumsum(fresh)
    total = np.cumsum(counted)
    start = np.flatnonzero(fresh)
    base = (total - counted)[start][run - 1] if len(days) else total
    chosen = np.flatnonzero(counted)
    at_us = np.where(response_us == none, days["first_chased_us"], chased_us)[chosen]
    streak = (total - base)[chosen]
    firsts = np.flatnonzero(streak == 1)
    begin = np.maximum.accumulate(np.where(streak == 1, np.arange(len(chosen)), 0)) if len(chosen) else firsts
    return pd.DataFrame(
        {
            "lead_no": lead_no[chosen],
            "at_us": at_us,
            "streak_count": streak,
            "start_us": at_us[begin],
            "row": chosen,
            "run": run[chosen],
        }
    )
