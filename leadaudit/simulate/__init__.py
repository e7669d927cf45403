"""A lead process with planted mechanisms: for the sample, for tests and for benchmarks.

:func:`leads` simulates what happens to leads and what a CRM records of it up to a moment. The
truth of each lead, its future included, is kept beside the tables and never in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from leadaudit import tables
from leadaudit.errors import LeadAuditError
from leadaudit.simulate import records, words
from leadaudit.simulate.contacts import contacts as contacts_of
from leadaudit.simulate.duplicates import DUPLICATE_SHARE, add_duplicates
from leadaudit.simulate.exports import SHAPES, layout_of, write_tables
from leadaudit.simulate.layouts import Shape
from leadaudit.simulate.lives import live
from leadaudit.simulate.moves import expected_closes, moves
from leadaudit.simulate.office import at_work
from leadaudit.simulate.pipeline import ENGLISH, GERMAN, PIPELINES, Pipeline, Seller, SimulatedStage
from leadaudit.simulate.truth import true_limits
from leadaudit.simulate.truth import truth as truth_of

__all__ = ["ENGLISH", "GERMAN", "Pipeline", "Seller", "Simulated", "SimulatedStage", "big", "leads", "write_export"]

Language = Literal["de", "en"]

_DAYS_PER_MONTH = 365.2425 / 12


@dataclass(frozen=True)
class Simulated:
    """Three tables as a CRM would export them, and the truth behind them.

    Attributes
    ----------
    leads, activities, changes : DataFrame
        Columns and dtypes of :mod:`leadaudit.tables`; leads also have the columns of preconditions.
        They hold what was known before `as_of`; beyond it lie only planned meetings, next steps,
        expected closes and resumption dates.
    truth : DataFrame
        One row per lead, in the order of `leads`; see :func:`leads`.
    as_of : Timestamp
        The first moment that the tables do not know.
    pipeline : Pipeline
        The process that was simulated.
    language : {"de", "en"}
        Of names, subjects and reasons.
    """

    leads: pd.DataFrame
    activities: pd.DataFrame
    changes: pd.DataFrame
    truth: pd.DataFrame
    as_of: pd.Timestamp
    pipeline: Pipeline
    language: Language


def leads(
    count: int = 600,
    months: int = 24,
    seed: int = 1,
    *,
    language: Language = "de",
    start: str = "2024-10-01",
    pipeline: Pipeline | None = None,
) -> Simulated:
    """Simulate a lead process and what its CRM knows after some months.

    Parameters
    ----------
    count : int, default 600
        Rows of the lead list, duplicates included; at least 1.
    months : int, default 24
        Months from `start` to `as_of`.
    seed : int, default 1
        Same seed, same tables; the global state of numpy is neither read nor changed.
    language : {"de", "en"}
        Of names, subjects, reasons and, unless `pipeline` is given, stages.
    start : str, default "2024-10-01"
        The day on which the first lead may arrive.
    pipeline : Pipeline, optional
        Stages, sellers and endings; a consulting firm's own by default.

    Returns
    -------
    Simulated
        Its ``truth`` has one row per lead with ``lead_id``, ``kind`` (steady, busy_and_stuck,
        silent_and_maturing, ghosted, pushed_away, parked, talked_too_early or duplicate),
        ``outcome_in_the_end``, ``decided_at``, ``closed_at``, ``cause``, ``practically_over_at``
        (from when this lead's own chance was practically gone; missing for later winners),
        ``true_state`` at `as_of`, ``stay_stage`` and ``stay_started_at``, ``true_patience_days``
        and ``true_horizon_days`` of that stage with the whole future known, the hidden traits,
        and ``stage_<rank>_days``, the days spent in each stage.

    Raises
    ------
    LeadAuditError
        If `count` or `months` is less than 1 or the language is unknown.

    Examples
    --------
    >>> from leadaudit import simulate
    >>> simulated = simulate.leads(50, months=6, seed=3, language="en")
    >>> len(simulated.leads), str(simulated.as_of.date())
    (50, '2025-04-01')
    """
    _check(count, months, language)
    process = pipeline or PIPELINES[language]
    clock = records.Clock(pd.Timestamp(start).normalize())
    as_of = (clock.start + pd.DateOffset(months=months)).normalize()
    moment = float((as_of - clock.start) / pd.Timedelta(days=1))
    rng = np.random.Generator(np.random.PCG64(seed))
    twins_count = round(DUPLICATE_SHARE * count) if count >= 50 else 0
    weekday = clock.start.weekday()
    raw = live(count - twins_count, moment, process, weekday, rng)
    lives = at_work(raw, weekday)
    ids = records.lead_ids(count)
    twin = np.zeros(count, dtype=bool)
    twin[rng.choice(np.arange(count // 10, count), twins_count, replace=False)] = True
    owners = np.array([seller.name for seller in process.sellers], dtype=object)[lives.owner]
    companies = words.companies(lives.count, language, rng)
    setting = records.Setting(lives, process, language, clock, moment, ids[~twin], owners, companies)

    moved, closes = moves(raw, weekday, rng), expected_closes(raw, weekday, rng)
    steps = records.next_steps(raw, moment, weekday, rng)
    contacted = contacts_of(raw, moment + 30, weekday, rng)
    lead_rows = records.leads(setting, moved, closes, steps, contacted, rng)
    change_rows = records.changes(setting, moved, closes, steps)
    activity_rows = records.activities(setting, contacted, rng)
    beside = _truth(setting, truth_of(lives, moved, moment, true_limits(process)))
    if twins_count:
        lead_rows, change_rows = add_duplicates(lead_rows, change_rows, ids[twin], process, language, as_of, rng)
        beside = lead_rows[["lead_id"]].merge(beside, on="lead_id", how="left")
        beside["kind"] = beside["kind"].fillna("duplicate")
    flags_and_counts = {"talked_too_early": "boolean", "pushed_count": "Int64", "pauses_count": "Int64"}
    beside = beside.astype({"lead_id": "str", **flags_and_counts})
    return Simulated(
        tables.conform(lead_rows, tables.LEADS).reset_index(drop=True),
        tables.conform(activity_rows, tables.ACTIVITIES),
        tables.conform(change_rows, tables.CHANGES),
        beside,
        as_of,
        process,
        language,
    )


def write_export(
    simulated: Simulated,
    folder: Path | str,
    *,
    crm: str = "generic",
    language: Language | None = None,
    shape: Shape = "from_to",
) -> list[Path]:
    """Write the tables as the files that a CRM would export; the truth is not written.

    Parameters
    ----------
    simulated : Simulated
    folder : Path or str
        Is made if it is not there; files of the same names are replaced.
    crm : {"generic", "pipedrive", "hubspot"}
        Whose headers and formats. ``"generic"`` in German gives ``leads.csv`` (semicolon, decimal
        comma, dd.mm.yyyy, with byte order mark), ``aktivitaeten.xlsx`` and ``phasenverlauf.csv``.
    language : {"de", "en"}, optional
        Of the headers; by default that of `simulated`.
    shape : {"from_to", "entered", "stage_dates", "leads_and_activities", "leads_only"}
        How the stage history is told: a table with the stages before and after, one row per stage
        entered, one column per stage in the lead list, or not at all (the last two).

    Returns
    -------
    list of Path
        The files written: leads, then activities and changes as far as the shape has them.

    Raises
    ------
    LeadAuditError
        If the CRM has no layout in that language or the shape is unknown.
    """
    if shape not in SHAPES:
        raise LeadAuditError("value_invalid", key="shape", value=shape, valid=", ".join(SHAPES))
    layout = layout_of(crm, language or simulated.language)
    tables_of = (simulated.leads, simulated.activities, simulated.changes)
    return write_tables(*tables_of, Path(folder), layout, shape, simulated.pipeline, simulated.as_of)


def big(
    leads_count: int, activities_per_lead: float, changes_per_lead: float, folder: Path | str, seed: int
) -> list[Path]:
    """Write very many leads as CSV files, for benchmarks of scale.

    The lives are those of :func:`leads`; contacts are scattered over them, and no truth is kept.

    Parameters
    ----------
    leads_count : int
        Rows of ``leads.csv``; at least 1.
    activities_per_lead, changes_per_lead : float
        Rows of ``activities.csv`` and ``changes.csv``, per lead on average; at least 1.
    folder : Path or str
        Is made if it is not there; files of the same names are replaced.
    seed : int
        Same seed, same files.

    Returns
    -------
    list of Path
        ``leads.csv``, ``activities.csv`` and ``changes.csv``, with the columns of
        :mod:`leadaudit.tables` under their own names, comma, ISO dates.

    Raises
    ------
    LeadAuditError
        If a number is less than 1.
    """
    from leadaudit.simulate import volume

    return volume.write(leads_count, activities_per_lead, changes_per_lead, Path(folder), seed)


def _check(count: int, months: int, language: str) -> None:
    for key, value in (("count", count), ("months", months)):
        if value < 1:
            raise LeadAuditError("value_invalid", key=key, value=value, valid="1 or more")
    if language not in PIPELINES:
        raise LeadAuditError("value_invalid", key="language", value=language, valid=", ".join(PIPELINES))


def _truth(setting: records.Setting, frame: pd.DataFrame) -> pd.DataFrame:
    """Give the truth its ids, timestamps and stage names."""
    names = pd.Series(dict(enumerate(setting.pipeline.names)), dtype="str")
    stage = frame["stay_rank"].map(names)
    times = {name: setting.clock.at(frame[name].to_numpy(), "s") for name in frame.columns if name.endswith("_at")}
    renamed = frame.assign(**times, stay_rank=stage).rename(columns={"stay_rank": "stay_stage"})
    renamed.insert(0, "lead_id", setting.ids)
    return renamed.astype(
        {"lead_id": "str", "kind": "str", "outcome_in_the_end": "str", "cause": "str", "true_state": "str"}
    )
