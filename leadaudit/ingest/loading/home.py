"""Where the rows of a loaded text table live, and which line of the file each stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import quoted

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Home:
    """The database table that is written to, where its readers look at rows with ``_line``.

    Where rows follow each other line by line, the place of a row tells its line. Readers then look at a view
    that computes it: to write the lines of ten million rows takes as long as to parse them.

    Attributes
    ----------
    table : str
        Database table of the rows.
    line : str
        SQL of a row's line in it.
    """

    table: str
    line: str = "_line"

    @classmethod
    def by_place(cls, connection: duckdb.DuckDBPyConnection, name: str, first_line: int) -> Home:
        """Put a view with ``_line`` in the place of a table without it whose first row stands on ``first_line``."""
        home = cls(f"{name}_rows", f"rowid + {first_line}")
        connection.execute(f"DROP TABLE IF EXISTS {quoted(home.table)}").fetchall()
        connection.execute(f"ALTER TABLE {quoted(name)} RENAME TO {quoted(home.table)}").fetchall()
        connection.execute(
            f"CREATE VIEW {quoted(name)} AS SELECT *, {home.line} AS _line FROM {quoted(home.table)}"
        ).fetchall()
        return home

    def delete(self, connection: duckdb.DuckDBPyConnection, lines: list[int]) -> None:
        """Delete the rows that stand on these lines."""
        if lines:
            connection.execute(
                f"DELETE FROM {quoted(self.table)} WHERE {self.line} IN (SELECT unnest($1))", [lines]
            ).fetchall()


def discard(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Drop a text table: the table of that name, or the view of that name and its rows."""
    found = connection.execute("SELECT 1 FROM duckdb_views() WHERE view_name = $1", [name]).fetchall()
    if found:
        connection.execute(f"DROP VIEW {quoted(name)}").fetchall()
    connection.execute(f"DROP TABLE IF EXISTS {quoted(f'{name}_rows' if found else name)}").fetchall()
