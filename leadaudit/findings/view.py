"""What findings look at: the audit's frames, each made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from leadaudit.audit import Audit


@dataclass(frozen=True)
class View:
    """One audit as findings see it."""

    audit: Audit

    @property
    def as_of(self) -> pd.Timestamp:
        """First moment not known."""
        return self.audit.as_of

    @cached_property
    def all(self) -> pd.DataFrame:
        """All leads: EVIDENCE and JUDGED columns, with the export's own columns that these lack."""
        known = self.audit.export.leads()
        judged = self.audit.leads
        extra = known[["lead_id", *[name for name in known.columns if name not in judged.columns]]]
        return judged.merge(extra, on="lead_id", how="left")

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
        """Leads that were ended without being won."""
        return self.all[self.all["status"] == "lost"]

    def absent(self, needs: Sequence[str]) -> list[str]:
        """Of evidence letters and columns, those that the export does not have (or that are masked)."""
        export = self.audit.export
        there = (set(export.evidence) | set(export.present)) - set(export.masked)
        return [need for need in needs if need not in there]
