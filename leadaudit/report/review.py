"""The test on the client's own past: what became of leads that the same rules would have judged then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.language import Language, has, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, table

if TYPE_CHECKING:
    from leadaudit.audit import Audit

_COUNTS = ("leads_count", "won_count", "ended_count", "open_count")


def backtest(audit: Audit) -> Block:
    """Per verdict and per rule that CRMs offer: won later, ended later, still open; nothing where there is no past."""
    language = audit.language
    verdicts = [_verdict(row, language) for row in _table(audit, "backtest") if has(f"verdict.{row['verdict']}")]
    rules = [_rule(row, language) for row in _table(audit, "baselines")]
    titles = [
        Column(sentence(f"column.{name}", language), "number")
        for name in (*_COUNTS[:1], "won_later", "ended_later", "still_open", "won_share")
    ]
    html = ""
    if verdicts:
        first = Column(sentence("column.judged_then", language))
        html += table([first, *titles], verdicts, caption=sentence("report.backtest_caption", language))
    if rules:
        first, last = (
            Column(sentence("column.rule", language)),
            Column(sentence("column.caught_share", language), "number"),
        )
        html += table([first, *titles, last], rules, caption=sentence("report.baselines_caption", language))
    return Block(html)


def _table(audit: Audit, finding: str) -> list[dict[str, Any]]:
    """The rows behind a finding."""
    rows = audit.findings.loc[audit.findings["finding"] == finding, "table"]
    known = rows[rows.notna() & (rows != "")]
    return list(json.loads(known.iloc[0])) if len(known) else []


def _verdict(row: dict[str, Any], language: Language) -> list[Cell]:
    return [Cell(sentence(f"verdict.{row['verdict']}", language), verdict=row["verdict"]), *_outcome(row, language)]


def _rule(row: dict[str, Any], language: Language) -> list[Cell]:
    """Our own proposals stand among the rules; a rule with a learned limit names it."""
    name = row["rule"]
    words = sentence(f"rule.{name}", language) if has(f"rule.{name}") else str(name).replace("_", " ")
    if row.get("limit_days"):
        words = sentence("report.rule_days", language, rule=words, d=row["limit_days"])
    return [Cell(words), *_outcome(row, language), Cell(form(row["caught_share"], "percent", language))]


def _outcome(row: dict[str, Any], language: Language) -> list[Cell]:
    counts = [Cell(form(row[name], "count", language)) for name in _COUNTS]
    if row["won_share"] is None or pd.isna(row["won_share"]):
        return [*counts, Cell("–")]
    low, high = (form(row[name], "percent", language) for name in ("won_low", "won_high"))
    return [*counts, Cell(sentence("report.chance_between", language, p=row["won_share"], low=low, high=high))]
