"""A lead's card as a piece of HTML: the facts, the four answers, the proof."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from leadaudit.answers import answers
from leadaudit.errors import LeadAuditError, did_you_mean
from leadaudit.explore.pictures import html
from leadaudit.language import sentence
from leadaudit.report.lists import card, lead_label

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.audit import Audit

_CARD = """<h3>{{ card.title }}</h3>
<p><span class="verdict {{ card.verdict }}"><b>{{ card.says }}</b></span></p>
{% if card.borderline %}<p>{{ card.borderline }}</p>{% endif %}
<p class="muted">{% for name, value in card.facts %}{{ name }}: {{ value }}{% if not loop.last %} · {% endif %}{% endfor %}</p>
{% for question, answer in card.rows %}<h4>{{ question }}</h4><p>{{ answer }}</p>{% endfor %}"""


def answers_of(audit: Audit, lead_id: str) -> pd.DataFrame:
    """The answers of one lead, without writing those of all: columns as :meth:`Audit.answers_in`; no row once it is ended."""
    whole = audit.judgement
    one = whole.leads[(whole.leads["lead_id"] == lead_id).to_numpy()]
    reasons = whole.reasons[(whole.reasons["lead_id"] == lead_id).to_numpy()]
    return answers(replace(whole, leads=one, reasons=reasons), audit.language)


def named_lead(audit: Audit, lead_id: str) -> dict[Any, Any]:
    """The row of a lead with its name and company.

    Raises
    ------
    LeadAuditError
        ``lead_unknown``, with the nearest id.
    """
    row = audit.leads[audit.leads["lead_id"] == lead_id]
    if row.empty:
        hint = did_you_mean(lead_id, list(audit.leads["lead_id"]))
        raise LeadAuditError("lead_unknown", lead_id=lead_id, hint=hint)
    known = audit.export.leads()[["lead_id", "name", "company"]]
    return row.merge(known, on="lead_id", how="left").iloc[0].to_dict()


def card_html(audit: Audit, lead_id: str) -> str:
    """The card of one lead, every text escaped.

    Raises
    ------
    LeadAuditError
        ``lead_unknown``, with the nearest id.
    """
    lead = named_lead(audit, lead_id)
    said = answers_of(audit, lead_id)
    if said.empty:
        return html("<h3>{{ t }}</h3><p>{{ v }}</p>", t=lead_label(lead), v=sentence("verdict.ended", audit.language))
    return html(_CARD, card=card(lead, said.iloc[0], audit.language))
