"""Groups of a grouped export: the label above the rows becomes a value of each of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import quoted, scalar

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.loading.load import LoadReport

_COUNT_BEHIND = re.compile(r"\s*\([\d.,]+\)$")


def fill_groups(connection: duckdb.DuckDBPyConnection, name: str, loaded: LoadReport) -> bool:
    """Write the labels of groups into the rows below them, where their column is empty in all rows.

    Parameters
    ----------
    connection : DuckDBPyConnection
    name : str
        Database table of text with ``_line``.
    loaded : LoadReport
        Whose rows set aside are the labels; the count behind a label ("New (12)") is left out.

    Returns
    -------
    bool
        Whether a column was filled.
    """
    labels = [(line, cells) for line, cells, why in loaded.set_aside if why == "group label"]
    places = {next((place for place, cell in enumerate(cells) if cell.strip()), 0) for _, cells in labels}
    if len(labels) < 2 or len(places) != 1 or max(places) >= len(loaded.columns):
        return False
    place = places.pop()
    column, table, home = quoted(loaded.columns[place]), quoted(name), loaded.home
    if scalar(connection, f"SELECT count({column}) FROM {table}"):
        return False
    values = [_COUNT_BEHIND.sub("", cells[place].strip()) for _, cells in labels]
    connection.execute(
        f"UPDATE {quoted(home.table)} SET {column} = f.label FROM ("
        f" SELECT r._line AS line, g.label FROM {table} r ASOF JOIN"
        f" (SELECT unnest($1::BIGINT[]) AS start, unnest($2::VARCHAR[]) AS label) g ON r._line > g.start) f"
        f" WHERE f.line = {home.line}",
        [[line for line, _ in labels], values],
    ).fetchall()
    return True
