"""What the tests of batches share: clients, an executor without processes, the command line, a folder as hashes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import Executor, Future
from pathlib import Path

from leadaudit import simulate
from leadaudit.batch import night
from leadaudit.delivery import Order

NO_PDF = Order((), pdf=False)


def write_client(folder: Path, seed: int, **layout: str) -> None:
    simulate.write_export(simulate.leads(16, 6, seed, language=layout.get("language", "de")), folder, **layout)


NIGHT = """\
[batch]
clients = {patterns}
output = "out"
pdf = false
fail_on = ["leads_count>1"]

[clients.Fertig]
as_of = "2026-04-02"

[clients.Acme]
language = "de"
"""


def write_night(folder: Path, *patterns: str) -> Path:
    """A batch.toml for clients that patterns name, with something of its own for two of them."""
    settings = folder / "batch.toml"
    settings.write_text(NIGHT.format(patterns=json.dumps(patterns)), encoding="utf-8")
    return settings


def leadaudit_run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environment(),
    )


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from leadaudit.cli import main; main()", *words]


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(Path(night.__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "LANG": "C"}


def tree(folder: Path) -> dict[str, str]:
    """Every visible file by its path, with the hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


class Inline(Executor):
    """Does each task at once, in this process."""

    def submit(self, task, /, *args, **kwargs):
        done: Future = Future()
        try:
            done.set_result(task(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - an executor hands on whatever happened
            done.set_exception(error)
        return done


def three(folder: Path) -> Path:
    for name in ("a", "b", "c"):
        (folder / name).mkdir(parents=True)
        (folder / name / "leads.csv").write_text(f"Lead-ID;Status\n{name};Offen\n", encoding="utf-8")
    return folder


def a_record() -> dict:
    counts = {"progressing": 6, "stalled": 2, "overdue": 2, "paused": 0, "undetermined": 0, "ended": 5}
    rows = {"read": 20, "set_aside": 5, "leads": 15}
    finding = {"finding": "open_load", "value": None}
    return {
        "language": "en",
        "as_of": "2026-01-01T00:00:00",
        "evidence": "",
        "counts": counts,
        "rows": rows,
        "findings": [finding],
    }
