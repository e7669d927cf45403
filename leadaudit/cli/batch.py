"""The command for many clients: batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadaudit.cli.options import AsOf, FailOn, KeyFile, MappingFile, Privacy, Speech, Zone
from leadaudit.cli.speaking import err, language_of, out
from leadaudit.language import Language, error_sentence, sentence

if TYPE_CHECKING:
    from leadaudit.batch import Entry, Night

Patterns = Annotated[
    list[str],
    typer.Argument(
        help=(
            "A folder, an audit.toml or a file for each client; patterns such as 'clients/*'; addresses such as "
            "'s3://bucket/clients/*'. Or one batch.toml that says all this and the options below."
        ),
        metavar="PATTERN",
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Folder for the overview and a folder per client.", metavar="DIR")
]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Processes. Default: one per core.", metavar="N")]
Force = Annotated[bool, typer.Option("--force", help="Audit clients that have not changed, too.")]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler", help="Dask scheduler whose workers do the work, e.g. tcp://10.0.0.5:8786.", metavar="ADDRESS"
    ),
]
Travel = Annotated[
    bool | None,
    typer.Option(
        "--travel/--no-travel",
        help="With --scheduler: send the exports to the workers and the results back. Default: they see the same files.",
    ),
]
Upload = Annotated[
    str,
    typer.Option(
        "--upload", help="Copy the results to an address at the end, e.g. s3://bucket/reports.", metavar="ADDRESS"
    ),
]
Pdf = Annotated[
    bool | None,
    typer.Option(
        "--pdf/--no-pdf", help="Print reports to PDF with the Chrome, Edge or Chromium of this computer. Default: yes."
    ),
]


def batch(
    patterns: Patterns,
    output: Output = None,
    jobs: Jobs = None,
    force: Force = False,
    fail_on: FailOn = None,
    scheduler: Scheduler = "",
    travel: Travel = None,
    upload: Upload = "",
    as_of: AsOf = "",
    language: Speech = None,
    timezone: Zone = "",
    privacy: Privacy = None,
    key: KeyFile = None,
    mapping: MappingFile = None,
    pdf: Pdf = None,
) -> None:
    """Audit many clients in parallel: only those that changed, a folder each, and an overview of all."""
    from leadaudit.batch import batch as work_through
    from leadaudit.delivery import Order

    spoken = language_of(language)
    shared = Order((), None, as_of, language or "", timezone, privacy or "", key, mapping)
    with _line_per_client(spoken) as progress:
        night = work_through(
            patterns,
            output,
            shared=shared,
            language=language or "",
            jobs=jobs,
            force=force,
            fail_on=fail_on,
            scheduler=scheduler,
            travel=travel,
            upload=upload,
            pdf=pdf,
            progress=progress,
        )
    _sum_up(night, spoken)
    if night.exit_code:
        raise typer.Exit(night.exit_code)


@contextmanager
def _line_per_client(language: Language) -> Iterator[Callable[[Entry, int, int], None]]:
    """A line for each client as it is done, and on a terminal a bar below."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def on_done(entry: Entry, done_count: int, all_count: int) -> None:
            words = sentence("batch.working", language, done=done_count, n=all_count)
            bar.update(task, completed=done_count, total=all_count, description=words)
            for line in _lines(entry, language):
                out.print(line, markup=False)

        yield on_done


def _lines(entry: Entry, language: Language) -> list[str]:
    if entry.trouble is not None:
        said = [sentence("batch.failed", language, slug=entry.slug, error=error_sentence(entry.trouble, language))]
        if entry.notebook:
            said.append("        " + sentence("batch.kept", language, path=f"{entry.slug}/{entry.notebook}"))
        return said
    metrics = entry.metrics or {}
    return [
        sentence("batch.done", language, slug=entry.slug, n=metrics["open_count"], overdue=metrics["overdue_count"])
    ]


def _sum_up(night: Night, language: Language) -> None:
    """What else there is to say at the end: limits, PDFs that are missing, where the overview is."""
    for slug, limits in night.matched.items():
        metrics = next(entry.metrics for entry in night.entries if entry.slug == slug) or {}
        for limit in limits:
            key = "reached_share" if limit.metric.endswith("_share") else "reached"
            value = metrics[limit.metric]
            out.print(sentence(f"batch.{key}", language, slug=slug, limit=str(limit), value=value), markup=False)
    for words in _pdf_troubles(night, language):
        out.print(words, markup=False)
    if night.unwritten is not None:
        err.print(error_sentence(night.unwritten, language), markup=False)
    count = len(night.entries)
    if not night.audited:
        out.print(sentence("batch.nothing", language, n=count), markup=False)
    counts = {"audited": len(night.audited), "skipped": count - len(night.audited), "failed": len(night.failures)}
    out.print(sentence("batch.summary", language, n=count, **counts), markup=False)
    if night.uploaded_count:
        out.print(sentence("batch.uploaded", language, n=night.uploaded_count), markup=False)
    if (night.folder / "index.html").is_file():
        out.print(f"\n{night.folder / 'index.html'}", markup=False)


def _pdf_troubles(night: Night, language: Language) -> list[str]:
    """Each reason once: without a browser it is the same for all."""
    from leadaudit.batch.record import raised

    audited = (entry for entry in night.entries if entry.slug in night.audited and entry.without_pdf)
    return list(dict.fromkeys(error_sentence(raised(entry.without_pdf or {}), language) for entry in audited))
