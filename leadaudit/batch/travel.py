"""Work that travels: a client's files go to a worker in a parcel, and the results come back in one.

For workers that do not see the same files: those of a cluster without shared storage, or for
clients that were fetched from an address.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from leadaudit.batch.record import facts_of, raised
from leadaudit.delivery import Order
from leadaudit.errors import OutputError
from leadaudit.report.placing import FAILED, aside, check_folder, put_in_place, worded

_STAMP = (1980, 1, 1, 0, 0, 0)
_NAMED = ("process", "defaults", "mapping", "key")


@dataclass(frozen=True)
class Parcel:
    """An order with its files.

    Attributes
    ----------
    order : Order
        Its paths lie inside the parcel.
    content : bytes
        A ZIP archive.
    """

    order: Order
    content: bytes


def pack(order: Order) -> Parcel:
    """Put an order and every file that it names into a parcel.

    Raises
    ------
    OSError
        A file cannot be read.
    """
    inside: dict[Path, Path] = {path: Path(f"files/{number}/{path.name}") for number, path in enumerate(order.files)}
    named = {name: path for name in _NAMED if (path := getattr(order, name))}
    inside |= {path: Path(f"{name}/{path.name}") for name, path in named.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, place in inside.items():
            if path.exists():  # a key may be made by the audit
                archive.writestr(zipfile.ZipInfo(place.as_posix(), _STAMP), path.read_bytes(), zipfile.ZIP_DEFLATED)
    moved: dict[str, Any] = {name: inside[path] for name, path in named.items()}
    files = tuple(Path(f"files/{number}/{path.name}") for number, path in enumerate(order.files))
    return Parcel(replace(order, files=files, **moved), stream.getvalue())


@contextlib.contextmanager
def unpacked(parcel: Parcel) -> Any:
    """The order with its files in a private folder of this worker; gone afterwards.

    Yields
    ------
    order : Order
    folder : Path
        The private folder; results belong into ``folder / "out"``.
    """
    folder = Path(tempfile.mkdtemp(prefix="la-travel-"))
    try:
        with zipfile.ZipFile(io.BytesIO(parcel.content)) as archive:
            archive.extractall(folder)
        for name in (*_NAMED, "out"):
            (folder / name).mkdir(exist_ok=True)
        named = {name: folder / path for name in _NAMED if (path := getattr(parcel.order, name))}
        yield replace(parcel.order, files=tuple(folder / path for path in parcel.order.files), **named), folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def packed_results(folder: Path, order: Order) -> bytes:
    """Everything that an audit left in a worker's private folder: its results, and the key if it used one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted((folder / "out").iterdir()):
            if path.is_file() and not path.name.startswith("."):
                archive.write(path, f"out/{path.name}")
        if order.key and order.key.exists():
            archive.write(order.key, "key")
    return stream.getvalue()


def put_down(results: bytes, folder: Path, key: Path | None) -> None:
    """Put what came back in its place, as an audit on this computer would have.

    Parameters
    ----------
    results : bytes
        From :func:`packed_results`.
    folder : Path
        The client's folder.
    key : Path or None
        Where its key lies.

    Raises
    ------
    OutputError
        The folder is somebody else's or cannot be written; it is as it was before then.
    """
    check_folder(folder)
    with worded(folder), zipfile.ZipFile(io.BytesIO(results)) as archive:
        names = [name for name in archive.namelist() if name.startswith("out/")]
        if key is not None and "key" in archive.namelist():
            _write_key(archive.read("key"), key)
        if names == [f"out/{FAILED}"]:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / FAILED).write_bytes(archive.read(names[0]))
        elif names:
            with aside(folder) as new:
                for name in names:
                    (new / Path(name).name).write_bytes(archive.read(name))
                put_in_place(new, folder)
            (folder / FAILED).unlink(missing_ok=True)


def _write_key(content: bytes, key: Path) -> None:
    part = key.with_name(f"{key.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)
    os.replace(part, key)


def placed_at(facts: Mapping[str, Any], folder: Path, place: str) -> dict[str, Any]:
    """Facts of an error that speak of a private folder, as the reader knows the place.

    Parameters
    ----------
    facts : mapping
        From :func:`leadaudit.batch.record.facts_of`.
    folder : Path
        The private folder, as it stands in the facts.
    place : str
        What to call it; empty: files by their names alone.

    Examples
    --------
    >>> from leadaudit.errors import LeadAuditError
    >>> facts = facts_of(LeadAuditError("file_empty", path="/tmp/la-1/acme/deals.csv"))
    >>> placed_at(facts, Path("/tmp/la-1/acme"), "s3://bucket/acme")["sentence"]
    's3://bucket/acme/deals.csv is empty. Export it again from the CRM.'
    """
    error = raised(facts)
    error.fields = {
        name: _called(value, folder, place) if isinstance(value, str) else value for name, value in error.fields.items()
    }
    return facts_of(error)


def _called(text: str, folder: Path, place: str) -> str:
    for known in sorted({str(folder), str(folder.resolve()), folder.as_posix()}, key=len, reverse=True):
        text = text.replace(known + os.sep, f"{place}/" if place else "").replace(known, place or folder.name)
    return text


def check_sizes(parcel: Parcel) -> None:
    """Refuse what no scheduler carries.

    Raises
    ------
    OutputError
        ``parcel_large``.
    """
    if len(parcel.content) > MOST_BYTES:
        raise OutputError("parcel_large", found=len(parcel.content) >> 20, limit=MOST_BYTES >> 20)


MOST_BYTES = 500 << 20
"""Larger parcels belong on shared storage: all of it goes through the scheduler's memory."""
