"""Where the open leads stand: by stage and verdict, and on patience and horizon of their stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.language import Language, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, table
from leadaudit.report.charts.drawing import (
    BETWEEN_BAND,
    BEYOND_BAND,
    PATIENCE_BAND,
    VERDICT_COLOURS,
    VERDICT_SYMBOLS,
    plain,
    shown_stages,
    stage_labels,
    start,
    with_table,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leadaudit.audit import Audit

MOST_DOTS = 400
BANDS = {"patience": PATIENCE_BAND, "between": BETWEEN_BAND, "beyond": BEYOND_BAND}


def verdicts(audit: Audit) -> go.Figure | Block:
    """How many open leads of each stage are on their way, stalled, or overdue for an ending; nothing where none is open."""
    if audit.open_leads.empty:
        return Block("")
    language = audit.language
    shown, counted = _counted(audit)
    names = stage_labels(shown, audit.language, short=True)
    figure = start(audit, "verdicts", height=110 + 34 * len(names))
    for verdict, colour in VERDICT_COLOURS.items():
        counts = counted[verdict]
        if not counts.any():
            continue
        figure.add_bar(
            y=list(range(len(names))),
            x=counts,
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            name=sentence(f"verdict.{verdict}", language),
            text=[str(count) if count else "" for count in counts],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{x}<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.3)
    figure.update_xaxes(title=sentence("chart.verdicts.leads", language), tickformat=",d")
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5], showgrid=False, tickvals=list(range(len(names))), ticktext=names
    )
    return with_table(figure, _verdicts_table(audit, shown, counted))


def _counted(audit: Audit) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stages with open leads, and how many of each verdict stand there."""
    stages = audit.stages.sort_values(["pipeline", "rank"], kind="stable").reset_index(drop=True)
    leads = audit.open_leads
    keys = {
        (plain(row["pipeline"]), plain(row["stage"])): number for number, row in enumerate(stages.to_dict("records"))
    }
    # Where no history tells the stage of the stay, leads are counted where the CRM has them today.
    stage = leads["stay_stage"].where(leads["stay_stage"].notna(), leads["stage"]).fillna("")
    at = [keys.get(key, -1) for key in zip(leads["pipeline"].fillna(""), stage, strict=True)]
    counted = pd.crosstab(pd.Series(at, dtype=int), leads["verdict"].to_numpy())
    counted = counted.reindex(index=range(len(stages)), columns=list(VERDICT_COLOURS), fill_value=0)
    there = counted.sum(axis=1) > 0
    return stages[there.to_numpy()], counted[there]


def _verdicts_table(audit: Audit, shown: pd.DataFrame, counted: pd.DataFrame) -> str:
    language = audit.language
    used = [verdict for verdict in VERDICT_COLOURS if counted[verdict].any()]
    columns = [Column(sentence("column.stage", language))]
    columns += [Column(sentence(f"verdict.{verdict}", language), "number") for verdict in used]
    rows = [
        [Cell(label), *[Cell(form(count, "count", language)) for count in counts]]
        for label, counts in zip(stage_labels(shown, audit.language), counted[used].to_numpy(), strict=True)
    ]
    return table(columns, rows, caption=sentence("chart.verdicts.title", language))


def standing(audit: Audit) -> go.Figure | Block:
    """Each open lead on patience and horizon of its stage; nothing where none is open."""
    if audit.open_leads.empty:
        return Block("")
    language = audit.language
    shown = shown_stages(audit)
    names = stage_labels(shown, audit.language, short=True)
    dots = _dots(audit, shown)
    longest = _longest(shown, dots)
    figure = start(audit, "standing", height=120 + 50 * len(names))
    for band, begin, end in _bands(shown, longest):
        figure.add_bar(
            y=list(range(len(names))),
            x=end - begin,
            base=begin,
            orientation="h",
            width=0.72,
            marker={"color": BANDS[band], "line": {"width": 0}},
            name=sentence(f"chart.standing.{band}", language),
            hoverinfo="skip",
        )
    for verdict, colour in VERDICT_COLOURS.items():
        of_verdict = dots[dots["verdict"] == verdict]
        if of_verdict.empty:
            continue
        figure.add_scatter(
            y=of_verdict["height"],
            x=of_verdict["stay_days"].clip(upper=longest),
            mode="markers",
            marker={"color": colour, "symbol": VERDICT_SYMBOLS[verdict], "size": 7, "opacity": 0.85},
            name=sentence(f"verdict.{verdict}", language),
            text=of_verdict["lead_id"],
            hovertemplate="%{text}: %{x:.0f}<extra></extra>",
        )
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(title=sentence("chart.standing.days", language), range=[0, longest * 1.02])
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5], showgrid=False, tickvals=list(range(len(names))), ticktext=names
    )
    return with_table(figure, stages_table(audit))


