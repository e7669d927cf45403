"""An inspection as JSON values, the same in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadaudit import __version__
from leadaudit.ingest.mapping import name_of
from leadaudit.inspection.gathering import gathered

if TYPE_CHECKING:
    from leadaudit.ingest.export import Source
    from leadaudit.inspection import Inspection

SCHEMA_VERSION = 1
"""Raised when a key changes its meaning or goes; new keys may come without."""

LETTERS = "HENF"


def record(inspection: Inspection) -> dict[str, Any]:
    """All that was recognised, as described in ``docs/inspect.schema.json``; null = missing.

    Parameters
    ----------
    inspection : Inspection

    Returns
    -------
    dict
        JSON values only. ``examples`` are the client's own values.
    """
    sources, evidence = inspection.sources, inspection.evidence
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "language": inspection.language,
        "timezone": inspection.timezone,
        "first_known": _moment(inspection.first_known),
        "known_until": _moment(inspection.known_until),
        "evidence": evidence,
        "evidence_absent": None
        if evidence is None
        else "".join(letter for letter in LETTERS if letter not in evidence),
        "rows": {
            "read": sum(source.rows_read for source in sources),
            "used": sum(source.rows_used for source in sources),
            "set_aside": sum(source.rows_set_aside for source in sources),
        },
        "counts": None if inspection.counts is None else dict(inspection.counts),
        "tables": [_table(source, name_of(source, sources)) for source in sources],
        "issues": [issue.record() for issue in gathered(inspection.issues)],
    }


def _table(source: Source, name: str) -> dict[str, Any]:
    taken = {*source.roles.values(), *source.stage_columns}
    return {
        "name": name,
        "file": source.file,
        "sheet": source.sheet or None,
        "kind": source.kind,
        "shape": source.shape,
        "crm": source.crm,
        "object": source.crm_object or None,
        "language": source.language,
        "confidence": round(source.confidence, 3),
        "encoding": source.encoding or None,
        "delimiter": source.delimiter or None,
        "header_row": source.header_row,
        "dated_on": _moment(source.dated_on),
        "linked_by": source.linked_by or None,
        "unlinked_share": round(source.unlinked_share, 4),
        "rows_read": source.rows_read,
        "rows_used": source.rows_used,
        "rows_set_aside": source.rows_set_aside,
        "sha256": source.sha256,
        "columns": [
            {
                "role": role,
                "header": header,
                "confidence": round(min(1.0, source.sure.get(role, 1.0)), 3),
                "read_as": source.formats.get(header),
                "date_only": header in source.date_only,
                "examples": list(source.examples.get(header, ())),
            }
            for role, header in source.roles.items()
        ],
        "stage_columns": list(source.stage_columns),
        "other_columns": [header for header in source.columns if header not in taken],
    }


def _moment(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat())
