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

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadaudit.audit import Audit as Audit
    from leadaudit.audit import audit as audit
    from leadaudit.errors import LeadAuditError as LeadAuditError
    from leadaudit.ingest import Export as Export
    from leadaudit.ingest import read as read

__version__ = "0.1.0"

_HOME = {
    "Audit": "leadaudit.audit",
    "Export": "leadaudit.ingest",
    "LeadAuditError": "leadaudit.errors",
    "audit": "leadaudit.audit",
    "read": "leadaudit.ingest",
}

__all__ = ["Audit", "Export", "LeadAuditError", "__version__", "audit", "read"]


def __getattr__(name: str) -> Any:
    """Import what stands behind a public name, or a room such as ``leadaudit.simulate``."""
    if name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    if not name.startswith("_"):
        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names for completion in a notebook."""
    return sorted(__all__)


class _Package(ModuleType):
    """Keeps ``leadaudit.audit`` a function.

    Importing the room ``leadaudit.audit`` would put the module in the place of the function of
    the same name; which of the two one gets must not depend on what was imported before.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOME and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
