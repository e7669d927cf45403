"""The table beside the board: what of each lead is shown, and the table itself."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.explore.standing import words_of
from leadaudit.language import sentence

if TYPE_CHECKING:
    from leadaudit.language import Language

MOST_ROWS = 500
"""Rows that a browser sorts and searches at once; filters bring further leads into them."""


def rows(leads: pd.DataFrame, language: Language) -> pd.DataFrame:
    """The leads in words.

    Parameters
    ----------
    leads : DataFrame
        From :func:`leadaudit.explore.standing.standing`, perhaps filtered.
    language : {"de", "en"}

    Returns
    -------
    DataFrame
        One row per lead, at most 500; headers in the language. Days, percent and values are whole numbers, so that
        they sort as numbers.
    """
    shown = leads.head(MOST_ROWS)

    def words(column: str) -> pd.Series:
        return shown[column].map(lambda value: words_of(value, column, language), na_action="ignore").fillna("–")

    columns = {
        "lead": shown["label"],
        "verdict": words("verdict"),
        "stage": shown["place"],
        "stay_days_short": _whole(shown["stay_days"]),
        "chance_percent": _whole(shown["chance"] * 100),
        "reasons": shown["reason"],
        "amount": _whole(shown["amount"]),
        "currency": shown["currency"].fillna(""),
        "age_days": _whole(shown["age_days"]),
        "source": words("source"),
        "owner": words("owner"),
    }
    without = [name for name in ("amount", "currency", "source", "owner") if not _any(leads[name])]
    table = pd.DataFrame({name: values for name, values in columns.items() if name not in without})
    return table.rename(columns=lambda name: sentence(f"column.{name}", language)).reset_index(drop=True)


def _any(values: pd.Series) -> bool:
    return bool(values.notna().any())


def _whole(values: pd.Series) -> pd.Series:
    return values.astype("float64").round().astype("Int64")


def caption(count: int, language: Language) -> str:
    """What the table shows of so many leads; escaped, for it is shown as HTML."""
    key = "explore.table_first" if count > MOST_ROWS else "explore.table_all"
    return escape(sentence(key, language, n=count, most=MOST_ROWS), quote=False)


def table(shown: pd.DataFrame, count: int, language: Language) -> Any:
    """The table as a widget, not announced yet: sorted, searched and chosen from in the browser."""
    from leadaudit.explore.whole import Table

    words = {
        name: sentence(f"explore.table.{name}", language)
        for name in ("search", "info", "infoEmpty", "infoFiltered", "zeroRecords", "lengthMenu")
    }
    return Table(
        shown,
        caption=caption(count, language),
        select={"style": "single", "info": False},  # type: ignore[dict-item] # passed on as it is
        selected_rows=[],
        maxBytes=0,
        showIndex=False,
        order=[],
        pageLength=10,
        language={**words, "emptyTable": words["zeroRecords"]},
        classes="display compact",
        style="width:100%;caption-side:top",
        allow_html=False,
    )
