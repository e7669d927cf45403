"""The ledger as an event log: the frame that process mining tools read (pm4py, bupaR)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from leadaudit.errors import ConfigError
from leadaudit.language import has, sentence

if TYPE_CHECKING:
    from leadaudit.audit import Audit
    from leadaudit.language import Language

Events = Literal["stages", "all"]
CHOICES = ("stages", "all")

EVENT_LOG: dict[str, str] = {
    "case:concept:name": "the lead's id: the case",
    "concept:name": "the stage that was entered, or what was done (email outbound, meeting mutual, …)",
    "time:timestamp": "when, naive in the project's time zone",
    "lifecycle:transition": "complete: every event is a moment",
    "concept:instance": "number of the event in the log, from 0: the activity instance of bupaR",
    "leadaudit:sort": "movement, response, progress, setback or neutral",
    "leadaudit:what": "created, stage, won, ended, reopened, paused, resumed, or the kind of an activity",
    "case:pipeline": "pipeline of the lead at as_of",
    "case:verdict": "verdict of the lead at as_of",
}
"""Columns of the event log, with their meaning."""


def event_log(audit: Audit, events: Events = "stages") -> pd.DataFrame:
    """The events of all leads before ``as_of``, named as XES names them.

    Parameters
    ----------
    audit : Audit
    events : {"stages", "all"}
        Stages entered, endings, pauses and reopenings; or activities as well.

    Returns
    -------
    DataFrame
        :data:`EVENT_LOG`, one row per event, by lead (in the export's order), then time. Events without a date (an
        ending without a closing date) cannot stand in a log; ``attrs["undated_count"]`` says how many there are.
        No owner, no subject, no text: what ``audit.privacy`` shows elsewhere is not wider here.

    Raises
    ------
    ConfigError
        ``value_invalid`` for another choice of events.
    """
    if events not in CHOICES:
        raise ConfigError("value_invalid", key="events", value=events, valid=", ".join(CHOICES))
    rows = _rows(audit, with_activities=events == "all")
    dated = rows[rows["at"].notna()]
    leads = audit.leads.set_index("lead_id")
    log = pd.DataFrame(
        {
            "case:concept:name": dated["lead_id"],
            "concept:name": _names(dated, audit),
            "time:timestamp": dated["at"],
            "lifecycle:transition": "complete",
            "concept:instance": range(len(dated)),
            "leadaudit:sort": dated["sort"],
            "leadaudit:what": dated["what"],
            "case:pipeline": dated["lead_id"].map(leads["pipeline"]),
            "case:verdict": dated["lead_id"].map(leads["verdict"]),
        }
    ).reset_index(drop=True)
    log.attrs["undated_count"] = len(rows) - len(dated)
    return log


def _rows(audit: Audit, *, with_activities: bool) -> pd.DataFrame:
    """Events by lead, time and their order; at equal times what was done comes before what was decided by it."""
    ledger = audit.judgement.history
    if with_activities:
        rows = ledger.events().collect().to_pandas()
    else:
        from leadaudit.ledger.events import of_walk

        rows = of_walk(ledger)
    rows = rows[rows["what"] != "decided"]  # a decision on record is no place in the process
    places = pd.Series(range(len(audit.leads)), index=audit.leads["lead_id"])
    rows = rows.assign(place=rows["lead_id"].map(places), first=rows["what"] != "created")
    return rows.sort_values(["place", "at", "first", "seq"], kind="stable")


def _names(rows: pd.DataFrame, audit: Audit) -> pd.Series:
    """Stages by name, with their pipeline where there are several; everything else by what it is."""
    done = rows["origin"] == "activity"
    stage = rows["stage"].where(~done)
    if len(rows.loc[stage.notna(), "pipeline"].fillna("").unique()) > 1:
        stage = (rows["pipeline"] + " · " + stage).where(rows["pipeline"].notna(), stage)
    what = rows["what"].map({one: _word(one, audit.language) for one in rows["what"].unique()})
    kind = (rows["what"] + " " + rows["direction"].fillna("")).str.strip()
    return stage.fillna(kind.where(done, what))


def _word(what: str, language: Language) -> str:
    return sentence(f"event.{what}", language) if has(f"event.{what}") else what
