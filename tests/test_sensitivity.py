"""What flips when patience and horizon are a quarter shorter or longer."""

from __future__ import annotations

import pandas as pd
import pytest
from criteria.leads import AS_OF, PROCESS, ago, facts, lead

from leadaudit.criteria import Facts, criterion
from leadaudit.judge import Judgement
from leadaudit.sensitivity import scaled, sensitivity
from leadaudit.tables import VERDICTS
from leadaudit.verdict import decide

SILENT = {"last_response_at": ago(90), "response_count": 0}


def judgement(given: Facts, *own) -> Judgement:
    """A judgement of these facts."""
    leads, reasons = decide(given, own)
    return Judgement(AS_OF, leads, reasons, None, pd.DataFrame(), given.learned, given, tuple(own))


@pytest.mark.parametrize(
    ("changes", "settings"),
    [
        ({"stay_days": 10.0}, ("progressing", "progressing", "progressing")),
        ({"stay_days": 19.0}, ("stalled", "progressing", "progressing")),
        ({"stay_days": 22.0}, ("stalled", "progressing", "progressing")),
        ({"stay_days": 26.0}, ("stalled", "stalled", "progressing")),
        ({"stay_days": 50.0, **SILENT}, ("overdue", "stalled", "stalled")),
        ({"stay_days": 70.0, **SILENT}, ("overdue", "overdue", "stalled")),
        ({"stay_days": 80.0, **SILENT}, ("overdue", "overdue", "overdue")),
        ({"stay_days": 70.0, "status": "won"}, ("ended", "ended", "ended")),
    ],
)
def test_each_setting_moves_patience_and_horizon(changes, settings):
    """A lead is borderline exactly if one of the settings gives it another verdict."""
    found = sensitivity(judgement(facts(lead(**changes))))

    assert settings == tuple(found.verdicts.iloc[0])
    assert (len(set(settings)) > 1) is bool(found.borderline.iloc[0])


def test_counts_are_plain_numbers_per_setting():
    """Every lead is counted once at each setting; the base is the judgement itself."""
    leads = [lead(lead_id=str(number), stay_days=float(number), **SILENT) for number in range(5, 90, 5)]
    found = sensitivity(judgement(facts(*leads)))

    assert ["lower", "base", "higher"] == list(found.counts)
    assert {len(leads)} == {sum(counts.values()) for counts in found.counts.values()}
    assert all(type(count) is int for counts in found.counts.values() for count in counts.values())
    assert set(VERDICTS) == set(found.counts["base"])
    assert found.counts["lower"]["overdue"] > found.counts["base"]["overdue"] > found.counts["higher"]["overdue"]


def test_the_process_says_by_how_much():
    """The part is a limit like any other."""
    given = facts(lead(stay_days=26.0), process=PROCESS.with_limits(sensitivity_share=0.01))

    assert not sensitivity(judgement(given)).borderline.iloc[0]


def test_criteria_of_ones_own_are_asked_again():
    """They are part of the judgement at every setting."""
    own = criterion("long", "stall", unit="days")(lambda given: given.stay_days > given.patience_days * 2)
    found = sensitivity(judgement(facts(lead(stay_days=10.0, patience_days=6.0)), own))

    assert ("stalled", "stalled", "stalled") == tuple(found.verdicts.iloc[0])


def test_scaling_changes_nothing_that_was_handed_in():
    """The learned thresholds and the placed leads stay as they were."""
    given = facts(lead())
    moved = scaled(given, 0.75)

    assert (15.0, 45.0) == tuple(moved.evidence[["patience_days", "horizon_days"]].iloc[0])
    assert (15.0, 45.0) == tuple(moved.learned.stages[["patience_days", "horizon_days"]].iloc[0])
    assert (20.0, 60.0) == tuple(given.evidence[["patience_days", "horizon_days"]].iloc[0])
    assert (20.0, 60.0) == tuple(given.learned.stages[["patience_days", "horizon_days"]].iloc[0])
