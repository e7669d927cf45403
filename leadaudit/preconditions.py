"""Preconditions found among the fields: which values of the export's own columns separate won from lost.

For each value of a field, the share of won leads among the closed ones that have it is compared
with the share among the closed ones that have another value; leads without a value say nothing.
All comparisons of an export are corrected together (Holm 1979, family-wise 5 %), so that of twenty
fields without meaning hardly ever one is proposed.

A field that only the ending fills in (a lost reason, an invoice number) separates perfectly and is
worthless. It gives itself away on the open leads, and is left out if

- hardly any open lead has a value (fewer than ten, or a fifth of the share of an ending); a single
  value that open leads hardly ever have is left out in the same way, and so is one that no open lead
  and only one kind of ending has;
- the history of the field shows that it is mostly set on the day of the ending or later;
- its values divide won from lost without any exception in both directions.

Fields that name persons are left out because nobody is ranked, and fields that count or date work
because movement is no precondition.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from leadaudit.shares import apart, chance_of_difference, holm, wilson
from leadaudit.tables import Column, Table, conform

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export

FieldKind = Literal["yes_no", "category", "number"]

VALUES_MOST = 12
"""A field with more different values than this is free text, unless they are numbers."""

CASES_MIN_COUNT = 10
"""Closed leads on each side of a comparison, and open leads that have the field filled in at all."""

WON_MIN_COUNT = 10
"""Won leads among those compared, as many as learning needs anywhere."""

ERROR_SHARE = 0.05
"""Family-wise chance of proposing anything where no field means anything."""

RARE_WHILE_OPEN_SHARE = 0.2
"""A value that open leads have less often than this part of how often an ending has it comes from the ending."""

AT_ENDING_SHARE = 0.5
"""A field is set by the ending if more than this share of its first entries fall on that day or later."""

NUMBERS_SHARE = 0.9

_YES_NO = frozenset("ja nein yes no true false wahr falsch j n y x 0 1".split())
_PERSONS = re.compile(
    r"owner|besitzer|ersteller|erstellt von|created by|creator|user|benutzer|zust(ä|ae)ndig|verantwortlich|bearbeiter"
    r"|\brep\b|assigned|mitarbeiter|modified by|ge(ä|ae)ndert von|kontaktperson|ansprechpartner|contact",
    re.IGNORECASE,
)
_WORK = re.compile(
    r"aktivit|activit|e-?mails?\b|anruf|\bcalls?\b|meeting|termine|notizen|notes|ge(ä|ae)ndert|modified|updated|\btage\b"
    r"|\bdays\b|\balter\b|\bage\b|weighted|gewichtet|\bid\b|nummer|number|wahrscheinlichkeit|probability|forecast|prognose",
    re.IGNORECASE,
)
_IDENTIFIES = re.compile(r"(?:ID|Id|[_ ]id|Nr\.?|No\.?)$")
_DATED = re.compile(
    r"^(\d{4}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2}|\d{1,2}[./]\d{4}$|\d{4}-?Q\d|q\d[ /-]\d{4})", re.IGNORECASE
)
_THOUSANDS = re.compile(r"^-?\d{1,3}(?:[.,]\d{3})+$|,")

FIELDS: Table = {
    "column": Column("text", "header of the field"),
    "kind": Column("text", "yes_no, category, number; missing = free text or nothing"),
    "open_filled_share": Column("number", "open leads that have a value"),
    "closed_filled_share": Column("number", "closed leads that have a value"),
    "closed_count": Column("count", "closed leads that have a value"),
    "answer": Column(
        "text",
        "separates, same (no difference beyond chance), few, free_text, work, persons, open_empty or set_by_ending",
    ),
}
"""One row per field of the export, in its order: what was made of it."""

FIELD_VALUES: Table = {
    "column": Column("text", "header of the field"),
    "kind": Column("text", "yes_no, category or number"),
    "value": Column("text", "the value; of numbers the limit that is reached or exceeded"),
    "count": Column("count", "closed leads that have it"),
    "won_count": Column("count", "of these, won"),
    "won_share": Column("number", "won_count / count"),
    "other_count": Column("count", "closed leads that have another value"),
    "other_won_count": Column("count", "of these, won"),
    "other_won_share": Column("number", "other_won_count / other_count"),
    "difference": Column("number", "won_share - other_won_share"),
    "low": Column("number", "lower end of its 90 % interval (Newcombe)"),
    "high": Column("number", "upper end"),
    "chance_of_difference": Column(
        "number", "probability of such a difference by chance, corrected for all comparisons"
    ),
    "judged": Column("text", "good, bad or neither"),
    "practically_lost": Column(
        "flag", "bad, and the share won is bounded below max(5 %, a quarter of all): an ending sign"
    ),
}
"""One row per value compared, in the order of the fields; those proposed have ``judged`` good or bad."""


@dataclass(frozen=True)
class Separation:
    """What the export's own fields say about won and lost.

    Attributes
    ----------
    fields : DataFrame
        FIELDS, one row per field.
    values : DataFrame
        FIELD_VALUES, one row per value that was compared.
    """

    fields: pd.DataFrame
    values: pd.DataFrame

    @property
    def separating(self) -> tuple[str, ...]:
        """Headers of the fields that separate won from lost, in the export's order."""
        return tuple(self.fields.loc[self.fields["answer"] == "separates", "column"])


