import numpy as np
import pandas as pd
import pytest
from chance.chance_frames import AS_OF, START, day, drawn, milestones, process
from hypothesis import given, settings
from hypothesis import strategies as st

from leadaudit import tables
from leadaudit.chance import learn, place, stays
from leadaudit.chance.horizon import Curve, Endings, ending_rule, fraction_learned, horizon
from leadaudit.chance.landmarks import Landmarks
from leadaudit.process import Limits, Process, Stage


def history(*groups, stage="New"):
    """Stays of one stage from (how many, stay days, end, outcome, outcome days)."""
    rows = []
    for count, stay, end, outcome, outcome_days in groups:
        for _ in range(count):
            name = f"L{len(rows)}"
            rows.append((name, stage, START, 0.0, stay, end, outcome, outcome_days))
    names = ["lead_id", "stage", "started_at", "entered_days", "stay_days", "end", "outcome", "outcome_days"]
    return tables.conform(pd.DataFrame(rows, columns=names), tables.STAYS)


def standing(stage, *stay_days):
    """Open leads that stand in a stage for so many days."""
    return pd.DataFrame({"pipeline": None, "stay_stage": stage, "stay_days": list(stay_days)})


def quick_winners():
    """Winners move within 5 days; of 200 that stood longer none was won."""
    return history(
        *[(20, float(d), "won", "won", float(d)) for d in (1, 2, 3, 4, 5, 5)],
        *[(10, float(d), "ended", "ended", float(d)) for d in range(6, 26)],
    )


def row_of(learned, stage="New"):
    return learned.stages[learned.stages["stage"] == stage].iloc[0]


def test_a_stage_that_stops_winning_gets_a_horizon():
    """From the day after the last winner on the chance is practically gone, proved by the stage itself."""
    row = row_of(learn(quick_winners(), process(), as_of=AS_OF))

    assert (6.0, "stage", 320) == (row["horizon_days"], row["horizon_basis"], row["horizon_count"])
    assert 120 / 320 == pytest.approx(row["chance_at_entry"])
    assert pd.isna(row["horizon_none"])


def test_the_proof_counts_leads_that_stood_as_long():
    """A lead is placed with the counts of the last landmark that its stay has reached."""
    learned = learn(quick_winners(), process(), as_of=AS_OF)

    placed = place(standing("New", 10.6), learned, process(), AS_OF).iloc[0]

    assert (10.0, 160, 0, 160, 0) == tuple(
        placed[f"proof_{name}"] for name in ("day", "at_risk_count", "won_count", "ended_count", "open_count")
    )
    assert pd.Timestamp("2024-12-27") == placed["end_on"]
    # None of 160 was won; nothing is quite impossible, since they lean a little on those before.
    assert 0.0 < placed["chance"] < 0.005
    assert placed["chance"] <= placed["chance_high"] < 0.05


def test_the_chance_lies_on_the_line_between_landmarks():
    """Half a day between two landmarks is half way between their chances; beyond the last of the tail its value holds."""
    learned = learn(quick_winners(), process(), as_of=AS_OF)
    whole = pd.concat([learned.curves, learned.tails])
    curve = whole[whole["stage"] == "New"].set_index("day")["chance"]

    placed = place(standing("New", 3.0, 3.5, 500.0), learned, process(), AS_OF)["chance"]

    assert [curve[3.0], (curve[3.0] + curve[4.0]) / 2, curve.iloc[-1]] == pytest.approx(placed.tolist())


def test_a_chance_that_stays_high_has_no_horizon_and_says_so():
    """Where leads go on winning as long as anybody looked, there is no day to end."""
    found = history(*[(10, float(d), "won", "won", float(d)) for d in range(1, 31)])

    row = row_of(learn(found, process(), as_of=AS_OF))

    assert (True, "chance_stays_high") == (pd.isna(row["horizon_days"]), row["horizon_none"])


