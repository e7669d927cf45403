"""Arguments and options that several commands share; typer reads these annotations at run time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Files = Annotated[
    list[str],
    typer.Argument(
        help="Exports of the CRM (CSV, Excel), in any order; patterns such as *.csv; a folder for all in it."
    ),
]
Folder = Annotated[
    Path,
    typer.Option("--output", "-o", help="Folder for the results; made if absent, never one with foreign files."),
]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of", help="First moment not known, e.g. 2026-11-01. Default: after the newest event.", metavar="DATE"
    ),
]
Speech = Annotated[
    Literal["de", "en"] | None,
    typer.Option("--language", "-l", help="Language of report and messages. Default: the export's own."),
]
Zone = Annotated[str, typer.Option("--timezone", help="Time zone of the project, e.g. Europe/Berlin.")]
Privacy = Annotated[
    Literal["client", "full", "off"] | None,
    typer.Option(
        "--privacy",
        help="client (default): no owners, no free text. full: leads and companies as pseudonyms too. off: as exported.",
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key",
        help="The project's key for --privacy full. Default: leadaudit.key beside audit.toml or the first export.",
    ),
]
Pdf = Annotated[
    bool,
    typer.Option(
        "--pdf/--no-pdf",
        help="Print the report to PDF with the Chrome, Edge or Chromium of this computer. Without, an older PDF goes: it tells other numbers.",
    ),
]
Open = Annotated[bool, typer.Option("--open", help="Open the report when it is done, as a double click on it would.")]
MappingFile = Annotated[
    Path | None,
    typer.Option(
        "--mapping", help="File that says what columns are; leadaudit inspect --mapping-out writes one.", metavar="FILE"
    ),
]
Dated = Annotated[
    list[str] | None,
    typer.Option(
        "--dated",
        help="Day of one of several exports of the same leads, e.g. deals.csv=2026-09-30; once per file.",
        metavar="FILE=DATE",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For machines: JSON instead of text.")]
FailOn = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-on",
        help="End with exit code 1 if this holds, e.g. overdue_share>0.3; may be given several times.",
        metavar="CONDITION",
    ),
]
