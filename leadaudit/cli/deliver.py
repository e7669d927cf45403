"""Commands that write a report folder: demo, audit, render."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadaudit.cli.options import (
    AsOf,
    Dated,
    FailOn,
    Files,
    Folder,
    KeyFile,
    MappingFile,
    Open,
    Pdf,
    Privacy,
    Speech,
    Zone,
)
from leadaudit.cli.speaking import err, language_of, out, step_bar
from leadaudit.language import Language, error_sentence, sentence
from leadaudit.language.formats import form

if TYPE_CHECKING:
    from leadaudit.batch.conditions import Condition
    from leadaudit.delivery import Delivered


def demo(output: Folder = Path("leadaudit-demo"), language: Speech = None, pdf: Pdf = True, show: Open = False) -> None:
    """Audit the packaged sample (a German consulting firm, invented) and write the full report folder."""
    from leadaudit.packaged import sample_paths

    _deliver([str(path) for path in sample_paths()], output, language=language, pdf=pdf, show=show)


def audit(
    files: Files,
    output: Folder = Path("leadaudit-report"),
    as_of: AsOf = "",
    language: Speech = None,
    timezone: Zone = "",
    privacy: Privacy = None,
    key: KeyFile = None,
    mapping: MappingFile = None,
    dated: Dated = None,
    pdf: Pdf = True,
    show: Open = False,
    fail_on: FailOn = None,
) -> None:
    """Audit a CRM's exports (or an audit.toml) and write report, workbook and tables into a folder."""
    _deliver(
        files,
        output,
        as_of=as_of,
        language=language,
        timezone=timezone,
        privacy=privacy or "",
        key=key,
        mapping=mapping,
        dated=dated,
        pdf=pdf,
        show=show,
        fail_on=fail_on,
    )


def render(
    notebook: Annotated[Path, typer.Argument(help="The report.ipynb of an audit, edited or not.")],
    pdf: Pdf = True,
    show: Open = False,
) -> None:
    """Make HTML and PDF again from an edited report notebook."""
    from leadaudit.delivery import render as again

    with out.status("report.html …"):
        delivered = again(notebook, pdf=pdf)
    _say_where(delivered, delivered.record.get("language", language_of(None)), show=show)


def _deliver(
    files: list[str],
    output: Path,
    *,
    language: Language | None,
    as_of: str = "",
    timezone: str = "",
    privacy: str = "",
    key: Path | None = None,
    mapping: Path | None = None,
    dated: list[str] | None = None,
    pdf: bool = True,
    show: bool = False,
    fail_on: list[str] | None = None,
) -> None:
    from leadaudit.batch.conditions import condition
    from leadaudit.delivery import Order, deliver
    from leadaudit.notebooks.opening import paths_of

    limits = [condition(text) for text in fail_on or ()]
    process = Path(files[0]) if len(files) == 1 and files[0].endswith(".toml") else None
    paths = () if process else paths_of(";".join(files))
    days = ";".join(dated or [])
    order = Order(paths, process, as_of, language or "", timezone, privacy, key, mapping, days, pdf)
    with step_bar(language_of(language)) as on_step:
        delivered = deliver(order, output, on_step=on_step)
    spoken = delivered.record.get("language", language_of(language))
    _say_where(delivered, spoken, show=show)
    _check_limits(limits, delivered, spoken)


def _check_limits(limits: Sequence[Condition], delivered: Delivered, language: Language) -> None:
    """Say which limits are reached; if any is, the command ends with exit code 1."""
    from leadaudit.batch.conditions import matched, metrics_of

    metrics = metrics_of(delivered.record)
    reached = matched(limits, metrics)
    for limit in reached:
        value = form(metrics[limit.metric], "percent" if limit.metric.endswith("_share") else "number", language)
        err.print(sentence("batch.limit_reached", language, limit=str(limit), value=value), markup=False)
    if reached:
        raise typer.Exit(1)


def _say_where(delivered: Delivered, language: Language, *, show: bool) -> None:
    folder = delivered.placed.folder.resolve()
    for words in delivered.headlines(language):
        out.print(words, markup=False)
    out.print()
    for kept in delivered.placed.kept:
        out.print(sentence("cli.kept", language, file=kept.name, place=str(kept)), markup=False)
    if delivered.without_pdf is not None:
        out.print(error_sentence(delivered.without_pdf, language), markup=False)
    for name in delivered.placed.files:
        if name != "report.html":
            out.print(f"  {name:<16} {sentence('cli.file.' + name.replace('.', '_'), language)}", markup=False)
    out.print(f"\n{folder / 'report.html'}", markup=False)
    if show:
        typer.launch(str(folder / "report.html"))
