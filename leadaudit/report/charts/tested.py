"""Pictures of the backtest: what became of each verdict, the usual rules, the chances, the load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.backtest_tables import calibration_sheet, freed_sheet, rule_sheet, verdict_sheet
from leadaudit.report.blocks import Block
from leadaudit.report.charts.drawing import SERIES, band, start, with_table

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit
    from leadaudit.backtest import Backtest

OUTCOME_COLOURS = {"won": SERIES["good"], "open": SERIES["soft"], "ended": SERIES["ended"]}
FRAME_HEIGHT = 120
NOTHING = Block("")
"""In the place of a picture where the history is too short; the sentence beside it says so."""


def became(audit: Audit, backtest: Backtest | None = None) -> go.Figure | Block:
    """What became of each verdict: a bar per verdict, all dates together, each lead once.

    Parameters
    ----------
    audit : Audit
    backtest : Backtest, optional
        Default: the audit's own.
    """
    tested, language = _of(audit, backtest), audit.language
    if not tested:
        return NOTHING
    counts = tested.verdicts[tested.verdicts["at"].isna()]
    known = (counts["won_count"] + counts["ended_count"] + counts["open_count"]).clip(lower=1)
    names = [
        f"{sentence('verdict.' + row['verdict'], language)} ({form(row['leads_count'], 'count', language)})"
        for row in counts.to_dict("records")
    ]
    figure = start(audit, "became", height=FRAME_HEIGHT + 46 * len(names))
    for outcome, colour in OUTCOME_COLOURS.items():
        share = counts[f"{outcome}_count"] / known
        figure.add_bar(
            y=names,
            x=share,
            orientation="h",
            marker={"color": colour},
            name=sentence(f"chart.became.{outcome}", language),
            text=[form(one, "percent", language) if one >= 0.04 else "" for one in share],
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate="%{x:.0%}<extra>" + sentence(f"chart.became.{outcome}", language) + "</extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title=sentence("chart.became.share", language))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return with_table(figure, verdict_sheet(tested, language).html())


def rules(audit: Audit, backtest: Backtest | None = None) -> go.Figure | Block:
    """Our proposals beside the usual rules: how many flagged leads were still won, how many of those not won were caught."""
    tested, language = _of(audit, backtest), audit.language
    if not tested:
        return NOTHING
    rows = tested.baselines[tested.baselines["at"].isna() & (tested.baselines["leads_count"] > 0)]
    figure = start(audit, "rules", height=460)
    for number, row in enumerate(rows.to_dict("records")):
        ours = row["rule"] == "overdue"
        words = sentence(f"rule.{row['rule']}", language)
        figure.add_scatter(
            x=[row["won_share"]],
            y=[row["caught_share"]],
            mode="markers",
            marker={
                "color": SERIES["ended"] if ours else SERIES["grey"],
                "symbol": "diamond" if ours else number,
                "size": 16 if ours else 11,
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [row["won_high"] - row["won_share"]],
                "arrayminus": [row["won_share"] - row["won_low"]],
                "thickness": 1,
                "width": 3,
            },
            name=words,
            hovertemplate=f"{words}<br>%{{x:.0%}}, %{{y:.0%}}<extra></extra>",
        )
    # An interval may reach far to the right where a rule flags next to nobody; the places themselves decide the range.
    widest = 1.3 * max(0.1, float(rows["won_share"].max(skipna=True)) if len(rows) else 0.0)
    figure.update_xaxes(title=sentence("chart.rules.won", language), tickformat=".0%", range=[-0.01, widest])
    figure.update_yaxes(title=sentence("chart.rules.caught", language), tickformat=".0%", rangemode="tozero")
    return with_table(figure, rule_sheet(tested, language).html())


def calibration(audit: Audit, backtest: Backtest | None = None) -> go.Figure | Block:
    """The chances that were stated, beside the shares that were won, with their intervals."""
    tested, language = _of(audit, backtest), audit.language
    if not tested:
        return NOTHING
    bins = tested.calibration
    if bins.empty:
        return NOTHING
    figure = start(audit, "calibration", height=420)
    most = float(np.nanmax([0.1, *bins["predicted"], *bins["high"]]))
    figure.add_scatter(
        x=[0, most], y=[0, most], mode="lines", line={"color": SERIES["grey"], "dash": "dash", "width": 1.5}, name=sentence("chart.calibration.true", language), hoverinfo="skip"
    )  # fmt: skip
    band(figure, bins["predicted"], bins["low"], bins["high"])
    figure.add_scatter(
        x=bins["predicted"],
        y=bins["observed"],
        mode="lines+markers",
        line={"color": SERIES["strong"], "width": 2},
        marker={"size": 9},
        name=sentence("chart.calibration.observed", language),
        customdata=bins["leads_count"],
        hovertemplate="%{x:.0%} → %{y:.0%} (n = %{customdata})<extra></extra>",
    )
    figure.update_xaxes(title=sentence("chart.calibration.predicted", language), tickformat=".0%", rangemode="tozero")
    figure.update_yaxes(title=sentence("chart.calibration.observed", language), tickformat=".0%", rangemode="tozero")
    return with_table(figure, calibration_sheet(tested, language).html())


def freed(audit: Audit, backtest: Backtest | None = None) -> go.Figure | Block:
    """Lead-days that endings at each date would have freed."""
    tested, language = _of(audit, backtest), audit.language
    if not tested:
        return NOTHING
    rows = tested.freed[tested.freed["at"].notna()]
    figure = start(audit, "freed", height=300)
    figure.add_bar(
        x=[form(at, "date", language) for at in rows["at"]],
        y=rows["days"],
        marker={"color": SERIES["strong"]},
        text=[form(days, "count", language) for days in rows["days"]],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x}: %{y:.0f}<extra></extra>",
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(title=sentence("chart.freed.days", language), rangemode="tozero")
    return with_table(figure, freed_sheet(tested, language).html())


def _of(audit: Audit, backtest: Backtest | None) -> Backtest:
    return audit.backtest() if backtest is None else backtest
