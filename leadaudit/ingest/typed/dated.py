"""Several exports of the same leads, each of its day: what differs between them is history."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.errors import ConfigError
from leadaudit.ingest.issues import IssueLog
from leadaudit.ingest.loading.database import first_row, fresh_name, quoted, scalar, text
from leadaudit.tables import CHANGES

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.typed.leads import LeadTable
    from leadaudit.ingest.typed.sheet import Sheet

SHARED_SHARE = 0.2
"""Two tables that share so many of their leads are two exports of the same leads."""

ALIKE_SHARE = 0.5
"""... if they share so many of their columns as well."""

TRACKED = ("stage", "status", "owner", "amount", "expected_close_at", "next_step", "next_step_at", "paused_until")

_DAY = re.compile(r"(?<!\d)(20\d{2})[-_. ]?(0[1-9]|1[0-2])[-_. ]?(0[1-9]|[12]\d|3[01])(?!\d)")
_GERMAN_DAY = re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01])[-_.](0[1-9]|1[0-2])[-_.](20\d{2})(?!\d)")
_MONTH = re.compile(r"(?<!\d)(20\d{2})[-_. ]?(0[1-9]|1[0-2])(?!\d)")


@dataclass(frozen=True)
class Dated:
    """One export of several, and its day.

    Attributes
    ----------
    table : LeadTable
    sheet : Sheet
    dated_on : Timestamp
    """

    table: LeadTable
    sheet: Sheet
    dated_on: pd.Timestamp


def same_leads(connection: duckdb.DuckDBPyConnection, first: LeadTable, second: LeadTable) -> bool:
    """Whether two tables are exports of the same leads at different times."""
    columns = [set(table.present) | set(table.extra_columns) for table in (first, second)]
    if len(columns[0] & columns[1]) < ALIKE_SHARE * len(columns[0] | columns[1]):
        return False
    shared = scalar(
        connection, f"SELECT count(*) FROM {first.name} WHERE lead_id IN (SELECT lead_id FROM {second.name})"
    )
    return shared >= SHARED_SHARE * max(1, min(first.rows_used, second.rows_used))


def day_of_export(sheet: Sheet, table: LeadTable, dated: Mapping[str, str]) -> pd.Timestamp:
    """The day of an export: as given, from the file's name, or its newest date.

    Raises
    ------
    ConfigError
        The given date is none.
    """
    file = sheet.source.file
    if file in dated:
        try:
            return pd.Timestamp(dated[file]).normalize()
        except ValueError:
            raise ConfigError("value_invalid", key=f"dated: {file}", value=dated[file], valid="2026-09-30") from None
    newest = _newest(sheet.connection, table.name)
    if found := _DAY.search(file):
        return pd.Timestamp(int(found[1]), int(found[2]), int(found[3]))
    if found := _GERMAN_DAY.search(file):
        return pd.Timestamp(int(found[3]), int(found[2]), int(found[1]))
    if found := _MONTH.search(file):
        month = pd.Timestamp(int(found[1]), int(found[2]), 1)
        inside = newest is not None and newest.to_period("M") == month.to_period("M")
        return newest.normalize() if newest is not None and inside else (month + pd.offsets.MonthEnd(0)).normalize()
    sheet.log.add("dated_on_assumed", "warning", file=file, value=None if newest is None else f"{newest:%Y-%m-%d}")
    return pd.Timestamp(1970, 1, 1) if newest is None else newest.normalize()


def _newest(connection: duckdb.DuckDBPyConnection, table: str) -> pd.Timestamp | None:
    row = first_row(
        connection,
        f"""SELECT greatest(max(created_at), max(_modified_at), max(last_activity_at), max(stage_entered_at),
                max(closed_at) FILTER (status IN ('won', 'lost'))) FROM {table}""",
    )
    return None if row[0] is None else pd.Timestamp(row[0])


def combine(connection: duckdb.DuckDBPyConnection, exports: Sequence[Dated], log: IssueLog) -> tuple[str, str]:
    """Leads as they stood when last seen, and the changes between the exports.

    Parameters
    ----------
    connection : DuckDBPyConnection
    exports : sequence of Dated
        In any order.
    log : IssueLog
        Leads that vanished are added.

    Returns
    -------
    leads : str
        Database table like those of the exports, one row per lead.
    changes : str
        Database table with CHANGES: dated with the later export, ``at_uncertainty_days`` the days between;
        ``field = "vanished"`` at the last sighting of leads that a later export does not have.
    """
    ordered = sorted(exports, key=lambda one: one.dated_on)
    sightings = fresh_name("sightings")
    parts = " UNION ALL BY NAME ".join(
        f"SELECT *, {number} AS _export, TIMESTAMP '{one.dated_on:%Y-%m-%d}' AS _dated FROM {one.table.name}"
        for number, one in enumerate(ordered)
    )
    connection.execute(f"CREATE TABLE {sightings} AS {parts}")
    changes = fresh_name("changes")
    _differences(connection, sightings, changes, _tracked(connection, sightings, ordered))
    _vanished(connection, sightings, changes, len(ordered) - 1, ordered[-1], log)
    leads = fresh_name("leads")
    connection.execute(f"""
        CREATE TABLE {leads} AS SELECT * EXCLUDE (_export, _dated, _nth, _first) FROM (
            SELECT *, row_number() OVER (PARTITION BY lead_id ORDER BY _export DESC) AS _nth,
                min(_export::BIGINT * 1000000000 + _line) OVER (PARTITION BY lead_id) AS _first FROM {sightings}
        ) WHERE _nth = 1 ORDER BY _first
    """)
    connection.execute(f"""
        UPDATE {leads} l SET closed_at = c."at" FROM {changes} c
        WHERE c.lead_id = l.lead_id AND c.field = 'status' AND c.after = l.status AND l.status IN ('won', 'lost')
          AND l.closed_at IS NULL AND c.before IS NOT NULL
    """)
    connection.execute(f"DROP TABLE {sightings}")
    return leads, changes


def _tracked(connection: duckdb.DuckDBPyConnection, sightings: str, exports: Sequence[Dated]) -> list[str]:
    """Columns that every export has and that change: of the extra ones only those that differ somewhere."""
    shared = set.intersection(*({*one.table.present, *one.table.extra_columns} for one in exports))
    extras = [
        name
        for name in exports[-1].table.extra_columns
        if name in shared
        and scalar(
            connection,
            f"""
            SELECT count(*) FROM (SELECT lead_id FROM {sightings} GROUP BY lead_id
            HAVING count(DISTINCT coalesce({quoted(name)}, chr(0))) > 1 LIMIT 1)""",
        )
    ]
    return [name for name in TRACKED if name in shared] + extras


def _differences(connection: duckdb.DuckDBPyConnection, sightings: str, changes: str, tracked: Sequence[str]) -> None:
    parts = [_changes_of(sightings, column) for column in tracked]
    columns = ", ".join(f'"{column}"' for column in CHANGES if column != "seq")
    connection.execute(f"""
        CREATE TABLE {changes} AS SELECT {columns},
            (row_number() OVER (PARTITION BY lead_id ORDER BY "at", _order) - 1)::BIGINT AS seq
        FROM ({" UNION ALL ".join(parts)}) ORDER BY _order, lead_id, "at"
    """)


def _changes_of(sightings: str, column: str) -> str:
    """Changes of one column; a date in the data that says when exactly is used where it fits."""
    cell = quoted(column)
    ended = "CASE WHEN status IN ('won', 'lost') THEN closed_at END"
    exact = {"stage": f"coalesce(stage_entered_at, {ended})", "status": ended}.get(column, "NULL::TIMESTAMP")
    return f"""
        SELECT lead_id, CASE WHEN fits THEN exact ELSE _dated END AS "at", {text(column)} AS field, was AS before,
            value AS after, pipeline, NULL::VARCHAR AS "by",
            CASE WHEN fits THEN 0 ELSE date_diff('second', coalesce(_was_dated, created_at), _dated) / 86400 END
                AS at_uncertainty_days, {int(column != "stage")} + _export * 2 AS _order
        FROM (
            SELECT *, coalesce(exact > coalesce(_was_dated, TIMESTAMP '1900-01-01') AND exact < _dated + INTERVAL 1 DAY, false) AS fits
            FROM (
                SELECT lead_id, _dated, _export, pipeline, created_at, {cell}::VARCHAR AS value, {exact} AS exact,
                    lag({cell}::VARCHAR) OVER w AS was, lag(_dated) OVER w AS _was_dated
                FROM {sightings} WINDOW w AS (PARTITION BY lead_id ORDER BY _export)
            )
        ) WHERE value IS DISTINCT FROM was AND (_was_dated IS NOT NULL OR value IS NOT NULL)
    """


def _vanished(
    connection: duckdb.DuckDBPyConnection, sightings: str, changes: str, last: int, newest: Dated, log: IssueLog
) -> None:
    """Leads that the newest export does not have: their end is not known."""
    gone = f"""
        SELECT lead_id, max(_dated) AS seen FROM {sightings}
        GROUP BY lead_id HAVING max(_export) < {last} AND max_by(coalesce(status, 'open'), _export) IN ('open', 'paused')
    """
    count = scalar(connection, f"SELECT count(*) FROM ({gone})")
    if not count:
        return
    log.add("vanished", "warning", file=newest.sheet.source.file, count=count)
    connection.execute(f"""
        INSERT INTO {changes} BY NAME
        SELECT lead_id, seen AS "at", 'vanished' AS field,
            date_diff('day', seen, TIMESTAMP '{newest.dated_on:%Y-%m-%d}')::DOUBLE AS at_uncertainty_days, 9999::BIGINT AS seq
        FROM ({gone}) ORDER BY lead_id
    """)
