"""What does each criterion do? One after the other is switched off, and what became of the leads that it moves.

    python -m benchmarks.criteria FOLDER [--dates 2024-03-01 2024-05-01]
    python -m benchmarks.criteria --simulate 4 [--leads 4000]

FOLDER holds the files of one export, judged at past dates by what was known then; what became of
the leads is what the whole export says. A past date lacks what has no history (next steps, dates of
decisions). Simulated clients are therefore judged at their last day, on everything that an export
has, and what becomes of the leads is read from the simulation's own future.

Per criterion and veto: how many leads have another verdict without it, from what to what, how many
of them were won, ended or stayed open, and beside it the chance that stage and stay alone say of them, the share
won among those that it leaves behind, and among those that it puts them to. *Helps*: the moved differ from those left behind in the
direction of the verdict that they got (90 % interval); *harms*: in the other direction.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmarks.judgement import dates_of, exports_in
from leadaudit import simulate
from leadaudit.criteria import CRITERIA
from leadaudit.draft import draft
from leadaudit.errors import LeadAuditError
from leadaudit.ingest.export import Export
from leadaudit.judge import Judgement, judge
from leadaudit.shares import apart
from leadaudit.verdict import verdicts_of

PROSPECTS = ("overdue", "stalled", "progressing")
"""Verdicts by what is said of a lead's prospects; others say nothing of them."""

ROLES = ("ending", "veto", "stall", "flag")
LEAST_COUNT = 5
"""Fewer moved leads prove nothing."""

SIMULATED_OUTCOMES = {"won": "won", "never_closed": "open"}


@dataclass(frozen=True)
class Moved:
    """The leads that one criterion moves from one verdict to another, and what became of them."""

    criterion: str
    role: str
    without: str
    with_it: str
    count: int
    won: int
    ended: int
    said: float
    left_count: int
    left_won: int
    joined_count: int
    joined_won: int

    @property
    def answer(self) -> str:
        """Whether the criterion helps: *helps*, *harms*, *no difference seen*, *too few*, or nothing to compare."""
        if {self.without, self.with_it} - set(PROSPECTS):
            return ""
        if min(self.count, self.left_count) < LEAST_COUNT:
            return "too few"
        low, high = apart(self.won, self.count, self.left_won, self.left_count)
        better = PROSPECTS.index(self.with_it) > PROSPECTS.index(self.without)
        if low > 0:
            return "helps" if better else "harms"
        if high < 0:
            return "harms" if better else "helps"
        return "no difference seen"


def moved(judgements: list[tuple[Judgement, pd.Series]]) -> list[Moved]:
    """What each criterion moves, summed over judgements.

    Parameters
    ----------
    judgements : list of (Judgement, Series)
        Each with what became of its leads (won, ended, open), index ``lead_id``; leads without one are left out.

    Returns
    -------
    list of Moved
        One per criterion and pair of verdicts, in the order of the criteria; a criterion that moves none has none.
    """
    found: list[Moved] = []
    cases = [_Case.of(judgement, became) for judgement, became in judgements]
    for criterion in CRITERIA:
        if criterion.role in ROLES:
            parts = [case.without(criterion.name) for case in cases]
            found += _pairs(criterion.name, criterion.role, pd.concat(parts, ignore_index=True))
    return found


@dataclass(frozen=True)
class _Case:
    """A judgement, its verdicts and what became of the leads that were open."""

    judgement: Judgement
    verdict: pd.Series
    became: pd.Series

    @classmethod
    def of(cls, judgement: Judgement, became: pd.Series) -> _Case:
        leads = judgement.leads
        is_open = (leads["verdict"] != "ended") & leads["status"].notna()
        return cls(judgement, leads["verdict"], leads["lead_id"].map(became).where(is_open))

    def without(self, name: str) -> pd.DataFrame:
        """Verdicts without a criterion and with it, the chance that was stated, and what became of the leads."""
        facts = self.judgement.facts
        off = facts.process.model_copy(update={"criteria_off": facts.process.criteria_off | {name}})
        verdict = verdicts_of(replace(facts, process=off))
        chance = self.judgement.leads["chance"]
        rows = {"without": verdict, "with_it": self.verdict, "chance": chance, "became": self.became}
        return pd.DataFrame(rows)[self.became.notna()]


