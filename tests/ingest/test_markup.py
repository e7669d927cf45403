"""HTML tables that CRMs call .xls."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from leadaudit.errors import ExportReadError
from leadaudit.ingest import read_text_table

PAGE = """<meta http-equiv="Content-Type" content="text/html; charset={charset}">
<style>td {{ mso-number-format:"\\@"; }}</style>
<table border="1"><tr><td colspan=2><table><tr><td>layout</td></tr></table></td></tr></table>
<table><thead><tr><th>ID</th><th>Sdelka &amp; Name</th><th>Phase</th></tr></thead>
<tr><td>1<td>Müller &lt;GmbH&gt;<td rowspan=2>Angebot
<tr><td>2<td>Größe<br>unklar
<tr><td>3</td><td> Straße </td><td></td></tr>
</table>"""


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_the_biggest_table_of_a_page_is_read(tmp_path: Path, encoding: str) -> None:
    """Entities, spans, breaks and missing end tags are understood; layout tables are not data."""
    file = tmp_path / "deals.xls"
    file.write_bytes(PAGE.format(charset=encoding).encode(encoding))
    table = read_text_table(file)
    assert table.dialect.kind == "html"
    assert table.header == ["ID", "Sdelka & Name", "Phase"]
    assert list(table) == [["1", "Müller <GmbH>", "Angebot"], ["2", "Größe\nunklar", "Angebot"], ["3", "Straße", ""]]
    assert [sheet.name for sheet in table.dialect.sheets] == ["table 1", "table 2"]


def test_a_small_page_takes_little_memory(tmp_path: Path) -> None:
    """Nothing is reserved for the largest page that may be read: wide characters asked for most of a gigabyte."""
    file = tmp_path / "deals.xls"
    file.write_bytes(PAGE.format(charset="utf-32").encode("utf-32"))
    tracemalloc.start()
    try:
        read_text_table(file)
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024**2
    finally:
        tracemalloc.stop()


def test_excel_xml_is_read(tmp_path: Path) -> None:
    """SpreadsheetML of 2003 skips empty cells by an index."""
    cells = [("Id", "Stage", "Amount"), ("D-1", "New", "10"), ("D-2", "Won", "20")]
    written = [[f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row] for row in cells]
    rows = "".join(f"<Row>{''.join(row)}</Row>" for row in written)
    rows += '<Row><Cell><Data>D-3</Data></Cell><Cell ss:Index="3"><Data>30</Data></Cell></Row>'
    file = tmp_path / "deals.xls"
    file.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
        f"<Worksheet><Table>{rows}</Table></Worksheet></Workbook>",
        encoding="utf-8",
    )
    assert list(read_text_table(file)) == [["D-1", "New", "10"], ["D-2", "Won", "20"], ["D-3", "", "30"]]


def test_a_page_without_a_table_is_refused(tmp_path: Path) -> None:
    """A login page saved instead of the export."""
    file = tmp_path / "export.csv"
    file.write_text("<!DOCTYPE html><html><body><form>Please log in</form></body></html>", encoding="utf-8")
    with pytest.raises(ExportReadError, match="No table was found"):
        read_text_table(file)
