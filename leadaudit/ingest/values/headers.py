"""What a header says once its spelling is out of the way: words, unit, currency, percent.

``"Umsatz (in T€) *"`` and ``"umsatz"`` are the same word; that the numbers below are thousands of
euros is kept beside it. Profiles and files go through the same function, so that a header is
compared with a header and never with a spelling.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

CURRENCIES: dict[str, str] = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "$": "USD", "usd": "USD", "us$": "USD", "£": "GBP", "gbp": "GBP",
    "chf": "CHF", "sfr": "CHF", "pln": "PLN", "czk": "CZK", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "huf": "HUF",
    "¥": "JPY", "jpy": "JPY", "cny": "CNY", "inr": "INR", "₹": "INR", "aud": "AUD", "cad": "CAD", "brl": "BRL",
}  # fmt: skip
"""Signs and codes by which a header or a cell names a currency, and the ISO code they stand for."""

_FACTORS: dict[str, float] = {
    "t": 1e3, "tsd": 1e3, "tsd.": 1e3, "k": 1e3, "tausend": 1e3,
    "m": 1e6, "mio": 1e6, "mio.": 1e6, "mn": 1e6,
    "mrd": 1e9, "mrd.": 1e9, "bn": 1e9,
}  # fmt: skip

_SIGN = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True))
_SCALE = r"tsd\.?|tausend|mio\.?|mrd\.?|mn|bn|[tkm]"
_UNIT = rf"(?:(?P<factor>{_SCALE})\s?)?(?P<currency>{_SIGN})|(?P<percent>%|prozent|percent)|(?P<zone>utc|gmt)"
_UNITS: tuple[re.Pattern[str], ...] = (
    re.compile(rf"[(\[{{]\s*(?:in\s+)?(?:{_UNIT})\s*[)\]}}]", re.IGNORECASE),  # Umsatz (EUR), Betrag [in T€]
    re.compile(rf"(?<=\S)[\s_,/-]+in\s+(?:{_UNIT})(?=\W*$)", re.IGNORECASE),  # Umsatz in €
    re.compile(rf"(?<=\S)[\s_,/-]+(?:{_UNIT})(?=\W*$)", re.IGNORECASE),  # amount_usd, Wert €
    re.compile(
        rf"(?<=\w)(?:(?P<factor>{_SCALE})?(?P<currency>[€$£])|(?P<percent>%)(?P<zone>(?!)))(?=\W*$)", re.IGNORECASE
    ),  # Wert€
)
_JOINED = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ][a-zäöü]|[A-Z]{2}(?![a-z]))")
_FOLD = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "#": " nr ", "\u200b": "", "\u00ad": "", "\ufeff": ""}
)
_NO_SIGN = re.compile(r"[\s*\u200b\ufeff]+")
"""What does not belong to a header that is a sign alone ("%")."""
_NO_WORD = re.compile(r"[^\w<>]+|_+")


@dataclass(frozen=True)
class HeaderUnit:
    """The unit that a header states for the cells below it.

    Attributes
    ----------
    currency : str or None
        ISO code.
    factor : float
        What a number below must be multiplied with (``1000.0`` for T€).
    percent : bool
        Numbers below are percentages.
    timezone : str or None
        ``"UTC"`` where the header says so.
    """

    currency: str | None = None
    factor: float = 1.0
    percent: bool = False
    timezone: str | None = None


def fold(text: str) -> str:
    r"""Reduce a text to lower-case words: umlauts written out, accents, punctuation and odd blanks gone.

    Examples
    --------
    >>> fold("  Nächste\u00a0Aktion: (geplant)")
    'naechste aktion geplant'
    """
    if text.isascii():  # most are, and need none of what follows
        plain = text.lower().replace("#", " nr ")
        return plain if plain.isalnum() else " ".join(_NO_WORD.sub(" ", plain).split())
    # Composed first, so that a + combining dots (Mac file systems, some exports) is ä as well.
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)
    if not plain.isascii():  # última = ultima, as many type it without; ä is ae by now
        plain = "".join(mark for mark in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(mark))
    return " ".join(_NO_WORD.sub(" ", plain).split())


@lru_cache(maxsize=8192)
def normalise_header(text: str) -> str:
    """Reduce a header to the words that it is recognised by.

    Case, umlauts (ä = ae), punctuation, quotes, asterisks, arrows, underscores, joinedWords, byte
    order marks, and stated units are taken away.

    Parameters
    ----------
    text : str
        A header as it stands in the file.

    Returns
    -------
    str
        Lower-case words with single blanks between; ``""`` for an empty header.

    Examples
    --------
    >>> normalise_header("Umsatz (in T€) *"), normalise_header("createdAt"), normalise_header("Geaendert_am")
    ('umsatz', 'created at', 'geaendert am')
    """
    bare, _ = _split_unit(text)
    return fold(_JOINED.sub(" ", bare)) or fold(text) or _NO_SIGN.sub("", text).casefold()


@lru_cache(maxsize=8192)
def header_unit(text: str) -> HeaderUnit:
    """Tell the unit that a header states.

    Examples
    --------
    >>> header_unit("Auftragswert (in T€)")
    HeaderUnit(currency='EUR', factor=1000.0, percent=False, timezone=None)
    """
    return _split_unit(text)[1]


def _split_unit(text: str) -> tuple[str, HeaderUnit]:
    plain = unicodedata.normalize("NFKC", text)
    for pattern in _UNITS:
        found = pattern.search(plain)
        if found and (plain[: found.start()] + plain[found.end() :]).strip():
            return plain[: found.start()] + " " + plain[found.end() :], _unit_of(found)
    return plain, HeaderUnit()


def _unit_of(found: re.Match[str]) -> HeaderUnit:
    currency, factor, percent, zone = (found.group(name) for name in ("currency", "factor", "percent", "zone"))
    return HeaderUnit(
        currency=CURRENCIES[currency.casefold()] if currency else None,
        factor=_FACTORS[factor.casefold()] if factor else 1.0,
        percent=bool(percent),
        timezone="UTC" if zone else None,
    )
