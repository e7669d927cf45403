"""What follows from other limits, as pictures and tables: counts, load, days of each stage, leads that change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.explore.pictures import WIDTH, html
from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Cell, Column, table
from leadaudit.report.charts.drawing import FONT, VERDICT_COLOURS, plain, stage_label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.explore.settings import Outcome
    from leadaudit.language import Language

MOST_CHANGES = 20
"""Leads named while a slider moves; the frame ``changed`` has them all."""


def counts_picture(outcome: Outcome, language: Language) -> go.Figure:
    """Open leads per verdict, as it is above as it would be; each trace's ``meta`` is its verdict."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for verdict, row in outcome.counts.iterrows():
        figure.add_bar(
            y=[sentence("explore.after", language), sentence("explore.before", language)],
            **bar_lengths(row),
            orientation="h", name=sentence(f"verdict.{verdict}", language), meta=verdict,
            marker={"color": VERDICT_COLOURS[str(verdict)], "line": {"width": 0}},
            textposition="inside", insidetextanchor="middle", textangle=0, constraintext="none",
            hovertemplate="%{x}<extra>%{fullData.name}</extra>", showlegend=bool(row["before"]),
        )  # fmt: skip
    figure.update_layout(
        template="none", barmode="stack", bargap=0.25, height=190, width=WIDTH, font={"family": FONT, "size": 13}, dragmode=False,
        margin={"l": 90, "r": 16, "t": 10, "b": 34}, legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
    )  # fmt: skip
    figure.update_xaxes(range=[0, max(1, len(outcome.leads)) * 1.01], tickformat=",d", zeroline=False)
    return figure


def bar_lengths(row: Any) -> dict[str, list[Any]]:
    """Length and words of the two bars of a verdict."""
    counts = [int(row["after"]), int(row["before"])]
    return {"x": counts, "text": [str(count) if count else "" for count in counts]}


def counts_html(outcome: Outcome, language: Language) -> str:
    """The same as a table, and what the open leads would tie up."""
    counts, load = outcome.counts, outcome.load
    columns = [Column(sentence("column.verdict", language))]
    columns += [Column(sentence(f"explore.{name}", language), "number") for name in ("before", "after", "difference")]
    rows = [
        [
            Cell(sentence(f"verdict.{verdict}", language), verdict=str(verdict)),
            Cell(form(row["before"], "count", language)),
            Cell(form(row["after"], "count", language)),
            Cell(signed(int(row["after"] - row["before"]), language)),
        ]
        for verdict, row in counts.iterrows()
        if row["before"] or row["after"]
    ]
    before, after = load.loc["before"], load.loc["after"]
    words = sentence(
        "explore.load", language, n=int(after["open_count"]), left=int(after["left_count"]), freed=after["freed_days"],
        left_before=int(before["left_count"]), freed_before=before["freed_days"],
    )  # fmt: skip
    return _in_look(table(columns, rows, caption=sentence("explore.counts_caption", language)), words)


def signed(count: int, language: Language) -> str:
    """A difference with its sign.

    Examples
    --------
    >>> signed(3, "en"), signed(-3, "en"), signed(0, "en")
    ('+3', '−3', '0')
    """
    number = form(abs(count), "count", language)
    return f"+{number}" if count > 0 else f"−{number}" if count < 0 else number


def days_html(days: pd.DataFrame, language: Language) -> str:
    """Patience and horizon of each stage as they would be; what they were stands below where it differs."""
    several = len(set(days.index.get_level_values("pipeline"))) > 1
    names = ("stage", "patience_days", "horizon_days")
    columns = [Column(sentence(f"column.{name}", language), "" if name == "stage" else "number") for name in names]
    rows = [
        [
            Cell(stage_label({"pipeline": key[0], "stage": key[1]}, with_pipeline=several)),
            _day_cell(row["patience_days"], row["patience_before_days"], language),
            _day_cell(row["horizon_days"], row["horizon_before_days"], language),
        ]
        for key, row in days.iterrows()
    ]
    return _in_look(table(columns, rows, caption=sentence("explore.days_caption", language)))


def _day_cell(days: float, before: float, language: Language) -> Cell:
    was = "" if pd.isna(days) or days == before else sentence("explore.was", language, d=before)
    return Cell(form(days, "days", language), below=was)


def changes_html(outcome: Outcome, language: Language) -> str:
    """The leads whose verdict would be another one, the first twenty by name."""
    changed = outcome.changed
    columns = [Column(sentence(f"column.{name}", language)) for name in ("lead", "stage")]
    columns += [Column(sentence("column.stay_days_short", language), "number")]
    columns += [Column(sentence(f"explore.{name}", language)) for name in ("before", "after")]
    rows = [_change(row, language) for row in changed.head(MOST_CHANGES).to_dict("records")]
    caption = sentence("explore.changes_caption", language, n=len(changed))
    more = len(changed) - len(rows)
    return _in_look(
        table(columns, rows, caption=caption), sentence("explore.changes_more", language, n=more) if more else ""
    )


def _change(row: dict[Any, Any], language: Language) -> list[Cell]:
    return [
        Cell(str(row["lead_id"])),
        Cell(plain(row["stage"]) or "–"),
        Cell(form(row["stay_days"], "days", language)),
        *[Cell(sentence(f"verdict.{row[name]}", language), verdict=str(row[name])) for name in ("before", "after")],
    ]


def _in_look(table_html: str, words: str = "") -> str:
    """A table of the report (safe HTML) in the look of the exploration."""
    from markupsafe import Markup

    return html("{{ table }}{% if words %}<p>{{ words }}</p>{% endif %}", table=Markup(table_html), words=words)
