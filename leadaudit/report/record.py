"""``audit.json`` as a file. Without pandas: the process that only sets results in place does not wait for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadaudit.report.placing import RECORD, sha256

SCHEMA_VERSION = 1


def write_record(record: Mapping[str, Any], folder: Path) -> None:
    """Write ``audit.json`` into a folder, with the hash of every other file in it."""
    hashes = {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.name != RECORD}
    text = json.dumps({**record, "files": hashes}, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8", newline="\n")
