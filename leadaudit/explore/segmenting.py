"""The five ideas by segment: one share each, with its interval. No widget is known here.

Persons are not compared, and a group of fewer than five leads is not shown by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.errors import LeadAuditError, did_you_mean, listed
from leadaudit.explore.standing import OTHERS
from leadaudit.findings import RULES
from leadaudit.findings.view import View
from leadaudit.language.formats import form
from leadaudit.preconditions import names_persons
from leadaudit.privacy import GROUP_MIN_COUNT
from leadaudit.shares import wilson

if TYPE_CHECKING:
    import numpy as np

    from leadaudit.audit import Audit
    from leadaudit.language import Language

IDEAS = ("decision_points", "endings", "conversations", "maturity", "steering")
MOST_GROUPS = 12
QUARTERS = 4
MOST_VALUES = 12
"""A column of numbers with more values is divided into quarters."""

UNSEEN = frozenset({"lead_id", "name", "lead_no", "next_step"})
"""Columns that tell leads apart, or are free text."""


@dataclass(frozen=True, eq=False)
class Cases:
    """What one idea counts: the lead of each case, and whether it held."""

    lead_no: np.ndarray
    held: np.ndarray


def segmented(audit: Audit, by: str = "source") -> pd.DataFrame:
    """The five ideas by the values of a column.

    ===============  ==============================================================================
    decision_points  open leads (paused ones aside) with an agreed next decision point
    endings          open leads for which an ending is due
    conversations    conversations that were followed by neither progress nor an ending within patience
    maturity         open leads with three or more contacts without an answer
    steering         open leads of which the CRM answers at most one of the four questions
    ===============  ==============================================================================

    Parameters
    ----------
    audit : Audit
    by : str
        A column of ``Audit.leads`` or of the export, its own ones included; a header of the export is understood
        too. Numbers and dates of many values are divided into quarters.

    Returns
    -------
    DataFrame
        One row per group and idea: ``group``, ``leads_count`` (open leads of the group), ``idea``, ``count`` and ``of``
        (cases), ``share`` (0-1), ``low`` and ``high`` (two-sided 90 %, Wilson). Missing where the export cannot tell.
        The largest groups first, at most twelve; the rest, groups of fewer than five leads and leads without a value
        are ``OTHERS`` (:data:`leadaudit.explore.standing.OTHERS`), left out if they are fewer than five.

    Raises
    ------
    LeadAuditError
        ``segment_unknown`` with the nearest column, or ``segment_persons``.
    """
    view = View(audit)
    group = groups(view, by)
    open_no = view.open["lead_no"].to_numpy()
    sizes = group.iloc[open_no].value_counts()
    kept = [name for name in sizes.index if name != OTHERS] + [name for name in sizes.index if name == OTHERS]
    rows = []
    cases = {idea: counted(view) for idea, counted in COUNTED.items()}
    for name in kept:
        if sizes[name] < GROUP_MIN_COUNT:
            continue
        inside = (group == name).to_numpy(dtype=bool)
        for idea in IDEAS:
            rows.append({"group": name, "leads_count": int(sizes[name]), "idea": idea, **_share(cases[idea], inside)})
    columns = ["group", "leads_count", "idea", "count", "of", "share", "low", "high"]
    counts = {
        "leads_count": "Int64",
        "count": "Int64",
        "of": "Int64",
        "share": "float64",
        "low": "float64",
        "high": "float64",
    }
    return pd.DataFrame(rows, columns=columns).astype({"group": "str", "idea": "str", **counts})


def columns_of(view: View) -> list[str]:
    """Columns that leads can be divided by."""
    from leadaudit.tables import LEADS

    own = [name for name in (*LEADS, *view.audit.export.extra_columns) if name in view.all and name not in UNSEEN]
    judged = ["verdict", "shade", "next_step_code", "basis", "stay_stage"]
    filled = [name for name in (*own, *judged) if view.all[name].notna().any()]
    return list(dict.fromkeys(name for name in filled if not _of_persons(view, name)))


def _of_persons(view: View, column: str) -> bool:
    values = view.all[column]
    if column == "owner":
        return True
    return not pd.api.types.is_numeric_dtype(values.dtype) and names_persons(
        column, values.astype("str").where(values.notna()), view.all["owner"]
    )


def groups(view: View, by: str) -> pd.Series:
    """The group of each lead, in the order of ``View.all``; ``OTHERS`` where it is none of its own."""
    if by not in view.all:
        roles = {header: role for source in view.audit.export.sources for role, header in source.roles.items()}
        by = roles.get(by, by)
    if by in view.all and by not in UNSEEN and _of_persons(view, by):
        raise LeadAuditError("segment_persons", by=by)
    there = columns_of(view)
    if by not in there:
        raise LeadAuditError("segment_unknown", by=by, valid=listed(there), hint=did_you_mean(by, there))
    values = _divided(view.all[by], view.audit.language)
    sizes = values.iloc[view.open["lead_no"].to_numpy()].value_counts()
    own = sizes[sizes >= GROUP_MIN_COUNT].head(MOST_GROUPS).index
    return values.where(values.isin(own), OTHERS).reset_index(drop=True)


def _divided(values: pd.Series, language: Language) -> pd.Series:
    """Values as text; numbers and dates of many values by quarters of their range of values."""
    is_time = pd.api.types.is_datetime64_any_dtype(values.dtype)
    number = values if is_time else pd.to_numeric(values, errors="coerce")
    plain = number.notna().sum() == values.notna().sum()
    if not plain or values.nunique() <= MOST_VALUES:
        texts = values.astype("str").str.strip()
        return texts.where(values.notna() & (texts != ""))
    quarter = pd.qcut(number, QUARTERS, duplicates="drop")
    kind = "date" if is_time else "number"
    names = {
        one: f"{form(one.left, kind, language)} – {form(one.right, kind, language)}" for one in quarter.cat.categories
    }
    return quarter.map(names).astype("str").where(number.notna())


def _share(cases: Cases | None, inside: np.ndarray) -> Mapping[str, float | int | None]:
    nothing: dict[str, float | int | None] = dict.fromkeys(("count", "of", "share", "low", "high"))
    if cases is None:
        return nothing
    own = inside[cases.lead_no]
    of, count = int(own.sum()), int((own & cases.held).sum())
    if of < GROUP_MIN_COUNT:
        return nothing | {"of": of}
    low, high = wilson(count, of)
    return {"count": count, "of": of, "share": count / of, "low": low, "high": high}


# ------------------------------------------------------------------ what each idea counts

_BY_NAME = {rule.finding: rule for rule in RULES}


def _named_by(finding: str, *, without: bool = False, paused: bool = True) -> Callable[[View], Cases | None]:
    """Open leads that a finding names; ``without`` turns it round, ``paused`` says whether paused leads are counted."""

    def counted(view: View) -> Cases | None:
        rule = _BY_NAME[finding]
        if view.absent(rule.needs):
            return None
        result = rule.work_out(view)
        if result.absent:
            return None
        leads = view.open if paused else view.open[view.open["verdict"] != "paused"]
        held = leads["lead_id"].isin(result.leads).to_numpy(dtype=bool)
        return Cases(leads["lead_no"].to_numpy(), ~held if without else held)

    return counted


def _conversations(view: View) -> Cases | None:
    """Conversations as the finding ``maybe_share`` counts them."""
    if view.absent(_BY_NAME["maybe_share"].needs):
        return None
    talks = view.conversations
    patience = view.patience_us_at(talks.lead_no, talks.at_us)
    seen = (talks.at_us + patience <= view.as_of_us) & (talks.at_us <= view.closed_us[talks.lead_no])
    lead_no, at_us = talks.lead_no[seen], talks.at_us[seen]
    return Cases(lead_no, view.settled.next_us(lead_no, at_us, or_then=True) > at_us + patience[seen])


COUNTED: Mapping[str, Callable[[View], Cases | None]] = {
    "decision_points": _named_by("next_step_valid", without=True, paused=False),
    "endings": _named_by("overdue_share"),
    "conversations": _conversations,
    "maturity": _named_by("unanswered_streak"),
    "steering": _named_by("four_answers"),
}
