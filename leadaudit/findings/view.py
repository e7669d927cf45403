"""What findings look at: the audit's frames and moments, each made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from leadaudit.findings.track import DAY_US, NEVER_US, Numbers, Track
from leadaudit.ledger.milestones import CREATED_M, ENDED_M, PROGRESS, REOPENED, WON_M

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.audit import Audit
    from leadaudit.findings.finding import Grade
    from leadaudit.ledger.contacts import Acts

_HISTORIES = {"expected_close_history": ("expected_close_at",), "pause_history": ("paused_until",)}
"""What a finding may need beside letters and columns: the history of certain fields."""


@dataclass(frozen=True)
class View:
    """One audit as findings see it. The number of a lead is its position in :attr:`all`."""

    audit: Audit
    grades: dict[str, list[str]] = field(default_factory=dict)
    """Grades given so far, by chapter; the profile at the end is made of them."""

    @property
    def as_of(self) -> pd.Timestamp:
        """First moment not known."""
        return self.audit.as_of

    @cached_property
    def as_of_us(self) -> int:
        """The same as a number."""
        return int(self.audit.as_of.value) // 1000

    @cached_property
    def all(self) -> pd.DataFrame:
        """All leads: EVIDENCE and JUDGED columns, with the export's own columns that these lack."""
        known = self.audit.export.leads()
        judged = self.audit.leads
        extra = known[["lead_id", *[name for name in known.columns if name not in judged.columns]]]
        return judged.merge(extra, on="lead_id", how="left").assign(lead_no=np.arange(len(judged)))

    @cached_property
    def open(self) -> pd.DataFrame:
        """Leads that are open or paused at ``as_of``."""
        return self.all[self.all["verdict"] != "ended"]

    @cached_property
    def won(self) -> pd.DataFrame:
        """Leads that were won."""
        return self.all[self.all["status"] == "won"]

    @cached_property
    def ended(self) -> pd.DataFrame:
        """Leads that were ended without being won; duplicates, tests and wrong entries never were leads."""
        from leadaudit.ingest.recognition.meanings import is_data_quality_reason

        lost = self.all[self.all["status"] == "lost"]
        wrong = {reason for reason in lost["lost_reason"].dropna().unique() if is_data_quality_reason(reason)}
        return lost[~lost["lost_reason"].isin(wrong)]

    @cached_property
    def overdue(self) -> pd.DataFrame:
        """Open leads for which an ending is due."""
        return self.open[self.open["verdict"] == "overdue"]

    @property
    def nothing_due(self) -> Grade:
        """What it is worth that no ending is due: good news only where a sign could have shown it."""
        return "good" if self.audit.stages["horizon_days"].notna().any() else "neutral"

    @cached_property
    def acts(self) -> Acts:
        """Done activities as sorted numbers."""
        return self.audit.judgement.history.acts

    @cached_property
    def milestones(self) -> pd.DataFrame:
        """Milestones by number: ``lead_no``, ``at_us``, ``what``, ``place``."""
        return self.audit.judgement.history.history.numbered

    @cached_property
    def _tracks(self) -> dict[tuple[Any, ...], Track]:
        return {}

    def did(self, *whats: int) -> Track:
        """The dated milestones of some kinds."""
        if whats not in self._tracks:
            self._tracks[whats] = self._did(whats)
        return self._tracks[whats]

    def _did(self, whats: tuple[int, ...]) -> Track:
        rows = self.milestones[self.milestones["what"].isin(whats)]
        return Track.of(rows["lead_no"].to_numpy(np.int64), rows["at_us"].to_numpy(np.int64))

    @cached_property
    def settled(self) -> Track:
        """When something was decided or clarified: progress, wins and endings."""
        return self.did(PROGRESS, WON_M, ENDED_M)

    @cached_property
    def outbound(self) -> Track:
        """Our contacts without an answer in them."""
        acts = self.acts
        chosen = np.flatnonzero(((acts.marks & acts.bit("contact")) != 0) & ((acts.marks & acts.bit("response")) == 0))
        return Track.of(acts.lead_no[chosen].astype(np.int64), acts.at_us[chosen])

    @cached_property
    def movement(self) -> Track:
        """Everything that was done and decided nothing by itself."""
        acts = self.acts
        chosen = np.flatnonzero((acts.marks & acts.bit("decisive")) == 0)
        return Track.of(acts.lead_no[chosen].astype(np.int64), acts.at_us[chosen])

    @cached_property
    def stay_since_us(self) -> Numbers:
        """Start of each lead's current stay; the smallest integer where it is unknown."""
        return us(self.all["stay_started_at"])

    @cached_property
    def contents_repeated(self) -> Numbers:
        """How often content or an offer with one and the same subject went to each lead since its last progress.

        Counted where the activities live: the largest count of one subject; 0 = none.
        """
        import pyarrow as pa

        export = self.audit.export
        since = pa.table({"lead_id": pa.array(self.all["lead_id"]), "lead_no": self.all["lead_no"].to_numpy(),
                          "since": pa.array(self.all["stay_started_at"])})  # fmt: skip
        export.connection.register("finding_stays", since)
        counted = export.connection.sql(
            f"""
            SELECT lead_no, max(times) AS times FROM (
                SELECT s.lead_no, count(*) AS times
                FROM {export.names["activities"]} a JOIN finding_stays s USING (lead_id)
                WHERE a.kind IN ('content', 'offer') AND coalesce(a.done, true) AND a.subject IS NOT NULL
                  AND a."at" < ? AND (s.since IS NULL OR a."at" > s.since)
                GROUP BY s.lead_no, a.subject
            ) GROUP BY lead_no
            """,
            params=[self.as_of.to_pydatetime()],
        ).df()
        export.connection.unregister("finding_stays")
        found = np.zeros(len(self.all), np.int64)
        found[counted["lead_no"].to_numpy(np.int64)] = counted["times"].to_numpy(np.int64)
        return found

    def marked(self, name: str) -> Track:
        """Activities with a mark of the ledger (conversation, response, inbound, contact …)."""
        if (name,) not in self._tracks:
            chosen = self.acts.rows(name)
            self._tracks[name,] = Track.of(self.acts.lead_no[chosen].astype(np.int64), self.acts.at_us[chosen])
        return self._tracks[name,]

    @cached_property
    def conversations(self) -> Track:
        """Calls held and meetings."""
        return self.marked("conversation")

    @cached_property
    def responses(self) -> Track:
        """Reactions of the other side."""
        return self.marked("response")

    @cached_property
    def created_us(self) -> Numbers:
        """Creation of each lead; the smallest integer where it is unknown."""
        return us(self.all["created_at"])

    @cached_property
    def closed_us(self) -> Numbers:
        """Last known ending of each closed lead; :data:`NEVER_US` elsewhere."""
        closed = us(self.all["closed_at"])
        over = self.all["status"].isin(["won", "lost"]).to_numpy()
        return np.where(over & (closed > 0), closed, NEVER_US)

    def patience_us_at(self, lead_no: Numbers, at_us: Numbers) -> Numbers:
        """Patience of the stage in which each lead stood at a moment."""
        begins = self.milestones[self.milestones["what"].isin([CREATED_M, PROGRESS, REOPENED])]
        track = Track.of(begins["lead_no"].to_numpy(np.int64), begins["at_us"].to_numpy(np.int64))
        places = self.audit.judgement.history.history.places
        known = self.patience_by_stage
        by_place = [
            known.get((pipeline or "", stage), known[None]) for pipeline in places.pipelines for stage in places.stages
        ]
        patience = np.array([*by_place, known[None]], dtype=float)
        at = track.last(lead_no, at_us)
        place = begins["place"].to_numpy()[np.append(track.row, 0)[at]] if len(begins) else np.full(len(at), -1)
        place = np.where((at < 0) | (place < 0), len(patience) - 1, place)
        return (patience[place] * DAY_US).astype(np.int64)

    @cached_property
    def patience_by_stage(self) -> Mapping[Any, float]:
        """Patience in days by (pipeline, stage); under ``None`` that of leads whose stage is unknown."""
        stages = self.audit.stages
        keys = zip(stages["pipeline"].fillna(""), stages["stage"], strict=True)
        found: dict[Any, float] = dict(zip(keys, stages["patience_days"].astype(float), strict=True))
        default = self.audit.process.limits.patience_default_days
        found[None] = float(stages["patience_days"].median()) if len(stages) else default
        return found

    def absent(self, needs: Sequence[str]) -> list[str]:
        """Of evidence letters, columns and histories, those that the export lacks, has empty, or cannot know here."""
        return [need for need in needs if not self.readable(need)]

    def readable(self, need: str) -> bool:
        """Whether the export has one of these, and not only an empty column."""
        export = self.audit.export
        if need in _HISTORIES:
            fields = ", ".join(f"'{name}'" for name in _HISTORIES[need])
            query = f"SELECT 1 FROM {export.names['changes']} WHERE field IN ({fields}) LIMIT 1"
            return bool(export.connection.sql(query).fetchall())
        if need == "planned_meetings":
            query = f"SELECT 1 FROM {export.names['activities']} WHERE kind = 'meeting' AND NOT done LIMIT 1"
            return bool(export.connection.sql(query).fetchall())
        if need == "conversations":
            return len(self.conversations) > 0
        if need == "criteria_fields":
            return bool(self.criteria_columns)
        if len(need) == 1:
            return need in export.evidence
        return need in export.present and need not in export.masked and bool(self.all[need].notna().any())

    @cached_property
    def criteria_columns(self) -> list[str]:
        """Columns that preconditions are read from; without any, the export's own fields with few values."""
        named = [condition.column for condition in self.audit.process.preconditions if condition.column in self.all]
        if named:
            return list(dict.fromkeys(named))
        extra = [
            name
            for name in self.audit.export.extra_columns
            if name in self.all and name not in self.audit.export.masked
        ]
        return [name for name in extra if 0 < self.all[name].nunique() <= MOST_VALUES]


MOST_VALUES = 12
"""A field with more values than this is free text or a number, not a criterion."""


def us(times: pd.Series) -> Numbers:
    """Times as integers; a missing time is the smallest integer."""
    return times.to_numpy(dtype="datetime64[us]").view("int64")
