"""The order of changes that happened at one moment: the chain of stages, their display order, the file's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.database import first_row, fresh_name, scalar
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


def _without_ties(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether the rows stand in the order of the file and no lead has two of them at one moment: nothing to order."""
    turned = "SELECT count(*) FROM (SELECT _line < lag(_line) OVER () AS turned FROM {table}) WHERE turned"
    if scalar(connection, turned.format(table=table)):
        return False
    equal, falling, rising = first_row(
        connection,
        f"""
        SELECT count(*) FILTER ("at" = was), count(*) FILTER ("at" < was), count(*) FILTER ("at" > was) FROM (
            SELECT "at", lag("at") OVER (PARTITION BY lead_id ORDER BY _line) AS was FROM {table})
        """,
    )
    # Written in one direction throughout, equal moments of a lead would stand beside each other.
    return not equal and not (falling and rising)


def number_ties(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Set ``seq`` of a table of changes and drop its working columns; 0 throughout where nothing is tied.

    Parameters
    ----------
    connection : DuckDBPyConnection
    table : str
        CHANGES with ``_line`` and ``_place`` (display order of the stage, or NULL).
    """
    if _without_ties(connection, table):
        connection.execute(f"UPDATE {table} SET seq = 0 WHERE seq IS DISTINCT FROM 0")
        for (column,) in connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = $1", [table]
        ).fetchall():
            if column not in CHANGES:
                connection.execute(f'ALTER TABLE {table} DROP COLUMN "{column}"')
        return
    direction = "DESC" if newest_first(connection, table) else "ASC"
    ordered = fresh_name("ordered")
    connection.execute(f"""
        CREATE TABLE {ordered} AS SELECT * REPLACE (
            row_number() OVER (PARTITION BY lead_id ORDER BY "at", (before IS NOT NULL OR field <> 'stage'), _place, _line {direction}) - 1 AS seq
        ) FROM {table}
    """)
    _chain(connection, ordered)
    columns = ", ".join(f'"{column}"' for column in CHANGES)
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT {columns} FROM {ordered} ORDER BY _line, seq")
    connection.execute(f"DROP TABLE {ordered}")


def _chain(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Where rows of one moment do not follow from each other in this order, find the order in which they do."""
    rows = connection.execute(f"""
        WITH following AS (
            SELECT lead_id, "at", seq, before, after, lag(after) OVER w AS was, lag("at") OVER w AS was_at
            FROM {table} WHERE field = 'stage' WINDOW w AS (PARTITION BY lead_id ORDER BY "at", seq)
        ), broken AS (
            SELECT DISTINCT lead_id, "at" FROM following
            WHERE "at" = was_at AND before IS NOT NULL AND before IS DISTINCT FROM was
        )
        SELECT lead_id, "at", seq, before, after,
            first_value(was) OVER (PARTITION BY lead_id, "at" ORDER BY seq) AS came_from
        FROM following WHERE (lead_id, "at") IN (SELECT (lead_id, "at") FROM broken) ORDER BY lead_id, "at", seq
    """).fetchall()
    if not rows:
        return
    moved: list[tuple[str, int, int]] = []
    group: list[tuple[int, str | None, str | None]] = []
    key: tuple[object, object] | None = None
    start: str | None = None
    for lead, at, seq, before, after, came_from in [*rows, (None, None, 0, None, None, None)]:
        if (lead, at) != key:
            if key is not None:
                moved += [(str(key[0]), old, new) for old, new in _follow(group, start)]
            key, group, start = (lead, at), [], came_from
        group.append((seq, before, after))
    if moved:
        import pyarrow as pa

        leads, old, new = zip(*moved, strict=True)
        connection.register(
            "leadaudit_moved", pa.table({"lead_id": list(leads), "seq": list(old), "new_seq": list(new)})
        )
        connection.execute(
            f"UPDATE {table} c SET seq = m.new_seq FROM leadaudit_moved m WHERE c.lead_id = m.lead_id AND c.seq = m.seq"
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
