"""The effect of entering a status: decisions raise the chance, recorded activities leave it where it was."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadaudit
from leadaudit import simulate
from leadaudit.chance.landmarks import Risks, follow
from leadaudit.effects import answer, effects
from leadaudit.ingest import Export
from leadaudit.process import Process, Stage

PROCESS = Process(stages=(Stage(name="A"), Stage(name="B"), Stage(name="C")))


def stays_of(rows: list[tuple[str, str, float, str, str, float]]) -> pd.DataFrame:
    """STAYS from (lead_id, stage, stay_days, end, outcome, outcome_days)."""
    names = ["lead_id", "stage", "stay_days", "end", "outcome", "outcome_days"]
    start = pd.Timestamp("2025-01-01")
    return pd.DataFrame(rows, columns=names).assign(pipeline="", life=0, entered_days=0.0, started_at=start)


def walked(count: int, *, sorting: bool, seed: int = 7) -> pd.DataFrame:
    """Leads that stand in A for some days; half of them move into B, the better half or a random one."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, str, float, str, str, float]] = []
    for number in range(count):
        good = rng.random() < 0.4
        moves = (rng.random() < (0.85 if good else 0.25)) if sorting else rng.random() < 0.5
        days, rest = rng.uniform(1, 9), rng.uniform(1, 20)
        outcome = "won" if good else "ended"
        lead = f"L{number}"
        rows.append((lead, "A", days if moves else days + rest, "progress" if moves else outcome, outcome, days + rest))
        if moves:
            rows.append((lead, "B", rest, outcome, outcome, rest))
    return stays_of(rows)


def only_row(stays: pd.DataFrame) -> pd.Series:
    found = effects(stays, PROCESS)
    assert found["stage"].tolist() == ["B"]
    return found.iloc[0]


def test_a_status_that_sorts_the_leads_raises_the_chance() -> None:
    """Who moves on is better than who stays: the chance jumps, and the interval says so."""
    row = only_row(walked(800, sorting=True))

    assert row["answer"] == "raises"
    assert row["effect"] > 0.15
    assert row["effect_low"] > 0


def test_a_status_that_sorts_nothing_has_no_effect() -> None:
    """A coin decided who moves: an effect worth the name is ruled out."""
    row = only_row(walked(3000, sorting=False))

    assert row["answer"] == "none"
    assert row["effect_low"] < 0 < row["effect_high"]


def test_few_cases_are_unclear_and_not_none() -> None:
    """That nothing can be seen in 40 leads does not mean that there is nothing."""
    assert only_row(walked(40, sorting=False))["answer"] == "unclear"


def test_where_everybody_moves_on_nothing_is_learned_by_it() -> None:
    """Mover and comparison are the same leads: the effect is exactly 0, however short the follow-up."""
    rng = np.random.default_rng(3)
    rows: list[tuple[str, str, float, str, str, float]] = []
    for number in range(200):
        outcome = str(rng.choice(["won", "ended", "open"]))
        days = rng.uniform(2, 30)
        rows += [
            (f"L{number}", "A", 1.0, "progress", outcome, 1 + days),
            (f"L{number}", "B", days, outcome, outcome, days),
        ]
    row = only_row(stays_of(rows))

    assert row["effect"] == pytest.approx(0, abs=1e-12)
    assert row["answer"] == "none"


def test_the_chance_before_is_that_of_the_landmark() -> None:
    """With all moves on one day it is the Aalen-Johansen chance of those who stood so long, open leads included."""
    rng = np.random.default_rng(11)
    rows: list[tuple[str, str, float, str, str, float]] = []
    for number in range(300):
        outcome = str(rng.choice(["won", "ended", "open"], p=[0.4, 0.4, 0.2]))
        total = float(rng.integers(6, 60))
        if number % 2:
            rows += [
                (f"L{number}", "A", 5.0, "progress", outcome, total),
                (f"L{number}", "B", total - 5, outcome, outcome, total - 5),
            ]
        else:
            rows.append((f"L{number}", "A", total, outcome, outcome, total))
    stays = stays_of(rows)
    standing = stays[stays["stage"] == "A"]

    reference = follow(Risks.of(standing), np.array([5.0])).chance[0]

    assert only_row(stays)["chance_before"] == pytest.approx(reference, abs=0.01)


