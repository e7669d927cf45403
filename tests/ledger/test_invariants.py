"""What must not matter: order of rows, the calendar, the future, further columns, the backend."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger.planted import AS_OF, PROCESS, tables

from leadaudit import evidence, ledger
from leadaudit.ledger.contacts import Acts, sorted_acts
from leadaudit.tables import ACTIVITIES, CHANGES, LEADS, conform

STAGES = [stage.name for stage in PROCESS.stages if stage.pipeline == ""] + ["Limbo"]
SUBJECTS = [None, "Offer", "Automatic reply: Offer", "no interest"]
MANY = PROCESS.with_limits(bulk_leads_count=3, mailing_leads_count=3)


def random_tables(seed: int, leads_count: int = 12):
    """A small export at random: endings, reopenings, pauses, ties, plans, all of them often."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"D-{i:02}" for i in range(leads_count)])
    begin = pd.Timestamp("2024-01-01")

    def at(size, days=190, missing=0.0):
        hours = rng.integers(0, days * 4, size) * 6
        times = pd.Series(begin + pd.to_timedelta(hours, unit="h"))
        return times.mask(rng.random(size) < missing)

    leads = pd.DataFrame(
        {"lead_id": ids, "created_at": at(leads_count, 60, 0.1), "stage": rng.choice(STAGES, leads_count)}
    )
    leads["status"] = rng.choice(["open", "open", "won", "lost", "paused", None], leads_count)
    leads["closed_at"] = at(leads_count, 190, 0.6)
    leads["paused_until"] = at(leads_count, 300, 0.7)
    leads["stage_entered_at"] = at(leads_count, 190, 0.5)
    leads["expected_close_at"] = at(leads_count, 300, 0.5)
    leads["next_step"] = rng.choice([None, "Nachfassen", "Decision"], leads_count)
    size = 5 * leads_count
    changes = pd.DataFrame({"lead_id": rng.choice(ids, size), "at": at(size), "seq": range(size)})
    changes["field"] = rng.choice(["stage"] * 6 + ["status", "decision", "expected_close_at", "paused_until"], size)
    after = {
        "stage": STAGES, "status": ["open", "won", "lost"], "decision": ["pause", "continue", "end"],
        "expected_close_at": ["2024-05-01", "2024-08-01"], "paused_until": ["2024-05-01", "2024-08-01"],
    }  # fmt: skip
    changes["before"] = [rng.choice([*after[name], None]) for name in changes["field"]]
    changes["after"] = [rng.choice(after[name]) for name in changes["field"]]
    changes["by"] = rng.choice(["kim", "lee", None], size)
    changes["at_uncertainty_days"] = 0.0
    size = 8 * leads_count
    acts = pd.DataFrame({"lead_id": rng.choice(ids, size), "at": at(size)})
    acts["kind"] = rng.choice(["email", "email", "call", "meeting", "note", None], size)
    acts["direction"] = rng.choice(["outbound", "outbound", "inbound", "mutual", "internal", "unknown", None], size)
    acts["subject"] = rng.choice(np.array(SUBJECTS, dtype=object), size)
    acts["outcome"] = rng.choice(np.array([None, "reached", "no answer", "cancelled"], dtype=object), size)
    acts["done"] = pd.array(rng.choice(np.array([True, True, False, None], dtype=object), size), dtype="boolean")
    return leads, acts, changes


def judged_by(given, as_of=AS_OF, process=MANY):
    """Milestones, streaks, evidence and norms."""
    book = ledger.write(given, process, as_of)
    gathered = evidence.gather(given, book, process, as_of)
    return book.milestones(), book.streaks(), gathered, evidence.norms(given, book, gathered, process, as_of)


