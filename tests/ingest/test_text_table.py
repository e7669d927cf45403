"""What :func:`leadaudit.ingest.read_text_table` promises to its callers."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

import leadaudit
from leadaudit.errors import ExportReadError
from leadaudit.ingest import read_text_table


def written(folder: Path, text: str | bytes, name: str = "deals.csv", encoding: str = "utf-8") -> Path:
    """Write a fixture exactly as given."""
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return file


DEALS = "Deal ID,Deal Name,Stage,Amount,Created\n" + "".join(
    f'{number},"Deal, no {number}",{"New" if number % 3 else "Won"},{number * 100}.50,2026-01-{number:02d}\n'
    for number in range(1, 25)
)


def test_rows_are_the_cells_of_the_file(tmp_path: Path) -> None:
    """Header and rows come out as they stand in the file, and every row knows its line."""
    table = read_text_table(written(tmp_path, DEALS))
    rows = list(table)
    assert table.header == ["Deal ID", "Deal Name", "Stage", "Amount", "Created"]
    assert rows[0] == ["1", "Deal, no 1", "New", "100.50", "2026-01-01"]
    assert len(rows) == 24
    assert list(table.line_numbers) == list(range(2, 26))
    assert (table.dialect.delimiter, table.dialect.quotechar, table.dialect.header_row) == (",", '"', 0)


def test_a_table_can_be_read_again(tmp_path: Path) -> None:
    """Each iteration starts anew."""
    table = read_text_table(written(tmp_path, DEALS))
    assert list(table) == list(table)


def test_blanks_in_cells_and_ragged_rows_stay(tmp_path: Path) -> None:
    """Nothing is stripped, padded or cut."""
    text = "id;name;stage;owner\n1; Anna ;New;x\n2;Ben;New\n3;Cleo;Won;y;extra\n4;Dora;New;x\n5;Emil;New;z\n"
    rows = list(read_text_table(written(tmp_path, text)))
    assert rows[:3] == [["1", " Anna ", "New", "x"], ["2", "Ben", "New"], ["3", "Cleo", "Won", "y", "extra"]]


@pytest.mark.parametrize(
    "header", ['Deal ID,"Deal Name,Stage,"Amount, net","Created"', 'DealID Name Stage "Amount" "Created"']
)
def test_a_damaged_header_is_still_the_header(tmp_path: Path, header: str) -> None:
    """A quote too many or another separator in the first line is told once the width of the rows is known."""
    table = read_text_table(written(tmp_path, header + "\n" + DEALS.split("\n", 1)[1]))
    assert (len(table.header), len(list(table)), table.dialect.rows_before) == (5, 24, [])


def test_cells_with_line_breaks_keep_their_line_number(tmp_path: Path) -> None:
    """A record is named by its first physical line."""
    text = 'id,note,stage\n1,"two\nlines",New\n2,plain,Won\n3,plain,New\n'
    table = read_text_table(written(tmp_path, text))
    assert list(table.numbered()) == [
        (2, ["1", "two\nlines", "New"]),
        (4, ["2", "plain", "Won"]),
        (5, ["3", "plain", "New"]),
    ]


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("mac-roman", "mac-roman"),
        ("cp850", "cp850"),
    ],
)
def test_german_text_survives_each_encoding(tmp_path: Path, encoding: str, named: str) -> None:
    """Umlauts are read rightly whatever wrote them."""
    names = ["Müller", "Größe", "Öztürk", "Straße", "Jäger", "Bäcker", "Schröder", "Weiß"]
    text = "Kunde;Phase;Betrag\r\n" + "".join(f"{name};Angebot für Büro;1.000,50\r\n" for name in names)
    table = read_text_table(written(tmp_path, text, encoding=encoding))
    assert [row[0] for row in table] == names
    assert table.dialect.encoding == named
    assert table.dialect.newline == "\r\n"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("really.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "file_wrong_kind"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "file_wrong_kind"),
        ("broken.xlsx", b"PK\x03\x04" + b"nothing that is a workbook" * 20, "file_corrupt"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file_corrupt"),
        ("cut.csv.gz", gzip.compress(DEALS.encode() * 50)[:200], "file_corrupt"),
    ],
)
def test_what_holds_no_table_is_refused_in_one_sentence(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    """A file that cannot be read says why, and names itself."""
    with pytest.raises(ExportReadError) as caught:
        list(read_text_table(written(tmp_path, content, name)))
    assert caught.value.code == code
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "header", "code"),
    [
        ("empty.csv", b"", [], "file_empty"),
        ("blank.csv", b"\n\n  \n", [], "no_table"),
        ("header.csv", b"Deal ID,Deal Name,Stage,Amount\n", ["Deal ID", "Deal Name", "Stage", "Amount"], "only_header"),
    ],
)
def test_a_file_without_rows_is_a_table_without_rows(
    tmp_path: Path, name: str, content: bytes, header: list[str], code: str
) -> None:
    """Reading the text alone refuses no empty file; reading an export does, and says why."""
    file = written(tmp_path, content, name)
    table = read_text_table(file)
    assert (table.header, list(table)) == (header, [])
    with pytest.raises(ExportReadError) as caught:
        leadaudit.read(file)
    assert caught.value.code == code
    assert name in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    """The two commonest slips get their own sentence."""
    with pytest.raises(ExportReadError, match="There is no file"):
        read_text_table(tmp_path / "nothing.csv")
    with pytest.raises(ExportReadError, match="is a folder"):
        read_text_table(tmp_path)


def test_compressed_tables_are_read(tmp_path: Path) -> None:
    """A gzip and a zip give the rows of the file inside."""
    plain = list(read_text_table(written(tmp_path, DEALS)))
    packed = read_text_table(written(tmp_path, gzip.compress(DEALS.encode()), "deals.csv.gz"))
    assert (list(packed), packed.dialect.compression) == (plain, "gzip")
    with zipfile.ZipFile(tmp_path / "deals.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export/deals.csv", DEALS)
    zipped = read_text_table(tmp_path / "deals.zip")
    assert (list(zipped), zipped.dialect.member) == (plain, "export/deals.csv")
