"""The ledger as a table: one row per event of a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from leadaudit.ledger.beside import arrow, beside
from leadaudit.ledger.known import LAST_US, times
from leadaudit.ledger.places import PAUSED, WON
from leadaudit.ledger.walk import CREATED, DECIDED, INBOUND, PRECONDITION, RECORD
from leadaudit.tables import EVENTS, conform

if TYPE_CHECKING:
    import pyarrow as pa

    from leadaudit.ledger import Ledger

TIME = nw.Datetime("us")


def events(ledger: Ledger) -> nw.LazyFrame[Any]:
    """All events, lazily, in no order; an activity has no stage of its own (missing)."""
    acts = _of_activities(ledger, ledger.flagged)
    walked = beside(_arrow(of_walk(ledger)), acts, ledger.export.connection)
    # Arrow knows two types of text and joins only equal ones.
    columns = [nw.col(name).cast(nw.String()) if column.kind == "text" else name for name, column in EVENTS.items()]
    return nw.concat([walked.select(*columns), acts.select(*columns)], how="vertical")


def of_lead(ledger: Ledger, lead_no: int) -> pd.DataFrame:
    """Events of one lead in order, with the stage it stood in at each."""
    own = ledger.known.leads["lead_id"].iloc[lead_no]
    acts = arrow(_of_activities(ledger, ledger.flagged.filter(nw.col("lead_id") == own)).select(*EVENTS)).to_pandas()
    walked = of_walk(ledger, lead_no)
    frame = conform(pd.concat([walked, conform(acts, EVENTS)], ignore_index=True), EVENTS)
    created = np.where(frame["what"] == "created", 0, 1)
    frame = frame.iloc[np.lexsort((frame["what"].astype("str"), frame["seq"], frame["at"].to_numpy(), created))]
    frame = frame.reset_index(drop=True)
    frame[["pipeline", "stage"]] = frame[["pipeline", "stage"]].ffill()
    return frame.assign(seq=pd.array(np.arange(len(frame)), dtype="Int64"))


def _of_activities(ledger: Ledger, flags: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Activities with the columns of :data:`leadaudit.tables.EVENTS`."""
    sort = (
        nw.when(nw.col("decisive"))
        .then(nw.lit("progress"))
        .otherwise(nw.when(nw.col("response")).then(nw.lit("response")).otherwise(nw.lit("movement")))
    )
    nothing = nw.lit(None, dtype=nw.String())
    return _with_mailings(ledger, flags).with_columns(
        seq=nw.lit(-1).cast(nw.Int64),  # what was done comes before what was decided by it
        sort=sort,
        what=nw.col("kind"),
        origin=nw.lit("activity"),
        pipeline=nothing,
        stage=nothing,
    )


def _with_mailings(ledger: Ledger, flags: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Flag the mails of automatic mailings as ``bulk``; which they are is known by lead and time."""
    import pyarrow as pa

    acts = ledger.acts
    rows = acts.rows("mailing")
    if not len(rows):
        return flags.with_columns(bulk=nw.lit(value=False))
    ids = ledger.known.leads["lead_id"].to_numpy()[acts.lead_no[rows]]
    moments = pd.DataFrame({"lead_id": ids, "at": times(acts.at_us[rows])}).drop_duplicates()
    table = pa.table({name: pa.array(moments[name]) for name in moments}).append_column("bulk", [[True] * len(moments)])
    joined = flags.join(beside(table, flags, ledger.export.connection), on=["lead_id", "at"], how="left")
    return joined.with_columns(bulk=nw.col("bulk").fill_null(value=False) & ~nw.col("mail").is_null())


def of_walk(ledger: Ledger, lead_no: int | None = None) -> pd.DataFrame:
    """Events out of leads and changes; of one lead or of all."""
    walked, known, places = ledger.history.walked, ledger.known, ledger.history.places
    rows = walked.rows
    chosen = slice(None)
    if lead_no is not None:
        chosen = slice(*np.searchsorted(rows.lead_no, [lead_no, lead_no + 1]))
    sort = np.select(
        [walked.progress | walked.ending, walked.setback, walked.neutral | walked.reopened | (rows.source == CREATED)],
        ["progress", "setback", "neutral"],
        "movement",
    )
    decided = np.isin(rows.source, (DECIDED, PRECONDITION, INBOUND))
    what = np.select(
        [rows.source == CREATED, walked.ending & (rows.kind == WON), walked.ending, walked.reopened,
         rows.kind == PAUSED, walked.resuming & ~walked.progress, decided],
        ["created", "won", "ended", "reopened", "paused", "resumed", "decided"],
        "stage",
    )  # fmt: skip
    origin = np.select(
        [np.isin(rows.source, (CREATED, RECORD)), rows.source == INBOUND], ["lead", "activity"], "change"
    )
    # An inbound act stands among the activities already.
    mine = (rows.source != INBOUND)[chosen]
    place = rows.place[chosen][mine]
    number = rows.lead_no[chosen][mine]
    frame = pd.DataFrame(
        {
            "lead_id": known.leads["lead_id"].take(number).reset_index(drop=True),
            "at": times(np.where(rows.at_us == LAST_US, LAST_US, rows.at_us)[chosen][mine]),
            "seq": np.arange(len(number)),
            "sort": sort[chosen][mine],
            "what": what[chosen][mine],
            "origin": origin[chosen][mine],
            "pipeline": places.pipeline_names(places.pipeline_no(place)),
            "stage": places.stage_names(place),
            "bulk": rows.bulk[chosen][mine],
        }
    )
    return conform(frame, EVENTS)


def _arrow(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    kinds = {"text": pa.string(), "time": pa.timestamp("us"), "count": pa.int64(), "flag": pa.bool_()}
    schema = pa.schema([(name, kinds[column.kind]) for name, column in EVENTS.items()])
    return pa.Table.from_pandas(frame[list(EVENTS)], schema=schema, preserve_index=False)
