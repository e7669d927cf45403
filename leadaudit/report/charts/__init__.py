"""Pictures in one visual language, a module each: plotly figures with title, caption and table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.lazily import offer

if TYPE_CHECKING:
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

HOMES = {
    "conversations": "leadaudit.report.charts.answered",
    "curves": "leadaudit.report.charts.chances",
    "movement": "leadaudit.report.charts.moved",
    "open_over_time": "leadaudit.report.charts.open_over_time",
    "passages": "leadaudit.report.charts.moved",
    "profile": "leadaudit.report.charts.marks",
    "standing": "leadaudit.report.charts.standing",
    "streaks": "leadaudit.report.charts.silence",
    "timeline": "leadaudit.report.charts.life",
    "timelines": "leadaudit.report.charts.life",
    "verdicts": "leadaudit.report.charts.standing",
}

__getattr__ = offer(__name__, HOMES)
