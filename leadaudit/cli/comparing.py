"""The command that compares two audits: compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from leadaudit.cli.options import AsJson, Speech
from leadaudit.cli.speaking import out, step_bar
from leadaudit.language import sentence

Decisions = Annotated[
    Path | None,
    typer.Option("--decisions", help="The filled decisions.xlsx. Default: the one in the older audit's folder."),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Folder for compare.html, compare.csv and compare.json; an audit's own folder, or a new one.",
    ),
]


def compare(
    old: Annotated[Path, typer.Argument(help="Folder of the older audit (with audit.json and leads.csv).")],
    new: Annotated[Path, typer.Argument(help="Folder of the newer audit.")],
    decisions: Decisions = None,
    output: Output = None,
    language: Speech = None,
    json_: AsJson = False,
) -> None:
    """Say what was decided between two audits, which proposals still stand, and what is newly due."""
    from leadaudit.notebooks.opening import comparison_of
    from leadaudit.report.comparison import proposals

    named = {"old": str(old), "new": str(new), "decisions": str(decisions or ""), "language": language or ""}
    comparison = comparison_of(named)
    if json_:
        out.print(json.dumps(comparison.to_record(), ensure_ascii=False, indent=1), markup=False)
    else:
        for words in proposals(comparison):
            out.print(words, markup=False)
    if output is None:
        return
    from leadaudit.delivery import deliver_compare

    with step_bar(comparison.language) as on_step:
        placed = deliver_compare(named, output, on_step=on_step)
    if not json_:
        place = placed.folder.resolve() / "compare.html"
        out.print(sentence("compare.see", comparison.language, path=str(place)), markup=False)
