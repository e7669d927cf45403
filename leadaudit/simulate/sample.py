"""The sample: two years of an invented German consulting firm's CRM."""

from __future__ import annotations

from pathlib import Path

from leadaudit import simulate

COUNT, MONTHS, SEED, START = 600, 24, 17, "2024-10-01"

_README = """\
# Beispieldaten

Zwei Jahre aus dem CRM einer deutschen Unternehmensberatung. **Alles ist erfunden**: Firmen, Personen, Beträge,
Termine. Übereinstimmungen mit wirklichen Unternehmen oder Menschen wären Zufall.

| Datei | Inhalt | Zeilen |
|---|---|---|
| `leads.csv` | die Leadliste, wie Excel sie speichert (Semikolon, Dezimalkomma, UTF-8 mit BOM) | {leads_count} |
| `aktivitaeten.xlsx` | E-Mails, Anrufe, Termine, Notizen und Aufgaben | {activities_count} |
| `phasenverlauf.csv` | wer wann welche Phase oder welches Datum geändert hat | {changes_count} |

Stand: {known_until} (bis einschließlich). Davon offen oder zurückgestellt: {open_count} Leads.

Pipeline: {stages}. Dazu {paused}, {won} und {lost}.
Vier Spalten halten Voraussetzungen fest: {preconditions}; leer heißt: nicht gefragt.

Wie in einem echten CRM fehlt manches und manches ist falsch: nicht erfasste Anrufe, verklickte und gleich
berichtigte Phasen, rückdatierte Abschlüsse, fehlende Beträge, Verlustgründe und Abschlussdaten, doppelt angelegte
Leads, Aktivitäten zu gelöschten Leads, Rundschreiben, Aufräumaktionen und geplante Termine.

Ausprobieren:

    leadaudit audit leads.csv aktivitaeten.xlsx phasenverlauf.csv

Erzeugt mit `python -m leadaudit.simulate data/sample`; derselbe Befehl gibt wieder dieselben Dateien.
"""


def write_sample(folder: Path) -> list[Path]:
    """Write the files of the sample and their README.

    Parameters
    ----------
    folder : Path
        Is made if it is not there; files of the same names are replaced.

    Returns
    -------
    list of Path
        The files written.
    """
    simulated = simulate.leads(COUNT, MONTHS, SEED, language="de", start=START)
    files = simulate.write_export(simulated, folder)
    readme = folder / "README.md"
    readme.write_bytes(_readme(simulated).encode("utf-8"))
    return [*files, readme]


def _readme(simulated: simulate.Simulated) -> str:
    import pandas as pd

    def number(count: int) -> str:
        return f"{count:,}".replace(",", ".")

    leads, pipeline = simulated.leads, simulated.pipeline
    return _README.format(
        leads_count=number(len(leads)),
        activities_count=number(len(simulated.activities)),
        changes_count=number(len(simulated.changes)),
        known_until=(simulated.as_of - pd.Timedelta(days=1)).strftime("%d.%m.%Y"),
        open_count=int(leads["status"].isin(["open", "paused"]).sum()),
        stages=" → ".join(stage.name for stage in pipeline.stages),
        paused=pipeline.paused,
        won=pipeline.won,
        lost=pipeline.lost,
        preconditions=", ".join(leads.columns[leads.columns.get_loc("paused_until") + 1 :]),
    )