def _pairs(name: str, role: str, leads: pd.DataFrame) -> Iterator[Moved]:
    changed = leads["without"] != leads["with_it"]
    for (here, there), rows in leads[changed].groupby(["without", "with_it"]):
        left, joined = leads[~changed & (leads["without"] == here)], leads[~changed & (leads["with_it"] == there)]
        yield Moved(
            name, role, str(here), str(there), len(rows), _won(rows), int((rows["became"] == "ended").sum()),
            float(rows["chance"].mean()), len(left), _won(left), len(joined), _won(joined),
        )  # fmt: skip


def _won(leads: pd.DataFrame) -> int:
    return int((leads["became"] == "won").sum())


def past(export: Export, dates: list[pd.Timestamp]) -> list[tuple[Judgement, pd.Series]]:
    """Judgements at past dates by what was known then, with what the whole export says became of the leads."""
    status = export.leads().set_index("lead_id")["status"]
    became = status.map({"won": "won", "lost": "ended", "open": "open", "paused": "open"})
    found = []
    for date in dates:
        known = export.as_of(date)
        found.append((judge(known, draft(known).process, date), became))
    return found


def simulated(seed: int, count: int) -> tuple[Judgement, pd.Series]:
    """A simulated client judged at its last day, and what becomes of its leads in the simulation's future."""
    made = simulate.leads(count, months=24, seed=seed, language="en")
    export = Export.of_frames(made.leads, made.activities, made.changes, language="en")
    end = made.truth.set_index("lead_id")["outcome_in_the_end"]
    became = end.map(SIMULATED_OUTCOMES).where(end.isin(list(SIMULATED_OUTCOMES)) | end.isna(), "ended")
    return judge(export, draft(export).process, made.as_of), became


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--dates", nargs="*", type=pd.Timestamp)
    parser.add_argument("--simulate", type=int, default=0, metavar="SEEDS")
    parser.add_argument("--leads", type=int, default=4000, help="leads per simulated client")
    asked = parser.parse_args()
    if not asked.folder and not asked.simulate:
        parser.error("a folder or --simulate is needed")
    try:
        if asked.folder:
            export = exports_in(asked.folder)
            _print(asked.folder.name, past(export, asked.dates or dates_of(export)))
        if asked.simulate:
            clients = [simulated(seed, asked.leads) for seed in range(301, 301 + asked.simulate)]
            _print(f"{asked.simulate} simulated clients of {asked.leads} leads", clients)
    except LeadAuditError as error:
        raise SystemExit(str(error)) from error


def _print(name: str, judgements: list[tuple[Judgement, pd.Series]]) -> None:
    print(f"\n=== {name}")
    if not judgements:
        print("the export has no span of time: there is no past date to judge")
        return
    rows = moved(judgements)
    print(
        f"{'criterion':<24}{'without it -> with it':<28}{'moved':>6}{'chance':>8}{'won':>7}{'ended':>7}{'open':>7}"
        f"{'won, left behind':>18}{'won, joined':>13}  answer"
    )
    for row in rows:
        still = row.count - row.won - row.ended
        print(
            f"{row.criterion:<24}{f'{row.without} -> {row.with_it}':<28}{row.count:>6}"
            f"{row.said:>8.1%}{_share(row.won, row.count):>7}{_share(row.ended, row.count):>7}{_share(still, row.count):>7}"
            f"{_share(row.left_won, row.left_count):>18}{_share(row.joined_won, row.joined_count):>13}  {row.answer}"
        )
    idle = {one.name for one in CRITERIA if one.role in ROLES} - {row.criterion for row in rows}
    print("moves no lead: " + ", ".join(one.name for one in CRITERIA if one.name in idle))


def _share(count: int, of: int) -> str:
    return f"{count / of:.1%}" if of else "-"


if __name__ == "__main__":
    main()
