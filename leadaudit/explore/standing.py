"""The open leads as the exploration shows them, and which of them are chosen. No widget is known here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.language import sentence
from leadaudit.privacy import GROUP_MIN_COUNT, open_key
from leadaudit.report.charts.drawing import plain, stage_label
from leadaudit.report.lists import deciding_reason, lead_label

if TYPE_CHECKING:
    from leadaudit.audit import Audit
    from leadaudit.language import Language

KEPT = (
    "lead_id", "verdict", "shade", "reasons", "borderline", "pipeline", "stage", "stay_stage", "stay_days",
    "patience_days", "horizon_days", "chance", "chance_low", "chance_high", "age_days", "amount", "currency",
    "next_step_code",
)  # fmt: skip
OTHERS = "\x00others"
"""Owners and sources with too few leads to be shown, together. No client's text can hold this character first."""


@dataclass(frozen=True)
class Filters:
    """What a lead has to be to be shown; an empty choice and a missing limit let all through.

    Attributes
    ----------
    verdicts : frozenset of str
        Codes of verdicts.
    places, owners, sources : frozenset of str
        Values of the columns of the same names in :func:`standing` (``place``, ``owner``, ``source``).
    amount_low, amount_high : float or None
        Inclusive; a lead without a value passes only where neither is set.
    age_low, age_high : float or None
        Days since creation, inclusive; a lead of unknown age passes only where neither is set.
    """

    verdicts: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    amount_low: float | None = None
    amount_high: float | None = None
    age_low: float | None = None
    age_high: float | None = None


def standing(audit: Audit, key: Path | None = None) -> pd.DataFrame:
    """The open leads, one row each, those that bind most first.

    Parameters
    ----------
    audit : Audit
    key : Path, optional
        The project's key (``leadaudit.key``; made if absent): owners get the pseudonyms that they have in every
        audit with this key. Without one they are numbered within this export.

    Returns
    -------
    DataFrame
        ``lead_id``, ``label`` (id and name), ``verdict``, ``shade``, ``reasons``, ``borderline``, ``pipeline``,
        ``stage``, ``stay_stage``, ``place`` (the stage whose statistics apply, to read), ``stay_days``,
        ``patience_days``, ``horizon_days``, ``chance``, ``chance_low``, ``chance_high``, ``age_days``, ``amount``,
        ``currency``, ``next_step_code``, ``reason`` (the one that decided, in words), ``source``, and ``owner``: a
        pseudonym. An owner or a source of fewer than 5 open leads is part of ``others``.
    """
    known = audit.export.leads()[["lead_id", "name", "company", "source", "owner"]]
    # As in the report: values of several currencies are not compared.
    one_currency = len(audit.open_leads["currency"].dropna().unique()) <= 1
    by = ["amount", "stay_days", "lead_id"] if one_currency else ["stay_days", "lead_id"]
    ascending = [False] * (len(by) - 1) + [True]
    leads = audit.open_leads[list(KEPT)].merge(known, on="lead_id", how="left")
    leads = leads.sort_values(by, ascending=ascending, na_position="last", ignore_index=True)
    rows = leads.to_dict("records")
    several = len(leads["pipeline"].fillna("").unique()) > 1
    people = pseudonyms(known["owner"], audit.language, key, already=audit.privacy == "full")
    return leads.assign(
        label=[lead_label(row) for row in rows],
        place=[stage_label({**row, "stage": row["stay_stage"]}, with_pipeline=several) for row in rows],
        reason=[deciding_reason(row, audit.language) for row in rows],
        source=_grouped(leads["source"]),
        owner=_grouped(leads["owner"].map(people)),
    ).drop(columns=["name", "company"])


def pseudonyms(
    owners: pd.Series, language: Language, key: Path | None = None, *, already: bool = False
) -> dict[str, str]:
    """The pseudonym of each owner.

    Parameters
    ----------
    owners : Series of str
        Of all leads of the export, in its order.
    language : {"de", "en"}
    key : Path, optional
        The project's key; without one, persons are numbered as they first occur.
    already : bool, default False
        The export holds pseudonyms instead of names.

    Examples
    --------
    >>> pseudonyms(pd.Series(["Eva", "Jo", "Eva"]), "en")
    {'Eva': 'Person 1', 'Jo': 'Person 2'}
    """
    names = list(dict.fromkeys(name for name in owners if plain(name)))
    if already:
        return {name: name for name in names}
    if key is not None:
        secret = open_key(key)
        return {name: secret.pseudonym("person", name) for name in names}
    return {name: sentence("explore.person", language, n=number) for number, name in enumerate(names, 1)}


def _grouped(values: pd.Series) -> pd.Series:
    """Values that at least five leads share; the rest together; missing ones stay missing."""
    filled = values.where(values.map(plain) != "")
    sizes = filled.map(filled.value_counts())
    return filled.where(filled.isna() | (sizes >= GROUP_MIN_COUNT), OTHERS).astype("str")


def choices(leads: pd.DataFrame, column: str, language: Language) -> list[tuple[str, str]]:
    """What a filter offers: pairs of the words to show, with the number of leads, and the value; the largest first.

    Parameters
    ----------
    leads : DataFrame
        From :func:`standing`.
    column : str
        ``verdict``, ``place``, ``owner`` or ``source``.
    language : {"de", "en"}
    """
    counts = leads[column].value_counts()
    named = [(value, int(count)) for value, count in counts.items() if value != OTHERS]
    pairs = [(f"{words_of(value, column, language)} ({count})", value) for value, count in named]
    # Fewer than five would be somebody, not a group.
    if counts.get(OTHERS, 0) >= GROUP_MIN_COUNT:
        pairs.append((sentence("explore.others", language, n=int(counts[OTHERS])), OTHERS))
    return pairs


def words_of(value: str, column: str, language: Language) -> str:
    """A value of :func:`standing` to read."""
    if value == OTHERS:
        return sentence("explore.others_short", language)
    return sentence(f"verdict.{value}", language) if column == "verdict" else value


def chosen(leads: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """The leads that pass, in their order.

    Parameters
    ----------
    leads : DataFrame
        From :func:`standing`.
    filters : Filters

    Examples
    --------
    >>> leads = pd.DataFrame({"verdict": ["stalled", "overdue"], "amount": [5.0, None]})
    >>> len(chosen(leads, Filters(verdicts=frozenset({"overdue"}))))
    1
    >>> len(chosen(leads, Filters(amount_low=1)))
    1
    """
    passes = pd.Series(data=True, index=leads.index)
    for column, values in (
        ("verdict", filters.verdicts),
        ("place", filters.places),
        ("owner", filters.owners),
        ("source", filters.sources),
    ):
        if values:
            passes &= leads[column].isin(values)
    for column, low, high in (
        ("amount", filters.amount_low, filters.amount_high),
        ("age_days", filters.age_low, filters.age_high),
    ):
        if low is not None:
            passes &= leads[column] >= low
        if high is not None:
            passes &= leads[column] <= high
    return leads[passes.fillna(value=False)]
