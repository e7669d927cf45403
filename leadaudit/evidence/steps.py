"""What is planned: next steps, their moves, planned meetings, postponed decision dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from leadaudit.ledger.beside import arrow, beside
from leadaudit.ledger.known import LAST_US, microseconds, times
from leadaudit.ledger.pauses import DAY_US
from leadaudit.ledger.rows import MISSING_US
from leadaudit.ledger.words import pattern, pieces

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export
    from leadaudit.ledger import Ledger

Numbers = np.ndarray[Any, np.dtype[Any]]

LETTER = "a-zäöüß"


def steps(export: Export, ledger: Ledger, own: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Next steps and planned meetings, one row per lead by ``lead_no``."""
    set_us, moved = _step_history(ledger, len(own))
    filled = own["next_step"].notna() | own["next_step_at"].notna()
    return pd.DataFrame(
        {
            "next_step_set_at": times(np.where(filled, set_us, MISSING_US)),
            "next_step_moved_count": pd.Series(moved, dtype="Int64").mask(~filled),
            "next_step_concrete": concrete(own["next_step"]),
            "meeting_planned_at": times(_planned(export, ledger, as_of)),
        }
    )


def concrete(texts: pd.Series) -> pd.Series:
    """Whether a next step names a decision, a question or an agreed date, and not just "follow up".

    Parameters
    ----------
    texts : Series of str
        Next steps as written.

    Returns
    -------
    Series of boolean
        Missing where there is no text.

    Examples
    --------
    >>> concrete(pd.Series(["Nachfassen", "Follow up next week", "Decision by the board", "Send offer"])).tolist()
    [False, False, True, True]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = pa.array(texts.astype("object"), pa.string(), from_pandas=True).dictionary_encode()
    written = column.dictionary
    decisive = pc.match_substring_regex(written, pattern("decisive_step"))
    vague = pc.match_substring_regex(written, _whole(pieces("vague_step")))
    # Each word is replaced with its delimiters kept, twice, as neighbours share one.
    rest = pc.utf8_lower(written)
    for _ in range(2):
        rest = pc.replace_substring_regex(rest, _whole(pieces("bare_step")), r"\1 ")
    content = pc.match_substring_regex(rest, f"[{LETTER}]{{3}}")
    told = pc.or_(decisive, pc.and_(pc.invert(vague), content))
    by_text = pd.array([*told.to_pylist(), pd.NA], dtype="boolean")
    return pd.Series(by_text.take(column.indices.fill_null(len(told)).to_numpy()), index=texts.index)


def _whole(words: tuple[str, ...]) -> str:
    """Any of the words standing alone (there is no look-around in RE2)."""
    return f"(?i)(^|[^{LETTER}])(?:{'|'.join(words)})([^{LETTER}]|$)"


def _step_history(ledger: Ledger, size: int) -> tuple[Numbers, Numbers]:
    """When the current next step was set, and how often its date was moved since."""
    changes = ledger.known.changes
    of_text = changes.iloc[ledger.known.rows_of("next_step")]
    of_date = changes.iloc[ledger.known.rows_of("next_step_at")]
    text_us, first_us = np.full(size, MISSING_US), np.full(size, LAST_US)
    np.maximum.at(text_us, of_text["lead_no"].to_numpy(), of_text["at_us"].to_numpy())
    lead_no, at_us = of_date["lead_no"].to_numpy(), of_date["at_us"].to_numpy()
    # A date set together with the text, or where there was none, is no move.
    moves = of_date["before"].notna().to_numpy() & of_date["after"].notna().to_numpy()
    moves &= at_us > np.where(text_us[lead_no] == MISSING_US, MISSING_US, text_us[lead_no] + DAY_US)
    begins = ~of_date["before"].notna().to_numpy()
    last_begin = np.full(size, MISSING_US)
    np.maximum.at(last_begin, lead_no[begins], at_us[begins])
    np.minimum.at(first_us, lead_no, at_us)
    moves &= at_us >= last_begin[lead_no]
    moved = np.bincount(lead_no[moves], minlength=size)
    set_us = np.maximum(text_us, last_begin)
    return np.where(set_us != MISSING_US, set_us, np.where(first_us == LAST_US, MISSING_US, first_us)), moved


def _planned(export: Export, ledger: Ledger, as_of: pd.Timestamp) -> Numbers:
    """Time of each lead's next planned meeting with the other side; smallest integer = none."""
    activities = export.frame("activities")
    ahead = activities.filter(
        nw.col("at") >= as_of.to_pydatetime(),
        nw.col("kind") == "meeting",
        ~nw.col("done").fill_null(value=False),
        nw.col("direction").fill_null("unknown") != "internal",
        ~nw.col("outcome").fill_null("").str.contains(pattern("not_held")),
    )
    numbers = beside(ledger.known.numbered(), activities, export.connection)
    joined = ahead.join(numbers, on="lead_id", how="inner").group_by("lead_no").agg(next_at=nw.col("at").min())
    frame = arrow(joined).to_pandas()
    found = np.full(len(ledger.known.leads), MISSING_US)
    found[frame["lead_no"].to_numpy(np.int64)] = microseconds(frame["next_at"])
    return found


def postponements(ledger: Ledger, stand: pd.DataFrame) -> pd.DataFrame:
    """How often and by how much the decision date was moved later since the last progress; bulk edits left out.

    Counts are missing where the export has no history of that date.
    """
    size, changes = len(stand), ledger.known.changes
    chosen = ledger.known.rows_of("expected_close_at")
    if not len(chosen):
        return pd.DataFrame(
            {
                "postponed_count": pd.Series(pd.NA, index=range(size), dtype="Int64"),
                "postponed_days": np.full(size, np.nan),
            }
        )
    part = changes.iloc[chosen]
    lead_no, at_us = part["lead_no"].to_numpy(np.int64), part["at_us"].to_numpy()
    before, after = (microseconds(dates(part[name])) for name in ("before", "after"))
    later = (before != MISSING_US) & (after != MISSING_US) & (after > before)
    since = np.where(stand["since_us"] == MISSING_US, MISSING_US, stand["since_us"])[lead_no]
    kept = later & ~ledger.history.bulk[chosen] & (at_us > since)
    days = np.unique(np.stack([lead_no[kept], at_us[kept] // DAY_US]), axis=1)[0]
    delay = np.bincount(lead_no[kept], weights=(after - before)[kept] / DAY_US, minlength=size)
    return pd.DataFrame(
        {"postponed_count": pd.array(np.bincount(days, minlength=size), dtype="Int64"), "postponed_days": delay}
    )


def dates(texts: pd.Series) -> pd.Series:
    """Times out of the text of a change; missing where there is none."""
    if texts.dtype == "category":
        by_text = pd.to_datetime(pd.Series(texts.cat.categories), errors="coerce", format="ISO8601")
        codes = texts.cat.codes.to_numpy()
        values = np.append(by_text.astype("datetime64[us]").to_numpy(), np.datetime64("NaT", "us"))
        return pd.Series(values[codes])
    return pd.to_datetime(texts, errors="coerce", format="ISO8601")
