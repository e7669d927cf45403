"""A copy of the results at an address: what changed, the overview last, so that its links always lead somewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadaudit.batch.addresses import reason_of, shown, system_of
from leadaudit.batch.record import RECORD
from leadaudit.errors import LeadAuditError, OutputError
from leadaudit.report.placing import sha256, worded

UPLOADED = ".leadaudit-uploaded.json"
_LAST = ("comparison.html", "portfolio.ipynb", "index.html", RECORD)
_NOT_UPLOADED = frozenset({"earlier"})


def upload(folder: Path, address: str, *, again: bool = False) -> int:
    """Copy the results of a batch to an address; what is there already with the same bytes is not sent again.

    Parameters
    ----------
    folder : Path
        Folder of the batch. What a person had changed (``earlier/``) stays there.
    address : str
        Such as ``s3://bucket/reports``. What it holds under the names of results is replaced: it is a copy.
    again : bool, default False
        Send everything.

    Returns
    -------
    int
        Number of files sent.

    Raises
    ------
    MissingExtraError, ConfigError
        Nothing is known of such addresses here.
    OutputError
        ``upload_failed``; what was sent is remembered, the rest is sent by the next run.
    """
    place = shown(address)
    sent = dict(_remembered(folder).get(place, {}))
    there = {} if again else sent
    here = {name: sha256(folder / name) for name in _results(folder)}
    changed = [name for name in _in_order(here) if there.get(name) != here[name]]
    name = ""
    try:
        system, root = system_of(address)
        for name in changed:
            target = f"{root.rstrip('/')}/{name}"
            system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
            system.put_file(str(folder / name), target)
            sent[name] = here[name]
        for name in [old for old in sent if old not in here]:
            if system.exists(f"{root.rstrip('/')}/{name}"):
                system.rm_file(f"{root.rstrip('/')}/{name}")
            del sent[name]
    except LeadAuditError:
        raise
    except Exception as error:
        raise OutputError("upload_failed", path=name, address=place, reason=reason_of(error)) from error
    finally:
        _remember(folder, place, sent)
    return len(changed)


def _results(folder: Path) -> list[str]:
    """Every file that a reader of the results may want, as a path seen from the folder."""
    found: list[str] = []
    for place, inner, files in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in _NOT_UPLOADED)
        seen_from = Path(place).relative_to(folder)
        found += [
            (seen_from / name).as_posix() for name in files if not name.startswith(".") and not name.endswith(".part")
        ]
    return found


def _in_order(names: Mapping[str, Any]) -> list[str]:
    return sorted(names, key=lambda name: (_LAST.index(name) + 1 if name in _LAST else 0, name))


def _remembered(folder: Path) -> dict[str, dict[str, str]]:
    try:
        content = json.loads((folder / UPLOADED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _remember(folder: Path, place: str, sent: Mapping[str, str]) -> None:
    content = {**_remembered(folder), place: dict(sorted(sent.items()))}
    part = folder / f"{UPLOADED}.part"
    with worded(folder / UPLOADED):
        part.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
        os.replace(part, folder / UPLOADED)
