"""Every sentence a client reads, German and English, as data; number and date formats.

The sentences stand in ``de/*.toml`` and ``en/*.toml``, in the same tables with the same keys. A
placeholder names its format: ``{n:count}`` 1.234 · ``{d:days}`` 12,5 · ``{x:number}`` 1,5 ·
``{p:percent}`` 3 % (from a share) · ``{on:date}`` 21.11.2026 · ``{v:money}`` 12.500 €
· ``{n:count;Ende;Enden}`` 1 Ende, 2 Enden · ``{n:;steht;stehen}`` the word that agrees. A value
with ``one`` and ``other``, and perhaps ``none``, is chosen by its field ``n`` (or the field named in ``by``).
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from leadaudit.errors import SENTENCES as ERRORS_IN_ENGLISH
from leadaudit.errors import LeadAuditError
from leadaudit.language.formats import form

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")

Text = str | Mapping[str, str]

_PLURAL = {"none", "one", "other", "by"}


class _Formatter(string.Formatter):
    """Formats fields by the named formats of :mod:`leadaudit.language.formats`."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        return form(value, format_spec, self.language)


@cache
def texts(language: Language) -> Mapping[str, Text]:
    """All sentences of one language, by dotted key (``reason.no_reaction``)."""
    folder = files("leadaudit.language") / language
    found: dict[str, Text] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        for key, text in _flat(tomllib.loads(file.read_text(encoding="utf-8")), ""):
            if key in found:
                raise KeyError(f"{key} stands twice in {language}")
            found[key] = text
    return found


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, Text]]:
    found: list[tuple[str, Text]] = []
    for key, value in table.items():
        if isinstance(value, str) or ("other" in value and set(value) <= _PLURAL):
            found.append((f"{prefix}{key}", value))
        else:
            found.extend(_flat(value, f"{prefix}{key}."))
    return found


def has(key: str) -> bool:
    """Whether a sentence of that key exists."""
    return key in texts("en")


def sentence(key: str, language: Language, **fields: Any) -> str:
    """One sentence in one language.

    Parameters
    ----------
    key : str
        Dotted key, e.g. ``"verdict.overdue"``.
    language : {"de", "en"}
        Language of the sentence and of its numbers and dates.
    **fields : object
        Facts that the sentence names.

    Returns
    -------
    str
        Plain text; callers escape it for where it goes.

    Raises
    ------
    KeyError
        If there is no such sentence; a test sees to it that there is one in both languages.

    Examples
    --------
    >>> sentence("verdict.overdue", "de")
    'Ende steht an'
    >>> sentence("format.lead_count", "en", n=1)
    '1 lead'
    """
    template = texts(language)[key]
    if not isinstance(template, str):
        template = template[_form(template, fields[template.get("by", "n")])]
    return _Formatter(language).vformat(template, (), fields)


def _form(template: Mapping[str, str], amount: Any) -> str:
    """Which form of a sentence an amount takes."""
    named = {0: "none", 1: "one"}.get(amount, "other")
    return named if named in template else "other"


def error_sentence(error: LeadAuditError, language: Language) -> str:
    """The sentence of an error, in German where the reader wants it."""
    if language == "en" or f"error.{error.code}" not in texts("de"):
        return str(error)
    fields = dict(error.fields)
    fields["hint"] = cast(str, fields["hint"]).replace("Did you mean", "Gemeint ist vielleicht")
    kind = "file_kind." + re.sub(r"[^a-z0-9]+", "_", str(fields.get("found", "")).lower())
    if error.code == "file_wrong_kind" and kind in texts("de"):
        fields["found"] = sentence(kind, "de")
    return sentence(f"error.{error.code}", "de", **fields)


def error_codes() -> tuple[str, ...]:
    """Codes of all errors, for the test that none lacks a German sentence."""
    return tuple(ERRORS_IN_ENGLISH)
