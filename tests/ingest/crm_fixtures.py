"""An export of each CRM, made by us from the facts: its headers, formats, words and quirks, one truth.

``fixtures()`` gives every file as bytes together with the tables that reading it must give. Nothing
here is copied from anybody's file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd
from ingest.crm_specs import specs
from ingest.crm_truth import Lead, truth

if TYPE_CHECKING:
    from ingest.crm_shapes import Beside, Spec


@dataclass(frozen=True)
class File:
    """One file of a fixture.

    Attributes
    ----------
    name : str
    content : bytes
    table : str
        leads, activities or changes.
    object : str
        Of the CRM's profile.
    roles : mapping of header to role
        What the profile must say of each header.
    """

    name: str
    content: bytes
    table: str
    object: str
    roles: Mapping[str, str]


@dataclass(frozen=True)
class Fixture:
    """The export of one CRM in one language, and the tables that it must give."""

    crm: str
    language: str
    variant: str
    files: tuple[File, ...]
    leads: pd.DataFrame
    activities: pd.DataFrame | None
    changes: pd.DataFrame | None

    @property
    def id(self) -> str:
        """Name in a test's report."""
        return "-".join(part for part in (self.crm, self.language, self.variant) if part)


@lru_cache(maxsize=1)
def fixtures() -> tuple[Fixture, ...]:
    """Every fixture, by CRM and language."""
    return tuple(_fixture(spec) for spec in specs())


def _fixture(spec: Spec) -> Fixture:
    files = [_leads_file(spec)]
    tables: dict[str, list[pd.DataFrame]] = {"activities": [], "changes": []}
    for beside in spec.others:
        files.append(_beside_file(spec, beside))
        tables[beside.table].append(_expected_beside(spec, beside))
    if any(key.startswith("entered:") for _, _, key in spec.columns):
        tables["changes"].append(_expected_stage_dates(spec))
    joined = {name: pd.concat(parts, ignore_index=True) if parts else None for name, parts in tables.items()}
    return Fixture(
        spec.crm,
        spec.language,
        spec.variant,
        tuple(files),
        _expected_leads(spec),
        joined["activities"],
        joined["changes"],
    )


# ------------------------------------------------------------------ leads


def _leads_file(spec: Spec) -> File:
    rows: list[list[Any]] = [[header for header, _, _ in spec.columns]]
    for lead in truth():
        row = [_cell(spec, lead, key) for _, _, key in spec.columns]
        rows.extend(spec.repeats(row, lead) if spec.repeats else [row])
    return File(spec.file, spec.write(rows), "leads", spec.object, {header: role for header, role, _ in spec.columns})


def stage_of(spec: Spec, lead: Lead) -> str:
    """The stage as this CRM shows it: a won or lost stage where it has one, else the last open one."""
    ending = {"won": spec.won, "lost": spec.lost}.get(lead.status)
    return ending or spec.stages[lead.stage_number]


def status_of(spec: Spec, lead: Lead) -> str:
    """The status that the tables must have: a pause only where the CRM can say it."""
    return "open" if lead.status == "paused" and "paused" not in spec.statuses else lead.status


def _cell(spec: Spec, lead: Lead, key: str) -> Any:
    style = spec.style
    if key.startswith("="):
        return key[1:]
    if key.startswith("entered:"):
        at = _entries(spec, lead).get(key.removeprefix("entered:"))
        return style.write_time(at)
    moment = _moment(spec, lead, key)
    if moment is not _NO_TIME:
        return style.write_day(moment) if key.endswith("_day") else style.write_time(moment)
    texts: dict[str, Callable[[], Any]] = {
        "id": lambda: spec.lead_id(lead.number),
        "name": lambda: style.write_text(lead.name),
        "company": lambda: style.reference + style.write_text(lead.company),
        "contact": lambda: lead.contact,
        "email": lambda: lead.email,
        "owner": lambda: lead.owner,
        "source": lambda: lead.source,
        "pipeline": lambda: spec.pipeline,
        "stage": lambda: stage_of(spec, lead),
        "status": lambda: spec.statuses.get(lead.status, spec.statuses.get("open", "")),
        "amount": lambda: style.write_number(lead.amount),
        "cents": lambda: style.null if lead.amount is None else str(round(lead.amount * 100)),
        "currency": lambda: spec.currency,
        "percent": lambda: str(lead.probability),
        "won_flag": lambda: style.write_flag(value=lead.status == "won"),
        "lost_flag": lambda: style.write_flag(value=lead.status == "lost"),
        "closed_flag": lambda: style.write_flag(value=lead.closed_at is not None),
        "active_flag": lambda: style.write_flag(value=lead.status != "lost"),
        "reason": lambda: lead.lost_reason or style.null,
        "next_step": lambda: lead.next_step or style.null,
        "html": lambda: f'<p>Notiz {lead.number}</p>\n<p>zweite, Zeile; "mit" Zeichen</p>',
        "blank": lambda: style.null,
    }
    return texts[key]()


_NO_TIME: Any = object()


def _moment(spec: Spec, lead: Lead, key: str) -> dt.datetime | None:
    moments: dict[str, dt.datetime | None] = {
        "created": lead.created_at,
        "entered": lead.closed_at
        if lead.closed_at and stage_of(spec, lead) in (spec.won, spec.lost)
        else lead.entered[-1],
        "last": lead.last_activity_at,
        "modified": lead.modified_at,
        "next": lead.next_step_at,
        "expected": lead.expected_close_at,
        "close": lead.closed_at or lead.expected_close_at,
        "closed": lead.closed_at,
        "won": lead.closed_at if lead.status == "won" else None,
        "lost": lead.closed_at if lead.status == "lost" else None,
    }
    return moments.get(key.removesuffix("_day"), _NO_TIME)


