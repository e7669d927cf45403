"""Stages as small numbers: every (pipeline, stage) seen, with what the process says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from leadaudit.process import Process

NOWHERE = -1
"""Place of a missing stage."""

NO_RANK = -1
OPEN, DECISION, PAUSED, WON, ENDED = range(5)
NO_KIND = -1
KINDS = {"open": OPEN, "decision": DECISION, "paused": PAUSED, "won": WON, "ended": ENDED}

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Places:
    """Numbers for (pipeline, stage), and per number what the process says.

    Attributes
    ----------
    pipelines, stages : Index
        Names; the place of a pair is ``pipeline_no * len(stages) + stage_no``.
    kind, rank, records_activity, our_turn : ndarray
        By place. A stage that the process does not name is open and has no rank.
    """

    pipelines: pd.Index
    stages: pd.Index
    kind: Numbers
    rank: Numbers
    records_activity: Numbers
    our_turn: Numbers

    @classmethod
    def of(cls, process: Process, pipelines: pd.Index, stages: pd.Index) -> Places:
        """Number all pairs of these names.

        Parameters
        ----------
        process : Process
            Says kind, rank and meaning; a stage without a pipeline holds in every pipeline.
        pipelines, stages : Index
            Distinct names; ``""`` is the pipeline of leads without one.
        """
        size = len(pipelines) * len(stages)
        kind, rank = np.full(size, OPEN, np.int8), np.full(size, NO_RANK, np.int32)
        records, ours = np.zeros(size, bool), np.zeros(size, bool)
        stage_no = {name: i for i, name in enumerate(stages)}
        # The first stage that fits wins, as in Process.rank_of; so the later ones are written first.
        for position, stage in reversed(list(enumerate(process.stages))):
            if stage.name not in stage_no:
                continue
            for number, pipeline in enumerate(pipelines):
                if stage.pipeline in ("", pipeline):
                    place = number * len(stages) + stage_no[stage.name]
                    kind[place], rank[place] = KINDS[stage.kind], position
                    records[place], ours[place] = stage.records_activity, stage.our_turn
        return cls(pipelines, stages, kind, rank, records, ours)

    def pipeline_numbers(self, names: pd.Series) -> Numbers:
        """Number of each pipeline; a missing one is ``""``."""
        without = self.pipelines.get_loc("")
        if names.dtype == "category":
            by_category = np.append(self.pipelines.get_indexer(names.cat.categories), without)
            return by_category[names.cat.codes.to_numpy()]
        return self.pipelines.get_indexer(names.fillna(""))

    def stage_numbers(self, names: pd.Series) -> Numbers:
        """Number of each stage; -1 for a missing one."""
        if names.dtype == "category":
            return np.append(self.stages.get_indexer(names.cat.categories), -1)[names.cat.codes.to_numpy()]
        return self.stages.get_indexer(names)

    def number(self, pipeline: pd.Series, stage: pd.Series) -> Numbers:
        """Place of each pair; :data:`NOWHERE` where the stage is missing."""
        stage_no = self.stage_numbers(stage)
        return np.where(stage_no < 0, NOWHERE, self.pipeline_numbers(pipeline) * len(self.stages) + stage_no)

    def of_kind(self, place: Numbers) -> Numbers:
        """Kind of each place; :data:`NO_KIND` for a missing stage."""
        return _looked_up(self.kind, place, NO_KIND)

    def of_rank(self, place: Numbers) -> Numbers:
        """Rank of each place; :data:`NO_RANK` where there is none."""
        return _looked_up(self.rank, place, NO_RANK)

    def pipeline_no(self, place: Numbers) -> Numbers:
        """Number of the pipeline of each place; -1 for a missing stage."""
        return np.where(place < 0, -1, place // max(len(self.stages), 1))

    def stage_names(self, place: Numbers) -> pd.Series:
        """Stage of each place, missing for :data:`NOWHERE`."""
        return coded(self.stages, np.where(place < 0, -1, place % max(len(self.stages), 1)))

    def pipeline_names(self, number: Numbers) -> pd.Series:
        """Name of each pipeline number; missing for -1 and for leads without a pipeline."""
        return coded([name or None for name in self.pipelines], number)


def _looked_up(values: Numbers, place: Numbers, missing: int) -> Numbers:
    return np.append(values, values.dtype.type(missing))[place]


def coded(names: Sequence[str | None] | pd.Index, number: Numbers) -> pd.Series:
    """Texts by their number; -1 is a missing text.

    Examples
    --------
    >>> coded(["New", "Offer"], np.array([1, -1])).tolist()
    ['Offer', nan]
    """
    texts = pd.array([*names, None], dtype="str")
    return pd.Series(texts.take(np.where(number < 0, len(names), number)))
