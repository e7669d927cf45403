"""``audit.lead(id)``: one lead's life, its four answers and proof, and what became of leads like it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from leadaudit.explore.alike import alike, became
from leadaudit.explore.cards import answers_of, card_html
from leadaudit.explore.lab import need_lab
from leadaudit.explore.life import life, silences
from leadaudit.explore.pictures import html
from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Cell, Column, table

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.audit import Audit

MOST_ALIKE = 8


class Lead:
    """One lead, looked at closely.

    Attributes
    ----------
    lead_id : str
    events : DataFrame
        Its ledger (:meth:`leadaudit.audit.Audit.ledger`).
    answers : DataFrame
        The four answers and the proof, one row; none once it is ended.
    silences : DataFrame
        Times without any event (:func:`leadaudit.explore.life.silences`).
    alike : DataFrame
        Leads like it and what became of them (:func:`leadaudit.explore.alike.alike`).
    widget : ipywidgets.VBox
        What a notebook shows.
    """

    def __init__(self, audit: Audit, lead_id: str) -> None:
        self._audit, self.lead_id = audit, lead_id
        self.events = audit.ledger(lead_id)
        self.answers = answers_of(audit, lead_id)
        self.alike = alike(audit, lead_id)

    @cached_property
    def silences(self) -> pd.DataFrame:
        """Times without any event."""
        return silences(self._audit, self.lead_id)

    @cached_property
    def widget(self) -> Any:
        """Picture, card and leads like it, below each other."""
        import ipywidgets as w

        from leadaudit.explore.whole import Picture

        figure = life(self._audit, self.lead_id)
        said = html("<p>{{ w }}</p>", w=figure.layout.meta["caption"])
        parts = [
            w.HTML(card_html(self._audit, self.lead_id)),
            w.HTML(said),
            Picture(figure).announce(),
            w.HTML(alike_html(self._audit, self.alike)),
        ]
        return w.VBox(parts, layout=w.Layout(width="100%"))

    def _repr_mimebundle_(self, **wanted: Any) -> Any:
        return self.widget._repr_mimebundle_(**wanted)

    def __repr__(self) -> str:
        """The lead and its counts."""
        return f"<Lead {self.lead_id}: {len(self.events)} events, {len(self.alike)} leads like it>"


def alike_html(audit: Audit, others: pd.DataFrame) -> str:
    """What became of leads like one: the counts, and the most similar ones."""
    language = audit.language
    if others.empty:
        return html("<p>{{ w }}</p>", w=sentence("explore.alike_none", language))
    names = ("lead", "stay_days_short", "activities", "outcome", "outcome_days", "amount")
    columns = [
        Column(sentence(f"column.{name}", language), "" if name in ("lead", "outcome") else "number") for name in names
    ]
    rows = [
        [
            Cell(str(row["lead_id"])),
            Cell(form(row["stay_days"], "days", language)),
            Cell(form(row["movement_count"], "count", language)),
            Cell(sentence(f"explore.became.{row['outcome']}", language)),
            Cell(form(row["outcome_days"], "days", language)),
            Cell(form(row["amount"], "money", language)),
        ]
        for row in others.head(MOST_ALIKE).to_dict("records")
    ]
    words = sentence("explore.alike", language, n=len(others), **became(others))
    shown = table(columns, rows, caption=sentence("explore.alike_caption", language))
    return html(
        "<h3>{{ t }}</h3><p>{{ w }}</p>{{ table }}",
        t=sentence("explore.alike_title", language),
        w=words,
        table=Markup(shown),
    )


def lead(audit: Audit, lead_id: str) -> Lead:
    """One lead's life, answers, proof and its like, in a notebook.

    Parameters
    ----------
    audit : Audit
    lead_id : str

    Raises
    ------
    LeadAuditError
        ``lead_unknown``, with the nearest id.
    MissingExtraError
        Without the extra ``lab``.
    """
    need_lab()
    return Lead(audit, lead_id)
