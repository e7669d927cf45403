"""The visual language that all pictures share.

Verdicts differ in lightness, so they are told apart in grey and by colour-blind readers; whatever
else tells things apart has a shape, a dash or a place as well. Colours of text and grid are the
page's, which also swaps the palette in the dark. Each picture has the table that says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadaudit.language import Language, sentence

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

VERDICT_COLOURS = {
    "progressing": "#2a7fb8",
    "stalled": "#e3a32b",
    "overdue": "#6b1e46",
    "paused": "#7c909c",
    "undetermined": "#b4bdc4",
}
VERDICT_SYMBOLS = {
    "progressing": "circle",
    "stalled": "square",
    "overdue": "diamond",
    "paused": "circle-open",
    "undetermined": "x",
}
SERIES = {
    "strong": "#1d5f8f",
    "soft": "#9dbfd6",
    "good": "#1f7a5c",
    "ended": "#6b1e46",
    "warm": "#e3a32b",
    "grey": "#8a98a3",
}
PATIENCE_BAND, BETWEEN_BAND, BEYOND_BAND = "rgba(42,127,184,0.20)", "rgba(227,163,43,0.18)", "rgba(107,30,70,0.24)"
CURVE_BAND = "rgba(29,95,143,0.16)"
FONT = "Segoe UI, Helvetica Neue, Helvetica, Liberation Sans, Arial, sans-serif"
MOST_TICKS = 9
LABEL_LETTERS = 26
"""A longer stage name would leave no room for the picture on a telephone; tables have it in full."""


@dataclass(frozen=True)
class Gallery:
    """Several small pictures side by side, shown by one cell of a notebook."""

    figures: Sequence[go.Figure]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for figure in self.figures:
            display(figure)  # type: ignore[no-untyped-call]


def start(audit: Audit, key: str, *, height: int, title: str = "", caption: str = "", small: bool = False) -> go.Figure:
    """An empty picture with title and caption.

    Parameters
    ----------
    audit : Audit
        Whose language is spoken.
    key : str
        ``chart.<key>.title`` and ``chart.<key>.caption`` are its words, unless given.
    height : int
        Pixels.
    small : bool
        Stands beside others.
    """
    import plotly.graph_objects as go

    about = {
        "title": title or sentence(f"chart.{key}.title", audit.language),
        "caption": caption or sentence(f"chart.{key}.caption", audit.language),
        "small": small,
    }
    figure = go.Figure(
        layout={
            "template": "none",
            "height": height,
            "margin": {"l": 50, "r": 20, "t": 16, "b": 46},
            "font": {"family": FONT, "size": 13},
            "meta": about,
            "hovermode": "closest",
            "uniformtext": {"mode": "hide", "minsize": 10},  # a number that does not fit its bar stands in the table
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        }
    )
    figure.update_xaxes(automargin=True, zeroline=False)
    figure.update_yaxes(automargin=True, zeroline=False)
    return figure


def band(figure: go.Figure, x: pd.Series, low: pd.Series, high: pd.Series, **place: str) -> None:
    """An interval as a pale band behind its line; it has no entry in the legend. `place` names the axes of a panel."""
    figure.add_scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        mode="lines",
        fill="toself",
        fillcolor=CURVE_BAND,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        **place,
    )


def month_ticks(figure: go.Figure, months: pd.DatetimeIndex) -> None:
    """Some months on the axis, each once, however few there are."""
    step = max(1, -(-len(months) // MOST_TICKS))
    chosen = months[::step]
    figure.update_xaxes(
        type="date", tickvals=[f"{at:%Y-%m-%d}" for at in chosen], ticktext=[f"{at:%m/%Y}" for at in chosen]
    )


def with_table(figure: go.Figure, html: str) -> go.Figure:
    """Put the table that says the same behind a finished picture."""
    figure.update_xaxes(title_font_size=12)
    figure.update_yaxes(title_font_size=12)
    figure.layout.meta = {**figure.layout.meta, "table": html}
    return figure


def shown_stages(audit: Audit) -> pd.DataFrame:
    """Stages in which a lead can stand, in the order of the process."""
    stages = audit.stages
    return stages[~stages["kind"].isin(["won", "ended", "paused"])].sort_values(["pipeline", "rank"], kind="stable")


def stage_labels(stages: pd.DataFrame, language: Language, *, short: bool = False) -> list[str]:
    """Names of stages, with their pipeline where there are several; without a stage it is the whole lead."""
    several = len(stages["pipeline"].fillna("").unique()) > 1
    named = [stage_label(row, with_pipeline=several) for row in stages.to_dict("records")]
    labels = [sentence("chart.whole_lead", language) if name == "–" else name for name in named]
    return [_shortened(label) for label in labels] if short else labels


def stage_label(row: Mapping[Any, Any], *, with_pipeline: bool = True) -> str:
    """A stage's name.

    Examples
    --------
    >>> stage_label({"pipeline": "Sales", "stage": "Offer"}), stage_label({"pipeline": None, "stage": None})
    ('Sales · Offer', '–')
    """
    stage, pipeline = plain(row["stage"]), plain(row["pipeline"])
    if stage and not with_pipeline:
        return stage
    return " · ".join(part for part in (pipeline, stage) if part) or "–"


def _shortened(label: str) -> str:
    return label if len(label) <= LABEL_LETTERS else label[: LABEL_LETTERS - 1].rstrip() + "…"


def plain(value: Any) -> str:
    """Text; empty where it is missing."""
    return value if isinstance(value, str) else ""