def separation(export: Export, *, wrong_entries: Collection[str] = ()) -> Separation:
    """Look for preconditions among the fields that the export has beyond our own.

    Parameters
    ----------
    export : Export
        As known at its moment; fields that cannot be known there are left out.
    wrong_entries : collection of str
        Ids of leads that were ended as duplicate, test or wrong entry.

    Returns
    -------
    Separation
    """
    names = [name for name in export.extra_columns if name not in export.masked]
    leads = export.leads()
    leads = leads[~leads["lead_id"].isin(list(wrong_entries))]
    return separation_of(leads, names, changes=export.changes() if names and "F" in export.evidence else None)


def separation_of(leads: pd.DataFrame, columns: Sequence[str], *, changes: pd.DataFrame | None = None) -> Separation:
    """The same for a frame of leads.

    Parameters
    ----------
    leads : DataFrame
        ``lead_id``, ``status`` (open, paused, won, lost), the fields as text, and if there are
        any ``owner`` and ``closed_at``.
    columns : sequence of str
        Headers of the fields to look at.
    changes : DataFrame, optional
        CHANGES; tells when a field was first filled in.

    Examples
    --------
    >>> status = ["won"] * 30 + ["lost"] * 30 + ["open"] * 20
    >>> budget = ["Ja"] * 25 + ["Nein"] * 5 + ["Ja"] * 8 + ["Nein"] * 22 + ["Ja", "Nein"] * 10
    >>> leads = pd.DataFrame({"lead_id": range(80), "status": status, "Budget": budget})
    >>> separation_of(leads, ["Budget"]).separating
    ('Budget',)
    """
    fields, values = [], []
    for column in columns:
        field, compared = _looked_at(column, leads, changes)
        fields.append(field)
        values += compared
    tested = _judged(conform(pd.DataFrame(values, columns=list(FIELD_VALUES)), FIELD_VALUES), leads)
    table = conform(pd.DataFrame(fields, columns=list(FIELDS)), FIELDS)
    hit = table["column"].isin(tested.loc[tested["judged"] != "neither", "column"])
    table.loc[hit, "answer"] = "separates"
    return Separation(table, tested)


