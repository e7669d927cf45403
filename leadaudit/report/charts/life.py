"""The life of one lead: movement, response and progress on a line of time, with patience and horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.language import has, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Cell, Column, table
from leadaudit.report.charts.drawing import (
    BETWEEN_BAND,
    BEYOND_BAND,
    PATIENCE_BAND,
    SERIES,
    VERDICT_COLOURS,
    Gallery,
    start,
    with_table,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

LANES = ("setback", "progress", "response", "movement")
_LOOKS = {
    "movement": (SERIES["soft"], "circle", 8),
    "response": (SERIES["warm"], "square", 9),
    "progress": (SERIES["good"], "diamond", 12),
    "setback": (SERIES["ended"], "x", 9),
}
_TABLE_ROWS = 40


def timelines(audit: Audit, lead_ids: list[str], titles: list[str] | None = None) -> Gallery:
    """The lives of some leads, one small picture each."""
    named = titles or lead_ids
    return Gallery([timeline(audit, lead_id, title=title) for lead_id, title in zip(lead_ids, named, strict=True)])


def timeline(audit: Audit, lead_id: str, *, title: str = "") -> go.Figure:
    """One lead's life up to as_of.

    Parameters
    ----------
    audit : Audit
    lead_id : str
    title : str, optional
        Default: the lead's id.

    Raises
    ------
    LeadAuditError
        ``lead_unknown``, with the nearest id.
    """
    language = audit.language
    events = audit.ledger(lead_id)
    events = events[events["sort"].isin(LANES) & events["at"].notna()]
    lead = audit.leads[audit.leads["lead_id"] == lead_id].iloc[0].to_dict()
    figure = start(audit, "timeline", height=280, title=title or lead_id, caption=_caption(lead, audit), small=True)
    end = _end(audit, lead)
    _bands(figure, lead, end)
    lanes = [lane for lane in LANES if lane != "setback" or (events["sort"] == lane).any()]
    for number, lane in enumerate(lanes):
        of_lane = events[events["sort"] == lane]
        colour, symbol, size = _LOOKS[lane]
        figure.add_scatter(
            x=of_lane["at"],
            y=[number] * len(of_lane),
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": size, "line": {"width": 0}},
            text=[event_words(event, audit) for event in of_lane.to_dict("records")],
            hovertemplate="%{x|%d.%m.%Y}: %{text}<extra></extra>",
        )
    figure.add_vline(x=audit.as_of.isoformat(), line={"color": SERIES["grey"], "width": 1.5, "dash": "dot"})
    figure.update_layout(showlegend=False, margin={"l": 20, "r": 14, "t": 10, "b": 34})
    figure.update_yaxes(
        tickvals=list(range(len(lanes))),
        ticktext=[sentence(f"chart.timeline.{lane}", language) for lane in lanes],
        range=[-0.6, len(lanes) - 0.4],
    )
    figure.update_xaxes(type="date", tickformat="%m/%y", nticks=6, showgrid=False)
    return with_table(figure, _events_table(events, audit, title or lead_id))


def _caption(lead: dict[Any, Any], audit: Audit) -> str:
    """Verdict, how long the present stay has lasted against what is usual, and what the dark ground is."""
    verdict = sentence(f"verdict.{lead['verdict']}", audit.language)
    verdict = verdict[:1].upper() + verdict[1:]
    if pd.isna(lead["stay_days"]) or lead["verdict"] == "ended":
        return verdict
    key = "stay_usual" if pd.notna(lead["patience_days"]) else "stay"
    stay = sentence(f"chart.timeline.{key}", audit.language, d=lead["stay_days"], usual=lead["patience_days"])
    passed = pd.notna(lead["horizon_days"]) and lead["stay_days"] > lead["horizon_days"]
    beyond = [sentence("chart.timeline.beyond", audit.language)] if passed else []
    return " ".join([f"{verdict}.", stay, *beyond])


def _end(audit: Audit, lead: dict[Any, Any]) -> pd.Timestamp:
    """The axis runs a little beyond as_of, so that a horizon just ahead is on it."""
    ahead = lead["end_on"]
    soon = audit.as_of + pd.Timedelta(days=30)
    return min(ahead, soon) if pd.notna(ahead) and ahead > audit.as_of else audit.as_of + pd.Timedelta(days=3)


def _bands(figure: go.Figure, lead: dict[Any, Any], end: pd.Timestamp) -> None:
    """The present stay: usual, longer than usual, beyond the horizon (days of a pause not drawn apart)."""
    begin = lead["stay_started_at"]
    if pd.isna(begin) or lead["verdict"] == "ended":
        return
    usual = begin + _days(lead["patience_days"], end - begin)
    over = begin + _days(lead["horizon_days"], end - begin)
    for x0, x1, colour in (
        (begin, min(usual, over), PATIENCE_BAND),
        (min(usual, over), over, BETWEEN_BAND),
        (over, end, BEYOND_BAND),
    ):
        if min(x1, end) > x0:
            figure.add_shape(
                type="rect",
                x0=x0.isoformat(),
                x1=min(x1, end).isoformat(),
                y0=0,
                y1=1,
                yref="paper",
                fillcolor=colour,
                line={"width": 0},
                layer="below",
            )
    if over < end:
        figure.add_vline(x=over.isoformat(), line={"color": VERDICT_COLOURS["overdue"], "width": 1.5})


def _days(days: Any, otherwise: pd.Timedelta) -> pd.Timedelta:
    return otherwise if pd.isna(days) else pd.Timedelta(days=float(days))


def event_words(event: dict[Any, Any], audit: Audit) -> str:
    """What happened, in a few words; the stage's name where the lead reached one."""
    what = event["what"] if has(f"event.{event['what']}") else "other"
    words = sentence(f"event.{what}", audit.language)
    stage = event["stage"]
    return f"{words}: {stage}".replace("<", "&lt;") if what == "stage" and isinstance(stage, str) else words


def _events_table(events: pd.DataFrame, audit: Audit, caption: str) -> str:
    language = audit.language
    columns = [Column(sentence(f"column.{name}", language)) for name in ("day_on", "sort", "what")]
    rows = [
        [
            Cell(form(event["at"], "date", language)),
            Cell(sentence(f"chart.timeline.{event['sort']}", language)),
            Cell(event_words(event, audit).replace("&lt;", "<")),
        ]
        for event in events.tail(_TABLE_ROWS).to_dict("records")
    ]
    return table(columns, rows, caption=caption)
