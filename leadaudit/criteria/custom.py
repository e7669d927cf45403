"""Criteria of one's own, from a notebook: a function and a line above it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

import numpy as np
import pandas as pd

from leadaudit.criteria.answer import Answer, Criterion, Facts, Role, Unit
from leadaudit.errors import LeadAuditError
from leadaudit.tables import LETTERS

OWN_ROLES: tuple[Role, ...] = ("ending", "veto", "stall", "flag")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def criterion(
    name: str,
    role: Role,
    *,
    needs: str = "",
    unit: Unit = "",
    words: Mapping[str, str] | None = None,
    inferred: bool = False,
) -> Callable[[Callable[[Facts], Any]], Criterion]:
    """Make a criterion of a function; pass it as ``extra_criteria=`` to :func:`leadaudit.audit`.

    Parameters
    ----------
    name : str
        Its code: lower case letters, digits and underscores, not that of a built-in criterion.
    role : {"ending", "veto", "stall", "flag"}
        ``ending`` makes a lead overdue unless a veto stands against it, ``veto`` keeps it from being
        overdue, ``stall`` makes it stalled, ``flag`` is shown and stalls only past patience.
    needs : str
        Letters of evidence that it needs (H, E, N, F); without them it is not determinable.
    unit : {"days", "workdays", "count", "share", ""}
        Unit of observed value and limit.
    words : mapping of "de" and "en" to str, optional
        How the client reads it; its name if not given.
    inferred : bool
        True where the export does not say it outright.

    Returns
    -------
    decorator
        The function is given :class:`Facts` and returns a yes-or-no column, one value per lead
        (NA = not determinable), or an :class:`Answer`.

    Raises
    ------
    LeadAuditError
        ``custom_criterion``: for a bad name or role here; when judging, for an answer that does
        not fit the leads, or an error in the function.

    Examples
    --------
    >>> @criterion("large_and_quiet", "stall", words={"en": "large and quiet", "de": "groß und still"})
    ... def large_and_quiet(facts):
    ...     return (facts.evidence["amount"] > 100_000) & (facts.evidence["stay_days"] > 14)
    >>> large_and_quiet.name, large_and_quiet.role
    ('large_and_quiet', 'stall')
    """
    if not _NAME.fullmatch(name):
        raise LeadAuditError("custom_criterion", name=name, reason="needs a name of lower case letters, digits and _")
    if role not in OWN_ROLES:
        raise LeadAuditError(
            "custom_criterion", name=name, reason=f"has the role {role}; valid: {', '.join(OWN_ROLES)}"
        )
    if unit not in get_args(Unit):
        raise LeadAuditError(
            "custom_criterion", name=name, reason=f"has the unit {unit}; valid: days, workdays, count, share"
        )
    if not set(needs) <= set(LETTERS):
        raise LeadAuditError(
            "custom_criterion", name=name, reason=f"needs {needs}; valid letters: {', '.join(LETTERS)}"
        )

    def made(test: Callable[[Facts], Any]) -> Criterion:
        return Criterion(
            name=name,
            role=role,
            test=lambda facts: _checked(name, test, facts),
            needs=needs,
            unit=unit,
            inferred=inferred,
            origin="own",
            words=dict(words or {}),
        )

    return made


def _checked(name: str, test: Callable[[Facts], Any], facts: Facts) -> Answer:
    """What the function says, once it is sure that it fits the leads."""
    try:
        said = test(facts)
    except Exception as error:
        reason = f"failed ({type(error).__name__}: {error})"
        raise LeadAuditError("custom_criterion", name=name, reason=reason) from error
    answer = said if isinstance(said, Answer) else None
    held = _yes_or_no(name, said if answer is None else answer.held, len(facts))
    return Answer(held) if answer is None else _with_held(answer, held)


def _with_held(answer: Answer, held: pd.arrays.BooleanArray) -> Answer:
    return Answer(held, answer.observed, answer.limit, answer.basis, answer.since_at, answer.weak, answer.detail)


def _yes_or_no(name: str, said: Any, count: int) -> pd.arrays.BooleanArray:
    if np.ndim(said) != 1:
        raise LeadAuditError("custom_criterion", name=name, reason="gives no column of yes and no")
    if len(said) != count:
        raise LeadAuditError("custom_criterion", name=name, reason=f"gives {len(said)} answers for {count} leads")
    try:
        return pd.array(np.asarray(pd.Series(said).astype("object")), dtype="boolean")
    except (TypeError, ValueError) as error:
        raise LeadAuditError(
            "custom_criterion", name=name, reason="gives something other than yes, no or NA"
        ) from error
