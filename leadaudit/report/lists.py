"""The action lists: leads of one verdict, those that bind most first, and the card of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.ingest.typed.identity import is_made
from leadaudit.language import Language, has, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, fill, table
from leadaudit.report.sections import SIDE_VERDICTS

if TYPE_CHECKING:
    from leadaudit.audit import Audit
    from leadaudit.report.charts.drawing import Gallery

MOST_ROWS = 500
"""Rows of a table on the page; the workbook holds all."""

MOST_OTHERS = 3
"""Reasons beside the deciding one; the card has all."""

PRINTED_ROWS = {"overdue": 30, "stalled": 30, "progressing": 15, "paused": 15, "undetermined": 15}
"""Rows on paper: the PDF is read, the page and the workbook are worked with."""

MOST_LETTERS = 120
"""A longer name is cut on the page; the workbook has it in full."""

_CARD_ROWS = ("decision_due", "why_here", "missing", "next_step", "when_to_end", "what_would_change", "proof")
_COLUMNS = (
    ("lead", "id"),
    ("stage", ""),
    ("stay_days_short", "number"),
    ("chance", "number"),
    ("reasons", "wide"),
)
_LAST_COLUMN = ("amount", "number")
"""An export without amounts has none."""

_SAYS = {"overdue": "proof"}
"""The answer beside the reasons. Where the proposal is the same for all, that is what it rests on; else the next step."""

_SHOWN = (
    "lead_id", "stage", "verdict", "shade", "reasons", "borderline", "stay_days", "patience_days", "horizon_days",
    "chance", "chance_low", "chance_high", "chance_at_entry", "amount", "currency", "basis",
)  # fmt: skip


def leads(audit: Audit, verdict: str) -> Block:
    """The open leads of one verdict: where they stand, since when, why, and what to do."""
    language = audit.language
    chosen = chosen_leads(audit, verdict)
    if chosen.empty and verdict in SIDE_VERDICTS:
        return Block("")
    if chosen.empty:
        return Block(fill("<p>{{ said }}</p>", said=sentence(f"list.{verdict}.none", language)))
    shown = chosen.head(MOST_ROWS).to_dict("records")
    words = _words(audit, shown)
    says = _SAYS.get(verdict, "next_step")
    named = [*_COLUMNS, (says, f"wide {says}"), *([_LAST_COLUMN] if chosen["amount"].notna().any() else [])]
    columns = [Column(sentence(f"column.{name}", language), look) for name, look in named]
    printed = PRINTED_ROWS[verdict]
    caption = sentence(f"list.{verdict}.caption", language, n=len(chosen))
    if len(chosen) > 1:
        caption = sentence(f"list.by_{_ordered_by(chosen)}", language, caption=caption)
    html = table(
        columns,
        [_row(lead, says, words[lead["lead_id"]], language)[: len(named)] for lead in shown],
        caption=caption,
        sortable=True,
        filterable=True,
        look=f"stack print-{printed}",
    )
    return Block(html + _more(len(chosen), len(shown), printed, language), cards=lead_cards(audit, shown))


def _more(count: int, shown_count: int, printed_count: int, language: Language) -> str:
    """What is not in the table: on the page, and on paper."""
    return fill(
        '{% if page %}<p class="muted no-print">{{ page }}</p>{% endif %}{% if paper %}<p class="muted only-print">{{ paper }}</p>{% endif %}',
        page=sentence("list.more", language, n=count - shown_count) if count > shown_count else "",
        paper=sentence("list.more", language, n=count - printed_count) if count > printed_count else "",
    )


def chosen_leads(audit: Audit, verdict: str) -> pd.DataFrame:
    """Leads of a verdict with their names, those that bind most first."""
    of_verdict = audit.open_leads.loc[audit.open_leads["verdict"] == verdict, list(_SHOWN)]
    named = of_verdict.merge(audit.export.leads()[["lead_id", "name", "company"]], on="lead_id", how="left")
    return most_first(named)


def labels(audit: Audit) -> dict[str, str]:
    """The open leads with what they are called, in the order in which to decide on them."""
    known = audit.export.leads()[["lead_id", "name", "company"]]
    named = most_first(
        audit.open_leads[["lead_id", "stay_days", "amount", "currency"]].merge(known, on="lead_id", how="left")
    )
    return {str(lead["lead_id"]): lead_label(lead) for lead in named.to_dict("records")}


def most_first(leads: pd.DataFrame) -> pd.DataFrame:
    """Leads in the order in which to decide on them: by value, then by length of stay.

    Values of different currencies are not compared; the length of stay decides there.
    """
    by = ["amount", "stay_days", "lead_id"] if _ordered_by(leads) == "value" else ["stay_days", "lead_id"]
    return leads.sort_values(by, ascending=[False] * (len(by) - 1) + [True], na_position="last")


def _ordered_by(leads: pd.DataFrame) -> str:
    one_currency = len(leads["currency"].dropna().unique()) <= 1
    return "value" if one_currency and leads["amount"].notna().any() else "days"


def _row(lead: dict[str, Any], says: str, words: Mapping[Any, Any], language: Language) -> list[Cell]:
    name, number = _name_and_id(lead)
    # The proof says the chance with its numbers already.
    reason = deciding_reason({**lead, "chance": None} if says == "proof" else lead, language)
    return [
        Cell(name, card=str(lead["lead_id"]), below=number),
        Cell(lead["stage"] if isinstance(lead["stage"], str) else "–"),
        Cell(form(lead["stay_days"], "days", language), sort=_sort(lead["stay_days"])),
        Cell(form(lead["chance"], "percent", language), sort=_sort(lead["chance"])),
        Cell(reason, below=_other_reasons(lead, language)),
        Cell(str(words[says])),
        Cell(
            form(lead["amount"], "money", language),
            sort=_sort(lead["amount"]),
            below=lead["currency"] if isinstance(lead["currency"], str) else "",
        ),
    ]


def lead_cards(audit: Audit, leads: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The cards of some leads, by id."""
    words = _words(audit, leads)
    return {str(lead["lead_id"]): card(lead, words[lead["lead_id"]], audit.language) for lead in leads}


