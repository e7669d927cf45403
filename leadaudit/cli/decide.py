"""The command that reads a filled decision workbook back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadaudit.cli.options import Speech
from leadaudit.cli.speaking import out
from leadaudit.errors import ConfigError
from leadaudit.language import Language, sentence

if TYPE_CHECKING:
    from leadaudit.decisions import Decided


def decide(
    workbook: Annotated[Path, typer.Argument(help="The filled decisions.xlsx.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="CSV for the CRM. Default: decided.csv beside the workbook.")
    ] = None,
    on: Annotated[str, typer.Option("--on", help="Day of the decisions. Default: today.", metavar="DATE")] = "",
    key: Annotated[
        Path | None, typer.Option("--key", help="The project's key, if the workbook holds pseudonyms.")
    ] = None,
    language: Speech = None,
) -> None:
    """Read the filled decision workbook back and write a CSV that the CRM can import."""
    from leadaudit.decisions import read_decisions, write_import
    from leadaudit.privacy import open_key

    if key is not None and not key.is_file():
        raise ConfigError("config_missing", path=key)
    decided = read_decisions(workbook, open_key(key).leads if key else None)
    _say(decided, language or decided.language)
    if decided.decisions:
        target = output or workbook.with_name("decided.csv")
        write_import(decided, target, _day(on))
        out.print(sentence("decide.written", language or decided.language, path=str(target)), markup=False)


def _day(on: str) -> dt.date:
    try:
        return dt.date.fromisoformat(on) if on else dt.date.today()
    except ValueError as error:
        raise ConfigError("value_invalid", key="--on", value=on, valid="a date such as 2026-11-22") from error


def _say(decided: Decided, language: Language) -> None:
    taken = Counter(one.decision for one in decided.decisions)
    counts = {f"{code}_count": taken[code] for code in ("continue", "pause", "end")}
    words = "decide.done" if decided.decisions else "decide.none"
    facts = {"n": len(decided.decisions), **counts} if decided.decisions else {}
    out.print(sentence(words, language, **facts), markup=False)
    if decided.open_count:
        out.print(sentence("decide.open", language, n=decided.open_count), markup=False)
    for one in decided.unclear:
        why = sentence(f"decide.why.{one.why}", language, value=one.value)
        out.print(sentence("decide.line", language, row=one.row, lead_id=one.lead_id, why=why), markup=False)
