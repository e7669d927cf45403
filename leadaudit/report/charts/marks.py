"""The profile: how the findings of each idea came out, five bars and no total."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.findings.finding import CHAPTERS
from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, table
from leadaudit.report.charts.drawing import SERIES, start, with_table

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

IDEAS = CHAPTERS[:5]
GRADES = {
    "good": SERIES["good"],
    "neutral": SERIES["soft"],
    "amber": SERIES["warm"],
    "red": SERIES["ended"],
    "unreadable": "#dfe4e8",
}


def profile(audit: Audit) -> go.Figure | Block:
    """For each of the five ideas, how many findings are good, noticeable, clear, or not readable."""
    language = audit.language
    found = audit.findings[audit.findings["chapter"].isin(IDEAS)]
    counted = pd.crosstab(found["chapter"].to_numpy(), found["grade"].to_numpy())
    counted = counted.reindex(
        index=[idea for idea in IDEAS if idea in counted.index], columns=list(GRADES), fill_value=0
    )
    if counted.empty:
        return Block("")
    names = [sentence(f"chapter.{idea}.title", language) for idea in counted.index]
    figure = start(audit, "profile", height=110 + 36 * len(names))
    for grade, colour in GRADES.items():
        if not counted[grade].any():
            continue
        figure.add_bar(
            y=list(range(len(names))),
            x=counted[grade],
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            name=sentence(f"grade.{grade}", language),
            text=[str(count) if count else "" for count in counted[grade]],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{x}<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.3)
    figure.update_xaxes(title=sentence("chart.profile.findings", language))
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5], showgrid=False, tickvals=list(range(len(names))), ticktext=names
    )
    columns = [
        Column(sentence("column.chapter", language)),
        *[Column(sentence(f"grade.{grade}", language), "number") for grade in GRADES],
    ]
    rows = [
        [Cell(name), *[Cell(form(count, "count", language)) for count in counts]]
        for name, counts in zip(names, counted.to_numpy(), strict=True)
    ]
    return with_table(figure, table(columns, rows, caption=sentence("chart.profile.title", language)))
