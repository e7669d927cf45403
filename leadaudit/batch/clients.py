"""Who is to be audited: folders, settings files and single exports become clients with a folder each."""

from __future__ import annotations

import glob
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from leadaudit import __version__
from leadaudit.delivery import Order
from leadaudit.errors import ExportReadError, LeadAuditError
from leadaudit.notebooks.opening import exports_in, paths_of
from leadaudit.report.markup import slug
from leadaudit.report.placing import RECORDS, sha256
from leadaudit.written import ManyWritten, OneOfMany, read_written

SETTINGS = "audit.toml"
MAPPING = "mapping.toml"
SLUG_LETTERS = 60
"""Names of folders and files beyond that meet the limit of Windows, some folders further down."""

RESERVED = frozenset(
    {"earlier", "con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
"""Names that Windows or we keep for something else."""


@dataclass(frozen=True)
class Client:
    """One client of a batch.

    Attributes
    ----------
    name : str
        As a person calls it: ``client`` in its ``audit.toml``, else the name of its folder or file.
    source : Path
        Its folder or file.
    order : Order
        What is to be audited.
    trouble : LeadAuditError or None
        Why it cannot be audited, as far as is known without reading an export.
    address : str
        Where it was fetched from, if it was; its source is a copy then.
    """

    name: str
    source: Path
    order: Order
    trouble: LeadAuditError | None = None
    address: str = ""

    def size_bytes(self) -> int:
        """Of its files; large clients begin first, so that none is waited for at the end."""
        return sum(path.stat().st_size for path in self.order.files if path.is_file())


@dataclass(frozen=True)
class Known:
    """What else is known of clients before they are looked at.

    Attributes
    ----------
    each : mapping of str to OneOfMany
        Settings by name of folder or file; a client's own ``audit.toml`` wins over them.
    home : Path
        Folder that paths in those settings start from.
    places : mapping of Path to str
        Addresses of what was fetched.
    """

    each: Mapping[str, OneOfMany] = field(default_factory=dict)
    home: Path = Path()
    places: Mapping[Path, str] = field(default_factory=dict)


def find_clients(patterns: Sequence[str], shared: Order, output: Path, known: Known | None = None) -> list[Client]:
    """The clients that patterns name.

    Parameters
    ----------
    patterns : sequence of str
        Each a folder with exports, an ``audit.toml``, a single export, or a pattern for such.
    shared : Order
        Settings for all clients; where they are empty, those of a client's ``audit.toml`` hold.
    output : Path
        Folder of the results; never a client itself.
    known : Known, optional
        Settings for single clients, and where fetched ones come from.

    Returns
    -------
    list of Client
        In the order of their paths, each once. A name that leads nowhere is a client with trouble.

    Raises
    ------
    ExportReadError
        ``file_missing`` if no pattern leads anywhere.
    """
    known = known or Known()
    found: dict[Path, Client] = {}
    anything = False
    for path in _matched(patterns):
        source = path.parent if path.name == SETTINGS else path
        if source.resolve() == output.resolve() or _holds_results(source):
            continue
        anything = anything or path.exists()
        client = replace(_client(source, shared, known), address=known.places.get(source, ""))
        found.setdefault(source.resolve(), client)
    if not anything:
        raise ExportReadError("file_missing", path="; ".join(patterns))
    return [found[path] for path in sorted(found)]


def _matched(patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        is_pattern = glob.has_magic(pattern) and not Path(pattern).exists()
        matches = sorted(glob.glob(pattern)) if is_pattern else []  # noqa: PTH207 - a pattern may be absolute
        for name in matches or [pattern]:
            if not Path(name).name.startswith("."):
                yield Path(name)


def _holds_results(folder: Path) -> bool:
    return any((folder / record).is_file() for record in RECORDS)


def name_of(source: Path) -> str:
    """What a client is called as long as no settings call it otherwise."""
    return source.name if source.is_dir() else source.stem


def _client(source: Path, shared: Order, known: Known) -> Client:
    name = name_of(source)
    one = known.each.get(name, OneOfMany())
    try:
        return _with_settings(source, name, shared, one, known.home)
    except LeadAuditError as error:
        return Client(one.client or name, source, shared, error)


def _with_settings(source: Path, name: str, shared: Order, one: OneOfMany, home: Path) -> Client:
    """One client: its own audit.toml first, then what a batch.toml says of it, then what lies there."""
    folder = source if source.is_dir() else source.parent
    beside = source / SETTINGS if source.is_dir() else None
    settings = beside if beside and beside.is_file() else (home / one.process if one.process else None)
    said = _basics(settings) if settings else {}
    wanted = said.get("files") or one.files
    if wanted:
        files = paths_of(";".join(str(folder / file) for file in wanted))
    else:
        files = exports_in(source) if source.is_dir() else paths_of(str(source))
    # What the command line gives wins over the client's own file, and that over the tables for one or all.
    filled: dict[str, Any] = {
        key: getattr(shared, key) or ("" if key in said or key not in one.model_fields_set else getattr(one, key))
        for key in ("as_of", "language", "timezone", "privacy")
    }
    mapping = shared.mapping or next(iter(folder.glob(MAPPING)) if source.is_dir() else iter(()), None)
    order = replace(
        shared,
        **filled,
        files=files,
        process=settings,
        mapping=mapping or (home / one.mapping if one.mapping else None),
        key=shared.key or (home / one.key if one.key else None),
    )
    trouble = _missing(files) or (_empty(folder, files) if source.is_dir() else None)
    return Client(str(said.get("client") or one.client or name), source, order, trouble)


def _basics(settings: Path) -> Mapping[str, Any]:
    """The table ``[audit]`` as it stands; whether all is valid is checked when the client's turn comes."""
    try:
        basics = tomllib.loads(settings.read_text(encoding="utf-8-sig")).get("audit", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}
    return basics if isinstance(basics, dict) and isinstance(basics.get("files", []), list) else {}


def _missing(files: Iterable[Path]) -> LeadAuditError | None:
    absent = next((path for path in files if not path.exists()), None)
    return ExportReadError("file_missing", path=absent) if absent else None


def _empty(folder: Path, files: Sequence[Path]) -> LeadAuditError | None:
    return None if files else ExportReadError("client_empty", path=folder)


def fingerprint(client: Client) -> str:
    """What a client's audit depends on, as a hash: bytes and names of its files, settings, version.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    LeadAuditError
        ``file_unreadable``.
    """
    order = client.order
    settings = {name: value for name, value in asdict(order).items() if isinstance(value, str | bool)}
    parts: list[Any] = [__version__, settings]
    for path in filter(None, (*order.files, order.process, order.mapping)):
        parts.append([path.name, _hash(path)])
    if order.key:
        parts.append(_secret(order.key))
    if order.defaults:
        parts.append(read_written(order.defaults, ManyWritten).only_shared)
    if client.trouble:
        parts.append(client.trouble.code)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()


def _secret(path: Path) -> str:
    """Of a key only what pseudonyms are made of: the list of those it was used for grows with every audit."""
    try:
        return hashlib.sha256(str(json.loads(path.read_text(encoding="utf-8"))["key"]).encode()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _hash(path: Path) -> str:
    try:
        return sha256(path)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ExportReadError("file_unreadable", path=path, reason=error.strerror or type(error).__name__) from error


def slugs(
    clients: Sequence[Client], earlier: Mapping[str, str], taken: Iterable[str], places: Sequence[str]
) -> list[str]:
    """A folder name for each client: that of earlier runs, else a free one.

    Parameters
    ----------
    clients : sequence of Client
    earlier : mapping of place to slug
        As kept in ``batch.json``: a client's folder never changes, whoever comes later.
    taken : iterable of str
        Names that are in the folder already.
    places : sequence of str
        Where each client lies, as it is kept in ``batch.json``.

    Returns
    -------
    list of str
        At most 60 characters each, unique.
    """
    used = {*RESERVED, *(name.lower() for name in taken), *earlier.values()}
    found: list[str] = []
    for client, place in zip(clients, places, strict=True):
        chosen = earlier.get(place) or free_slug(client.name, used)
        used.add(chosen)
        found.append(chosen)
    return found


def free_slug(name: str, used: set[str]) -> str:
    """A folder name made from a client's name.

    Examples
    --------
    >>> free_slug("Müller & Söhne GmbH", set()), free_slug("Müller & Söhne GmbH", {"mueller-soehne-gmbh"})
    ('mueller-soehne-gmbh', 'mueller-soehne-gmbh-2')
    """
    plain = slug(name) if re.search(r"[^\W_]", name) else "client"
    candidate, number = plain[:SLUG_LETTERS].rstrip("-"), 1
    while candidate in used:
        number += 1
        ending = f"-{number}"
        candidate = plain[: SLUG_LETTERS - len(ending)].rstrip("-") + ending
    return candidate
