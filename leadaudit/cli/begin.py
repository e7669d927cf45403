"""The command that begins a project with a client: init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadaudit.cli.options import AsOf, Dated, Files, MappingFile, Speech, Zone
from leadaudit.cli.speaking import language_of, out, reading_bar
from leadaudit.language import sentence


def init(
    files: Files,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the audit.toml; made if absent.", metavar="DIR")
    ],
    as_of: AsOf = "",
    mapping: MappingFile = None,
    dated: Dated = None,
    language: Speech = None,
    timezone: Zone = "",
) -> None:
    """Draft an audit.toml from the exports: columns, stages, preconditions and limits, explained line by line."""
    from leadaudit.audit import audit as judge
    from leadaudit.ingest import read
    from leadaudit.notebooks.opening import dated_of, mapping_of, paths_of
    from leadaudit.process_file import FILE, check_free, process_text, write_process

    target = output / FILE
    check_free(target)
    paths = paths_of(";".join(files))
    given = mapping_of(str(mapping or ""))
    with reading_bar(language_of(language)) as on_progress:
        export = read(
            *paths,
            mapping=given,
            dated=dated_of(";".join(dated or ()), paths),
            timezone=timezone or None,
            language=language,
            progress=on_progress,
        )
    audited = judge(export, as_of=as_of or None, language=language)
    write_process(target, process_text(audited, paths, output, mapping=given))
    out.print(sentence("init.written", audited.language, path=str(target)), markup=False)
