"""An export of frames in memory: pandas, Polars, Arrow, DuckDB or Spark, in our columns or a CRM's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leadaudit.ingest.assemble import assemble, typed_columns
from leadaudit.ingest.export import Export
from leadaudit.ingest.issues import IssueLog
from leadaudit.ingest.loading.database import first_row, fresh_name, open_database, quoted, scalar
from leadaudit.ingest.recognition.own_frames import arrow_of, is_ours, roles_given
from leadaudit.ingest.values.amounts import read_numbers
from leadaudit.ingest.values.times import TimeReader
from leadaudit.language import Language
from leadaudit.tables import ACTIVITIES, CHANGES, LEADS, Table

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SAMPLED_ROWS = 5_000
_TABLES: tuple[tuple[str, Table], ...] = (("leads", LEADS), ("activities", ACTIVITIES), ("changes", CHANGES))


def export_of_frames(
    leads: Any,
    activities: Any,
    changes: Any,
    *,
    language: Language | None,
    timezone: str | None,
    columns: Mapping[str, str],
) -> Export:
    """Make an export of frames; see :meth:`Export.of_frames`."""
    frames = {"leads": leads, "activities": activities, "changes": changes}
    there = {name: frame for name, frame in frames.items() if frame is not None or name == "leads"}
    arrows = {name: arrow_of(frame, name) for name, frame in there.items()}
    given = roles_given(columns, arrows)
    if not is_ours(arrows, given["leads"]):
        from leadaudit.ingest.read import read_frames

        return read_frames(arrows, given, language=language, timezone=timezone)
    arrows = {name: _renamed(arrow, given[name]) for name, arrow in arrows.items()}
    connection = open_database()
    log = IssueLog()
    names = {}
    for name, table in _TABLES:
        arrow = arrows.get(name)
        names[name] = _load(connection, name, table, arrow, timezone or "UTC", log)
    _finish_leads(connection, names["leads"], log)
    _finish_events(connection, names, log)
    given = arrows["leads"].column_names
    return assemble(
        connection,
        names,
        log,
        language=language or "en",
        timezone=timezone or "UTC",
        extra_columns=tuple(name for name in given if name not in LEADS),
        present=frozenset(name for name in given if name in LEADS),
    )


def _renamed(arrow: pa.Table, given: Mapping[str, str]) -> pa.Table:
    return arrow.rename_columns([given.get(name, name) for name in arrow.column_names])


def _load(
    connection: duckdb.DuckDBPyConnection, name: str, table: Table, arrow: pa.Table | None, timezone: str, log: IssueLog
) -> str:
    """One frame as a typed database table; a column of texts where dates or numbers belong is read."""
    made = fresh_name(name)
    if arrow is None:
        connection.execute(f"CREATE TABLE {made} AS SELECT {typed_columns(table, {})} WHERE false")
        return made
    connection.register("leadaudit_frame", arrow)
    raw = f"{made}_raw"
    connection.execute(f"CREATE TABLE {raw} AS SELECT *, row_number() OVER () AS _line FROM leadaudit_frame")
    connection.unregister("leadaudit_frame")
    types = {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {raw}").fetchall()}
    expressions = {
        column: _expression(connection, raw, column, table[column].kind, types[column], timezone)
        for column in arrow.column_names
        if column in table
    }
    extras = [column for column in arrow.column_names if column not in table] if name == "leads" else []
    others = "".join(f", CAST({quoted(column)} AS VARCHAR) AS {quoted(column)}" for column in extras)
    connection.execute(
        f"CREATE TABLE {made} AS SELECT {typed_columns(table, expressions)}{others} FROM {raw} ORDER BY _line"
    )
    read = {c: e for c, e in expressions.items() if types[c] == "VARCHAR" and table[c].kind != "text"}
    _log_lost(connection, raw, read, log)
    connection.execute(f"DROP TABLE {raw}")
    return made


def _expression(
    connection: duckdb.DuckDBPyConnection, raw: str, column: str, kind: str, found: str, timezone: str
) -> str:
    if kind == "time":
        return _time(connection, raw, column, found, timezone)
    if found.startswith(("DOUBLE", "FLOAT")) and kind == "text":
        # Ids read as floats by pandas: 17.0 is the id 17.
        cell = quoted(column)
        return f"CASE WHEN {cell} = trunc({cell}) AND abs({cell}) < 1e15 THEN CAST(CAST({cell} AS BIGINT) AS VARCHAR) ELSE CAST({cell} AS VARCHAR) END"
    if kind == "number" and found == "VARCHAR":
        reading = read_numbers(column, column, _sample(connection, raw, column), share=column == "probability")
        return reading.expression if reading else "NULL"
    if kind == "text":
        return f"nullif(trim(CAST({quoted(column)} AS VARCHAR)), '')"
    return (
        f"TRY_CAST({quoted(column)} AS {'DOUBLE' if kind == 'number' else 'BOOLEAN' if kind == 'flag' else 'BIGINT'})"
    )


def _time(connection: duckdb.DuckDBPyConnection, raw: str, column: str, found: str, timezone: str) -> str:
    if found.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"timezone('{timezone}', {quoted(column)})"
    if found == "VARCHAR":
        reading = TimeReader(connection, raw, timezone).read(column, _sample(connection, raw, column))
        return reading.expression if reading else "NULL"
    return f"TRY_CAST({quoted(column)} AS TIMESTAMP)"


def _sample(connection: duckdb.DuckDBPyConnection, raw: str, column: str) -> list[str]:
    rows = connection.execute(
        f"SELECT DISTINCT {quoted(column)} FROM (SELECT {quoted(column)} FROM {raw} LIMIT {SAMPLED_ROWS}) "
        f"WHERE {quoted(column)} IS NOT NULL ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _log_lost(connection: duckdb.DuckDBPyConnection, raw: str, expressions: Mapping[str, str], log: IssueLog) -> None:
    """Texts that are there and could not be read."""
    if not expressions:
        return
    lost = {
        column: f"{quoted(column)} IS NOT NULL AND trim({quoted(column)}) <> '' AND ({expression}) IS NULL"
        for column, expression in expressions.items()
    }
    counts = first_row(
        connection, f"SELECT {', '.join(f'count(*) FILTER ({where})' for where in lost.values())} FROM {raw}"
    )
    for (column, where), count in zip(lost.items(), counts, strict=True):
        if count:
            rows = connection.execute(f"SELECT _line, {quoted(column)} FROM {raw} WHERE {where} ORDER BY 1 LIMIT 30")
            log.add_rows("value_unreadable", "warning", rows.fetchall(), count, column=column)


def _finish_leads(connection: duckdb.DuckDBPyConnection, leads: str, log: IssueLog) -> None:
    """One row per lead: the first of several stays, the others are set aside."""
    without = scalar(connection, f"SELECT count(*) FROM {leads} WHERE lead_id IS NULL")
    if without:
        log.add("lead_without_id", "error", column="lead_id", count=without)
    twice = scalar(connection, f"SELECT count(lead_id) - count(DISTINCT lead_id) FROM {leads}")
    if twice:
        log.add("lead_twice", "error", column="lead_id", count=twice)
    if without or twice:
        connection.execute(f"""
            CREATE OR REPLACE TABLE {leads} AS
            SELECT * EXCLUDE (_place, _nth) FROM (
                SELECT *, row_number() OVER (PARTITION BY lead_id ORDER BY _place) AS _nth
                FROM (SELECT *, row_number() OVER () AS _place FROM {leads}) WHERE lead_id IS NOT NULL
            ) WHERE _nth = 1 ORDER BY _place
        """)
    connection.execute(f"UPDATE {leads} SET status = lower(status) WHERE status <> lower(status)")


def _finish_events(connection: duckdb.DuckDBPyConnection, names: Mapping[str, str], log: IssueLog) -> None:
    """Rows without a time or a lead are set aside; equal times of a lead keep the order of the frame."""
    for table in ("activities", "changes"):
        for code, where in (
            ("row_without_time", '"at" IS NULL'),
            ("row_without_lead", f"lead_id IS NULL OR lead_id NOT IN (SELECT lead_id FROM {names['leads']})"),
        ):
            count = scalar(connection, f"SELECT count(*) FROM {names[table]} WHERE {where}")
            if count:
                log.add(code, "error", value=table, count=count)
                connection.execute(f"DELETE FROM {names[table]} WHERE {where}")
    connection.execute(f"""
        CREATE OR REPLACE TABLE {names["changes"]} AS
        SELECT * REPLACE (coalesce(seq, row_number() OVER () - 1) AS seq,
                          coalesce(at_uncertainty_days, 0) AS at_uncertainty_days) FROM {names["changes"]}
    """)
    connection.execute(f"""
        UPDATE {names["activities"]} SET direction = coalesce(lower(direction), 'unknown'), kind = coalesce(lower(kind), 'other')
    """)