def _words(audit: Audit, leads: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[Any, Any]]:
    """The answers of some leads, by id."""
    answers = audit.answers
    wanted = answers[answers["lead_id"].isin([lead["lead_id"] for lead in leads])]
    return {row["lead_id"]: row for row in wanted.to_dict("records")}


def card(lead: dict[str, Any], words: Mapping[Any, Any], language: Language) -> dict[str, Any]:
    """A lead's card for the page: heading, verdict, facts, then pairs of question and answer."""
    shade = lead["shade"]
    verdict = sentence(f"verdict.{lead['verdict']}", language)
    facts = [
        [sentence("column.stage", language), lead["stage"] if isinstance(lead["stage"], str) else "–"],
        [sentence("column.stay_days", language), form(lead["stay_days"], "days", language)],
        [sentence("column.patience_days", language), form(lead["patience_days"], "days", language)],
        [sentence("column.horizon_day", language), form(lead["horizon_days"], "days", language)],
        [sentence("column.chance", language), _chance(lead, language)],
        [sentence("column.amount", language), _amount(lead, language)],
    ]
    rows = [[sentence(f"column.{name}", language), str(words[name])] for name in _CARD_ROWS if words[name]]
    reasons = _codes(lead["reasons"])
    if reasons:
        rows.insert(2, [sentence("column.reasons", language), reasons_in_words(lead, language)])
    return {
        "title": lead_label(lead),
        "verdict": str(lead["verdict"]),
        "says": f"{verdict}: {sentence(f'shade.{shade}', language)}" if isinstance(shade, str) else verdict,
        "borderline": sentence("shade.borderline", language) if lead["borderline"] is True else "",
        "facts": [fact for fact in facts if fact[1] != "–"],
        "stay": _days_or_none(lead["stay_days"]),
        "patience": _days_or_none(lead["patience_days"]),
        "horizon": _days_or_none(lead["horizon_days"]),
        "rows": rows,
    }


