"""The first half of reading: files to recognised text tables in the database, not yet typed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadaudit.errors import ExportReadError
from leadaudit.ingest.export import Source
from leadaudit.ingest.issues import IssueLog
from leadaudit.ingest.loading.database import fresh_name, open_database
from leadaudit.ingest.loading.groups import fill_groups
from leadaudit.ingest.mapping import check_roles, given_roles, name_unused
from leadaudit.ingest.recognition.content import contents
from leadaudit.ingest.recognition.recognise import recognise
from leadaudit.ingest.recognition.sheet_names import COLUMN, names_tell_endings, write_name
from leadaudit.ingest.text.archive import tables_in
from leadaudit.ingest.text.spreadsheet import without_collector
from leadaudit.ingest.typed.sheet import Sheet

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.text.text_table import TextTable

Progress = Callable[..., None]
"""Called as ``progress(done_share, text_key, **fields)``."""

READING_SHARE = 0.7
"""Share of the time that goes into loading; the rest types and links."""

EXAMPLES_COUNT = 3


def silent(done_share: float, key: str, **fields: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Loaded:
    """Files as recognised text tables, not yet typed.

    Attributes
    ----------
    connection : DuckDBPyConnection
    sheets : tuple of Sheet
    log : IssueLog
    """

    connection: duckdb.DuckDBPyConnection
    sheets: tuple[Sheet, ...]
    log: IssueLog

    @property
    def has_leads(self) -> bool:
        """Whether one of the tables holds leads."""
        return any(sheet.recognised.table == "leads" for sheet in self.sheets)


def load(
    *paths: str | os.PathLike[str],
    mapping: Mapping[str, Mapping[str, str]] | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """The first half of :func:`leadaudit.read`: files to recognised text tables; parameters and errors as there."""
    report = progress or silent
    connection, log = open_database(), IssueLog()
    sheets: list[Sheet] = []
    if repeated := [str(path) for n, path in enumerate(paths) if path in paths[:n]]:
        paths = tuple(dict.fromkeys(paths))
        log.add("file_twice", "note", file=Path(repeated[0]).name, count=len(repeated))
    for number, path in enumerate(map(Path, paths)):
        report(READING_SHARE * number / len(paths), "reading", file=path.name)
        members = tables_in(path)
        with without_collector():  # a workbook's cells are there until its tables are in the database
            for member in members if len(members) > 1 else (None,):
                sheets += _load(connection, path, mapping or {}, log, member)
    name_unused(mapping or {}, [sheet.source for sheet in sheets], log)
    return Loaded(connection, tuple(sheets), log)


def _load(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    mapping: Mapping[str, Mapping[str, str]],
    log: IssueLog,
    member: str | None = None,
) -> list[Sheet]:
    """One file as recognised text tables in the database: one, or one per sheet of a workbook that is of use."""
    from leadaudit.ingest.text.text_table import read_text_table

    table = read_text_table(path, member=member)
    table.require_rows()
    sha256 = _hashed_meanwhile(path)
    file = path.name if member is None else f"{path.name}/{member}"
    told = names_tell_endings(sheet.name for sheet in table.dialect.sheets if sheet.visible)
    made = [_recognised(connection, table, file, mapping, log, sha256, by_sheet=told)]
    for sheet in table.dialect.sheets:
        if not sheet.visible or sheet.name == table.dialect.sheet:
            continue
        try:
            other = read_text_table(path, sheet=sheet.name, member=member)
        except ExportReadError:
            continue
        if other.lacking:
            continue
        own = IssueLog()
        found = _recognised(connection, other, file, mapping, own, sha256, further=True, by_sheet=told)
        enough = min(FURTHER_SHEET_SCORE, made[0].recognised.confidence)
        if found.recognised.confidence >= enough and found.recognised.table != "other":
            log.extend(own)
            found.log = log
            made.append(found)
        else:
            log.add("table_not_used", "note", file=file, sheet=sheet.name, count=found.source.rows_read)
    return made


FURTHER_SHEET_SCORE = 0.4
"""Further sheets of a workbook are often notes and pivots: they count only where they are recognised well, or as well as
the largest."""


def _recognised(
    connection: duckdb.DuckDBPyConnection,
    table: TextTable,
    file: str,
    mapping: Mapping[str, Mapping[str, str]],
    log: IssueLog,
    sha256: Future[str],
    *,
    further: bool = False,
    by_sheet: bool = False,
) -> Sheet:
    """A text table in the database, and what it was recognised as."""
    name = fresh_name("raw")
    loaded = table.to_duckdb(connection, name)
    fill_groups(connection, name, loaded)
    dialect = table.dialect
    for line, cells, why in loaded.set_aside:
        log.add(
            f"row_{why.replace(' ', '_')}",
            "error",
            file=file,
            sheet=dialect.sheet,
            row=line,
            value=next((c for c in cells if c), None),
        )
    for line, cells in loaded.ragged:
        log.add("row_ragged", "warning", file=file, sheet=dialect.sheet, row=line, value=str(len(cells)))
    for place, count in dialect.unvalued_formulas.items():
        name_of_column = loaded.columns[place] if place < len(loaded.columns) else None
        log.add("formula_without_value", "warning", file=file, sheet=dialect.sheet, column=name_of_column, count=count)
    headers = [table.header[n] if n < len(table.header) else "" for n in range(len(loaded.columns))]
    if by_sheet:
        loaded.columns.append(write_name(connection, name, loaded, dialect.sheet or ""))
        headers.append(COLUMN)
    looked = contents(connection, loaded.home, loaded.columns, headers)
    columns = dict(zip(headers, loaded.columns, strict=True))
    given, kind = given_roles(mapping, file, dialect.sheet if further else None, columns)
    found = recognise(looked, file_name=file.rsplit("/", 1)[-1], mapping=given, table=kind)
    check_roles(given, found.table, file)
    source = Source(
        file=file, kind=found.table, sheet=dialect.sheet or "", crm=found.crm, crm_object=found.crm_object,
        language=found.language, confidence=min(1.0, found.confidence),
        roles=dict(found.roles), sure=found.sure,
        encoding=dialect.encoding, delimiter=dialect.delimiter,
        header_row=None if dialect.header_row is None else dialect.header_row + 1,
        rows_read=loaded.loaded_count + len(loaded.set_aside), rows_set_aside=len(loaded.set_aside),
        sha256=sha256.result(), columns=tuple(loaded.columns), stage_columns=tuple(found.stage_columns),
        examples={content.column: tuple(content.values[:EXAMPLES_COUNT]) for content in looked},
    )  # fmt: skip
    return Sheet(
        connection, name, {c.column: c for c in looked}, found, log, source, home=loaded.home, date1904=dialect.date1904
    )


def _hashed_meanwhile(path: Path) -> Future[str]:
    """The hash of a file, made beside the parsing, which leaves a core free for much of its time."""
    executor = ThreadPoolExecutor(max_workers=1)
    try:
        return executor.submit(_sha256, path)
    finally:
        executor.shutdown(wait=False)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
