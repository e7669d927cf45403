"""Leads that stand in the CRM twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leadaudit.simulate import words
from leadaudit.simulate.pipeline import Pipeline
from leadaudit.simulate.words import Texts

DUPLICATE_SHARE = 0.02
NOTICED_SHARE = 0.6


def add_duplicates(
    leads: pd.DataFrame,
    changes: pd.DataFrame,
    twins: Texts,
    pipeline: Pipeline,
    language: str,
    as_of: pd.Timestamp,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Enter some leads a second time under another number; some are noticed and ended as such.

    Parameters
    ----------
    leads, changes : DataFrame
        The tables without duplicates.
    twins : array of str
        The numbers that the second entries get.

    Returns
    -------
    leads, changes : DataFrame
        With the second entries, sorted by number and by moment.
    """
    young = leads.index[leads["created_at"] < as_of - pd.Timedelta(days=15)]
    chosen = np.sort(rng.choice(young.to_numpy(), len(twins), replace=False))
    again = leads.loc[chosen].reset_index(drop=True)
    first, name = pipeline.stages[0], again["name"].str.split(" – ").str[-1]
    again = again.assign(lead_id=twins, name=words.OTHER_NAMES[language] + " " + name, stage=first.name, status="open")
    again["created_at"] = again["created_at"] + pd.to_timedelta(rng.integers(30, 14 * 1440, len(again)), unit="min")
    for column in again.columns[again.columns.get_loc("stage_entered_at") :]:
        again[column] = None
    again["stage_entered_at"] = again["created_at"]
    again["probability"] = first.probability
    noticed_at = again["created_at"] + pd.to_timedelta(rng.integers(1440, 50 * 1440, len(again)), unit="min")
    noticed = (rng.random(len(again)) < NOTICED_SHARE) & (noticed_at < as_of)
    again.loc[noticed, ["stage", "status", "probability", "lost_reason"]] = [
        pipeline.lost, "lost", 0.0, words.LOST_DUPLICATE[language],
    ]  # fmt: skip
    again.loc[noticed, "stage_entered_at"] = noticed_at[noticed]
    again["closed_at"] = noticed_at.where(noticed)
    moved = pd.DataFrame({
        "lead_id": again["lead_id"], "at": again["created_at"], "field": "stage", "before": None, "after": first.name,
        "pipeline": pipeline.name, "by": again["owner"], "at_uncertainty_days": 0.0, "seq": 0,
    })  # fmt: skip
    ended = moved[noticed].assign(at=noticed_at[noticed], before=first.name, after=pipeline.lost, seq=1)
    all_leads = _joined(leads, again).sort_values(["created_at", "lead_id"], kind="stable", ignore_index=True)
    return all_leads, _joined(changes, moved, ended)


def _joined(*frames: pd.DataFrame) -> pd.DataFrame:
    # Object columns take missing values of every kind without a change of dtype.
    return pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
