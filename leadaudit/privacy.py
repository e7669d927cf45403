"""Pseudonyms: an export in which no lead, company or person can be told by name.

One key per project makes them stable: the same key gives the same pseudonym, in every run and
every file. The key stays beside the project's settings and never goes into a result; whoever
has it can map back (``leadaudit decide --key``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from leadaudit.errors import ConfigError, OutputError
from leadaudit.ingest.loading.database import fresh_name, quoted

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export

KEY_FILE = "leadaudit.key"
GROUP_MIN_COUNT = 5
"""A group that is shown has at least so many persons and so many leads."""

_CHARACTERS = 12
_PREFIXES = {"lead": "L", "company": "C", "person": "P"}
_KINDS: dict[str, dict[str, str]] = {
    "leads": {"lead_id": "lead", "company": "company", "owner": "person"},
    "activities": {"lead_id": "lead", "by": "person"},
    "changes": {"lead_id": "lead", "by": "person"},
}


@dataclass(frozen=True)
class Key:
    """A project's secret and what it stood for so far."""

    secret: bytes
    leads: Mapping[str, str]

    def pseudonym(self, kind: str, value: str) -> str:
        """The pseudonym of a value; the same for the same key.

        Examples
        --------
        >>> Key(b"0" * 32, {}).pseudonym("lead", "D-1042")
        'L-5EG4RCTL4Y3S'
        """
        digest = hmac.new(self.secret, f"{kind}\0{value}".encode(), hashlib.sha256).digest()
        return f"{_PREFIXES[kind]}-{base64.b32encode(digest).decode()[:_CHARACTERS]}"


def open_key(path: Path) -> Key:
    """Read a project's key, or make one where there is none.

    Parameters
    ----------
    path : Path
        Usually ``leadaudit.key`` beside ``audit.toml``.

    Raises
    ------
    ConfigError
        If the file is not a key.
    OutputError
        If none can be written there.
    """
    if path.exists():
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return Key(bytes.fromhex(raw["key"]), dict(raw["leads"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError("value_invalid", key="key", value=path, valid="a file that leadaudit wrote") from error
    key = Key(secrets.token_bytes(32), {})
    _save(key, path)
    return key


def _save(key: Key, path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            json.dump({"key": key.secret.hex(), "leads": dict(sorted(key.leads.items()))}, stream)
        os.replace(part, path)
    except OSError as error:
        raise OutputError("cannot_write", path=path, reason=error.strerror or type(error).__name__) from error


def pseudonymised(export: Export, path: Path) -> Export:
    """An export with pseudonyms for leads, companies and persons, and without names of leads.

    Parameters
    ----------
    export : Export
    path : Path
        The project's key; made if absent, and completed so that ``decide --key`` can map back.

    Returns
    -------
    Export
        The same facts: every verdict stays as it is.
    """
    key = open_key(path)
    ids = [row[0] for row in export.connection.execute(f"SELECT lead_id FROM {export.names['leads']}").fetchall()]
    known = {key.pseudonym("lead", lead_id): lead_id for lead_id in ids}
    _save(Key(key.secret, {**key.leads, **known}), path)
    names = {table: _rewritten(export, table, key) for table in export.names}
    sources = tuple(replace(source, examples={}) for source in export.sources)
    issues = export.issues.assign(value=None).astype({"value": "str"})
    return replace(export, names=names, issues=issues, sources=sources)


def _rewritten(export: Export, table: str, key: Key) -> str:
    """A copy of a table with pseudonyms, in the same order of rows."""
    source, name = export.names[table], fresh_name(f"{table}_pseudonymous")
    joins, replaced = [], []
    for number, (column, kind) in enumerate(_KINDS[table].items()):
        lookup = _lookup(export, source, column, kind, key)
        joins.append(f"LEFT JOIN {lookup} m{number} ON m{number}.plain = t.{quoted(column)}")
        replaced.append(f"m{number}.pseudonym AS {quoted(column)}")
    if table == "leads":
        replaced.append("NULL::VARCHAR AS name")
    export.connection.execute(f"""
        CREATE TABLE {name} AS SELECT * EXCLUDE (_place) FROM (
            SELECT t.* REPLACE ({", ".join(replaced)})
            FROM (SELECT *, row_number() OVER () AS _place FROM {source}) t {" ".join(joins)}
        ) ORDER BY _place
    """)
    return name


def _lookup(export: Export, source: str, column: str, kind: str, key: Key) -> str:
    import pyarrow as pa

    rows = export.connection.execute(
        f"SELECT DISTINCT {quoted(column)} FROM {source} WHERE {quoted(column)} IS NOT NULL ORDER BY ALL"
    ).fetchall()
    plain = [str(row[0]) for row in rows]
    name = fresh_name("pseudonyms")
    pairs = pa.table(
        {"plain": pa.array(plain, pa.string()), "pseudonym": pa.array(_all(key, kind, plain), pa.string())}
    )
    export.connection.register("pairs_in_passing", pairs)
    export.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM pairs_in_passing")
    export.connection.unregister("pairs_in_passing")
    return name


def _all(key: Key, kind: str, values: Iterable[str]) -> list[str]:
    return [key.pseudonym(kind, value) for value in values]
