"""Physical lines to records."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadaudit.ingest.text.records import RecordReader
from leadaudit.ingest.text.splitting import Syntax, parse_forgiving

CELL = st.text(alphabet=st.sampled_from("ab1 ,;\"'\n|é"), max_size=8)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=12))
@example([["", "", ' "\n']])  # a blank, a quote and a line break, all inside quotes
def test_what_a_proper_writer_wrote_is_read_back(rows: list[list[str]]) -> None:
    """Every cell comes out as it went in, quotes, delimiters and line breaks included."""
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
    reader = RecordReader(stream.getvalue().splitlines(keepends=True), Syntax(","), 3)
    assert [cells for _, cells in reader] == rows


@given(st.lists(st.text(max_size=30), max_size=12), st.sampled_from([",", ";", "||", "", " "]), st.booleans())
def test_no_line_is_lost_or_read_twice(lines: list[str], delimiter: str, escape: bool) -> None:
    """Whatever the lines hold, records begin on rising lines and cover them all."""
    physical = [line.replace("\n", "").replace("\r", "") + "\n" for line in lines]
    syntax = Syntax(delimiter, escapechar="\\" if escape else None)
    numbers = [number for number, _ in RecordReader(physical, syntax, 3)]
    assert numbers == sorted(set(numbers))
    assert not physical or (numbers[0] == 1 and numbers[-1] <= len(physical))


def test_stray_quotes_are_text() -> None:
    """Inch signs, quotes before text, quotes never closed."""
    comma = Syntax(",")
    assert parse_forgiving('"Table 48"",9', comma, literal_open=True)[0] == ['Table 48"', "9"]
    assert parse_forgiving('""Jane" Doe",1', comma)[0] == ['"Jane" Doe', "1"]
    assert parse_forgiving('a,"b,c', comma, literal_open=True)[0] == ["a", '"b', "c"]
    assert parse_forgiving('"","""",x', comma)[0] == ["", '"', "x"]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('2,"D-7,New,"Muster, Inc.",x\n', ["2", '"D-7', "New", "Muster, Inc.", "x"]),
        ('"2,D-7,New,"Muster, Inc.",x\n', ['"2', "D-7", "New", "Muster, Inc.", "x"]),
        ('2,D-7,New,"Muster, Inc.","\n', ["2", "D-7", "New", "Muster, Inc.", '"']),
        ('2 D-7 New "Muster, Inc." "x"\n', ["2", "D-7", "New", "Muster, Inc.", "x"]),
    ],
)
def test_a_damaged_row_costs_no_other_and_keeps_its_cells(line: str, cells: list[str]) -> None:
    """A quote too many, or a separator of its own, in one row among proper ones."""
    proper = ["1", "D-6", "New", "Ada, Ltd.", "y"]
    written = '1,D-6,New,"Ada, Ltd.",y\n'
    read = [found for _, found in RecordReader([written, line, written, written], Syntax(","), 5)]
    assert read == [proper, cells, proper, proper]


def test_quotes_within_quotes_stay_where_a_backslash_escapes() -> None:
    """The standard parser, told that quotes are not doubled, would drop them."""
    syntax = Syntax(",", "'", escapechar="\\", doublequote=False)
    read = [cells for _, cells in RecordReader(["1,'won't, can't',x\n", "2,'O\\'Neill, P.',y\n"], syntax, 3)]
    assert read == [["1", "won't, can't", "x"], ["2", "O'Neill, P.", "y"]]


def test_an_open_quote_does_not_swallow_the_next_records() -> None:
    """The reader finds its way back where the next line is a record again."""
    lines = ["1,a,x\n", '2,"b,x\n', "3,c,x\n", '4,"d",x\n']
    assert [cells for _, cells in RecordReader(lines, Syntax(","), 3)] == [
        ["1", "a", "x"],
        ["2", '"b', "x"],
        ["3", "c", "x"],
        ["4", "d", "x"],
    ]


def test_a_row_with_its_own_separator_is_split_by_it() -> None:
    """One CRM joins its header with comma and blank, the rows below with a comma."""
    lines = ['"Name", "Potential No", "Amount"\n', '"A","1","2"\n', '"B" "2" "3"\n']
    assert [cells for _, cells in RecordReader(lines, Syntax(","), 3)] == [
        ["Name", "Potential No", "Amount"],
        ["A", "1", "2"],
        ["B", "2", "3"],
    ]


def test_escapes_escape_only_what_they_must() -> None:
    r"""`\"` is a quote, `\n` and `C:\new` stay as they are."""
    syntax = Syntax(",", escapechar="\\", doublequote=False)
    lines = ['1,"say \\"hi\\", C:\\new",\\N\n', "2,a\\,b,c\n"]
    assert [cells for _, cells in RecordReader(lines, syntax, 3)] == [
        ["1", 'say "hi", C:\\new', "\\N"],
        ["2", "a,b", "c"],
    ]
