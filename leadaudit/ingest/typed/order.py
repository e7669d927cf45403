"""The order of changes that happened at one moment: the chain of stages, their display order, the file's order."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import first_row, fresh_name, scalar
from leadaudit.tables import CHANGES

if TYPE_CHECKING:
    import duckdb


def newest_first(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a history is written from the newest to the oldest row, judged within leads and overall."""
    falling, rising = first_row(
        connection,
        f"""
        SELECT count(*) FILTER ("at" < was), count(*) FILTER ("at" > was) FROM (
            SELECT "at", lag("at") OVER (PARTITION BY lead_id ORDER BY _line) AS was FROM {table})
        """,
    )
    if falling == rising:
        falling, rising = first_row(
            connection,
            f"""SELECT count(*) FILTER ("at" < was), count(*) FILTER ("at" > was) FROM (
                SELECT "at", lag("at") OVER (ORDER BY _line) AS was FROM {table})""",
        )
    return bool(falling > rising)


def number_ties(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Set ``seq`` of a table of changes, put it in the order of the file and drop its working columns.

    Parameters
    ----------
    connection : DuckDBPyConnection
    table : str
        CHANGES with ``seq`` 0, ``_line`` and ``_place`` (display order of the stage, or NULL). Changes of a lead at
        one moment are counted from 0; a change alone at its moment keeps 0.
    """
    tied = fresh_name("tied")
    # Few moments have two changes of a lead: they are found by a number, which groups faster, and checked by value.
    connection.execute(f"""
        CREATE TEMP TABLE {tied} AS SELECT lead_id, "at" FROM {table} WHERE hash(lead_id, "at") IN (
            SELECT hash(lead_id, "at") AS moment FROM {table} GROUP BY moment HAVING count(*) > 1)
        GROUP BY lead_id, "at" HAVING count(*) > 1
    """)
    if scalar(connection, f"SELECT count(*) FROM {tied}"):
        direction = "DESC" if newest_first(connection, table) else "ASC"
        connection.execute(f"""
            UPDATE {table} SET seq = o.seq FROM (
                SELECT row, row_number() OVER (PARTITION BY lead_id, "at" ORDER BY
                    (before IS NOT NULL OR field <> 'stage'), _place, _line {direction}, row) - 1 AS seq
                FROM (SELECT *, rowid AS row FROM {table}) SEMI JOIN {tied} USING (lead_id, "at")
            ) o WHERE o.row = {table}.rowid AND o.seq > 0
        """)
        _chain(connection, table, tied)
    connection.execute(f"DROP TABLE {tied}")
    _settle(connection, table)


def _settle(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Leave the columns of CHANGES, sorted only where the rows do not stand in the order of the file already."""
    above = ", ".join(f'"{key}", lag("{key}") OVER () AS {key}_above' for key in ("_line", "at", "seq"))
    turned = """_line < _line_above
        OR (_line = _line_above AND ("at" < at_above OR ("at" = at_above AND seq < seq_above)))"""
    if scalar(connection, f"SELECT count(*) FROM (SELECT {above} FROM {table}) WHERE {turned}"):
        columns = ", ".join(f'"{column}"' for column in CHANGES)
        connection.execute(
            f'CREATE OR REPLACE TABLE {table} AS SELECT {columns} FROM {table} ORDER BY _line, "at", seq'
        )
        return
    found = connection.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = $1", [table]).fetchall()
    for (column,) in found:
        if column not in CHANGES:
            connection.execute(f'ALTER TABLE {table} DROP COLUMN "{column}"')


def _chain(connection: duckdb.DuckDBPyConnection, table: str, tied: str) -> None:
    """Where rows of one moment do not follow from each other in this order, find the order in which they do."""
    rows = connection.execute(f"""
        WITH following AS (
            SELECT lead_id, "at", seq, before, after, lag(after) OVER w AS was, lag("at") OVER w AS was_at
            FROM {table} WHERE field = 'stage' AND lead_id IN (SELECT lead_id FROM {tied})
            WINDOW w AS (PARTITION BY lead_id ORDER BY "at", seq)
        ), broken AS (
            SELECT DISTINCT lead_id, "at" FROM following
            WHERE "at" = was_at AND before IS NOT NULL AND before IS DISTINCT FROM was
        )
        SELECT lead_id, "at", seq, before, after,
            first_value(was) OVER (PARTITION BY lead_id, "at" ORDER BY seq) AS came_from
        FROM following SEMI JOIN broken USING (lead_id, "at") ORDER BY lead_id, "at", seq
    """).fetchall()
    moved: list[tuple[str, object, int, int]] = []
    for (lead, at), group in groupby(rows, key=itemgetter(0, 1)):
        moment = list(group)
        moved += [(lead, at, old, new) for old, new in _follow([row[2:5] for row in moment], moment[0][5])]
    if moved:
        import pyarrow as pa

        columns = dict(zip(("lead_id", "moment", "old", "new"), map(list, zip(*moved, strict=True)), strict=True))
        connection.register("leadaudit_moved", pa.table(columns))
        connection.execute(
            f"UPDATE {table} c SET seq = m.new FROM leadaudit_moved m "
            'WHERE c.lead_id = m.lead_id AND c."at" = m.moment AND c.seq = m.old'
        )
        connection.unregister("leadaudit_moved")


def _follow(group: list[tuple[int, str | None, str | None]], start: str | None) -> list[tuple[int, int]]:
    """Old and new numbers of rows of one moment, each following from the one before where possible.

    Examples
    --------
    >>> _follow([(3, "B", "C"), (4, "A", "B")], "A")
    [(4, 3), (3, 4)]
    """
    left = list(group)
    standing = start
    if standing is None or all(before != standing for _, before, _ in left):
        entered = {after for _, _, after in left}
        first = next((row for row in left if row[1] not in entered), left[0])
        standing = first[1]
    chain: list[int] = []
    while left:
        row = next((one for one in left if one[1] == standing), left[0])
        left.remove(row)
        chain.append(row[0])
        standing = row[2]
    numbers = sorted(seq for seq, _, _ in group)
    return [(old, new) for old, new in zip(chain, numbers, strict=True) if old != new]
