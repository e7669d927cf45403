"""Many clients: what the batch promises on many of them, and what all cores give over one.

    python -m benchmarks.batch --night [--pdf]        40 clients, 3 of them broken: what issue and guide promise
    python -m benchmarks.batch [--clients 40] [--broken 3] [--leads 60] [--folder DIR] [--pdf]
    python -m benchmarks.batch --timing [--clients 20] [--leads 60] [--pdf]

The clients are simulated: five layouts of three CRMs, German and English, one without open leads;
broken are a missing file, a damaged workbook and a table without id or stage, in turn. Seconds are
of one run on one machine and say little without its load, which is printed beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

LAYOUTS = (("generic", "de"), ("hubspot", "en"), ("pipedrive", "de"), ("pipedrive", "en"), ("generic", "en"))
SHAPES = ("from_to", "entered", "leads_and_activities", "from_to", "leads_only")
TARGETS = {False: 1.8, True: 1.35}
"""All cores over one process on two cores, without and with PDF."""

STEPS = """
import json, sys, time
marks = [time.perf_counter()]
import leadaudit, leadaudit.audit, leadaudit.findings, leadaudit.ingest, leadaudit.report.folder, plotly.graph_objects
marks.append(time.perf_counter())
export = leadaudit.read(*sys.argv[1:])
marks.append(time.perf_counter())
audit = leadaudit.audit(export)
audit.leads, audit.findings
marks.append(time.perf_counter())
print(json.dumps([after - before for before, after in zip(marks, marks[1:])]))
"""


def write_clients(folder: Path, count: int, broken: int, leads: int) -> None:
    from leadaudit import simulate

    for number in range(count - broken):
        crm, language = LAYOUTS[number % len(LAYOUTS)]
        simulated = simulate.leads(leads + 7 * (number % 5), 12, number + 1, language=language)
        simulate.write_export(
            simulated, folder / f"client {number + 1:03}", crm=crm, shape=SHAPES[number // len(LAYOUTS) % len(SHAPES)]
        )
    _without_open_leads(folder / "client 001")
    for number in range(broken):
        place = folder / f"broken {number + 1:03}"
        place.mkdir()
        if number % 3 == 0:
            (place / "audit.toml").write_text('[audit]\nfiles = ["deals.csv"]\n', encoding="utf-8")
        elif number % 3 == 1:
            (place / "leads.xlsx").write_bytes(b"PK\x03\x04" + bytes(range(256)))
        else:
            (place / "leads.csv").write_text("Farbe;Ort\nrot;Bonn\nblau;Ulm\n", encoding="utf-8")


def _without_open_leads(place: Path) -> None:
    for file in place.iterdir():
        file.unlink()
    rows = [
        f"{n};{'Gewonnen' if n % 3 else 'Verloren'};{n % 28 + 1:02}.01.2026;{n % 28 + 1:02}.03.2026" for n in range(60)
    ]
    text = "\n".join(["Lead-ID;Status;Erstellt am;Abgeschlossen am", *rows])
    (place / "leads.csv").write_text(text, encoding="utf-8")


def batch(clients: Path, output: Path, *words: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    command = [
        sys.executable,
        "-c",
        "from leadaudit.cli import main; main()",
        "batch",
        str(clients / "*"),
        "-o",
        str(output),
    ]
    started = time.perf_counter()
    run = subprocess.run([*command, *words], capture_output=True, text=True, encoding="utf-8", check=False)
    return time.perf_counter() - started, run


def load() -> str:
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else "unknown"


def promises(clients: Path, output: Path, words: Sequence[str]) -> None:
    """One command, three sentences; nothing the second time; one changed, one audited."""
    seconds, run = batch(clients, output, *words)
    reports = len(list(output.glob("*/report.html")))
    print(f"first run: {seconds:.0f} s, exit code {run.returncode}, {reports} reports (load {load()})")
    print("\n".join(line for line in run.stdout.splitlines() if line.startswith(("failed", "Fehler"))))
    print(run.stdout.strip().splitlines()[-3] if run.returncode in (0, 3) else run.stdout + run.stderr)
    seconds, run = batch(clients, output, *words)
    print(f"second run: {seconds:.1f} s, exit code {run.returncode}: {run.stdout.splitlines()[0]}")
    with (clients / "client 001" / "leads.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n99;Gewonnen;01.01.2026;02.03.2026")
    seconds, run = batch(clients, output, *words)
    audited = sum(line.startswith(("done", "fertig")) for line in run.stdout.splitlines())
    print(f"one file changed: {seconds:.0f} s, {audited} audited")


def timing(clients: Path, folder: Path, *, pdf: bool) -> None:
    """One process against all cores, and where a client's time goes."""
    words = [] if pdf else ["--no-pdf"]
    print("per client:", json.dumps(costs(clients, folder, pdf=pdf)), f"(load {load()})")
    alone, _ = batch(clients, folder / "alone", *words, "--jobs", "1")
    print(f"1 process: {alone:.0f} s (load {load()})")
    together, _ = batch(clients, folder / "together", *words)
    print(
        f"all cores: {together:.0f} s (load {load()}); {alone / together:.2f} times as fast, target {TARGETS[pdf]} on two cores"
    )


def costs(clients: Path, folder: Path, *, pdf: bool) -> dict[str, float]:
    """Seconds of one client by step; imports, reading and judgement in a process of their own."""
    from leadaudit.delivery import Order, deliver

    files = tuple(sorted((clients / "client 002").iterdir()))
    run = subprocess.run([sys.executable, "-c", STEPS, *map(str, files)], capture_output=True, text=True, check=True)
    imports, reading, judgement = json.loads(run.stdout.splitlines()[-1])
    marks: list[tuple[float, str]] = []
    started = time.perf_counter()
    deliver(
        Order(files, pdf=pdf),
        folder / "one",
        on_step=lambda step: marks.append((time.perf_counter() - started, step.heading)),
    )
    whole = time.perf_counter() - started
    begun, printing = marks[0][0], next((at for at, heading in marks if heading == "pdf"), whole)
    rendering = printing - begun - imports - reading - judgement
    split = {
        "kernel start": begun,
        "imports": imports,
        "reading": reading,
        "judgement": judgement,
        "rendering": rendering,
    }
    split |= {"PDF": whole - printing, "whole": whole}
    return {name: round(seconds, 1) for name, seconds in split.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--broken", type=int, default=0)
    parser.add_argument("--night", action="store_true")
    parser.add_argument("--leads", type=int, default=60)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--pdf", action="store_true")
    parser.add_argument("--timing", action="store_true")
    asked = parser.parse_args()
    if asked.night:
        asked.clients, asked.broken = 40, 3
    with tempfile.TemporaryDirectory(prefix="leadaudit-batch-") as made:
        folder = asked.folder or Path(made)
        write_clients(folder / "clients", asked.clients, asked.broken, asked.leads)
        if asked.timing:
            timing(folder / "clients", folder, pdf=asked.pdf)
        else:
            promises(folder / "clients", folder / "out", [] if asked.pdf else ["--no-pdf"])


if __name__ == "__main__":
    main()
