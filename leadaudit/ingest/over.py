"""Words of the tenant's own that can only mean that a lead is over: nothing is planned for it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.closing import named_closing
from leadaudit.ingest.database import quoted
from leadaudit.ingest.meanings import ends_somehow

if TYPE_CHECKING:
    from leadaudit.ingest.sheet import Sheet

MIN_ROWS = 3
NEVER_SHARE = 0.05
MOSTLY_SHARE = 0.8
"""A value is over if so few of its rows have a next step, and so many of the other open ones; or the other way
round with a date of the ending or a reason of the loss."""


def over_values(sheet: Sheet, role: str) -> dict[str, str]:
    """Values of a status or stage that are over though no word says so, with what they mean.

    Parameters
    ----------
    sheet : Sheet
        Leads.
    role : str
        ``status`` or ``stage``.

    Returns
    -------
    dict of value to {"won", "lost"}
        Empty where it cannot be told which of the two.
    """
    values = sheet.distinct(sheet.roles[role])
    named = {value: named_closing(value) for value in values}
    known = {meaning for meaning in named.values() if meaning in ("won", "lost")}
    strange = [value for value, meaning in named.items() if meaning is None and not ends_somehow(value)]
    if len(strange) < 2 or len(known) == 2:
        return {}
    facts = _facts(sheet, role)
    planned, ended, why = ({value: facts[value][place] for value in strange if value in facts} for place in (1, 2, 3))
    enough = [value for value in planned if facts[value][0] >= MIN_ROWS]
    over = {v for v in enough if _apart(planned, v, high=False)} | {v for v in enough if _apart(ended, v, high=True)}
    if not over or len(over) == len(planned):
        return {}
    lost = {value for value in over if why[value] >= MOSTLY_SHARE}
    rest = over - lost
    found = dict.fromkeys(lost, "lost")
    if len(known | set(found.values())) == 1:
        found.update(dict.fromkeys(rest, "lost" if "won" in known else "won"))
    return found


def _facts(sheet: Sheet, role: str) -> dict[str, tuple[int, float, float, float]]:
    """By value: rows, and shares of them with a next step, a date of the ending, a reason of the loss."""

    def share(*roles: str) -> str:
        cells = [sheet.cell(one) for one in roles if sheet.has(one)]
        return f"avg((coalesce({', '.join(cells)}) IS NOT NULL)::INTEGER)" if cells else "0.0"

    rows = sheet.connection.execute(f"""
        SELECT {sheet.cell(role)}, count(*), {share("next_step_at")}, {share("closed_at", "won_at", "lost_at")},
            {share("lost_reason")}
        FROM {quoted(sheet.name)} WHERE {sheet.cell(role)} IS NOT NULL GROUP BY 1
    """).fetchall()
    return {str(value): (count, planned, ended, why) for value, count, planned, ended, why in rows}


def _apart(shares: dict[str, float], value: str, *, high: bool) -> bool:
    """Whether a value's share stands at one end, and that of most of the others at the other end."""
    others = [share for other, share in shares.items() if other != value]
    if high:
        return shares[value] >= MOSTLY_SHARE and min(others) <= NEVER_SHARE
    return shares[value] <= NEVER_SHARE and max(others) >= MOSTLY_SHARE
