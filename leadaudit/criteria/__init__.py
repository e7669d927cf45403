"""Criteria: each a small record and a pure function of the facts, answering held, not held or not determinable."""

from leadaudit.criteria.answer import Answer, Criterion, Facts
from leadaudit.criteria.custom import criterion
from leadaudit.criteria.endings import ENDINGS
from leadaudit.criteria.shades import SHADES
from leadaudit.criteria.stalls import STALLS
from leadaudit.criteria.vetoes import VETOES

CRITERIA: tuple[Criterion, ...] = (*ENDINGS, *VETOES, *STALLS, *SHADES)
"""All built-in criteria; within a role, in the order in which one is named first."""

__all__ = ["CRITERIA", "Answer", "Criterion", "Facts", "criterion"]