def test_too_few_leads_are_no_proof():
    """The chance is nil beyond five days, but 31 leads do not show it."""
    found = history((40, 2.0, "won", "won", 2.0), (31, 20.0, "ended", "ended", 20.0))

    row = row_of(learn(found, process().with_limits(at_risk_min_count=31), as_of=AS_OF))
    strict = row_of(learn(found, process().with_limits(at_risk_min_count=31, confidence_share=0.9999), as_of=AS_OF))

    assert (3.0, True) == (row["horizon_days"], pd.isna(row["horizon_none"]))
    assert (True, "too_few") == (pd.isna(strict["horizon_days"]), strict["horizon_none"])


@pytest.mark.parametrize(
    "found",
    [
        history((80, 5.0, "ended", "ended", 5.0)),
        history((80, 5.0, "open", "open", 5.0)),
        history((1, 5.0, "won", "won", 5.0)),
        tables.empty(tables.STAYS),
    ],
    ids=["zero wins", "all censored", "one lead", "nothing"],
)
def test_without_enough_wins_our_defaults_speak_and_say_so(found):
    """No chance, no horizon, 30 days of patience: on a default basis, never on a guess."""
    learned = learn(found, process(), as_of=AS_OF)
    placed = place(standing("New", 400.0), learned, process(), AS_OF).iloc[0]

    assert (30.0, "default") == (placed["patience_days"], placed["basis"])
    assert placed[["chance", "chance_high", "horizon_days", "proof_at_risk_count", "end_on"]].isna().all()
    assert "not_learned" == row_of(learned)["horizon_none"]


def test_a_small_client_is_judged_by_the_rung_that_has_enough():
    """60 leads, 12 won: the first stage speaks for itself, the second has too few and leans on others."""
    rows = []
    for lead in range(60):
        won = lead < 12
        rows.append((f"L{lead}", lead, "created", "New"))
        if won or lead < 20:
            rows.append((f"L{lead}", lead + 4, "progress", "Offer"))
        rows.append((f"L{lead}", lead + 9 + 2 * (lead % 9), "won" if won else "ended", None))
    learned = learn(stays(milestones(*rows), AS_OF), process(), as_of=AS_OF)

    assert ["stage", "neighbours"] == learned.stages["chance_basis"].tolist()
    assert (12, 60) == (learned.won_count, row_of(learned)["leads_count"])
    assert (learned.curves["at_risk_count"] >= 30).all()
    assert (learned.stages["patience_count"] >= 10).all()


def test_the_back_off_passes_over_endings_and_reaches_other_pipelines():
    """A pipeline without wins of its own is judged by all there are, and the basis says so."""
    found = quick_winners().assign(pipeline="A")
    young = history((5, 3.0, "open", "open", 3.0), stage="Start").assign(pipeline="B")
    two = Process(stages=(Stage(pipeline="A", name="New"), Stage(pipeline="B", name="Start")))

    learned = learn(pd.concat([found, young.assign(lead_id="x")], ignore_index=True), two, as_of=AS_OF)

    assert ["stage", "all"] == learned.stages["chance_basis"].tolist()


def test_a_stage_nobody_has_seen_is_placed_by_the_back_off():
    """A lead in a stage without history or process gets what everything together says."""
    learned = learn(quick_winners(), process(), as_of=AS_OF)

    placed = place(standing("Elsewhere", 8.0), learned, process(), AS_OF).iloc[0]

    assert ("pipeline", 6.0) == (placed["basis"], placed["horizon_days"])


def test_short_follow_up_is_not_enough_to_learn_from():
    """Ten weeks of winners seen for eleven weeks say nothing yet about who will be won in the end."""
    found = history((50, 70.0, "won", "won", 70.0), (100, 75.0, "open", "open", 75.0))

    row = row_of(learn(found, process(), as_of=day(77)))

    assert ("not_learned", True) == (row["horizon_none"], row["patience_young"])


def test_leads_without_an_ending_date_are_left_out_and_counted():
    """They are told, not guessed; stays of unknown age as well."""
    found = quick_winners()
    found.loc[:3, "outcome_days"] = np.nan
    found.loc[4:9, "entered_days"] = np.nan

    learned = learn(found, process(), as_of=AS_OF)

    assert (4, 6, 310) == (learned.undated_count, learned.unknown_age_count, learned.stays_count)


