"""Very many leads, straight into CSV files: the mechanisms of the lives, simpler contacts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from leadaudit.errors import LeadAuditError
from leadaudit.simulate import words
from leadaudit.simulate.lives import GHOSTED, STUCK, Floats, Ints, Lives, live
from leadaudit.simulate.moves import moves
from leadaudit.simulate.office import at_work
from leadaudit.simulate.pipeline import ENGLISH

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FILES = ("leads.csv", "activities.csv", "changes.csv")
START = "2024-10-01"
DAYS = 730.0
CHUNK_COUNT = 50_000
COMPANIES_COUNT = 20_000

_KINDS = np.array(["email", "call", "meeting", "note", "task"])
_SUBJECTS = np.array([text for texts in words.SUBJECTS["en"].values() for text in texts])


def write(leads_count: int, activities_per_lead: float, changes_per_lead: float, folder: Path, seed: int) -> list[Path]:
    """Write the three files; see :func:`leadaudit.simulate.big`."""
    from pyarrow import csv

    for key, value in (
        ("leads_count", leads_count),
        ("activities_per_lead", activities_per_lead),
        ("changes_per_lead", changes_per_lead),
    ):
        if value < 1:
            raise LeadAuditError("value_invalid", key=key, value=value, valid="1 or more")
    folder.mkdir(parents=True, exist_ok=True)
    writers: list[csv.CSVWriter] = []
    for tables in _chunks(leads_count, activities_per_lead, changes_per_lead, seed):
        if not writers:
            options = csv.WriteOptions(quoting_style="needed")
            writers = [
                csv.CSVWriter(str(folder / name), table.schema, write_options=options)
                for name, table in zip(FILES, tables, strict=True)
            ]
        for writer, table in zip(writers, tables, strict=True):
            writer.write_table(table)
    for writer in writers:
        writer.close()
    return [folder / name for name in FILES]


def _chunks(
    leads_count: int, activities_per_lead: float, changes_per_lead: float, seed: int
) -> Iterator[tuple[pa.Table, pa.Table, pa.Table]]:
    rng = np.random.Generator(np.random.PCG64(seed))
    companies = words.companies(COMPANIES_COUNT, "en", rng).astype(str)
    for first in range(0, leads_count, CHUNK_COUNT):
        count = min(CHUNK_COUNT, leads_count - first)
        raw = live(count, DAYS, ENGLISH, 1, rng)
        lives = at_work(raw, 1)
        known = moves(raw, 1, rng).before(DAYS)
        ids = np.char.add("L-", np.char.zfill((first + np.arange(count)).astype(str), 8))
        owners = np.array([seller.name for seller in ENGLISH.sellers])[lives.owner]
        activities = _activities(lives, ids, owners, round(activities_per_lead * count), rng)
        changes = _changes(lives, known, ids, owners, round(changes_per_lead * count), rng)
        yield _leads(lives, known, ids, owners, companies, rng), activities, changes


def _stamps(days: Floats) -> pa.Array:
    """Timestamps of days since the start; NaN becomes missing."""
    import pyarrow as pa

    missing = np.isnan(days)
    seconds = np.where(missing, 0, np.floor(days * 86_400 + 1e-3)).astype("int64")
    start = np.datetime64(START, "s").astype("int64")
    return pa.array(seconds + start, mask=missing).cast(pa.timestamp("s"))


def _leads(
    lives: Lives,
    known: pd.DataFrame,
    ids: np.ndarray,
    owners: np.ndarray,
    companies: np.ndarray,
    rng: np.random.Generator,
) -> pa.Table:
    import pyarrow as pa

    count, pipeline = lives.count, ENGLISH
    last = known.groupby("lead").last()
    stage, entered = last["after"].to_numpy(), last["time"].to_numpy()
    stages_count = len(pipeline.stages)
    status = np.array(["open"] * stages_count + ["paused", "won", "lost"])[stage]
    ended = stage > stages_count
    company = companies[rng.integers(0, len(companies), count)]
    steps = np.array(words.STEPS_CONCRETE["en"] + words.STEPS_VAGUE["en"])
    has_step = ~ended & (rng.random(count) < 0.6)
    reasons = np.array(words.LOST_BY_US["en"] + words.LOST_BY_THEM["en"])
    has_reason = (stage == stages_count + 2) & (rng.random(count) < 0.75)
    close_on = np.where(stage >= 2, np.floor(lives.created + rng.integers(30, 200, count)), np.nan)
    contacted = np.fmin(np.where(np.isnan(lives.closed), DAYS, lives.closed), DAYS) - 0.3
    return pa.table({
        "lead_id": ids, "name": np.char.add(np.char.add(company, ", "), _SUBJECTS[rng.integers(0, 9, count)]), "company": company,
        "owner": owners, "source": np.array(words.SOURCES["en"])[lives.source],
        "pipeline": np.full(count, pipeline.name), "stage": np.array(pipeline.names)[stage], "status": status,
        "amount": pa.array(np.round(np.exp(rng.normal(10, 0.8, count)) / 500) * 500, mask=rng.random(count) < 0.08),
        "currency": np.full(count, "EUR"), "created_at": _stamps(lives.created), "stage_entered_at": _stamps(entered),
        "last_activity_at": _stamps(np.maximum(contacted, lives.created)),
        "next_step": pa.array(steps[rng.integers(0, len(steps), count)], mask=~has_step),
        "next_step_at": _stamps(np.where(has_step, np.floor(DAYS + rng.integers(-30, 40, count)), np.nan)),
        "expected_close_at": _stamps(close_on), "closed_at": _stamps(np.where(ended, entered, np.nan)),
        "lost_reason": pa.array(reasons[rng.integers(0, len(reasons), count)], mask=~has_reason),
        "Budget clear": pa.array(np.where(lives.fit > 0.3, "Yes", "No"), mask=rng.random(count) < 0.5),
    })  # fmt: skip


def _activities(
    lives: Lives, ids: np.ndarray, owners: np.ndarray, rows_count: int, rng: np.random.Generator
) -> pa.Table:
    """As many contacts as asked for, given to leads by how long they live and how much is done for them."""
    import pyarrow as pa

    end = np.fmin(np.where(np.isnan(lives.closed), DAYS, lives.closed), DAYS)
    share = (np.maximum(end - lives.created, 0) + 3) * np.where(
        lives.end == STUCK, 5.0, np.where(lives.quiet, 0.4, 1.0)
    )
    lead = np.repeat(np.arange(lives.count), rng.multinomial(rows_count, share / share.sum()))
    time = lives.created[lead] + rng.random(rows_count) * np.maximum(end - lives.created, 0)[lead]
    time = np.maximum(np.floor(time * 1440) / 1440, np.ceil(lives.created[lead] * 1440) / 1440)
    time = np.minimum(time, DAYS - 1 / 1440)
    kind = _KINDS[rng.choice(len(_KINDS), rows_count, p=[0.58, 0.25, 0.08, 0.06, 0.03])]
    silent = (lives.end[lead] == GHOSTED) & (time > lives.over[lead])
    kind = np.where(silent & (kind == "meeting"), "email", kind)
    theirs = ~silent & (rng.random(rows_count) < 0.36)
    contact = np.where(theirs, "inbound", "outbound")
    direction = np.where(kind == "meeting", "mutual", np.where(np.isin(kind, ("note", "task")), "internal", contact))
    reached = np.where(rng.random(rows_count) < 0.5, "reached", "not reached")
    asked = (kind == "call") & ~theirs & ~silent
    outcome = np.where(asked, reached, "not reached")
    order = np.argsort(time, kind="stable")
    table = {
        "lead_id": ids[lead], "at": _stamps(time), "kind": kind, "direction": direction,
        "subject": _SUBJECTS[rng.integers(0, len(_SUBJECTS), rows_count)],
        "outcome": pa.array(outcome, mask=kind != "call"), "by": owners[lead], "done": np.full(rows_count, True),
    }  # fmt: skip
    return pa.table(table).take(pa.array(order))


def _changes(
    lives: Lives, known: pd.DataFrame, ids: np.ndarray, owners: np.ndarray, rows_count: int, rng: np.random.Generator
) -> pa.Table:
    """Stage moves: the histories of some leads are lacking if there are too many, dates slip if too few."""
    import pyarrow as pa

    lead, time, after = (known[name].to_numpy() for name in ("lead", "time", "after"))
    kept = _within(lead, rows_count, lives.count, rng)
    lead, time, after = lead[kept], time[kept], after[kept]
    first = np.r_[True, lead[1:] != lead[:-1]]
    names = np.array(ENGLISH.names)
    before = np.where(first, "", names[np.r_[0, after[:-1]]])
    slips = rng.integers(0, lives.count, rows_count - len(lead))
    end = np.fmin(np.where(np.isnan(lives.closed), DAYS, lives.closed), DAYS)
    slipped = np.minimum(
        (lives.created + rng.random(lives.count) * np.maximum(end - lives.created, 0))[slips], DAYS - 0.01
    )
    dates = (np.datetime64(START, "D") + np.floor(slipped + rng.integers(10, 60, len(slips))).astype(int)).astype(str)
    at = np.r_[time, slipped]
    order = np.argsort(at, kind="stable")
    text_before = np.r_[before, np.full(len(slips), "")]
    table = {
        "lead_id": np.r_[ids[lead], ids[slips]], "at": _stamps(at),
        "field": np.where(np.arange(rows_count) < len(lead), "stage", "expected_close_at"),
        "before": pa.array(text_before, mask=text_before == ""), "after": np.r_[names[after], dates],
        "by": np.r_[owners[lead], owners[slips]],
    }  # fmt: skip
    return pa.table(table).take(pa.array(order))


def _within(lead: Ints, rows_count: int, leads_count: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of as many whole leads, in random order, as fit."""
    sizes = np.bincount(lead, minlength=leads_count)
    turn = rng.permutation(leads_count)
    fits = np.zeros(leads_count, dtype=bool)
    fits[turn] = np.cumsum(sizes[turn]) <= rows_count
    return fits[lead]
