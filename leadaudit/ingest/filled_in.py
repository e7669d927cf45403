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

BESIDE = ("closed_at", "close_at", "expected_close_at", "lost_reason")
"""What only leads that are over have, where it is filled in so."""


def endings_by_filling(sheet: Sheet) -> list[str]:
    """``WHEN … THEN`` of words of no known meaning that are endings by what is filled in beside them.

    The outcome is the one that no known word says; what is concluded so is an issue.
    """
    role = next((role for role in ("status", "stage") if sheet.has(role)), None)
    if role is None or not sheet.has(*BESIDE):
        return []
    words = sheet.distinct(sheet.roles[role])
    known = meanings("status" if role == "status" else "stages", words, sheet.crm)
    said = {meaning for meaning in known.values() if meaning in ("won", "lost")}
    unknown = [word for word in words if known[word] is None]
    if len(said) != 1 or not 0 < len(unknown) <= WORDS_MOST_COUNT:
        return []
    outcome = "lost" if "won" in said else "won"
    cells = [sheet.cell(name) for name in BESIDE if sheet.has(name) and (name != "lost_reason" or outcome == "lost")]
    still = [word for word in words if known[word] in ("open", "paused")]
    telling = [cell for cell in cells if _open_ones_lack(sheet, role, still, cell)]
    ended = [word for word in unknown if any(_has(sheet, role, word, cell) for cell in telling)]
    if not ended:
        return []
    which = f"{sheet.cell(role)} IN {listing(ended)}"
    sheet.log.add(
        f"closed_taken_{outcome}", "warning", file=sheet.source.file, sheet=sheet.source.sheet or None,
        column=sheet.header(sheet.roles[role]), value=", ".join(ended[:5]), count=_filled(sheet, "1", which)[0],
    )  # fmt: skip
    return [f"WHEN {which} THEN '{outcome}'"]


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
