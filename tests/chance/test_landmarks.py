import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter
from scipy.stats import beta

from leadaudit.chance import landmarks
from leadaudit.chance.bounds import beta_quantile, bounds
from leadaudit.chance.landmarks import TIMES_MOST, Risks, follow, landmark_days


def risks(stay, outcome, outcome_days=None, entered=None):
    """Stays as arrays; without more, a stay lasts as long as its lead is followed."""
    stay = np.asarray(stay, dtype=float)
    outcome_days = stay if outcome_days is None else np.asarray(outcome_days, dtype=float)
    entered = np.zeros(len(stay)) if entered is None else np.asarray(entered, dtype=float)
    return Risks(entered, stay, np.asarray(outcome, dtype=np.int64), outcome_days)


def drawn(seed, count):
    """Random stays whose leads are followed beyond them."""
    rng = np.random.default_rng(seed)
    stay = rng.exponential(10, count) + 0.01
    return risks(stay, rng.integers(0, 3, count), stay + rng.exponential(5, count) * rng.integers(0, 2, count))


def reference(found, landmark):
    """Chance and variance of lifelines for the leads whose stay lasted so long."""
    at_risk = (found.stay >= landmark) & (found.entered <= landmark)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = AalenJohansenFitter(calculate_variance=True).fit(
            found.outcome_days[at_risk] - landmark, found.outcome[at_risk], event_of_interest=1
        )
    return float(fitted.cumulative_density_.iloc[-1].item()), float(fitted.variance_.iloc[-1])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("landmark", [0.0, 3.0, 9.0])
def test_chance_and_variance_are_those_of_lifelines(seed, landmark):
    """All landmarks at once give what a fit of each landmark's own leads gives."""
    found = drawn(seed, 80)

    marks = follow(found, np.array([0.0, 3.0, 9.0]))
    row = int(np.searchsorted(marks.day, landmark))

    assert reference(found, landmark) == pytest.approx((marks.chance[row], marks.variance[row]), abs=1e-9)


def test_a_case_counted_by_hand():
    """Won at 2, ended at 3, censored at 4, won at 5: 1/4, and the last won takes what is left of one half."""
    marks = follow(risks([2, 3, 4, 5], [1, 2, 0, 1]), np.array([0.0]))

    assert 0.25 + 0.5 == pytest.approx(marks.chance[0])
    assert (4, 2, 1, 1) == (marks.at_risk[0], marks.won[0], marks.ended[0], marks.still_open[0])


def test_an_event_comes_before_a_censoring_of_the_same_day():
    """A lead seen open on a day was still at risk when another was won on it."""
    marks = follow(risks([5, 5], [1, 0]), np.array([0.0]))

    assert 0.5 == pytest.approx(marks.chance[0])


def test_the_lead_is_followed_beyond_the_stay():
    """A landmark takes the stays that lasted so long and counts what became of their leads later."""
    marks = follow(risks([3, 8, 9], [1, 1, 2], [30, 40, 9]), np.array([0.0, 5.0]))

    assert [3, 2] == marks.at_risk.tolist()
    assert [2, 1] == marks.won.tolist()


def test_a_late_entry_is_no_witness_of_the_days_before():
    """Stays under observation from an age on are at risk from that age on only."""
    marks = follow(risks([9, 9], [1, 2], entered=[0, 4]), np.array([0.0, 3.0, 4.0]))

    assert [1, 1, 2] == marks.at_risk.tolist()
    assert [1.0, 1.0, 0.5] == pytest.approx(marks.chance.tolist())


def test_without_any_event_the_chance_is_zero_and_nothing_is_known():
    """Open leads alone prove nothing: the upper bound stays at one."""
    marks = follow(risks([1, 2, 3], [0, 0, 0]), np.array([0.0]))
    _, high = bounds(marks.chance, marks.effective, 0.9)

    assert 0.0 == marks.chance[0]
    assert high[0] > 0.999


def test_many_times_are_binned_without_harm(monkeypatch):
    """With more event times than the table has columns the chance moves by next to nothing."""
    found, days = drawn(3, 6 * TIMES_MOST), np.array([0.0, 9.0])
    binned = follow(found, days)

    monkeypatch.setattr(landmarks, "TIMES_MOST", 10**6)
    exact = follow(found, days)

    assert exact.chance.tolist() == pytest.approx(binned.chance.tolist(), abs=2e-3)
    assert exact.chance.tolist() != binned.chance.tolist()


def test_landmarks_stop_where_too_few_are_at_risk():
    """The last landmark is the last full day with enough stays; far apart days keep their number small."""
    assert list(range(13)) == landmark_days(risks([12.5] * 30 + [19] * 29, [0] * 59), 30).tolist()
    assert 0 == len(landmark_days(risks([1.0] * 29, [0] * 29), 30))
    days = landmark_days(risks(np.full(40, 3000.0), [0] * 40), 30)
    assert 3000.0 == days[-1]
    assert len(days) <= 120
    assert (np.diff(days)[30:] / days[30:-1] < 0.08).all()


