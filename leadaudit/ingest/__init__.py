"""Files to text tables, recognised CRMs, typed tables, an export."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_EXPORTS = {
    "read_text_table": "leadaudit.ingest.text_table",
    "TextTable": "leadaudit.ingest.text_table",
    "Dialect": "leadaudit.ingest.text_table",
    "load_table": "leadaudit.ingest.load",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the package itself imports fast."""
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_EXPORTS[name]), name)
