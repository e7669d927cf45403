"""The whole walk from tables to verdicts: what must not matter does not matter, and nothing leaks from later."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadaudit import simulate
from leadaudit.backtest.past import process_at
from leadaudit.ingest.export import Export
from leadaudit.judge import judge
from leadaudit.tables import JUDGED

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]

LATER = [
    "created_at",
    "closed_at",
    "next_step_at",
    "expected_close_at",
    "paused_until",
    "stage_entered_at",
    "last_activity_at",
]


@cache
def made(seed: int = 5, count: int = 100) -> Tables:
    """Simulated tables; never changed in place."""
    simulated = simulate.leads(count, months=14, seed=seed, language="en")
    return simulated.leads, simulated.activities, simulated.changes


def judged(tables: Tables, at: pd.Timestamp | None = None) -> pd.DataFrame:
    """Everything that was said of each lead at a moment, under a process drafted from what was known then."""
    export = Export.of_frames(*tables, language="en")
    moment = at or export.known_until
    known = export.as_of(moment)
    return judge(known, process_at(known, None), moment).leads.set_index("lead_id").sort_index()


def same(first: pd.DataFrame, second: pd.DataFrame, columns: list[str] | None = None) -> None:
    """Same verdicts, reasons and numbers for the same leads."""
    wanted = columns or list(JUDGED)
    pd.testing.assert_frame_equal(first[wanted], second[wanted], check_exact=False, rtol=1e-9)


def moment_of(tables: Tables, share: float) -> pd.Timestamp:
    changes = tables[2]["at"]
    return (changes.min() + share * (changes.max() - changes.min())).floor("D")


# ------------------------------------------------------------------ nothing leaks from later


def altered(tables: Tables, at: pd.Timestamp, seed: int) -> Tables:
    """Other tables that agree on everything dated before a moment: later events, endings and undated fields are others."""
    rng = np.random.default_rng(seed)
    leads, activities, changes = (frame.copy() for frame in tables)
    end = changes["at"].max()
    span_us = int((end - at) / pd.Timedelta(microseconds=1))

    def later(count: int) -> pd.Series:
        return at + pd.to_timedelta(rng.integers(0, span_us, count), unit="us")

    # The newest change stays: it says how far the export reaches.
    late = (changes["at"] >= at) & (changes["at"] < end)
    stages = changes.loc[changes["field"] == "stage", "after"].dropna().unique()
    changes.loc[late, "at"] = later(late.sum())
    other = late & (changes["field"] == "stage") & (rng.random(len(changes)) < 0.5)
    changes.loc[other, "after"] = rng.choice(stages, other.sum())
    changes = changes[~(late & (rng.random(len(changes)) < 0.4))]

    late = activities["at"] >= at
    activities.loc[late, "at"] = later(late.sum())
    activities.loc[late, "direction"] = rng.choice(["inbound", "outbound", "mutual"], late.sum())
    activities = activities[~(late & (rng.random(len(activities)) < 0.4))]

    closing = leads["status"].isin(["won", "lost"]) & (leads["closed_at"] >= at)
    leads.loc[closing, "status"] = rng.choice(["won", "lost", "open"], closing.sum())
    leads.loc[closing, "closed_at"] = later(closing.sum())
    leads.loc[leads["status"] == "open", "closed_at"] = pd.NaT
    leads.loc[closing, "lost_reason"] = rng.choice(["duplicate", "price", "no interest"], closing.sum())
    leads["stage"] = rng.permutation(leads["stage"])
    for name in (
        "owner",
        "amount",
        "probability",
        "next_step",
        "next_step_at",
        "expected_close_at",
        "paused_until",
        "stage_entered_at",
        "last_activity_at",
    ):
        dated = set(changes["field"])
        if name not in dated:
            leads[name] = rng.permutation(leads[name])
    for name in leads.columns[20:]:
        if name not in dated:
            leads[name] = rng.permutation(leads[name])
    return leads, activities, changes


@settings(max_examples=3)
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.5, 0.7, 0.85]), world=st.integers(1, 2))
def test_nothing_dated_later_and_no_undated_field_changes_a_verdict(seed, share, world):
    """Other events, endings and fields at or after a moment leave every verdict, reason and number at it as they are."""
    tables = made(world)
    at = moment_of(tables, share)

    same(judged(tables, at), judged(altered(tables, at, seed), at))


def test_a_change_before_the_moment_does_change_verdicts():
    """The test above can fail: the same alterations, judged at the end, give other verdicts."""
    tables = made(1)
    before, after = judged(tables), judged(altered(tables, moment_of(tables, 0.5), 1))

    assert not before["verdict"].equals(after["verdict"])


@pytest.mark.real
@pytest.mark.slow
def test_nothing_leaks_in_a_real_log(shared):
    """The same with the loan applications: everything at or after 2012-01-15 may be otherwise."""
    import leadaudit

    folder = shared / "real" / "bpi2012"
    if not folder.is_dir():
        pytest.skip("no bpi2012 beside the checkout")
    export = leadaudit.read(*sorted(folder.glob("*.csv")))
    tables = (export.leads(), export.activities(), export.changes())
    at = pd.Timestamp("2012-01-15")

    same(judged(tables, at), judged(altered(tables, at, 3), at))


# ------------------------------------------------------------------ what must not matter


@settings(max_examples=3)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(seed):
    """The same tables in another order give the same verdicts."""
    tables = made()
    shuffled = tuple(frame.sample(frac=1, random_state=seed).reset_index(drop=True) for frame in tables)

    same(judged(tables), judged(shuffled))


def test_extra_columns_do_not_matter():
    """Columns that no precondition refers to change nothing, whatever stands in them."""
    leads, activities, changes = made()
    wider = leads.assign(
        Score=np.arange(len(leads)) % 7,
        Note="x",
        Region=[None, "North"] * (len(leads) // 2) + [None] * (len(leads) % 2),
    )

    same(judged((leads, activities, changes)), judged((wider, activities, changes)))


@settings(max_examples=3)
@given(weeks=st.integers(-300, 300))
def test_shifting_everything_in_time_changes_nothing(weeks):
    """Whole weeks earlier or later (working days count in one criterion), every verdict is the same and every date shifted."""
    shift = pd.Timedelta(days=7 * weeks)
    leads, activities, changes = (frame.copy() for frame in made())
    for name in LATER:
        leads[name] = leads[name] + shift
    activities["at"] += shift
    changes["at"] += shift
    dates = changes["field"].str.endswith("_at") | (changes["field"] == "paused_until")
    for side in ("before", "after"):
        moved = pd.to_datetime(changes.loc[dates, side], errors="coerce", format="mixed") + shift
        changes.loc[dates, side] = moved.dt.strftime("%Y-%m-%d %H:%M:%S").where(moved.notna(), changes.loc[dates, side])
    first, second = judged(made()), judged((leads, activities, changes))

    same(first, second, [name for name in JUDGED if name not in ("overdue_since", "end_on")])
    for name in ("overdue_since", "end_on"):
        pd.testing.assert_series_equal(first[name] + shift, second[name])


@pytest.mark.parametrize("kind", ["polars", "arrow", "duckdb"])
def test_every_kind_of_table_gives_the_same_verdicts(kind):
    """pandas, Polars, Arrow and DuckDB tables of the same rows agree."""
    tables = made()

    same(judged(tables), judged(tuple(as_kind(frame, kind) for frame in tables)))


def as_kind(frame: pd.DataFrame, kind: str) -> object:
    import pyarrow as pa

    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    if kind == "arrow":
        return arrow
    if kind == "polars":
        import polars as pl

        return pl.from_arrow(arrow)
    import duckdb

    return duckdb.connect().from_arrow(arrow)
