"""Files to text tables, recognised CRMs, typed tables, an export.

What stands behind a name is imported when the name is first used, so that the package itself
imports fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.lazily import offer

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export as Export
    from leadaudit.ingest.export import Source as Source
    from leadaudit.ingest.loading.load import load_table as load_table
    from leadaudit.ingest.read import read as read
    from leadaudit.ingest.text.text_table import Dialect as Dialect
    from leadaudit.ingest.text.text_table import TextTable as TextTable
    from leadaudit.ingest.text.text_table import read_text_table as read_text_table

_HOME = {
    "Dialect": "leadaudit.ingest.text.text_table",
    "Export": "leadaudit.ingest.export",
    "Source": "leadaudit.ingest.export",
    "TextTable": "leadaudit.ingest.text.text_table",
    "load_table": "leadaudit.ingest.loading.load",
    "read": "leadaudit.ingest.read",
    "read_text_table": "leadaudit.ingest.text.text_table",
}

__all__ = ["Dialect", "Export", "Source", "TextTable", "load_table", "read", "read_text_table"]

__getattr__ = offer(__name__, _HOME)
