"""What a cell looks like: number, date, mail address, code, words, or something odd.

Dialects and header rows are recognised by it. It judges shape only; types are decided later,
from whole columns.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MONTH = (
    r"(?:jan|feb|m[aä]r|mrz|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|ene|abr|ago|dic|f[eé]v|avr|ao[uû]t|d[eé]c)"
    r"[a-zéû]{0,7}\.?"
)
_TIME = r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?(?:\s?[ap]\.?m\.?)?(?:\s?(?:z|utc|gmt|[+-]\d\d:?(?:\d\d)?))?"
_DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    rf"|\d{{1,2}}\.?[\s-]{_MONTH}[\s,-]+(?:\d{{4}}|\d{{2}})|{_MONTH}\s\d{{1,2}},?\s\d{{4}}"
    r"|(?:19|20)\d\d-\d\d)"
)
_AMOUNT = r"[-+]?\(?[-+]?(?:\d{1,3}(?:[.,'’\s\xa0]\d{3})+|\d+)(?:[.,]\d+)?(?:e[-+]?\d+)?\)?"
_CURRENCY = r"(?:[$€£¥₹]|r\$|us\$|eur|usd|gbp|chf|jpy|inr|kč|zł|kr\.?)"

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("number", re.compile(rf"(?:{_AMOUNT}|[-+]?[.,]\d+)\s?%?", re.IGNORECASE)),
    ("money", re.compile(rf"[-+]?{_CURRENCY}\s?{_AMOUNT}\s?[kmb]?|{_AMOUNT}\s?[kmb]?\s?{_CURRENCY}", re.IGNORECASE)),
    ("time", re.compile(rf"(?:{_DATE}[t,]?\s?{_TIME}|{_DATE}|{_TIME})", re.IGNORECASE)),
    ("mail", re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "link",
        re.compile(
            r"(?:(?:https?|ftp)://|www\.)\S+|(?:[\w-]+\.)+(?:com|de|org|net|io|at|ch|eu|info)(?:/\S*)?", re.IGNORECASE
        ),
    ),
    ("flag", re.compile(r"true|false|yes|no|ja|nein|wahr|falsch|y|n|on|off|si|sí|oui|non", re.IGNORECASE)),
    ("null", re.compile(r"null|none|n/?a|nan|nil|-{1,2}|\\n|\?|#n/a|\.", re.IGNORECASE)),
    (
        "code",
        re.compile(r"(?=\S*\d)#?\w[\w./:+-]{0,62}\w|\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE),
    ),
    ("path", re.compile(r"(?:/[\w.@-]+)+/?|[a-z]:\\\S*|\\\\\S+", re.IGNORECASE)),
    ("word", re.compile(r"[^\W\d_][\w’'.&/+-]*(?:\(\w+\))?")),
    ("name", re.compile(r"[a-z_][a-z0-9_.$-]*", re.IGNORECASE)),
)
_TEXT = re.compile(r"[\w(\"'„“«¿¡#*+$€£@<§°&.…-][^\t|;\x00-\x08]*", re.DOTALL)

TYPED = frozenset(("number", "money", "time", "mail", "link", "flag"))
"""Shapes that a header cell does not have."""


@lru_cache(maxsize=65536)
def _shape_of_short(cell: str) -> str:
    text = cell.strip()
    if not text:
        return "empty"
    for name, pattern in _SHAPES:
        if pattern.fullmatch(text):
            return name
    if _TEXT.fullmatch(text):
        return "text"
    return "odd"


def shape_of(cell: str) -> str:
    """Name the shape of a cell.

    Parameters
    ----------
    cell : str

    Returns
    -------
    str
        ``empty``, ``number``, ``money``, ``time``, ``mail``, ``link``, ``flag``, ``null``,
        ``code``, ``path``, ``word``, ``name``, ``text`` or ``odd``.

    Examples
    --------
    >>> [shape_of(cell) for cell in ("1.234,56", "31.12.2026 10:15", "D-1042", "Muster GmbH", "")]
    ['number', 'time', 'code', 'text', 'empty']
    """
    if len(cell) > 120:
        return "text" if _TEXT.match(cell.strip()) or not cell.strip() else "odd"
    return _shape_of_short(cell)
