"""The process: its stages, what they mean, decision questions, preconditions, criteria and limits.

A process is drafted from the data (:mod:`leadaudit.draft`) or written down with the client in
``audit.toml``; what is written down wins over what was learned. It is plain, frozen data.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    import pandas as pd

StageKind = Literal["open", "decision", "paused", "won", "ended"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Precondition(_Frozen):
    """Something that must be known before a decision; read from a column of the export.

    ``good`` and ``bad`` are values as they stand in the column (compared without case);
    ``at_least`` and ``at_most`` are limits for numbers. A value that is neither good nor bad,
    and an empty cell, is *unknown*: our unasked question, never a failure.
    """

    name: str
    column: str
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    from_stage: str = ""
    question: str = ""


class Stage(_Frozen):
    """One stage of a pipeline; its place in :attr:`Process.stages` is its rank."""

    pipeline: str = ""
    name: str
    kind: StageKind = "open"
    meaning: str = ""
    question: str = ""
    end_when: str = ""
    records_activity: bool = False
    our_turn: bool = False
    patience_days: float | None = Field(default=None, gt=0)
    horizon_days: float | None = Field(default=None, gt=0)


class Limits(_Frozen):
    """Every limit of the judgement with its default; sources in ``docs/judgement.md``.

    Limits named ``*_days`` are days, ``*_share`` lie between 0 and 1, ``*_count`` are counts.
    """

    # patience and horizon (design 4.2)
    patience_share: float = Field(0.90, description="quantile of winners' stays that is still normal")
    patience_floor_days: float = 7
    patience_default_days: float = 30
    patience_min_count: int = Field(10, description="stays of won leads that patience needs")
    chance_floor_share: float = Field(0.05, description="a chance below this is practically gone")
    chance_fraction_share: float = Field(0.25, description="... or below this part of the chance at entry")
    chance_fraction_max_share: float = Field(
        0.50, description="... a part that rises up to this while those beyond all horizons stay lost together"
    )
    chance_raised_max_share: float = Field(0.20, description="above this chance, the part at entry is not raised")
    confidence_share: float = Field(0.90, description="one-sided level of all bounds")
    at_risk_min_count: int = Field(30, description="stays at risk that a landmark needs")
    wins_min_count: int = 10
    follow_up_cycles: float = Field(2, description="follow-up needed, in median won cycles")
    ending_rule_share: float = Field(0.20, description="ended within two days that make an own ending rule")
    borderline_patience_factor: float = 1.25
    sensitivity_share: float = Field(
        0.25, description="patience and horizon are moved by this part to find borderline leads"
    )
    # contact (design 4.1, 4.3)
    unanswered_default_count: int = 6
    unanswered_default_days: float = 21
    unanswered_fixed_count: int = Field(
        0, ge=0, description="unanswered contacts from which an ending is due, agreed with the client; 0 = as learned"
    )
    reaction_min_share: float = Field(
        0.30, description="won leads with inbound or mutual contact that no_reaction needs"
    )
    unknown_direction_max_share: float = 0.20
    response_veto_days: float = 14
    our_turn_workdays_count: int = 5
    pressure_count: int = 3
    cadence_ratio: float = 0.5
    busy_share: float = Field(0.75, description="quantile of winners' movement before progress")
    busy_default_count: int = 6
    silence_share: float = Field(0.90, description="quantile of winners' longest contact gaps")
    # pauses, steps and dates
    pause_dateless_days: float = 90
    pause_ahead_max_days: float = 366
    pause_moves_max_count: int = 1
    pauses_over_count: int = 2
    step_set_within_days: float = 14
    step_ahead_max_days: float = 90
    step_moves_max_count: int = 1
    postponed_count: int = 3
    postponed_days: float = 45
    slipped_days: float = 14
    default_distance_share: float = 0.30
    back_and_forth_count: int = 2
    # imports, clean-ups, mailings
    bulk_leads_count: int = 20
    bulk_seconds: float = 60
    mailing_leads_count: int = 20


class Process(_Frozen):
    """The stages in order, what a decision needs, and the limits.

    Examples
    --------
    >>> process = Process(stages=(Stage(name="New"), Stage(name="Offer"), Stage(name="Won", kind="won")))
    >>> process.rank_of("", "Offer")
    1
    """

    stages: tuple[Stage, ...] = ()
    preconditions: tuple[Precondition, ...] = ()
    limits: Limits = Limits()
    criteria_off: frozenset[str] = Field(frozenset(), description="names of criteria that are switched off")
    decisive_subjects: tuple[str, ...] = Field(
        (), description="inbound acts that are a decision, by words of subject or outcome"
    )
    urgency_columns: tuple[str, ...] = Field((), description="columns that say whether there is a date, budget or need")
    urgency_absent_values: tuple[str, ...] = ()
    drafted: bool = Field(True, description="false once a person has written or confirmed it")

    def rank_of(self, pipeline: str, stage: str) -> int | None:
        """Position of a stage within the process, or ``None`` if it is not in it."""
        for rank, known in enumerate(self.stages):
            if known.name == stage and known.pipeline in ("", pipeline):
                return rank
        return None

    def frame(self) -> pd.DataFrame:
        """The stages as a frame: pipeline, stage, kind, rank, records_activity, our_turn, patience_days, horizon_days."""
        import pandas as pd

        rows = [
            (s.pipeline, s.name, s.kind, rank, s.records_activity, s.our_turn, s.patience_days, s.horizon_days)
            for rank, s in enumerate(self.stages)
        ]
        names = ["pipeline", "stage", "kind", "rank", "records_activity", "our_turn", "patience_days", "horizon_days"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.astype({"patience_days": "float64", "horizon_days": "float64"})

    def with_limits(self, **limits: float) -> Process:
        """A copy with some limits changed; unknown names are an error of pydantic's."""
        return self.model_copy(update={"limits": Limits(**{**self.limits.model_dump(), **limits})})


def of_kind(stages: Iterable[Stage], *kinds: StageKind) -> tuple[Stage, ...]:
    """The stages of these kinds, in order."""
    return tuple(stage for stage in stages if stage.kind in kinds)
