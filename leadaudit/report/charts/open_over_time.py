"""How many leads are open, month by month, and how many after the proposed endings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, table
from leadaudit.report.charts.drawing import CURVE_BAND, SERIES, VERDICT_COLOURS, month_ticks, start, with_table

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

MOST_POINTS = 160
_TABLE_ROWS = 12
MIN_DAYS = 14
"""A shorter past shows no course."""


def open_over_time(audit: Audit) -> go.Figure | Block:
    """The open load over time, with the step that the proposed endings would make."""
    language = audit.language
    load = _load(audit)
    if load is None:
        return Block("")
    figure = start(audit, "load", height=320)
    figure.add_scatter(
        x=load.index,
        y=load,
        mode="lines",
        fill="tozeroy",
        fillcolor=CURVE_BAND,
        line={"color": SERIES["strong"], "width": 2.5},
        name=sentence("chart.load.open", language),
        hovertemplate="%{x|%Y-%m-%d}: %{y}<extra></extra>",
    )
    overdue = audit.counts["overdue"]
    if overdue:
        _step(figure, audit, len(audit.open_leads), len(audit.open_leads) - overdue)
    figure.update_layout(showlegend=False, margin={"r": 90})
    figure.update_yaxes(title=sentence("chart.load.leads", language), rangemode="tozero", tickformat=",d")
    month_ticks(figure, pd.date_range(load.index[0], audit.as_of, freq="MS"))
    return with_table(figure, _load_table(audit, load))


def _load(audit: Audit) -> pd.Series | None:
    """Open leads at regular moments up to as_of; leads without the dates that this needs are left out."""
    leads = audit.export.leads()
    over = leads["status"].isin(["won", "lost"])
    usable = leads["created_at"].notna() & (~over | leads["closed_at"].notna())
    created = np.sort(leads.loc[usable, "created_at"].to_numpy("datetime64[us]"))
    closed = np.sort(leads.loc[usable & over, "closed_at"].to_numpy("datetime64[us]"))
    if not len(created) or (audit.as_of - created[0]) < pd.Timedelta(days=MIN_DAYS):
        return None
    days = (audit.as_of - created[0]) / pd.Timedelta(days=1)
    count = int(min(MOST_POINTS, days))
    moments = pd.date_range(created[0], audit.as_of, periods=count).floor("D").unique()
    at = moments.to_numpy("datetime64[us]")
    still = np.searchsorted(created, at, side="right") - np.searchsorted(closed, at, side="right")
    return pd.Series(still, index=moments)


def _step(figure: go.Figure, audit: Audit, now: int, after: int) -> None:
    colour = VERDICT_COLOURS["overdue"]
    figure.add_scatter(
        x=[audit.as_of, audit.as_of],
        y=[now, after],
        mode="lines+markers",
        line={"color": colour, "width": 2.5, "dash": "dot"},
        marker={"symbol": ["circle", "diamond"], "size": 9, "color": colour},
        hovertemplate="%{y}<extra></extra>",
    )
    for count, key, anchor in ((now, "today", "bottom"), (after, "after", "top")):
        figure.add_annotation(
            x=audit.as_of,
            y=count,
            xanchor="left",
            yanchor=anchor,
            xshift=8,
            showarrow=False,
            align="left",
            text=sentence(f"chart.load.{key}", audit.language, n=count),
        )


def _load_table(audit: Audit, load: pd.Series) -> str:
    language = audit.language
    chosen = load.iloc[np.unique(np.linspace(0, len(load) - 1, _TABLE_ROWS).round().astype(int))]
    columns = [Column(sentence("column.day_on", language)), Column(sentence("column.open_count", language), "number")]
    rows = [[Cell(form(at, "date", language)), Cell(form(count, "count", language))] for at, count in chosen.items()]
    rows.append(
        [
            Cell(sentence("chart.load.proposed", language)),
            Cell(form(len(audit.open_leads) - audit.counts["overdue"], "count", language)),
        ]
    )
    return table(columns, rows, caption=sentence("chart.load.title", language))
