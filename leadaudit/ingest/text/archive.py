"""What a file is, whatever it is called: its kind by content, unpacked within limits."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, cast

from leadaudit.errors import ExportReadError

UNPACKED_LIMIT_BYTES = 4 * 1024**3
"""No more than this is unpacked from one file."""
WORKBOOK_LIMIT_BYTES = 1536 * 1024**2
"""A workbook is held in memory, so less is allowed."""
PACKED_RATIO_LIMIT = 400
"""Real tables shrink 5 to 40 times; a file that shrinks more than this is made to do harm."""
WORKBOOK_RATIO_LIMIT = 100
"""Sheets shrink 8 to 40 times."""
HEAD_BYTES = 8192
_PIECE_BYTES = 1024**2
NESTING_LIMIT = 3

_TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".html", ".htm", ".gz")

_WRONG_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF document"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"II*\0", "picture"),
    (b"RIFF", "media file"),
    (b"\0\0\0\x18ftyp", "media file"),
    (b"\0\0\0 ftyp", "media file"),
    (b"ID3", "media file"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"Rar!", "RAR archive"),
    (b"BZh", "bzip2 archive"),
    (b"\xfd7zXZ", "xz archive"),
    (b"\x28\xb5\x2f\xfd", "zstd archive"),
    (b"\x7fELF", "program"),
    (b"MZ\x90\0", "program"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"PAR1", "Parquet file"),
    (b"ARROW1", "Arrow file"),
    (b"{\\rtf", "RTF document"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass
class Source:
    """A file ready to be read.

    Attributes
    ----------
    path : Path
    kind : str
        ``delimited``, ``workbook`` or ``html``.
    open_bytes : callable
        Opens the unpacked bytes from their start; as often as wanted.
    byte_count : int
        Size on disk.
    compression, member : str or None
        ``gzip`` or ``zip``, and the name of the file inside.
    is_zip : bool
        A workbook of the kind that is itself a zip (xlsx, ods).
    wanted : str or None
        The file to read of a zip with several tables.
    """

    path: Path
    kind: str
    open_bytes: Callable[[], BinaryIO]
    byte_count: int
    compression: str | None = None
    member: str | None = None
    is_zip: bool = False
    wanted: str | None = None


class _Limited(io.RawIOBase):
    """Bytes of a compressed file, refused beyond a limit and worded when damaged."""

    def __init__(self, inner: BinaryIO, path: Path, packed_bytes: int, *outer: IO[bytes] | zipfile.ZipFile) -> None:
        self._inner = inner
        self._outer = outer
        self._path = path
        self._limit = min(UNPACKED_LIMIT_BYTES, max(64 * 1024**2, packed_bytes * PACKED_RATIO_LIMIT))
        self._read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            got = self._inner.read(len(view))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise ExportReadError("file_corrupt", path=self._path, reason=_first_line(error)) from error
        self._read_bytes += len(got)
        if self._read_bytes > self._limit:
            raise ExportReadError("file_too_large", path=self._path, limit=_in_megabytes(self._limit))
        view[: len(got)] = got
        return len(got)

    def close(self) -> None:
        if not self.closed:
            for stream in (self._inner, *self._outer):
                stream.close()
        super().close()


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _in_megabytes(byte_count: int) -> str:
    return f"{byte_count // 1024**2} MB"


def open_source(path: Path, *, member: str | None = None) -> Source:
    """Find out what a file is and how to read its bytes; of a zip with several tables, ``member``.

    Raises
    ------
    ExportReadError
        Missing, a folder, empty, not readable, or of a kind that holds no table.
    """
    try:
        if path.is_dir():
            raise ExportReadError("file_is_folder", path=path)
        size = path.stat().st_size
        if size == 0:
            raise ExportReadError("file_empty", path=path)
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except ExportReadError:
        raise
    except FileNotFoundError as error:
        raise ExportReadError("file_missing", path=path) from error
    except (OSError, ValueError) as error:
        raise ExportReadError("file_unreadable", path=path, reason=_reason(error)) from error
    return _unpacked(Source(path, "", lambda: cast(BinaryIO, path.open("rb")), size, wanted=member), head, 0)


def tables_in(path: Path) -> tuple[str, ...]:
    """Names of the tables in a zip, in its order; none for a file of another kind or a damaged one."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, zlib.error):
        return ()
    names = {member.filename for member in members}
    return () if names & _MARKS_OF_WORKBOOKS else tuple(member.filename for member in _tables_of(members))


_MARKS_OF_WORKBOOKS = frozenset({"[Content_Types].xml", "mimetype", "xl/workbook.xml"})
"""Files that make a zip a workbook or another document."""


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return _first_line(error)


def _unpacked(source: Source, head: bytes, depth: int) -> Source:
    if depth > NESTING_LIMIT:
        raise ExportReadError("file_corrupt", path=source.path, reason="archives within archives")
    if head.startswith(b"\x1f\x8b"):
        return _gunzipped(source, depth)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _unzipped(source, depth)
    if head.startswith(_OLE):
        source.kind = "workbook"
        return source
    for magic, found in _WRONG_KINDS:
        if head.startswith(magic):
            raise ExportReadError("file_wrong_kind", path=source.path, found=found)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise ExportReadError("no_table", path=source.path)
    source.kind = "html" if _is_html(head) else "delimited"
    if source.kind == "delimited" and _is_binary(head):
        raise ExportReadError("file_wrong_kind", path=source.path, found="binary file")
    return source


