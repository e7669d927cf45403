"""Is the judgement right? Past dates, only what was known then, beside the rules that CRMs use.

    python -m benchmarks.judgement FOLDER [--dates 2024-03-01 2024-05-01] [--no-boosting]
    python -m benchmarks.judgement --simulate 4 [--leads 4000]

FOLDER holds the files of one export. Without dates, three are taken at 27, 45 and 64 % of the
span of its history. Prints, per date: how well the chance ranks the open leads by being won later
(AUC), what *overdue* flags, and the same for each baseline and for gradient boosting; at the end
the calibration of the chance. Nothing here is tuned on the data that it prints.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import leadaudit
from leadaudit import evidence, ledger, simulate
from leadaudit.backtest.calibration import bins_of, calibration_error
from leadaudit.backtest.rules import idle_days, rules
from leadaudit.draft import draft
from leadaudit.errors import LeadAuditError
from leadaudit.ingest.export import Export
from leadaudit.judge import Judgement, judge
from leadaudit.process import Process

SPAN_SHARES = (0.27, 0.45, 0.64)
TRAINING_EVERY_DAYS = 4
TRAINING_MOST_COUNT = 25
DAY = pd.Timedelta(days=1)
LONG = 30 * DAY

NAMES = {
    "idle_14": "idle 14 days",
    "idle_21": "idle 21 days",
    "idle_30": "idle 30 days",
    "age_won_cycle": "age > median won cycle",
    "age_double_cycle": "age > 2 x median won cycle",
    "unmoved_30": "30 days without stage change",
    "mean_won_stay": "longer than the mean won stay",
}

FEATURES = (
    "stage_rank", "amount", "age_days", "life", "stay_days", "movement_count", "response_count", "conversation_count",
    "life_response_count", "came_itself", "unanswered_count", "cadence_ratio", "setback_count", "loop_count",
    "postponed_count", "postponed_days", "pause_count", "pauses_over_count", "our_turn", "no_interest",
    "preconditions_known_count", "next_step_concrete", "idle_days", "response_days", "contact_days",
)  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """The open leads at one date as they were judged, and whether they were won later."""

    date: pd.Timestamp
    leads: pd.DataFrame
    won: np.ndarray
    judgement: Judgement
    process: Process


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--dates", nargs="*", type=pd.Timestamp)
    parser.add_argument("--simulate", type=int, default=0, metavar="SEEDS")
    parser.add_argument("--leads", type=int, default=4000, help="leads per simulated client")
    parser.add_argument("--no-boosting", action="store_true")
    asked = parser.parse_args()
    if not asked.folder and not asked.simulate:
        parser.error("a folder or --simulate is needed")
    try:
        _run(asked)
    except LeadAuditError as error:
        raise SystemExit(str(error)) from error


def _run(asked: argparse.Namespace) -> None:
    for name, export in _exports(asked):
        print(f"\n=== {name}")
        _report(export, asked.dates or dates_of(export), boosting=not asked.no_boosting)


def _exports(asked: argparse.Namespace) -> Iterator[tuple[str, Export]]:
    if asked.folder:
        yield asked.folder.name, exports_in(asked.folder)
    for seed in range(101, 101 + asked.simulate):
        made = simulate.leads(asked.leads, months=24, seed=seed, language="en")
        yield f"simulated, seed {seed}", Export.of_frames(made.leads, made.activities, made.changes, language="en")


def exports_in(folder: Path) -> Export:
    """The export whose files lie in a folder."""
    if not folder.is_dir():
        raise SystemExit(f"no such folder: {folder.name}")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".csv", ".xlsx"))
    if not files:
        raise SystemExit(f"no CSV or XLSX file in {folder.name}")
    return leadaudit.read(*files)


def dates_of(export: Export) -> list[pd.Timestamp]:
    """Three past dates, at fixed shares of the span of the history; none where it has no span."""
    begin, end = export.first_known, export.known_until
    if not begin < end:
        return []
    return sorted({_rounded(begin + share * (end - begin), end - begin) for share in SPAN_SHARES})


def _rounded(moment: pd.Timestamp, span: pd.Timedelta) -> pd.Timestamp:
    """Midnights, where the history is long enough to be told in days."""
    return moment.round("D" if span > LONG else "s")


def _report(export: Export, dates: list[pd.Timestamp], *, boosting: bool) -> None:
    if not dates:
        print("the export has no span of time: there is no past date to judge")
    outcomes = export.leads().set_index("lead_id")["status"]
    snapshots = []
    for date in dates:
        snapshot = _snapshot(export, date, outcomes)
        if not 0 < snapshot.won.sum() < len(snapshot.won):
            print(f"\n{_said(date)}: {len(snapshot.won)} open, {snapshot.won.sum()} won later: nothing to rank")
            continue
        snapshots.append(snapshot)
        _print_ranks(snapshot, export, boosting=boosting)
        _print_flags(snapshot, export)
    if snapshots:
        _print_calibration(snapshots)


def _snapshot(export: Export, date: pd.Timestamp, outcomes: pd.Series) -> Snapshot:
    known = export.as_of(date)
    process = draft(known).process
    judged = judge(export, process, date)
    # Whose status at the date is unknown may have been closed already: it was no open lead then.
    is_open = (judged.leads["verdict"] != "ended") & judged.leads["status"].notna()
    leads = judged.leads[is_open].reset_index(drop=True)
    won = (leads["lead_id"].map(outcomes) == "won").to_numpy(dtype=bool)
    return Snapshot(date, leads, won, judged, process)


def _said(date: pd.Timestamp) -> str:
    return f"{date:%Y-%m-%d}" if date == date.normalize() else f"{date:%Y-%m-%d %H:%M:%S}"


# ------------------------------------------------------------------ ranking


def _print_ranks(snapshot: Snapshot, export: Export, *, boosting: bool) -> None:
    leads, won = snapshot.leads, snapshot.won
    print(f"\n{_said(snapshot.date)}: {len(won)} open, {won.sum()} won later")
    scores = {
        "chance": _filled(leads["chance"]),
        "idle days": -_filled(pd.Series(idle_days(leads, snapshot.date))),
        "age": -_filled(leads["age_days"]),
    }
    if boosting:
        scores["gradient boosting"] = _boosted(snapshot, export)
    print("  AUC  " + "   ".join(f"{name} {auc(won, score):.4f}" for name, score in scores.items()))


def _filled(column: pd.Series) -> np.ndarray:
    values = column.to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(values), np.nanmean(values) if (~np.isnan(values)).any() else 0.0, values)


def auc(won: np.ndarray, score: np.ndarray) -> float:
    """Probability that a lead won later stands above one that was not; ties count half."""
    ranks = pd.Series(score).rank().to_numpy()
    wins = won.sum()
    return float((ranks[won].sum() - wins * (wins + 1) / 2) / (wins * (len(won) - wins)))


def _boosted(snapshot: Snapshot, export: Export) -> np.ndarray:
    """Gradient boosting on the evidence at earlier dates, labelled by what was known at the snapshot.

    Leads that were still open then have no label and are left out: of the ways tried (counting
    them as not won, weighing by follow-up, older dates only) the one that did best by this rival.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    known = export.as_of(snapshot.date)
    status = known.leads().set_index("lead_id")["status"]
    begin = export.first_known
    parts, labels = [], []
    for date in _training_dates(begin, snapshot.date):
        earlier = known.as_of(date)
        history = ledger.write(earlier, snapshot.process, date)
        leads = evidence.gather(earlier, history, snapshot.process, date)
        leads = leads[leads["status"].isin(["open", "paused"])]
        became = leads["lead_id"].map(status)
        settled = became.isin(["won", "lost"]).to_numpy()
        parts.append(_features(leads[settled], date))
        labels.append((became[settled] == "won").to_numpy())
    model = HistGradientBoostingClassifier(
        random_state=0, max_iter=100, learning_rate=0.05, min_samples_leaf=40, max_leaf_nodes=12
    )
    x, y = pd.concat(parts), np.concatenate(labels)
    told = [name for name in x.columns if x[name].notna().any()]
    if len(np.unique(y)) < 2 or not told:
        return np.zeros(len(snapshot.won))
    # Threads that wait for each other on a busy machine take many times longer than one.
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        model.fit(x[told], y)
        return model.predict_proba(_features(snapshot.leads, snapshot.date)[told])[:, 1]


