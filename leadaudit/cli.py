"""The command line: parse, call, print.

Exit codes: 0 done · 1 ``--fail-on`` matched · 2 cannot (bad input, settings or usage) · 3 batch
done with failures · 70 internal error · 130 interrupted.
"""

from __future__ import annotations

import locale
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Optional

import typer
from rich.console import Console

from leadaudit import __version__
from leadaudit.errors import LeadAuditError
from leadaudit.language import Language, error_sentence, sentence

if TYPE_CHECKING:
    from leadaudit.delivery import Delivered
    from leadaudit.notebooks import Step

CANNOT = 2
INTERNAL = 70
INTERRUPTED = 130

app = typer.Typer(
    name="leadaudit",
    help="Is this pipeline moving, or only busy? Audits the leads in a CRM's exports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

Files = Annotated[list[str], typer.Argument(help="Exports of the CRM (CSV, Excel), in any order; patterns such as *.csv.")]
Folder = Annotated[Path, typer.Option("--output", "-o", help="Folder for the results; made if absent, never one with foreign files.")]
AsOf = Annotated[str, typer.Option("--as-of", help="First moment not known, e.g. 2026-11-01. Default: after the newest event.", metavar="DATE")]
Speech = Annotated[Optional[Literal["de", "en"]], typer.Option("--language", "-l", help="Language of report and messages. Default: the export's own.")]
Zone = Annotated[str, typer.Option("--timezone", help="Time zone of the project, e.g. Europe/Berlin.")]
Privacy = Annotated[Literal["client", "full", "off"], typer.Option("--privacy", help="client: no owners, no free text. full: leads and companies as pseudonyms too. off: as exported.")]
Pdf = Annotated[bool, typer.Option("--pdf/--no-pdf", help="Print the report to PDF with the Chrome, Edge or Chromium of this computer.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines: JSON instead of text.")]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"leadaudit {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")] = False,
) -> None:
    """Is this pipeline moving, or only busy? Audits the leads in a CRM's exports."""


@app.command()
def demo(output: Folder = Path("leadaudit-demo"), language: Speech = None, pdf: Pdf = True) -> None:
    """Audit the packaged sample (a German consulting firm, invented) and write the full report folder."""
    from leadaudit.packaged import sample_paths

    _deliver([str(path) for path in sample_paths()], output, language=language, pdf=pdf)


@app.command()
def audit(
    files: Files,
    output: Folder = Path("leadaudit-report"),
    as_of: AsOf = "",
    language: Speech = None,
    timezone: Zone = "",
    privacy: Privacy = "client",
    pdf: Pdf = True,
) -> None:
    """Audit a CRM's exports (or an audit.toml) and write report, workbook and tables into a folder."""
    _deliver(files, output, as_of=as_of, language=language, timezone=timezone, privacy=privacy, pdf=pdf)


@app.command()
def render(notebook: Annotated[Path, typer.Argument(help="The report.ipynb of an audit, edited or not.")], pdf: Pdf = True) -> None:
    """Make HTML and PDF again from an edited report notebook."""
    from leadaudit.delivery import render as again

    with out.status("report.html …"):
        delivered = again(notebook, pdf=pdf)
    _say_where(delivered, _language(None))


@app.command()
def explain(
    files: Annotated[list[str], typer.Argument(help="Exports of the CRM, then the id of the lead.", metavar="FILE... LEAD_ID")],
    as_of: AsOf = "",
    language: Speech = None,
) -> None:
    """Print one lead's card: why it is here, what is missing, the next step, when to end."""
    *paths, lead_id = files
    from leadaudit.audit import audit as judge
    from leadaudit.ingest import read
    from leadaudit.notebooks.opening import paths_of

    export = read(*paths_of(";".join(paths)), language=language)
    out.print(str(judge(export, as_of=as_of or None, language=language).explain(lead_id)), markup=False)


def _deliver(files: list[str], output: Path, *, language: Language | None, as_of: str = "", timezone: str = "", privacy: str = "client", pdf: bool = True) -> None:
    from leadaudit.delivery import Order, deliver
    from leadaudit.notebooks.opening import paths_of

    process = Path(files[0]) if len(files) == 1 and files[0].endswith(".toml") else None
    paths = () if process else paths_of(";".join(files))
    order = Order(paths, process, as_of, language or "", timezone, privacy, pdf)
    with _progress(_language(language)) as on_step:
        delivered = deliver(order, output, on_step=on_step)
    _say_where(delivered, delivered.record.get("language", _language(language)))


@contextmanager
def _progress(language: Language) -> Iterator[object]:
    """A bar with the step at work; nothing where the output is not a terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def on_step(step: Step) -> None:
            words = sentence(f"step.{step.heading}", language) if step.heading else ""
            bar.update(task, completed=step.done_count, total=step.all_count, description=words)

        yield on_step


def _say_where(delivered: Delivered, language: Language) -> None:
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


def _language(chosen: Language | None) -> Language:
    if chosen:
        return chosen
    spoken = locale.getlocale()[0] or os.environ.get("LANG", "")
    return "de" if spoken.lower().startswith(("de", "german")) else "en"


def _asked_language() -> Language:
    """Language of messages when a command did not come far enough to know its options."""
    words = sys.argv[1:]
    for option in ("--language", "-l"):
        if option in words[:-1] and words[words.index(option) + 1] in ("de", "en"):
            return "de" if words[words.index(option) + 1] == "de" else "en"
    return _language(None)


def main() -> None:
    """Run the command line; every known trouble is one sentence, every unknown one a line and a log."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        app()
    except LeadAuditError as error:
        err.print(error_sentence(error, _asked_language()), markup=False)
        sys.exit(CANNOT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line for a person, the rest in a log
        err.print(sentence("cli.internal", _asked_language(), kind=type(error).__name__, log=str(_log(error))), markup=False)
        sys.exit(INTERNAL)


def _log(error: Exception) -> Path:
    """Write where it happened, without the values that it happened with: they may be the client's."""
    import traceback

    frames = traceback.format_tb(error.__traceback__)
    handle, name = tempfile.mkstemp(prefix="leadaudit-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"leadaudit {__version__}, Python {sys.version}\n{''.join(frames)}{type(error).__name__}\n")
    return Path(name)