def _looked_at(
    column: str, leads: pd.DataFrame, changes: pd.DataFrame | None
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """One row of FIELDS, and rows of FIELD_VALUES without the correction."""
    texts = leads[column].astype("str").str.strip()
    texts = texts.where(texts.fillna("") != "")
    running = leads["status"].isin(["open", "paused"]).to_numpy()
    closed = leads["status"].isin(["won", "lost"]).to_numpy()
    filled = texts.notna().to_numpy()
    kind = _kind(texts[filled])
    field: dict[str, object] = {
        "column": column, "kind": kind, "closed_count": int((filled & closed).sum()),
        "open_filled_share": _share(filled[running]), "closed_filled_share": _share(filled[closed]),
    }  # fmt: skip
    why = _left_out(column, kind, texts, leads, changes)
    if why or kind is None:
        return field | {"answer": why or "free_text"}, []
    won = (leads["status"] == "won").to_numpy()
    groups = [
        (value, has) for value, has in (_limits(texts, closed) if kind == "number" else _groups(texts, closed))
        if not _written_by_ending(has, filled, closed, running, won)
        and not (kind == "number" and _written_by_ending(~has & filled, filled, closed, running, won))
    ]  # fmt: skip
    # A value that the ending writes is no other value either: whoever has it is left out of the comparison.
    told = np.logical_or.reduce([has for _, has in groups]) if groups and kind != "number" else filled
    rows = [_compared(column, kind, name, has & closed & filled, ~has & closed & told, won) for name, has in groups]
    enough = [row for row in rows if row is not None]
    return field | {"answer": "same" if enough else "few"}, enough


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else np.nan


def _kind(texts: pd.Series) -> FieldKind | None:
    different = texts.str.casefold().unique()
    if not len(different):
        return None
    if sum(bool(_DATED.match(value)) for value in different) >= NUMBERS_SHARE * len(different):
        return None
    if set(different) <= _YES_NO and len(different) <= 2:
        return "yes_no"
    if len(different) <= VALUES_MOST:
        return "category"
    # "1.200" is a number to one reader and 1.2 to another: only numbers that read one way are compared.
    numbers = pd.to_numeric(texts, errors="coerce")
    plain = numbers.notna().mean() >= NUMBERS_SHARE and not texts.str.contains(_THOUSANDS).any()
    counted = numbers.nunique() > 0.95 * len(numbers) and bool((numbers.dropna() % 1 == 0).all())
    return "number" if plain and not counted else None


def _left_out(
    column: str, kind: FieldKind | None, texts: pd.Series, leads: pd.DataFrame, changes: pd.DataFrame | None
) -> str:
    """Why a field is not compared; empty if it is."""
    status = leads["status"]
    filled = texts.notna()
    if kind != "number" and names_persons(column, texts, leads.get("owner")):
        return "persons"
    if kind is None:
        return "free_text"
    if _WORK.search(column):
        return "work"
    if _IDENTIFIES.search(column):
        return "free_text"
    of_open = filled[status.isin(["open", "paused"])]
    most = max((_share(filled[status == ending].to_numpy()) for ending in set(status) & {"won", "lost"}), default=0.0)
    if of_open.sum() < CASES_MIN_COUNT or wilson(int(of_open.sum()), len(of_open))[1] < RARE_WHILE_OPEN_SHARE * most:
        return "open_empty"
    if _divides(texts, status) or _set_by_ending(column, leads, changes):
        return "set_by_ending"
    return ""


def names_persons(column: str, texts: pd.Series, owners: pd.Series | None = None) -> bool:
    """Whether a column names persons: by its header, or because half of its values are owners of leads.

    Parameters
    ----------
    column : str
        Its header.
    texts : Series of str
    owners : Series of str, optional

    Examples
    --------
    >>> names_persons("Created by", pd.Series(["Eva"])), names_persons("Region", pd.Series(["North"]))
    (True, False)
    """
    people = set() if owners is None else set(owners.dropna().str.casefold())
    different = set(texts.dropna().str.casefold())
    return bool(_PERSONS.search(column)) or bool(different and len(different & people) >= 0.5 * len(different))


def _divides(texts: pd.Series, status: pd.Series) -> bool:
    """Whether no value occurs on both won and lost leads: the field repeats the ending."""
    won, lost = (set(texts[status == ending].dropna().str.casefold()) for ending in ("won", "lost"))
    return bool(won) and bool(lost) and not won & lost


def _set_by_ending(column: str, leads: pd.DataFrame, changes: pd.DataFrame | None) -> bool:
    if changes is None or "closed_at" not in leads:
        return False
    own = changes[(changes["field"] == column) & changes["after"].notna()]
    first = own.groupby("lead_id")["at"].min()
    closed_at = leads[leads["status"].isin(["won", "lost"])].set_index("lead_id")["closed_at"].dropna()
    both = pd.concat({"first": first, "closed": closed_at}, axis=1, join="inner")
    if len(both) < CASES_MIN_COUNT:
        return False
    return bool((both["first"] >= both["closed"].dt.normalize()).mean() > AT_ENDING_SHARE)


def _groups(texts: pd.Series, closed: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Values to compare with the rest, as most of the closed leads spell them."""
    folded = texts.str.casefold()
    spelled = texts[closed].groupby(folded[closed]).agg(lambda same: same.value_counts().index[0])
    return [(str(spelling), (folded == value).fillna(False).to_numpy(bool)) for value, spelling in spelled.items()]


def _written_by_ending(
    has: np.ndarray, filled: np.ndarray, closed: np.ndarray, running: np.ndarray, won: np.ndarray
) -> bool:
    """Whether open leads hardly ever have what closed ones have, or never and only one ending has it."""
    of_closed, of_open = int((has & closed).sum()), int((has & running).sum())
    if not of_open and int((has & won).sum()) in (0, of_closed):
        return True
    bound = wilson(of_open, int((filled & running).sum()))[1]
    return bound < RARE_WHILE_OPEN_SHARE * of_closed / max(int((filled & closed).sum()), 1)


def _limits(texts: pd.Series, closed: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """The quartiles of a number as limits to compare at."""
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(float)
    known = numbers[closed & ~np.isnan(numbers)]
    if not len(known):
        return []
    limits = np.unique(np.quantile(known, [0.25, 0.5, 0.75], method="nearest"))
    return [(f"{limit:g}", numbers >= limit) for limit in limits if (known < limit).any()]


def _compared(
    column: str, kind: FieldKind, value: str, having: np.ndarray, other: np.ndarray, won: np.ndarray
) -> dict[str, object] | None:
    """A row of FIELD_VALUES; none where a side is too small to say anything."""
    count, other_count = int(having.sum()), int(other.sum())
    won_count, other_won = int((having & won).sum()), int((other & won).sum())
    if min(count, other_count) < CASES_MIN_COUNT or won_count + other_won < WON_MIN_COUNT:
        return None
    low, high = apart(won_count, count, other_won, other_count)
    return {
        "column": column, "kind": kind, "value": value, "count": count, "won_count": won_count,
        "won_share": won_count / count, "other_count": other_count, "other_won_count": other_won,
        "other_won_share": other_won / other_count, "difference": won_count / count - other_won / other_count,
        "low": low, "high": high,
        "chance_of_difference": chance_of_difference(won_count, count, other_won, other_count),
    }  # fmt: skip


def _judged(values: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """Correct for the number of comparisons, and say which values are good and which are bad."""
    # Of two values either says what the other says: one comparison.
    sides = values[["count", "other_count"]].astype("int64")
    test = [values["column"], sides.min(axis=1), sides.max(axis=1), values["chance_of_difference"].round(12)]
    number = pd.MultiIndex.from_arrays(test).factorize()[0]
    single = values["chance_of_difference"].groupby(number).first()
    corrected = np.array(holm(single.tolist()))[number] if len(values) else np.empty(0)
    beyond_chance = corrected < ERROR_SHARE
    judged = np.where(~beyond_chance, "neither", np.where(values["difference"] > 0, "good", "bad"))
    closed = leads["status"].isin(["won", "lost"])
    usual = float((leads.loc[closed, "status"] == "won").mean()) if closed.any() else 0.0
    gone = max(0.05, 0.25 * usual)
    bound = np.array([wilson(won, of)[1] for won, of in zip(values["won_count"], values["count"], strict=True)])
    return values.assign(
        chance_of_difference=corrected, judged=judged,
        practically_lost=pd.array((judged == "bad") & (bound < gone), dtype="boolean"),
    )  # fmt: skip
