"""What each CRM writes: its headers by role, its stages and words, its conventions, as data.

One TOML file per CRM stands in ``crm/``; ``general.toml`` holds what is said everywhere, in German
and English, and explains the format in its head. Adding a CRM is adding a file. Here the files are
loaded and checked: an unknown key, role or meaning is an error that names file and line.

What the words mean is answered in :mod:`leadaudit.ingest.meanings`, which header is which in
:mod:`leadaudit.ingest.matching`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, NoReturn

from leadaudit.errors import ConfigError, did_you_mean, listed
from leadaudit.ingest.headers import fold, normalise_header
from leadaudit.ingest.roles import MEANINGS, ROLES

GENERAL = "general"
"""Id of the profile that belongs to no CRM."""

LANGUAGES = ("en", "de", "technical")
_UNVERIFIED = "_unverified"
_PLACEHOLDER = re.compile(r"<([A-Za-z_ ]+)>")


@dataclass(frozen=True)
class HeaderRole:
    """What a CRM's header stands for.

    Attributes
    ----------
    role : str
        A key of :data:`leadaudit.ingest.roles.ROLES` of the table.
    language : str
        ``"en"``, ``"de"``, ``"both"`` or ``"technical"`` (names of an API, a database or a warehouse copy).
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
        Codes out of :data:`leadaudit.ingest.roles.QUIRKS`.
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
            ``"leads"``, ``"activities"`` or ``"changes"`` (all its objects, the first wins), or the
            name of one object such as ``"opportunities"``.

        Examples
        --------
        >>> profile_of("pipedrive").roles("leads")["deal titel"].role
        'name'
        """
        if table in self.objects:
            return self.objects[table].headers
        merged: dict[str, HeaderRole] = {}
        for one in reversed(self.of_table(table)):
            merged.update(one.headers)
        return MappingProxyType(merged)

    def patterns(self, table: str) -> tuple[HeaderPattern, ...]:
        """Headers with a variable part, of a table or of one object."""
        if table in self.objects:
            return self.objects[table].patterns
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
    profiles = {profile.crm: profile for profile in load_profiles()}
    if crm not in profiles:
        valid = tuple(profiles)
        raise ConfigError("value_invalid", key="crm", value=crm, valid=listed(valid) + did_you_mean(crm, valid))
    return profiles[crm]


def parse_profile(crm: str, text: str) -> Profile:
    """Make a profile of the text of its TOML file.

    Parameters
    ----------
    crm : str
        Id; the file is called ``<crm>.toml``.
    text : str
        The file.

    Raises
    ------
    ConfigError
        If it is no TOML, or has an unknown key, role, meaning or language, or a wrong type.
    """
    return _File(crm, text).profile()


class _File:
    """One TOML file while it is checked: knows where each key stands."""

    def __init__(self, crm: str, text: str) -> None:
        self.crm = crm
        self.path = f"{crm}.toml"
        self.lines = text.splitlines()
        try:
            self.tree = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = getattr(error, "lineno", None) or _line_in_message(str(error))
            raise ConfigError("config_syntax", path=self.path, line=line, reason=str(error)) from None

    def profile(self) -> Profile:
        valid = ("name", "reading", "objects", *MEANINGS)
        self.check_keys(self.tree, valid, "")
        return Profile(
            crm=self.crm,
            name=self.text(self.tree, "name"),
            reading=self.reading(self.tree.get("reading", {})),
            objects=MappingProxyType({name: self.object(name, part) for name, part in self.tables("objects")}),
            words=MappingProxyType({section: self.words(section) for section in MEANINGS}),
        )

    def reading(self, part: Mapping[str, Any]) -> Reading:
        kinds = {one.name: one.default for one in fields(Reading)}
        self.check_keys(part, tuple(kinds), "reading")
        values = {key: self.text(part, key) if isinstance(kinds[key], str) else self.texts(part, key) for key in part}
        return Reading(**values)

    def object(self, name: str, part: Mapping[str, Any]) -> ObjectProfile:
        tongues = _tongues()
        self.check_keys(part, ("table", "kind", "field", "whole_lead", "files", *tongues), f"objects.{name}")
        table = part.get("table")
        if table not in ROLES:
            self.refuse_value("table", table, tuple(ROLES), f"objects.{name}")
        headers: dict[str, HeaderRole] = {}
        patterns: list[HeaderPattern] = []
        for tongue, language, verified in _spoken(part):
            place = f"objects.{name}.{tongue}"
            self.check_keys(part[tongue], tuple(ROLES[table]), place)
            for role in part[tongue]:
                for rank, header in enumerate(self.texts(part[tongue], role)):
                    if _PLACEHOLDER.search(header):
                        patterns.append(HeaderPattern(role, language, verified, header, _expression(header)))
                    else:
                        one = HeaderRole(role, language, verified, rank, header)
                        key = normalise_header(header)
                        headers[key] = _joined(headers[key], one) if key in headers else one
        return ObjectProfile(
            name=name,
            table=table,
            kind=part.get("kind"),
            field=part.get("field"),
            whole_lead=part.get("whole_lead", True),
            files=self.texts(part, "files"),
            headers=MappingProxyType(headers),
            patterns=tuple(patterns),
        )

    def words(self, section: str) -> Mapping[str, Word]:
        part = self.tree.get(section, {})
        self.check_keys(part, _tongues(), section)
        known: dict[str, Word] = {}
        for tongue, language, verified in _spoken(part):
            self.check_keys(part[tongue], MEANINGS[section], f"{section}.{tongue}")
            for meaning in part[tongue]:
                for text in self.texts(part[tongue], meaning):
                    known.setdefault(fold(text) or text, Word(meaning, language, verified, text))
        return MappingProxyType(known)

    def tables(self, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        yield from self.tree.get(key, {}).items()

    def text(self, part: Mapping[str, Any], key: str) -> str:
        value = part.get(key)
        if not isinstance(value, str):
            self.refuse_value(key, value, ("a text",), "")
        return value

    def texts(self, part: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = part.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.refuse_value(key, value, ("a list of texts",), "")
        return tuple(value)

    def check_keys(self, part: Any, valid: Iterable[str], place: str) -> None:
        known = tuple(valid)
        if not isinstance(part, dict):
            self.refuse_value(place, part, ("a table",), "")
        for key in part:
            if key not in known:
                raise ConfigError(
                    "config_key", path=self.path, line=self.line_of(key, place), key=f"{place}.{key}".lstrip("."),
                    valid=listed(known), hint=did_you_mean(key, known),
                )  # fmt: skip

    def refuse_value(self, key: str, value: Any, valid: tuple[str, ...], place: str) -> NoReturn:
        line = self.line_of(key, place)
        raise ConfigError("config_value", path=self.path, line=line, key=key, value=value, valid=listed(valid))

    def line_of(self, key: str, place: str) -> int:
        """First line at or below the table's head where the key stands; 1 if it cannot be told."""
        start = next((at for at, line in enumerate(self.lines) if line.strip().startswith(f"[{place}]")), 0)
        stands = re.compile(rf'\s*(?:\[{re.escape(place)}\.?)?"?{re.escape(key)}"?(?:[\s=.\]]|$)')
        below = range(start, len(self.lines))
        return 1 + next(
            (at for at in below if stands.match(self.lines[at].replace("[", "", 1)) or stands.match(self.lines[at])),
            start,
        )