def _longest(shown: pd.DataFrame, dots: pd.DataFrame) -> float:
    """End of the axis: all limits are on it, and nearly all leads; later ones stand at the edge."""
    limits = [shown["horizon_days"].max() * 1.25, shown["patience_days"].max() * 1.5, dots["stay_days"].quantile(0.95)]
    return float(np.nanmax([*limits, 10.0]))


def _dots(audit: Audit, shown: pd.DataFrame) -> pd.DataFrame:
    """Open leads with the row that they are drawn in; at most some hundred, spread over a row."""
    place = {(plain(row["pipeline"]), plain(row["stage"])): i for i, row in enumerate(shown.to_dict("records"))}
    leads = audit.open_leads.dropna(subset=["stay_days"])
    keys = zip(leads["pipeline"].fillna(""), leads["stay_stage"].fillna(""), strict=True)
    row = pd.Series([place.get(key) for key in keys], index=leads.index, dtype="float64")
    drawn = leads.assign(height=row).dropna(subset=["height"])
    if len(drawn) > MOST_DOTS:
        drawn = drawn.sort_values("stay_days").iloc[np.linspace(0, len(drawn) - 1, MOST_DOTS).round().astype(int)]
    spread = (np.arange(len(drawn)) * 0.381966) % 1 - 0.5
    return drawn.assign(height=drawn["height"] + spread * 0.6)


def _bands(shown: pd.DataFrame, longest: float) -> list[tuple[str, np.ndarray, np.ndarray]]:
    patience = shown["patience_days"].fillna(0).to_numpy(float)
    horizon = shown["horizon_days"].fillna(longest).to_numpy(float).clip(max=longest)
    usual = np.minimum(patience, horizon)
    return [
        ("patience", np.zeros_like(usual), usual),
        ("between", usual, horizon),
        ("beyond", horizon, np.full_like(usual, longest)),
    ]


def stages_table(audit: Audit) -> str:
    """What the own history says of each stage, as a table."""
    language = audit.language
    names = ("stage", "open_count", "stays_count", "chance_at_entry", "patience_days", "horizon_days", "basis")
    columns = [
        Column(sentence(f"column.{name}", language), "" if name in ("stage", "basis") else "number") for name in names
    ]
    shown = shown_stages(audit)
    rows = [
        _stage_cells(row, label, audit)
        for row, label in zip(shown.to_dict("records"), stage_labels(shown, audit.language), strict=True)
    ]
    return table(columns, rows, caption=sentence("report.stages_caption", language))


def _stage_cells(row: dict[Any, Any], label: str, audit: Audit) -> list[Cell]:
    language = audit.language
    without = row["horizon_none"] if isinstance(row["horizon_none"], str) else "not_learned"
    horizon = _with_learned(row, "horizon", language)
    basis = row["horizon_basis"] if isinstance(row["horizon_basis"], str) else row["patience_basis"]
    return [
        Cell(label),
        Cell(form(row["open_count"], "count", language), sort=int(row["open_count"])),
        Cell(form(row["stays_count"], "count", language), sort=int(row["stays_count"])),
        Cell(form(row["chance_at_entry"], "percent", language)),
        Cell(_with_learned(row, "patience", language)),
        Cell(horizon if pd.notna(row["horizon_days"]) else sentence(f"horizon_none.{without}", language)),
        Cell(sentence(f"basis.{basis if isinstance(basis, str) else 'none'}", language)),
    ]


def _with_learned(row: dict[Any, Any], name: str, language: Language) -> str:
    """A threshold in days; where the process fixes it, what was learned stands behind it."""
    days, learned = row[f"{name}_days"], row[f"{name}_learned_days"]
    if row[f"{name}_basis"] != "process" or days == learned:
        return form(days, "days", language)
    return sentence("fixed.unlearned" if pd.isna(learned) else "fixed.learned", language, d=days, learned=learned)
