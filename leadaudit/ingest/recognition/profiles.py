"""What each CRM writes: its headers by role, its stages and words, its conventions, as data.

One TOML file per CRM stands in ``crm/``; ``general.toml`` holds what is said everywhere, in German
and English, and explains the format in its head. Adding a CRM is adding a file. Here the files are
loaded and checked: an unknown key, role or meaning is an error that names file and line.

Reading and checking a file is :mod:`leadaudit.ingest.recognition.profile_file`. What the words mean is answered in :mod:`leadaudit.ingest.recognition.meanings`, which header is which in
:mod:`leadaudit.ingest.recognition.matching`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from leadaudit.errors import ConfigError, did_you_mean, listed

GENERAL = "general"
"""Id of the profile that belongs to no CRM."""

LANGUAGES = ("en", "de", "technical", "other")


@dataclass(frozen=True)
class HeaderRole:
    """What a CRM's header stands for.

    Attributes
    ----------
    role : str
        A key of :data:`leadaudit.ingest.recognition.roles.ROLES` of the table.
    language : str
        ``"en"``, ``"de"``, ``"both"``, ``"technical"`` (names of an API, a database or a warehouse copy) or
        ``"other"`` (any other language: read, but nothing is written in it).
    verified : bool
        Seen in an export, in the exporter's source or in the vendor's documentation.
    rank : int
        0 for the header that is preferred for this role, then 1, 2, …
    header : str
        As the CRM writes it.
    """

    role: str
    language: str
    verified: bool
    rank: int
    header: str


@dataclass(frozen=True)
class HeaderPattern:
    """A header with a variable part, such as ``Date entered "<Stage> (<Pipeline>)"``."""

    role: str
    language: str
    verified: bool
    header: str
    expression: re.Pattern[str]

    def match(self, header: str) -> dict[str, str] | None:
        """The variable parts of a header, such as ``{"stage": "Won", "pipeline": "Sales"}``; None if it does not fit."""
        found = self.expression.fullmatch(header.strip().strip("\ufeff*").strip())
        return {name: text for name, text in found.groupdict().items() if text} if found else None


@dataclass(frozen=True)
class ObjectProfile:
    """One kind of list that a CRM exports.

    Attributes
    ----------
    name : str
        Such as ``"opportunities"``.
    table : str
        ``"leads"``, ``"activities"`` or ``"changes"``: the table that its rows go to.
    kind : str or None
        Activities: the kind of every row, where the list holds only one.
    field : str or None
        Changes: the field that every row is about, where there is no column for it.
    whole_lead : bool
        Leads: false for the list of prospects that a CRM keeps beside its opportunities.
    files : tuple of str
        File names that the CRM gives it, with ``*``.
    headers : mapping of str to HeaderRole
        By normalised header.
    patterns : tuple of HeaderPattern
    """

    name: str
    table: str
    kind: str | None
    field: str | None
    whole_lead: bool
    files: tuple[str, ...]
    headers: Mapping[str, HeaderRole]
    patterns: tuple[HeaderPattern, ...]


@dataclass(frozen=True)
class Reading:
    """How a CRM writes files. Hints for a reader that looks for itself first; empty = not known.

    Attributes
    ----------
    formats, delimiters, encodings, decimals : tuple of str
        Seen ones, the usual one first.
    dates : tuple of str
        ``strptime`` formats, or ``iso``, ``epoch_ms``, ``epoch_s``, ``excel_serial``.
    true, false, nulls : tuple of str
        Cells that mean yes, no, nothing.
    timezone : str
        Zone of times without an offset where the CRM fixes one; ``""`` = that of the user.
    separator : str
        Between several values of one cell.
    banners, trailers, totals : tuple of str
        Regular expressions: lines before the table, after it, and sums between its rows.
    quirks : tuple of str
        Codes out of :data:`leadaudit.ingest.recognition.roles.QUIRKS`.
    unverified : tuple of str
        Names of the fields above that nobody has seen in a file yet.
    """

    formats: tuple[str, ...] = ()
    delimiters: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ()
    decimals: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    timezone: str = ""
    separator: str = ""
    banners: tuple[str, ...] = ()
    trailers: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    quirks: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True)
class Word:
    """What a value stands for: its meaning, the language it is written in, whether it was seen."""

    meaning: str
    language: str
    verified: bool
    text: str


@dataclass(frozen=True)
class Profile:
    """Everything known about one CRM's exports.

    Attributes
    ----------
    crm : str
        Id, the file's name without its ending.
    name : str
        As its maker writes it.
    reading : Reading
    objects : mapping of str to ObjectProfile
    words : mapping of str to mapping of str to Word
        By section (``stages``, ``status``, ``kinds``, …) and folded value.
    """

    crm: str
    name: str
    reading: Reading
    objects: Mapping[str, ObjectProfile]
    words: Mapping[str, Mapping[str, Word]]

    def of_table(self, table: str) -> tuple[ObjectProfile, ...]:
        """Objects whose rows go to a table, in the order of the file."""
        return tuple(one for one in self.objects.values() if one.table == table)

    def roles(self, table: str) -> Mapping[str, HeaderRole]:
        """Roles by normalised header.

        Parameters
        ----------
        table : str
            ``"leads"``, ``"activities"`` or ``"changes"``: all its objects together, the first wins.
            The roles of one object are its ``headers``.

        Examples
        --------
        >>> profile_of("pipedrive").roles("leads")["deal titel"].role
        'name'
        """
        merged: dict[str, HeaderRole] = {}
        for one in reversed(self.of_table(table)):
            merged.update(one.headers)
        return MappingProxyType(merged)

    def patterns(self, table: str) -> tuple[HeaderPattern, ...]:
        """Headers with a variable part, of all objects of a table."""
        return tuple(pattern for one in self.of_table(table) for pattern in one.patterns)


@lru_cache(maxsize=1)
def load_profiles() -> tuple[Profile, ...]:
    """Load every profile, the general one first, then by id.

    Returns
    -------
    tuple of Profile
        Loaded once per process.

    Raises
    ------
    ConfigError
        If a file has a key, role or meaning that is not known; file and line are named.

    Examples
    --------
    >>> load_profiles()[0].crm
    'general'
    """
    from leadaudit.ingest.recognition.profile_file import parse_profile

    folder = resources.files("leadaudit.ingest") / "crm"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    loaded = [parse_profile(one.name.removesuffix(".toml"), one.read_text(encoding="utf-8")) for one in files]
    return tuple(sorted(loaded, key=lambda profile: (profile.crm != GENERAL, profile.crm)))


def profile_of(crm: str) -> Profile:
    """The profile of one CRM.

    Raises
    ------
    ConfigError
        If there is none of that id.
    """
    profiles = load_profiles()
    found = next((profile for profile in profiles if profile.crm == crm), None)  # asked for each value of a file
    if found is None:
        valid = tuple(profile.crm for profile in profiles)
        raise ConfigError("value_invalid", key="crm", value=crm, valid=listed(valid) + did_you_mean(crm, valid))
    return found
