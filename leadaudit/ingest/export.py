"""The export: what a CRM gave us, as three typed tables, and what was known of it when."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.ingest.loading.database import scalar
from leadaudit.language import Language, has, sentence
from leadaudit.tables import ACTIVITIES, CHANGES, LEADS, Table, conform

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw

TABLES: dict[str, Table] = {"leads": LEADS, "activities": ACTIVITIES, "changes": CHANGES}


@dataclass(frozen=True)
class Source:
    """One table that was read, and everything that was inferred about it.

    Attributes
    ----------
    file, sheet : str
        File name without its folder; sheet of a workbook, or empty.
    kind : str
        ``leads``, ``activities``, ``changes`` or what else it was recognised as (``contacts``: left aside).
    shape : str
        How it tells it: ``records``, ``from_to``, ``entries``, ``fields``, ``stage_dates``, ``dated``, ``log``.
    crm, crm_object : str
        Profile that fits best and its object; ``general`` where none does.
    language : str
        Language of the headers: ``de``, ``en`` or another code.
    confidence : float
        How sure, 0-1.
    roles : mapping of role to header
    sure : mapping of role to confidence 0-1
    formats : mapping of header to the way its dates or numbers were read
    encoding, delimiter, header_row
        Of the file; ``header_row`` counts from 1.
    rows_read, rows_used, rows_set_aside : int
        ``rows_read == rows_used + rows_set_aside``.
    sha256 : str
        Of the file's bytes.
    date_only : tuple of str
        Headers whose values are dates without a time.
    dated_on : Timestamp or None
        Day of a dated export.
    linked_by : str
        How rows found their lead: ``id``, ``name``, ``contact`` or empty.
    unlinked_share : float
        Share of rows that found none.
    columns : tuple of str
        All columns in the order of the file, as a mapping names them.
    stage_columns : tuple of str
        Those with the date on which the stage in their header was entered.
    examples : mapping of column to tuple of str
        Up to three values each, the most frequent first. They are the client's: shown in a terminal only.
    """

    file: str
    kind: str
    sheet: str = ""
    shape: str = "records"
    crm: str = "general"
    crm_object: str = ""
    language: str = "en"
    confidence: float = 1.0
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sure: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    formats: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    encoding: str = ""
    delimiter: str = ""
    header_row: int | None = None
    rows_read: int = 0
    rows_used: int = 0
    rows_set_aside: int = 0
    sha256: str = ""
    date_only: tuple[str, ...] = ()
    dated_on: pd.Timestamp | None = None
    linked_by: str = ""
    unlinked_share: float = 0.0
    columns: tuple[str, ...] = ()
    stage_columns: tuple[str, ...] = ()
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, eq=False)
class Export:
    """The tables read from one or more files, typed and linked.

    Attributes
    ----------
    connection : DuckDBPyConnection
        In-memory database that holds the tables; shared by all cuts of one export.
    names : mapping of {"leads", "activities", "changes"} to name
        Tables or views with exactly the columns of :mod:`leadaudit.tables`; leads have the
        export's other columns after them, as text.
    issues : DataFrame
        ISSUES: every value lost and every row set aside, with file and line.
    sources : tuple of Source
        What was recognised, one per table read.
    evidence : str
        Letters that the export has, e.g. ``"HEN"``.
    known_until : Timestamp
        First moment not known: midnight after the newest creation, change, ending or done activity.
    first_known : Timestamp
        The oldest of these.
    moment : Timestamp or None
        The moment that this view was cut to; None for everything.
    masked : frozenset of str
        Columns of leads that cannot be known at ``moment``.
    language : {"de", "en"}
    timezone : str
        Zone that all timestamps are in.
    extra_columns : tuple of str
        Columns of leads beyond LEADS.
    present : frozenset of str
        Columns of LEADS that the export has at all (they may be empty in a row).
    """

    connection: duckdb.DuckDBPyConnection
    names: Mapping[str, str]
    issues: pd.DataFrame
    sources: tuple[Source, ...]
    evidence: str
    known_until: pd.Timestamp
    first_known: pd.Timestamp
    moment: pd.Timestamp | None = None
    masked: frozenset[str] = frozenset()
    language: Language = "en"
    timezone: str = "UTC"
    extra_columns: tuple[str, ...] = ()
    present: frozenset[str] = frozenset()

    def leads(self) -> pd.DataFrame:
        """LEADS and the extra columns: one row per lead, in the order of the files."""
        return self._pandas("leads")

    def activities(self) -> pd.DataFrame:
        """ACTIVITIES: one row per dated contact or piece of work."""
        return self._pandas("activities")

    def changes(self) -> pd.DataFrame:
        """CHANGES: one row per dated change of a field."""
        return self._pandas("changes")

    def frame(self, table: str) -> nw.LazyFrame[Any]:
        """One of the tables as a lazy Narwhals frame over DuckDB.

        Parameters
        ----------
        table : {"leads", "activities", "changes"}
        """
        import narwhals as nw

        return nw.from_native(self.connection.table(self.names[table]))

    def as_of(self, t: str | dt.date | pd.Timestamp) -> Export:
        """The export as it was known at a moment.

        Parameters
        ----------
        t : str, date or Timestamp
            First moment not known; a date means 00:00.

        Returns
        -------
        Export
            At ``t >= known_until`` everything. Earlier: later events are gone, later endings are
            open again, the stage is that of the history, planned activities are dropped, and
            columns without history are masked (``masked``).

        Examples
        --------
        >>> leads = pd.DataFrame({"lead_id": ["a"], "status": ["won"], "owner": ["Kim"],
        ...                       "created_at": ["2024-01-01"], "closed_at": ["2024-03-01"]})
        >>> export = Export.of_frames(leads)
        >>> export.as_of("2024-02-01").leads()[["status", "closed_at", "owner"]].iloc[0].tolist()
        ['open', NaT, nan]
        """
        from leadaudit.ingest.as_of import cut

        return cut(self, pd.Timestamp(t))

    @classmethod
    def of_frames(
        cls,
        leads: Any,
        activities: Any = None,
        changes: Any = None,
        *,
        language: Language | None = None,
        timezone: str | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> Export:
        """An export of frames in memory.

        Parameters
        ----------
        leads, activities, changes : DataFrame
            pandas, Polars, Arrow, DuckDB or Spark. A frame with our own column names is taken as it
            is; a frame with a CRM's headers is recognised like a file.
        language : {"de", "en"}, optional
        timezone : str, optional
            Zone of the timestamps; those with an offset are converted to it.
        columns : mapping of header to column, optional
            What some columns are, e.g. ``{"Phase": "stage"}``: a column of :mod:`leadaudit.tables` or a role of
            :mod:`leadaudit.ingest.recognition.roles`. The others are recognised.

        Returns
        -------
        Export

        Raises
        ------
        ColumnMappingError
            No id, or nothing that says where a lead stands, with the nearest column; or a slip in ``columns``.
        LeadAuditError
            ``not_a_frame``.

        Examples
        --------
        >>> mine = pd.DataFrame({"Vorgang": ["a"], "Wo": ["Angebot"], "Angelegt am": ["2024-01-01"]})
        >>> Export.of_frames(mine, columns={"Vorgang": "lead_id", "Wo": "stage"}).leads()["stage"].tolist()
        ['Angebot']
        """
        from leadaudit.ingest.frames import export_of_frames

        return export_of_frames(leads, activities, changes, language=language, timezone=timezone, columns=columns or {})

    @property
    def is_dated(self) -> bool:
        """Whether anything in it has a date; without one the span is empty and says nothing."""
        return self.moment is not None or self.first_known < self.known_until

    def count(self, table: str) -> int:
        """Rows of one of the tables."""
        return scalar(self.connection, f"SELECT count(*) FROM {self.names[table]}")

    def _pandas(self, table: str) -> pd.DataFrame:
        frame = self.connection.table(self.names[table]).to_arrow_table().to_pandas()
        return conform(frame, TABLES[table])

    def __repr__(self) -> str:
        """Counts, span and evidence in one line."""
        counts = ", ".join(f"{self.count(table)} {table}" for table in TABLES)
        until = "" if self.moment is None else f", as of {self.moment:%Y-%m-%d}"
        span = f"{self.first_known:%Y-%m-%d} to {self.known_until - pd.Timedelta(days=1):%Y-%m-%d}"
        return f"<Export: {counts}, {span}, evidence {self.evidence or 'none'}{until}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the counts, and per source what it was recognised as, in the export's language."""
        heads = ("column.file", "column.kind", "shown.rows_read", "shown.set_aside", "shown.columns_told")
        head = "".join(f'<th style="text-align:left">{html.escape(sentence(key, self.language))}</th>' for key in heads)
        rows = "".join(_source_row(source, self.language) for source in self.sources)
        table = f"<table><tr>{head}</tr>{rows}</table>" if rows else ""
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{table}"


def _source_row(source: Source, language: Language) -> str:
    kind = f"kind.{source.kind}"
    told = ", ".join(f"{header} → {role}" for role, header in source.roles.items())
    name = f"{source.file} · {source.sheet}" if source.sheet else source.file
    crm = f" ({source.crm})" if source.crm != "general" else ""
    cells = (
        name,
        (sentence(kind, language) if has(kind) else source.kind) + crm,
        source.rows_read,
        source.rows_set_aside,
        told,
    )
    shown = "".join(f'<td style="text-align:left">{html.escape(str(cell))}</td>' for cell in cells)
    return f"<tr>{shown}</tr>"
