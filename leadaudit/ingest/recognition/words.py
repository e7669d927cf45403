"""What the words of a column mean, as SQL: each distinct value is looked up once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from leadaudit.ingest.loading.database import text
from leadaudit.ingest.recognition.meanings import (
    activity_direction,
    activity_state,
    changed_field,
    classify_stage,
    classify_status,
    null_tokens,
    outcome_of,
)
from leadaudit.ingest.recognition.meanings import truth as said_yes
from leadaudit.ingest.recognition.parties import by_sides
from leadaudit.ingest.recognition.profiles import GENERAL, profile_of

SURE = 0.6
"""How sure the meaning of a stage's name must be to close or pause a lead."""

NOT_ID = "000000000000000aaa"
_OUTCOMES = {
    word: outcome
    for outcome, words in {
        "won": "gagné gagnée ganado ganada ganha ganho vinto vinta gewonnen vunnen wygrana",
        "lost": "perdu perdue perdido perdida perso persa verloren tabt förlorad przegrana",
        "open": "ouvert ouverte abierto abierta aperto aperta aberto",
    }.items()
    for word in words.split()
}
_YES_NO = {"si": True, "sí": True, "oui": True, "non": False, "sim": True, "não": False}
"""Neighbouring languages; the profiles hold German and English."""


@lru_cache(maxsize=65_536)
def meaning(section: str, value: str, crm: str = GENERAL) -> str | None:
    """What a value stands for, or None.

    Parameters
    ----------
    section : str
        ``stages``, ``status``, ``directions``, ``done``, ``outcomes`` or ``fields``.
    value : str
    crm : str
        Profile asked before the general one.

    Examples
    --------
    >>> meaning("stages", "5. Gewonnen"), meaning("directions", "Eingehend"), meaning("status", "blue")
    ('won', 'inbound', None)
    """
    profile = profile_of(crm)
    if section in ("stages", "status"):
        guess = (classify_stage if section == "stages" else classify_status)(value, profile)
        sure = guess.sure >= SURE or guess.meaning == "open"
        return guess.meaning if sure and guess.meaning else _OUTCOMES.get(value.strip().casefold())
    asked = {"directions": activity_direction, "done": activity_state, "outcomes": outcome_of, "fields": changed_field}
    return asked[section](value, profile)


@lru_cache(maxsize=4_096)
def truth(value: str, crm: str = GENERAL) -> bool | None:
    """Whether a value says yes or no.

    Examples
    --------
    >>> truth("Ja"), truth("FALSE"), truth("perhaps")
    (True, False, None)
    """
    said = said_yes(value, profile_of(crm))
    return _YES_NO.get(value.strip().casefold()) if said is None else said


@lru_cache(maxsize=64)
def null_words(crm: str = GENERAL) -> tuple[str, ...]:
    """Cells that stand for nothing, in lower case."""
    return tuple(sorted({*null_tokens(profile_of(crm)), NOT_ID}))


def mapped(cell: str, values: Mapping[str, str | bool | None], otherwise: str = "NULL") -> str:
    """SQL that gives each value its meaning.

    Parameters
    ----------
    cell : str
        SQL of the text.
    values : mapping of value to meaning
        Values without a meaning give ``otherwise``.

    Examples
    --------
    >>> mapped("x", {"Ja": True, "Nein": False})
    "CASE WHEN x IN ('Ja') THEN true WHEN x IN ('Nein') THEN false ELSE NULL END"
    """
    groups: dict[str, list[str]] = {}
    for value, means in values.items():
        if means is not None:
            groups.setdefault(text(means) if isinstance(means, str) else str(means).lower(), []).append(value)
    if not groups:
        return otherwise
    whens = " ".join(f"WHEN {cell} IN ({', '.join(map(text, found))}) THEN {means}" for means, found in groups.items())
    return f"CASE {whens} ELSE {otherwise} END"


def meanings(section: str, values: Iterable[str], crm: str = GENERAL) -> dict[str, str | None]:
    """The meaning of each distinct value of a column.

    Examples
    --------
    >>> meanings("status", ["O", "G", "V"])
    {'O': 'open', 'G': 'won', 'V': 'lost'}
    """
    listed = list(values)
    found = {value: meaning(section, value, crm) for value in listed}
    if section == "directions":
        return {**found, **{value: way for value, way in by_sides(listed).items() if found[value] is None}}
    return {**found, **_letters(listed)} if section in ("stages", "status") else found


_LETTERS: tuple[dict[str, str], ...] = (
    {"O": "open", "N": "open", "B": "open", "G": "won", "V": "lost", "Z": "paused", "R": "paused"},
    {"O": "open", "N": "open", "W": "won", "L": "lost", "H": "paused", "P": "paused"},
)
"""First letters of German and English words for where a lead stands."""


def _letters(values: list[str]) -> dict[str, str | None]:
    """A column of single letters: first letters of words, where all of them fit and two of them are won and lost."""
    for known in _LETTERS:
        found = {value: known.get(value.strip().upper()) for value in values}
        if len(values) > 1 and all(found.values()) and {"won", "lost"} <= set(found.values()):
            return found
    return {}
