"""How the main job scales: CSV files to verdicts, against parsing alone and against plain pandas.

    python -m benchmarks.scale [--leads 1000000] [--folder DIR] [--skip-pandas]

Each way runs in a process of its own, so that its peak memory is its own. Ratios are of one run
on one machine; absolute seconds are printed only to make them readable.

Measured on two busy cores (load 11 to 17), 1 M leads, 10 M activities, 3 M changes, CPU seconds: parsing 19 s and
1.6 GB; from files to verdicts 100 s and 3.5 GB, 5.3 times parsing; the pandas twin of the evidence 48 s and 4.4 GB. All
three targets are missed. About 60 of the 100 s are reading: the text tables are parsed once as text (14 s), typed (10 s),
compressed (9 s) and checked; most of the rest is arithmetic on sorted numbers that uses one core.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILES = ("leads.csv", "activities.csv", "changes.csv")
TARGETS = {"time to parsing": 3.0, "judging to parsing": 1.0, "peak memory in GB": 3.0, "pandas time to ours": 3.0}
JUDGING = ("stays", "learn", "place", "decide")
"""The steps of the walk that make chance, horizons and verdicts of what the ledger and the evidence say."""


def parse_only(folder: Path) -> dict[str, int]:
    """The floor: DuckDB parses the same files with the types it finds, and nothing else."""
    import duckdb

    connection = duckdb.connect()
    rows = {}
    for name in FILES:
        connection.execute(f"CREATE TABLE t_{name[:-4]} AS SELECT * FROM read_csv('{folder / name}')")
        rows[name] = connection.sql(f"SELECT count(*) FROM t_{name[:-4]}").fetchall()[0][0]
    return rows


def verdicts(folder: Path) -> dict[str, float]:
    """Ours: read, draft, ledger, evidence, chance, criteria, verdicts; CPU seconds per step beside the counts."""
    import leadaudit
    from leadaudit import chance, verdict
    from leadaudit.draft import draft
    from leadaudit.judge import judge

    spent: dict[str, float] = {}
    for module, name in zip((chance, chance, chance, verdict), JUDGING, strict=True):
        setattr(module, name, timed(name, getattr(module, name), spent))
    export = timed("read", leadaudit.read, spent)(*(folder / name for name in FILES))
    known = export.as_of(export.known_until)
    process = timed("draft", draft, spent)(known).process
    judgement = timed("walk", judge, spent)(known, process, export.known_until)
    judging = sum(spent[name] for name in JUDGING)
    steps = {
        "read": spent["read"],
        "draft": spent["draft"],
        "ledger and evidence": spent["walk"] - judging,
        "judging": judging,
    }
    counts = judgement.leads["verdict"].value_counts().to_dict()
    return {**counts, **{f"CPU s {name}": round(seconds, 2) for name, seconds in steps.items()}}


def timed(name: str, call: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    """The same call; its CPU seconds are added up under a name."""

    def measured_call(*given: object, **named: object) -> object:
        begun = time.process_time()
        try:
            return call(*given, **named)
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - begun

    return measured_call


def pandas_twin(folder: Path) -> dict[str, int]:
    """A plain-pandas twin of the evidence alone: read, last progress, movement and contact since then."""
    import pandas as pd

    leads = pd.read_csv(folder / "leads.csv")
    activities = pd.read_csv(folder / "activities.csv")
    changes = pd.read_csv(folder / "changes.csv")
    for frame in (leads, activities, changes):
        for column in frame.columns:
            if column == "at" or column.endswith("_at"):
                frame[column] = pd.to_datetime(frame[column])
    changes = changes[changes["field"] == "stage"].sort_values(["lead_id", "at"], kind="stable")
    order = changes.groupby("after")["at"].agg("count").rank(ascending=False)
    changes["rank"] = changes["after"].map(order)
    highest = changes.groupby("lead_id")["rank"].cummax()
    changes["progress"] = highest > highest.groupby(changes["lead_id"]).shift().fillna(-1)
    changes["setback"] = changes["rank"] < highest
    last = changes[changes["progress"]].groupby("lead_id")["at"].max()
    events = activities.merge(last.rename("progress_at"), left_on="lead_id", right_index=True, how="left")
    since = events[events["at"] > events["progress_at"]]
    responses = since[since["direction"].isin(["inbound", "mutual"])]
    outbound = since[since["kind"].isin(["email", "call"]) & (since["direction"] == "outbound")]
    last_response = activities[activities["direction"].isin(["inbound", "mutual"])].groupby("lead_id")["at"].max()
    outbound = outbound.merge(last_response.rename("response_at"), left_on="lead_id", right_index=True, how="left")
    unanswered = outbound[outbound["response_at"].isna() | (outbound["at"] > outbound["response_at"])]
    evidence = leads.set_index("lead_id")
    evidence["last_progress_at"] = last
    evidence["movement_count"] = since.groupby("lead_id").size()
    evidence["response_count"] = responses.groupby("lead_id").size()
    evidence["conversation_count"] = since[since["kind"].isin(["call", "meeting"])].groupby("lead_id").size()
    evidence["last_contact_at"] = activities.groupby("lead_id")["at"].max()
    evidence["last_response_at"] = last_response
    evidence["unanswered_count"] = unanswered.assign(day=unanswered["at"].dt.date).groupby("lead_id")["day"].nunique()
    evidence["unanswered_since_at"] = unanswered.groupby("lead_id")["at"].min()
    evidence["setback_count"] = changes.groupby("lead_id")["setback"].sum()
    evidence["stay_days"] = (activities["at"].max() - evidence["last_progress_at"]).dt.total_seconds() / 86400
    return {"leads": len(evidence)}


WAYS: dict[str, Callable[[Path], dict]] = {"parsing": parse_only, "leadaudit": verdicts, "pandas": pandas_twin}


def measured(way: str, folder: Path) -> dict:
    """Run one way in a process of its own: seconds, CPU seconds, peak memory in GB, and what it gave."""
    command = [sys.executable, "-m", "benchmarks.scale", "--way", way, "--folder", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{way} failed:\n{run.stderr[-2000:]}")
    return json.loads(run.stdout.splitlines()[-1])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--leads", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--way", choices=WAYS)
    arguments.add_argument("--skip-pandas", action="store_true")
    chosen = arguments.parse_args()
    if chosen.way:
        started, busy = time.perf_counter(), time.process_time()
        result = WAYS[chosen.way](chosen.folder)
        spent = {"seconds": time.perf_counter() - started, "busy": time.process_time() - busy}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(json.dumps({**spent, "peak_gb": peak, "result": result}))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.folder or Path(made)
        if not (folder / FILES[0]).exists():
            from leadaudit import simulate

            folder.mkdir(parents=True, exist_ok=True)
            simulate.big(chosen.leads, 10, 3, folder, seed=1)
        ways = ["parsing", "leadaudit"] if chosen.skip_pandas else list(WAYS)
        results = {way: measured(way, folder) for way in ways}
    show(results)


def show(results: dict[str, dict]) -> None:
    """Print the table and the ratios that count."""
    for way, measured_of in results.items():
        spent = (
            f"{measured_of['seconds']:7.1f} s  {measured_of['busy']:7.1f} s of CPU  {measured_of['peak_gb']:5.2f} GB"
        )
        print(f"{way:<10} {spent}  {measured_of['result']}")
    ours, floor = results["leadaudit"], results["parsing"]
    judging = ours["result"]["CPU s judging"] / floor["busy"]
    print(f"\ntime to parsing      {ratio(ours, floor)}  (target <= {TARGETS['time to parsing']})")
    print(f"judging to parsing   of CPU {judging:.2f}  (target <= {TARGETS['judging to parsing']})")
    print(f"peak memory in GB    {ours['peak_gb']:.2f}  (target <= {TARGETS['peak memory in GB']})")
    if "pandas" in results:
        print(f"pandas time to ours  {ratio(results['pandas'], ours)}  (target >= {TARGETS['pandas time to ours']})")


def ratio(one: dict, other: dict) -> str:
    """How much longer one took, by the clock and in CPU seconds, which others on the machine disturb less."""
    return f"{one['seconds'] / other['seconds']:.2f}, of CPU {one['busy'] / other['busy']:.2f}"


if __name__ == "__main__":
    main()
