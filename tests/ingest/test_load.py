"""Text tables in DuckDB: every row there, with its line."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path

import duckdb
import openpyxl
import pytest

from leadaudit.ingest import read_text_table
from leadaudit.ingest.loading import load


def _pollution():
    spec = importlib.util.spec_from_file_location("pollution", Path(__file__).with_name("pollution.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules["pollution"] = module
    spec.loader.exec_module(module)
    return module


CASES = [case for number, case in enumerate(_pollution().cases(seed=5)) if number % 9 == 0]


def contents(connection, name: str = "t") -> list[tuple]:
    """All rows in the order of the file."""
    return connection.execute(f"SELECT * FROM {load.quoted(name)} ORDER BY _line").fetchall()


def expected(table) -> list[tuple]:
    """What iteration gives, padded and with empty cells missing."""
    width = len(table.column_names())
    return [
        (*(cell or None for cell in cells[:width]), *[None] * (width - len(cells)), line)
        for line, cells in table.numbered()
    ]


def test_the_database_holds_what_iteration_gives(tmp_path: Path) -> None:
    """Whichever way a file is loaded, the same rows, lines and rows set aside come out."""
    ways: Counter[str] = Counter()
    connection = duckdb.connect()
    for number, case in enumerate(CASES):
        file = tmp_path / f"{number}{case.ending}"
        file.write_bytes(case.content)
        table = read_text_table(file)
        rows, aside = expected(table), list(table.dialect.set_aside)
        report = table.to_duckdb(connection, "t")
        assert contents(connection) == rows, case.name
        assert report.loaded_count == len(rows), case.name
        assert [(line, why) for line, _, why in report.set_aside] == [(line, why) for line, _, why in aside], case.name
        ways[report.way] += 1
    connection.close()
    assert ways["duckdb"] > 15
    assert ways["stream"] > 3


def test_ragged_rows_are_loaded_and_named(tmp_path: Path) -> None:
    """A short row is padded, a long one cut, and both are reported with all their cells."""
    lines = ["id,name,stage", *(f"{number},Deal {number},New" for number in range(1, 60))]
    lines[10], lines[20] = "10,Deal 10", "20,Deal 20,Won,extra,more"
    file = tmp_path / "ragged.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with duckdb.connect() as connection:
        report = read_text_table(file).to_duckdb(connection, "t")
        rows = contents(connection)
    assert (report.way, report.loaded_count) == ("duckdb", 59)
    assert report.ragged == [(11, ["10", "Deal 10"]), (21, ["20", "Deal 20", "Won", "extra", "more"])]
    assert rows[9] == ("10", "Deal 10", None, 11)
    assert rows[19] == ("20", "Deal 20", "Won", 21)
    assert [row[-1] for row in rows] == list(range(2, 61))


def test_line_breaks_in_cells_move_the_lines_below(tmp_path: Path) -> None:
    """`_line` is the physical line on which a record begins."""
    text = "id,note\r\n" + "".join(
        f'{number},"a\r\nb\nc"\r\n' if number % 4 == 0 else f"{number},x\r\n" for number in range(40)
    )
    file = tmp_path / "notes.csv"
    file.write_bytes(text.encode())
    table = read_text_table(file)
    with duckdb.connect() as connection:
        report = table.to_duckdb(connection, "t")
        assert [row[-1] for row in contents(connection)] == list(table.line_numbers)
    assert report.way == "duckdb"


def test_rows_that_are_no_data_are_taken_out_again(tmp_path: Path) -> None:
    """Subtotals and repeated headers parse like data, and are still set aside."""
    header = "Deal ID,Name,Owner,Stage,Amount"
    deals = [f"D-{number},Deal {number},Ada,New,{number}00" for number in range(30)]
    lines = [header, *deals[:10], "Subtotal,,,,4500", header, *deals[10:], "Grand Total,,,,43500"]
    file = tmp_path / "report.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with duckdb.connect() as connection:
        report = read_text_table(file).to_duckdb(connection, "t")
        assert {row[0] for row in contents(connection)} == {f"D-{number}" for number in range(30)}
    assert [(line, why) for line, _, why in report.set_aside] == [
        (12, "subtotal"),
        (13, "repeated header"),
        (34, "subtotal"),
    ]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_other_encodings_are_loaded_fast_too(tmp_path: Path, encoding: str) -> None:
    """They are transcoded in a stream; the temporary file is gone afterwards."""
    file = tmp_path / "kunden.csv"
    file.write_bytes(("Nr;Kunde;Ort\r\n" + "".join(f"{n};Müller;Köln\r\n" for n in range(50))).encode(encoding))
    with duckdb.connect() as connection:
        report = read_text_table(file).to_duckdb(connection, "t")
        assert contents(connection)[0] == ("0", "Müller", "Köln", 2)
    assert (report.way, report.loaded_count) == ("duckdb", 50)


def test_hostile_headers_become_column_names(tmp_path: Path) -> None:
    """Quotes, blanks and doubles in headers neither break the load nor collide."""
    file = tmp_path / "headers.csv"
    file.write_text(
        '"Date entered ""Won (Sales)""",Amount,amount,,_line,O\'Neill\n1,2,3,4,5,6\n1,2,3,4,5,6\n', encoding="utf-8"
    )
    with duckdb.connect() as connection:
        report = read_text_table(file).to_duckdb(connection, 'a "b"')
        assert contents(connection, 'a "b"')[0] == ("1", "2", "3", "4", "5", "6", 2)
    assert report.columns == ['Date entered "Won (Sales)"', "Amount", "amount_2", "column_4", "_line_2", "O'Neill"]


def test_a_workbook_is_loaded_as_iteration_gives_it(tmp_path: Path) -> None:
    """Columns of numbers, dates and mixed cells have the text of their rows."""
    import datetime as dt

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Deal ID", "Count", "Amount", "Created", "Mixed", "Won"])
    for number in range(1, 40):
        mixed = [number, f"t{number}", None, dt.datetime(2026, 1, 2), 1e17][number % 5]
        sheet.append([f"00{number}", number, number / 8, dt.datetime(2026, 1, 1, number % 24), mixed, number % 2 == 0])
    sheet.append(["Grand Total", None, 97.5])
    book.save(tmp_path / "deals.xlsx")
    table = read_text_table(tmp_path / "deals.xlsx")
    rows = expected(table)
    with duckdb.connect() as connection:
        report = table.to_duckdb(connection, "t")
        assert contents(connection) == rows
    assert (report.way, report.loaded_count, len(report.set_aside)) == ("cells", 39, 1)
