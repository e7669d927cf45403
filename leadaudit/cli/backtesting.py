"""The command that tests the judgement on the client's past: backtest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    sheets = (tables.verdict_sheet, tables.rule_sheet, tables.calibration_sheet, tables.false_ending_sheet)
    for sheet in sheets:
        _print(sheet(tested, language))
    out.print(sentence("backtest.each_once", language), markup=False)
    out.print(tables.chances_sentence(tested, language), markup=False)


def _print(sheet: Sheet) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out.print()
    if not sheet.rows:
        out.print(sheet.caption, markup=False)
        return
    drawn = Table(title=Text(sheet.caption), box=box.SIMPLE, title_justify="left", title_style="bold", pad_edge=False)
    for column in sheet.columns:
        drawn.add_column(Text(column.title), justify="right" if column.look == "number" else "left")
    for row in sheet.rows:
        drawn.add_row(*[Text(cell.text) for cell in row])
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
