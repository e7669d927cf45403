import numpy as np
import pandas as pd
import pytest
from chance.chance_frames import AS_OF, day, drawn, milestones
from hypothesis import given, settings
from hypothesis import strategies as st

from leadaudit import tables
from leadaudit.chance import stays


def test_a_stay_runs_from_progress_to_progress():
    """Each progress ends a stay and begins the next; the lead's own ending is the outcome of all its stays."""
    found = stays(milestones(("a", 0, "created", "New"), ("a", 3, "progress", "Offer"), ("a", 10, "won", None)), AS_OF)

    assert [3.0, 7.0] == found["stay_days"].tolist()
    assert ["progress", "won"] == found["end"].tolist()
    assert ["won", "won"] == found["outcome"].tolist()
    assert [10.0, 7.0] == found["outcome_days"].tolist()


def test_an_open_stay_is_censored_at_as_of():
    """A lead that nothing became of yet is open, followed up to the moment of the audit."""
    found = stays(milestones(("a", 0, "created", "New")), day(25)).iloc[0]

    assert ("open", "open", 25.0, 25.0) == (found["end"], found["outcome"], found["stay_days"], found["outcome_days"])


def test_what_happens_at_or_after_as_of_is_not_known():
    """A milestone at as_of itself changes nothing."""
    rows = milestones(("a", 0, "created", "New"), ("a", 25, "won", None), ("b", 25, "created", "New"))

    found = stays(rows, day(25))

    assert [("a", "open", 25.0)] == list(found[["lead_id", "outcome", "stay_days"]].itertuples(index=False, name=None))


def test_a_pause_does_not_count_as_standing():
    """Paused days are taken off the stay and off the time to the outcome, within their own stay only."""
    rows = milestones(
        ("a", 0, "created", "New"),
        ("a", 4, "paused", "New"),
        ("a", 24, "resumed", "New"),
        ("a", 30, "progress", "Offer"),
        ("a", 35, "won", None),
    )

    found = stays(rows, AS_OF)

    assert [10.0, 5.0] == found["stay_days"].tolist()
    assert [15.0, 5.0] == found["outcome_days"].tolist()


def test_a_lead_that_is_paused_now_is_censored_at_its_pause():
    """Nothing is claimed about what a resting lead would have done had it gone on standing."""
    found = stays(milestones(("a", 0, "created", "New"), ("a", 4, "paused", "New")), AS_OF).iloc[0]

    assert ("open", 4.0, 4.0) == (found["end"], found["stay_days"], found["outcome_days"])


def test_a_setback_starts_no_stay():
    """Only created, progress and reopened do; anything else that a ledger may tell is passed over."""
    rows = milestones(
        ("a", 0, "created", "New"), ("a", 2, "paused", "New"), ("a", 2, "resumed", "New"), ("a", 9, "won", None)
    )

    assert [9.0] == stays(rows, AS_OF)["stay_days"].tolist()


def test_the_outcome_is_the_last_known_ending():
    """A lead that ended, was reopened and won is won for all its stays; its first stay was ended all the same."""
    rows = milestones(
        ("a", 0, "created", "New"),
        ("a", 10, "ended", None),
        ("a", 40, "reopened", "New", {"life": 1}),
        ("a", 50, "won", None, {"life": 1}),
    )

    found = stays(rows, AS_OF)

    assert ["ended", "won"] == found["end"].tolist()
    assert ["won", "won"] == found["outcome"].tolist()
    assert [50.0, 10.0] == found["outcome_days"].tolist()
    assert [0, 1] == found["life"].tolist()


def test_a_reopened_lead_is_open_again():
    """An ending that was taken back is no outcome; the lead is followed up to as_of."""
    rows = milestones(("a", 0, "created", "New"), ("a", 10, "ended", None), ("a", 40, "reopened", "New"))

    found = stays(rows, day(100))

    assert ["open", "open"] == found["outcome"].tolist()
    assert [100.0, 60.0] == found["outcome_days"].tolist()


