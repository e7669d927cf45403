"""Reading a profile's TOML file, and refusing what no profile may say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any, NoReturn

from leadaudit.errors import ConfigError, did_you_mean, listed
from leadaudit.ingest.recognition.profiles import (
    LANGUAGES,
    HeaderPattern,
    HeaderRole,
    ObjectProfile,
    Profile,
    Reading,
    Word,
)
from leadaudit.ingest.recognition.roles import KINDS, MEANINGS, QUIRKS, ROLES
from leadaudit.ingest.values.headers import fold, normalise_header

_UNVERIFIED = "_unverified"
_PLACEHOLDER = re.compile(r"<([A-Za-z_ ]+)>")
_DATE_NAMES = ("iso", "epoch_ms", "epoch_s", "excel_serial")


def parse_profile(crm: str, text: str) -> Profile:
    r"""Make a profile of the text of its TOML file.

    Parameters
    ----------
    crm : str
        Id; the file is called ``<crm>.toml``.
    text : str
        The file.

    Returns
    -------
    Profile

    Raises
    ------
    ConfigError
        If it is no TOML, or has an unknown key, role, meaning, quirk or language, or a value of
        another type; file and line are named.

    Examples
    --------
    >>> profile = parse_profile("acme", 'name = "Acme"\n[objects.deals]\ntable = "leads"\n[objects.deals.de]\nstage = ["Phase"]')
    >>> profile.roles("leads")["phase"].role
    'stage'
    """
    file = _File(f"{crm}.toml", text)
    tree = file.tree()
    file.check_keys(tree, ("name", "reading", "objects", *MEANINGS), "")
    objects = {name: _object(file, name, part) for name, part in file.table(tree, "objects", "").items()}
    return Profile(
        crm=crm,
        name=file.text_of(tree, "name", ""),
        reading=_reading(file, file.table(tree, "reading", "")),
        objects=MappingProxyType(objects),
        words=MappingProxyType({section: _words(file, section, tree) for section in MEANINGS}),
    )


class _File:
    """The text of a profile: gives parts of the wanted type, or refuses with the line where they stand."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.lines = [line.strip() for line in text.splitlines()]

    def tree(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            line = int(found.group(1)) if found else len(self.lines)
            raise ConfigError("config_syntax", path=self.path, line=line, reason=str(error)) from None

    def table(self, part: Mapping[str, Any], key: str, place: str) -> dict[str, Any]:
        value = part.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, value, ("a table",), place)
        return value

    def text_of(self, part: Mapping[str, Any], key: str, place: str) -> str:
        value = part.get(key)
        if not isinstance(value, str):
            self.refuse(key, value, ("a text",), place)
        return value

    def choice(self, part: Mapping[str, Any], key: str, valid: Iterable[str], place: str) -> str:
        value = self.text_of(part, key, place)
        self.check_choice(value, key, tuple(valid), place)
        return value

    def texts(self, part: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
        value = part.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.refuse(key, value, ("a list of texts",), place)
        return tuple(value)

    def check_keys(self, part: Mapping[str, Any], valid: Iterable[str], place: str) -> None:
        known = tuple(valid)
        for key in part:
            if key not in known:
                line, name = self.line_of(key, place), f"{place}.{key}".lstrip(".")
                hint = did_you_mean(key, known)
                raise ConfigError("config_key", path=self.path, line=line, key=name, valid=listed(known), hint=hint)

    def check_choice(self, value: str, key: str, valid: tuple[str, ...], place: str) -> None:
        if value not in valid:
            self.refuse(key, value, valid, place)

    def refuse(self, key: str, value: Any, valid: tuple[str, ...], place: str) -> NoReturn:
        line, name = self.line_of(key, place), f"{place}.{key}".lstrip(".")
        raise ConfigError("config_value", path=self.path, line=line, key=name, value=value, valid=listed(valid))

    def line_of(self, key: str, place: str) -> int:
        """The line on which a key of a table stands, counted from 1; the table's head if it cannot be told."""
        start = next((at for at, line in enumerate(self.lines) if place and line.startswith(f"[{place}]")), 0)
        name = re.escape(key)
        stands = re.compile(rf'"?{name}"?\s*=|\[{re.escape(place + "." if place else "")}{name}[.\]]')
        below = range(start, len(self.lines))
        return 1 + next((at for at in below if stands.match(self.lines[at])), start)


def _reading(file: _File, part: Mapping[str, Any]) -> Reading:
    place = "reading"
    defaults = {one.name: one.default for one in fields(Reading)}
    file.check_keys(part, defaults, place)
    for quirk in file.texts(part, "quirks", place):
        file.check_choice(quirk, "quirks", tuple(QUIRKS), place)
    for name in file.texts(part, "unverified", place):
        file.check_choice(name, "unverified", tuple(defaults), place)
    for key in ("banners", "trailers", "totals"):
        for expression in file.texts(part, key, place):
            try:
                re.compile(expression)
            except re.error as error:
                file.refuse(key, expression, (f"a regular expression ({error})",), place)
    for written in file.texts(part, "dates", place):
        if "%" not in written:
            file.check_choice(written, "dates", _DATE_NAMES, place)
    values: dict[str, Any] = {
        key: file.text_of(part, key, place) if isinstance(defaults[key], str) else file.texts(part, key, place)
        for key in part
    }
    return Reading(**values)


def _object(file: _File, name: str, part: Any) -> ObjectProfile:
    place = f"objects.{name}"
    if not isinstance(part, dict):
        file.refuse(name, part, ("a table",), "objects")
    file.check_keys(part, ("table", "kind", "field", "whole_lead", "files", *_tongues()), place)
    table = file.choice(part, "table", ROLES, place)
    if not isinstance(part.get("whole_lead", True), bool):
        file.refuse("whole_lead", part["whole_lead"], ("true or false",), place)
    headers, patterns = _headers(file, part, place, table)
    return ObjectProfile(
        name=name,
        table=table,
        kind=file.choice(part, "kind", KINDS, place) if "kind" in part else None,
        field=file.choice(part, "field", MEANINGS["fields"], place) if "field" in part else None,
        whole_lead=part.get("whole_lead", True),
        files=file.texts(part, "files", place),
        headers=MappingProxyType(headers),
        patterns=tuple(patterns),
    )


def _headers(
    file: _File, part: Mapping[str, Any], place: str, table: str
) -> tuple[dict[str, HeaderRole], list[HeaderPattern]]:
    headers: dict[str, HeaderRole] = {}
    patterns: list[HeaderPattern] = []
    for tongue, language, verified in _spoken(part):
        by_role = file.table(part, tongue, place)
        file.check_keys(by_role, ROLES[table], f"{place}.{tongue}")
        for role in by_role:
            for rank, header in enumerate(file.texts(by_role, role, f"{place}.{tongue}")):
                if _PLACEHOLDER.search(header):
                    patterns.append(HeaderPattern(role, language, verified, header, _expression(header)))
                    continue
                key, one = normalise_header(header), HeaderRole(role, language, verified, rank, header)
                headers[key] = _joined(headers[key], one) if key in headers else one
    return headers, patterns


def _words(file: _File, section: str, tree: Mapping[str, Any]) -> Mapping[str, Word]:
    part = file.table(tree, section, "")
    file.check_keys(part, _tongues(), section)
    known: dict[str, Word] = {}
    for tongue, language, verified in _spoken(part):
        by_meaning = file.table(part, tongue, section)
        if MEANINGS[section]:
            file.check_keys(by_meaning, MEANINGS[section], f"{section}.{tongue}")
        for meaning in by_meaning:
            for text in file.texts(by_meaning, meaning, f"{section}.{tongue}"):
                known.setdefault(fold(text) or text, Word(meaning, language, verified, text))
    return MappingProxyType(known)


def _tongues() -> tuple[str, ...]:
    return tuple(language + end for language in LANGUAGES for end in ("", _UNVERIFIED))


def _spoken(part: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Tables of a part by language: key, language, verified; what was seen comes first, so it wins."""
    keys = sorted((key for key in _tongues() if key in part), key=lambda key: key.endswith(_UNVERIFIED))
    return [(key, key.removesuffix(_UNVERIFIED), not key.endswith(_UNVERIFIED)) for key in keys]


def _joined(seen: HeaderRole, other: HeaderRole) -> HeaderRole:
    """A header that stands in several lists: the first role holds, both languages count."""
    if seen.role != other.role or other.language in (seen.language, "technical", "other"):
        return seen
    return replace(
        seen,
        language=other.language if seen.language in ("technical", "other") else "both",
        rank=min(seen.rank, other.rank),
    )


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
