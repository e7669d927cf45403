"""Putting results in their folder: all of them or none, and never over somebody's work.

Results are written into a folder aside and then put in place together. A file that was
changed since the last run (an edited notebook, a filled workbook) moves to ``earlier/<n>/``.
If anything cannot be moved, for a workbook open in Excel say, everything goes back.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leadaudit.errors import LeadAuditError, OutputError

RECORD = "audit.json"
"""The file by which a folder is known as an audit's own; it keeps the hashes of what was written."""

RECORDS = (RECORD, "batch.json")
"""The same, and that of a folder with the audits of many clients."""

FAILED = "report.failed.ipynb"
"""The executed notebook of a run that failed; it alone makes no folder somebody else's."""

PAGE, PAPER = "report.html", "report.pdf"

_ASIDE = ".leadaudit-new-"
_BEFORE = ".leadaudit-before"


@dataclass(frozen=True)
class Placed:
    """What was put in place, and what was kept because a person had changed it."""

    folder: Path
    files: tuple[str, ...]
    kept: tuple[Path, ...]


def check_folder(folder: Path) -> None:
    """Refuse a folder with files in it that no audit wrote.

    Raises
    ------
    OutputError
        ``folder_not_ours``; or ``cannot_write`` if it is a file.
    """
    if folder.is_file():
        raise OutputError("cannot_write", path=folder, reason="it is a file")
    if not folder.exists():
        return
    _restore(folder)
    foreign = (not entry.name.startswith(".") and entry.name != FAILED for entry in folder.iterdir())
    if any(foreign) and not _is_ours(folder):
        raise OutputError("folder_not_ours", path=folder)


def _is_ours(folder: Path) -> bool:
    return "schema_version" in _record(folder)


def _record(folder: Path) -> Mapping[str, object]:
    for name in RECORDS:
        try:
            record = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(record, dict):
            return record
    return {}


def _hashes(folder: Path) -> Mapping[str, object]:
    written = _record(folder).get("files")
    return written if isinstance(written, dict) else {}


@contextmanager
def aside(folder: Path) -> Iterator[Path]:
    """A fresh folder on the same disk to write results into; gone afterwards, whatever happens.

    Yields
    ------
    Path
        Give it to :func:`put_in_place` when everything is written.
    """
    made = not folder.exists()
    with worded(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for left_over in folder.glob(f"{_ASIDE}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder))
    try:
        with worded(folder):
            yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()


def put_in_place(new: Path, folder: Path) -> Placed:
    """Move every file of ``new`` into ``folder``, together or not at all.

    Parameters
    ----------
    new : Path
        Folder aside with the finished files.
    folder : Path
        The audit's folder.

    Returns
    -------
    Placed
        Names of the files, and the paths under ``earlier/`` of those that a person had changed.

    Raises
    ------
    OutputError
        ``file_locked`` if a file is open in another program; nothing was changed then.
    """
    names = sorted(entry.name for entry in new.iterdir())
    hashes = _hashes(folder)
    _refuse_locked(folder, names)
    before = folder / _BEFORE
    with worded(folder):
        before.mkdir(exist_ok=True)
    try:
        for name in names:
            _swap(name, new, folder, before)
        for name in _outdated(names, folder):
            os.replace(folder / name, before / name)
    except OSError as error:
        _put_back(names, new, folder)
        raise _wording(error, folder) from error
    return Placed(folder, tuple(names), _keep_changed(before, folder, hashes))


def _outdated(names: list[str], folder: Path) -> list[str]:
    """A PDF of an earlier report beside a new page without one would tell other numbers."""
    return [PAPER] if PAGE in names and PAPER not in names and (folder / PAPER).exists() else []


def _swap(name: str, new: Path, folder: Path, before: Path) -> None:
    target = folder / name
    if target.exists():
        os.replace(target, before / name)
    os.replace(new / name, target)


def _put_back(names: list[str], new: Path, folder: Path) -> None:
    for name in names:
        if not (new / name).exists() and (folder / name).exists():
            os.replace(folder / name, new / name)
    _restore(folder)


def _restore(folder: Path) -> None:
    """Put back what an interrupted run had moved away; if its successor is in place, keep a changed one."""
    before = folder / _BEFORE
    if not before.is_dir():
        return
    hashes = _hashes(before)
    for old in list(before.iterdir()):
        if not (folder / old.name).exists():
            os.replace(old, folder / old.name)
    _keep_changed(before, folder, hashes)


def _keep_changed(before: Path, folder: Path, hashes: Mapping[str, object]) -> tuple[Path, ...]:
    changed = [
        old for old in sorted(before.iterdir()) if old.name not in RECORDS and hashes.get(old.name) != sha256(old)
    ]
    kept: list[Path] = []
    if changed:
        shelf = _next_shelf(folder / "earlier")
        for old in changed:
            os.replace(old, shelf / old.name)
            kept.append(shelf / old.name)
    shutil.rmtree(before, ignore_errors=True)
    return tuple(kept)


def _next_shelf(earlier: Path) -> Path:
    taken = [int(entry.name) for entry in earlier.iterdir() if entry.name.isdigit()] if earlier.is_dir() else []
    shelf = earlier / str(max(taken, default=0) + 1)
    shelf.mkdir(parents=True)
    return shelf


def _refuse_locked(folder: Path, names: list[str]) -> None:
    """Office programs leave a lock file beside an open one; elsewhere than on Windows it is the only sign."""
    for name in names:
        if (folder / f"~${name}").exists() or (folder / f".~lock.{name}#").exists():
            raise OutputError("file_locked", path=folder / name)


@contextmanager
def worded(folder: Path) -> Iterator[None]:
    """Turn what the system says of a write that failed into an :class:`OutputError`.

    Raises
    ------
    OutputError
        ``disk_full``, ``file_locked`` or ``cannot_write``.
    """
    try:
        yield
    except LeadAuditError:
        raise  # some are errors of the system too, and worded already
    except OSError as error:
        raise _wording(error, folder) from error


def _wording(error: OSError, folder: Path) -> OutputError:
    path = error.filename or folder
    if error.errno == errno.ENOSPC:
        return OutputError("disk_full", path=path)
    if error.errno in (errno.EACCES, errno.EPERM) and Path(path).is_file():
        return OutputError("file_locked", path=path)
    return OutputError("cannot_write", path=path, reason=error.strerror or type(error).__name__)


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
