"""The life of one lead with its silences: the report's picture and a lane for the time between two events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.explore.pictures import WIDTH
from leadaudit.language import sentence
from leadaudit.report.charts.drawing import SERIES
from leadaudit.report.charts.life import LANES, timeline

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

SHORTEST_DAYS = 7
"""A quiet week is no silence."""

_DAY = pd.Timedelta(days=1)


def silences(audit: Audit, lead_id: str) -> pd.DataFrame:
    """Times in which nothing was heard of a lead and nothing done, at least a week long.

    Parameters
    ----------
    audit : Audit
    lead_id : str

    Returns
    -------
    DataFrame
        ``begin_at``, ``end_at`` (of an open lead, the last one ends at ``as_of``), ``days``, and ``long``: longer
        than nine of ten winners were ever without contact; missing where that is not known.
    """
    events = audit.ledger(lead_id)
    moments = events.loc[events["sort"].isin(LANES) & events["at"].notna(), "at"]
    lead = audit.leads[audit.leads["lead_id"] == lead_id].iloc[0]
    if lead["verdict"] != "ended":
        moments = pd.concat([moments, pd.Series([audit.as_of])])
    ordered = moments.drop_duplicates().sort_values(ignore_index=True)
    found = pd.DataFrame({"begin_at": ordered.shift(), "end_at": ordered}).dropna()
    found["days"] = (found["end_at"] - found["begin_at"]) / _DAY
    found = found[found["days"] >= SHORTEST_DAYS].reset_index(drop=True)
    limit = audit.judgement.facts.norms.silence_limit_days
    long = pd.Series(pd.NA, index=found.index) if limit is None else found["days"] > limit
    return found.assign(long=long.astype("boolean"))


def life(audit: Audit, lead_id: str) -> go.Figure:
    """Movement, response, progress and silences of a lead, with patience and horizon of its present stay.

    Raises
    ------
    LeadAuditError
        ``lead_unknown``, with the nearest id.
    """
    figure = timeline(audit, lead_id)
    lane = -1
    for row in silences(audit, lead_id).to_dict("records"):
        _draw(figure, row, lane, audit.language)
    axis = figure.layout.yaxis
    axis.update(
        tickvals=[lane, *axis.tickvals],
        ticktext=[sentence("explore.silence", audit.language), *axis.ticktext],
        range=[lane - 0.6, axis.range[1]],
    )
    figure.update_layout(height=330, width=WIDTH, margin={"l": 90, "r": 14, "t": 10, "b": 34})
    return figure


def _draw(figure: go.Figure, row: dict[Any, Any], lane: int, language: Any) -> None:
    """A silence as a line as long as it lasted; a long one is thicker and darker."""
    is_long = row["long"] is True or (pd.notna(row["long"]) and bool(row["long"]))
    words = sentence("explore.silence_long" if is_long else "explore.silence_days", language, d=row["days"])
    figure.add_scatter(
        x=[row["begin_at"], row["end_at"]], y=[lane, lane], mode="lines", text=[words, words],
        line={"color": SERIES["ended"] if is_long else SERIES["grey"], "width": 7 if is_long else 3},
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def show_in(widget: Any, figure: go.Figure) -> None:
    """Put a picture into a figure that is on the screen, in the place of what it showed."""
    with widget.batch_update():
        widget.data = []
        widget.add_traces(list(figure.data))
        widget.layout = figure.layout
