"""Where the rows of a loaded text table live, and which line of the file each stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import quoted

if TYPE_CHECKING:
    import duckdb

LONG_EXPRESSION = 400
"""Longer SQL is left to an update, which the database optimises and shares out among cores; it takes twice the memory."""


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
        home.show(connection, name)
        return home

    def show(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Let readers of ``name`` see the columns that the table has now."""
        if self.table != name:
            connection.execute(
                f"CREATE OR REPLACE VIEW {quoted(name)} AS SELECT *, {self.line} AS _line FROM {quoted(self.table)}"
            ).fetchall()

    def compute(
        self, connection: duckdb.DuckDBPyConnection, name: str, column: str, kind: str, expression: str
    ) -> None:
        """Put a column beside the others that is computed from them: once, and without a copy of them.

        Parameters
        ----------
        connection : DuckDBPyConnection
        name : str
            What readers of the rows look at.
        column, kind : str
            Name and database type of the new column.
        expression : str
            SQL over the columns of the table, or :attr:`line`.
        """
        table, made = quoted(self.table), quoted(column)
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {made} {kind}").fetchall()
        if len(expression) > LONG_EXPRESSION or expression == self.line:
            connection.execute(f"UPDATE {table} SET {made} = CAST({expression} AS {kind})").fetchall()
        else:
            connection.execute(
                f"ALTER TABLE {table} ALTER COLUMN {made} SET DATA TYPE {kind} USING CAST({expression} AS {kind})"
            ).fetchall()
        self.show(connection, name)

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
