"""Settings files as they are written: ``audit.toml`` for one client, ``batch.toml`` for many.

What they may say is stated here as models; an unknown key or a wrong value gets a message with
file, line, key and what is valid.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_serializer

from leadaudit.errors import ConfigError, did_you_mean, listed
from leadaudit.process import Limits, Precondition, Stage


class Settings(BaseModel):
    """Base of all tables: frozen, and nothing unknown in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Common(Settings):
    """What ``[audit]`` may say for one client and for all."""

    as_of: str = ""
    language: Literal["", "de", "en"] = ""
    timezone: str = ""
    privacy: Literal["client", "full", "off"] = "client"


class Basics(Common):
    """The table ``[audit]`` of an ``audit.toml``."""

    client: str = ""
    files: tuple[str, ...] = ()


class Criteria(Settings):
    """The table ``[criteria]``: what is switched off, and columns and words that criteria read."""

    off: frozenset[str] = frozenset()
    decisive_subjects: tuple[str, ...] = ()
    urgency_columns: tuple[str, ...] = ()
    urgency_absent_values: tuple[str, ...] = ()

    @field_serializer("off")
    def _in_order(self, off: frozenset[str]) -> list[str]:
        """The same in every process, so that hashes of settings are."""
        return sorted(off)


class _Judgement(Settings):
    """What both files may say of the process."""

    mapping: dict[str, dict[str, str]] = Field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    preconditions: tuple[Precondition, ...] = ()
    criteria: Criteria = Criteria()
    limits: Limits = Limits()


class Written(_Judgement):
    """A whole ``audit.toml``."""

    audit: Basics = Basics()


class Nightly(Settings):
    """The table ``[batch]``: how the night is run. Options of the command line win over it."""

    clients: tuple[str, ...] = ()
    output: str = ""
    upload: str = ""
    keys: str = ""
    jobs: int | None = Field(default=None, ge=1)
    pdf: bool = True
    fail_on: tuple[str, ...] = ()
    scheduler: str = ""
    travel: bool = False


class OneOfMany(Basics):
    """A table ``[clients.NAME]``: settings for one client, named by its folder or file."""

    process: str = ""
    mapping: str = ""
    key: str = ""


class ManyWritten(_Judgement):
    """A whole ``batch.toml``: what holds for all clients whose own ``audit.toml`` says nothing else."""

    batch: Nightly = Nightly()
    audit: Common = Common()
    clients: dict[str, OneOfMany] = Field(default_factory=dict)

    @property
    def only_shared(self) -> dict[str, Any]:
        """What was written for all clients, as it stands in the file."""
        raw = self.model_dump(mode="json", exclude_unset=True)
        return {name: table for name, table in raw.items() if name not in ("batch", "clients")}


File = TypeVar("File", bound=Settings)


def read_written(path: Path, kind: type[File]) -> File:
    """Read a settings file.

    Parameters
    ----------
    path : Path
    kind : type
        :class:`Written` or :class:`ManyWritten`.

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
        return kind.model_validate(raw)
    except ValidationError as error:
        raise _worded(error, path, text, kind) from error


def over(above: Mapping[str, Any], below: Mapping[str, Any]) -> dict[str, Any]:
    """Two files as one: what the first says wins, key by key within a table; a list wins as a whole.

    Examples
    --------
    >>> over({"limits": {"pressure_count": 4}}, {"limits": {"pressure_count": 2, "busy_share": 0.5}})
    {'limits': {'pressure_count': 4, 'busy_share': 0.5}}
    """
    both = dict(below)
    for name, value in above.items():
        under = both.get(name)
        both[name] = over(value, under) if isinstance(value, Mapping) and isinstance(under, Mapping) else value
    return both


def _worded(error: ValidationError, path: Path, text: str, kind: type[Settings]) -> ConfigError:
    """The first of pydantic's complaints as one sentence."""
    first = error.errors()[0]
    where = first["loc"]
    line = line_of(text, where)
    key = str(where[-1])
    if first["type"] == "extra_forbidden":
        valid = _valid_keys(where[:-1], kind)
        return ConfigError(
            "config_key", path=path, line=line, key=key, valid=listed(valid), hint=did_you_mean(key, valid)
        )
    expected = first.get("ctx", {}).get("expected") or first["msg"].removeprefix("Input should be ")
    return ConfigError("config_value", path=path, line=line, key=key, value=first["input"], valid=expected)


def _valid_keys(where: Sequence[str | int], kind: type[Settings]) -> list[str]:
    """Keys that are valid at a place of the file."""
    model: Any = kind
    for part in where:
        if isinstance(part, int) or part not in model.model_fields:
            continue  # a place in a list, or the name of a client
        annotation = model.model_fields[part].annotation
        inner = [one for one in get_args(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]
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
            current = re.sub(r"[\"']", "", header[1]).strip()
            seen += current in (table, key)
            if current in (table, key) and seen == wanted:
                best = number
        elif current == table and seen in (wanted, -1) and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return best
