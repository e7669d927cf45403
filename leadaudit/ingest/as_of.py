"""An export as it was known at an earlier moment: no later event, no field without a date.

A backtest is honest only if nothing dated at or after its moment, and no field whose date is
unknown, can change what is judged. Whatever is kept here is dated before the moment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import quoted, scalar, text
from leadaudit.ingest.span import letters
from leadaudit.tables import DUCKDB_TYPE, LEADS

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.ingest.export import Export

KEPT = frozenset({"lead_id", "name", "company", "source", "pipeline", "created_at"})
"""Columns of leads that are taken to have been there from the beginning."""

DATED = frozenset({"status", "closed_at", "lost_reason"})
"""Columns whose value is dated by the ending."""


def cut(export: Export, t: pd.Timestamp) -> Export:
    """Cut an export to what was known before a moment; see :meth:`Export.as_of`."""
    if export.moment is not None and t >= export.moment:
        return export
    if t >= export.known_until:
        return replace(export, moment=t)
    fields = _fields_with_history(export, t)
    names = _cut_tables(export, t, fields)
    derived = {"stage", "stage_entered_at"} if "stage" in fields else set()
    unmasked = KEPT | DATED | derived | (fields & set(LEADS))
    masked = frozenset(column for column in (*LEADS, *export.extra_columns) if column not in unmasked | fields)
    return replace(
        export, names=names, moment=t, known_until=t, masked=masked, evidence=letters(export.connection, names)
    )


def _fields_with_history(export: Export, t: pd.Timestamp) -> frozenset[str]:
    rows = export.connection.execute(
        f'SELECT DISTINCT field FROM {export.names["changes"]} WHERE "at" < ?', [t.to_pydatetime()]
    ).fetchall()
    return frozenset(str(row[0]) for row in rows)


def _cut_tables(export: Export, t: pd.Timestamp, fields: frozenset[str]) -> dict[str, str]:
    """Make the tables of a cut; a moment that was cut before is not cut again."""
    stem = f"{export.names['leads']}_{t:%Y%m%d%H%M%S%f}"
    names = {"leads": f"{stem}_l", "activities": f"{stem}_a", "changes": f"{stem}_c"}
    made = scalar(export.connection, f"SELECT count(*) FROM duckdb_views() WHERE view_name = {text(names['changes'])}")
    if not made:
        moment = f"TIMESTAMP '{t:%Y-%m-%d %H:%M:%S.%f}'"
        _cut_leads(export, f"{stem}_k", names["leads"], moment, fields)
        for table, done in (("activities", "AND done IS DISTINCT FROM false"), ("changes", "")):
            export.connection.execute(f"""
                CREATE VIEW {names[table]} AS SELECT * FROM {export.names[table]}
                WHERE "at" < {moment} {done} AND lead_id IN (SELECT lead_id FROM {stem}_k)
            """)
    return names


def _cut_leads(export: Export, kept: str, view: str, moment: str, fields: frozenset[str]) -> None:
    """A narrow table of what was known, and a view on it with masked columns as missing values."""
    rebuilt = _rebuilt(export, fields)
    histories = "".join(
        f", max_by({{'v': after}}, (\"at\", coalesce(seq, 0))) FILTER (field = {text(name)}) AS {quoted('f ' + name)}"
        for name in rebuilt
    )
    values = "".join(
        f", TRY_CAST(h.{quoted('f ' + name)}.v AS {DUCKDB_TYPE[LEADS[name].kind] if name in LEADS else 'VARCHAR'})"
        f" AS {quoted(name)}"
        for name in rebuilt
    )
    export.connection.execute(f"""
        CREATE TABLE {kept} AS
        WITH stage_kinds AS ({_stage_kinds(export, moment)}), histories AS (
            SELECT lead_id,
                max_by({{'stage': after, 'pipeline': pipeline, 'entered_at': "at"}}, ("at", coalesce(seq, 0)))
                    FILTER (field = 'stage') AS stood,
                max_by({{'status': after, 'entered_at': "at"}}, ("at", coalesce(seq, 0)))
                    FILTER (field = 'status') AS stated,
                min("at") AS first_at {histories}
            FROM {export.names["changes"]} WHERE "at" < {moment} GROUP BY lead_id
        ), contacts AS (
            SELECT lead_id, min("at") AS first_at FROM {export.names["activities"]}
            WHERE "at" < {moment} AND done IS DISTINCT FROM false
              AND lead_id IN (SELECT lead_id FROM {export.names["leads"]} WHERE created_at IS NULL)
            GROUP BY lead_id
        ), seen AS (
            SELECT row_number() OVER () AS place, * FROM {export.names["leads"]}
        )
        SELECT l.lead_id, l.name, l.company, l.source, coalesce(h.stood.pipeline, l.pipeline) AS pipeline,
            l.created_at, h.stood.stage AS stage, h.stood.entered_at AS stage_entered_at,
            CASE
                WHEN l.status IN ('won', 'lost') AND l.closed_at < {moment} THEN l.status
                WHEN h.stated.status IS NOT NULL THEN h.stated.status
                WHEN k.kind IS NOT NULL THEN k.kind
                WHEN l.status IN ('won', 'lost') AND l.closed_at IS NULL AND h.stood IS NULL THEN NULL
                ELSE 'open'
            END AS status,
            CASE
                WHEN l.status IN ('won', 'lost') AND l.closed_at < {moment} THEN l.closed_at
                WHEN h.stated.status IS NOT NULL
                    THEN CASE WHEN h.stated.status IN ('won', 'lost') THEN h.stated.entered_at END
                WHEN k.kind IN ('won', 'lost') THEN h.stood.entered_at
            END AS closed_at,
            CASE WHEN l.status = 'lost' AND l.closed_at < {moment} THEN l.lost_reason END AS lost_reason {values}
        FROM seen l LEFT JOIN histories h USING (lead_id) LEFT JOIN contacts c USING (lead_id)
            LEFT JOIN stage_kinds k ON k.stage = h.stood.stage
        WHERE coalesce(l.created_at, least(h.first_at, c.first_at, l.closed_at)) < {moment}
        ORDER BY l.place
    """)
    has = {str(row[0]) for row in export.connection.execute(f"SELECT column_name FROM (DESCRIBE {kept})").fetchall()}
    columns = [
        quoted(name)
        if name in has
        else f"NULL::{DUCKDB_TYPE[LEADS[name].kind] if name in LEADS else 'VARCHAR'} AS {quoted(name)}"
        for name in (*LEADS, *export.extra_columns)
    ]
    export.connection.execute(f"CREATE VIEW {view} AS SELECT {', '.join(columns)} FROM {kept}")


def _rebuilt(export: Export, fields: frozenset[str]) -> list[str]:
    """Columns of leads whose value at the moment follows from their own history."""
    own = KEPT | DATED | {"stage", "stage_entered_at"}
    return sorted(field for field in fields if field not in own and field in {*LEADS, *export.extra_columns})


def _stage_kinds(export: Export, moment: str) -> str:
    """Stages that mean won, lost or paused, as rows of (stage, kind)."""
    from leadaudit.ingest.recognition.closing import closing_stages

    closing = sorted(closing_stages(export.connection, export.names["changes"], moment).items())
    if not closing:
        return "SELECT NULL::VARCHAR AS stage, NULL::VARCHAR AS kind WHERE false"
    rows = ", ".join(f"({text(stage)}, {text(str(kind))})" for stage, kind in closing)
    return f"SELECT * FROM (VALUES {rows}) AS named(stage, kind)"