def _entries(spec: Spec, lead: Lead) -> dict[str, dt.datetime]:
    """When each stage was entered, the stage of the ending included where the CRM has one."""
    entries = dict(zip(spec.stages, lead.entered, strict=False))
    ending = {"won": spec.won, "lost": spec.lost}.get(lead.status)
    if ending and lead.closed_at:
        entries[ending] = lead.closed_at
    return entries


_EXPECTED_OF: dict[str, str] = {
    "id": "lead_id", "name": "name", "company": "company", "owner": "owner", "source": "source", "pipeline": "pipeline",
    "stage": "stage", "amount": "amount", "cents": "amount", "currency": "currency", "percent": "probability",
    "reason": "lost_reason", "next_step": "next_step",
}  # fmt: skip
_TIMES_OF: dict[str, str] = {
    "created": "created_at", "entered": "stage_entered_at", "last": "last_activity_at", "next": "next_step_at",
    "expected": "expected_close_at", "closed": "closed_at", "won": "closed_at", "lost": "closed_at",
}  # fmt: skip


def _expected_leads(spec: Spec) -> pd.DataFrame:
    """The leads as they must come out: what the columns carry, as exactly as they carry it."""
    rows = []
    for lead in truth():
        row: dict[str, Any] = {"status": status_of(spec, lead)}
        for _, role, key in spec.columns:
            if role in ("other", "description"):
                continue
            if key in _EXPECTED_OF:
                row[_EXPECTED_OF[key]] = _value(spec, lead, key)
            elif key.removesuffix("_day") == "close":
                at = spec.style.precise(_moment(spec, lead, "close"), day=key.endswith("_day"))
                row["closed_at" if lead.closed_at else "expected_close_at"] = at
            elif (column := _TIMES_OF.get(key.removesuffix("_day"))) and not row.get(column):
                row[column] = spec.style.precise(_moment(spec, lead, key), day=key.endswith("_day"))
        rows.append(row)
    return pd.DataFrame(rows)


def _value(spec: Spec, lead: Lead, key: str) -> Any:
    if key in ("amount", "cents"):
        return lead.amount
    if key == "percent":
        return lead.probability / 100
    if key in ("name", "company"):
        return lead.name if key == "name" else lead.company
    if key in ("reason", "next_step"):
        return lead.lost_reason if key == "reason" else lead.next_step
    return _cell(spec, lead, key)


# ------------------------------------------------------------------ activities and history


def _beside_file(spec: Spec, beside: Beside) -> File:
    rows = [
        [_beside_cell(spec, beside, lead, one, key) for _, _, key in beside.columns]
        for lead, one in _beside_rows(spec, beside)
    ]
    if beside.newest_first:
        rows.reverse()
    header = [header for header, _, _ in beside.columns]
    roles = {header: role for header, role, _ in beside.columns}
    return File(beside.file, beside.write([header, *rows]), beside.table, beside.object, roles)


def _beside_rows(spec: Spec, beside: Beside) -> list[tuple[Lead, Any]]:
    if beside.table == "activities":
        return [(lead, one) for lead in truth() for one in lead.activities if beside.only in (None, one.kind)]
    pairs = []
    for lead in truth():
        before = None
        for stage, at in _entries(spec, lead).items():
            pairs.append((lead, (before, stage, at)))
            before = stage
    return pairs


def _beside_cell(spec: Spec, beside: Beside, lead: Lead, one: Any, key: str) -> Any:
    if key.startswith("="):
        return key[1:]
    if key in ("id", "name", "company", "contact", "email", "pipeline", "owner"):
        return _cell(spec, lead, key)
    if beside.table == "changes":
        before, after, at = one
        return {"before": before or beside.style.null, "after": after, "at": beside.style.write_time(at)}[key]
    cells: dict[str, Any] = {
        "number": str(one.number),
        "kind": beside.words.get(one.kind, one.kind),
        "direction": beside.words.get(one.direction, one.direction),
        "kind_direction": beside.words.get(f"{one.kind} {one.direction}", ""),
        "at": beside.style.write_time(one.at),
        "at_day": beside.style.write_day(one.at),
        "subject": one.subject,
        "by": one.by,
        "done": beside.words.get("done", "Done"),
        "html": f"<html><body>\n<p>Text, {one.number}</p></body></html>",
    }
    return cells[key]


def _expected_beside(spec: Spec, beside: Beside) -> pd.DataFrame:
    keys = {key for _, _, key in beside.columns}
    rows = []
    for lead, one in _beside_rows(spec, beside):
        row: dict[str, Any] = {"lead_id": spec.lead_id(lead.number)}
        if beside.table == "changes":
            row |= {"at": beside.style.precise(one[2]), "field": "stage", "after": one[1]}
            row |= {"before": one[0]} if "before" in keys else {}
            row |= {"by": lead.owner} if "owner" in keys else {}
        else:
            row |= {"at": beside.style.precise(one.at, day="at_day" in keys), "kind": one.kind, "subject": one.subject}
            row["direction"] = one.direction if keys & {"direction", "kind_direction"} else "unknown"
            row |= {"by": one.by} if "by" in keys else {}
            row |= {"done": one.done} if "done" in keys else {}
        rows.append(row)
    return pd.DataFrame(rows)


def _expected_stage_dates(spec: Spec) -> pd.DataFrame:
    rows = [
        {"lead_id": spec.lead_id(lead.number), "at": spec.style.precise(at), "field": "stage", "after": stage}
        for lead in truth()
        for stage, at in _entries(spec, lead).items()
    ]
    return pd.DataFrame(rows)
