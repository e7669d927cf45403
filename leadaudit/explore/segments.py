"""``audit.segments(by=…)``: the five ideas by segment, with intervals."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from leadaudit.explore.lab import need_lab
from leadaudit.explore.pictures import WIDTH, html, words_on_picture
from leadaudit.explore.segmenting import IDEAS, segmented
from leadaudit.explore.standing import OTHERS
from leadaudit.language import has, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Cell, Column, table
from leadaudit.report.charts.drawing import FONT, SERIES

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit
    from leadaudit.language import Language

LABEL_LETTERS = 24


class Segments:
    """The five ideas by segment.

    Attributes
    ----------
    by : str
    frame : DataFrame
        One row per group and idea (:func:`leadaudit.explore.segmenting.segmented`).
    widget : ipywidgets.VBox
        What a notebook shows.
    """

    def __init__(self, audit: Audit, by: str) -> None:
        self._language: Language = audit.language
        self.by = by
        self.frame = segmented(audit, by)

    @cached_property
    def widget(self) -> Any:
        """Picture and table below each other."""
        import ipywidgets as w

        from leadaudit.explore.whole import Picture

        head = html(
            "<h3>{{ t }}</h3><p>{{ w }}</p>",
            t=sentence("explore.segments_title", self._language, by=column_words(self.by, self._language)),
            w=sentence("explore.segments_about", self._language),
        )
        if self.frame.empty:
            return w.VBox(
                [w.HTML(head), w.HTML(html("<p>{{ w }}</p>", w=sentence("explore.segments_none", self._language)))]
            )
        picture = Picture(segments_picture(self.frame, self._language, self.by)).announce()
        parts = [w.HTML(head), picture, w.HTML(segments_html(self.frame, self._language, self.by))]
        return w.VBox(parts, layout=w.Layout(width="100%"))

    def _repr_mimebundle_(self, **wanted: Any) -> Any:
        return self.widget._repr_mimebundle_(**wanted)

    def __repr__(self) -> str:
        """The column and the number of groups."""
        return f"<Segments by {self.by}: {len(self.frame['group'].unique())} groups>"


def column_words(by: str, language: Language) -> str:
    """A column to read: our own have words, the export's keep their header."""
    return sentence(f"column.{by}", language) if has(f"column.{by}") else by


def group_words(group: str, by: str, language: Language) -> str:
    """A group to read."""
    if group == OTHERS:
        return sentence("explore.others_short", language)
    return sentence(f"{by}.{group}", language) if by in ("verdict", "shade") and has(f"{by}.{group}") else group


def segments_picture(frame: pd.DataFrame, language: Language, by: str = "") -> go.Figure:
    """A panel for each idea; each group a dot with its interval."""
    from plotly.subplots import make_subplots

    names = list(dict.fromkeys(frame["group"]))
    titles = [sentence(f"explore.idea.{idea}", language) for idea in IDEAS]
    figure = make_subplots(rows=1, cols=len(IDEAS), shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.035)
    for number, idea in enumerate(IDEAS, 1):
        own = frame[(frame["idea"] == idea)].set_index("group").reindex(names)
        known = own[own["share"].notna()]
        figure.add_scatter(
            x=known["share"], y=[names.index(name) for name in known.index], mode="markers", showlegend=False,
            marker={"color": SERIES["strong"], "size": 9},
            error_x={
                "type": "data", "symmetric": False, "array": known["high"] - known["share"],
                "arrayminus": known["share"] - known["low"], "color": SERIES["soft"], "thickness": 4, "width": 0,
            },
            text=[
                sentence("explore.segment_dot", language, x=row["count"], n=row["of"], low=row["low"], high=row["high"])
                for row in known.to_dict("records")
            ],
            hovertemplate="%{x:.0%}<br>%{text}<extra></extra>", row=1, col=number,
        )  # fmt: skip
    labels = [words_on_picture(_short(group_words(name, by, language))) for name in names]
    figure.update_xaxes(
        range=[-0.03, 1.03], tickformat=".0%", tickvals=[0, 0.5, 1], ticktext=["0", "50 %", "100 %"], zeroline=False
    )
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=labels,
        range=[len(names) - 0.5, -0.5],
        zeroline=False,
        automargin=True,
    )
    figure.update_annotations(font_size=12, align="center")
    figure.update_layout(
        template="none", height=130 + 30 * len(names), width=WIDTH, font={"family": FONT, "size": 12}, dragmode=False,
        margin={"l": 150, "r": 16, "t": 72, "b": 34},
    )  # fmt: skip
    return figure


def _short(text: str) -> str:
    return text if len(text) <= LABEL_LETTERS else text[: LABEL_LETTERS - 1].rstrip() + "…"


def segments_html(frame: pd.DataFrame, language: Language, by: str = "") -> str:
    """The same as a table."""
    columns = [Column(sentence("explore.group", language)), Column(sentence("column.open_count", language), "number")]
    columns += [Column(sentence(f"explore.idea.{idea}", language).replace("<br>", " "), "number") for idea in IDEAS]
    rows = []
    for name, own in frame.groupby("group", sort=False):
        by_idea = own.set_index("idea")
        cells = [_share_cell(by_idea.loc[idea], language) for idea in IDEAS]
        rows.append(
            [
                Cell(group_words(str(name), by, language)),
                Cell(form(own["leads_count"].iloc[0], "count", language)),
                *cells,
            ]
        )
    shown = table(columns, rows, caption=sentence("explore.segments_caption", language))
    return html("{{ table }}", table=Markup(shown))


def _share_cell(row: pd.Series, language: Language) -> Cell:
    if pd.isna(row["share"]):
        return Cell("–")
    low, high = form(row["low"], "percent", language), form(row["high"], "percent", language)
    return Cell(
        form(row["share"], "percent", language), below=f"{low} – {high} (n = {form(row['of'], 'count', language)})"
    )


def segments(audit: Audit, by: str = "source") -> Segments:
    """The five ideas by the values of a column, in a notebook.

    Parameters
    ----------
    audit : Audit
    by : str
        Any column of the leads, those of the export included; not one that names persons.

    Raises
    ------
    LeadAuditError
        ``segment_unknown`` with the nearest column, or ``segment_persons``.
    MissingExtraError
        Without the extra ``lab``.
    """
    need_lab()
    return Segments(audit, by)
