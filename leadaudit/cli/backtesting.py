"""The command that tests the judgement on the client's past: backtest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadaudit.cli.options import AsJson, AsOf, Files, KeyFile, Privacy, Speech, Zone
from leadaudit.cli.speaking import err, language_of, out, step_bar
from leadaudit.language import Language, sentence

if TYPE_CHECKING:
    from leadaudit.backtest import Backtest
    from leadaudit.report.backtest_tables import Sheet

Dates = Annotated[
    list[str] | None,
    typer.Option(
        "--at",
        help="A past date to judge at, e.g. 2026-05-01; may be given several times. Default: chosen from the history.",
        metavar="DATE",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help="Folder for backtest.html and backtest.ipynb; an audit's own folder, or a new one."
    ),
]


def backtest(
    files: Files,
    at: Dates = None,
    output: Output = None,
    as_of: AsOf = "",
    language: Speech = None,
    timezone: Zone = "",
    privacy: Privacy = None,
    key: KeyFile = None,
    json_: AsJson = False,
) -> None:
    """Judge at past dates by what was known then, and count what became of the leads, beside the usual rules."""
    from leadaudit.backtest import record
    from leadaudit.delivery import Order
    from leadaudit.notebooks.opening import audit_of, paths_of

    process = Path(files[0]) if len(files) == 1 and files[0].endswith(".toml") else None
    paths = () if process else paths_of(";".join(files))
    order = Order(paths, process, as_of, language or "", timezone, privacy or "", key, pdf=False)
    with _date_bar(language_of(language)) as on_date:
        audit = audit_of(order.parameters(Path()))
        tested = audit.backtest(at, on_date=on_date)
    if json_:
        out.print(json.dumps(record(tested), ensure_ascii=False, indent=1), markup=False)
    else:
        _say(tested, audit.language)
    if output is not None:
        _deliver(order, at or [], output, audit.language, quiet=json_)


def _say(tested: Backtest, language: Language) -> None:
    """The backtest as text and tables."""
    from leadaudit.report import backtest_tables as tables

    for words in tables.sentences(tested, language):
        out.print(words, markup=False)
    if not tested:
        return
    verdicts = tables.verdict_sheet(tested, language)
    _print(_all_dates(verdicts, sentence("backtest.all_dates", language)) if out.width < WIDE else verdicts)
    for sheet in (tables.rule_sheet, tables.calibration_sheet, tables.false_ending_sheet):
        _print(sheet(tested, language))
    out.print(sentence("backtest.each_once", language), markup=False)
    out.print(tables.chances_sentence(tested, language), markup=False)


WIDE = 110
"""Columns of a terminal in which all figures stand beside each other."""

SHORT = 24
"""Texts up to so many letters stand in one line."""

_INTERVAL = re.compile(r"\s*\([^()]*–[^()]*\)$")


def _all_dates(sheet: Sheet, together: str) -> Sheet:
    """The rows over all dates, without the column that says so: a narrow terminal has no room for each date."""
    rows = [row for row in sheet.rows if row[0].text == together] or sheet.rows
    return replace(sheet, columns=sheet.columns[1:], rows=[row[1:] for row in rows])


def _print(sheet: Sheet) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out.print()
    if not sheet.rows:
        out.print(sheet.caption, markup=False)
        return
    title = Text(sheet.caption)
    drawn = Table(
        title=title,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        padding=(0, 0 if out.width < WIDE else 1),
    )
    for place, column in enumerate(sheet.columns):
        is_number = column.look == "number"
        longest = max(len(row[place].text) for row in sheet.rows)
        # In a narrow terminal long texts and headers break between words, and nothing is cut.
        drawn.add_column(
            Text(column.title),
            justify="right" if is_number else "left",
            no_wrap=not is_number and longest <= SHORT,
            min_width=max(map(len, column.title.split()), default=1) if is_number else None,
        )
    for row in sheet.rows:
        # Intervals are on the page and in --json.
        drawn.add_row(*[Text(cell.text if out.width >= WIDE else _INTERVAL.sub("", cell.text)) for cell in row])
    out.print(drawn, soft_wrap=False)


def _deliver(order: Any, dates: list[str], output: Path, language: Language, *, quiet: bool) -> None:
    from leadaudit.delivery import deliver_backtest

    with step_bar(language) as on_step:
        placed = deliver_backtest(order, dates, output, on_step=on_step)
    if not quiet:
        out.print(sentence("backtest.see", language, path=str(placed.folder.resolve() / "backtest.html")), markup=False)


@contextmanager
def _date_bar(language: Language) -> Iterator[Callable[[int, int], None]]:
    """A bar over the dates; nothing where the output is not a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(sentence("backtest.reading", language), total=None)

        def on_date(done_count: int, all_count: int) -> None:
            bar.update(task, completed=done_count, total=all_count, description=sentence("backtest.working", language))

        yield on_date
