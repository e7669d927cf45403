"""What stands beside a word that nobody knows, and what is missing there, tells whether its leads are over.

Only leads that are over have a closing date, a reason for losing, or a chance of 0 or 100 %; only those that go on
have a next step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import listing, quoted, scalar
from leadaudit.ingest.recognition.meanings import ends_somehow
from leadaudit.ingest.recognition.words import meanings

if TYPE_CHECKING:
    from leadaudit.ingest.typed.sheet import Sheet

MOST_SHARE = 0.8
"""Of the leads of a word that is an ending at least so many show the sign …"""

FEW_SHARE = 0.1
"""… and of those that go on at most so many."""

LEADS_LEAST_COUNT = 3
"""Fewer leads than this tell nothing, neither of a word nor of those that go on."""

WORDS_MOST_COUNT = 15

BESIDE = ("closed_at", "close_at", "expected_close_at", "lost_reason", "probability", "next_step_at")
"""What may stand beside a word."""


@dataclass(frozen=True)
class Sign:
    """What shows that leads are over, as SQL of a row, and how they ended; None = told by the other ending only."""

    shown: str
    outcome: str | None = None


def endings_by_filling(sheet: Sheet) -> list[str]:
    """``WHEN … THEN`` of words of no known meaning that are endings by what stands beside them.

    A word beside a reason for losing is lost, one of leads with no chance at all as well, and one of leads with a full
    chance won. Once one ending is known, a closing date, or nothing planned, makes another word the other ending. What
    is concluded is an issue.
    """
    role = next((role for role in ("status", "stage") if sheet.has(role)), None)
    if role is None or not sheet.has(*BESIDE) or sheet.has("won_flag", "lost_flag", "closed_flag"):
        return []
    words = sheet.distinct(sheet.roles[role])
    known = dict(meanings("status" if role == "status" else "stages", words, sheet.crm))
    if not 0 < sum(meaning is None for meaning in known.values()) <= WORDS_MOST_COUNT:
        return []
    told: list[str] = []
    for sign in _signs(sheet):
        outcome = sign.outcome or _other(known)
        if outcome is None or outcome in known.values():
            continue
        ended = _words_with(sheet, role, known, sign.shown)
        if ended:
            told.append(concluded(sheet, role, ended, outcome, "word_taken"))
            known |= dict.fromkeys(ended, outcome)
    return told


def _signs(sheet: Sheet) -> list[Sign]:
    signs = [Sign(f"{sheet.cell('lost_reason')} IS NOT NULL", "lost")] if sheet.has("lost_reason") else []
    if sheet.has("probability"):
        share = sheet.number("probability", share=True)
        ends = scalar(
            sheet.connection, f"SELECT count(DISTINCT {share}) FROM {quoted(sheet.name)} WHERE {share} IN (0, 1)"
        )
        # No chance alone may be where leads begin.
        signs += [Sign(f"{share} = 0", "lost"), Sign(f"{share} = 1", "won")] if ends > 1 else []
    dates = ("closed_at", "close_at", "expected_close_at")
    signs += [Sign(f"{sheet.cell(name)} IS NOT NULL") for name in dates if sheet.has(name)]
    return [*signs, Sign(f"{sheet.cell('next_step_at')} IS NULL")] if sheet.has("next_step_at") else signs


def _other(known: dict[str, str | None]) -> str | None:
    """The ending that no word says yet, where exactly one is said."""
    said = {meaning for meaning in known.values() if meaning in ("won", "lost")}
    return next(iter({"won", "lost"} - said)) if len(said) == 1 else None


def _words_with(sheet: Sheet, role: str, known: dict[str, str | None], shown: str) -> list[str]:
    """Words of no known meaning whose leads mostly show a sign that leads which go on hardly ever show."""
    shares = _shares(sheet, role, shown)
    going_on = [word for word, meaning in known.items() if meaning in ("open", "paused")]
    others = [shares[word] for word in [*going_on, None] if word in shares]
    strange = {word: shares[word] for word, meaning in known.items() if meaning is None and word in shares}
    enough = {word: share for word, (count, share) in strange.items() if count >= LEADS_LEAST_COUNT}
    if sum(count for count, _ in others) >= LEADS_LEAST_COUNT:
        least = sum(count * share for count, share in others) / sum(count for count, _ in others)
    else:  # no word says that leads go on: one of the unknown ones may
        least = min(enough.values(), default=1.0)
    ended = [word for word, share in enough.items() if share >= MOST_SHARE and not ends_somehow(word)]
    return ended if least <= FEW_SHARE else []


def _shares(sheet: Sheet, role: str, shown: str) -> dict[str | None, tuple[int, float]]:
    """Leads per word (None: without one), and the share of them that show a sign."""
    rows = sheet.connection.execute(
        f"SELECT {sheet.cell(role)}, count(*), avg(coalesce({shown}, false)::INT) FROM {quoted(sheet.name)} GROUP BY 1"
    ).fetchall()
    return {word: (int(count), float(share)) for word, count, share in rows}


def concluded(sheet: Sheet, role: str, words: list[str], outcome: str, code: str) -> str:
    """``WHEN … THEN`` of words that were concluded to be an ending, and the issue that says so."""
    which = f"{sheet.cell(role)} IN {listing(words)}"
    sheet.log.add(
        f"{code}_{outcome}", "warning", file=sheet.source.file, sheet=sheet.source.sheet or None,
        column=sheet.header(sheet.roles[role]), value=", ".join(words[:5]),
        count=scalar(sheet.connection, f"SELECT count(*) FROM {quoted(sheet.name)} WHERE {which}"),
    )  # fmt: skip
    return f"WHEN {which} THEN '{outcome}'"
