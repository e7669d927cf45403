"""What is done another way in big tables, because it is faster there, gives the same as what is done in small ones."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pandas as pd
import pytest

import leadaudit
from leadaudit.ingest.loading import load_cells
from leadaudit.ingest.loading.database import open_database
from leadaudit.ingest.loading.home import Home
from leadaudit.ingest.recognition.content import contents
from leadaudit.ingest.text import encoding
from leadaudit.ingest.text.layout import Layout
from leadaudit.ingest.text.rows_between import RowSorter
from leadaudit.ingest.text.spreadsheet import CellSource, as_text
from leadaudit.ingest.text.text_table import Dialect, TextTable, read_text_table

HEADER = "Deal ID,Deal Name,Company,Owner,Stage,Amount,Created Date,Next Step"
NO_DATA = {
    "a blank line": "",
    "empty cells": ",,,,,,,",
    "blanks": "  ,,,,,,,",
    "a subtotal": "Total,,,,,12.5,,",
    "a sum without a label": ",,,,,99,,",
    "a group": "New (12),,,,,,,",
    "the header again": HEADER,
    "the header with blanks": HEADER.replace(",", " ,"),
}


def lines(count: int, *, gaps: bool) -> list[str]:
    chance = random.Random(count)
    made = []
    for number in range(count):
        cells = [f"D{number}", f"Deal {number}", "Acme", "Kim", "New", f"{number}.5", "2025-03-01", "Call"]
        if gaps:
            cells = [cell if place in (0, 4) or chance.random() < 0.7 else "" for place, cell in enumerate(cells)]
        made.append(",".join(cells))
    return made


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("what", NO_DATA)
def test_rows_that_are_no_data_are_found_wherever_columns_have_gaps(tmp_path: Path, what: str, gaps: bool) -> None:
    rows = lines(300, gaps=gaps)
    rows.insert(200, NO_DATA[what])
    file = tmp_path / "deals.csv"
    file.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    table = read_text_table(file)
    sorter = RowSorter(table.layout)
    expected = [line for line, row in enumerate(rows, 2) if sorter.why_not_data(row.split(",") if row else [])]
    report = table.to_duckdb(open_database(), "t")
    assert expected == [202]
    assert [line for line, _, _ in report.set_aside] == expected
    assert report.loaded_count == 300


def test_a_sample_by_place_is_that_by_line() -> None:
    connection = open_database()
    connection.execute(
        "CREATE TABLE t AS SELECT CASE i % 7 WHEN 0 THEN ' a ' WHEN 1 THEN 'a' WHEN 2 THEN 'n/a' WHEN 3 THEN NULL"
        " ELSE 'b' || i % 11 END AS x FROM range(9000) r(i)"
    )
    connection.execute("CREATE TABLE numbered AS SELECT *, rowid + 2 AS _line FROM t")
    (by_line,) = contents(connection, Home("numbered"), ["x"], ["X"])
    (by_place,) = contents(connection, Home.by_place(connection, "t", 2), ["x"], ["X"])
    assert by_place == by_line
    assert list(by_place.counts.items()) == list(by_line.counts.items())  # in the same order, too
    cells = [row[0] for row in connection.execute("SELECT x FROM numbered WHERE _line % 2 = 0 LIMIT 4000").fetchall()]
    trimmed = [cell.strip() for cell in cells if cell is not None]
    assert by_place.counts["a"] == trimmed.count("a")
    assert "n/a" not in by_place.counts
    assert by_place.filled_share == sum(cell not in ("n/a", "") for cell in trimmed) / 4000


@pytest.mark.parametrize(
    ("written", "read"),
    [(" Acme", "Acme"), ("Acme ", "Acme"), ("   ", None), ("n/a", None), ("NULL", None), ("#REF!", None),
     ("0000-00-00", None), ("-", None), ("000000000000000AAA", None), ("1n/a", "1n/a"), ("9", "9")],
)  # fmt: skip
def test_cells_to_be_cleaned_are_found_beyond_the_sample(tmp_path: Path, written: str, read: str | None) -> None:
    """Among many different values, one that stands on a line that the sample leaves out."""
    rows = [f"D{number},{number % 3 + 1}{number} Lane,Open,2025-03-01" for number in range(9000)]
    rows[4001] = f"D4001,{written},Open,2025-03-01"
    file = tmp_path / "deals.csv"
    file.write_text("\n".join(["Deal ID,Company,Status,Created Date", *rows, ""]), encoding="utf-8")
    leads = leadaudit.read(file).leads()
    assert len(leads) == 9000
    found = leads["company"][4001]
    assert found == read if read else found != found  # noqa: PLR0124 - a missing value differs from itself


MIXED = "Deal ID,Name,name,Stage,Status,Amount,Probability,Created Date,Closed Date,Company,Contact,Email,_line,lead_id,Deleted"


def mixed_rows(count: int) -> list[str]:
    """Leads of every state: doubled, without an id, deleted, unreadable, with headers that are names of ours."""
    chance = random.Random(count)
    stages, status = ("New", "Proposal", "Won", "Lost"), ("Open", "Open", "Won", "Lost")
    made = []
    for number in range(count):
        place = chance.randrange(4)
        cells = [
            f"D{number if chance.random() < 0.97 else chance.randrange(count)}" if chance.random() < 0.99 else "",
            f"Deal {number}", chance.choice(("x", " y", "n/a", "")), stages[place], status[place],
            chance.choice(("12.5", "1,200.00", "'-3", "soon", "", "-")).replace(",", ""), str(chance.randrange(101)),
            chance.choice(("2025-03-01", "2025-03-01 09:30:00", "31/12/2024", "never")),
            "2025-05-01" if place > 1 else "", f"Firm {number % 7} ", f"Ann {number % 9}", f"A{number % 9}@Example.com",
            str(number), f"L{number}", chance.choice(("No", "No", "No", "Yes")),
        ]  # fmt: skip
        made.append(",".join(cells))
    return made


FILES = {
    "leads of every state": (MIXED, mixed_rows(600)),
    "ids are made": (
        "Deal Name,Stage,Status,Created Date,Amount",
        [f"Deal {number // 2},New,Open,2025-03-0{number % 3 + 1},{number}" for number in range(300)],
    ),
    "one column per stage": (
        "Deal ID,Status,Date entered New,Date entered Proposal,Date entered Won",
        [f"D{number},Open,2025-03-01,2025-03-{number % 28 + 1:02},2025-04-05" for number in range(300)],
    ),
    "a line break in a cell": (
        HEADER,
        [*lines(200, gaps=True), 'D900,"one\ntwo",Acme,Kim,New,1,2025-03-01,Call', "D901,short", "D902,,,,Won,2,,"],
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_a_big_table_is_typed_where_it_is_to_the_same_leads_and_issues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    header, rows = FILES[what]
    file = tmp_path / "deals.csv"
    file.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    small = leadaudit.read(file)
    monkeypatch.setattr("leadaudit.ingest.typed.sheet.BIG_ROWS", 1)
    big = leadaudit.read(file)
    assert len(small.leads()) > 100
    for table in ("leads", "activities", "changes"):
        pd.testing.assert_frame_equal(getattr(big, table)(), getattr(small, table)())
    pd.testing.assert_frame_equal(big.issues, small.issues)
    assert big.sources == small.sources
    assert (big.extra_columns, big.present, big.known_until) == (small.extra_columns, small.present, small.known_until)


def test_activities_and_history_of_a_big_table_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "deals.csv": (HEADER, lines(300, gaps=False)),
        "activities.csv": (
            "Deal ID,Type,Direction,Subject,Date,Done",
            [f"D{n % 310},Call,Inbound,Question {n},{'2025-04-01 10:00' if n % 9 else 'later'},yes" for n in range(400)],
        ),
        "history.csv": (
            "Deal ID,Field,Old Value,New Value,Changed On",
            [f"D{n % 300},{('Stage', 'Amount')[n % 2]},{('New', n)[n % 2]},{('Won', n + 1)[n % 2]},04/{n % 28 + 1:02}/2025"
             for n in range(400)],
        ),
    }  # fmt: skip
    for name, (header, rows) in files.items():
        (tmp_path / name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    small = leadaudit.read(*(tmp_path / name for name in files))
    monkeypatch.setattr("leadaudit.ingest.typed.sheet.BIG_ROWS", 1)
    big = leadaudit.read(*(tmp_path / name for name in files))
    assert len(small.activities()) > 300
    assert len(small.changes()) == 400
    for table in ("leads", "activities", "changes"):
        pd.testing.assert_frame_equal(getattr(big, table)(), getattr(small, table)())
    pd.testing.assert_frame_equal(big.issues, small.issues)


def test_leads_stand_in_the_order_of_the_file_where_rows_were_set_aside(tmp_path: Path) -> None:
    """The database keeps rows in groups of 122,880; here are two of them."""
    rows = [f"D{number},New,Open,2025-03-01" for number in range(130_000)]
    for place in range(1000, 120_000, 1000):
        rows[place] = ",,,"
    file = tmp_path / "deals.csv"
    file.write_text("\n".join(["Deal ID,Stage,Status,Created Date", *rows, ""]), encoding="utf-8")
    found = leadaudit.read(file).leads()["lead_id"].tolist()
    assert found == [row.split(",")[0] for row in rows if row != ",,,"]


def test_line_ends_are_counted_across_pieces() -> None:
    chance = random.Random(4)
    for _ in range(500):
        content = bytes(chance.choice(b"a\r\n") for _ in range(chance.randrange(12)))
        counts = encoding._Counts()
        cut = chance.randrange(len(content) + 1)
        for piece in (content[:cut], content[cut:]):
            if piece:
                counts.add(piece)
        found = (counts.lf, counts.cr, counts.crlf, counts.size)
        assert found == (content.count(b"\n"), content.count(b"\r"), content.count(b"\r\n"), len(content))


CELLS = ["", "a", " b", 1.0, 2.5, -0.0, 1e-7, 1e16, 2.0**55, 3, True, None, dt.datetime(2025, 3, 1), dt.date(2025, 3, 2),
         dt.datetime(2025, 3, 1, 9, 30), dt.datetime(2025, 3, 1, 9, 30, 0, 500), dt.time(9, 30), dt.timedelta(hours=30)]  # fmt: skip


@pytest.mark.parametrize("kinds", [1, 2, 3, len(CELLS)])
def test_columns_of_cells_are_written_like_single_cells_in_blocks_of_any_size(
    monkeypatch: pytest.MonkeyPatch, kinds: int
) -> None:
    chance = random.Random(kinds)
    for _ in range(40):
        mixes = [chance.sample(CELLS, kinds) for _ in range(4)]
        rows = [[chance.choice(mix) for mix in mixes] for _ in range(30)]
        monkeypatch.setattr(load_cells, "BLOCK_ROWS", chance.choice((1, 7, 1000)))
        layout = Layout(["A", "B", "C", "D"], None, 1, 4)
        table = TextTable(Path("x"), layout.header, Dialect(), layout, lambda: iter(()))
        kept, _ = load_cells.rows_below_header(table, CellSource(rows, 0, layout))
        found = [
            list(row.values())
            for block in load_cells.arrow_of_cells(kept, 1, layout.header)
            for row in block.to_pylist()
        ]
        assert found == [[*(as_text(cell) or None for cell in row), line] for line, row in enumerate(kept, 1)]
