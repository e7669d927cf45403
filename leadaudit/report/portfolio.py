"""All clients of a batch on one page, and the page that compares them without a name."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from leadaudit import __version__, errors
from leadaudit.errors import ExportReadError, LeadAuditError
from leadaudit.language import Language, error_sentence, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, fill, table

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

COMPARED = {
    "overdue_share": "percent",
    "stalled_share": "percent",
    "progressing_share": "percent",
    "open_load": "number",
}
"""Numbers in which clients are compared, and how they are written; none tells how large a client is."""

FEWEST_COMPARED = 5
"""With fewer clients a nameless one would be known all the same."""

_NAME_LETTERS = 26


@dataclass(frozen=True)
class Portfolio:
    """The clients of a batch.

    Attributes
    ----------
    language : {"de", "en"}
    clients : tuple of dict
        Rows of ``batch.json`` (``docs/batch.schema.json``), by folder name.
    """

    language: Language
    clients: tuple[Mapping[str, Any], ...]

    @classmethod
    def load(cls, folder: Path, language: str = "") -> Portfolio:
        """Read a folder's ``batch.json``.

        Raises
        ------
        ExportReadError
            ``file_missing``, or ``notebook_not_ours`` if it is something else.
        """
        path = folder / "batch.json"
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))["clients"]
        except FileNotFoundError as error:
            raise ExportReadError("file_missing", path=path) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ExportReadError("file_corrupt", path=path, reason="it is not the record of a batch") from error
        return cls("de" if language == "de" else "en", tuple(rows))

    @property
    def done(self) -> list[Mapping[str, Any]]:
        """Clients with a current report."""
        return [row for row in self.clients if row["status"] == "done"]

    @property
    def failed(self) -> list[Mapping[str, Any]]:
        """Clients without one."""
        return [row for row in self.clients if row["status"] == "failed"]

    def known(self, metric: str) -> dict[str, float]:
        """A number of every client whose export tells it, by folder name."""
        values = {row["slug"]: row["metrics"].get(metric) for row in self.done}
        return {slug: value for slug, value in values.items() if value is not None}

    def letters(self) -> dict[str, str]:
        """A letter for each client, by folder name; their order tells nothing of names."""
        mixed = sorted((row["slug"] for row in self.done), key=lambda slug: hashlib.sha256(slug.encode()).digest())
        return {slug: _letter(number) for number, slug in enumerate(mixed)}


def _letter(number: int) -> str:
    """A, B, … Z, AA, AB, …

    Examples
    --------
    >>> _letter(0), _letter(25), _letter(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, _NAME_LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def quantiles(values: Mapping[str, float]) -> dict[str, float]:
    """Where each value stands among the others: the share of them that is lower, equal ones counting half.

    Examples
    --------
    >>> quantiles({"a": 0.1, "b": 0.2, "c": 0.2})
    {'a': 0.0, 'b': 0.75, 'c': 0.75}
    """
    others = max(len(values) - 1, 1)
    return {
        name: (
            sum(other < value for other in values.values()) + (sum(other == value for other in values.values()) - 1) / 2
        )
        / others
        for name, value in values.items()
    }


def portfolio_head(portfolio: Portfolio) -> Block:
    """Title of the page, how many clients there are, and how many leads they have open."""
    language = portfolio.language
    title = sentence("portfolio.title", language)
    open_count = sum(row["metrics"]["open_count"] for row in portfolio.done)
    overdue = sum(row["metrics"]["overdue_count"] for row in portfolio.done)
    words = [sentence("portfolio.summary", language, n=len(portfolio.done), open=open_count, overdue=overdue)]
    if portfolio.failed:
        words.append(sentence("portfolio.failed_count", language, n=len(portfolio.failed)))
    html = fill(
        '<h1>{{ title }}</h1>{% for w in words %}<p class="lead">{{ w }}</p>{% endfor %}<p class="note">{{ inside }}</p>',
        title=title,
        words=words,
        inside=sentence("portfolio.inside", language),
    )
    return Block(html, meta=_meta(portfolio, title))


def _meta(portfolio: Portfolio, title: str) -> dict[str, str]:
    language = portfolio.language
    footer = sentence("report.footer", language, version=__version__)
    return {"language": language, "title": title, "version": __version__, "footer": footer}


def clients(portfolio: Portfolio) -> Block:
    """Every client with a report: open leads, share that is overdue, load, evidence, trend; sortable."""
    language = portfolio.language
    looks = {"client": "wide", "letter": "", "open": "number", "overdue": "number", "load": "number", "trend": "number"}
    columns = [Column(sentence(f"portfolio.column.{name}", language), look) for name, look in looks.items()]
    columns += [Column(sentence(f"portfolio.column.{name}", language)) for name in ("evidence", "as_of")]
    letters = portfolio.letters()
    rows = [_row(row, letters[row["slug"]], language) for row in portfolio.done]
    caption = sentence("portfolio.clients", language)
    note = fill('<p class="muted">{{ note }}</p>', note=sentence("portfolio.note", language))
    return Block(
        _heading("clients", language) + table(columns, rows, caption=caption, sortable=True, filterable=True) + note
    )


def _row(row: Mapping[str, Any], letter: str, language: Language) -> list[Cell]:
    metrics = row["metrics"]
    change, words = _trend(row, language)
    last_day = datetime.fromisoformat(row["as_of"]) - timedelta(microseconds=1)
    return [
        Cell(row["client"], href=f"{row['slug']}/report.html"),
        Cell(letter),
        Cell(form(metrics["open_count"], "count", language), sort=metrics["open_count"]),
        Cell(form(metrics["overdue_share"], "percent", language), sort=_sort(metrics["overdue_share"])),
        Cell(form(metrics.get("open_load"), "number", language), sort=_sort(metrics.get("open_load"))),
        Cell(words, sort=_sort(change)),
        Cell(row["evidence"] or "–"),
        Cell(form(last_day, "date", language), sort=row["as_of"]),
    ]


def _sort(value: float | None) -> float | str:
    return "" if value is None else value


def _trend(row: Mapping[str, Any], language: Language) -> tuple[float | None, str]:
    """Change of the share that is overdue since the audit before, in percentage points."""
    before = row["previous"]
    now = row["metrics"]["overdue_share"]
    then = before["metrics"].get("overdue_share") if before else None
    if now is None or then is None:
        return None, form(None, "number", language)
    points = 100 * (now - then)
    sign = "+" if points >= 0.05 else "−" if points <= -0.05 else "±"
    on = datetime.fromisoformat(before["as_of"]) - timedelta(microseconds=1)
    return points, sentence("portfolio.trend", language, sign=sign, points=abs(points), on=on)


def failures(portfolio: Portfolio) -> Block:
    """Clients without a current report, each with its sentence; nothing where there are none."""
    if not portfolio.failed:
        return Block("")
    language = portfolio.language
    columns = [
        Column(sentence("portfolio.column.client", language)),
        Column(sentence("portfolio.column.why", language), "wide"),
        Column(sentence("portfolio.column.notebook", language)),
    ]
    rows = [
        [
            Cell(row["client"], href=f"{row['slug']}/report.html" if row["metrics"] else ""),
            Cell(error_sentence(_error(row["error"]), language)),
            Cell(row["notebook"] or "–", href=f"{row['slug']}/{row['notebook']}" if row["notebook"] else ""),
        ]
        for row in portfolio.failed
    ]
    return Block(
        _heading("failures", language) + table(columns, rows, caption=sentence("portfolio.failures", language))
    )


def _error(facts: Mapping[str, Any]) -> LeadAuditError:
    kind: type[LeadAuditError] = getattr(errors, facts["kind"], LeadAuditError)
    return kind(facts["code"], **facts["fields"])


def _heading(key: str, language: Language) -> str:
    return fill('<h2 id="{{ key }}">{{ title }}</h2>', key=key, title=sentence(f"portfolio.{key}_heading", language))


def spread(portfolio: Portfolio) -> go.Figure:
    """How the clients spread: a dot for each, and the box of the middle half."""
    shares = ("overdue_share", "stalled_share", "progressing_share")
    return _drawn(portfolio, "portfolio_spread", shares, height=320, tick=".0%")


def loads(portfolio: Portfolio) -> go.Figure:
    """How long each client needs at its pace to decide what is open."""
    return _drawn(portfolio, "portfolio_loads", ("open_load",), height=210, tick="")


def _drawn(portfolio: Portfolio, key: str, metrics: Sequence[str], *, height: int, tick: str) -> go.Figure:
    from leadaudit.report.charts.drawing import SERIES, VERDICT_COLOURS, start, with_table

    language = portfolio.language
    names = {row["slug"]: _unmarked(row["client"]) for row in portfolio.done}
    figure = start(cast("Audit", portfolio), key, height=height)  # only its language is asked for
    for metric in metrics:
        values = portfolio.known(metric)
        colour = VERDICT_COLOURS.get(metric.removesuffix("_share"), SERIES["strong"])
        title = sentence(f"portfolio.metric.{metric}", language)
        figure.add_box(
            x=list(values.values()),
            y=[title] * len(values),
            text=[names[slug] for slug in values],
            orientation="h",
            boxpoints="all",
            jitter=0.5,
            pointpos=0,
            marker={"color": colour, "size": 8, "opacity": 0.8},
            line={"color": colour, "width": 1.5},
            fillcolor="rgba(0,0,0,0)",
            hovertemplate=f"%{{text}}: %{{x:{tick}}}<extra></extra>",
            showlegend=False,
        )
    figure.update_xaxes(tickformat=tick, rangemode="tozero", title=sentence(f"chart.{key}.axis", language))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return with_table(figure, _spread_table(portfolio, metrics))


def _unmarked(text: str) -> str:
    """Text that plotly takes for nothing but text: its labels know a few tags of HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _spread_table(portfolio: Portfolio, metrics: Sequence[str]) -> str:
    import numpy as np

    language = portfolio.language
    marks = (0.0, 0.25, 0.5, 0.75, 1.0)
    columns = [
        Column(""),
        *[Column(sentence(f"portfolio.mark.{round(100 * mark)}", language), "number") for mark in marks],
    ]
    rows = []
    for metric in metrics:
        values = list(portfolio.known(metric).values())
        ends = np.quantile(values, marks) if values else [None] * len(marks)
        title = Cell(sentence(f"portfolio.metric.{metric}", language))
        rows.append(
            [title, *[Cell(form(None if end is None else float(end), COMPARED[metric], language)) for end in ends]]
        )
    return table(columns, rows, caption=sentence("portfolio.spread_table", language))


def comparison(portfolio: Portfolio) -> Block:
    """Where each client stands among the others, by letter: a page that names nobody."""
    language = portfolio.language
    title = sentence("comparison.title", language)
    count = len(portfolio.done)
    if count < FEWEST_COMPARED:
        said = sentence("comparison.too_few", language, n=FEWEST_COMPARED)
        return Block(
            fill("<h1>{{ title }}</h1><p>{{ said }}</p>", title=title, said=said), meta=_meta(portfolio, title)
        )
    ranks = {metric: quantiles(portfolio.known(metric)) for metric in COMPARED}
    columns = [Column(sentence("portfolio.column.letter", language))]
    columns += [Column(sentence(f"portfolio.metric.{metric}", language), "number") for metric in COMPARED]
    rows = [
        [Cell(letter, sort=letter.rjust(3)), *[_rank(ranks[metric].get(slug), language) for metric in COMPARED]]
        for slug, letter in portfolio.letters().items()
    ]
    first = next(iter(portfolio.letters().items()))
    example = ranks["overdue_share"].get(first[0])
    words = [sentence("comparison.method", language, n=count)]
    if example is not None:
        words.append(sentence("comparison.example", language, letter=first[1], rank=example))
    head = fill("<h1>{{ title }}</h1>{% for w in words %}<p>{{ w }}</p>{% endfor %}", title=title, words=words)
    caption = sentence("comparison.caption", language)
    return Block(head + table(columns, rows, caption=caption, sortable=True), meta=_meta(portfolio, title))


def _rank(value: float | None, language: Language) -> Cell:
    return Cell(form(value, "percent", language), sort=_sort(value))


def write_comparison(portfolio: Portfolio, output: str) -> None:
    """Write ``comparison.html`` into a folder; nothing where none is named."""
    from leadaudit.report.html import Page, rendered
    from leadaudit.report.markup import clean

    if not output:
        return
    block = comparison(portfolio)
    target = Path(output) / "comparison.html"
    part = target.with_suffix(".part")
    part.write_text(rendered(Page(body=[clean(block.html)], meta=dict(block.meta))), encoding="utf-8", newline="\n")
    os.replace(part, target)
