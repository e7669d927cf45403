"""Typed tables to an export: dates far ahead are named, the span and the letters of evidence are found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.ingest.export import Export, Source
from leadaudit.ingest.issues import IssueLog
from leadaudit.ingest.loading.database import first_row, scalar
from leadaudit.ingest.span import event_days, last_resort, letters, newest_day
from leadaudit.language import Language
from leadaudit.tables import DUCKDB_TYPE, Table

if TYPE_CHECKING:
    import duckdb


def typed_columns(table: Table, expressions: Mapping[str, str]) -> str:
    """The columns of a table as a list for SELECT: given expressions cast, missing ones NULL.

    Examples
    --------
    >>> from leadaudit.tables import Column
    >>> typed_columns({"amount": Column("number", "value")}, {})
    'CAST(NULL AS DOUBLE) AS "amount"'
    """
    return ", ".join(
        f'CAST({expressions.get(name, "NULL")} AS {DUCKDB_TYPE[column.kind]}) AS "{name}"'
        for name, column in table.items()
    )


def assemble(
    connection: duckdb.DuckDBPyConnection,
    names: Mapping[str, str],
    log: IssueLog,
    *,
    sources: tuple[Source, ...] = (),
    language: Language = "en",
    timezone: str = "UTC",
    extra_columns: tuple[str, ...] = (),
    present: frozenset[str] = frozenset(),
) -> Export:
    """Make an export of finished tables.

    Parameters
    ----------
    connection : DuckDBPyConnection
    names : mapping of table to database table
        ``leads`` (unique ``lead_id``), ``activities``, ``changes``.
    log : IssueLog
        Issues so far; dates far ahead are added.
    sources, language, timezone, extra_columns, present
        As in :class:`Export`.
    """
    days = event_days(connection, names)
    newest = newest_day(days)
    if newest is not None and newest < days["day"].iloc[-1]:
        _name_far_ahead(connection, names, log, newest + pd.Timedelta(days=1))
    known_until = (newest if newest is not None else pd.Timestamp(1970, 1, 1)) + pd.Timedelta(days=1)
    return Export(
        connection=connection,
        names=dict(names),
        issues=log.frame(),
        sources=sources,
        evidence=letters(connection, names),
        known_until=known_until.as_unit("us"),
        first_known=_first_known(connection, names, known_until),
        language=language,
        timezone=timezone,
        extra_columns=extra_columns,
        present=present,
    )


def _name_far_ahead(
    connection: duckdb.DuckDBPyConnection, names: Mapping[str, str], log: IssueLog, until: pd.Timestamp
) -> None:
    """Creations and endings far ahead lose their date; far-ahead events stay and are never reached."""
    moment = f"TIMESTAMP '{until:%Y-%m-%d}'"
    for column, condition in (("created_at", "true"), ("closed_at", "status IN ('won', 'lost')")):
        where = f"{column} >= {moment} AND {condition}"
        count = scalar(connection, f"SELECT count(*) FROM {names['leads']} WHERE {where}")
        if count:
            log.add("date_far_ahead", "warning", column=column, count=count)
            connection.execute(f"UPDATE {names['leads']} SET {column} = NULL WHERE {where}")
    for table, condition in (("changes", "true"), ("activities", "done IS DISTINCT FROM false")):
        count = scalar(connection, f'SELECT count(*) FROM {names[table]} WHERE "at" >= {moment} AND {condition}')
        if count:
            log.add("date_far_ahead", "warning", column="at", value=table, count=count)


def _first_known(
    connection: duckdb.DuckDBPyConnection, names: Mapping[str, str], known_until: pd.Timestamp
) -> pd.Timestamp:
    row = first_row(
        connection,
        f"""
        SELECT least((SELECT min(created_at) FROM {names["leads"]}), (SELECT min("at") FROM {names["changes"]}),
                     (SELECT min("at") FROM {names["activities"]} WHERE done IS DISTINCT FROM false),
                     (SELECT min(moment) FROM ({last_resort(names)})))
    """,
    )
    found = row[0] if row else None
    return pd.Timestamp(found if found is not None else known_until).as_unit("us")
