"""Writes the pages of the reference that docstrings cannot give: every table, column by column.

python docs/make_reference.py
"""

from __future__ import annotations

from pathlib import Path

from leadaudit import tables
from leadaudit.report.event_log import EVENT_LOG

TARGET = Path(__file__).parent / "reference" / "tables.md"

UNITS = {"text": "text", "time": "timestamp", "number": "number", "count": "whole number", "flag": "true / false"}

SHOWN = (
    (
        "Leads of an audit",
        "audit.leads",
        {**tables.EVIDENCE, **tables.JUDGED},
        "One row per lead, in the export's order.",
    ),
    ("Ledger", "audit.ledger(lead_id)", tables.EVENTS, "One row per event of a lead before `as_of`, in order."),
    ("Stays", "audit.stays", tables.STAYS, "One row per stay: the unit that statistics are made of."),
    ("Stages", "audit.stages", tables.STAGES, "One row per (pipeline, stage): what the client's own history says."),
    ("Curves", "audit.curves", tables.CURVES, "The chance curve of each stage, one row per landmark."),
    ("Reasons", "audit.reasons", tables.REASONS, "One row per criterion that held for an open lead."),
    ("Findings", "audit.findings", tables.FINDINGS, "One row per finding about the process as a whole."),
    ("Leads of an export", "export.leads()", tables.LEADS, "One row per lead; further columns of the export follow."),
    (
        "Activities of an export",
        "export.activities()",
        tables.ACTIVITIES,
        "One row per dated contact or piece of work.",
    ),
    ("Changes of an export", "export.changes()", tables.CHANGES, "One row per dated change of a field."),
    ("Issues of an export", "export.issues", tables.ISSUES, "One row per problem: nothing is dropped in silence."),
)

HEAD = """# Tables

<!-- Written by docs/make_reference.py from leadaudit/tables.py; change it there. -->

Every result is a pandas frame. Timestamps are naive, in the project's time zone; durations (`…_days`) are fractional
days; shares and chances (`…_share`, `chance…`) lie between 0 and 1; amounts are in the lead's own `currency` and never
added across currencies. What is missing is `NA`, `NaT` or `NaN`, never 0 and never an empty text.
"""


def unit_of(name: str, column: tables.Column) -> str:
    """The unit in words: days, a share, a count, or the kind of value."""
    if name.endswith("_days") or name in ("day", "proof_day"):
        return "days"
    if name.endswith("_share") or name.startswith("chance") or name == "probability":
        return "share, 0–1"
    return UNITS[column.kind]


def rows(columns: dict[str, str], units: dict[str, str]) -> list[str]:
    """A table of columns in Markdown."""
    head = ["| column | unit | meaning |", "|---|---|---|"]
    return head + [
        f"| `{name}` | {units[name]} | {meaning.replace('|', '&#124;')} |" for name, meaning in columns.items()
    ]


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, call, table, about in SHOWN:
        meanings = {name: column.meaning for name, column in table.items()}
        units = {name: unit_of(name, column) for name, column in table.items()}
        parts.append("\n".join([f"## {title}: `{call}`\n", f"{about}\n", *rows(meanings, units)]) + "\n")
    units = {name: "timestamp" if name == "time:timestamp" else "text" for name in EVENT_LOG} | {
        "concept:instance": "whole number"
    }
    about = "One row per event, named as pm4py and bupaR read it; no owner and no text."
    parts.append("\n".join(["## Event log: `audit.to_event_log()`\n", f"{about}\n", *rows(EVENT_LOG, units)]) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8", newline="\n")
    print(TARGET)
