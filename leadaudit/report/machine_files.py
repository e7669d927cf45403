"""The files for machines: ``leads.csv`` and ``audit.json``, the same in every language.

Their columns and keys are a promise (``docs/audit.schema.json``, :data:`leadaudit.tables.LEADS_CSV`).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit import __version__
from leadaudit.report.record import SCHEMA_VERSION
from leadaudit.tables import LEADS_CSV

if TYPE_CHECKING:
    from leadaudit.audit import Audit

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ANSWERS = ("why_here", "missing", "next_step", "when_to_end")
"""The four answers, in English: the CRM's own next step is free text and stays out."""

_DAYS = ("stay_days", "patience_days", "horizon_days")
_CHANCES = ("chance", "chance_low", "chance_high")
_MOMENTS = ("last_progress_at",)
_DAYS_ON = ("overdue_since", "end_on")


def write_leads(audit: Audit, path: Path) -> None:
    """Write ``leads.csv``: one row per lead, columns :data:`leadaudit.tables.LEADS_CSV`.

    UTF-8 without a byte order mark, comma, decimal point, ISO dates, English codes, an empty cell
    for a missing value. Text that a spreadsheet would run as a formula starts with an apostrophe.
    """
    table = leads_table(audit)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(LEADS_CSV)
        writer.writerows(table.itertuples(index=False, name=None))


def leads_table(audit: Audit) -> pd.DataFrame:
    """The cells of ``leads.csv`` as text, one row per lead in the export's order."""
    answers = audit.answers_in("en").set_index("lead_id")
    leads = audit.leads
    columns = {name: leads["lead_id"].map(answers[name]) if name in ANSWERS else leads[name] for name in LEADS_CSV}
    return pd.DataFrame({name: _as_text(name, column) for name, column in columns.items()})


def _as_text(name: str, column: pd.Series) -> pd.Series:
    if name in _DAYS_ON:
        return column.dt.strftime("%Y-%m-%d").fillna("")
    if name in _MOMENTS:
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S").fillna("")
    return column.map(_WRITE.get(name, guarded), na_action="ignore").astype("object").fillna("")


def guarded(text: object) -> str:
    """Text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> guarded("=1+1"), guarded("Hello")
    ("'=1+1", 'Hello')
    """
    plain = str(text)
    return f"'{plain}" if plain.startswith(_FORMULA_STARTS) else plain


def _number(digits: int) -> Callable[[Any], str]:
    return lambda value: f"{float(value):.{digits}f}".rstrip("0").rstrip(".")


_WRITE: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(_DAYS, _number(2)),
    **dict.fromkeys(_CHANCES, _number(4)),
    "amount": _number(2),
    "borderline": lambda value: "true" if value else "false",
}


def record_of(audit: Audit) -> dict[str, Any]:
    """What ``audit.json`` says, before the hashes of the files are added.

    Returns
    -------
    dict
        JSON values only; ``None`` = missing. Keys as in ``docs/audit.schema.json``.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "as_of": audit.as_of.isoformat(),
        "language": audit.language,
        "evidence": audit.export.evidence,
        "rows": _rows(audit),
        "counts": audit.counts,
        "value": audit.value,
        "stages": _stages(audit.stages),
        "thresholds": audit.process.limits.model_dump(),
        "sensitivity": audit.sensitivity.counts,
        "findings": [_plain(finding) for finding in audit.findings.to_dict("records")],
        "issues": _issues(audit.export.issues),
        "files": {},
    }


def _rows(audit: Audit) -> dict[str, Any]:
    sources = sorted(audit.export.sources, key=lambda source: (source.file, source.sheet))
    return {
        "read": sum(source.rows_read for source in sources),
        "used": sum(source.rows_read - source.rows_set_aside for source in sources),
        "set_aside": sum(source.rows_set_aside for source in sources),
        "leads": len(audit.leads),
        "files": [
            {
                "file": source.file,
                "sheet": source.sheet or None,
                "kind": source.kind,
                "crm": source.crm,
                "rows_read": source.rows_read,
                "rows_set_aside": source.rows_set_aside,
                "sha256": source.sha256,
            }
            for source in sources
        ],
    }


def _stages(stages: pd.DataFrame) -> list[dict[str, Any]]:
    names = {
        "pipeline": "pipeline",
        "stage": "stage",
        "kind": "kind",
        "n": "stays_count",
        "open": "open_count",
        "chance_at_entry": "chance_at_entry",
        "patience_days": "patience_days",
        "patience_basis": "patience_basis",
        "horizon_days": "horizon_days",
        "horizon_none": "horizon_none",
        "ending_rule_days": "ending_rule_days",
        "basis": "horizon_basis",
    }
    waiting = ~stages["kind"].isin(["won", "ended", "paused"])  # nobody waits for a decision in the others
    rows = stages.loc[waiting, list(names.values())].to_dict("records")
    return [{key: _json(row[column]) for key, column in names.items()} for row in rows]


def _issues(issues: pd.DataFrame) -> list[dict[str, Any]]:
    counted = issues.assign(count=issues["count"].fillna(1)).groupby(["code", "severity"])["count"].sum()
    return [{"code": code, "severity": severity, "count": int(n)} for (code, severity), n in counted.items()]


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): _json(value) for key, value in row.items()}


def _json(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if value is None or pd.isna(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return round(value, 6) if isinstance(value, float) else value
