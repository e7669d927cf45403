"""Who speaks to whom, where a text names one of the two sides: "Anruf an Kunden", "from us", "client called"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from leadaudit.ingest.values.headers import fold

_US = frozenset("us we me i wir uns ich selbst self vertrieb verkauf sales seller rep agent team unser unserem".split())
_THEM = frozenset(
    "customer customers client clients prospect buyer lead kunde kunden kundin kd interessent interessenten interessentin mandant auftraggeber gegenseite".split()
)
_FROM = frozenset("from by von vom durch seitens".split())
_TO = frozenset("to an ans".split())
_ARTICLES = frozenset("the our a den dem der die das einen".split())
_PARTS = re.compile(r"[(\[:/,]|\s[-–—]\s")
_OUTBOUND, _INBOUND = "outbound", "inbound"


def sent_by(text: str) -> str | None:
    """Direction that a text states by naming who it came from or went to, or who did it.

    A side that is only mentioned ("Anruf (Kunde)") tells nothing by itself; see :func:`by_sides`.

    Examples
    --------
    >>> sent_by("Mail an den Kunden"), sent_by("to us"), sent_by("Client called back"), sent_by("Anruf (Kunde)")
    ('outbound', 'inbound', 'inbound', None)
    """
    words = [word for word in fold(text).split() if word not in _ARTICLES]
    for before, word in pairwise(words):
        ours = _is_us(word)
        if ours is not None and before in _FROM | _TO:
            return _OUTBOUND if ours == (before in _FROM) else _INBOUND
    first = _is_us(words[0]) if len(words) > 1 else None
    if first is not None and text.lstrip()[0].isalpha() and _is_verb(words[1]):
        return _OUTBOUND if first else _INBOUND
    return None


def by_sides(values: Iterable[str]) -> dict[str, str]:
    """Direction of each value, where some values of a column name our side and others the other: it is who began.

    Examples
    --------
    >>> by_sides(["Anruf (wir)", "Anruf (Kunde)", "Notiz"])
    {'Anruf (wir)': 'outbound', 'Anruf (Kunde)': 'inbound'}
    >>> by_sides(["Anruf (Kunde)", "Notiz"])
    {}
    """
    named: dict[str, bool] = {}
    for value in values:
        # "Sales call" and "Client meeting" name no side: it stands alone, in brackets, or behind a dash.
        sides = {_is_us(word) for word in fold(_PARTS.split(value.rstrip(")] "))[-1]).split() if word not in _ARTICLES}
        if sides in ({True}, {False}):
            named[value] = sides == {True}
    if set(named.values()) != {True, False}:
        return {}
    return {value: _OUTBOUND if ours else _INBOUND for value, ours in named.items()}


def _is_us(word: str) -> bool | None:
    return True if word in _US else False if word in _THEM else None


def _is_verb(word: str) -> bool:
    """Whether a word after a side says what it did: "called", "rief", "schreibt", "hat"."""
    return word.endswith("ed") or word in _DID


_DID = frozenset(
    "wrote sent calls writes rang came hat haben ruft rief schreibt schrieb schickt schickte meldet meldete fragt fragte antwortet antwortete sendet sandte".split()
)
