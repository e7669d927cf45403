"""What was recognised in a client's files, before anything is judged: for ``leadaudit inspect``.

>>> from leadaudit.inspection import look                     # doctest: +SKIP
>>> print(look("deals.csv", "activities.xlsx").text("en"))    # doctest: +SKIP
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadaudit.errors import ExportReadError
from leadaudit.ingest.export import Export, Source
from leadaudit.ingest.files import Loaded, Progress, load
from leadaudit.ingest.read import typed
from leadaudit.ingest.typed.choice import lacking_in
from leadaudit.language import Language

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Inspection:
    """What each file is, what its columns are, what is wrong in it, and what one more file would add.

    Attributes
    ----------
    sources : tuple of Source
        One per table. Their ``examples`` are the client's values: for a terminal, never for a log.
    issues : DataFrame
        ISSUES (:mod:`leadaudit.tables`).
    language : {"de", "en"}
        Of the headers, or as asked for.
    timezone : str or None
        Zone that timestamps were brought to; None without leads.
    evidence : str or None
        Letters that the files have together, such as ``"HE"``; None without leads.
    first_known, known_until : Timestamp or None
        The oldest moment, and the first moment not known; None without leads.
    counts : mapping of table to int
        Rows of leads, activities and changes that came of it; empty without leads.
    """

    sources: tuple[Source, ...]
    issues: pd.DataFrame
    language: Language
    timezone: str | None = None
    evidence: str | None = None
    first_known: pd.Timestamp | None = None
    known_until: pd.Timestamp | None = None
    counts: Mapping[str, int] | None = None

    def text(self, language: Language | None = None, *, width: int = 120) -> str:
        """All of it as plain text, lines at most ``width`` characters."""
        from leadaudit.inspection.showing import plain

        return plain(self, language or self.language, width)

    def record(self) -> dict[str, Any]:
        """All of it as JSON values; ``docs/inspect.schema.json`` describes them."""
        from leadaudit.inspection.record import record

        return record(self)

    def mapping_text(self, language: Language | None = None) -> str:
        """The recognised columns as a mapping file to edit."""
        from leadaudit.inspection.mapping_file import mapping_text

        return mapping_text(self.sources, language or self.language)

    def __repr__(self) -> str:
        """Tables and rows, no values."""
        tables = ", ".join(f"{source.file}: {source.kind}" for source in self.sources)
        return f"<Inspection: {tables}; {sum(source.rows_read for source in self.sources)} rows>"


def inspect(export: Export) -> Inspection:
    """Say what an export that was read consists of.

    Parameters
    ----------
    export : Export

    Returns
    -------
    Inspection

    Examples
    --------
    >>> import leadaudit
    >>> from leadaudit.packaged import sample_paths
    >>> found = inspect(leadaudit.read(*sample_paths()))
    >>> [(source.kind, source.language) for source in found.sources]
    [('activities', 'de'), ('leads', 'de'), ('changes', 'de')]
    """
    return Inspection(
        sources=export.sources,
        issues=export.issues,
        language=export.language,
        timezone=export.timezone,
        evidence=export.evidence,
        first_known=export.first_known,
        known_until=export.known_until,
        counts={table: export.count(table) for table in ("leads", "activities", "changes")},
    )


def look(
    *paths: str | os.PathLike[str],
    mapping: Mapping[str, Mapping[str, str]] | None = None,
    timezone: str | None = None,
    language: Language | None = None,
    dated: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Inspection:
    """Read files as :func:`leadaudit.read` does and say what they are; leads may be missing among them.

    Parameters
    ----------
    *paths, mapping, timezone, language, dated, progress
        As in :func:`leadaudit.read`.

    Returns
    -------
    Inspection
        Without leads only what the tables are: nothing can be linked, so nothing is typed.

    Raises
    ------
    ExportReadError
        A file is missing, empty, damaged or no table.
    ColumnMappingError
        No table is one of a CRM, or the mapping names a column that is not there.
    """
    if not paths:
        raise ExportReadError("no_leads", available="-")
    loaded = load(*paths, mapping=mapping, progress=progress)
    if loaded.has_leads:
        export = typed(loaded, timezone=timezone, language=language, dated=dated, progress=progress)
        return inspect(export)
    _refuse_foreign(loaded)
    sources = tuple(sheet.source for sheet in loaded.sheets)
    spoken: Language = language or ("de" if sources[0].language == "de" else "en")
    return Inspection(sources, loaded.log.frame(), spoken)


def _refuse_foreign(loaded: Loaded) -> None:
    """Files none of which looks like a table of a CRM."""
    if any(sheet.recognised.table in ("activities", "changes") for sheet in loaded.sheets):
        return
    raise lacking_in(loaded.sheets[0])
