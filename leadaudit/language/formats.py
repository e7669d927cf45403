"""Numbers, dates and money as German and English readers write them (by Babel)."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from babel import Locale

LOCALES = {"de": "de_DE", "en": "en_GB"}
THIN = "\u202f"
"""Narrow no-break space: keeps a number and its unit on one line."""

MISSING = "–"


def form(value: Any, kind: str, language: Literal["de", "en"]) -> str:
    """Write a value in a named format; a missing value is a dash.

    Parameters
    ----------
    value : object
        A number, share, timestamp or text.
    kind : str
        ``count``, ``days``, ``number``, ``percent``, ``date``, ``money``, ``span`` (months, or days where it is less
        than one and a half; ``span_within`` as it follows “in”) or empty (as it is). With two words behind it
        the one that agrees with the number follows; behind an empty format it stands alone.
    language : {"de", "en"}
        Whose way of writing.

    Examples
    --------
    >>> form(1234.5, "number", "de"), form(1234.5, "number", "en")
    ('1.234,5', '1,234.5')
    >>> form(1, "count;Ende;Enden", "de"), form(48, "count;Ende;Enden", "de"), form(1, ";steht;stehen", "de")
    ('1 Ende', '48 Enden', 'steht')
    """
    if ";" in kind:
        kind, one, other = kind.split(";")
        word = one if value == 1 else other
        return f"{form(value, kind, language)} {word}" if kind else word
    if not kind:
        return str(value)
    if _is_missing(value):
        return MISSING
    return _FORMS[kind](value, _locale(language))


def _is_missing(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return str(value) in ("NaT", "<NA>")


@cache
def _locale(language: str) -> Locale:
    from babel import Locale

    return Locale.parse(LOCALES[language])


def _count(value: Any, locale: Locale) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(round(float(value)), locale=locale))


def _days(value: Any, locale: Locale) -> str:
    """Whole days; below ten days one decimal, so that a limit of 0.5 days does not read as 0."""
    from babel.numbers import format_decimal

    days = float(value)
    return str(format_decimal(round(days, 1) if abs(days) < 10 else round(days), locale=locale))


def _number(value: Any, locale: Locale) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(round(float(value), 1), locale=locale))


def _percent(value: Any, locale: Locale) -> str:
    from babel.numbers import format_percent

    share = float(value)
    if 0 < share < 0.0005:
        return "<\u00a0" + _percent(0.001, locale)
    pattern = "#,##0.0\u00a0%" if 0 < share < 0.01 else "#,##0\u00a0%"
    if locale.language == "en":
        pattern = pattern.replace("\u00a0", "")
    return str(format_percent(share, format=pattern, locale=locale))


def _date(value: Any, locale: Locale) -> str:
    from babel.dates import format_date

    day = value.date() if hasattr(value, "date") else value
    return str(format_date(day, format="dd.MM.yyyy" if locale.language == "de" else "d MMM yyyy", locale=locale))


def _money(value: Any, locale: Locale) -> str:
    """Whole units; the currency is written by the sentence, since an export may not name one."""
    return _count(value, locale)


SPAN_DAYS = 30.4375
"""Days of a month."""

_SPANS = {
    "de": {"days": ("Tag", "Tage", "Tagen"), "months": ("Monat", "Monate", "Monaten")},
    "en": {"days": ("day", "days", "days"), "months": ("month", "months", "months")},
}


def _span(value: Any, locale: Locale, *, within: bool = False) -> str:
    """A time given in months, in the unit in which one would say it."""
    short = float(value) < 1.5
    amount = max(1.0, round(float(value) * SPAN_DAYS)) if short else float(value)
    written = _count(amount, locale) if short else _number(amount, locale)
    one, many, after_in = _SPANS[locale.language]["days" if short else "months"]
    return f"{written} {one if written == '1' else after_in if within else many}"


def _span_within(value: Any, locale: Locale) -> str:
    return _span(value, locale, within=True)


_FORMS: dict[str, Callable[[Any, Locale], str]] = {
    "count": _count,
    "days": _days,
    "number": _number,
    "percent": _percent,
    "date": _date,
    "money": _money,
    "span": _span,
    "span_within": _span_within,
}
