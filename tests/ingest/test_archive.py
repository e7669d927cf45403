"""What a file is, whatever it is called."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from leadaudit.errors import ExportReadError
from leadaudit.ingest import read_text_table

TABLE = b"Deal ID,Stage,Amount\nD-1,New,100\nD-2,Won,200\nD-3,Lost,300\n"


def packed(members: dict[str, bytes]) -> bytes:
    """A zip archive in memory."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "compression", "member"),
    [
        (TABLE, None, None),
        (gzip.compress(TABLE), "gzip", None),
        (packed({"deals.csv": TABLE}), "zip", "deals.csv"),
        (packed({"__MACOSX/._deals.csv": b"x", "readme.pdf": b"%PDF", "a/deals.csv": TABLE}), "zip", "a/deals.csv"),
        (gzip.compress(packed({"deals.csv": TABLE})), "zip", "deals.csv"),
        (packed({"deals.csv.gz": gzip.compress(TABLE)}), "gzip", None),
    ],
    ids=["plain", "gzip", "zip", "zip with more", "zip in gzip", "gzip in zip"],
)
def test_archives_are_unpacked(tmp_path: Path, content: bytes, compression: str | None, member: str | None) -> None:
    """The one table inside is read, through up to three layers."""
    file = tmp_path / "export.bin"
    file.write_bytes(content)
    table = read_text_table(file)
    assert [row[0] for row in table] == ["D-1", "D-2", "D-3"]
    assert (table.dialect.compression, table.dialect.member) == (compression, member)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (packed({"a.csv": TABLE, "b.csv": TABLE}), "zip archive with 2 tables \\(a.csv, b.csv\\)"),
        (packed({"readme.pdf": b"%PDF"}), "zip archive without a table in it"),
        (packed({"empty/": b""}), "zip archive without a file in it"),
        (packed({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<t/>"}), "Word or PowerPoint document"),
        (b"PK\x05\x06" + bytes(18), "zip archive without a file in it"),
        (b"SQLite format 3\0" + bytes(100), "SQLite database"),
        (b"PAR1" + bytes(100), "Parquet file"),
        (bytes(range(256)) * 40, "binary file"),
    ],
    ids=["two tables", "no table", "no file", "word", "empty zip", "sqlite", "parquet", "binary"],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    """The message says what the file is."""
    file = tmp_path / "export.csv"
    file.write_bytes(content)
    with pytest.raises(ExportReadError, match=sentence):
        read_text_table(file)


def test_encrypted_files_are_named_as_such(tmp_path: Path) -> None:
    """A workbook with a password is an OLE container, not a zip; zips carry a flag."""
    workbook = tmp_path / "secret.xlsx"
    workbook.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(400)
    )
    with pytest.raises(ExportReadError, match="protected by a password"):
        read_text_table(workbook)
    content = bytearray(packed({"deals.csv": TABLE}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    archive = tmp_path / "secret.zip"
    archive.write_bytes(bytes(content))
    with pytest.raises(ExportReadError, match="protected by a password"):
        read_text_table(archive)


def test_a_stray_cell_at_the_far_corner_is_named(tmp_path: Path) -> None:
    """It would ask for a grid of 17 billion cells."""
    book = openpyxl.Workbook()
    for place, text in {"A1": "id", "B1": "name", "A2": "1", "XFD1048576": " "}.items():
        book.active[place] = text
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(ExportReadError, match="reaches to cell XFD1048576"):
        read_text_table(tmp_path / "far.xlsx")
