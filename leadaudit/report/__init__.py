"""What leaves the house: the report page, the decision workbook, the files for machines.

In a notebook: ``from leadaudit import report``, then one call per section, ``report.head(audit)``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadaudit.report.charts import curves as curves
    from leadaudit.report.charts import stages as stages
    from leadaudit.report.folder import write as write
    from leadaudit.report.sections import data_state as data_state
    from leadaudit.report.sections import head as head
    from leadaudit.report.sections import heading as heading
    from leadaudit.report.sections import leads as leads
    from leadaudit.report.sections import open_load as open_load

_HOME = {
    "curves": "charts",
    "stages": "charts",
    "write": "folder",
    "data_state": "sections",
    "head": "sections",
    "heading": "sections",
    "leads": "sections",
    "open_load": "sections",
}
__all__ = ["curves", "data_state", "head", "heading", "leads", "open_load", "stages", "write"]


def __getattr__(name: str) -> Any:
    """Import a section when it is first called for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
