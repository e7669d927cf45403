"""``audit.toml``: sources, mapping, process, limits, privacy and language of one client.

Everything in it can be edited; an unknown key or a wrong value gets a message with file, line,
key and what is valid. Paths are relative to the file's own folder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leadaudit.errors import ConfigError, did_you_mean, listed
from leadaudit.process import Limits, Precondition, Process, Stage


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Basics(_Settings):
    """The table ``[audit]``."""

    client: str = ""
    files: tuple[str, ...] = ()
    as_of: str = ""
    language: Literal["", "de", "en"] = ""
    timezone: str = ""
    privacy: Literal["client", "full", "off"] = "client"


class Criteria(_Settings):
    """The table ``[criteria]``: what is switched off, and columns and words that criteria read."""

    off: frozenset[str] = frozenset()
    decisive_subjects: tuple[str, ...] = ()
    urgency_columns: tuple[str, ...] = ()
    urgency_absent_values: tuple[str, ...] = ()


class Written(_Settings):
    """The whole file, as written."""

    audit: Basics = Basics()
    mapping: dict[str, dict[str, str]] = Field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    preconditions: tuple[Precondition, ...] = ()
    criteria: Criteria = Criteria()
    limits: Limits = Limits()


class Project(_Settings):
    """One client's settings, ready to use.

    Attributes
    ----------
    files : tuple of Path
        Exports, absolute; patterns are left to the reader.
    mapping : dict of file name to dict of role to header, or None
        Columns that were not recognised rightly.
    process : Process
        Without stages, those are drafted from the data.
    """

    path: Path
    client: str
    files: tuple[Path, ...]
    as_of: str
    language: Literal["", "de", "en"]
    timezone: str
    privacy: Literal["client", "full", "off"]
    mapping: dict[str, dict[str, str]] | None
    process: Process


def load(path: Path) -> Project:
    """Read an ``audit.toml``.

    Raises
    ------
    ConfigError
        Naming file, line, key and the valid keys or values.
    """
    if not path.is_file():
        raise ConfigError("config_missing", path=path)
    text = path.read_text(encoding="utf-8-sig")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise ConfigError("config_syntax", path=path, line=line[1] if line else "?", reason=error) from error
    try:
        written = Written.model_validate(raw)
    except ValidationError as error:
        raise _worded(error, path, text) from error
    return _project(path, written)


def _project(path: Path, written: Written) -> Project:
    process = Process(
        stages=written.stages,
        preconditions=written.preconditions,
        limits=written.limits,
        criteria_off=written.criteria.off,
        decisive_subjects=written.criteria.decisive_subjects,
        urgency_columns=written.criteria.urgency_columns,
        urgency_absent_values=written.criteria.urgency_absent_values,
        drafted=not written.stages,
    )
    folder = path.resolve().parent
    basics = written.audit
    return Project(
        path=path,
        client=basics.client,
        files=tuple(folder / name for name in basics.files),
        as_of=basics.as_of,
        language=basics.language,
        timezone=basics.timezone,
        privacy=basics.privacy,
        mapping=written.mapping or None,
        process=process,
    )


def check_names(project: Project, *, columns: Sequence[str], criteria: Sequence[str]) -> None:
    """Refuse names that would have no effect: a misspelt column or criterion must not go unnoticed.

    Parameters
    ----------
    project : Project
    columns : sequence of str
        Columns of the leads that preconditions can be read from.
    criteria : sequence of str
        Names of criteria.

    Raises
    ------
    ConfigError
        ``config_name``, with file, line, key, and the names there are.
    """
    process = project.process
    stages = [stage.name for stage in process.stages]
    named: list[tuple[tuple[str | int, ...], str, Sequence[str]]] = []
    for number, wanted in enumerate(process.preconditions):
        named.append((("preconditions", number, "column"), wanted.column, columns))
        if wanted.from_stage and stages:
            named.append((("preconditions", number, "from_stage"), wanted.from_stage, stages))
    named += [(("criteria", "urgency_columns"), name, columns) for name in process.urgency_columns]
    named += [(("criteria", "off"), name, criteria) for name in sorted(process.criteria_off)]
    for where, name, valid in named:
        if name not in valid:
            line = line_of(project.path.read_text(encoding="utf-8-sig"), where)
            there = list(valid)
            raise ConfigError(
                "config_name", path=project.path, line=line, key=str(where[-1]), value=name, valid=listed(there),
                hint=did_you_mean(name, there),
            )  # fmt: skip


def _worded(error: ValidationError, path: Path, text: str) -> ConfigError:
    """The first of pydantic's complaints as one sentence."""
    first = error.errors()[0]
    where = first["loc"]
    line = line_of(text, where)
    key = str(where[-1])
    if first["type"] == "extra_forbidden":
        valid = _valid_keys(where[:-1])
        return ConfigError(
            "config_key", path=path, line=line, key=key, valid=listed(valid), hint=did_you_mean(key, valid)
        )
    expected = first.get("ctx", {}).get("expected") or first["msg"].removeprefix("Input should be ")
    return ConfigError("config_value", path=path, line=line, key=key, value=first["input"], valid=expected)


def _valid_keys(where: Sequence[str | int]) -> list[str]:
    """Keys that are valid at a place of the file."""
    model: Any = Written
    for part in where:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        inner = [kind for kind in get_args(annotation) if isinstance(kind, type)]
        model = inner[0] if inner else annotation
    return sorted(model.model_fields)


def line_of(text: str, where: Sequence[str | int]) -> int:
    r"""The line of a key in a TOML text; the table's own line where the key is not written out.

    Examples
    --------
    >>> line_of('[audit]\nlanguage = "fr"\n', ("audit", "language"))
    2
    """
    names = [str(part) for part in where if not isinstance(part, int)]
    wanted = next((part for part in where if isinstance(part, int)), 0)
    table, key = (".".join(names[:-1]), names[-1]) if len(names) > 1 else ("", names[0])
    current, seen, best = "", -1, 1
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[{1,2}([^\[\]]+)\]{1,2}", line)
        if header:
            current = header[1].strip()
            seen += current in (table, key)
            if current in (table, key) and seen == wanted:
                best = number
        elif current == table and seen in (wanted, -1) and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return best