def test_the_process_overrides_what_was_learned_and_both_are_kept():
    """Limits that the client has fixed are compared; the learned ones stand beside them."""
    fixed = Process(stages=(Stage(name="New", patience_days=12, horizon_days=21), Stage(name="Offer")))
    learned = learn(quick_winners(), fixed, as_of=AS_OF)

    row, placed = row_of(learned), place(standing("New", 20.0), learned, fixed, AS_OF).iloc[0]

    assert (12.0, 21.0, "process") == (placed["patience_days"], placed["horizon_days"], placed["basis"])
    assert (6.0, "process") == (row["horizon_learned_days"], row["patience_basis"])


def test_patience_is_what_nine_of_ten_winners_needed():
    """Shortest stay that 90 % of later winners did not exceed, and at least a week."""
    slow = history(*[(2, float(d), "progress", "won", 60.0) for d in range(1, 51)], (60, 90.0, "ended", "ended", 90.0))

    assert 45.0 == row_of(learn(slow, process(), as_of=AS_OF))["patience_days"]


def test_the_week_of_patience_gives_way_to_an_earlier_horizon():
    """A floor of ours never calls a stay normal that the client's own history has proved to be over."""
    row = row_of(learn(quick_winners(), process(), as_of=AS_OF))
    easy = row_of(learn(quick_winners(), process().with_limits(patience_floor_days=3), as_of=AS_OF))

    assert (6.0, 5.0) == (row["patience_days"], easy["patience_days"])


def test_slow_winners_of_a_young_history_are_weighed_up():
    """Winners who took long count for those who came too late to be seen winning."""
    rng = np.random.default_rng(4)
    took, seen = rng.uniform(0, 60, 4000), rng.uniform(0, 66, 4000)
    won = took < seen
    young = tables.conform(
        pd.DataFrame(
            {
                "lead_id": [f"L{n}" for n in range(4000)],
                "stage": "New",
                "started_at": day(66) - pd.to_timedelta(seen, unit="D"),
                "entered_days": 0.0,
                "stay_days": np.minimum(took, seen),
                "end": np.where(won, "won", "open"),
                "outcome": np.where(won, "won", "open"),
                "outcome_days": np.minimum(took, seen),
            }
        ),
        tables.STAYS,
    )

    patience = row_of(learn(young, process(), as_of=day(66)))["patience_days"]

    assert np.quantile(took[won], 0.9) < 50
    assert 54 == pytest.approx(patience, abs=2.5)


def test_the_clients_own_ending_rule_is_named():
    """A jump of endings on day 30 is a rule; those kept beyond it are judged by what became of the kept."""
    found = history(
        *[(8, float(d), "won", "won", float(d)) for d in range(1, 30)],
        *[(3, float(d), "ended", "ended", float(d)) for d in range(1, 30)],
        (300, 30.5, "ended", "ended", 30.5),
        *[(5, float(d), "won", "won", float(d)) for d in range(32, 52)],
    )
    learned = learn(found, process(), as_of=AS_OF)

    row = row_of(learned)
    placed = place(standing("New", 30.2, 40.0), learned, process(), AS_OF)

    assert (30.0, 0.75, 1.0) == pytest.approx(
        (row["ending_rule_days"], row["ending_rule_share"], row["kept_won_share"])
    )
    assert [False, True] == placed["kept"].tolist()
    assert pd.isna(placed["horizon_days"].iloc[1])


def test_sorting_out_on_the_first_days_is_no_ending_rule():
    """Many endings at once are a rule about waiting only after a time without them."""
    steady = Endings(
        np.arange(6.0),
        np.array([900.0, 600, 400, 270, 180, 120]),
        np.zeros(6),
        np.array([500.0, 330, 220, 150, 100, 66]),
    )

    assert ending_rule(steady, Limits()) is None