@pytest.mark.parametrize("what", ["ended", "won"])
def test_an_ending_by_mistake_is_censored(what):
    """Duplicates and tests were neither won nor lost: they are followed up to that moment only."""
    rows = milestones(("a", 0, "created", "New"), ("a", 10, what, None, {"counts": False}))
    rows["counts"] = rows["counts"].astype("boolean")

    found = stays(rows, AS_OF).iloc[0]

    assert ("censored", "open", 10.0, 10.0) == (
        found["end"],
        found["outcome"],
        found["stay_days"],
        found["outcome_days"],
    )


def test_a_vanished_lead_is_censored_at_its_last_sighting():
    """What is missing from a later export is neither open nor lost."""
    found = stays(milestones(("a", 0, "created", "New"), ("a", 12, "vanished", None)), AS_OF).iloc[0]

    assert ("censored", "open", 12.0) == (found["end"], found["outcome"], found["outcome_days"])


def test_an_ending_without_a_date_has_an_outcome_but_no_duration():
    """It is known what became of the lead; how long it took is missing, not zero and not up to as_of."""
    rows = milestones(("a", 0, "created", "New"), ("a", 3, "progress", "Offer"), ("a", None, "ended", None))

    found = stays(rows, AS_OF)

    assert ["ended", "ended"] == found["outcome"].tolist()
    assert found["outcome_days"].isna().all()
    assert [False, True] == found["stay_days"].isna().tolist()


def test_observation_can_begin_late():
    """A stay older than the history enters at its true age, one of unknown age has no age."""
    late = milestones(("a", 0, "created", "New", {"observed_at": day(8)}), ("b", 0, "created", "New", {"known": False}))

    assert [8.0, np.nan] == pytest.approx(stays(late, AS_OF)["entered_days"].tolist(), nan_ok=True)


def test_movement_is_summed_over_the_stay_and_missing_while_it_lasts():
    """Milestones count the movement before them; what is still going on is not in them."""
    rows = milestones(
        ("a", 0, "created", "New", {"movement_count": 9}),
        ("a", 3, "paused", "New", {"movement_count": 2}),
        ("a", 5, "resumed", "New", {"movement_count": 1}),
        ("a", 9, "progress", "Offer", {"movement_count": 4}),
    )

    assert [7, pd.NA] == stays(rows, AS_OF)["movement_count"].tolist()


def test_no_milestones_make_no_stays():
    """An empty history has all columns and no row."""
    found = stays(tables.empty(tables.MILESTONES), AS_OF)

    assert 0 == len(found)
    assert list(tables.STAYS) == list(found.columns)


@given(st.integers(0, 10_000), st.integers(-5000, 5000))
@settings(max_examples=15)
def test_order_of_rows_and_shift_of_dates_do_not_matter(seed, shift_days):
    """The same leads at another time, told in another order, stay as long."""
    rows = drawn(seed, 40)
    shift = pd.Timedelta(days=shift_days)
    other = rows.sample(frac=1, random_state=seed).assign(at=lambda frame: frame["at"] + shift)

    first = stays(rows, AS_OF).sort_values(["lead_id", "started_at"]).reset_index(drop=True)
    second = stays(other, AS_OF + shift).sort_values(["lead_id", "started_at"]).reset_index(drop=True)

    pd.testing.assert_frame_equal(first.drop(columns="started_at"), second.drop(columns="started_at"), atol=1e-6)


@given(st.integers(0, 10_000), st.floats(1, 365))
@settings(max_examples=15)
def test_looking_earlier_only_censors(seed, earlier):
    """At an earlier moment every stay is as long as now or censored, and no outcome is known that was not."""
    rows = drawn(seed, 40)
    now = stays(rows, AS_OF).set_index(["lead_id", "stage"])
    then = stays(rows, day(earlier)).set_index(["lead_id", "stage"])
    both = then.join(now.add_suffix("_now"))

    assert (both["stay_days"] <= both["stay_days_now"] + 1e-9).all()
    settled = both["outcome"] != "open"
    assert (both.loc[settled, "outcome"] == both.loc[settled, "outcome_now"]).all()
    assert np.allclose(both.loc[settled, "outcome_days"], both.loc[settled, "outcome_days_now"])
