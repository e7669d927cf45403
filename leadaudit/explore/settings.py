"""Other limits, and what would follow from them. No widget is known here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.chance import place
from leadaudit.judge import Judgement
from leadaudit.process import Process, Stage
from leadaudit.process_file.limits import CRITERIA
from leadaudit.process_file.stages import RUNNING, rounded
from leadaudit.tables import VERDICTS
from leadaudit.verdict import verdicts_of

if TYPE_CHECKING:
    from leadaudit.audit import Audit

Key = tuple[str, str]
"""Pipeline and name of a stage; an empty name is the whole lead of an export without history."""

SWITCHES: tuple[str, ...] = (*CRITERIA["end"], *CRITERIA["stall"])
"""Criteria that can be switched: signs of an ending, and reasons to be stalled."""


@dataclass(frozen=True)
class Settings:
    """How limits differ from the audit's own.

    Attributes
    ----------
    patience, horizon : mapping of (pipeline, stage) to float
        Factors on the days in force; a stage that is not named keeps its own.
    unanswered_count : int or None
        Unanswered contacts from which an ending is due; ``None`` = as in the audit.
    criteria_off : frozenset of str or None
        Criteria that are switched off; ``None`` = as in the audit.
    """

    patience: Mapping[Key, float] = field(default_factory=dict)
    horizon: Mapping[Key, float] = field(default_factory=dict)
    unanswered_count: int | None = None
    criteria_off: frozenset[str] | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """What would follow from some settings.

    Attributes
    ----------
    process : Process
        The audit's own with these limits in it.
    leads : DataFrame
        The open leads, index of ``Audit.leads``: ``lead_id``, ``stage``, ``stay_days``, ``amount``, ``currency``,
        ``age_days``, ``before`` and ``after`` (verdicts).
    """

    process: Process
    leads: pd.DataFrame

    @property
    def changed(self) -> pd.DataFrame:
        """The leads with another verdict, those with the largest value and the longest stay first."""
        other = self.leads[self.leads["before"] != self.leads["after"]]
        return other.sort_values(["amount", "stay_days", "lead_id"], ascending=[False, False, True], na_position="last")

    @property
    def counts(self) -> pd.DataFrame:
        """Open leads per verdict (the index): ``before`` and ``after``."""
        verdicts = [verdict for verdict in VERDICTS if verdict != "ended"]
        both = {name: self.leads[name].value_counts().reindex(verdicts, fill_value=0) for name in ("before", "after")}
        return pd.DataFrame(both).astype("int64")

    @property
    def load(self) -> pd.DataFrame:
        """What the open leads tie up; one row per ``before`` and ``after``.

        ``open_count`` and ``open_days`` (lead-days) as they are, ``left_count`` and ``freed_days`` if the endings that
        are due are carried out. Leads of unknown age are not in the days.
        """
        age = self.leads["age_days"]
        rows = {}
        for name in ("before", "after"):
            due = self.leads[name] == "overdue"
            rows[name] = {
                "open_count": len(self.leads), "open_days": float(age.sum()),
                "left_count": int((~due).sum()), "freed_days": float(age[due].sum()),
            }  # fmt: skip
        return pd.DataFrame.from_dict(rows, orient="index")


@dataclass(frozen=True, eq=False)
class Trial:
    """An audit made ready for judging its open leads again and again.

    Attributes
    ----------
    audit : Audit
    judgement : Judgement
        That of the audit with few leads beside the open ones: those that are ended stay ended under any limit.
    """

    audit: Audit
    judgement: Judgement

    @classmethod
    def of(cls, audit: Audit) -> Trial:
        """Make an audit ready."""
        whole = audit.judgement
        evidence = whole.facts.evidence
        kept = (whole.leads["verdict"] != "ended").to_numpy(dtype=bool, copy=True)
        kept[_witnesses(evidence, kept)] = True
        facts = replace(whole.facts, evidence=evidence[kept])
        return cls(audit, replace(whole, facts=facts, leads=whole.leads[kept]))

    @cached_property
    def base(self) -> pd.DataFrame:
        """The open leads as the audit judged them."""
        leads = self.audit.open_leads
        kept = leads[["lead_id", "stage", "stay_days", "amount", "currency", "age_days"]]
        return kept.assign(before=leads["verdict"])

    @cached_property
    def limits(self) -> pd.DataFrame:
        """Patience and horizon in force per stage in which leads can stand, with index (pipeline, stage).

        ``patience_days``, ``horizon_days`` (missing = none), ``open_count``.
        """
        stages = self.audit.stages
        running = stages[stages["kind"].isin(RUNNING)].sort_values(["pipeline", "rank"], kind="stable")
        keys = list(zip(running["pipeline"].fillna(""), running["stage"].fillna(""), strict=True))
        index = pd.MultiIndex.from_tuples(keys, names=["pipeline", "stage"])
        columns = {name: running[name].to_numpy() for name in ("patience_days", "horizon_days", "open_count")}
        return pd.DataFrame(columns, index=index)

    def process(self, settings: Settings) -> Process:
        """The audit's process with these settings written into it, in rounded days as a file would have them."""
        process = self.audit.process
        limits = process.limits
        if settings.unanswered_count is not None:
            limits = limits.model_copy(update={"unanswered_fixed_count": settings.unanswered_count})
        off = process.criteria_off if settings.criteria_off is None else settings.criteria_off
        stages = _with_days(process.stages, self.fixed_days(settings))
        return process.model_copy(update={"stages": stages, "limits": limits, "criteria_off": off})

    def days(self, settings: Settings) -> pd.DataFrame:
        """:attr:`limits` as they would be, with what they are now beside them.

        ``patience_days``, ``horizon_days``, ``patience_before_days``, ``horizon_before_days``.
        """
        new = self.limits[["patience_days", "horizon_days"]].astype("float64")
        before = new.add_suffix("_before").rename(columns=lambda name: name.replace("_days_before", "_before_days"))
        for key, given in self.fixed_days(settings).items():
            for name, value in given.items():
                new.loc[key, name] = value
        return pd.concat([new, before], axis=1)

    def fixed_days(self, settings: Settings) -> dict[Key, dict[str, float]]:
        """The days that these settings fix, by stage: ``patience_days`` and ``horizon_days`` where they differ."""
        found: dict[Key, dict[str, float]] = {}
        for name, factors in (("patience_days", settings.patience), ("horizon_days", settings.horizon)):
            for key, factor in factors.items():
                days = self.limits[name].get(key)
                if factor != 1 and days is not None and pd.notna(days):
                    found.setdefault(key, {})[name] = max(rounded(float(days) * factor), 0.1)
        return found

    def under(self, settings: Settings) -> Outcome:
        """Judge the open leads under these settings."""
        process = self.process(settings)
        # What leadaudit.judge.rejudge does, without what only reports read: it has to keep up with a hand.
        facts = replace(self.judgement.facts, process=process, learned=self.judgement.learned.fixed_by(process))
        facts = facts.with_placed(place(facts.evidence, facts.learned, process, facts.as_of))
        after = verdicts_of(facts, self.judgement.extra_criteria)
        return Outcome(process, self.base.assign(after=after.loc[self.base.index]))


