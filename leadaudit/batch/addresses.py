"""Places beyond this computer: ``s3://``, ``az://``, ``gs://`` and whatever else fsspec knows."""

from __future__ import annotations

import glob
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from leadaudit.errors import ConfigError, ExportReadError, LeadAuditError, MissingExtraError
from leadaudit.notebooks.opening import EXPORT_ENDINGS

SETTINGS_FILES = ("audit.toml", "mapping.toml")
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+(://|::)")


def is_address(name: str) -> bool:
    """Whether a name is an address rather than a path; a drive of Windows is none.

    Examples
    --------
    >>> is_address("s3://bucket/clients/*"), is_address("zip://*.csv::clients.zip"), is_address("C:/clients")
    (True, True, False)
    """
    return bool(_ADDRESS.match(name))


def local_path(name: str) -> Path | None:
    """The path that a name stands for on this computer, ``file://`` included; None for another address."""
    if name.startswith("file://") and "::" not in name:
        return Path(url2pathname(unquote(urlsplit(name).path)))
    return None if is_address(name) else Path(name)


@dataclass(frozen=True)
class Fetched:
    """What was fetched.

    Attributes
    ----------
    patterns : tuple of str
        Paths and patterns of this computer, in place of addresses.
    places : mapping of Path to str
        Address of each folder or file that was fetched.
    troubles : mapping of str to LeadAuditError
        Why a client could not be fetched, by its address.
    """

    patterns: tuple[str, ...]
    places: Mapping[Path, str] = field(default_factory=dict)
    troubles: Mapping[str, LeadAuditError] = field(default_factory=dict)


@contextmanager
def fetched(patterns: Sequence[str]) -> Iterator[Fetched]:
    """Fetch the clients behind addresses into a private folder; it is gone afterwards.

    Parameters
    ----------
    patterns : sequence of str
        Paths, patterns and addresses; an address may be a pattern too.

    Raises
    ------
    MissingExtraError
        Without fsspec (the extra ``cluster``), or without its package for an address.
    ConfigError
        ``address_unknown``.
    LeadAuditError
        ``listing_failed``.
    """
    paths: list[str] = []
    places: dict[Path, str] = {}
    troubles: dict[str, LeadAuditError] = {}
    if not any(local_path(pattern) is None for pattern in patterns):
        yield Fetched(tuple(str(local_path(pattern)) for pattern in patterns))
        return
    aside = Path(tempfile.mkdtemp(prefix="la-fetched-"))
    try:
        for pattern in patterns:
            here = local_path(pattern)
            if here is not None:
                paths.append(str(here))
                continue
            for address, system, path in _found(pattern, troubles):
                place = aside / str(len(places)) / PurePosixPath(path).name
                try:
                    _fetch(system, path, place)
                except Exception as error:  # noqa: BLE001 - each kind of storage has errors of its own
                    troubles[address] = LeadAuditError("fetch_failed", path=address, reason=reason_of(error))
                    continue
                places[place] = address
                paths.append(str(place))
        yield Fetched(tuple(paths), places, troubles)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _found(pattern: str, troubles: dict[str, LeadAuditError]) -> list[tuple[str, Any, str]]:
    """Address, file system and path of each client that an address or a pattern of addresses names.

    Raises
    ------
    LeadAuditError
        ``listing_failed``: who the clients are is not known then, so nothing is done about any of them.
    """
    address = shown(pattern)
    try:
        system, path = system_of(pattern)
        matches = sorted(str(match) for match in system.glob(path)) if glob.has_magic(path) else [path]
        matches = [match.rstrip("/") for match in matches if system.exists(match)]
    except LeadAuditError:
        raise
    except Exception as error:
        raise LeadAuditError("listing_failed", address=address, reason=reason_of(error)) from error
    if not matches:
        troubles[address] = ExportReadError("file_missing", path=address)
    sources = dict.fromkeys(
        str(PurePosixPath(match).parent) if PurePosixPath(match).name == SETTINGS_FILES[0] else match
        for match in matches
        if not PurePosixPath(match).name.startswith(".")
    )
    return [(shown(_address_of(system, source, pattern)), system, source) for source in sources]


def system_of(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it.

    Raises
    ------
    MissingExtraError
        ``extra_missing`` without fsspec, ``backend_missing`` without its package for this kind of address.
    ConfigError
        ``address_unknown``.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtraError("extra_missing", extra="cluster") from error
    try:
        return url_to_fs(address)
    except ImportError as error:
        named = re.search(r"install ([\w-]+)", str(error), re.IGNORECASE)
        package = named[1] if named else str(error.name)
        raise MissingExtraError("backend_missing", address=shown(address), package=package) from error
    except ValueError as error:
        if "not known" not in str(error):
            raise
        raise ConfigError("address_unknown", address=shown(address)) from error


def check_address(address: str) -> None:
    """Whether this computer knows such addresses at all: told before a night's work, not after it.

    Raises
    ------
    MissingExtraError, ConfigError
        As :func:`system_of`.
    """
    try:
        system_of(address)
    except LeadAuditError:
        raise
    except Exception:  # noqa: BLE001, S110 - trouble with access is told where it is met
        pass


def _address_of(system: Any, path: str, pattern: str) -> str:
    """The address of one match; behind a chain such as ``zip://*::s3://…`` the rest of the chain stays."""
    if "::" in pattern:
        first, rest = pattern.split("::", 1)
        return f"{first.split('://')[0]}://{path}::{rest}"
    return str(system.unstrip_protocol(path))


def _fetch(system: Any, path: str, place: Path) -> None:
    """Copy one client: a file, or the tables and settings of a folder; sub-folders where an audit.toml may name them."""
    if not system.isdir(path):
        place.parent.mkdir(parents=True)
        system.get_file(path, str(place))
        return
    place.mkdir(parents=True)
    names = [str(name) for name in system.find(path)]
    deep = any(_below(name, path) == PurePosixPath(SETTINGS_FILES[0]) for name in names)
    for name in names:
        inside = _below(name, path)
        if _is_wanted(inside) and (deep or len(inside.parts) == 1):
            (place / inside).parent.mkdir(parents=True, exist_ok=True)
            system.get_file(name, str(place / inside))


def _below(name: str, folder: str) -> PurePosixPath:
    return PurePosixPath("/" + name.lstrip("/")).relative_to("/" + folder.strip("/"))


def _is_wanted(inside: PurePosixPath) -> bool:
    """Tables and settings, as in a folder of this computer; nothing that would lie outside of it."""
    strange = any(part.startswith((".", "~$")) for part in inside.parts)
    return not strange and (inside.suffix.lower() in EXPORT_ENDINGS or str(inside) in SETTINGS_FILES)


def shown(address: str) -> str:
    """An address as it may be printed and kept: without the password that may stand in it.

    Examples
    --------
    >>> shown("sftp://anna:geheim@host/clients/*")
    'sftp://host/clients/*'
    """
    return re.sub(r"//[^/@]*@", "//", address)


def reason_of(error: Exception) -> str:
    """What a kind of storage says of its trouble, in a few words; whole messages may hold what is nobody's business."""
    said = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