def _training_dates(begin: pd.Timestamp, date: pd.Timestamp) -> list[pd.Timestamp]:
    """Dates before the snapshot, about four days apart or more; in a short history two."""
    count = int(np.clip((date - begin) / DAY / TRAINING_EVERY_DAYS, 2, TRAINING_MOST_COUNT))
    if date - begin > LONG:
        spread = pd.date_range(begin + TRAINING_EVERY_DAYS * DAY, date - DAY, periods=count)
        return [moment.floor("D") for moment in spread]
    return [(begin + (place + 1) / (count + 1) * (date - begin)).floor("s") for place in range(count)]


def _features(leads: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    told = leads.assign(
        idle_days=idle_days(leads, date),
        response_days=(date - leads["last_response_at"]) / DAY,
        contact_days=(date - leads["last_contact_at"]) / DAY,
    )
    return told[list(FEATURES)].astype("float64")


# ------------------------------------------------------------------ flags


def _print_flags(snapshot: Snapshot, export: Export) -> None:
    won = snapshot.won
    flags = {**_ours(snapshot), **_baselines(snapshot, export)}
    print(f"  {'rule':<34}{'flagged':>8}{'won later':>11}{'of the not-won caught':>23}")
    for name, flag in flags.items():
        count, hits = flag.sum(), (flag & won).sum()
        share = f"{hits / count:.1%}" if count else "-"
        print(f"  {name:<34}{count:>8}{share:>11}{(count - hits) / (~won).sum():>22.1%}")


def _ours(snapshot: Snapshot) -> dict[str, np.ndarray]:
    leads = snapshot.leads
    stay = leads["stay_days"].to_numpy(np.float64, na_value=np.nan)
    return {
        "verdict: overdue": (leads["verdict"] == "overdue").to_numpy(),
        "beyond the horizon": stay > leads["horizon_days"].to_numpy(np.float64, na_value=np.nan),
        "chance < 20 %": leads["chance"].to_numpy(np.float64, na_value=np.nan) < 0.2,
        "verdict: stalled or overdue": leads["verdict"].isin(["stalled", "overdue"]).to_numpy(),
    }


def _baselines(snapshot: Snapshot, export: Export) -> dict[str, np.ndarray]:
    """The rules of CRMs and of rules of thumb (:mod:`leadaudit.backtest.rules`), and some of the same kind."""
    leads, date = snapshot.leads, snapshot.date
    flags, _ = rules(export.as_of(date), snapshot.judgement, leads)
    age = leads["age_days"].to_numpy(np.float64, na_value=np.nan)
    return {
        "idle 7 days": idle_days(leads, date) > 7,
        **{NAMES[str(name)]: flag.to_numpy() for name, flag in flags.items()},
        **{f"age {days} days": age > days for days in (30, 60)},
    }


# ------------------------------------------------------------------ calibration


def _print_calibration(snapshots: list[Snapshot]) -> None:
    """Leads whose chance is stated and whose outcome is known; one seen at several dates has one outcome."""
    parts = [snapshot.leads.assign(outcome=np.where(snapshot.won, "won", "not won")) for snapshot in snapshots]
    leads = pd.concat([part[["lead_id", "chance", "outcome"]].dropna() for part in parts], ignore_index=True)
    chance, won = leads["chance"].to_numpy(np.float64), (leads["outcome"] == "won").to_numpy()
    bins = bins_of(chance)
    if not bins:
        print(f"\n  calibration: {len(chance)} leads with a chance are too few")
        return
    error, allowed = calibration_error(leads)
    print(f"\n  calibration, {len(chance)} leads in {len(bins)} equal-count bins, pooled over the dates")
    print("  said " + " ".join(f"{chance[rows].mean():6.1%}" for rows in bins))
    print("  came " + " ".join(f"{won[rows].mean():6.1%}" for rows in bins))
    print(f"  error {error:.4f}; were the chances true, 95 % of errors lie below {allowed:.4f}")


if __name__ == "__main__":
    main()
