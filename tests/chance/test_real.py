import pandas as pd
import pytest

import leadaudit
from leadaudit import chance, ledger
from leadaudit.draft import draft

pytestmark = pytest.mark.real

AS_OF = pd.Timestamp("2012-01-15")


@pytest.fixture(scope="module")
def loans(shared):
    """Stays and what is learned from a bank's loan applications, as known at one date."""
    folder = shared / "real" / "bpi2012"
    if not folder.is_dir():
        pytest.skip("bpi2012 is not beside the checkout")
    known = leadaudit.read(*sorted(folder.glob("*.csv"))).as_of(AS_OF)
    process = draft(known).process
    found = chance.stays(ledger.write(known, process, AS_OF).milestones(), AS_OF)
    return process, found, chance.learn(found, process, as_of=AS_OF)


def test_the_proof_sentence_has_the_numbers_of_the_prototype(loans):
    """Of 426 leads that stood somewhere 7 days or more, 10 were won, 313 ended, 103 are open: about 3 %, 32 % at entry."""
    _, _, learned = loans
    proof = ["day", "at_risk_count", "won_count", "ended_count", "still_open_count"]
    found = learned.curves[(learned.curves[proof] == [7, 426, 10, 313, 103]).all(axis=1)]

    assert 1 == len(found)
    entry = learned.stages.set_index("stage")["chance_at_entry"]
    assert (0.03, 0.32) == (round(float(found["chance"].iloc[0]), 2), round(float(entry[found["stage"].iloc[0]]), 2))


def test_quiet_stages_are_told_from_waiting_stages(loans):
    """After ten days the stage that loses its leads is beyond its horizon, the one that waits for the bank is not."""
    process, found, learned = loans
    standing = found[(found["end"] == "open") & (found["stay_days"] >= 10)].rename(columns={"stage": "stay_stage"})
    placed = chance.place(standing, learned, process, AS_OF)
    beyond = (standing["stay_days"] > placed["horizon_days"]).groupby(standing["stay_stage"]).mean()
    at_entry = learned.stages.set_index("stage")["chance_at_entry"].reindex(beyond.index)

    assert 0.0 == beyond[at_entry.idxmax()]
    assert (beyond[learned.stages.dropna(subset=["horizon_days"]).sort_values("horizon_days")["stage"].iloc[0]]) >= 0.9
