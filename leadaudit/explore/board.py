"""The board: a panel for each stage, its chance curve, and the open leads standing on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.explore.pictures import WIDTH, words_on_picture
from leadaudit.language import sentence
from leadaudit.report.charts.chances import MIN_POINTS, draw_chance, draw_limits, last_day, points, thin_points
from leadaudit.report.charts.drawing import FONT, VERDICT_COLOURS, VERDICT_SYMBOLS, plain, shown_stages, stage_label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

MOST_PANELS = 12
MOST_DOTS = 3000
"""More dots are slow to draw and hide each other; every so many-th is drawn then, and that is said."""

PANELS_BESIDE = 3
PANEL_HEIGHT = 250
RING_SIZE = 17
_DROP = 0.06
"""Room below zero, in parts of the axis: dots at a chance of zero are seen whole."""


@dataclass(frozen=True, eq=False)
class Panel:
    """One stage on the board.

    Attributes
    ----------
    place : str
        Its name, as in the column ``place`` of the open leads.
    row : dict
        Its row of STAGES.
    curve : DataFrame
        Its CURVES; empty where there is too little history for one.
    thin : DataFrame
        What goes on beyond the curve with few leads.
    last : float
        End of the axis, in days; leads that stand longer are at the edge.
    axes : str
        Number of its axes in the figure: ``""``, ``"2"``, ``"3"``, …
    """

    place: str
    row: dict[Any, Any]
    curve: pd.DataFrame
    thin: pd.DataFrame
    last: float
    axes: str


def panels(audit: Audit, leads: pd.DataFrame) -> list[Panel]:
    """The stages in which open leads stand, in the order of the process; at most twelve, those with most leads.

    Parameters
    ----------
    audit : Audit
    leads : DataFrame
        From :func:`leadaudit.explore.standing.standing`.
    """
    counts = leads["place"].value_counts()
    several = len(leads["pipeline"].fillna("").unique()) > 1
    labelled = [(stage_label(row, with_pipeline=several), row) for row in shown_stages(audit).to_dict("records")]
    there = [(label, row) for label, row in labelled if label in counts]
    most = set(sorted((label for label, _ in there), key=lambda label: -counts[label])[:MOST_PANELS])
    kept = [(label, row) for label, row in there if label in most]
    return [_panel(audit, leads, label, row, number) for number, (label, row) in enumerate(kept, 1)]


def _panel(audit: Audit, leads: pd.DataFrame, label: str, row: dict[Any, Any], number: int) -> Panel:
    curve = points(audit, row)
    if len(curve) < MIN_POINTS:
        curve = curve.head(0)
    longest = float(np.nan_to_num(leads.loc[leads["place"] == label, "stay_days"].max()))
    last = last_day(row, curve) if len(curve) else max(longest, 7.0)
    inside = curve[curve["day"] <= last]
    return Panel(label, row, inside, thin_points(audit, row), last, "" if number == 1 else str(number))


def dots(leads: pd.DataFrame, shown: Sequence[Panel], language: Any, most: int = MOST_DOTS) -> pd.DataFrame:
    """Where each lead stands on the board.

    Parameters
    ----------
    leads : DataFrame
        From :func:`leadaudit.explore.standing.standing`, perhaps filtered.
    shown : sequence of Panel
    language : {"de", "en"}
    most : int
        With more leads, every so many-th by length of stay is kept.

    Returns
    -------
    DataFrame
        ``lead_id``, ``place``, ``days`` (length of stay, at most the end of the axis), ``chance`` (0-1; 0 where there
        is no curve), ``colour`` and ``symbol`` (of the verdict), ``said`` (HTML-escaped words of the dot). Leads of
        unknown stay, or of stages that are not on the board, are not in it.
    """
    ends = {panel.place: panel.last for panel in shown}
    on_board = leads[leads["place"].isin(ends) & leads["stay_days"].notna()]
    if len(on_board) > most:
        # Evenly by stage and length of stay, so that the picture keeps its shape.
        ordered = on_board.sort_values(["place", "stay_days"], kind="stable")
        on_board = ordered.iloc[np.linspace(0, len(ordered) - 1, most).round().astype(int)]
    verdict = on_board["verdict"]
    return pd.DataFrame(
        {
            "lead_id": on_board["lead_id"],
            "place": on_board["place"],
            "days": np.minimum(on_board["stay_days"].astype(float), on_board["place"].map(ends).astype(float)),
            "chance": on_board["chance"].astype(float).fillna(0.0),
            "colour": verdict.map(VERDICT_COLOURS),
            "symbol": verdict.map(VERDICT_SYMBOLS),
            "said": [_said(lead, language) for lead in on_board.to_dict("records")],
        }
    )


def _said(lead: dict[Any, Any], language: Any) -> str:
    chance = None if pd.isna(lead["chance"]) else lead["chance"]
    words = sentence("explore.dot", language, d=lead["stay_days"], p=chance)
    verdict = sentence(f"verdict.{lead['verdict']}", language)
    return f"{words_on_picture(lead['label'])}<br>{escape(verdict)}<br>{escape(words)}"


def board(audit: Audit, shown: Sequence[Panel]) -> go.Figure:
    """The panels with their curves; the traces ``dots …`` and ``ring …`` are empty and filled by whoever shows it."""
    from plotly.subplots import make_subplots

    beside = min(PANELS_BESIDE, max(1, len(shown)))
    lines = -(-max(1, len(shown)) // beside)
    titles = [words_on_picture(panel.place) for panel in shown]
    figure = make_subplots(
        rows=lines, cols=beside, subplot_titles=titles, vertical_spacing=0.30 / lines, horizontal_spacing=0.06
    )
    top = max([0.1, *[float(panel.curve["chance_high"].max()) for panel in shown if len(panel.curve)]])
    for panel in shown:
        if len(panel.curve):
            draw_chance(figure, panel.curve, panel.thin, panel.last, audit.language, panel.axes)
        draw_limits(figure, panel.row, panel.last, audit.language, panel.axes)
        _layer(figure, panel, "dots", {"size": 8, "opacity": 0.85})
        _layer(
            figure,
            panel,
            "ring",
            {"size": RING_SIZE, "symbol": "circle-open", "color": "#000000", "line": {"width": 3}},
        )
        figure.update_layout(
            {
                f"xaxis{panel.axes}": {"range": [-0.02 * panel.last, panel.last * 1.03], "zeroline": False, "nticks": 6},
                f"yaxis{panel.axes}": {
                    "range": [-_DROP * top, min(top * 1.08, 1.02)], "tickformat": ".0%", "nticks": 5, "zeroline": False,
                },
            }
        )  # fmt: skip
    figure.update_traces(showlegend=False)
    _legend(figure, audit)
    # The names of patience and horizon stand right above the panel, the stage above them.
    figure.update_annotations(selector=lambda one: one.text in titles and one.yref == "paper", yshift=26)
    figure.update_xaxes(title={"text": sentence("chart.curves.days", audit.language), "font": {"size": 11}}, row=lines)
    figure.update_layout(
        template="none", height=90 + PANEL_HEIGHT * lines, font={"family": FONT, "size": 12}, hovermode="closest",
        margin={"l": 46, "r": 16, "t": 96, "b": 44}, dragmode=False, width=WIDTH,
        legend={"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top", "itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    return figure


def _layer(figure: go.Figure, panel: Panel, layer: str, marker: dict[str, Any]) -> None:
    figure.add_scatter(
        x=[], y=[], mode="markers", marker=marker, text=[], customdata=[], showlegend=False,
        name=f"{layer} {plain(panel.place)}", meta=[layer, panel.axes],
        xaxis=f"x{panel.axes}", yaxis=f"y{panel.axes}",
        hovertemplate="%{text}<extra></extra>" if layer == "dots" else None,
        hoverinfo=None if layer == "dots" else "skip",
    )  # fmt: skip


def _legend(figure: go.Figure, audit: Audit) -> None:
    """Colours and symbols of the verdicts that occur."""
    for verdict, colour in VERDICT_COLOURS.items():
        if audit.counts[verdict]:
            figure.add_scatter(
                x=[None], y=[None], mode="markers", name=sentence(f"verdict.{verdict}", audit.language), hoverinfo="skip", showlegend=True,
                marker={"color": colour, "symbol": VERDICT_SYMBOLS[verdict], "size": 10},
            )  # fmt: skip
