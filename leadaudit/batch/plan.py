"""What a batch is asked to do: the words of the command line over those of a ``batch.toml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from leadaudit.batch.addresses import is_address, local_path
from leadaudit.batch.clients import SETTINGS
from leadaudit.batch.conditions import Condition, condition
from leadaudit.delivery import Order
from leadaudit.errors import ConfigError, OutputError, did_you_mean, listed
from leadaudit.written import ManyWritten, Nightly, OneOfMany, line_of, read_written


@dataclass(frozen=True)
class Plan:
    """Everything that a batch needs to know before it looks for clients.

    Attributes
    ----------
    patterns : tuple of str
        Where clients lie: folders, files, patterns, addresses.
    output : Path
        Folder of the results, absolute.
    shared : Order
        Settings for all clients that win over a client's own.
    limits : tuple of Condition
    written : Path or None
        The ``batch.toml``.
    each : mapping of str to OneOfMany
        Its tables ``[clients.NAME]``; paths in them are relative to that file.
    upload : str
        Address that results are copied to at the end; empty = none.
    keys : Path or None
        Folder for the keys of clients that have no place of their own.
    travel : bool
        Files go to the workers and come back with the work.
    """

    patterns: tuple[str, ...]
    output: Path
    shared: Order
    limits: tuple[Condition, ...] = ()
    written: Path | None = None
    each: Mapping[str, OneOfMany] = field(default_factory=dict)
    jobs: int | None = None
    scheduler: str = ""
    upload: str = ""
    keys: Path | None = None
    travel: bool = False

    def check_names(self, names: Sequence[str]) -> None:
        """Refuse a table ``[clients.NAME]`` for somebody who is not there.

        Raises
        ------
        ConfigError
            ``config_name``.
        """
        unknown = next((name for name in self.each if name not in names), None)
        if unknown is None or self.written is None:
            return
        there = sorted(set(names))
        raise ConfigError(
            "config_name",
            path=self.written,
            line=line_of(self.written.read_text(encoding="utf-8-sig"), ("clients", unknown, "")),
            key="clients",
            value=unknown,
            valid=listed(there),
            hint=did_you_mean(unknown, there),
        )


def plan_of(
    patterns: Sequence[str],
    output: str | Path | None,
    *,
    shared: Order,
    fail_on: Sequence[str] | None = None,
    jobs: int | None = None,
    scheduler: str = "",
    upload: str = "",
    travel: bool | None = None,
    pdf: bool | None = None,
) -> Plan:
    """Put together what was asked for; what is not given here is taken from the ``batch.toml``, if one is named.

    Parameters
    ----------
    patterns : sequence of str
        As for :func:`leadaudit.batch.batch`; a ``.toml`` file that is no ``audit.toml`` is a file for many.
    output, shared, fail_on, jobs, scheduler, upload, travel, pdf
        As for :func:`leadaudit.batch.batch`.

    Raises
    ------
    ConfigError
        A key of the file is unknown or a value wrong, with file and line; two such files; no folder named.
    """
    files = [
        name for name in patterns if name.endswith(".toml") and not is_address(name) and Path(name).name != SETTINGS
    ]
    if len(files) > 1:
        raise ConfigError("value_invalid", key="PATTERN", value=files[1], valid="one batch.toml")
    written = Path(files[0]).resolve() if files else None
    many = read_written(written, ManyWritten) if written else ManyWritten()
    nightly, home = many.batch, (written.parent if written else Path())
    plain = [name for name in patterns if name not in files]
    keys, folder = home / nightly.keys if nightly.keys else None, _folder(output, nightly, home, written)
    if keys is not None and keys.resolve().is_relative_to(folder):
        raise ConfigError("value_invalid", key="keys", value=nightly.keys, valid="a folder outside of the results")
    wanted_pdf = pdf if pdf is not None else (nightly.pdf if "pdf" in nightly.model_fields_set else shared.pdf)
    return Plan(
        patterns=(*plain, *(_from(home, name) for name in nightly.clients)),
        output=folder,
        shared=replace(shared, pdf=wanted_pdf, defaults=written if many.only_shared else None),
        limits=tuple(condition(text) for text in (fail_on or nightly.fail_on)),
        written=written,
        each=many.clients,
        jobs=jobs or nightly.jobs,
        scheduler=scheduler or nightly.scheduler,
        upload=upload or (nightly.upload and _from(home, nightly.upload)),
        keys=keys,
        travel=nightly.travel if travel is None else travel,
    )


def _folder(output: str | Path | None, nightly: Nightly, home: Path, written: Path | None) -> Path:
    """The folder of the results; an address is no folder that a half written report could be hidden in."""
    named = str(output) if output else _from(home, nightly.output) if nightly.output else ""
    if not named:
        where = f"-o DIR, output = … in {written.name}" if written else "-o DIR"
        raise ConfigError("value_invalid", key="output", value="", valid=where)
    folder = local_path(named)
    if folder is None:
        raise OutputError("output_address", address=named)
    return folder.resolve()


def _from(home: Path, name: str) -> str:
    return name if is_address(name) else str(home / name)