def curve_of(chance, at_risk):
    """A curve with 2 percentage points to each bound."""
    chance, counts = np.asarray(chance), np.full(len(chance), at_risk)
    marks = Landmarks(
        np.arange(len(chance), dtype=float), counts, counts, counts, counts, chance, chance, counts.astype(float)
    )
    return Curve(marks, np.clip(chance - 0.02, 0, 1), chance + 0.02, None, 1.0)


def test_one_lucky_or_unlucky_day_makes_no_horizon():
    """A single dip below the limit is passed over; a single late win does not take the horizon away."""
    dip = curve_of([0.4, 0.3, 0.05, 0.3, 0.3, 0.3], 100)
    late = curve_of([0.4, 0.3, 0.05, 0.04, 0.11, 0.04], 100)

    assert horizon(dip, 0.1).day is None
    assert 2.0 == horizon(late, 0.1).day


def test_a_curve_that_recovers_has_its_horizon_after_the_recovery():
    """Leads of whom the chance surely rises again were not over."""
    assert 5.0 == horizon(curve_of([0.4, 0.05, 0.05, 0.3, 0.3, 0.02, 0.02], 100), 0.1).day


def test_the_part_of_entry_grows_only_as_far_as_those_beyond_stay_lost():
    """A steep fall allows an earlier horizon, a slow one does not; a person can switch the growth off."""
    steep = curve_of([0.4, 0.3, 0.15, *([0.001] * 60)], 2000)
    slow = curve_of([0.4, 0.3, *([0.15] * 30), *([0.08] * 30)], 2000)

    assert fraction_learned([steep], Limits()) > fraction_learned([slow], Limits())
    assert 0.25 == fraction_learned([slow], Limits())
    assert 0.25 == fraction_learned([steep], Limits(chance_fraction_max_share=0.25))
    assert 0.25 == fraction_learned([], Limits())


def test_the_part_of_entry_falls_where_those_beyond_are_won_after_all():
    """Nine of ten are won: a quarter of that is no lost case. Few leads of whom none was won change nothing."""
    often_won = curve_of([0.9, 0.6, *([0.15] * 30), *([0.02] * 30)], 2000)
    few = curve_of([0.9, 0.6, *([0.0] * 60)], 30)

    part = fraction_learned([often_won], Limits())
    assert part < 0.25
    assert 32.0 == horizon(often_won, often_won.limit(part, Limits())).day
    assert 0.25 == fraction_learned([few], Limits())


def test_other_limits_are_tried_on_the_same_history():
    """Reading again under other limits gives what learning again under them gives."""
    found = stays(drawn_milestones := drawn(7, 800), AS_OF)
    other = process().with_limits(confidence_share=0.8, patience_share=0.5, at_risk_min_count=50)

    tried = learn(found, process(), as_of=AS_OF).under(other)
    anew = learn(found, other, as_of=AS_OF)

    assert len(drawn_milestones)
    pd.testing.assert_frame_equal(anew.stages, tried.stages)
    pd.testing.assert_frame_equal(anew.curves, tried.curves)


def test_unanswered_contacts_get_a_learned_limit():
    """Leads that left four contacts unanswered were never won: four is the limit, not our default."""
    found = history((150, 10.0, "won", "won", 10.0), (150, 40.0, "ended", "ended", 40.0))
    rows = [(f"L{n}", k, day(k)) for n in range(300) for k in range(1, 4 if n < 150 else 8)]
    streaks = tables.conform(pd.DataFrame(rows, columns=["lead_id", "streak_count", "at"]), tables.STREAKS)

    learned = learn(found, process(), as_of=AS_OF, streaks=streaks)

    assert 4 == learned.streak_limit_count
    assert [0, 1, 2, 3, 4, 5, 6, 7] == learned.streak_curve["streak_count"].tolist()
    assert 0.5 == pytest.approx(learned.streak_curve["chance"].iloc[0])
    assert learned.streak_none is None


