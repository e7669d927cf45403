"""``audit.toml`` drafted from the data, explained line by line, for consultant and client to complete.

The file gives the same verdicts as no file at all: what is in force in it is what was recognised
and drafted anyway, and everything else is on offer (commented out) until a person decides on it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.effects import effects
from leadaudit.errors import OutputError
from leadaudit.ingest.mapping import EVERY_FILE, TABLE_KEY, name_of
from leadaudit.ingest.recognition.roles import ROLES
from leadaudit.preconditions import separation
from leadaudit.process_file.fields import write_preconditions
from leadaudit.process_file.limits import write_criteria, write_limits
from leadaudit.process_file.page import Page
from leadaudit.process_file.stages import write_stages

if TYPE_CHECKING:
    from leadaudit.audit import Audit
    from leadaudit.language import Language

FILE = "audit.toml"

UNSURE_SHARE = 0.7
"""A column recognised with less confidence than this is pointed out."""


def process_text(
    audit: Audit,
    files: Sequence[Path],
    folder: Path,
    *,
    language: Language | None = None,
    mapping: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """Draft the text of an ``audit.toml``.

    Parameters
    ----------
    audit : Audit
        Made without a process file.
    files : sequence of Path
        The exports; written relative to `folder`.
    folder : Path
        Where the file is going to stand.
    language : {"de", "en"}, optional
        Of the comments and of later reports; by default the audit's own.
    mapping : mapping of file to (role to header), optional
        What a person said about columns; it is in force in the file.

    Returns
    -------
    str
        Valid TOML that :func:`leadaudit.project.load` reads.
    """
    page = Page(language or audit.language)
    page.say("head", on=audit.as_of - pd.Timedelta(1, "us"))
    page.say("how")
    page.say("run")
    _write_basics(page, audit, [_relative(file, folder) for file in files])
    _write_mapping(page, audit, mapping or {})
    learned = audit.judgement.learned
    write_stages(page, audit.process.stages, learned.stages, effects(audit.stays, audit.process))
    write_preconditions(page, separation(audit.export, wrong_entries=wrong_entries(audit)))
    write_criteria(page, audit.process)
    write_limits(page, audit.process, learned.streak_limit_count)
    return page.text


def wrong_entries(audit: Audit) -> frozenset[str]:
    """Leads ended as duplicate, test or wrong entry: they say nothing about winners and losers."""
    milestones = audit.judgement.history.milestones()
    ended = milestones["what"].isin(["won", "ended"]) & ~milestones["counts"].fillna(value=True)
    return frozenset(milestones.loc[ended, "lead_id"])


def check_free(path: Path) -> None:
    """Refuse a path that is taken, before any work is done for it.

    Raises
    ------
    OutputError
        ``process_exists``.
    """
    if path.exists():
        raise OutputError("process_exists", path=path)


def write_process(path: Path, text: str) -> None:
    """Write a new file; one that is there already is somebody's work and is left alone.

    Raises
    ------
    OutputError
        ``process_exists`` or ``cannot_write``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        check_free(path)
        raise OutputError("cannot_write", path=path, reason=error.strerror) from error
    except OSError as error:
        raise OutputError("cannot_write", path=path, reason=error.strerror) from error


def _relative(file: Path, folder: Path) -> str:
    """The path from the folder; absolute where there is none (another drive)."""
    try:
        return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return file.resolve().as_posix()


def _write_basics(page: Page, audit: Audit, files: list[str]) -> None:
    page.gap()
    page.table("audit")
    page.say("client")
    page.set("client", "")
    page.say("files")
    page.set("files", files)
    page.say("as_of", on=audit.as_of)
    page.offer("as_of", f"{audit.as_of:%Y-%m-%d}")
    page.say("language")
    page.set("language", page.language)
    page.say("timezone")
    page.set("timezone", audit.export.timezone)
    page.say("privacy")
    page.set("privacy", "client")


def _write_mapping(page: Page, audit: Audit, given: Mapping[str, Mapping[str, str]]) -> None:
    page.title("title.mapping")
    page.say("mapping")
    if EVERY_FILE in given:
        page.gap()
        page.table("mapping", EVERY_FILE)
        for role, header in given[EVERY_FILE].items():
            page.set(role, header)
    sources = audit.export.sources
    for source in sources:
        if source.kind not in ROLES:
            continue
        name = name_of(source, sources)
        page.gap()
        page.table("mapping", name)
        said = given.get(name, {})
        for key, header in said.items():
            page.set(key, header)
        if TABLE_KEY not in said:
            page.offer(TABLE_KEY, source.kind)
        for role, header in source.roles.items():
            if role in said:
                continue
            if source.sure.get(role, 1.0) < UNSURE_SHARE:
                page.say("mapping_unsure")
            page.offer(role, header)
