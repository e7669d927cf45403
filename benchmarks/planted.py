"""Planted truth: what becomes of leads whose nature is known, on simulated data with a fresh seed.

    python -m benchmarks.planted [--leads 20000] [--seed 2026]

Beside it the rule that CRMs use, idle for 14 days, on the same leads.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import pandas as pd

import leadaudit
from leadaudit import simulate
from leadaudit.ingest import Export

IDLE_DAYS = 14


@dataclass(frozen=True)
class Planted:
    """One promise about leads of one kind: the share that must hold, and that of the idle rule."""

    name: str
    count: int
    share: float
    target: float
    idle_share: float

    def __str__(self) -> str:
        """One line of the printed table."""
        held = "holds" if self.share >= self.target else "FALLS SHORT"
        return f"{self.name:<62} n={self.count:<5} {self.share:6.1%}  target {self.target:.0%}  {held:<11} idle rule {self.idle_share:6.1%}"


def judged(count: int, seed: int, months: int = 24) -> pd.DataFrame:
    """Simulated open leads with verdict, truth and the idle rule; index = lead_id."""
    made = simulate.leads(count=count, months=months, seed=seed)
    export = Export.of_frames(made.leads, made.activities, made.changes, language="de")
    audit = leadaudit.audit(export, as_of=made.as_of)
    truth = made.truth.set_index("lead_id").add_prefix("planted_")
    leads = audit.leads.set_index("lead_id").join(truth)
    idle_days = (made.as_of - leads["last_activity_at"]).dt.total_seconds() / 86400
    return leads[leads["verdict"] != "ended"].assign(idle=(idle_days > IDLE_DAYS).fillna(True), as_of=made.as_of)


def promises(leads: pd.DataFrame) -> list[Planted]:
    """The three promises: busy and stuck, silent and maturing, ghosted."""
    true_stay_days = (leads["as_of"] - leads["planted_stay_started_at"]).dt.total_seconds() / 86400
    past_patience = true_stay_days > leads["planted_true_patience_days"]
    past_horizon = true_stay_days > leads["planted_true_horizon_days"]
    kind, resting = leads["planted_kind"], leads["verdict"] == "paused"
    stuck = leads[(kind == "busy_and_stuck") & past_patience]
    maturing = leads[(kind == "silent_and_maturing") & ~past_horizon]
    # A pause with a date is kept: nobody ends a lead that one has agreed to leave alone until then.
    ghosted = leads[(kind == "ghosted") & past_horizon & ~resting]
    return [
        _promise(
            "busy and stuck past their true patience: not progressing",
            stuck,
            stuck["verdict"] != "progressing",
            0.90,
            stuck["idle"],
        ),
        _promise(
            "silent and maturing: not overdue", maturing, maturing["verdict"] != "overdue", 0.95, ~maturing["idle"]
        ),
        _promise("ghosted, horizon passed: overdue", ghosted, ghosted["verdict"] == "overdue", 0.80, ghosted["idle"]),
    ]


def _promise(name: str, leads: pd.DataFrame, held: pd.Series, target: float, idle: pd.Series) -> Planted:
    return Planted(name, len(leads), float(held.mean()), target, float(idle.mean()))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--leads", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, default=2026)
    chosen = arguments.parse_args()
    started = time.perf_counter()
    leads = judged(chosen.leads, chosen.seed)
    print(
        f"{chosen.leads} simulated leads, seed {chosen.seed}: {len(leads)} open, {time.perf_counter() - started:.0f} s\n"
    )
    for promise in promises(leads):
        print(promise)
    print("\n" + pd.crosstab(leads["planted_kind"], leads["verdict"], margins=True).to_string())


if __name__ == "__main__":
    main()
