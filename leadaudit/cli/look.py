"""Commands that look and write nothing: explain."""

from __future__ import annotations

from typing import Annotated

import typer

from leadaudit.cli.options import AsOf, Speech
from leadaudit.cli.speaking import out


def explain(
    files: Annotated[
        list[str], typer.Argument(help="Exports of the CRM, then the id of the lead.", metavar="FILE... LEAD_ID")
    ],
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
