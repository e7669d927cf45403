"""What stands behind a finding: its table by stage, quarter or kind, and the leads that it speaks of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from leadaudit.language import Language, has, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Cell, Column, fill, table

if TYPE_CHECKING:
    from leadaudit.audit import Audit

MOST_ROWS = 40
MOST_LEADS = 60
"""Leads named on the page; the workbook's sheet of findings names all."""

_TEXT = "text"
_TIMES: Mapping[str, Callable[[str], str]] = {
    "month": lambda text: "/".join(reversed(text.split("-"))),
    "quarter": lambda text: f"Q{text[-1]} {text[:4]}",
}


@dataclass(frozen=True)
class Shape:
    """How a finding's table is shown: its columns with their formats, and which of them hold codes that have words."""

    columns: Mapping[str, str]
    codes: Sequence[str] = ()


@dataclass(frozen=True)
class Crossed:
    """A table shown crosswise: one line for each value of `down`, one column for each of `across`, counts within."""

    down: str
    across: str
    codes: Sequence[str] = ()
    order: Sequence[str] = field(default_factory=tuple)
    only: Sequence[str] = field(default_factory=tuple)


SHAPES: Mapping[str, Shape | Crossed] = {
    "progress_share": Shape({"stage": _TEXT, "open_count": "count", "moved": "count", "settled": "count"}),
    "stuck_stages": Shape({
        "stage": _TEXT, "open": "count", "stuck": "count", "patience_days": "days", "chance_at_entry": "percent",
        "chance_at_patience": "percent", "chance_now": "percent",
    }),
    "recommended_decision_points": Shape({
        "stage": _TEXT, "open_count": "count", "chance_at_entry": "percent", "day": "days", "chance": "percent",
        "patience_days": "days", "horizon_days": "days",
    }),
    "decision_points_with_consequence": Shape({"kind": _TEXT, "count": "count", "followed": "count"}, ("kind",)),
    "ending_signs": Shape({"sign": _TEXT, "count": "count", "known_by": _TEXT}, ("sign", "known_by")),
    "chance_by_fit": Crossed("chance", "fit", ("chance", "fit")),
    "states_in_use": Crossed("quarter", "state", ("state",), only=("pause", "end")),
    "cohort_outcomes": Shape({
        "quarter": _TEXT, "won": "count", "ended_with_reason": "count", "ended_without": "count", "paused_with_date": "count",
        "open_within": "count", "open_beyond": "count",
    }),
    "resumption": Shape({"streak": _TEXT, "count": "count", "resumed": "count"}, ("streak",)),
    "maybe_share": Shape({"conversation": _TEXT, "count": "count", "maybe": "count"}, ("conversation",)),
    "early_conversation": Shape({"first_conversation": _TEXT, "leads": "count", "won": "count"}, ("first_conversation",)),
    "who_ended": Crossed("stage", "who", ("who",), ("them", "us", "unknown")),
    "tempo": Shape({"third": _TEXT, "leads": "count", "won": "count", "median_days": "days", "contacts": "number", "reversed": "count"}, ("third",)),
    "answer_time": Shape({"group": _TEXT, "theirs_days": "days", "ours_days": "days", "n": "count"}, ("group",)),
    "bottleneck": Crossed("month", "stage", ("stage",), ("in",)),
    "realistic_chances": Shape({"currency": _TEXT, "leads": "count", "weighted_by_crm": "money", "weighted_by_chance": "money"}),
    "status_inventory": Shape({"stage": _TEXT, "share": "percent", "rare": _TEXT, "catch_all": _TEXT}, ("rare", "catch_all")),
    "status_without_effect": Shape({
        "stage": _TEXT, "before": _TEXT, "entered_count": "count", "chance_before": "percent", "chance_after": "percent",
    }),
    "precondition_coverage": Shape({"field": _TEXT, "filled_share": "percent", "separates": _TEXT}, ("separates",)),
    "concentration": Shape({"segment": _TEXT, "group": _TEXT, "leads": "count", "overdue": "count"}, ("segment",)),
}  # fmt: skip


def behind(row: Mapping[Any, Any], audit: Audit, names: Mapping[str, str]) -> str:
    """The table and the leads of a finding, each folded away; empty where it has neither.

    Parameters
    ----------
    row : mapping
        One row of ``audit.findings``.
    audit : Audit
    names : mapping of lead id to label
        Leads that have a card, those that bind most first.
    """
    shown = _table(row, audit)
    leads = [one for one in str(row["leads"] or "").split("|") if one] if isinstance(row["leads"], str) else []
    return _folded(sentence("behind.table", audit.language), shown) + _leads(leads, names, audit.language)


def _folded(title: str, html: str) -> str:
    template = '<details class="behind"><summary>{{ title }}</summary>{{ html }}</details>'
    return fill(template, title=title, html=Markup(html)) if html else ""


