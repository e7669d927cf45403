"""What leaves the house: the report page, the decision workbook, the files for machines.

In a notebook: ``from leadaudit import report``, then one call per section, ``report.head(audit)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.lazily import offer

if TYPE_CHECKING:
    from leadaudit.report.annex import glossary as glossary
    from leadaudit.report.annex import principles as principles
    from leadaudit.report.annex import questions as questions
    from leadaudit.report.annex import thresholds as thresholds
    from leadaudit.report.chapters import findings as findings
    from leadaudit.report.charts.answered import conversations as conversations
    from leadaudit.report.charts.chances import curves as curves
    from leadaudit.report.charts.life import timeline as timeline
    from leadaudit.report.charts.life import timelines as timelines
    from leadaudit.report.charts.marks import profile as profile
    from leadaudit.report.charts.moved import movement as movement
    from leadaudit.report.charts.moved import passages as passages
    from leadaudit.report.charts.open_over_time import open_over_time as open_over_time
    from leadaudit.report.charts.silence import streaks as streaks
    from leadaudit.report.charts.standing import standing as standing
    from leadaudit.report.charts.standing import verdicts as verdicts
    from leadaudit.report.charts.tested import became as became
    from leadaudit.report.charts.tested import calibration as calibration
    from leadaudit.report.charts.tested import freed as freed
    from leadaudit.report.charts.tested import rules as rules
    from leadaudit.report.comparison import compare_head as compare_head
    from leadaudit.report.comparison import decided as decided
    from leadaudit.report.comparison import fairness as fairness
    from leadaudit.report.comparison import newly_overdue as newly_overdue
    from leadaudit.report.comparison import standing_proposals as standing_proposals
    from leadaudit.report.comparison import then_and_now as then_and_now
    from leadaudit.report.comparison import verdict_moves as verdict_moves
    from leadaudit.report.comparison import what_became as what_became
    from leadaudit.report.comparison import write_compare as write_compare
    from leadaudit.report.folder import write as write
    from leadaudit.report.lists import first_lives as first_lives
    from leadaudit.report.lists import leads as leads
    from leadaudit.report.opening import first_decisions as first_decisions
    from leadaudit.report.opening import head as head
    from leadaudit.report.opening import stands_out as stands_out
    from leadaudit.report.portfolio import clients as clients
    from leadaudit.report.portfolio import failures as failures
    from leadaudit.report.portfolio import loads as loads
    from leadaudit.report.portfolio import portfolio_head as portfolio_head
    from leadaudit.report.portfolio import spread as spread
    from leadaudit.report.portfolio import write_comparison as write_comparison
    from leadaudit.report.review import backtest as backtest
    from leadaudit.report.sections import data_state as data_state
    from leadaudit.report.sections import heading as heading
    from leadaudit.report.sections import open_load as open_load
    from leadaudit.report.sections import sensitivity as sensitivity
    from leadaudit.report.trust import backtest_head as backtest_head
    from leadaudit.report.trust import criteria_tested as criteria_tested
    from leadaudit.report.trust import false_endings as false_endings
    from leadaudit.report.trust import tested as tested
    from leadaudit.report.trust import trust as trust
    from leadaudit.report.trust import write_backtest as write_backtest

_HOME = {
    "backtest": "review",
    "backtest_head": "trust",
    "became": "charts.tested",
    "calibration": "charts.tested",
    "clients": "portfolio",
    "compare_head": "comparison",
    "conversations": "charts.answered",
    "criteria_tested": "trust",
    "curves": "charts.chances",
    "data_state": "sections",
    "decided": "comparison",
    "failures": "portfolio",
    "fairness": "comparison",
    "false_endings": "trust",
    "findings": "chapters",
    "first_decisions": "opening",
    "first_lives": "lists",
    "freed": "charts.tested",
    "glossary": "annex",
    "head": "opening",
    "heading": "sections",
    "leads": "lists",
    "loads": "portfolio",
    "movement": "charts.moved",
    "newly_overdue": "comparison",
    "open_load": "sections",
    "open_over_time": "charts.open_over_time",
    "passages": "charts.moved",
    "portfolio_head": "portfolio",
    "principles": "annex",
    "profile": "charts.marks",
    "questions": "annex",
    "rules": "charts.tested",
    "sensitivity": "sections",
    "spread": "portfolio",
    "standing": "charts.standing",
    "stands_out": "opening",
    "standing_proposals": "comparison",
    "streaks": "charts.silence",
    "tested": "trust",
    "then_and_now": "comparison",
    "thresholds": "annex",
    "timeline": "charts.life",
    "timelines": "charts.life",
    "trust": "trust",
    "verdict_moves": "comparison",
    "verdicts": "charts.standing",
    "what_became": "comparison",
    "write": "folder",
    "write_backtest": "trust",
    "write_compare": "comparison",
    "write_comparison": "portfolio",
}
__all__ = sorted(_HOME)  # noqa: PLE0605 - the names that the table above offers

__getattr__ = offer(__name__, {name: f"{__name__}.{home}" for name, home in _HOME.items()})