def test_open_leads_are_not_counted_as_lost() -> None:
    """Cutting the history early makes leads open; weighting brings the chances back near the whole truth."""
    whole = walked(4000, sorting=True)
    rng = np.random.default_rng(5)
    follow_up = dict(zip(whole["lead_id"].unique(), rng.uniform(3, 40, whole["lead_id"].nunique()), strict=True))
    first = whole["stage"] == "A"
    began = np.where(first, 0.0, whole["stay_days"].shift(1).fillna(0))
    seen = whole["lead_id"].map(follow_up) - began
    cut = whole["outcome_days"] > seen
    short = whole["stay_days"] > seen
    cut_stays = whole.assign(
        outcome=whole["outcome"].mask(cut, "open"), outcome_days=whole["outcome_days"].where(~cut, seen),
        end=whole["end"].mask(short, "open"), stay_days=whole["stay_days"].where(~short, seen),
    )[seen > 0]  # fmt: skip

    truth, told = only_row(whole), only_row(cut_stays)

    assert (cut_stays["outcome"] == "open").mean() > 0.2
    assert told["effect"] == pytest.approx(truth["effect"], abs=0.05)
    assert told["chance_after"] == pytest.approx(truth["chance_after"], abs=0.06)


def test_the_interval_keeps_its_level() -> None:
    """Where there is no effect, about nine of ten intervals contain 0."""
    rows = [only_row(walked(300, sorting=False, seed=seed)) for seed in range(60)]
    inside = sum(row["effect_low"] <= 0 <= row["effect_high"] for row in rows)

    assert 46 <= inside <= 60


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_leads_does_not_matter(random) -> None:
    """Leads may come in any order; the stays of one lead stay together."""
    stays = walked(60, sorting=True)
    leads = stays["lead_id"].unique().tolist()
    random.shuffle(leads)
    shuffled = pd.concat([stays[stays["lead_id"] == lead] for lead in leads], ignore_index=True)

    pd.testing.assert_frame_equal(effects(stays, PROCESS), effects(shuffled, PROCESS))


def test_without_history_there_are_no_effects() -> None:
    """Whole leads enter nothing."""
    stays = stays_of([("L1", "A", 3.0, "won", "won", 3.0)]).assign(stage=pd.NA)

    assert effects(stays, PROCESS).empty


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_planted_activity_is_found_and_planted_decisions_are_too(language: str) -> None:
    """The status that the simulator enters by an activity decides nothing; its other stages do."""
    simulated = simulate.leads(1500, 24, 3, language=language)
    export = Export.of_frames(simulated.leads, simulated.activities, simulated.changes, language=language)
    audit = leadaudit.audit(export)

    found = effects(audit.stays, audit.process).set_index("stage")

    planted = {stage.name for stage in simulated.pipeline.stages if stage.by_activity}
    assert set(found.index[found["answer"] == "none"]) == planted
    assert (
        set(found.index[found["answer"] == "raises"])
        == {stage.name for stage in simulated.pipeline.stages[1:]} - planted
    )


@pytest.mark.real
def test_an_offer_that_was_sent_decides_nothing_in_a_bank_either(shared) -> None:
    """On real loan applications, the moves that the bank decided raise the chance, those that it merely did do not."""
    folder = shared / "real" / "bpi2012"
    if not folder.is_dir():
        pytest.skip("no bpi2012 beside the checkout")
    audit = leadaudit.audit(leadaudit.read(folder / "leads.csv", folder / "stage_history.csv"))

    found = effects(audit.stays, audit.process)

    sent = found["stage"].str.contains(r"\bsent\b")
    returned = found["stage"].str.contains(r"\breturned\b")
    assert found.loc[sent, "answer"].tolist() == ["none"]
    assert found.loc[returned, "answer"].tolist() == ["raises"]
    assert found.loc[returned, "effect"].item() > 10 * found.loc[sent, "effect"].item()


def test_what_an_interval_says() -> None:
    """A change of less than a quarter of the chance before is none; a wide interval says nothing."""
    assert [answer(low, high, 0.4) for low, high in [(-0.05, 0.05), (0.01, 0.08), (0.01, 0.2), (-0.3, -0.1), (-0.1, 0.2)]] == [
        "none", "none", "raises", "lowers", "unclear",
    ]  # fmt: skip
