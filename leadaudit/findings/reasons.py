"""What the stated reasons of endings say: word lists, German and English, as data in ``reasons.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from leadaudit.findings.track import Numbers


@cache
def _pattern(name: str) -> re.Pattern[str]:
    text = resources.files("leadaudit.findings").joinpath("reasons.toml").read_text(encoding="utf-8")
    pieces = "|".join(tomllib.loads(text)[name])
    return re.compile(rf"\s*(?:{pieces})\s*" if name == "empty" else pieces, re.IGNORECASE)


def says_something(reasons: pd.Series) -> Numbers:
    """Where a reason is given and says something.

    Examples
    --------
    >>> says_something(pd.Series(["Kein Budget", "Sonstiges", "Other", None])).tolist()
    [True, False, False, False]
    """
    return _each(reasons, lambda reason: bool(reason.strip()) and _pattern("empty").fullmatch(reason) is None)


def is_about(reasons: pd.Series, name: str) -> Numbers:
    """Where a text contains a word of a list (``price``, ``by_them``, ``by_us``, ``reminder``).

    Examples
    --------
    >>> is_about(pd.Series(["Zu teuer", "Keine Rückmeldung", None]), "price").tolist()
    [True, False, False]
    """
    return _each(reasons, lambda reason: _pattern(name).search(reason) is not None)


def _each(reasons: pd.Series, test: Callable[[str], bool]) -> Numbers:
    """Ask each distinct reason once; missing = no."""
    codes, distinct = pd.factorize(reasons)
    found = np.array([test(str(reason)) for reason in distinct] + [False])
    return found[codes]


def pattern(name: str) -> str:
    """A list as one regular expression, for searching where the texts live (RE2)."""
    return f"(?i){_pattern(name).pattern}"