def _line_in_message(message: str) -> int:
    found = re.search(r"line (\d+)", message)
    return int(found.group(1)) if found else 1


def _tongues() -> tuple[str, ...]:
    return tuple(language + end for language in LANGUAGES for end in ("", _UNVERIFIED))


def _spoken(part: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Tables of a part by language: key, language, verified; what was seen comes first, so it wins."""
    keys = sorted((key for key in _tongues() if key in part), key=lambda key: key.endswith(_UNVERIFIED))
    return [(key, key.removesuffix(_UNVERIFIED), not key.endswith(_UNVERIFIED)) for key in keys]


def _joined(seen: HeaderRole, other: HeaderRole) -> HeaderRole:
    """A header that stands in several lists: the first role holds, both languages count."""
    if seen.role != other.role or other.language in (seen.language, "technical"):
        return seen
    return replace(seen, language=other.language if seen.language == "technical" else "both", rank=min(seen.rank, other.rank))


def _expression(header: str) -> re.Pattern[str]:
    """A header with placeholders as a regular expression: any quote fits any other, blanks are free."""
    parts: list[str] = []
    for at, part in enumerate(_PLACEHOLDER.split(header)):
        if at % 2:
            parts.append(rf"(?P<{fold(part).replace(' ', '_')}>.+?)")
        else:
            words = re.escape(part).replace(r"\ ", r"\s+")
            parts.append(re.sub(r"""["'„“”‚‘’]+""", "[\"'„“”‚‘’]*", words))
    return re.compile("".join(parts), re.IGNORECASE)
