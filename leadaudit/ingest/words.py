"""What the words of an export mean: statuses, stages, kinds, directions; looked up once per distinct value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from leadaudit.ingest.database import text
from leadaudit.ingest.headers import fold
from leadaudit.ingest.profiles import GENERAL, profile_of

SPANISH_AND_FRENCH_YES_NO = {"si": True, "sí": True, "oui": True, "non": False, "sim": True, "não": False}

_CONTAINED = {"stages": "stage_words", "kinds": "kind_words", "directions": "direction_words"}


@lru_cache(maxsize=65_536)
def meaning(section: str, value: str, crm: str = GENERAL) -> str | None:
    """What a value stands for in a section of the profiles, or None.

    Parameters
    ----------
    section : str
        ``stages``, ``status``, ``kinds``, ``directions``, ``done``, ``outcomes``, ``lost_reasons``, ``fields``.
    value : str
    crm : str
        Profile asked before the general one.

    Examples
    --------
    >>> meaning("stages", "5. Gewonnen"), meaning("directions", "Eingehend"), meaning("status", "blue")
    ('won', 'inbound', None)
    """
    bare = _without_number(value)
    for name in dict.fromkeys((crm, GENERAL)):
        words = profile_of(name).words.get(section, {})
        for key in (fold(value), fold(bare)):
            if key and key in words:
                return words[key].meaning
    contained = _CONTAINED.get(section)
    return _within(contained, fold(bare)) if contained else None


def _without_number(value: str) -> str:
    """A value without the number or letter that sorts it: "3 - Angebot", "B. Qualified", "10% Lead"."""
    return re.sub(r"^\s*(?:\d{1,3}\s*%?|[A-Za-z])\s*[.):_-]+\s*|^\s*\d{1,3}\s*%?\s+|\s*\(?\d{1,3}\s*%\)?\s*$", "", value)


def _within(section: str, folded: str) -> str | None:
    """The word that stands in a longer text; the longest one wins, the denied one does not count."""
    known = profile_of(GENERAL).words[section]
    padded = f" {folded} "
    hits = [(len(key), word.meaning) for key, word in known.items() if f" {key} " in padded]
    if not hits:
        return None
    found = max(hits)[1]
    if section == "stage_words" and found in ("won", "lost"):
        denials = profile_of(GENERAL).words["stage_denials"]
        if any(f" {key} " in padded for key in denials):
            return "open"
    return found


@lru_cache(maxsize=4_096)
def truth(value: str, crm: str = GENERAL) -> bool | None:
    """Whether a value says yes or no.

    Examples
    --------
    >>> truth("Ja"), truth("FALSE"), truth("perhaps")
    (True, False, None)
    """
    folded = value.strip().casefold()
    for name in dict.fromkeys((crm, GENERAL)):
        reading = profile_of(name).reading
        if folded in {word.casefold() for word in reading.true}:
            return True
        if folded in {word.casefold() for word in reading.false}:
            return False
    return SPANISH_AND_FRENCH_YES_NO.get(folded)


@lru_cache(maxsize=64)
def null_words(crm: str = GENERAL) -> tuple[str, ...]:
    """Cells that stand for nothing, in lower case."""
    words = (*profile_of(GENERAL).reading.nulls, *profile_of(crm).reading.nulls, "000000000000000aaa")
    return tuple(sorted({word.casefold() for word in words}))


def mapped(cell: str, values: Mapping[str, str | bool | None], otherwise: str = "NULL") -> str:
    """SQL that gives each value its meaning.

    Parameters
    ----------
    cell : str
        SQL of the text.
    values : mapping of value to meaning
        Values without a meaning give ``otherwise``.
    """
    groups: dict[str, list[str]] = {}
    for value, means in values.items():
        if means is not None:
            groups.setdefault(text(means) if isinstance(means, str) else str(means).lower(), []).append(value)
    if not groups:
        return f"CASE WHEN {cell} IS NULL THEN NULL ELSE {otherwise} END" if otherwise != "NULL" else "NULL"
    whens = " ".join(f"WHEN {cell} IN ({', '.join(map(text, found))}) THEN {means}" for means, found in groups.items())
    return f"CASE {whens} ELSE {otherwise} END"


def meanings(section: str, values: Iterable[str], crm: str = GENERAL) -> dict[str, str | None]:
    """The meaning of each distinct value of a column."""
    return {value: meaning(section, value, crm) for value in values}
