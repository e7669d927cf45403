"""Movement against progress, month by month, and what became of the stays in each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.findings.view import View
from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, table
from leadaudit.report.charts.drawing import SERIES, month_ticks, plain, shown_stages, stage_labels, start, with_table

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

MOST_MONTHS = 24
MIN_MONTHS = 2
ENDS = {"progress": SERIES["strong"], "won": SERIES["good"], "ended": SERIES["ended"], "open": SERIES["soft"]}
"""What a stay ended in; ``open`` stands for those that still stand."""


def movement(audit: Audit) -> go.Figure | Block:
    """What was done and what was settled, month by month, one above the other."""
    language = audit.language
    months = _months(audit)
    if months is None:
        return Block("")
    figure = start(audit, "movement", height=420)
    above = [name for name in ("movement", "response") if months[name].any()]
    drawn = {"movement": (SERIES["soft"], "y"), "response": (SERIES["warm"], "y"), "settled": (SERIES["good"], "y2")}
    for name in (*above, "settled"):
        colour, axis = drawn[name]
        figure.add_bar(
            x=months.index,
            y=months[name],
            yaxis=axis,
            marker={"color": colour, "line": {"width": 0}},
            name=sentence(f"chart.movement.{name}", language),
            hovertemplate="%{x|%m/%Y}: %{y}<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        yaxis={
            "domain": [0.46, 1],
            "title": sentence("chart.movement.done", language),
            "nticks": 5,
            "tickformat": ",d",
        },
        yaxis2={
            "domain": [0, 0.36],
            "title": sentence("chart.movement.decided", language),
            "nticks": 4,
            "tickformat": ",d",
            "automargin": True,
        },
    )
    figure.update_xaxes(anchor="y2")
    month_ticks(figure, months.index)
    return with_table(figure, _months_table(audit, months))


def _months(audit: Audit) -> pd.DataFrame | None:
    """Movement, responses and things settled by month; only where activities were exported."""
    if "E" not in audit.export.evidence:
        return None
    view = View(audit)
    acts = view.acts
    reacted = (acts.marks & acts.bit("response")) != 0
    found = {
        "movement": _by_month(acts.at_us[~reacted]),
        "response": _by_month(acts.at_us[reacted]),
        "settled": _by_month(view.settled.at_us),
    }
    months = pd.DataFrame(found).sort_index()
    months = months[months.index < audit.as_of]
    if len(months) < MIN_MONTHS or not months["movement"].any():
        return None
    whole = pd.date_range(months.index[0], months.index[-1], freq="MS")
    return months.reindex(whole).fillna(0).astype(int).tail(MOST_MONTHS)


def _by_month(at_us: np.ndarray[Any, Any]) -> pd.Series:
    days = pd.Series(at_us.astype("datetime64[us]"))
    return days.dt.to_period("M").dt.to_timestamp().value_counts()


def _months_table(audit: Audit, months: pd.DataFrame) -> str:
    language = audit.language
    names = ("movement", "response", "settled")
    columns = [Column(sentence("column.month", language))]
    columns += [Column(sentence(f"chart.movement.{name}", language), "number") for name in names]
    rows = [
        [
            Cell(f"{at:%m/%Y}", sort=f"{at:%Y-%m}"),
            *[Cell(form(months.at[at, name], "count", language)) for name in names],
        ]
        for at in months.index
    ]
    return table(columns, rows, caption=sentence("chart.movement.title", language))


def passages(audit: Audit) -> go.Figure | Block:
    """Of the leads that came into each stage: how many moved on, were won, were ended, still stand."""
    language = audit.language
    shown, counted = _ends(audit)
    if not len(counted):
        return Block("")
    names = stage_labels(shown, audit.language, short=True)
    all_of_stage = counted.sum(axis=1)
    figure = start(audit, "passages", height=110 + 34 * len(names))
    for end, colour in ENDS.items():
        share = counted[end] / all_of_stage
        figure.add_bar(
            y=list(range(len(names))),
            x=share,
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            name=sentence(f"chart.passages.{end}", language),
            text=[form(one, "percent", language) if one >= 0.06 else "" for one in share],
            customdata=counted[end],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.3)
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    labels = [f"{name} ({form(n, 'count', language)})" for name, n in zip(names, all_of_stage, strict=True)]
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5], showgrid=False, tickvals=list(range(len(names))), ticktext=labels
    )
    return with_table(figure, _ends_table(audit, shown, counted))


def _ends(audit: Audit) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stays by stage and by what they ended in."""
    shown = shown_stages(audit).reset_index(drop=True)
    stays = audit.stays
    keys = {
        (plain(row["pipeline"]), plain(row["stage"])): number for number, row in enumerate(shown.to_dict("records"))
    }
    at = pd.Series(
        [keys.get(key, -1) for key in zip(stays["pipeline"].fillna(""), stays["stage"].fillna(""), strict=True)]
    )
    counted = pd.crosstab(at, stays["end"].to_numpy()).reindex(
        index=range(len(shown)), columns=list(ENDS), fill_value=0
    )
    there = counted.sum(axis=1) > 0
    return shown[there], counted[there]


def _ends_table(audit: Audit, shown: pd.DataFrame, counted: pd.DataFrame) -> str:
    language = audit.language
    columns = [Column(sentence("column.stage", language))]
    columns += [Column(sentence(f"chart.passages.{end}", language), "number") for end in ENDS]
    rows = [
        [Cell(label), *[Cell(form(count, "count", language)) for count in counts]]
        for label, counts in zip(stage_labels(shown, audit.language), counted.to_numpy(), strict=True)
    ]
    return table(columns, rows, caption=sentence("chart.passages.title", language))
