"""What followed conversations: the first, the second, the third and later ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.findings.track import NEVER_US
from leadaudit.findings.view import View
from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.ledger.milestones import ENDED_M, PROGRESS, WON_M
from leadaudit.report.blocks import Block, Cell, Column, table
from leadaudit.report.charts.drawing import SERIES, start, with_table

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

MOST_RANKS = 5
MIN_COUNT = 10
FOLLOWED = {"progress": SERIES["strong"], "won": SERIES["good"], "ended": SERIES["ended"], "nothing": SERIES["warm"]}


def conversations(audit: Audit) -> go.Figure | Block:
    """What came of conversations within the patience of their stage, by their place in the lead's life."""
    language = audit.language
    counted = _counted(audit)
    if counted is None:
        return Block("")
    ranks = [sentence("chart.conversations.rank", language, n=rank) for rank in counted.index[:-1]]
    ranks.append(sentence("chart.conversations.later", language, n=counted.index[-1]))
    figure = start(audit, "conversations", height=150 + 38 * len(ranks))
    all_of_rank = counted.sum(axis=1)
    for kind, colour in FOLLOWED.items():
        share = counted[kind] / all_of_rank
        figure.add_bar(
            y=list(range(len(ranks))),
            x=share,
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            name=sentence(f"chart.conversations.{kind}", language),
            text=[form(one, "percent", language) if one >= 0.06 else "" for one in share],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            customdata=counted[kind],
            hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        )
    labels = [f"{rank} ({form(n, 'count', language)})" for rank, n in zip(ranks, all_of_rank, strict=True)]
    figure.update_layout(barmode="stack", bargap=0.3)
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(
        range=[len(ranks) - 0.5, -0.5], showgrid=False, tickvals=list(range(len(ranks))), ticktext=labels
    )
    return with_table(figure, _table(labels, counted, audit))


def _counted(audit: Audit) -> pd.DataFrame | None:
    """Conversations by rank and by what followed; those whose patience is not over yet are left out."""
    if "E" not in audit.export.evidence:
        return None
    view = View(audit)
    talks = view.conversations
    if len(talks) < MIN_COUNT:
        return None
    until = talks.at_us + view.patience_us_at(talks.lead_no, talks.at_us)
    followed = _followed(view, talks.lead_no, talks.at_us, until)
    judged = (followed != "nothing") | (until <= view.as_of_us)
    begins = np.flatnonzero(np.r_[True, talks.lead_no[1:] != talks.lead_no[:-1]])
    rank = np.arange(len(talks)) - np.repeat(begins, np.diff(np.r_[begins, len(talks)])) + 1
    counted = pd.crosstab(np.minimum(rank, MOST_RANKS)[judged], followed[judged])
    counted = counted.reindex(columns=list(FOLLOWED), fill_value=0)
    return counted if counted.to_numpy().sum() >= MIN_COUNT else None


def _followed(view: View, lead_no: Any, at_us: Any, until: Any) -> Any:
    """The first thing settled after each conversation, if it came in time."""
    kinds = {"progress": PROGRESS, "won": WON_M, "ended": ENDED_M}
    found = np.column_stack([view.did(kind).next_us(lead_no, at_us) for kind in kinds.values()])
    first = found.argmin(axis=1)
    came = found.min(axis=1)
    in_time = (came <= until) & (came != NEVER_US)
    return np.where(in_time, np.array(list(kinds))[first], "nothing")


def _table(labels: list[str], counted: pd.DataFrame, audit: Audit) -> str:
    language = audit.language
    columns = [Column(sentence("chart.conversations.which", language))]
    columns += [Column(sentence(f"chart.conversations.{kind}", language), "number") for kind in FOLLOWED]
    rows = [
        [Cell(label), *[Cell(form(count, "count", language)) for count in counts]]
        for label, counts in zip(labels, counted.to_numpy(), strict=True)
    ]
    return table(columns, rows, caption=sentence("chart.conversations.title", language))
