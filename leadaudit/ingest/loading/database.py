"""The embedded database that an export lives in."""

from __future__ import annotations

import tempfile
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

_NUMBERS = count(1)

DATABASE = "export"
"""Name of the database within the connection."""


def open_database() -> duckdb.DuckDBPyConnection:
    """Open a database in memory that fetches nothing from a network and keeps the order of rows."""
    import duckdb

    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
            "allocator_background_threads": True,  # else memory of dropped tables is kept from everybody else
            # Compressing is said explicitly: on its own, every larger change would compress all tables once more.
            "checkpoint_threshold": "1TB",
            "temp_directory": tempfile.gettempdir(),
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    # A database of its own, because the one that a connection begins with cannot be compressed in memory.
    connection.execute(f"ATTACH ':memory:' AS {DATABASE} (COMPRESS)")
    connection.execute(f"USE {DATABASE}")
    return connection


def compress(connection: duckdb.DuckDBPyConnection) -> None:
    """Compress all tables where they are: names and subjects repeat, and ten times less memory is read faster, too."""
    connection.execute(f"CHECKPOINT {DATABASE}")


def memory_bytes(connection: duckdb.DuckDBPyConnection) -> int:
    """Bytes that the database holds in memory."""
    return scalar(connection, "SELECT sum(memory_usage_bytes) FROM duckdb_memory()")


def fresh_name(stem: str) -> str:
    """Make up a table name that was not used before in this process."""
    return f"{stem}_{next(_NUMBERS)}"


def quoted(name: str) -> str:
    """A name as SQL writes it: in double quotes, those within it doubled.

    Examples
    --------
    >>> print(quoted("Deal Stage"))
    "Deal Stage"
    """
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL writes it.

    Examples
    --------
    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def listing(values: list[str] | tuple[str, ...]) -> str:
    """Texts as an SQL list in parentheses."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def first_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """The first row of a query; its result is read to the end, so that the connection is free again."""
    rows = connection.execute(query).fetchall()
    return tuple(rows[0]) if rows else ()


def scalar(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """The first cell of a query that gives a number; 0 for none."""
    row = first_row(connection, query)
    return int(row[0]) if row and row[0] is not None else 0
