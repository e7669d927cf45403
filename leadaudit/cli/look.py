"""Commands that look: inspect the files, explain one lead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from leadaudit.cli.options import AsJson, AsOf, Dated, Files, MappingFile, Speech, Zone
from leadaudit.cli.speaking import language_of, out, reading_bar
from leadaudit.errors import ExportReadError
from leadaudit.language import sentence

PIPED_WIDTH = 140
"""Width of tables that go to a file or another program, in characters."""

MappingOut = Annotated[
    Path | None,
    typer.Option("--mapping-out", help="Write what the columns were recognised as, to edit.", metavar="FILE"),
]


def inspect(
    files: Files,
    json_: AsJson = False,
    mapping: MappingFile = None,
    mapping_out: MappingOut = None,
    language: Speech = None,
    timezone: Zone = "",
    dated: Dated = None,
) -> None:
    """Say what each file is, what its columns are, what is wrong in it, and what one more file would add."""
    from leadaudit.inspection import look
    from leadaudit.inspection.mapping_file import write_mapping
    from leadaudit.inspection.showing import show
    from leadaudit.notebooks.opening import dated_of, mapping_of, paths_of
    from leadaudit.project import load

    process = _project_in(files)
    project = load(process) if process else None
    paths = project.files if project else paths_of(";".join(files))
    with reading_bar(language_of(language)) as on_progress:
        found = look(
            *paths,
            mapping=mapping_of(str(mapping or ""), project.mapping if project else None),
            timezone=timezone or (project.timezone if project else "") or None,
            language=language,
            dated=dated_of(";".join(dated or ()), paths),
            progress=on_progress,
        )
    if mapping_out is not None:
        write_mapping(mapping_out, found.mapping_text())
    if json_:
        print(json.dumps(found.record(), indent=1))  # ASCII, so that no console can spoil it
        return
    if out.is_terminal:
        out.print(show(found, found.language, out.width), soft_wrap=False)
    else:
        out.print(found.text(width=PIPED_WIDTH), markup=False)
    key = "inspect.correct" if mapping_out is None else "inspect.mapping_written"
    out.print("\n" + sentence(key, found.language, path=str(mapping_out)), markup=False)


def explain(
    files: Annotated[
        list[str],
        typer.Argument(help="Exports of the CRM or an audit.toml, then the id of the lead.", metavar="FILE... LEAD_ID"),
    ],
    as_of: AsOf = "",
    mapping: MappingFile = None,
    dated: Dated = None,
    language: Speech = None,
    timezone: Zone = "",
) -> None:
    """Print one lead's card: why it is here, what is missing, the next step, when to end."""
    *named, lead_id = files
    if not named:
        raise ExportReadError("no_leads", available="-")
    from leadaudit.delivery import Order
    from leadaudit.notebooks.opening import audit_of, paths_of

    process = _project_in(named)
    paths = () if process else paths_of(";".join(named))
    order = Order(
        paths, process, as_of, language or "", timezone, mapping=mapping, dated=";".join(dated or ()), pdf=False
    )
    with reading_bar(language_of(language)) as on_progress:
        audit = audit_of(order.parameters(Path()), on_progress)
    out.print(str(audit.explain(lead_id)), markup=False)


def _project_in(files: list[str]) -> Path | None:
    """The audit.toml, where that is what was named."""
    return Path(files[0]) if len(files) == 1 and files[0].endswith(".toml") else None