def outcome(audit: Audit, settings: Settings) -> Outcome:
    """Judge the open leads of an audit under other settings.

    Parameters
    ----------
    audit : Audit
    settings : Settings

    Returns
    -------
    Outcome
        The audit itself is unchanged.
    """
    return Trial.of(audit).under(settings)


def _witnesses(evidence: pd.DataFrame, kept: np.ndarray) -> list[int]:
    """An ended lead for each column that only ended leads have something in: a column that is empty has another meaning."""
    found = []
    for name in evidence.columns:
        filled = evidence[name].notna().to_numpy(dtype=bool)
        if filled.any() and not (filled & kept).any():
            found.append(int(np.argmax(filled)))
    return found


def _with_days(stages: tuple[Stage, ...], days: Mapping[Key, Mapping[str, float]]) -> tuple[Stage, ...]:
    """Stages with some days fixed; a stage that stands for all pipelines gets one of its own per pipeline in front."""
    changed, left = [], dict(days)
    for stage in stages:
        own = left.pop((stage.pipeline, stage.name), None)
        if own is None and not stage.pipeline:
            changed += [
                stage.model_copy(update={"pipeline": pipeline, **left.pop((pipeline, name))})
                for pipeline, name in list(left)
                if name == stage.name and stage.name
            ]
        changed.append(stage.model_copy(update=dict(own)) if own else stage)
    changed += [Stage(pipeline=pipeline, name=name, **given) for (pipeline, name), given in left.items()]
    return tuple(changed)
