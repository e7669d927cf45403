"""Unanswered contacts in a row against the chance, and how many open leads stand at each count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, table
from leadaudit.report.charts.drawing import SERIES, VERDICT_COLOURS, band, start, with_table

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

MIN_AT_RISK_COUNT = 10
MIN_POINTS = 3


def streaks(audit: Audit) -> go.Figure | Block:
    """The chance after 0, 1, 2 … unanswered contacts; nothing where the export cannot tell."""
    language = audit.language
    curve = audit.judgement.learned.streak_curve
    curve = curve[curve["at_risk_count"] >= MIN_AT_RISK_COUNT] if "E" in audit.export.evidence else curve.head(0)
    if len(curve) < MIN_POINTS:
        return Block("")
    figure = start(audit, "streaks", height=380)
    counts, standing = curve["streak_count"], _standing(audit, int(curve["streak_count"].max()))
    band(figure, counts, curve["chance_low"], curve["chance_high"])
    figure.add_scatter(
        x=counts,
        y=curve["chance"],
        mode="lines+markers",
        line={"color": SERIES["strong"], "width": 2.5},
        name=sentence("chart.streaks.chance", language),
        hovertemplate="%{x}: %{y:.0%}<extra></extra>",
    )
    figure.add_bar(
        x=standing.index,
        y=standing,
        yaxis="y2",
        marker={"color": SERIES["soft"]},
        name=sentence("chart.streaks.open", language),
        text=standing,
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x}: %{y}<extra></extra>",
    )
    _pressure(figure, audit, int(counts.max()))
    last = int(counts.max())
    figure.update_xaxes(
        title=sentence("chart.streaks.count", language),
        range=[-0.6, last + 0.6],
        anchor="y2",
        tickvals=list(range(last + 1)),
        ticktext=[*map(str, range(last)), f"{last}+"],
    )
    figure.update_layout(
        yaxis={
            "domain": [0.42, 1],
            "tickformat": ".0%",
            "rangemode": "tozero",
            "title": sentence("chart.curves.chance", language),
        },
        yaxis2={
            "domain": [0, 0.28],
            "rangemode": "tozero",
            "tickformat": ",d",
            "title": sentence("chart.verdicts.leads", language),
            "nticks": 3,
            "automargin": True,
        },
    )
    return with_table(figure, _streaks_table(audit, curve, standing))


def _standing(audit: Audit, most: int) -> pd.Series:
    """Open leads by their present number of unanswered contacts; the last place holds all beyond."""
    known = audit.open_leads["unanswered_count"].dropna().astype(int).clip(upper=most)
    return known.value_counts().reindex(range(most + 1), fill_value=0)


def _pressure(figure: go.Figure, audit: Audit, last: int) -> None:
    begin = audit.process.limits.pressure_count - 0.5
    if begin > last:
        return
    colour = VERDICT_COLOURS["stalled"]
    figure.add_shape(
        type="line", x0=begin, x1=begin, y0=0, y1=1, yref="paper", line={"color": colour, "width": 1.5, "dash": "dash"}
    )
    figure.add_annotation(
        x=begin,
        y=1,
        yref="paper",
        xanchor="left",
        yanchor="top",
        xshift=6,
        showarrow=False,
        text=sentence("chart.streaks.pressure", audit.language),
    )


def _streaks_table(audit: Audit, curve: pd.DataFrame, standing: pd.Series) -> str:
    language = audit.language
    names = ("streak_count", "at_risk_count", "won_count", "chance", "interval", "open_count")
    columns = [Column(sentence(f"column.{name}", language), "number") for name in names]
    rows = [
        [
            *[Cell(form(one[name], "count", language)) for name in names[:3]],
            Cell(form(one["chance"], "percent", language)),
            Cell(f"{form(one['chance_low'], 'percent', language)} – {form(one['chance_high'], 'percent', language)}"),
            Cell(form(standing.get(int(one["streak_count"]), 0), "count", language)),
        ]
        for one in curve.to_dict("records")
    ]
    return table(columns, rows, caption=sentence("chart.streaks.title", language))
