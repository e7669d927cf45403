"""Workbooks with a sheet for the open, one for the won and one for the lost leads: the sheet's name is their block."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import quoted, text
from leadaudit.ingest.recognition.closing import named_closing

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.loading.load import LoadReport

COLUMN = "Sheet"
"""Header of the column that the names are written to; a number follows where the table has one of that name."""


def names_tell_endings(names: Iterable[str]) -> bool:
    """Whether the names of a workbook's sheets say what became of the leads on them.

    Examples
    --------
    >>> names_tell_endings(["Offen", "Gewonnen", "Verloren"]), names_tell_endings(["2025", "2026", "Legende"])
    (True, False)
    """
    listed = list(names)
    return len(listed) > 1 and any(named_closing(name) in ("won", "lost") for name in listed)


def write_name(connection: duckdb.DuckDBPyConnection, name: str, loaded: LoadReport, sheet: str) -> str:
    """Write the name of its sheet into every row of a text table.

    Parameters
    ----------
    connection : DuckDBPyConnection
    name : str
        Database table or view, with ``_line``.
    loaded : LoadReport
        Whose columns get one more.
    sheet : str

    Returns
    -------
    str
        The new column.
    """
    taken = {column.casefold() for column in loaded.columns}
    column = next(f"{COLUMN}{end}" for end in ("", *map(str, range(2, 99))) if f"{COLUMN}{end}".casefold() not in taken)
    home = quoted(loaded.home.table)
    connection.execute(f"ALTER TABLE {home} ADD COLUMN {quoted(column)} VARCHAR DEFAULT {text(sheet)}").fetchall()
    loaded.home.show(connection, name)
    return column
