"""Does the exploration keep up with a hand? Judging again and redrawing, with more and more open leads.

    python -m benchmarks.interactive [--open 1000 20000 200000]

Simulates a client for each number of open leads, and prints the CPU time (user and system, of this process) of

- *judge*: one move of a slider for patience and horizon, counts, load and list of changes included
- *move*: the same through the widget, with picture and tables brought up to date
- *filter*: one choice in a filter of the board: dots, table and count brought up to date
- *open*: making the board for the first time; *dots* says how many of the leads are drawn
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leadaudit
from leadaudit import simulate
from leadaudit.explore.settings import Settings, Trial

OPEN_SHARE = 0.27
"""Part of the simulated leads that is open in the end."""

REPEATED = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", nargs="*", type=int, default=[1000, 20_000, 200_000])
    print("| open leads | judge | move | filter | open | dots |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for count in parser.parse_args().open:
        print(f"| {' | '.join(_row(count))} |", flush=True)


def _row(count: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        files = simulate.big(round(count / OPEN_SHARE), 2, 2, Path(folder), 1)
        audit = leadaudit.audit(leadaudit.read(*files))
        trial = Trial.of(audit)
        keys = list(trial.limits.index)
        factors = iter([1.1, 1.3, 0.7, 1.6, 0.9, 1.2, 0.8, 1.4] * 3)

        def judge() -> None:
            found = trial.under(Settings(dict.fromkeys(keys, factor := next(factors)), dict.fromkeys(keys, factor)))
            _ = found.counts, found.load, found.changed.head(20)

        judged = _seconds(judge)
        what_if = audit.what_if(Path(folder) / "audit.toml")
        slider = what_if._sliders["patience"]
        moved = _seconds(lambda: setattr(slider, "value", slider.value + 10))
        shown: list[Any] = []
        opened = _seconds(lambda: shown.append(audit.view()), 1)
        view = shown[0]
        verdicts = iter([("overdue",), ("stalled",), ("progressing",), (), ("overdue", "stalled")] * 3)
        box = view._lists["verdict"]
        filtered = _seconds(lambda: setattr(box, "value", next(verdicts)))
        view._reset.click()
        drawn = sum(len(trace.x) for _, trace in view._traces("dots"))
        return [
            f"{len(audit.open_leads):,}",
            *[f"{one:.2f} s" for one in (judged, moved, filtered, opened)],
            f"{drawn:,}",
        ]


def _seconds(work: Callable[[], object], repeated: int = REPEATED) -> float:
    """The median CPU time of some runs."""
    spent = []
    for _ in range(repeated):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return sorted(spent)[len(spent) // 2]


if __name__ == "__main__":
    main()
