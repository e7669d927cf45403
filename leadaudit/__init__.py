"""Is this pipeline moving, or only busy?

leadaudit reads a CRM's exports, tells movement from progress, and says of every open lead
whether it is progressing, stalled or overdue for an ending, with the client's own history as
proof.

>>> import leadaudit
>>> export = leadaudit.read("deals.csv", "activities.xlsx", "history.csv")  # doctest: +SKIP
>>> audit = leadaudit.audit(export)                                         # doctest: +SKIP
>>> audit.leads                                                             # doctest: +SKIP

Importing the package is cheap: what stands behind a name is imported when the name is first used.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from leadaudit.lazily import offer

if TYPE_CHECKING:
    from leadaudit.audit import Audit as Audit
    from leadaudit.audit import audit as audit
    from leadaudit.errors import LeadAuditError as LeadAuditError
    from leadaudit.ingest.export import Export as Export
    from leadaudit.ingest.read import read as read

# openpyxl writes other bytes where lxml happens to be installed; the same input gives the same workbook everywhere.
os.environ.setdefault("OPENPYXL_LXML", "False")

__version__ = "0.1.0"

_HOME = {
    "Audit": "leadaudit.audit",
    "Export": "leadaudit.ingest.export",
    "LeadAuditError": "leadaudit.errors",
    "audit": "leadaudit.audit",
    "read": "leadaudit.ingest.read",
}

__all__ = ["Audit", "Export", "LeadAuditError", "__version__", "audit", "read"]


__getattr__ = offer(__name__, _HOME)


def __dir__() -> list[str]:
    """List the public names for completion in a notebook."""
    return sorted(__all__)
