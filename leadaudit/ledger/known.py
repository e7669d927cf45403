"""What the walk needs of the export: leads and changes before as_of, as columns of small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from leadaudit.ledger.beside import arrow, beside

if TYPE_CHECKING:
    import pyarrow as pa

    from leadaudit.ingest.export import Export
    from leadaudit.process import Process

LEAD_COLUMNS = (
    "lead_id", "pipeline", "stage", "status", "created_at", "stage_entered_at", "closed_at", "lost_reason",
    "paused_until",
)  # fmt: skip
TIMES = ("created_at", "stage_entered_at", "closed_at")
CHANGE_FIELDS = (
    "stage", "status", "decision", "expected_close_at", "next_step", "next_step_at", "paused_until", "vanished",
)  # fmt: skip
LAST_US = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Known:
    """Leads and changes before as_of.

    Attributes
    ----------
    leads : DataFrame
        :data:`LEAD_COLUMNS` in file order (texts but ``lead_id`` as categories), one row per lead created before as_of; the row number
        is the ``lead_no`` of everything else.
    changes : DataFrame
        ``lead_no``, ``at_us``, ``seq``, ``field``, ``before``, ``after``, ``pipeline``, ``by``
        (categories), ``at_uncertainty_days``; any order.
    has_history : bool
        The export has a stage history (letter H); if not, a lead is judged as a whole.
    """

    leads: pd.DataFrame
    changes: pd.DataFrame
    has_history: bool

    def rows_of(self, field: str) -> np.ndarray[Any, np.dtype[np.intp]]:
        """Positions of the changes of one field."""
        categories = list(self.changes["field"].cat.categories)
        code = categories.index(field) if field in categories else -2
        return np.flatnonzero(self.changes["field"].cat.codes.to_numpy() == code)

    def numbered(self) -> pa.Table:
        """``lead_id`` and ``lead_no`` of all leads, to be joined with the large tables."""
        import pyarrow as pa

        return pa.table(
            {"lead_id": pa.array(self.leads["lead_id"]), "lead_no": np.arange(len(self.leads), dtype=np.int32)}
        )


def read(export: Export, process: Process, as_of: pd.Timestamp) -> Known:
    """Collect leads and changes known before ``as_of``."""
    wanted = export.frame("leads").select(*LEAD_COLUMNS)
    moment = as_of.to_pydatetime()
    wanted = wanted.filter(nw.col("created_at").is_null() | (nw.col("created_at") < moment))
    leads = _with_categories(arrow(wanted), ("pipeline", "stage", "status", "lost_reason")).to_pandas(split_blocks=True)
    leads = leads.astype(dict.fromkeys((*TIMES, "paused_until"), "datetime64[us]")).astype({"lead_id": "str"})
    known = Known(leads, pd.DataFrame(), has_history=False)
    changes = _changes(export, process, moment, known)
    has_history = "H" in export.evidence and bool((changes["field"] == "stage").any())
    return Known(leads, changes, has_history)


def _changes(export: Export, process: Process, moment: Any, known: Known) -> pd.DataFrame:
    fields = [*CHANGE_FIELDS, *(p.column for p in process.preconditions)]
    changes = export.frame("changes").filter(nw.col("at") < moment, nw.col("field").is_in(fields))
    numbers = beside(known.numbered(), changes, export.connection)
    table = arrow(
        changes.join(numbers, on="lead_id", how="inner").select(
            "lead_no", "at", "seq", "field", "before", "after", "pipeline", "by", "at_uncertainty_days"
        )
    )
    frame = _with_categories(table, ("field", "before", "after", "pipeline", "by")).to_pandas(split_blocks=True)
    frame["at_us"] = microseconds(frame.pop("at"))
    frame["seq"] = frame["seq"].fillna(0).astype("int64")
    return frame


def _with_categories(table: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """Encode texts that repeat: numbers are compared from here on, not texts."""
    for name in names:
        encoded = table.column(name).cast("string").dictionary_encode().combine_chunks()
        table = table.set_column(table.column_names.index(name), name, encoded)
    return table


def microseconds(times: pd.Series) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Times as integers; a missing time is the smallest integer."""
    return times.to_numpy(dtype="datetime64[us]").view("int64")


def times(us: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    """Integers as times; the largest and the smallest integer are missing times."""
    return np.where(us == LAST_US, np.iinfo(np.int64).min, us).view("datetime64[us]")
