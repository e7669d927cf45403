"""Words that sound like an ending and stand on leads that go on: their chances say so ("Delivered" = the quote was)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import quoted
from leadaudit.ingest.recognition.words import meanings
from leadaudit.ingest.typed.filled_in import concluded

if TYPE_CHECKING:
    from leadaudit.ingest.typed.sheet import Sheet

LEADS_LEAST_COUNT = 3
UNDECIDED_SHARE = 0.9
"""A word ends nothing where so many of its leads have another chance than an ending has …"""

DECIDED_SHARE = 0.8
"""… and so many of those of another word for the same ending have the chance of an ending."""


def endings_contradicted(sheet: Sheet) -> list[str]:
    """``WHEN … THEN 'open'`` of words read as won or lost whose leads' chances speak against it; said as an issue."""
    role = next((role for role in ("status", "stage") if sheet.has(role)), None)
    if role is None or not sheet.has("probability"):
        return []
    known = meanings("status" if role == "status" else "stages", sheet.distinct(sheet.roles[role]), sheet.crm)
    told: list[str] = []
    for outcome, end in (("won", 1), ("lost", 0)):
        words = [word for word, meaning in known.items() if meaning == outcome]
        if len(words) < 2:
            continue
        shares = _decided(sheet, role, end)
        counted = {word: shares[word] for word in words if word in shares and shares[word][0] >= LEADS_LEAST_COUNT}
        if any(decided >= DECIDED_SHARE for _, decided, _ in counted.values()):
            doubtful = [word for word, (_, _, undecided) in counted.items() if undecided >= UNDECIDED_SHARE]
            told += [concluded(sheet, role, doubtful, "open", "word_taken")] if doubtful else []
    return told


def _decided(sheet: Sheet, role: str, end: int) -> dict[str, tuple[int, float, float]]:
    """Per word: leads with a chance, the share of them that have that of the ending, and the share that have another."""
    share = sheet.number("probability", share=True)
    rows = sheet.connection.execute(
        f"SELECT {sheet.cell(role)}, count({share}), avg(({share} = {end})::INT),"
        f" avg(({share} <> {end})::INT) FROM {quoted(sheet.name)} GROUP BY 1"
    ).fetchall()
    return {word: (int(count), float(decided or 0), float(other or 0)) for word, count, decided, other in rows}
