"""What holds of the process as a whole: five ideas, a chapter each, and the trust in the audit itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.findings import decision_points, endings, maturity, past_endings, readiness
from leadaudit.findings.finding import Rule
from leadaudit.findings.view import View
from leadaudit.tables import FINDINGS, conform

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.audit import Audit

RULES: tuple[Rule, ...] = (
    *decision_points.RULES,
    *endings.RULES,
    *past_endings.RULES,
    *maturity.RULES,
    *readiness.RULES,
)


def findings(audit: Audit) -> pd.DataFrame:
    """All findings of an audit, in its language.

    Returns
    -------
    DataFrame
        FINDINGS: one row per finding, in the order of the report's chapters. A finding that needs
        something the export lacks is ``unreadable`` and says which file would make it possible.
    """
    import pandas as pd

    view = View(audit)
    rows = []
    for rule in RULES:
        row = rule.row(view, audit.language)
        view.grades.setdefault(rule.chapter, []).append(row["grade"])
        rows.append(row)
    return conform(pd.DataFrame(rows), FINDINGS)
