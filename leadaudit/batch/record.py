"""``batch.json``: what is known of every client, kept after each of them; ``docs/batch.schema.json`` is its promise."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from leadaudit import __version__, errors
from leadaudit.errors import LeadAuditError, OutputError
from leadaudit.report.placing import worded

RECORD = "batch.json"
SCHEMA_VERSION = 1
_LOCK = ".leadaudit-batch.lock"


@dataclass(frozen=True)
class Entry:
    """What is known of one client.

    Attributes
    ----------
    client : str
        Its name.
    slug : str
        Its folder in the folder of the batch.
    place : str
        Where its exports lie, seen from that folder.
    status : {"waiting", "done", "failed"}
        Waiting stands only in the record of a batch that was interrupted.
    fingerprint : str
        Hash of files, settings and version.
    language, as_of, evidence : str
        Of the last audit that was done; empty before.
    metrics : dict
        Its numbers (:func:`leadaudit.batch.metrics_of`); empty before.
    previous : dict or None
        ``as_of`` and ``metrics`` of the audit before that, on other files, settings or another version.
    without_pdf : dict or None
        Why there is no PDF although one was wanted.
    error : dict or None
        Why the last run failed: ``kind``, ``code``, ``fields`` and the English ``sentence``.
    notebook : str
        The executed notebook of the failed run, in the client's folder; empty if none was run.
    """

    client: str
    slug: str
    place: str
    status: Literal["waiting", "done", "failed"] = "waiting"
    fingerprint: str = ""
    language: str = ""
    as_of: str = ""
    evidence: str = ""
    metrics: Mapping[str, float | None] | None = None
    previous: Mapping[str, Any] | None = None
    without_pdf: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    notebook: str = ""

    @property
    def trouble(self) -> LeadAuditError | None:
        """The error as it was raised, to be worded in the reader's language."""
        return raised(self.error) if self.error else None


def facts_of(error: LeadAuditError) -> dict[str, Any]:
    """An error as JSON."""
    fields_ = {
        name: value if isinstance(value, int | float | str) else str(value) for name, value in error.fields.items()
    }
    return {"kind": type(error).__name__, "code": error.code, "fields": fields_, "sentence": str(error)}


def raised(facts: Mapping[str, Any]) -> LeadAuditError:
    """The error that was kept as JSON."""
    kind: type[LeadAuditError] = getattr(errors, facts["kind"], LeadAuditError)
    return kind(facts["code"], **facts["fields"])


def load_entries(folder: Path) -> list[Entry]:
    """The clients in a folder's ``batch.json``; none without one.

    Raises
    ------
    OutputError
        ``cannot_write`` if it was written by a newer version, whose record this one would damage.
    """
    record = _content(folder)
    if record.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise OutputError("cannot_write", path=folder / RECORD, reason="another version of leadaudit wrote it")
    known = {field.name for field in fields(Entry)}
    return [Entry(**{name: row[name] for name in row if name in known}) for row in record.get("clients", [])]


def _content(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def record_of(entries: Iterable[Entry], pages: Mapping[str, Any]) -> dict[str, Any]:
    """What ``batch.json`` says: clients by folder name, and what the pages were made from."""
    rows = sorted((asdict(entry) for entry in entries), key=lambda row: str(row["slug"]))
    counts = {status: sum(row["status"] == status for row in rows) for status in ("done", "failed", "waiting")}
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "counts": counts,
        "clients": rows,
        "pages_of": pages.get("pages_of", ""),
        "files": dict(pages.get("files", {})),
    }


def save(entries: Iterable[Entry], folder: Path) -> None:
    """Replace ``batch.json`` as a whole; what it says of the pages stays.

    Raises
    ------
    OutputError
        The old one is still there then.
    """
    write(record_of(entries, pages_in(folder)), folder)


def write(record: Mapping[str, Any], folder: Path) -> None:
    """Write a record as ``batch.json``, whole or not at all."""
    text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    part = folder / f"{RECORD}.part"
    with worded(folder / RECORD):
        try:
            part.write_text(text, encoding="utf-8", newline="\n")
            os.replace(part, folder / RECORD)
        finally:
            part.unlink(missing_ok=True)


def pages_in(folder: Path) -> dict[str, Any]:
    """What the record says of the overview: hashes of its files, and of the numbers it was made from."""
    content = _content(folder)
    return {"pages_of": content.get("pages_of", ""), "files": content.get("files", {})}


def begun(found: Sequence[Entry], earlier: Mapping[str, Entry]) -> dict[str, Entry]:
    """Entries at the start of a batch, by slug: what is known of each client, else waiting."""
    return {
        entry.slug: replace(earlier[entry.slug], client=entry.client, place=entry.place)
        if entry.slug in earlier
        else entry
        for entry in found
    }


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep a second batch out of the same folder; the system lets go when the process ends, however it ends.

    Raises
    ------
    OutputError
        ``batch_running``.
    """
    with worded(folder):
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / _LOCK).open("a+b")
    try:
        try:
            _lock(stream.fileno())
        except OSError as error:
            raise OutputError("batch_running", path=folder) from error
        yield
    finally:
        stream.close()


def _lock(handle: int) -> None:
    import sys

    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
