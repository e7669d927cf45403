"""``audit.toml``: sources, mapping, process, limits, privacy and language of one client.

Everything in it can be edited; what it does not say may stand in a file for many clients, a
``batch.toml``. Paths are relative to the file's own folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from leadaudit.errors import ConfigError, did_you_mean, listed
from leadaudit.process import Process
from leadaudit.written import ManyWritten, Written, line_of, over, read_written


@dataclass(frozen=True)
class Project:
    """One client's settings, ready to use.

    Attributes
    ----------
    path : Path or None
        Its ``audit.toml``, if it has one.
    defaults : Path or None
        The ``batch.toml`` that fills its gaps, if there is one.
    files : tuple of Path
        Exports, absolute; patterns are left to the reader.
    mapping : dict of file name to dict of role to header, or None
        Columns that were not recognised rightly.
    process : Process
        Without stages, those are drafted from the data.
    """

    path: Path | None
    defaults: Path | None
    client: str
    files: tuple[Path, ...]
    as_of: str
    language: Literal["", "de", "en"]
    timezone: str
    privacy: Literal["client", "full", "off"]
    mapping: dict[str, dict[str, str]] | None
    process: Process


def load(path: Path | None, defaults: Path | None = None) -> Project:
    """Read an ``audit.toml``, a ``batch.toml`` that fills its gaps, or both.

    Parameters
    ----------
    path : Path or None
        The client's own file. What it says wins, key by key within a table; a list (stages,
        preconditions) wins as a whole.
    defaults : Path or None
        A file for many clients; its tables ``[batch]`` and ``[clients]`` are not read here.

    Raises
    ------
    ConfigError
        Naming file, line, key and the valid keys or values.
    """
    own = read_written(path, Written) if path else Written()
    if defaults is None:
        return _project(path, None, own)
    shared = read_written(defaults, ManyWritten).only_shared
    both = over(own.model_dump(mode="json", exclude_unset=True), shared)
    return _project(path, defaults, Written.model_validate(both))


def _project(path: Path | None, defaults: Path | None, written: Written) -> Project:
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
    folder = path.resolve().parent if path else Path()
    basics = written.audit
    return Project(
        path=path,
        defaults=defaults,
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
            there = list(valid)
            path, line = _written_in(project, where)
            raise ConfigError(
                "config_name", path=path, line=line, key=str(where[-1]), value=name, valid=listed(there),
                hint=did_you_mean(name, there),
            )  # fmt: skip


def _written_in(project: Project, where: tuple[str | int, ...]) -> tuple[Path, int]:
    """File and line of a key: the client's own file, if it says so there, else that of all."""
    for path, kind in ((project.path, Written), (project.defaults, ManyWritten)):
        if path is None:
            continue
        said = read_written(path, kind)
        if str(where[0]) in said.model_fields_set and _says(getattr(said, str(where[0])), where[1:]):
            return path, line_of(path.read_text(encoding="utf-8-sig"), where)
    raise AssertionError(where)


def _says(table: object, where: tuple[str | int, ...]) -> bool:
    return isinstance(where[0], int) or where[0] in getattr(table, "model_fields_set", ())
