"""Word lists, German and English, by which an activity is told: data in ``words.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any


@cache
def _lists() -> dict[str, Any]:
    text = resources.files("leadaudit.ledger").joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def pattern(name: str) -> str:
    """A regular expression that finds any word of a list, without case.

    Parameters
    ----------
    name : str
        A list of ``words.toml``, such as ``"automatic"``.

    Returns
    -------
    str
        Understood alike by DuckDB, Polars, Spark and :mod:`re`.

    Examples
    --------
    >>> import re
    >>> bool(re.search(pattern("automatic"), "Automatische Antwort: Angebot"))
    True
    """
    # Groups only bind here; pandas warns of those that capture.
    return "(?i)" + "|".join(_lists()[name]).replace("(", "(?:")


def any_pattern(patterns: Iterable[str]) -> str:
    """One expression out of several that each ignore case."""
    return "(?i)" + "|".join(part.removeprefix("(?i)") for part in patterns)


@cache
def pieces(name: str) -> tuple[str, ...]:
    """The entries of a list, for callers that build their own expression."""
    return tuple(_lists()[name])


@cache
def decision_words() -> dict[str, str]:
    """What a recorded decision says, in lower case, as ``continue``, ``pause`` or ``end``.

    Examples
    --------
    >>> decision_words()["pausieren"]
    'pause'
    """
    return {word: decision for decision, words in _lists()["decision"].items() for word in words}


@cache
def any_of(words: tuple[str, ...]) -> str:
    """A regular expression that finds any of a person's own words literally, without case."""
    return "(?i)" + "|".join(re.escape(word) for word in words)