def _is_html(head: bytes) -> bool:
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith(b"<?xml"):
        return b"<table" in text or b"<html" in text or b"urn:schemas-microsoft-com:office:spreadsheet" in text
    return text.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<style", b"<body"))


def _is_binary(head: bytes) -> bool:
    """Many control characters; UTF-16 and a few stray zeros are not binary."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    zeros = head.count(0)
    if zeros:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) > 0.3 * len(head) / 2 and min(even, odd) < 0.1 * max(even, odd):
            return False
    controls = sum(head.count(byte) for byte in range(32) if byte not in (0, 1, 9, 10, 11, 12, 13, 26, 28, 29, 30, 31))
    return controls > 0.02 * len(head) + 2 or zeros > 0.3 * len(head)


def _gunzipped(source: Source, depth: int) -> Source:
    outer = source.open_bytes

    def open_bytes() -> BinaryIO:
        stream = outer()
        inner = cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))
        raw = _Limited(inner, source.path, source.byte_count, stream)
        return cast(BinaryIO, io.BufferedReader(raw, 1024 * 1024))

    return _inside(source, open_bytes, "gzip", None, depth)


def _inside(
    source: Source, open_bytes: Callable[[], BinaryIO], compression: str, member: str | None, depth: int
) -> Source:
    with open_bytes() as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        raise ExportReadError("file_empty", path=source.path)
    inner = Source(source.path, "", open_bytes, source.byte_count, compression, member)
    return _unpacked(inner, head, depth + 1)


def _unzipped(source: Source, depth: int) -> Source:
    try:
        with source.open_bytes() as stream, zipfile.ZipFile(_seekable(stream, source)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, zlib.error) as error:
        if isinstance(error, ExportReadError):
            raise
        raise ExportReadError("file_corrupt", path=source.path, reason=_first_line(error)) from error
    names = {member.filename for member in members}
    if names & _MARKS_OF_WORKBOOKS:
        return _workbook(source, members, names)
    member = _only_table(source, members)

    def open_bytes() -> BinaryIO:
        stream = _seekable(source.open_bytes(), source)
        try:
            archive = zipfile.ZipFile(stream)
            inner = cast(BinaryIO, archive.open(member))
        except RuntimeError as error:
            stream.close()
            raise ExportReadError("file_encrypted", path=source.path) from error
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, zlib.error) as error:
            stream.close()
            raise ExportReadError("file_corrupt", path=source.path, reason=_first_line(error)) from error
        raw = _Limited(inner, source.path, member.compress_size, archive, stream)
        return cast(BinaryIO, io.BufferedReader(raw, 1024 * 1024))

    if member.flag_bits & 1:
        raise ExportReadError("file_encrypted", path=source.path)
    return _inside(source, open_bytes, "zip", member.filename, depth)


def _seekable(stream: BinaryIO, source: Source) -> BinaryIO:
    """A zip needs its end first; one that is itself compressed is unpacked into memory."""
    if source.compression is None:
        return stream
    with stream:
        return io.BytesIO(read_up_to(stream, WORKBOOK_LIMIT_BYTES))


def _workbook(source: Source, members: list[zipfile.ZipInfo], names: set[str]) -> Source:
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise ExportReadError("file_wrong_kind", path=source.path, found="Word or PowerPoint document")
    total = sum(member.file_size for member in members)
    if total > WORKBOOK_LIMIT_BYTES or total > 64 * 1024**2 + WORKBOOK_RATIO_LIMIT * source.byte_count:
        raise ExportReadError("file_too_large", path=source.path, limit=_in_megabytes(WORKBOOK_LIMIT_BYTES))
    source.kind, source.is_zip = "workbook", True
    return source


def _files_of(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    return [
        member
        for member in members
        if not member.is_dir()
        and not member.filename.startswith("__MACOSX")
        and member.file_size > 0
        and not member.filename.rsplit("/", 1)[-1].startswith(".")
    ]


def _tables_of(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    return [member for member in _files_of(members) if member.filename.lower().endswith(_TABLE_ENDINGS)]


def _only_table(source: Source, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    files, tables = _files_of(members), _tables_of(members)
    if source.wanted is not None:
        tables = [member for member in tables if member.filename == source.wanted] or tables
    if not files:
        raise ExportReadError("file_wrong_kind", path=source.path, found="zip archive without a file in it")
    if not tables:
        raise ExportReadError("file_wrong_kind", path=source.path, found="zip archive without a table in it")
    if len(tables) > 1:
        from leadaudit.errors import listed

        found = f"zip archive with {len(tables)} tables ({listed([member.filename for member in tables])})"
        raise ExportReadError("file_wrong_kind", path=source.path, found=found)
    return tables[0]


def read_up_to(stream: BinaryIO | IO[bytes], limit_bytes: int) -> bytes:
    """Read a file up to a limit, in pieces: asked for the limit at once, it makes room for all of it."""
    pieces = iter(partial(stream.read, _PIECE_BYTES), b"")
    return b"".join(islice(pieces, limit_bytes // _PIECE_BYTES))