def test_unanswered_contacts_that_tell_nothing_are_told_apart_from_too_few():
    """Where winners leave as many contacts unanswered as others, there is no limit, and it is said why."""
    found = history((150, 10.0, "won", "won", 10.0), (150, 40.0, "ended", "ended", 40.0))
    rows = [(f"L{n}", k, day(k)) for n in range(300) for k in range(1, 8)]
    streaks = tables.conform(pd.DataFrame(rows, columns=["lead_id", "streak_count", "at"]), tables.STREAKS)

    told = learn(found, process(), as_of=AS_OF, streaks=streaks)
    untold = learn(found, process(), as_of=AS_OF)

    assert (None, "chance_stays_high") == (told.streak_limit_count, told.streak_none)
    assert (None, "not_learned") == (untold.streak_limit_count, untold.streak_none)


def test_the_whole_lead_is_the_unit_without_history():
    """Stays without a stage are learned and placed under their pipeline alone."""
    found = quick_winners().assign(stage=pd.Series([None] * 320, dtype="str"), pipeline="Sales")
    learned = learn(found, Process(), as_of=AS_OF)

    leads = pd.DataFrame({"pipeline": ["Sales"], "stay_stage": pd.Series([None], dtype="str"), "stay_days": [9.0]})
    placed = place(leads, learned, Process(), AS_OF).iloc[0]

    assert ("stage", 6.0, 170) == (placed["basis"], placed["horizon_days"], placed["proof_at_risk_count"])


def test_a_planted_process_is_told_apart_whatever_its_stages_are_called():
    """Where quiet leads are lost, ten days are beyond the horizon; where they wait for us, they are not."""
    lost = history(*[(25, d / 2, "won", "won", d + 9.0) for d in range(1, 9)], (300, 25.0, "ended", "ended", 25.0))
    waits = history(
        *[(12, float(d), "won", "won", float(d)) for d in range(1, 30)],
        (100, 15.0, "ended", "ended", 15.0),
        stage="Zeta",
    )
    found = pd.concat([lost, waits.assign(lead_id="Z" + waits["lead_id"])], ignore_index=True)
    learned = learn(found, process("New", "Zeta"), as_of=AS_OF)

    quiet = place(standing("New", 10.0, 20.0), learned, process("New", "Zeta"), AS_OF)
    waiting = place(standing("Zeta", 10.0, 20.0), learned, process("New", "Zeta"), AS_OF)

    assert (quiet["horizon_days"] < 10).all()
    assert waiting["horizon_days"].isna().all() or (waiting["horizon_days"] > 20).all()


@given(st.integers(0, 10_000))
@settings(max_examples=12)
def test_chances_lie_between_their_bounds_for_every_lead(seed):
    """Whatever the history: 0 <= low <= chance <= high <= 1, and a proof adds up."""
    learned = learn(stays(drawn(seed), AS_OF), process(), as_of=AS_OF)
    leads = pd.concat([standing(stage, *np.linspace(0, 400, 60)) for stage in ("New", "Offer")], ignore_index=True)

    placed = place(leads, learned, process(), AS_OF)

    assert (placed["chance_low"].between(0, placed["chance"] + 1e-12)).all()
    assert (placed["chance_high"].between(placed["chance"] - 1e-12, 1)).all()
    parts = placed[["proof_won_count", "proof_ended_count", "proof_open_count"]].sum(axis=1)
    assert (parts == placed["proof_at_risk_count"]).all()
    assert (placed["proof_day"] <= leads["stay_days"]).all()


@given(st.integers(0, 10_000), st.integers(-3000, 3000))
@settings(max_examples=8)
def test_neither_dates_nor_order_change_what_is_learned(seed, shift_days):
    """The same history elsewhere in time and shuffled teaches the same."""
    rows, shift = drawn(seed), pd.Timedelta(days=shift_days)
    other = rows.sample(frac=1, random_state=1).assign(at=lambda frame: frame["at"] + shift)

    first = learn(stays(rows, AS_OF), process(), as_of=AS_OF)
    second = learn(stays(other, AS_OF + shift), process(), as_of=AS_OF + shift)

    pd.testing.assert_frame_equal(first.stages, second.stages, atol=1e-5)
    pd.testing.assert_frame_equal(first.curves, second.curves, atol=1e-5)
