"""The backtest in the report: what it says, in sentences and tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from leadaudit import __version__
from leadaudit.language import sentence
from leadaudit.report import backtest_tables as tables
from leadaudit.report.blocks import Block, fill

if TYPE_CHECKING:
    from leadaudit.audit import Audit
    from leadaudit.backtest import Backtest


def backtest_head(audit: Audit) -> Block:
    """Title of the page that the backtest notebook makes."""
    language = audit.language
    title = sentence("chapter.trust.title", language)
    html = fill(
        '<h1>{{ title }}</h1><p class="lead">{{ thought }}</p>',
        title=title,
        thought=sentence("chapter.trust.thought", language),
    )
    footer = sentence("report.footer", language, version=__version__)
    return Block(html, meta={"language": language, "title": title, "version": __version__, "footer": footer})


def trust(audit: Audit, backtest: Backtest | None = None) -> Block:
    """How far the judgement can be trusted: the past dates, what came of the proposals, what that proves and what not.

    Parameters
    ----------
    audit : Audit
    backtest : Backtest, optional
        Default: the audit's own, made when it is first asked for.

    Returns
    -------
    Block
        Where the history is too short, one sentence that says so.
    """
    return _said(audit, audit.backtest() if backtest is None else backtest, counts=True)


def tested(audit: Audit) -> Block:
    """How the audit's own backtest was done and what it proves; the counts stand in the finding above."""
    return _said(audit, audit.backtest(), counts=False)


def _said(audit: Audit, backtest: Backtest, *, counts: bool) -> Block:
    words = tables.sentences(backtest, audit.language, counts=counts)
    if backtest:
        words.append(tables.chances_sentence(backtest, audit.language))
    return Block(fill("{% for w in words %}<p>{{ w }}</p>{% endfor %}", words=words))


def false_endings(audit: Audit, backtest: Backtest | None = None) -> Block:
    """The proposals that were won later, one by one."""
    tested = audit.backtest() if backtest is None else backtest
    if not tested:
        return Block("")
    sheet = tables.false_ending_sheet(tested, audit.language)
    return Block(sheet.html() if sheet.rows else fill("<p>{{ words }}</p>", words=sheet.caption))


def criteria_tested(audit: Audit, backtest: Backtest | None = None) -> Block:
    """What became of the leads for which each criterion held."""
    tested = audit.backtest() if backtest is None else backtest
    if not tested:
        return Block("")
    html = tables.criterion_sheet(tested, audit.language).html()
    return Block(html + fill('<p class="muted">{{ note }}</p>', note=sentence("backtest.each_once", audit.language)))


def write_backtest(backtest: Backtest, folder: str) -> None:
    """Write ``backtest.json`` into a folder; nothing where none is named."""
    from leadaudit.backtest import record

    if folder:
        text = json.dumps(record(backtest), ensure_ascii=False, indent=1, allow_nan=False)
        (Path(folder) / "backtest.json").write_text(text + "\n", encoding="utf-8", newline="\n")
