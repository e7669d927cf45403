"""Pictures in one visual language: plotly figures with title, caption and the table that says the same.

Colours are told apart by colour-blind readers and in grey: verdicts differ in lightness, and
every picture has its table. Colours of text and grid are the page's, light or dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Cell, Column, table

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

COLOURS = {
    "progressing": "#2a7fb8",
    "stalled": "#e3a32b",
    "overdue": "#6b1e46",
    "paused": "#7c909c",
    "undetermined": "#b4bdc4",
}
SYMBOLS = {"progressing": "circle", "stalled": "square", "overdue": "diamond", "paused": "circle-open", "undetermined": "x"}
BANDS = {"patience": "rgba(42,127,184,0.22)", "between": "rgba(227,163,43,0.20)", "beyond": "rgba(107,30,70,0.28)"}
MOST_DOTS = 400
MOST_CURVES = 8
CHART_FONT = "Segoe UI, Helvetica Neue, Helvetica, Liberation Sans, Arial, sans-serif"


def stages(audit: Audit) -> go.Figure:
    """Where the open leads stand, on patience and horizon of their stage."""
    language = audit.language
    shown = _shown_stages(audit)
    names = [stage_label(row) for row in shown.to_dict("records")]
    standing = _standing(audit, shown)
    longest = float(np.nanmax([*shown["horizon_days"] * 1.25, *shown["patience_days"] * 1.5, standing["stay_days"].quantile(0.98), 10]))
    figure = _figure(audit, "stages", height=140 + 52 * len(names))
    for band, start, end in _bands(shown, longest):
        figure.add_bar(
            y=list(range(len(names))),
            x=end - start,
            base=start,
            orientation="h",
            width=0.72,
            marker={"color": BANDS[band], "line": {"width": 0}},
            name=sentence(f"chart.stages.{band}", language),
            hoverinfo="skip",
        )
    for verdict, colour in COLOURS.items():
        of_verdict = standing[standing["verdict"] == verdict]
        if of_verdict.empty:
            continue
        figure.add_scatter(
            y=of_verdict["height"],
            x=of_verdict["stay_days"].clip(upper=longest),
            mode="markers",
            marker={"color": colour, "symbol": SYMBOLS[verdict], "size": 7, "opacity": 0.8, "line": {"width": 0}},
            name=sentence(f"verdict.{verdict}", language),
            text=of_verdict["lead_id"],
            hovertemplate="%{text}: %{x:.0f}<extra></extra>",
        )
    figure.update_layout(barmode="overlay", legend={"orientation": "h", "y": -0.18, "traceorder": "normal"})
    figure.update_xaxes(title=sentence("chart.stages.days", language), range=[0, longest * 1.02])
    figure.update_yaxes(range=[len(names) - 0.5, -0.5], showgrid=False, tickvals=list(range(len(names))), ticktext=names)
    return _with_table(figure, stages_table(audit))


def stages_table(audit: Audit) -> str:
    """What the own history says of each stage, as a table."""
    language = audit.language
    names = ("stage", "open_count", "stays_count", "chance_at_entry", "patience_days", "horizon_days", "basis")
    columns = [Column(sentence(f"column.{name}", language), "" if name in ("stage", "basis") else "number") for name in names]
    rows = [_stage_cells(row, audit) for row in _shown_stages(audit).to_dict("records")]
    return table(columns, rows, caption=sentence("report.stages_caption", language))


def _stage_cells(row: dict[str, Any], audit: Audit) -> list[Cell]:
    language = audit.language
    without = row["horizon_none"] if isinstance(row["horizon_none"], str) else "not_learned"
    horizon = form(row["horizon_days"], "days", language)
    basis = row["horizon_basis"] if isinstance(row["horizon_basis"], str) else row["patience_basis"]
    return [
        Cell(stage_label(row)),
        Cell(form(row["open_count"], "count", language), sort=int(row["open_count"])),
        Cell(form(row["stays_count"], "count", language), sort=int(row["stays_count"])),
        Cell(form(row["chance_at_entry"], "percent", language)),
        Cell(form(row["patience_days"], "days", language)),
        Cell(horizon if pd.notna(row["horizon_days"]) else sentence(f"horizon_none.{without}", language)),
        Cell(sentence(f"basis.{basis if isinstance(basis, str) else 'none'}", language)),
    ]


def curves(audit: Audit) -> go.Figure:
    """How the chance fades, per stage, with its band."""
    language = audit.language
    shown = _shown_stages(audit).head(MOST_CURVES)
    figure = _figure(audit, "curves", height=440)
    palette = ["#2a7fb8", "#6b1e46", "#e3a32b", "#1f7a5c", "#7c909c", "#c2572b", "#4d4d9c", "#333333"]
    dashes = ["solid", "dash", "dot", "dashdot", "longdash", "solid", "dash", "dot"]
    for row, colour, dash in zip(shown.to_dict("records"), palette, dashes, strict=False):
        curve = _curve(audit, row)
        if curve.empty:
            continue
        days, label = curve["day"], stage_label(row)
        figure.add_scatter(
            x=[*days, *days[::-1]],
            y=[*curve["chance_high"], *curve["chance_low"][::-1]],
            fill="toself",
            fillcolor=_faint(colour),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=label,
        )
        figure.add_scatter(
            x=days,
            y=curve["chance"],
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2.5},
            name=label,
            legendgroup=label,
            hovertemplate="%{x:.0f}: %{y:.0%}<extra>" + label.replace("<", "&lt;") + "</extra>",
        )
    figure.update_xaxes(title=sentence("chart.curves.days", language), rangemode="tozero")
    figure.update_yaxes(title=sentence("chart.curves.chance", language), tickformat=".0%", rangemode="tozero")
    figure.update_layout(legend={"orientation": "h", "y": -0.2})
    return _with_table(figure, stages_table(audit))


def _curve(audit: Audit, row: dict[str, Any]) -> pd.DataFrame:
    everywhere = audit.curves
    same = (everywhere["pipeline"].fillna("") == _plain(row["pipeline"])) & (everywhere["stage"].fillna("") == _plain(row["stage"]))
    return everywhere[same].sort_values("day")


def _shown_stages(audit: Audit) -> pd.DataFrame:
    """Stages in which a lead can stand, in the order of the process."""
    learned = audit.stages
    return learned[~learned["kind"].isin(["won", "ended", "paused"])].sort_values(["pipeline", "rank"], kind="stable")


def _standing(audit: Audit, shown: pd.DataFrame) -> pd.DataFrame:
    """Open leads with the row that they are drawn in; at most some hundred, spread over a row."""
    place = {(_plain(row["pipeline"]), _plain(row["stage"])): i for i, row in enumerate(shown.to_dict("records"))}
    leads = audit.open_leads.dropna(subset=["stay_days"])
    keys = zip(leads["pipeline"].fillna(""), leads["stay_stage"].fillna(""), strict=True)
    row = pd.Series([place.get(key) for key in keys], index=leads.index, dtype="float64")
    drawn = leads.assign(height=row).dropna(subset=["height"])
    if len(drawn) > MOST_DOTS:
        drawn = drawn.sort_values("stay_days").iloc[np.linspace(0, len(drawn) - 1, MOST_DOTS).round().astype(int)]
    spread = (np.arange(len(drawn)) * 0.381966) % 1 - 0.5
    return drawn.assign(height=drawn["height"] + spread * 0.6)


def _bands(shown: pd.DataFrame, longest: float) -> list[tuple[str, np.ndarray, np.ndarray]]:
    patience = shown["patience_days"].fillna(0).to_numpy(float)
    horizon = shown["horizon_days"].fillna(longest).to_numpy(float).clip(max=longest)
    usual = np.minimum(patience, horizon)
    return [
        ("patience", np.zeros_like(usual), usual),
        ("between", usual, horizon),
        ("beyond", horizon, np.full_like(usual, longest)),
    ]


def stage_label(row: dict[str, Any]) -> str:
    """A stage's name, with its pipeline where there is one; a dash for the whole lead."""
    parts = [part for part in (_plain(row["pipeline"]), _plain(row["stage"])) if part]
    return " · ".join(parts) or "–"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.13)"


def _figure(audit: Audit, key: str, *, height: int) -> go.Figure:
    import plotly.graph_objects as go

    about = {"title": sentence(f"chart.{key}.title", audit.language), "caption": sentence(f"chart.{key}.caption", audit.language)}
    layout = {
        "template": "none",
        "height": height,
        "margin": {"l": 60, "r": 20, "t": 10, "b": 60},
        "font": {"family": CHART_FONT, "size": 13},
        "meta": about,
        "hovermode": "closest",
    }
    figure = go.Figure(layout=layout)
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure


def _with_table(figure: go.Figure, html: str) -> go.Figure:
    figure.layout.meta = {**figure.layout.meta, "table": html}
    return figure
