"""Files to an export: each is recognised, typed and linked, in any order of arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from leadaudit.errors import ExportReadError, LeadAuditError
from leadaudit.ingest.assemble import assemble, typed_columns
from leadaudit.ingest.export import Export, Source
from leadaudit.ingest.files import READING_SHARE, Loaded, Progress, load, silent
from leadaudit.ingest.issues import IssueLog
from leadaudit.ingest.loading.database import compress, fresh_name, memory_bytes, open_database, quoted, scalar
from leadaudit.ingest.loading.home import Home, discard
from leadaudit.ingest.recognition.content import contents
from leadaudit.ingest.recognition.own_frames import check_leads
from leadaudit.ingest.recognition.recognise import Recognised, recognise
from leadaudit.ingest.typed.activities import build_activities, plan_ahead
from leadaudit.ingest.typed.beside_leads import find_owner, learn_from_leads
from leadaudit.ingest.typed.choice import choose_leads
from leadaudit.ingest.typed.dated import Dated, combine, day_of_export, same_leads
from leadaudit.ingest.typed.history import Built, build_changes, stage_dates
from leadaudit.ingest.typed.leads import LeadTable, build_leads
from leadaudit.ingest.typed.namesakes import tell_apart
from leadaudit.ingest.typed.outcomes import join_outcomes
from leadaudit.ingest.typed.sheet import Sheet
from leadaudit.ingest.typed.spelling import one_spelling
from leadaudit.ingest.typed.stage_codes import name_stages, stage_codes
from leadaudit.language import Language
from leadaudit.tables import ACTIVITIES, CHANGES, LEADS

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


COMPRESSED_BYTES = 1_000_000_000
"""Finished tables of more bytes are compressed: below, memory is no concern and the time is not worth it."""


def read(
    *paths: str | os.PathLike[str],
    mapping: Mapping[str, Mapping[str, str]] | None = None,
    timezone: str | None = None,
    language: Language | None = None,
    dated: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Export:
    r"""Read the exports of a CRM.

    Parameters
    ----------
    *paths : path-like
        Leads, activities, stage history: any of them, in any order; leads are required.
    mapping : mapping of file name to (role to header), optional
        What columns are, where that is not told rightly; see :mod:`leadaudit.ingest.mapping`.
        The key ``"*"`` holds for every file that has the header.
    timezone : str, optional
        Zone that all timestamps are brought to. Default: Europe/Berlin for German headers, else UTC.
    language : {"de", "en"}, optional
        Of reports; default: that of the headers.
    dated : mapping of file name to date, optional
        Days of several exports of the same leads, where file names do not tell them.
    progress : callable, optional
        Called as ``progress(done_share, text_key, **fields)`` while reading.

    Returns
    -------
    Export

    Raises
    ------
    ExportReadError
        A file is missing, empty, damaged or no table; or none of the files holds leads.
    ColumnMappingError
        Neither an id nor a stage can be found, or the mapping names a column that is not there.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "deals.csv").write_text("Deal ID;Phase;Betrag;Erstellt am\nD1;Angebot;1.200,50;03.02.2025\n")
    >>> read(folder / "deals.csv").leads()[["lead_id", "stage", "amount"]].to_dict("records")
    [{'lead_id': 'D1', 'stage': 'Angebot', 'amount': 1200.5}]
    """
    if not paths:
        raise ExportReadError("no_leads", available="-")
    loaded = load(*paths, mapping=mapping, progress=progress)
    return typed(loaded, timezone=timezone, language=language, dated=dated, progress=progress)


def typed(
    loaded: Loaded,
    *,
    timezone: str | None = None,
    language: Language | None = None,
    dated: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Export:
    """The second half of :func:`read`: recognised text tables to an export; parameters and errors as there."""
    report = progress or silent
    report(READING_SHARE, "typing")
    try:
        export = _typed(
            loaded.connection, loaded.sheets, loaded.log, timezone=timezone, language=language, dated=dated or {}
        )
    except LeadAuditError as error:
        german = [sheet.recognised.language == "de" for sheet in loaded.sheets]
        error.in_language(language or ("de" if 2 * sum(german) >= len(german) else "en"))
        raise
    report(1.0, "read")
    return export


def _typed(
    connection: duckdb.DuckDBPyConnection,
    sheets: Sequence[Sheet],
    log: IssueLog,
    *,
    timezone: str | None,
    language: Language | None,
    dated: Mapping[str, str],
) -> Export:
    """Recognised tables to an export."""
    sheets, joined = join_outcomes(sheets)
    leads_sheets = choose_leads([sheet for sheet in sheets if sheet.name not in joined])
    spoken: Language = language or ("de" if leads_sheets[0].recognised.language == "de" else "en")
    zone = timezone or ("Europe/Berlin" if leads_sheets[0].recognised.language == "de" else "UTC")
    for sheet in sheets:
        sheet.timezone = zone
    for sheet in leads_sheets:
        find_owner(sheet, [other for other in sheets if other is not sheet])
    codes = stage_codes(leads_sheets, sheets)
    leads, tables, changes, sources = _all_leads(connection, leads_sheets, dated, log)
    activities: list[str] = []
    for sheet in sheets:
        if sheet.name not in joined and all(sheet is not one for one in leads_sheets):
            learn_from_leads(sheet, leads, leads_sheets)
        kind = sheet.recognised.table
        if sheet.name in joined:
            sources[sheet.name] = _finished(sheet, joined[sheet.name], "records")
        elif kind in ("changes", "activities"):
            built = _build(sheet, leads)
            (changes if kind == "changes" else activities).append(built.name)
            sources[sheet.name] = _finished(sheet, built.rows_used, built.shape, built)
        elif kind == "other":
            log.add(
                "table_not_used",
                "error",
                file=sheet.source.file,
                sheet=sheet.source.sheet or None,
                count=sheet.source.rows_read,
            )
            sources[sheet.name] = _finished(sheet, 0, "records")
            discard(connection, sheet.name)
    extras = tuple(dict.fromkeys(name for table in tables for name in table.extra_columns))
    names = {
        "activities": _union(connection, "activities", activities),
        "changes": _union(connection, "changes", changes),
    }
    name_stages(connection, names["changes"], codes)
    one_spelling(connection, leads, names["changes"], log)
    plan_ahead(connection, leads, names)
    names["leads"] = _final_leads(connection, leads, names["changes"], log)
    if memory_bytes(connection) > COMPRESSED_BYTES:
        compress(connection)
    return assemble(
        connection, names, log, sources=tuple(sources[sheet.name] for sheet in sheets), language=spoken, timezone=zone,
        extra_columns=extras, present=frozenset(column for table in tables for column in table.present),
    )  # fmt: skip


def _all_leads(
    connection: duckdb.DuckDBPyConnection, sheets: Sequence[Sheet], dated: Mapping[str, str], log: IssueLog
) -> tuple[str, list[LeadTable], list[str], dict[str, Source]]:
    """Leads of all sources in one table; exports of the same leads at several days give changes as well."""
    tables = [build_leads(sheet) for sheet in sheets]
    tell_apart(connection, sheets, tables, log)
    sources = {
        sheet.name: _finished(sheet, table.rows_used, "records") for sheet, table in zip(sheets, tables, strict=True)
    }
    changes = [
        stage_dates(sheet, table.name)
        for sheet, table in zip(sheets, tables, strict=True)
        if sheet.recognised.stage_columns
    ]
    for sheet in sheets:
        discard(connection, sheet.name)
    _set_aside_converted(connection, sheets, tables, sources, log)
    pairs = list(zip(sheets, tables, strict=True))
    again = [
        pair
        for pair in pairs
        if any(pair[1] is not other and same_leads(connection, pair[1], other) for other in tables)
    ]
    if len(again) < 2:
        return _union_leads(connection, tables, sheets, sources, log), tables, changes, sources
    days = [Dated(table, sheet, day_of_export(sheet, table, dated)) for sheet, table in again]
    leads, differences = combine(connection, days, log)
    for one in days:
        sources[one.sheet.name] = replace(sources[one.sheet.name], shape="dated", dated_on=one.dated_on)
    rest = [table for _, table in pairs if table not in [one.table for one in days]]
    merged = replace(days[-1].table, name=leads)
    return _union_leads(connection, [merged, *rest], sheets, sources, log), tables, [*changes, differences], sources


def _build(sheet: Sheet, leads: str) -> Built:
    built = build_changes(sheet, leads) if sheet.recognised.table == "changes" else build_activities(sheet, leads)
    discard(sheet.connection, sheet.name)
    return built


def _finished(sheet: Sheet, rows_used: int, shape: str, built: Built | None = None) -> Source:
    return replace(
        sheet.source, shape=shape, roles=dict(sheet.roles), sure=dict(sheet.recognised.sure), rows_used=rows_used, rows_set_aside=sheet.source.rows_read - rows_used,
        formats=dict(sheet.formats), date_only=tuple(sheet.date_only),
        linked_by=built.linked_by if built else "", unlinked_share=built.unlinked_share if built else 0.0,
    )  # fmt: skip


def _set_aside_converted(
    connection: duckdb.DuckDBPyConnection,
    sheets: Sequence[Sheet],
    tables: Sequence[LeadTable],
    sources: dict[str, Source],
    log: IssueLog,
) -> None:
    """A lead that became an opportunity which is there as well counts once, as the opportunity."""
    for sheet, table in zip(sheets, tables, strict=True):
        others = [other.name for other in tables if other is not table]
        if not others or not sheet.has("converted_lead_id"):
            continue
        known = " UNION ALL ".join(f"SELECT lead_id FROM {other}" for other in others)
        where = f"left(_converted, 15) IN (SELECT left(lead_id, 15) FROM ({known}))"
        if count := scalar(connection, f"SELECT count(*) FROM {table.name} WHERE {where}"):
            log.add("lead_converted", "note", file=sheet.source.file, count=count)
            connection.execute(f"DELETE FROM {table.name} WHERE {where}")
            source = sources[sheet.name]
            sources[sheet.name] = replace(
                source, rows_used=source.rows_used - count, rows_set_aside=source.rows_set_aside + count
            )


def _union_leads(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[LeadTable],
    sheets: Sequence[Sheet],
    sources: dict[str, Source],
    log: IssueLog,
) -> str:
    """Tables of different leads below each other; a lead that two of them have is kept once."""
    if len(tables) == 1:
        return tables[0].name
    name = fresh_name("leads")
    parts = " UNION ALL BY NAME ".join(
        f"SELECT *, {number} AS _table FROM {table.name}" for number, table in enumerate(tables)
    )
    connection.execute(f"""
        CREATE TABLE {name}_all AS SELECT *, row_number() OVER (
            PARTITION BY lead_id ORDER BY _modified_at DESC NULLS LAST, _table, _line) AS _nth FROM ({parts})
    """)
    for number, table in enumerate(tables):
        aside = scalar(connection, f"SELECT count(*) FROM {name}_all WHERE _nth > 1 AND _table = {number}")
        sheet = next(
            (s for s in sheets if sources[s.name].rows_used == table.rows_used and s.recognised.table == "leads"),
            sheets[0],
        )
        if aside:
            log.add("lead_twice", "error", file=sheet.source.file, count=aside)
            source = sources[sheet.name]
            sources[sheet.name] = replace(
                source, rows_used=source.rows_used - aside, rows_set_aside=source.rows_set_aside + aside
            )
    connection.execute(
        f"CREATE TABLE {name} AS SELECT * EXCLUDE (_nth, _table) FROM {name}_all WHERE _nth = 1 ORDER BY _table, _line"
    )
    connection.execute(f"DROP TABLE {name}_all")
    return name


def _final_leads(connection: duckdb.DuckDBPyConnection, leads: str, changes: str, log: IssueLog) -> str:
    """Closing dates that only the history knows, and the working columns gone."""
    dateless = f"SELECT count(*) FROM {leads} WHERE status IN ('won', 'lost') AND closed_at IS NULL"
    if scalar(connection, dateless):
        connection.execute(f"""
            UPDATE {leads} l SET closed_at = h.entered_at FROM (
                SELECT lead_id, max_by(after, ("at", seq)) AS stage, max("at") AS entered_at
                FROM {changes} WHERE field = 'stage' GROUP BY lead_id) h
            WHERE h.lead_id = l.lead_id AND h.stage = l.stage AND l.status IN ('won', 'lost') AND l.closed_at IS NULL
        """)
        if left := scalar(connection, dateless):
            log.add("closed_without_date", "note", column="closed_at", count=left)
    _endings_told(connection, leads, log)
    for column in ("_line", "_modified_at", "_email", "_person", "_deleted", "_converted"):
        connection.execute(f"ALTER TABLE {leads} DROP COLUMN {column}")
    return leads


FEW_LEADS = 10
"""Of fewer leads all may well be open."""


def _endings_told(connection: duckdb.DuckDBPyConnection, leads: str, log: IssueLog) -> None:
    """Say so where no lead ever ended: mostly the words of the ending were not understood, or were not exported."""
    count = scalar(connection, f"SELECT count(*) FROM {leads}")
    if count < FEW_LEADS or scalar(connection, f"SELECT count(*) FROM {leads} WHERE status IN ('won', 'lost')"):
        return
    stages = connection.execute(
        f"SELECT stage FROM {leads} WHERE stage IS NOT NULL GROUP BY stage ORDER BY count(*) DESC, stage LIMIT 5"
    ).fetchall()
    log.add("no_ending_known", "warning", value=", ".join(row[0] for row in stages) or None, count=count)


def _union(connection: duckdb.DuckDBPyConnection, kind: str, tables: Sequence[str]) -> str:
    name = fresh_name(kind)
    table = ACTIVITIES if kind == "activities" else CHANGES
    if not tables:
        connection.execute(f"CREATE TABLE {name} AS SELECT {typed_columns(table, {})} WHERE false")
        return name
    if len(tables) == 1:
        return tables[0]
    connection.execute(f"CREATE TABLE {name} AS " + " UNION ALL ".join(f"SELECT * FROM {one}" for one in tables))
    return name


def read_frames(
    arrows: Mapping[str, pa.Table],
    given: Mapping[str, Mapping[str, str]],
    *,
    language: Language | None,
    timezone: str | None,
) -> Export:
    """Frames with a CRM's own headers, recognised like files; ``given`` says by table what some headers are.

    Raises
    ------
    ColumnMappingError
        The leads have no id, or nothing that says where they stand.
    """
    connection = open_database()
    log = IssueLog()
    sheets = []
    for kind, arrow in arrows.items():
        name = fresh_name("raw")
        connection.register("leadaudit_frame", arrow)
        columns: list[str] = [str(column) for column in arrow.column_names]
        cast = ", ".join(f"{_as_text(arrow, c)} AS {quoted(c)}" for c in columns)
        connection.execute(f"CREATE TABLE {name} AS SELECT {cast}, row_number() OVER () AS _line FROM leadaudit_frame")
        connection.unregister("leadaudit_frame")
        looked = contents(connection, Home(name), columns, columns)
        roles = {role: header for header, role in given[kind].items()}
        found: Recognised = recognise(looked, table=kind, mapping=roles)
        if kind == "leads":
            check_leads(found, looked)
        source = Source(
            file=kind, kind=kind, crm=found.crm, roles=found.roles, sure=found.sure, rows_read=arrow.num_rows
        )
        sheets.append(Sheet(connection, name, {c.column: c for c in looked}, found, log, source, Home(name)))
    return _typed(connection, sheets, log, timezone=timezone, language=language, dated={})


def _as_text(arrow: pa.Table, column: str) -> str:
    """A column as text; whole numbers that pandas keeps as floats beside missing ones stay whole (id 17, not 17.0)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cell, values = quoted(column), arrow[column]
    if pa.types.is_floating(values.type):
        whole = pc.and_(pc.equal(values, pc.trunc(values)), pc.less(pc.abs(values), 1e15))
        if pc.all(whole, min_count=0).as_py():
            return f"CAST(CAST({cell} AS BIGINT) AS VARCHAR)"
    return f"CAST({cell} AS VARCHAR)"


__all__ = ["ACTIVITIES", "CHANGES", "LEADS", "Any", "read", "read_frames"]
