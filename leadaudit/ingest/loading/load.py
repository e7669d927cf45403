"""Text tables into DuckDB: all columns text, the line of the file beside them, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from leadaudit.ingest.loading.fast_load import NotFaithfulError, load_by_database
from leadaudit.ingest.loading.home import Home, discard
from leadaudit.ingest.loading.load_cells import arrow_of_cells, rows_below_header
from leadaudit.ingest.loading.suspects import take_out
from leadaudit.ingest.text.records import Record
from leadaudit.ingest.text.rows_between import SetAside
from leadaudit.ingest.text.spreadsheet import CellSource

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from leadaudit.ingest.text.text_table import TextTable

BATCH_ROWS = 20_000


@dataclass
class LoadReport:
    """What became of the rows of a table.

    Attributes
    ----------
    loaded_count : int
        Rows in the database table.
    columns : list of str
        Names of its text columns, in the order of the file; ``_line`` follows.
    set_aside : list of (line number, cells, why)
        Rows that are no data: blank, repeated header, subtotal, group label.
    ragged : list of (line number, cells)
        Rows with fewer or more cells than the table has columns. They *are* loaded: short ones
        padded with missing values, the surplus of long ones only here.
    home : Home
        Where the rows live, for whoever changes them.
    way : str
        ``duckdb`` (parsed by the database), ``stream`` (by our reader) or ``cells`` (a workbook).
    """

    loaded_count: int
    columns: list[str]
    home: Home
    set_aside: list[SetAside] = field(default_factory=list)
    ragged: list[Record] = field(default_factory=list)
    way: str = "stream"


def load_table(table: TextTable, connection: duckdb.DuckDBPyConnection, name: str) -> LoadReport:
    """Load a text table into a new database table.

    Parameters
    ----------
    table : TextTable
    connection : DuckDBPyConnection
    name : str
        Of the new table; an existing one of that name is replaced. Its columns are
        :meth:`TextTable.column_names`, all VARCHAR with empty cells missing, and ``_line`` BIGINT.

    Returns
    -------
    LoadReport
        ``loaded_count + len(set_aside)`` is the number of records below the header, remarks
        after the table (``dialect.rows_after``) apart.
    """
    discard(connection, name)
    if isinstance(table.origin, CellSource):
        return _load_cells(table, table.origin, connection, name)
    try:
        home, aside, ragged, after = load_by_database(table, connection, name)
    except NotFaithfulError:
        return _load_stream(table, connection, name)
    table.dialect.set_aside, table.dialect.rows_after, table.passed = aside, after, True
    ((count,),) = connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchall()
    return LoadReport(count, table.column_names(), home, aside, ragged, "duckdb")


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _load_stream(table: TextTable, connection: duckdb.DuckDBPyConnection, name: str) -> LoadReport:
    """Our own reader, in batches."""
    columns = table.column_names()
    report = LoadReport(0, columns, Home(name))
    _create(connection, name, columns)
    rows = _fitted(table, len(columns), report)
    while batch := list(islice(rows, BATCH_ROWS)):
        append_rows(connection, name, columns, batch)
        report.loaded_count += len(batch)
    report.set_aside = table.dialect.set_aside
    return report


def _create(connection: duckdb.DuckDBPyConnection, name: str, columns: list[str]) -> None:
    typed = ", ".join(f"{quoted(column)} VARCHAR" for column in columns)
    connection.execute(f"CREATE OR REPLACE TABLE {quoted(name)} ({typed}, _line BIGINT)").fetchall()


def _fitted(table: TextTable, width: int, report: LoadReport) -> Iterator[list[Any]]:
    """Rows of the table's width with their line as last cell."""
    for line, cells in table.numbered():
        if len(cells) != width:
            report.ragged.append((line, cells))
            yield [*cells[:width], *[None] * (width - len(cells)), line]
        else:
            yield [*cells, line]


def append_rows(connection: duckdb.DuckDBPyConnection, name: str, columns: list[str], batch: list[list[Any]]) -> None:
    """Append rows of text cells, each followed by its line, to a database table."""
    import pyarrow as pa

    *texts, lines = zip(*batch, strict=True)
    arrays = [pa.array([cell or None for cell in column], pa.string()) for column in texts]
    _insert(connection, name, pa.table([*arrays, pa.array(lines, pa.int64())], names=[*columns, "_line"]))


def _insert(connection: duckdb.DuckDBPyConnection, name: str, arrow: pa.Table | pa.RecordBatch) -> None:
    connection.register("leadaudit_batch", arrow)
    try:
        connection.execute(f"INSERT INTO {quoted(name)} SELECT * FROM leadaudit_batch").fetchall()
    finally:
        connection.unregister("leadaudit_batch")


def _load_cells(table: TextTable, origin: CellSource, connection: duckdb.DuckDBPyConnection, name: str) -> LoadReport:
    """Cells held in memory."""
    columns = table.column_names()
    rows, after = rows_below_header(table, origin)
    _create(connection, name, columns)
    with ThreadPoolExecutor(max_workers=1) as inserting:  # the database takes one block while the next is made
        before: Future[None] | None = None
        for block in arrow_of_cells(rows, table.layout.first_line, columns):
            if before is not None:
                before.result()
            before = inserting.submit(_insert, connection, name, block)
        if before is not None:
            before.result()
    home = Home(name)
    aside = take_out(table, connection, name, home)
    table.dialect.set_aside, table.dialect.rows_after, table.passed = aside, after, True
    return LoadReport(len(rows) - len(aside), columns, home, aside, [], "cells")
