"""A text table to a typed one: small ones are copied, big ones keep the columns that stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import fresh_name, quoted

if TYPE_CHECKING:
    from leadaudit.ingest.typed.sheet import Sheet

Columns = Mapping[str, tuple[str, str]]
"""Name to SQL over the text table, and database type."""

NO_VALUE = frozenset({"NULL", "NULL::TIMESTAMP", "NULL::BOOLEAN", "NULL::DOUBLE", "lower(NULL)"})


def make_table(sheet: Sheet, name: str, columns: Columns, order: str) -> None:
    """Make a typed table of the rows of a text table.

    Parameters
    ----------
    sheet : Sheet
        A big one is used up: its rows live on in the new table.
    name : str
        Of the new table.
    columns : mapping of name to (SQL, type)
    order : str
        SQL that puts the rows in order; empty where they stand in it.
    """
    # whose stages are columns is read once more for its history
    if sheet.is_big and not order and not sheet.recognised.stage_columns and _reshaped(sheet, name, columns):
        return
    listed = ", ".join(f"CAST({sql} AS {kind}) AS {quoted(column)}" for column, (sql, kind) in columns.items())
    sheet.connection.execute(f"CREATE TABLE {name} AS SELECT {listed} FROM {quoted(sheet.name)} {order}")


def _reshaped(sheet: Sheet, name: str, columns: Columns) -> bool:
    """Turn the table itself into the typed one: to copy a million rows of text takes half as long as to parse them.

    The columns come in another order than asked for: whoever reads the table names them. Those that stay as they are
    keep their order; of one that is wanted under two names, the last keeps the place.
    """
    import duckdb

    connection, table = sheet.connection, quoted(sheet.home.table)
    held = {quoted(column): kind for column, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall()}
    stays = {sql: column for column, (sql, kind) in columns.items() if held.get(sql) == kind}
    final: dict[str, str] = {}
    try:
        for column, (sql, kind) in columns.items():
            if stays.get(sql) != column:
                made = fresh_name("_made")
                final[made] = column
                _compute(sheet, made, sql, kind)
    except duckdb.BinderException:  # what needs more than its own row cannot be computed so
        sheet.home.show(connection, sheet.name)
        return False
    if sheet.home.table != sheet.name:
        connection.execute(f"DROP VIEW {quoted(sheet.name)}").fetchall()
    for cell in held:
        if cell in stays:  # first out of the way: "Name" is to be "name", and "Status" an extra column
            moved = fresh_name("_made")
            connection.execute(f"ALTER TABLE {table} RENAME COLUMN {cell} TO {moved}").fetchall()
            final[moved] = stays[cell]
        else:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {cell}").fetchall()
    for made, column in final.items():
        connection.execute(f"ALTER TABLE {table} RENAME COLUMN {made} TO {quoted(column)}").fetchall()
    connection.execute(f"ALTER TABLE {table} RENAME TO {name}").fetchall()
    return True


def _compute(sheet: Sheet, column: str, sql: str, kind: str) -> None:
    if sql in NO_VALUE:
        sheet.connection.execute(f"ALTER TABLE {quoted(sheet.home.table)} ADD COLUMN {column} {kind}").fetchall()
    else:
        told = sheet.home.line if sql == "_line" else sql
        sheet.home.compute(sheet.connection, sheet.name, column, kind, told)