def _amount(lead: Mapping[str, Any], language: Language) -> str:
    """The value with its currency, kept on one line."""
    amount = form(lead["amount"], "money", language)
    return f"{amount}\u00a0{lead['currency']}" if amount != "–" and isinstance(lead["currency"], str) else amount


def _chance(lead: dict[str, Any], language: Language) -> str:
    if pd.isna(lead["chance"]):
        return "–"
    low, high = (form(lead[name], "percent", language) for name in ("chance_low", "chance_high"))
    return sentence("report.chance_between", language, p=lead["chance"], low=low, high=high)


def _days_or_none(days: Any) -> float | None:
    return None if pd.isna(days) else round(float(days), 1)


def lead_label(lead: dict[str, Any]) -> str:
    """Id and, where the export has one, the name or company; name and company where the id was made here."""
    name, beside = _name_and_id(lead)
    if beside and is_made(str(lead["lead_id"])):
        return f"{name} · {beside}"
    return f"{beside} · {name}" if beside else name


def _name_and_id(lead: dict[str, Any]) -> tuple[str, str]:
    """The lead's name with its id beside it, or its company where the id was made; the id alone where there is no name."""
    names = [_shortened(lead[key]) for key in ("name", "company") if isinstance(lead.get(key), str)]
    named = names[0] if names else ""
    number = _shortened(str(lead["lead_id"]))
    if named and is_made(number):
        return named, next((other for other in names[1:] if other not in named), "")
    return (named, number) if named and named != number else (number, "")


def _shortened(text: str) -> str:
    """A name that fits into a heading; some CRMs keep whole mails in this field."""
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1].rstrip() + "…"


def deciding_reason(lead: dict[str, Any], language: Language) -> str:
    """The reason that decided, in a few words; the shade where all is well."""
    if isinstance(lead["shade"], str):
        return sentence(f"shade.{lead['shade']}", language)
    codes = _codes(lead["reasons"])
    return _reason(codes[0], lead, language) if codes else "–"


def _other_reasons(lead: dict[str, Any], language: Language) -> str:
    """The reasons beside the deciding one; a single further one is said as shortly as that there is one."""
    codes = _codes(lead["reasons"])[0 if isinstance(lead["shade"], str) else 1 :]
    shown = codes if len(codes) <= MOST_OTHERS else codes[: MOST_OTHERS - 1]
    others = [_reason(code, lead, language) for code in shown]
    if len(codes) > len(shown):
        others.append(sentence("list.more_reasons", language, n=len(codes) - len(shown)))
    if lead["borderline"] is True:
        others.append(sentence("shade.borderline", language))
    return " · ".join(others)


def reasons_in_words(lead: Mapping[str, Any], language: Language) -> str:
    """The criteria that held for a lead, each in a few words, the deciding one first."""
    return " · ".join(_reason(code, lead, language) for code in _codes(lead["reasons"]))


def _reason(code: str, lead: Mapping[str, Any], language: Language) -> str:
    """A criterion's words, with the lead's own chance where that decided; a consultant's own goes by its name."""
    chance, at_entry = lead.get("chance"), lead.get("chance_at_entry")
    if code == "horizon_passed" and pd.notna(chance) and pd.notna(at_entry):
        return sentence("reason.horizon_passed_seen", language, p=chance, q=at_entry)
    if code == "past_patience" and lead.get("basis") == "default":
        return sentence("reason.past_patience_default", language)
    return sentence(f"reason.{code}", language) if has(f"reason.{code}") else code.replace("_", " ")


def _codes(reasons: Any) -> list[str]:
    return [code for code in reasons.split("|") if code] if isinstance(reasons, str) else []


def _sort(value: Any) -> float | str:
    return "" if pd.isna(value) else round(float(value), 6)


def first_lives(audit: Audit) -> Gallery:
    """The lives of the leads to decide on first, each on a line of time."""
    from leadaudit.report.charts.life import timelines
    from leadaudit.report.opening import first_leads

    first = first_leads(audit)
    return timelines(audit, [str(lead["lead_id"]) for lead in first], [lead_label(lead) for lead in first])
