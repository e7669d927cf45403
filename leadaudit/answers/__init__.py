"""The lead card: is a decision due, why is it here, what is missing, what next, when to end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.answers import questions
from leadaudit.answers.case import Case
from leadaudit.errors import LeadAuditError, did_you_mean
from leadaudit.language import sentence

if TYPE_CHECKING:
    from leadaudit.judge import Judgement
    from leadaudit.language import Language

ANSWERS = {
    "decision_due": questions.decision_due,
    "why_here": questions.why_here,
    "missing": questions.missing,
    "next_step": questions.next_step,
    "when_to_end": questions.when_to_end,
    "what_would_change": questions.what_would_change,
    "proof": questions.proof,
}

__all__ = ["ANSWERS", "answers", "card"]


def answers(judgement: Judgement, language: Language) -> pd.DataFrame:
    """Answer the questions of the card for every lead that is not ended.

    Parameters
    ----------
    judgement : Judgement
        Judged leads, reasons and thresholds.
    language : {"de", "en"}
        Language of the sentences.

    Returns
    -------
    DataFrame
        One row per open lead, in order: ``lead_id``, ``decision_due``, ``why_here``, ``missing``,
        ``next_step``, ``when_to_end``, ``what_would_change``, ``proof``; plain text, never empty.
        Of the client's own words only stages, preconditions, and questions of the process occur.
    """
    case = Case.of(judgement, language)
    written = {name: pd.array(answer(case), dtype="str") for name, answer in ANSWERS.items()}
    return pd.DataFrame({"lead_id": case.facts.evidence["lead_id"].array, **written})


def card(judgement: Judgement, lead_id: str, language: Language) -> str:
    """The card of one lead as text, for a terminal or a notebook cell.

    Parameters
    ----------
    judgement : Judgement
        Judged leads, reasons and thresholds.
    lead_id : str
        An open or ended lead.
    language : {"de", "en"}
        Language of the card.

    Raises
    ------
    LeadAuditError
        ``lead_unknown``, with the nearest id.
    """
    leads = judgement.leads
    one = leads[(leads["lead_id"] == lead_id).to_numpy()]
    if one.empty:
        raise LeadAuditError("lead_unknown", lead_id=lead_id, hint=did_you_mean(lead_id, list(leads["lead_id"])))
    verdict, shade = str(one["verdict"].iloc[0]), one["shade"].iloc[0]
    head = f"{lead_id}: {sentence(f'verdict.{verdict}', language)}"
    if pd.notna(shade):
        head += f" ({sentence(f'shade.{shade}', language)})"
    if verdict == "ended":
        return head
    reasons = judgement.reasons[(judgement.reasons["lead_id"] == lead_id).to_numpy()]
    said = answers(replace(judgement, leads=one, reasons=reasons), language).iloc[0]
    lines = [f"{sentence(f'column.{name}', language)}\n  {said[name]}" for name in ANSWERS]
    return "\n".join([head, "", *lines])
