"""The stages of the process file: what each is, and what was learned of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.draft import records_activity

if TYPE_CHECKING:
    from leadaudit.process import Stage
    from leadaudit.process_file.page import Page

RUNNING = ("open", "decision")


def write_stages(page: Page, stages: tuple[Stage, ...], learned: pd.DataFrame, effects: pd.DataFrame) -> None:
    """Write the stages in their order.

    Parameters
    ----------
    page : Page
    stages : tuple of Stage
    learned : DataFrame
        STAGES with ``patience_learned_days`` and ``horizon_learned_days``.
    effects : DataFrame
        EFFECTS (:func:`leadaudit.effects.effects`).
    """
    page.title("title.stages")
    for key in ("stages", "stages_kind", "stages_words", "stages_learned"):
        page.say(key)
    if not stages:
        page.say("stages_none")
    running = [stage for stage in stages if stage.kind in RUNNING]
    for stage in stages:
        page.gap()
        page.entry("stages")
        if stage.pipeline:
            page.set("pipeline", stage.pipeline)
        page.set("name", stage.name)
        page.set("kind", stage.kind)
        if stage.kind in RUNNING:
            _write_running(page, stage, running, learned, effects)


def _write_running(
    page: Page, stage: Stage, running: list[Stage], learned: pd.DataFrame, effects: pd.DataFrame
) -> None:
    place = _place(stage, running)
    for key in ("meaning", "question", "end_when"):
        page.say(f"example.{key}_{place}")
        page.set(key, getattr(stage, key))
    _write_activity(page, stage, _own(effects, stage))
    _write_learned(page, _own(learned, stage))


def _place(stage: Stage, running: list[Stage]) -> str:
    """Where a stage stands among those of its pipeline, for an example that fits."""
    own = [other.name for other in running if other.pipeline == stage.pipeline]
    place = own.index(stage.name)
    if place in (0, len(own) - 1):
        return "first" if place == 0 else "last"
    return "middle" if 2 * place <= len(own) - 1 else "late"


def _own(table: pd.DataFrame, stage: Stage) -> pd.Series | None:
    """The row of a stage."""
    rows = table[(table["stage"] == stage.name) & (table["pipeline"].fillna("") == stage.pipeline)]
    return None if rows.empty else rows.iloc[0]


def _write_activity(page: Page, stage: Stage, effect: pd.Series | None) -> None:
    """What entering the stage does to the chance, and whether it is proposed to count as movement."""
    named = records_activity(stage.name)
    if effect is not None and pd.notna(effect["effect"]):
        page.say(
            f"effect.{effect['answer']}",
            before=effect["chance_before"], after=effect["chance_after"], points=100 * effect["effect"],
            low=100 * effect["effect_low"], high=100 * effect["effect_high"], n=int(effect["compared_count"]),
        )  # fmt: skip
    without = effect is not None and effect["answer"] == "none"
    if stage.records_activity:
        page.set("records_activity", value=True)
    elif named or without:
        page.say("activity.both" if named and without else "activity.named" if named else "activity.measured")
        page.offer("records_activity", value=True)


def _write_learned(page: Page, row: pd.Series | None) -> None:
    """Patience and horizon as learned, to be fixed or left."""
    if row is None:
        return
    patience, horizon = row["patience_learned_days"], row["horizon_learned_days"]
    if pd.notna(patience):
        page.say("learned.patience", d=patience, n=_count(row["patience_count"]))
        page.offer("patience_days", rounded(patience))
    else:
        page.say("learned.patience_default", d=row["patience_days"])
        page.offer("patience_days", rounded(row["patience_days"]))
    if pd.notna(horizon):
        page.say("learned.horizon", d=horizon, n=_count(row["horizon_count"]), p=row["chance_limit"])
        page.offer("horizon_days", rounded(horizon))
    else:
        reason = row["horizon_none"]
        page.say(f"learned.none_{reason if isinstance(reason, str) else 'not_learned'}")
        page.offer("horizon_days", rounded(2 * row["patience_days"]))
    if pd.notna(row["ending_rule_days"]):
        page.say("learned.ending_rule", d=row["ending_rule_days"], p=row["ending_rule_share"], q=row["kept_won_share"])


def _count(value: object) -> int:
    return 0 if pd.isna(value) else int(str(value))


def rounded(days: float) -> float:
    """Days to write down: whole ones from ten on, as the sentence beside them says.

    Examples
    --------
    >>> rounded(12.4), rounded(7.25)
    (12.0, 7.2)
    """
    return float(round(days)) if days >= 10 else round(float(days), 1)