def assert_same(first, second):
    """All four are equal."""
    for one, other in zip(first[:3], second[:3], strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert first[3] == second[3]


SEEDS = st.integers(0, 10_000)


@given(SEEDS)
@settings(max_examples=8)
def test_the_order_of_rows_does_not_matter(seed):
    """Activities and changes come in any order; seq says what was first."""
    leads, acts, changes = random_tables(seed)
    shuffled = (frame.sample(frac=1, random_state=seed).reset_index(drop=True) for frame in (acts, changes))
    assert_same(judged_by(tables(leads, acts, changes)), judged_by(tables(leads, *shuffled)))


@given(SEEDS, st.integers(-3000, 3000))
@settings(max_examples=8)
def test_the_calendar_does_not_matter(seed, days):
    """All dates and as_of moved by some days: the same durations, all times moved."""
    by = pd.Timedelta(days=days)
    given_tables = random_tables(seed)

    def moved(frame):
        times = frame.select_dtypes("datetime")
        dated = frame["after"].str.startswith("2024") if "after" in frame else None
        frame = frame.assign(**{name: times[name] + by for name in times})
        if dated is None:
            return frame
        for name in ("before", "after"):
            texts = pd.to_datetime(frame[name], errors="coerce", format="%Y-%m-%d") + by
            frame[name] = frame[name].mask(texts.notna(), texts.dt.strftime("%Y-%m-%d"))
        return frame

    first = judged_by(tables(*given_tables))
    second = judged_by(tables(*map(moved, given_tables)), AS_OF + by)
    assert_same((*map(moved, first[:3]), first[3]), second)


@given(SEEDS)
@settings(max_examples=8)
def test_the_future_does_not_matter(seed):
    """Changes and done activities at or after as_of change nothing; only plans may lie there."""
    leads, acts, changes = random_tables(seed)
    leads["closed_at"] = leads["closed_at"].where(leads["closed_at"] < AS_OF)
    past = acts[(acts["at"] < AS_OF) | ~acts["done"].fillna(value=True)]
    known = tables(leads, past, changes[changes["at"] < AS_OF])
    later = [frame.assign(at=AS_OF + (frame["at"] - pd.Timestamp("2024-01-01"))) for frame in (acts, changes)]
    later[0] = later[0][later[0]["done"].fillna(value=False)]
    everything = tables(
        leads, *(pd.concat([old, new]) for old, new in zip((past, changes), later, strict=True)), known.evidence
    )
    assert_same(judged_by(known), judged_by(everything))


@given(SEEDS)
@settings(max_examples=6)
def test_further_columns_do_not_matter(seed):
    """A CRM's own columns change nothing unless the process names them."""
    leads, acts, changes = random_tables(seed)
    more = tables(leads.assign(at="x", Score="7"), acts, changes)
    assert_same(judged_by(tables(leads, acts, changes)), judged_by(more))


@given(SEEDS)
@settings(max_examples=8)
def test_what_always_holds(seed):
    """Lives only grow, milestones are in order, every count is at least 0, and a stay is no longer than the lead."""
    leads, acts, changes = random_tables(seed)
    milestones, streaks, gathered, _ = judged_by(tables(leads, acts, changes))
    for _, own in milestones.groupby("lead_id"):
        assert own["life"].is_monotonic_increasing
        assert own["at"].dropna().is_monotonic_increasing
        assert own["what"].iloc[0] == "created"
        assert (own["what"] == "created").sum() == 1
        assert own["life"].max() == (own["what"] == "reopened").sum()
    assert (streaks["streak_count"] >= 1).all()
    counts = gathered.select_dtypes("Int64")
    assert (counts.fillna(0) >= 0).all(axis=None)
    both = gathered[gathered["age_days"].notna() & gathered["stay_days"].notna() & (gathered["life"] == 0)]
    begun = milestones[milestones["what"] == "created"].set_index("lead_id")["at"]
    longest = (AS_OF - begun.reindex(both["lead_id"])).dt.total_seconds().to_numpy() / 86400
    assert (both["stay_days"].to_numpy() <= longest + 1e-9).all()
    assert gathered["lead_id"].is_unique


BACKENDS = ("pandas", "pyarrow", "polars", "polars lazy", "duckdb")


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_says_the_same(backend):
    """pandas, Arrow, Polars (eager and lazy) and DuckDB run the same expressions."""
    base = tables(*random_tables(7, 40))
    frames = {name: frame.collect() for name, frame in base.frames.items()}
    connection = None
    if backend == "pandas":
        kinds = {"leads": LEADS, "activities": ACTIVITIES, "changes": CHANGES}
        frames = {name: conform(frame.to_pandas(), kinds[name]) for name, frame in frames.items()}
    elif backend == "pyarrow":
        frames = {name: frame.to_arrow() for name, frame in frames.items()}
    elif backend == "polars lazy":
        frames = {name: frame.lazy() for name, frame in frames.items()}
    elif backend == "duckdb":
        connection = duckdb.connect()
        for name, frame in frames.items():
            connection.register(f"given_{name}", frame.to_arrow())
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given_{name}")
        frames = {name: connection.table(name) for name in frames}
    other = replace(base, frames=frames, connection=connection)
    assert_same(judged_by(base), judged_by(other))
    events = [ledger.write(given, MANY, AS_OF).events().group_by("sort").agg(n=nw.len()) for given in (base, other)]
    tables_ = [found.collect("pyarrow").to_native() for found in events]
    counts = [dict(zip(t.column("sort").to_pylist(), t.column("n").to_pylist(), strict=True)) for t in tables_]
    assert counts[0] == counts[1]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(0, 1)), max_size=30),
    st.sampled_from([10**3, 10**6]),
)
def test_packed_and_unpacked_sorting_agree(rows, unit):
    """Lead, time and marks are packed where they fit; over a long span they are not; both find the same positions."""
    lead_no = np.array([row[0] for row in rows], np.int32)
    at_us = np.array([row[1] for row in rows], np.int64) * unit
    marks = np.array([row[2] * Acts.bit("response") for row in rows], np.int16)
    packed = sorted_acts(lead_no, at_us, marks, 4)
    far = 2_000_000_000_000_000_000  # so long a span that lead, time and marks need more than 62 bits
    apart = sorted_acts(
        np.append(lead_no, 4).astype(np.int32), np.append(at_us, far + 1), np.append(marks, 0).astype(np.int16), 5
    )
    assert packed.lead_no.tolist() == apart.lead_no[:-1].tolist()
    assert packed.at_us.tolist() == apart.at_us[:-1].tolist()
    leads = np.arange(4)
    for moment in (-1, 0, 25 * unit, 50 * unit, 60 * unit):
        moments = np.full(4, moment)
        expected = [int(((lead_no < one) | ((lead_no == one) & (at_us <= moment))).sum()) for one in leads]
        assert packed.after(leads, moments).tolist() == expected
        assert apart.after(leads, moments).tolist() == expected
