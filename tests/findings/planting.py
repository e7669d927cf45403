"""Exports planted for findings: every event is known, so that the number of a finding is too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

import leadaudit
from leadaudit.audit import Audit
from leadaudit.findings import RULES
from leadaudit.findings.view import View
from leadaudit.ingest.export import Export
from leadaudit.process import Process, Stage

START = pd.Timestamp("2024-01-01")
END_DAY = 366
AS_OF = START + pd.Timedelta(days=END_DAY)

NEW, OFFER = Stage(name="New"), Stage(name="Offer")
CLOSED = (Stage(name="Won", kind="won"), Stage(name="Lost", kind="ended"))
PROCESS = Process(stages=(NEW, OFFER, Stage(name="Parked", kind="paused"), *CLOSED))
RULE = {rule.finding: rule for rule in RULES}


def on(day: float) -> pd.Timestamp:
    """A moment, in days since the beginning of the planted year."""
    return START + pd.Timedelta(days=day)


@dataclass
class Plant:
    """Leads, activities and changes, one by one."""

    leads: list[dict[str, Any]] = field(default_factory=list)
    acts: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    def lead(self, day: float, *path: tuple[float, str], **columns: Any) -> str:
        """A lead created on a day in "New", with moves to further stages; its last stage says whether it is closed."""
        lead_id = f"L{len(self.leads):04d}"
        steps = [(day, "New"), *path]
        # A minute per lead apart: nobody moves twenty leads at once here.
        shift = len(self.leads) * 0.001
        before = None
        for at, stage in steps:
            self.changes.append(
                {"lead_id": lead_id, "at": on(at + shift), "field": "stage", "before": before, "after": stage}
            )
            before = stage
        status = {"Won": "won", "Lost": "lost", "Parked": "paused"}.get(steps[-1][1], "open")
        closed = on(steps[-1][0] + shift) if status in ("won", "lost") else None
        row = {
            "lead_id": lead_id,
            "stage": steps[-1][1],
            "status": status,
            "created_at": on(day + shift),
            "closed_at": closed,
        }
        self.leads.append(row | columns)
        return lead_id

    def act(self, lead_id: str, day: float, kind: str = "email", direction: str = "outbound", **columns: Any) -> None:
        """One activity that was done."""
        self.acts.append(
            {"lead_id": lead_id, "at": on(day), "kind": kind, "direction": direction, "done": True, **columns}
        )

    def change(self, lead_id: str, day: float, name: str, before: Any, after: Any) -> None:
        """One change of another field."""
        self.changes.append({"lead_id": lead_id, "at": on(day), "field": name, "before": before, "after": after})

    def won(self, count: int = 12, *, offer: float = 10, close: float = 20, **columns: Any) -> list[str]:
        """Won leads: created, "Offer" after some days, won after some more; spread over the first half of the year."""
        return [self.lead(i * 10, (i * 10 + offer, "Offer"), (i * 10 + close, "Won"), **columns) for i in range(count)]

    def lost(self, count: int = 12, *, after: float = 30, **columns: Any) -> list[str]:
        """Leads that were ended out of "New" after some days."""
        return [self.lead(i * 10 + 5, (i * 10 + 5 + after, "Lost"), **columns) for i in range(count)]

    def open(self, count: int = 10, *, age: float = 60, **columns: Any) -> list[str]:
        """Open leads that never left "New"."""
        return [self.lead(END_DAY - age, **columns) for _ in range(count)]

    def export(self) -> Export:
        """All of it as an export."""
        changes = pd.DataFrame(self.changes) if self.changes else None
        return Export.of_frames(pd.DataFrame(self.leads), pd.DataFrame(self.acts) if self.acts else None, changes)

    def audit(self, process: Process | None = PROCESS) -> Audit:
        """Audited at the end of the year."""
        return leadaudit.audit(self.export(), process, as_of=AS_OF, language="en")

    def finds(self, finding: str, process: Process | None = PROCESS) -> dict[str, Any]:
        """What one finding says of it."""
        return RULE[finding].row(View(self.audit(process)), "en")
