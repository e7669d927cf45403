"""A timeline as a small drawing inside HTML: no script, no network, in any notebook and any viewer.

It is drawn from the figure of :func:`leadaudit.report.charts.life.timeline`, so that card and report agree.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from leadaudit.report.blocks import fill

if TYPE_CHECKING:
    import plotly.graph_objects as go

WIDTH, LANE, LEFT, RIGHT, FOOT = 720, 34, 96, 14, 26
"""Pixels: of the drawing, of a lane, and of the margins."""

MOST_DATES = 6
HALF_DATE = 28
"""Pixels from the middle of a written date to its end."""

_MARKS = {
    "circle": '<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}">',
    "square": '<rect x="{x0:.1f}" y="{y0:.1f}" width="{d:.1f}" height="{d:.1f}" fill="{colour}">',
    "diamond": '<path d="M{x:.1f} {y0:.1f}L{x1:.1f} {y:.1f}L{x:.1f} {y1:.1f}L{x0:.1f} {y:.1f}Z" fill="{colour}">',
    "x": '<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}M{x0:.1f} {y1:.1f}L{x1:.1f} {y0:.1f}" fill="none" stroke="{colour}" stroke-width="2">',
}
_END = {"circle": "circle", "square": "rect", "diamond": "path", "x": "path"}
_TEMPLATE = """<svg viewBox="0 0 {{ width }} {{ height }}" role="img" aria-label="{{ label }}" style="width:100%;max-width:{{ width }}px;height:auto;font:12px sans-serif">
{{ bands }}{% for lane in lanes %}<line x1="{{ left }}" x2="{{ right }}" y1="{{ lane.y }}" y2="{{ lane.y }}" stroke="currentColor" stroke-opacity=".15"/>
<text x="{{ left - 10 }}" y="{{ lane.y + 4 }}" text-anchor="end" fill="currentColor">{{ lane.name }}</text>{% endfor %}
{{ marks }}{% for date in dates %}<text x="{{ date.x }}" y="{{ height - 8 }}" text-anchor="middle" fill="currentColor" fill-opacity=".7">{{ date.text }}</text>{% endfor %}</svg>"""


def small_timeline(figure: go.Figure, label: str) -> str:
    """One lead's timeline as an SVG, safe to put into HTML.

    Parameters
    ----------
    figure : Figure
        From :func:`leadaudit.report.charts.life.timeline`.
    label : str
        What a screen reader says of it.

    Returns
    -------
    str
        SVG with the bands of patience and horizon, one lane per sort of event, a word on each mark.
    """
    names = list(figure.layout.yaxis.ticktext)
    height = LANE * len(names) + FOOT
    scale = _Scale.of(figure)
    lanes = [{"name": name, "y": _lane(number, len(names))} for number, name in enumerate(names)]
    return fill(
        _TEMPLATE,
        width=WIDTH,
        height=height,
        left=LEFT,
        right=WIDTH - RIGHT,
        label=label,
        lanes=lanes,
        bands=Markup("".join(_shape(shape, scale, height - FOOT) for shape in figure.layout.shapes)),
        marks=Markup("".join(_marks(trace, scale, len(names)) for trace in figure.data)),
        dates=scale.dates(),
    )


class _Scale:
    """Days to pixels."""

    def __init__(self, first: pd.Timestamp, last: pd.Timestamp) -> None:
        self.first = first
        self.span_days = max((last - first) / pd.Timedelta(days=1), 1.0)

    @classmethod
    def of(cls, figure: go.Figure) -> _Scale:
        moments = [pd.Timestamp(at) for trace in figure.data for at in (trace.x if trace.x is not None else ())]
        moments += [pd.Timestamp(at) for shape in figure.layout.shapes for at in (shape.x0, shape.x1)]
        return cls(min(moments), max(moments))

    def __call__(self, at: Any) -> float:
        days = (pd.Timestamp(at) - self.first) / pd.Timedelta(days=1)
        return LEFT + (WIDTH - LEFT - RIGHT) * days / self.span_days

    def dates(self) -> list[dict[str, Any]]:
        """Months below the line, none twice, so few that they do not touch."""
        last = self.first + pd.Timedelta(days=self.span_days)
        months = pd.date_range(self.first.normalize() + pd.offsets.MonthBegin(0), last, freq="MS")
        if len(months) < 2:
            return [{"x": self._inside(at), "text": f"{at:%d.%m.%y}"} for at in (self.first, last)]
        step = -(-len(months) // MOST_DATES)
        return [{"x": self._inside(at), "text": f"{at:%m/%y}"} for at in months[::step]]

    def _inside(self, at: pd.Timestamp) -> float:
        """Where a date's middle stands, so that all of it is seen."""
        return round(min(self(at), WIDTH - HALF_DATE), 1)


def _lane(number: int, count: int) -> float:
    """The first lane is the lowest, as in the figure."""
    return LANE * (count - number - 0.5)


def _shape(shape: Any, scale: _Scale, height: float) -> str:
    x0, x1 = scale(shape.x0), scale(shape.x1)
    if shape.type == "rect":
        return f'<rect x="{x0:.1f}" y="0" width="{x1 - x0:.1f}" height="{height:.1f}" fill="{html.escape(shape.fillcolor)}"/>'
    dash = ' stroke-dasharray="3 3"' if shape.line.dash else ""
    return f'<line x1="{x0:.1f}" x2="{x0:.1f}" y1="0" y2="{height:.1f}" stroke="{html.escape(shape.line.color)}" stroke-width="1.5"{dash}/>'


def _marks(trace: Any, scale: _Scale, count: int) -> str:
    symbol, colour = trace.marker.symbol, html.escape(trace.marker.color)
    half = trace.marker.size / 2
    drawn = []
    for at, number, words in zip(trace.x, trace.y, trace.text, strict=True):
        x, y = scale(at), _lane(number, count)
        places = {
            "x": x,
            "y": y,
            "x0": x - half,
            "x1": x + half,
            "y0": y - half,
            "y1": y + half,
            "r": half,
            "d": 2 * half,
        }
        told = html.escape(f"{pd.Timestamp(at):%d.%m.%Y}: {html.unescape(words)}")
        drawn.append(f"{_MARKS[symbol].format(colour=colour, **places)}<title>{told}</title></{_END[symbol]}>")
    return "".join(drawn)
