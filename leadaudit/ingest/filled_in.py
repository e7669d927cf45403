"""What is filled in only for leads that are over tells which leads those are.

A word of no known meaning whose leads have a closing date or a reason for losing, while open leads have none, is an
ending.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.database import first_row, listing, quoted, text
from leadaudit.ingest.words import meanings

if TYPE_CHECKING:
    from leadaudit.ingest.sheet import Sheet

FILLED_SHARE = 0.8
"""Of the leads that are over at least so many have it …"""

FILLED_OPEN_SHARE = 0.1
"""… and of those that are open at most so many."""

LEADS_LEAST_COUNT = 5
OPEN_LEAST_COUNT = 3
"""Fewer leads than these tell nothing: of a word, and of those that are open."""

WORDS_MOST_COUNT = 15

BESIDE = ("closed_at", "close_at", "expected_close_at", "lost_reason", "probability")
"""What only leads that are over have, where it is filled in so."""


def endings_by_filling(sheet: Sheet) -> list[str]:
    """``WHEN … THEN`` of words of no known meaning that are endings by what is filled in beside them.

    A word beside a reason for losing is lost, one of leads with no chance at all as well, and one of leads with a full
    chance won. Where only one ending is known then, a closing date makes a word the other. What is concluded is an issue.
    """
    role = next((role for role in ("status", "stage") if sheet.has(role)), None)
    if role is None or not sheet.has(*BESIDE):
        return []
    words = sheet.distinct(sheet.roles[role])
    known = dict(meanings("status" if role == "status" else "stages", words, sheet.crm))
    if not 0 < sum(meaning is None for meaning in known.values()) <= WORDS_MOST_COUNT:
        return []
    told: list[str] = []
    for outcome, cell, both_said in _signs(sheet):
        said = {meaning for meaning in known.values() if meaning in ("won", "lost")}
        if outcome in said or (both_said and len(said) != 1):
            continue
        ended = _words_with(sheet, role, known, cell)
        if ended:
            told.append(_concluded(sheet, role, ended, outcome))
            known |= dict.fromkeys(ended, outcome)
    return told


def _signs(sheet: Sheet) -> list[tuple[str, str, bool]]:
    """Outcome, cell that only leads with it have, and whether the other outcome must be known for it to tell."""
    signs = [("lost", sheet.cell("lost_reason"), False)] if sheet.has("lost_reason") else []
    if sheet.has("probability"):
        share = sheet.number("probability", share=True)
        signs += [("lost", f"nullif({share} = 0, false)", False), ("won", f"nullif({share} = 1, false)", False)]
    dates = [sheet.cell(name) for name in BESIDE if sheet.has(name) and name.endswith("_at")]
    return [*signs, *((outcome, cell, True) for outcome in ("lost", "won") for cell in dates)]


def _words_with(sheet: Sheet, role: str, known: dict[str, str | None], cell: str) -> list[str]:
    """Words of no known meaning whose leads have something in a cell that open leads lack."""
    still = [word for word, meaning in known.items() if meaning in ("open", "paused")]
    if not _open_ones_lack(sheet, role, still, cell):
        return []
    return [word for word, meaning in known.items() if meaning is None and _has(sheet, role, word, cell)]


def _concluded(sheet: Sheet, role: str, ended: list[str], outcome: str) -> str:
    which = f"{sheet.cell(role)} IN {listing(ended)}"
    sheet.log.add(
        f"word_taken_{outcome}", "warning", file=sheet.source.file, sheet=sheet.source.sheet or None,
        column=sheet.header(sheet.roles[role]), value=", ".join(ended[:5]), count=_filled(sheet, "1", which)[0],
    )  # fmt: skip
    return f"WHEN {which} THEN '{outcome}'"


def _open_ones_lack(sheet: Sheet, role: str, still: list[str], cell: str) -> bool:
    """Whether leads that are known to be open, by a word or by none, have nothing in a cell."""
    listed = f" OR {sheet.cell(role)} IN {listing(still)}" if still else ""
    count, share = _filled(sheet, cell, f"({sheet.cell(role)} IS NULL{listed})")
    return count >= OPEN_LEAST_COUNT and share <= FILLED_OPEN_SHARE


def _has(sheet: Sheet, role: str, word: str, cell: str) -> bool:
    """Whether the leads of a word have something in a cell."""
    count, share = _filled(sheet, cell, f"{sheet.cell(role)} = {text(word)}")
    return count >= LEADS_LEAST_COUNT and share >= FILLED_SHARE


def _filled(sheet: Sheet, cell: str, where: str) -> tuple[int, float]:
    """Leads, and the share of them with something in a cell."""
    query = f"SELECT count(*), count({cell}) FROM {quoted(sheet.name)} WHERE {where}"
    count, filled = first_row(sheet.connection, query)
    return int(count), filled / count if count else 0.0