def test_a_process_of_hours_has_landmarks_between_the_days():
    """Where the days are few and many leave within each, no more than a tenth leave from one landmark to the next."""
    stay = np.linspace(0, 0.5, 600)
    days = landmark_days(risks(stay, [0] * 600), 30)
    at_risk = 600 - np.searchsorted(stay, days)

    assert 0.0 == days[0]
    assert at_risk[-1] >= 30
    assert (at_risk[1:] >= 0.9 * at_risk[:-1] - 1).all()
    assert (np.abs(days * 1440 - np.round(days * 1440)) < 1e-6).all()


def test_a_stage_whose_losses_nobody_records_is_seen_to_win_no_more():
    """Open leads followed far beyond the last winner prove that nothing comes: the upper bound is low, not 1."""
    stay = np.append(np.linspace(1, 30, 100), np.linspace(200, 400, 200))
    marks = follow(risks(stay, [1] * 100 + [0] * 200), np.array([0.0, 60.0, 150.0]))
    _, high = bounds(marks.chance, marks.effective, 0.9)

    assert [0.0, 0.0] == marks.chance[1:].tolist()
    assert (high[1:] < 0.03).all()


@given(st.integers(0, 10_000), st.integers(2, 60), st.sampled_from([0.75, 0.9, 0.99]))
@settings(max_examples=40)
def test_bounds_hold_the_chance_between_them(seed, count, level):
    """0 <= low <= chance <= high <= 1, whatever the stays."""
    found = drawn(seed, count)
    marks = follow(found, landmark_days(found, 1))
    low, high = bounds(marks.chance, marks.effective, level)

    assert (low >= 0).all()
    assert (low <= marks.chance).all()
    assert (marks.chance <= high).all()
    assert (high <= 1).all()
    assert (marks.effective <= marks.at_risk + 1e-9).all()


@given(st.integers(0, 10_000), st.integers(2, 60))
@settings(max_examples=30)
def test_more_leads_that_stay_open_never_raise_the_chance(seed, count):
    """Leads that are followed longest and never win lower the chance or leave it."""
    found = drawn(seed, count)
    longest = float(found.outcome_days.max()) + 1
    more = risks(
        np.append(found.stay, [longest] * 5),
        np.append(found.outcome, [0] * 5),
        np.append(found.outcome_days, [longest] * 5),
    )

    assert follow(more, np.zeros(1)).chance[0] <= follow(found, np.zeros(1)).chance[0] + 1e-12


@given(st.integers(0, 10_000), st.permutations(range(25)))
@settings(max_examples=20)
def test_order_of_stays_does_not_matter(seed, order):
    """The same stays in another order give the same curve."""
    found = drawn(seed, 25)
    shuffled = found.only(np.asarray(order))

    assert follow(found, np.array([0.0, 2.0])).chance.tolist() == pytest.approx(
        follow(shuffled, np.array([0.0, 2.0])).chance.tolist()
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_beta_quantiles_are_those_of_scipy(share):
    """Over small and large numbers, whole or not."""
    a, b = np.meshgrid([0.3, 1.0, 2.5, 40.0, 900.0], [0.4, 1.0, 7.0, 300.0, 20000.0])

    assert beta.ppf(share, a.ravel(), b.ravel()).tolist() == pytest.approx(
        beta_quantile(share, a.ravel(), b.ravel()).tolist(), abs=1e-7
    )


@pytest.mark.parametrize("truth", [0.03, 0.15, 0.5])
@pytest.mark.parametrize("losses", [True, False], ids=["endings recorded", "endings never recorded"])
def test_bounds_keep_their_level_at_thirty_leads(truth, losses):
    """Of 400 histories of 30 leads with censored follow-up at least 86 % of the bounds hold, on each side."""
    rng = np.random.default_rng(5)
    high_holds = low_holds = 0
    for _ in range(400):
        won = rng.random(30) < truth
        took = np.where(won, rng.gamma(2, 7, 30), rng.gamma(2, 12, 30) if losses else np.inf)
        seen = rng.uniform(0, 120, 30)
        marks = follow(risks(np.minimum(took, seen), np.where(took <= seen, np.where(won, 1, 2), 0)), np.zeros(1))
        low, high = bounds(marks.chance, marks.effective, 0.9)
        high_holds += high[0] >= truth
        low_holds += low[0] <= truth

    assert high_holds >= 0.86 * 400
    assert low_holds >= 0.86 * 400


def test_bounds_are_the_same_found_together_or_one_by_one():
    """Lower and upper bounds of many chances are searched for at once."""
    chance, effective = np.array([0.0, 0.02, 0.5, 0.97, 1.0]), np.array([30.0, 400.5, 12.25, 90.0, 3.0])
    low, high = bounds(chance, effective, 0.9)
    apart = [bounds(chance[i : i + 1], effective[i : i + 1], 0.9) for i in range(5)]

    assert low.tolist() == pytest.approx([one[0][0] for one in apart], abs=1e-8)
    assert high.tolist() == pytest.approx([one[1][0] for one in apart], abs=1e-8)
    assert [0, 0] == [len(side) for side in bounds(np.empty(0), np.empty(0), 0.9)]
