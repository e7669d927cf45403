"""Clean delimited files loaded by DuckDB's own parser; anything doubtful is left to our reader.

The database parses; we only count. A load is accepted when every physical line of the file is
accounted for, otherwise :class:`NotFaithfulError` sends the file to the streamed reader.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.home import Home
from leadaudit.ingest.loading.suspects import take_out
from leadaudit.ingest.text.encoding import transcoded
from leadaudit.ingest.text.records import Record, RecordReader
from leadaudit.ingest.text.rows_between import TRAILER_ROWS, is_trailer

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.text.delimited import DelimitedSource
    from leadaudit.ingest.text.rows_between import SetAside
    from leadaudit.ingest.text.text_table import TextTable

LONGEST_LINE_BYTES = 16 * 1024 * 1024
RAGGED_SHARE_LIMIT = 0.02
"""With more ragged rows than this our own reader is faster than sorting out rejects."""

_SCANS, _REJECTS = "leadaudit_reject_scans", "leadaudit_rejects"
_RAGGED = frozenset(("MISSING COLUMNS", "TOO MANY COLUMNS"))


class NotFaithfulError(Exception):
    """DuckDB cannot read this file so that every line is accounted for."""


def load_by_database(
    table: TextTable, connection: duckdb.DuckDBPyConnection, name: str
) -> tuple[Home, list[SetAside], list[Record], list[list[str]]]:
    """Load with ``read_csv``; give home, rows set aside, ragged rows (loaded, padded) and rows after the table.

    Raises
    ------
    NotFaithfulError
        The file has to be read another way; the database table may exist in part.
    """
    from leadaudit.ingest.text.delimited import DelimitedSource

    origin = table.origin
    if not isinstance(origin, DelimitedSource) or not _suits(table, origin):
        raise NotFaithfulError
    with _as_utf8(table.path, origin) as file:
        rejects = _parse(table, origin, connection, name, file)
    ragged = _ragged_rows(table, origin, rejects)
    home = _number_lines(table, origin, connection, name, ragged)
    loaded_ragged, after = _append_ragged(table, connection, name, ragged)
    after_in_table = _trailers(table, connection, name, home)
    return home, take_out(table, connection, name, home), loaded_ragged, [*after_in_table, *after]


def _suits(table: TextTable, origin: DelimitedSource) -> bool:
    syntax, layout = origin.syntax, table.layout
    one_line_header = layout.header_line is None or layout.first_line == layout.header_line + 1
    return (
        one_line_header
        and 1 <= len(syntax.delimiter.encode()) <= 4
        and syntax.escapechar is None
        and not syntax.skip_initial_space
        and layout.width == len(table.column_names())
        and not origin.survey.has_null
        and not any("\n" in cell for row in layout.rows_before for cell in row)
        and not origin.skipped_line
        and not (origin.survey.newline_mixed and origin.survey.newline == "\r")
    )


@contextmanager
def _as_utf8(path: Path, origin: DelimitedSource) -> Iterator[Path]:
    """The file itself, or a temporary copy that is plain UTF-8."""
    survey = origin.survey
    if survey.encoding == "utf-8" and not survey.stray and not origin.source.compression:
        yield path
        return
    handle, copy = tempfile.mkstemp(suffix=".csv", prefix="leadaudit-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(transcoded(origin.source.open_bytes, survey))
        yield Path(copy)
    finally:
        Path(copy).unlink(missing_ok=True)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _parse(
    table: TextTable, origin: DelimitedSource, connection: duckdb.DuckDBPyConnection, name: str, file: Path
) -> list[tuple[int, str, str]]:
    """Let DuckDB read; give record number, kind of error and text of what it refused."""
    import duckdb

    from leadaudit.ingest.loading.load import quoted

    columns = ", ".join(f"{_literal(column)}: 'VARCHAR'" for column in table.column_names())
    syntax = origin.syntax
    options = [
        "auto_detect=false",
        "header=false",
        f"skip={table.layout.first_line - 1}",
        f"delim={_literal(syntax.delimiter)}",
        f"quote={_literal(syntax.quotechar)}",
        f"escape={_literal(syntax.quotechar)}",
        f"columns={{{columns}}}",
        "strict_mode=true",
        "store_rejects=true",
        f"rejects_table={_literal(_REJECTS)}",
        f"rejects_scan={_literal(_SCANS)}",
        f"max_line_size={LONGEST_LINE_BYTES}",
    ]
    if origin.survey.newline == "\r":
        options.append("new_line='\\r'")
    pattern = str(file).replace("[", "[[]")  # the name is a pattern: a bracket in it would be one, too
    query = f"SELECT * FROM read_csv({_literal(pattern)}, {', '.join(options)})"
    try:
        connection.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS {query}").fetchall()
        found = connection.execute(
            f"SELECT line, any_value(error_type::VARCHAR), any_value(csv_line) FROM {_REJECTS} GROUP BY line ORDER BY line"
        ).fetchall()
    except duckdb.Error as error:
        raise NotFaithfulError from error
    finally:
        for leftover in (_REJECTS, _SCANS):
            connection.execute(f"DROP TABLE IF EXISTS {leftover}").fetchall()
    return [(int(line), str(kind), str(text or "")) for line, kind, text in found]


def _ragged_rows(table: TextTable, origin: DelimitedSource, rejects: list[tuple[int, str, str]]) -> list[Record]:
    """Cells of the refused rows, where each is one line with too few or too many of them."""
    if len(rejects) > max(200, RAGGED_SHARE_LIMIT * origin.survey.line_count):
        raise NotFaithfulError
    ragged = []
    for line, kind, text in rejects:
        bare = text.strip("\r\n")
        if kind not in _RAGGED or "\n" in bare or "\r" in bare:
            raise NotFaithfulError
        ((_, cells),) = RecordReader([bare], origin.syntax, table.layout.width)
        ragged.append((line, cells))
    return ragged


def _number_lines(
    table: TextTable, origin: DelimitedSource, connection: duckdb.DuckDBPyConnection, name: str, ragged: list[Record]
) -> Home:
    """Tell the line of each row, and check that every physical line is accounted for."""
    from leadaudit.ingest.loading.load import quoted

    target = quoted(name)
    above = table.layout.first_line - 1
    ((row_count,),) = connection.execute(f"SELECT count(*) FROM {target}").fetchall()
    missing = origin.survey.line_count - above - row_count - len(ragged) - origin.survey.blank_lines_at_end
    if missing == 0 and not ragged:
        return Home.by_place(connection, name, above + 1)
    connection.execute(f"ALTER TABLE {target} ADD COLUMN _line BIGINT").fetchall()
    if missing == 0:
        _number_around(connection, target, above, ragged)
    elif missing > 0 and not ragged:
        _number_over_breaks(connection, target, above, missing, table.column_names())
    else:
        raise NotFaithfulError
    return Home(name)


def _number_around(connection: duckdb.DuckDBPyConnection, target: str, above: int, ragged: list[Record]) -> None:
    """Lines of the rows before, between and after the refused ones."""
    starts = [0, *(line - above - 1 - position for position, (line, _) in enumerate(ragged))]
    values = ", ".join(f"({start}, {shift})" for shift, start in enumerate(starts))
    connection.execute(
        f"UPDATE {target} SET _line = placed.line FROM ("
        f" SELECT numbered.row AS row, numbered.row + {above + 1} + shifts.shift AS line"
        f" FROM (SELECT rowid AS row FROM {target}) numbered"
        f" ASOF JOIN (SELECT start, max(shift) AS shift FROM (VALUES {values}) v(start, shift) GROUP BY start) shifts"
        f" ON numbered.row >= shifts.start) placed WHERE placed.row = {target}.rowid"
    ).fetchall()


def _number_over_breaks(
    connection: duckdb.DuckDBPyConnection, target: str, above: int, missing: int, columns: list[str]
) -> None:
    """Lines where cells hold line breaks: each moves all later rows down."""
    from leadaudit.ingest.loading.load import quoted

    tests = ", ".join(
        f"bool_or(contains({quoted(column)}, chr(10)) OR contains({quoted(column)}, chr(13)))" for column in columns
    )
    (flags,) = connection.execute(f"SELECT {tests} FROM {target}").fetchall()
    broken = [quoted(column) for column, flag in zip(columns, flags, strict=True) if flag]
    if not broken:
        raise NotFaithfulError
    # a line break is CR LF, CR or LF: count the characters left when CR LF has become LF
    breaks = " + ".join(
        f"coalesce(length(regexp_replace(replace({column}, chr(13) || chr(10), chr(10)), '[^\\r\\n]', '', 'g')), 0)"
        for column in broken
    )
    connection.execute(
        f"UPDATE {target} SET _line = placed.line FROM ("
        f" SELECT row, row + {above + 1} + coalesce(sum(breaks) OVER ("
        f"ORDER BY row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS line"
        f" FROM (SELECT rowid AS row, {breaks} AS breaks FROM {target})) placed"
        f" WHERE placed.row = {target}.rowid"
    ).fetchall()
    ((total,),) = connection.execute(f"SELECT sum({breaks}) FROM {target}").fetchall()
    if total != missing:
        raise NotFaithfulError


def _append_ragged(
    table: TextTable, connection: duckdb.DuckDBPyConnection, name: str, ragged: list[Record]
) -> tuple[list[Record], list[list[str]]]:
    """Put ragged rows into the table, padded; leave out remarks at the end of the file."""
    from leadaudit.ingest.loading.load import append_rows, quoted

    width = table.layout.width
    kept = list(ragged)
    ((last,),) = connection.execute(f"SELECT max(_line) FROM {quoted(name)}").fetchall()
    after: list[list[str]] = []
    while kept and kept[-1][0] > (last or 0) and is_trailer(kept[-1][1], table.layout):
        after.insert(0, kept.pop()[1])
    rows = [[*cells[:width], *[None] * (width - len(cells)), line] for line, cells in kept]
    if rows:
        append_rows(connection, name, table.column_names(), rows)
    return [(line, cells) for line, cells in kept if len(cells) != width], after


def _trailers(table: TextTable, connection: duckdb.DuckDBPyConnection, name: str, home: Home) -> list[list[str]]:
    """Take out remarks below the table that have as many cells as the table."""
    last = connection.execute(_last_rows(connection, name, home)).fetchall()
    after: list[list[str]] = []
    lines: list[int] = []
    for *cells, line in last:
        row = [cell or "" for cell in cells]
        if not is_trailer(row, table.layout):
            break
        after.insert(0, row)
        lines.append(line)
    home.delete(connection, lines)
    return after


def _last_rows(connection: duckdb.DuckDBPyConnection, name: str, home: Home) -> str:
    """SQL of the last rows, the last first; where their place tells their line, the database need not look for them."""
    from leadaudit.ingest.loading.load import quoted

    if home.table == name:
        return f"SELECT * FROM {quoted(name)} ORDER BY _line DESC LIMIT {TRAILER_ROWS}"
    ((count,),) = connection.execute(f"SELECT count(*) FROM {quoted(home.table)}").fetchall()
    return (
        f"SELECT *, {home.line} AS _line FROM {quoted(home.table)}"
        f" WHERE rowid >= {count - TRAILER_ROWS} ORDER BY _line DESC"
    )