def _leads(leads: Sequence[str], names: Mapping[str, str], language: Language) -> str:
    """The leads by name, in the order of the lists; a click opens the card of those that have one."""
    if not leads:
        return ""
    known = set(leads)
    ordered = [*[one for one in names if one in known], *[one for one in leads if one not in names]]
    html = fill(
        """<ul class="names">{% for one in shown %}<li data-card="{{ one }}">{{ names.get(one, one) }}</li>{% endfor %}</ul>
{% if more %}<p class="muted">{{ more }}</p>{% endif %}""",
        shown=ordered[:MOST_LEADS],
        names=names,
        more=sentence("behind.more", language, n=len(ordered) - MOST_LEADS) if len(ordered) > MOST_LEADS else "",
    )
    return _folded(sentence("behind.leads", language, n=len(ordered)), html)


def _table(row: Mapping[Any, Any], audit: Audit) -> str:
    language = audit.language
    shape = SHAPES.get(str(row["finding"]))
    rows = json.loads(row["table"]) if isinstance(row["table"], str) and row["table"] else []
    if shape is None or not rows:
        return ""
    found = _crossed(shape, rows, audit) if isinstance(shape, Crossed) else _listed(shape, rows, audit)
    title = f"finding_title.{row['finding']}"
    return table(*found, caption=sentence(title if has(title) else "behind.table", language)) if found else ""


def _listed(shape: Shape, rows: Sequence[Mapping[str, Any]], audit: Audit) -> tuple[list[Column], list[list[Cell]]]:
    language, ranks = audit.language, _ranks(audit)
    columns = [Column(_title(key, language), "" if kind == _TEXT else "number") for key, kind in shape.columns.items()]
    ordered = sorted(rows, key=lambda row: ranks.get(row["stage"], len(ranks))) if "stage" in shape.columns else rows
    cells = [
        [Cell(_written(one.get(key), key, kind, shape.codes, language)) for key, kind in shape.columns.items()]
        for one in ordered[:MOST_ROWS]
    ]
    return columns, cells


def _ranks(audit: Audit) -> dict[str, int]:
    """Place of each stage in the process; a stage that only the history names has none."""
    placed = audit.stages[audit.stages["rank"].notna()]
    return dict(zip(placed["stage"], placed["rank"], strict=True))


def _crossed(
    shape: Crossed, rows: Sequence[Mapping[str, Any]], audit: Audit
) -> tuple[list[Column], list[list[Cell]]] | None:
    chosen = [one for one in rows if not shape.only or one[shape.across] in shape.only]
    if not chosen:
        return None
    language = audit.language
    counts = pd.DataFrame(chosen).groupby([shape.down, shape.across], sort=False)["count"].sum().to_dict()
    down, across = (_ordered({key[place] for key in counts}, place, shape, chosen, audit) for place in (0, 1))
    columns = [Column(_title(shape.down, language))]
    columns += [Column(_written(name, shape.across, _TEXT, shape.codes, language), "number") for name in across]
    cells = [
        [
            Cell(_written(name, shape.down, _TEXT, shape.codes, language)),
            *[Cell(form(int(counts.get((name, one), 0)), "count", language)) for one in across],
        ]
        for name in down[:MOST_ROWS]
    ]
    return columns, cells


def _ordered(names: set[str], place: int, shape: Crossed, rows: Sequence[Mapping[str, Any]], audit: Audit) -> list[str]:
    """Months and quarters by time, stages as in the process, wins and endings last, all else as it came."""
    key = (shape.down, shape.across)[place]
    if key in ("month", "quarter"):
        return sorted(names)
    came = [*dict.fromkeys(row[key] for row in rows)]
    ranks = _ranks(audit) if key == "stage" else {}
    first, last = list(shape.order) if place else [], ("won", "ended")

    def where(name: str) -> tuple[int, float]:
        if name in first:
            return 0, first.index(name)
        return (2, last.index(name)) if name in last else (1, ranks.get(name, came.index(name)))

    return sorted(names, key=where)


def _title(key: str, language: Language) -> str:
    return sentence(f"behind.column.{key}" if has(f"behind.column.{key}") else f"column.{key}", language)


def _written(value: Any, key: str, kind: str, codes: Sequence[str], language: Language) -> str:
    """A value as the reader knows it: codes in words, numbers in their format, the client's own words as they are."""
    if kind != _TEXT:
        return form(value, kind, language)
    if value is None or value == "":
        return "–"
    if key in _TIMES:
        return _TIMES[key](str(value))
    code = str(value).lower()
    for known in (f"behind.{key}.{code}", f"reason.{code}"):
        if key in codes and has(known):
            return sentence(known, language)
    return str(value)
