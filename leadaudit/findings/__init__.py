"""What holds of the process as a whole: five ideas, a chapter each, and the trust in the audit itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leadaudit.findings import (
    consequences,
    conversations,
    decision_points,
    endings,
    maturity,
    past_endings,
    readiness,
    statuses,
    steering,
    trust,
)
from leadaudit.findings.finding import Rule
from leadaudit.findings.questions import Question, questions
from leadaudit.findings.view import View
from leadaudit.language import Language, sentence
from leadaudit.tables import FINDINGS, conform

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.audit import Audit

__all__ = ["RULES", "Question", "findings", "opening", "questions", "worked_out"]

RULES: tuple[Rule, ...] = (
    *decision_points.RULES,
    *consequences.RULES,
    *endings.RULES,
    *past_endings.RULES,
    *conversations.RULES,
    *maturity.RULES,
    *readiness.RULES,
    *steering.RULES,
    *statuses.RULES,
    steering.PROFILE,
    *trust.RULES,
)


def findings(audit: Audit) -> pd.DataFrame:
    """All findings of an audit, in its language.

    Returns
    -------
    DataFrame
        FINDINGS: one row per finding, in the order of the report's chapters. A finding that needs
        something the export lacks is ``unreadable`` and says which file would make it possible.
    """
    return worked_out(audit, RULES, audit.language)


def worked_out(audit: Audit, rules: Sequence[Rule], language: Language) -> pd.DataFrame:
    """Some findings, in one language.

    Parameters
    ----------
    audit : Audit
    rules : sequence of Rule
        In order; the profile of steering counts the grades of those before it.
    language : {"de", "en"}

    Returns
    -------
    DataFrame
        FINDINGS, one row per rule.
    """
    import pandas as pd

    view = View(audit)
    rows = []
    for rule in rules:
        row = rule.row(view, language)
        view.grades.setdefault(rule.chapter, []).append(row["grade"])
        rows.append(row)
    return conform(pd.DataFrame(rows), FINDINGS)


def opening(found: pd.DataFrame, language: Language) -> str:
    """What has to be said before all findings: that rates describe activity where few status changes decide something.

    Parameters
    ----------
    found : DataFrame
        FINDINGS (:func:`findings`).
    language : {"de", "en"}

    Returns
    -------
    str
        Empty where nothing has to be said.
    """
    changes = found[(found["finding"] == "status_changes_with_decision") & (found["value"] < statuses.STEERS_SHARE)]
    if changes.empty:
        return ""
    return sentence("finding.activity_only", language, n=changes["n"].iloc[0], share=changes["value"].iloc[0])
