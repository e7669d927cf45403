"""The chance of each stage as the stay lengthens, with patience, horizon and the open leads standing on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.language import Language, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Cell, Column, table
from leadaudit.report.charts.drawing import (
    SERIES,
    VERDICT_COLOURS,
    VERDICT_SYMBOLS,
    Gallery,
    band,
    plain,
    shown_stages,
    stage_label,
    start,
    with_table,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

MOST_CURVES = 12
MOST_DOTS = 150
MIN_POINTS = 3
"""Fewer landmarks are no curve; the table of stages has their chance at entry."""

_TABLE_ROWS = 8
_DROP = 0.05
"""Room below zero in which the open leads stand that are beyond the curve."""


def curves(audit: Audit) -> Gallery:
    """One small picture for each stage that has a curve of its own, those with most open leads first kept."""
    shown = shown_stages(audit)
    most = shown.sort_values("open_count", ascending=False, kind="stable").head(MOST_CURVES).index
    several = len(shown["pipeline"].fillna("").unique()) > 1
    rows = shown[shown.index.isin(most)].to_dict("records")
    drawn = [_curve(audit, row, stage_label(row, with_pipeline=several)) for row in rows]
    return Gallery([figure for figure in drawn if figure is not None])


def _curve(audit: Audit, row: dict[Any, Any], label: str) -> go.Figure | None:
    language, curve = audit.language, points(audit, row)
    if len(curve) < MIN_POINTS:
        return None
    last = last_day(row, curve)
    figure = start(audit, "curves", height=300, title=label, caption=_caption(row, curve, language), small=True)
    inside = curve[curve["day"] <= last]
    draw_chance(figure, inside, thin_points(audit, row), last, language)
    draw_limits(figure, row, last, language)
    _leads(figure, audit, row, last)
    figure.update_layout(showlegend=False, margin={"l": 44, "r": 12, "t": 38, "b": 42})
    figure.update_xaxes(title=sentence("chart.curves.days", language), range=[0, last * 1.02])
    top = float(inside["chance_high"].max()) * 1.1
    figure.update_yaxes(tickformat=".0%", range=[-_DROP * top, min(max(top, 0.1), 1.02)], nticks=6)
    return with_table(figure, _curve_table(curve, label, language))


def points(audit: Audit, row: dict[Any, Any]) -> pd.DataFrame:
    """The CURVES rows of a stage, by day."""
    return _of_stage(audit.curves, row)


def thin_points(audit: Audit, row: dict[Any, Any]) -> pd.DataFrame:
    """The CURVES rows of a stage beyond its curve, where too few leads were left to prove anything, by day."""
    return _of_stage(audit.judgement.learned.tails, row)


def _of_stage(everywhere: pd.DataFrame, row: dict[Any, Any]) -> pd.DataFrame:
    same = (everywhere["pipeline"].fillna("") == plain(row["pipeline"])) & (
        everywhere["stage"].fillna("") == plain(row["stage"])
    )
    return everywhere[same].sort_values("day")


def last_day(row: dict[Any, Any], curve: pd.DataFrame) -> float:
    """The curve ends with its last landmark; limits that lie later are on the picture too."""
    limits = [row["patience_days"] * 1.2, row["horizon_days"] * 1.3, row["ending_rule_days"] * 1.3]
    return float(np.nanmax([curve["day"].max(), *limits, 7.0]))


def draw_chance(
    figure: go.Figure, curve: pd.DataFrame, thin: pd.DataFrame, last: float, language: Language, axes: str = ""
) -> None:
    """The chance by length of stay, with its bounds.

    Parameters
    ----------
    figure : Figure
        Is drawn on.
    curve : DataFrame
        CURVES of one stage up to `last`, by day.
    thin : DataFrame
        Its :func:`thin_points`.
    last : float
        End of the axis, in days.
    language : {"de", "en"}
    axes : str
        Number of the axes in a figure of several panels: ``""``, ``"2"``, ``"3"``, …
    """
    place = {"xaxis": f"x{axes}", "yaxis": f"y{axes}"}
    _band_and_line(figure, curve, language, place)
    _beyond(figure, curve, thin, last, place)


def _band_and_line(figure: go.Figure, curve: pd.DataFrame, language: Language, place: dict[str, str]) -> None:
    days = curve["day"]
    band(figure, days, curve["chance_low"], curve["chance_high"], **place)
    figure.add_scatter(
        x=days,
        y=curve["chance"],
        mode="lines",
        line={"color": SERIES["strong"], "width": 2.5},
        name=sentence("chart.curves.chance", language),
        hovertemplate="%{x:.0f}: %{y:.0%}<extra></extra>",
        **place,
    )


def _beyond(figure: go.Figure, curve: pd.DataFrame, thin: pd.DataFrame, last: float, place: dict[str, str]) -> None:
    """Beyond the last landmark that proves something: a dotted line, on which the open leads are placed all the same."""
    if curve["day"].iloc[-1] >= last:
        return
    line = pd.concat([curve.tail(1), thin])[["day", "chance"]]
    line = line[line["day"] < last]
    figure.add_scatter(
        x=[*line["day"], last],
        y=[*line["chance"], line["chance"].iloc[-1]],
        mode="lines",
        line={"color": SERIES["strong"], "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
        **place,
    )


def draw_limits(figure: go.Figure, row: dict[Any, Any], last: float, language: Language, axes: str = "") -> None:
    """Patience and horizon, each a named line; parameters as for :func:`draw_chance`."""
    # Their names stand on two levels, so that they never lie on each other.
    lines = (("patience_days", "dash", SERIES["strong"], 0), ("horizon_days", "solid", VERDICT_COLOURS["overdue"], 13))
    for name, dash, colour, shift in lines:
        day = row[name]
        if pd.isna(day) or day > last:
            continue
        x, y = f"x{axes}", f"y{axes} domain"
        figure.add_shape(
            type="line", x0=float(day), x1=float(day), y0=0, y1=1, xref=x, yref=y,
            line={"color": colour, "width": 1.5, "dash": dash},
        )  # fmt: skip
        figure.add_annotation(
            x=float(day),
            y=1.0,
            xref=x,
            yref=y,
            yanchor="bottom",
            yshift=shift,
            xanchor="left" if day < last * 0.6 else "right",
            showarrow=False,
            text=sentence(f"chart.curves.{name}", language, d=day),
            font={"size": 11, "color": colour},
        )


def _leads(figure: go.Figure, audit: Audit, row: dict[Any, Any], last: float) -> None:
    """The open leads, each on the chance that its stay has left it."""
    leads = audit.open_leads[["lead_id", "pipeline", "stay_stage", "stay_days", "chance", "verdict"]]
    here = (leads["pipeline"].fillna("") == plain(row["pipeline"])) & (
        leads["stay_stage"].fillna("") == plain(row["stage"])
    )
    standing = leads[here & leads["stay_days"].notna()].sort_values("stay_days")
    if len(standing) > MOST_DOTS:
        standing = standing.iloc[np.linspace(0, len(standing) - 1, MOST_DOTS).round().astype(int)]
    for verdict, colour in VERDICT_COLOURS.items():
        dots = standing[standing["verdict"] == verdict]
        if dots.empty:
            continue
        days = dots["stay_days"].astype(float)
        figure.add_scatter(
            x=days.clip(upper=last),
            y=dots["chance"].astype(float),
            mode="markers",
            marker={"color": colour, "symbol": VERDICT_SYMBOLS[verdict], "size": 7, "opacity": 0.85},
            text=dots["lead_id"],
            customdata=days.round(),
            hovertemplate="%{text}: %{customdata:.0f}<extra></extra>",
        )


def _caption(row: dict[Any, Any], curve: pd.DataFrame, language: Language) -> str:
    """What the history says of this stage, in sentences."""
    said = []
    if pd.notna(row["patience_days"]):
        said.append(sentence("chart.curves.said_patience", language, d=row["patience_days"]))
    if pd.notna(row["horizon_days"]):
        said.extend(_horizon(row, curve, language))
    elif isinstance(row["horizon_none"], str):
        said.append(sentence(f"chart.curves.none_{row['horizon_none']}", language))
    if pd.notna(row["ending_rule_days"]):
        key = "said_rule" if pd.notna(row["kept_won_share"]) else "said_rule_alone"
        said.append(sentence(f"chart.curves.{key}", language, d=row["ending_rule_days"], p=row["kept_won_share"]))
    return " ".join(said)


def _horizon(row: dict[Any, Any], curve: pd.DataFrame, language: Language) -> list[str]:
    """The day of the horizon with the chance that the curve has there, and whose cases prove it; or as agreed."""
    day = row["horizon_days"]
    before = curve[curve["day"] <= day]
    if row["horizon_basis"] == "process" or before.empty or pd.isna(row["chance_at_entry"]):
        return [sentence("chart.curves.said_horizon_agreed", language, d=day)]
    facts = {"d": day, "p": before["chance"].iloc[-1], "q": row["chance_at_entry"]}
    said = [sentence("chart.curves.said_horizon", language, **facts)]
    return said if row["horizon_basis"] == "stage" else [*said, sentence("chart.curves.said_borrowed", language)]


def _curve_table(curve: pd.DataFrame, label: str, language: Language) -> str:
    names = ("day", "at_risk_count", "won_count", "ended_count", "still_open_count", "chance", "interval")
    columns = [Column(sentence(f"column.{name}", language), "number") for name in names]
    chosen = curve.iloc[np.unique(np.linspace(0, len(curve) - 1, _TABLE_ROWS).round().astype(int))]
    rows = [
        [
            Cell(form(one["day"], "days", language)),
            *[Cell(form(one[name], "count", language)) for name in names[1:5]],
            Cell(form(one["chance"], "percent", language)),
            Cell(f"{form(one['chance_low'], 'percent', language)} – {form(one['chance_high'], 'percent', language)}"),
        ]
        for one in chosen.to_dict("records")
    ]
    return table(columns, rows, caption=label)
