"""Simulated tables as the files that a CRM would export, byte for byte the same each time."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from leadaudit import tables
from leadaudit.errors import LeadAuditError, listed
from leadaudit.simulate.layouts import LAYOUTS, Layout, Shape
from leadaudit.simulate.pipeline import Pipeline

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_DATES = {"next_step_at", "expected_close_at", "paused_until"}
SHAPES: tuple[Shape, ...] = ("from_to", "entered", "stage_dates", "leads_and_activities", "leads_only")


def layout_of(crm: str, language: str) -> Layout:
    """The layout of a CRM in a language; an unknown pair is an error that names those there are."""
    if (crm, language) not in LAYOUTS:
        valid = listed([f"{name} ({spoken})" for name, spoken in LAYOUTS])
        raise LeadAuditError("value_invalid", key="crm", value=f"{crm} ({language})", valid=valid)
    return LAYOUTS[crm, language]


def write_tables(
    leads: pd.DataFrame,
    activities: pd.DataFrame,
    changes: pd.DataFrame,
    folder: Path,
    layout: Layout,
    shape: Shape,
    pipeline: Pipeline,
    made_at: pd.Timestamp,
) -> list[Path]:
    """Write the files of one export; see :func:`leadaudit.simulate.write_export`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = _lead_rows(leads, changes, layout, pipeline)
    if shape == "stage_dates":
        rows = pd.concat([rows, _stage_dates(leads, changes, layout, pipeline)], axis=1)
    files = [(rows, layout.files[0])]
    if shape != "leads_only":
        files.append((_activity_rows(activities, layout), layout.files[1]))
    if shape in ("from_to", "entered"):
        files.append((_change_rows(changes, layout, shape), layout.files[2]))
    for frame, name in files:
        path = folder / name
        path.write_bytes(_workbook(frame, path.stem, made_at) if path.suffix == ".xlsx" else _delimited(frame, layout))
    return [folder / name for _, name in files]


def _lead_rows(leads: pd.DataFrame, changes: pd.DataFrame, layout: Layout, pipeline: Pipeline) -> pd.DataFrame:
    shown = leads.copy()
    if layout.stage_keeps_open:
        shown["stage"] = _last_open_stage(leads, changes, pipeline)
    shown["probability"] = shown["probability"] * 100
    columns = {header: _cells(shown[name], name, layout) for name, header in layout.leads.items()}
    extras = {name: shown[name].fillna("") for name in shown.columns if name not in tables.LEADS}
    return pd.DataFrame({**columns, **extras})


def _last_open_stage(leads: pd.DataFrame, changes: pd.DataFrame, pipeline: Pipeline) -> pd.Series:
    moved = changes[(changes["field"] == "stage") & ~changes["after"].isin([pipeline.won, pipeline.lost])]
    last = moved.groupby("lead_id")["after"].last()
    return leads["lead_id"].map(last).fillna(pipeline.stages[0].name)


def _stage_dates(leads: pd.DataFrame, changes: pd.DataFrame, layout: Layout, pipeline: Pipeline) -> pd.DataFrame:
    """One column per stage with the date on which it was last entered."""
    moved = changes[changes["field"] == "stage"]
    last = moved.pivot_table(index="lead_id", columns="after", values="at", aggfunc="max")
    wide = last.reindex(index=leads["lead_id"], columns=list(pipeline.names)).reset_index(drop=True)
    return pd.DataFrame({
        layout.entered_header.format(stage=name, pipeline=pipeline.name): _cells(wide[name], "at", layout)
        for name in pipeline.names
    })  # fmt: skip


def _activity_rows(activities: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    keep_times = layout.files[1].endswith(".xlsx")
    return pd.DataFrame({
        header: activities["at"] if name == "at" and keep_times else _cells(activities[name], name, layout)
        for name, header in layout.activities.items()
    })  # fmt: skip


def _change_rows(changes: pd.DataFrame, layout: Layout, shape: Shape) -> pd.DataFrame:
    known = changes.sort_values(["at", "lead_id", "seq"], kind="stable", ignore_index=True)
    header = dict(layout.changes)
    if shape == "entered" or "field" not in header:
        known = known[known["field"] == "stage"].reset_index(drop=True)
        header.pop("field", None)
    if shape == "entered":
        header.pop("before", None)
    known = known.assign(before=_values(known, "before", layout), after=_values(known, "after", layout))
    return pd.DataFrame({text: _cells(known[name], name, layout) for name, text in header.items()})


def _values(changes: pd.DataFrame, column: str, layout: Layout) -> pd.Series:
    """Values before and after a change: dates as this CRM writes dates."""
    dated = pd.to_datetime(changes[column].where(changes["field"] != "stage"), format="%Y-%m-%d").dt.strftime(
        layout.date
    )
    return changes[column].where(changes["field"] == "stage", dated)


def _cells(values: pd.Series, name: str, layout: Layout) -> pd.Series:
    """The texts that stand in the cells."""
    if pd.api.types.is_datetime64_dtype(values):
        return values.dt.strftime(layout.date if name in _DATES else layout.moment).fillna("")
    if pd.api.types.is_float_dtype(values):
        return values.map(lambda value: _number(value, name, layout), na_action="ignore").astype("str").fillna("")
    text = values.astype("str").fillna("")
    return text.map(layout.words[name]).fillna(text) if name in layout.words else text


def _number(value: float, name: str, layout: Layout) -> str:
    if name == "probability":
        return f"{value:.0f}"
    grouped = f"{value:,.2f}"
    return grouped.translate(str.maketrans(",.", ".,")) if layout.decimal == "," else grouped.replace(",", "")


def _delimited(frame: pd.DataFrame, layout: Layout) -> bytes:
    """CSV with the line ends of Windows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=layout.delimiter, lineterminator="\r\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.itertuples(index=False, name=None))
    return buffer.getvalue().encode("utf-8-sig" if layout.mark else "utf-8")


def _workbook(frame: pd.DataFrame, title: str, made_at: pd.Timestamp) -> bytes:
    """An Excel workbook without a trace of when and where it was made."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.capitalize())
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGH", (11, 17, 13, 12, 34, 26, 22, 9), strict=True):
        sheet.column_dimensions[letter].width = width
    head = []
    for text in frame.columns:
        cell = WriteOnlyCell(sheet, value=text)
        cell.font = Font(bold=True)
        head.append(cell)
    sheet.append(head)
    for row in frame.astype(object).itertuples(index=False, name=None):
        sheet.append([_cell(sheet, value) for value in row])
    made = io.BytesIO()
    book.save(made)
    return _timeless(made.getvalue(), made_at)


def _cell(sheet: Any, value: object) -> object:
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, pd.Timestamp):
        return None if value == "" else value
    cell = WriteOnlyCell(sheet, value=value.to_pydatetime())
    cell.number_format = "DD.MM.YYYY HH:MM"
    return cell


def _timeless(workbook: bytes, made_at: pd.Timestamp) -> bytes:
    """The same workbook with fixed times, in its properties and in the archive that it is."""
    stamp = made_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(target, "w") as archive:
        for member in source.namelist():
            content = source.read(member)
            if member == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(member, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, content, compresslevel=6)
    return target.getvalue()
