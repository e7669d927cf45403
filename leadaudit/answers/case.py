"""What the answers are written from: the judged leads, the reason that decided, and a writer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.answers.writing import Flags, Texts, Writer
from leadaudit.criteria.answer import Facts, Numbers, Times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadaudit.judge import Judgement
    from leadaudit.language import Language


@dataclass(frozen=True, eq=False)
class Case:
    """The open leads of an audit, column by column.

    Attributes
    ----------
    facts : Facts
        Evidence and JUDGED columns of the open leads.
    reasons : DataFrame
        REASONS of these leads, the deciding one of each lead first.
    writer : Writer
        Writes in the audit's language.
    words : mapping of criterion to str
        How criteria of one's own are read.
    """

    facts: Facts
    reasons: pd.DataFrame
    writer: Writer
    words: dict[str, str]

    @classmethod
    def of(cls, judgement: Judgement, language: Language) -> Case:
        """The open leads of a judgement."""
        leads = judgement.leads[(judgement.leads["verdict"] != "ended").to_numpy()]
        own = {one.name: one.words.get(language, one.name.replace("_", " ")) for one in judgement.extra_criteria}
        return cls(replace(judgement.facts, evidence=leads), judgement.reasons, Writer(language, len(leads)), own)

    def where(self, column: str, *values: str) -> Flags:
        """Leads with one of these values in a column."""
        return np.asarray(self.facts.evidence[column].isin(values), dtype=bool)

    @cached_property
    def positions(self) -> NDArray[np.int64]:
        """Position of the lead of each reason."""
        found = pd.Index(self.facts.evidence["lead_id"]).get_indexer(pd.Index(self.reasons["lead_id"]))
        return found.astype("int64")

    def held(self, criterion: str) -> Flags:
        """Leads for which a criterion was kept as a reason."""
        held = np.zeros(len(self.facts), dtype=bool)
        held[self.positions[(self.reasons["criterion"] == criterion).to_numpy()]] = True
        return held

    def vetoed_by(self, criterion: str) -> Flags:
        """Leads for which a criterion of one's own stands against an ending sign."""
        vetoes = self.reasons[(self.reasons["role"] == "veto").to_numpy()]
        return np.asarray(self.held(criterion) & self.facts.evidence["lead_id"].isin(vetoes["lead_id"]), dtype=bool)

    def of_reason(self, criterion: str, name: str, missing: Any) -> NDArray[Any]:
        """A column of REASONS for one criterion, by lead."""
        rows = np.flatnonzero((self.reasons["criterion"] == criterion).to_numpy())
        values = self.reasons[name].array.take(rows).to_numpy()
        by_lead = np.full(len(self.facts), missing, dtype="object" if missing is None else values.dtype)
        by_lead[self.positions[rows]] = values
        return by_lead

    @cached_property
    def deciding(self) -> Texts:
        """The criterion that decided, empty where none did."""
        named = _first(self.facts.evidence["reasons"])
        return np.where(self.where("verdict", "overdue", "stalled", "paused"), named, "")

    @cached_property
    def patience_end_at(self) -> Times:
        """When the stay is or was as long as is normal here."""
        return self.facts.ago(self.facts.stay_days - self.facts.patience_days)

    @cached_property
    def stalls_at(self) -> Times:
        """When the lead is or was past patience, as things stand."""
        return self.facts.ago(self.facts.stay_days - self.facts.stall_limit_days)

    def quoted(self, column: str) -> Texts:
        """A text column, empty where it is missing."""
        return np.where(self.facts.filled(column), self.facts.text(column), "")

    def listed(self, column: str) -> Texts:
        """Names that are joined by |, as a list to read."""
        return self.facts.evidence[column].fillna("").str.replace("|", ", ").to_numpy(dtype="object")

    @cached_property
    def _stage_of_process(self) -> NDArray[np.int64]:
        """Position of each lead's stage in the process, and the number of stages where it is not in it."""
        process = self.facts.process
        keys = list(zip(self.quoted("pipeline"), self.quoted("stage"), strict=True))
        ranks = {key: process.rank_of(*key) for key in set(keys)}
        return np.asarray([len(process.stages) if ranks[key] is None else ranks[key] for key in keys], dtype="int64")

    def of_stage(self, name: str) -> Texts:
        """What the process says of each lead's stage, e.g. its ``question``; empty where nothing."""
        said = [getattr(stage, name) for stage in self.facts.process.stages]
        return np.array([*said, ""], dtype="object")[self._stage_of_process]

    @cached_property
    def first_question(self) -> Texts:
        """The question to ask: of the first unknown precondition, else of the stage; empty where none is written."""
        asked = {wanted.name: wanted.question for wanted in self.facts.process.preconditions}
        first = _first(self.facts.evidence["preconditions_unknown"])
        wanted = np.array([asked.get(name, "") for name in first], dtype="object")
        return np.where(wanted != "", wanted, self.of_stage("question"))

    def numbers(self, name: str) -> Numbers:
        """A number column."""
        return self.facts.number(name)


def _first(names: pd.Series) -> Texts:
    """The first of names that are joined by |."""
    return names.fillna("").str.replace(r"\|.*", "", regex=True).to_numpy(dtype="object")
