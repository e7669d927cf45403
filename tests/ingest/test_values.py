"""Texts to dates and numbers: what a column proves, what is assumed, what is lost."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadaudit.ingest.loading.database import open_database
from leadaudit.ingest.values.amounts import read_numbers
from leadaudit.ingest.values.times import TimeReader


@pytest.fixture(scope="module")
def connection():
    return open_database()


def table_of(connection, *columns):
    names = [f"c{number}" for number in range(len(columns))]
    connection.execute(f"CREATE OR REPLACE TABLE t ({', '.join(f'{name} VARCHAR' for name in names)})")
    connection.executemany(
        f"INSERT INTO t VALUES ({', '.join('?' * len(names))})", [list(row) for row in zip(*columns, strict=True)]
    )
    return names


def times(connection, values, **settings_):
    table_of(connection, values)
    reading = TimeReader(connection, "t", **settings_).read("c0", values)
    return reading, [row[0] for row in connection.execute(f"SELECT {reading.expression} FROM t").fetchall()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-20 08:30:49", dt.datetime(2024, 3, 20, 8, 30, 49)),
        ("2024-03-20", dt.datetime(2024, 3, 20)),
        ("5/20/2024 7:42", dt.datetime(2024, 5, 20, 7, 42)),
        ("02/23/26 08:55 PM", dt.datetime(2026, 2, 23, 20, 55)),
        ("07/14/2023 03:05 pm", dt.datetime(2023, 7, 14, 15, 5)),
        ("15 Apr, 2021 00:02:00", dt.datetime(2021, 4, 15, 0, 2)),
        ("31.12.2026", dt.datetime(2026, 12, 31)),
        ("28.05.2026, 10:15", dt.datetime(2026, 5, 28, 10, 15)),
        ("28.05.2026 10:15 Uhr", dt.datetime(2026, 5, 28, 10, 15)),
        ("23/03/26", dt.datetime(2026, 3, 23)),
        ("45631", dt.datetime(2024, 12, 5)),
        ("45631.5", dt.datetime(2024, 12, 5, 12)),
        ("20240131", dt.datetime(2024, 1, 31)),
        ("3. März 2024", dt.datetime(2024, 3, 3)),
        ("12-Mär-24", dt.datetime(2024, 3, 12)),
        ("Mar 5, 2024 3:04 PM", dt.datetime(2024, 3, 5, 15, 4)),
        ("Donnerstag, 1. Februar 2024 14:05", dt.datetime(2024, 2, 1, 14, 5)),
        ("2024/05/03 10:11", dt.datetime(2024, 5, 3, 10, 11)),
    ],
)
def test_a_date_is_read_however_it_is_written(connection, text, expected):
    """Every way of writing a date that CRMs use gives the same kind of moment."""
    assert times(connection, [text])[1] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-01-09T09:04:27.21Z", dt.datetime(2023, 1, 9, 10, 4, 27, 210000)),
        ("2023-07-09T09:04:27Z", dt.datetime(2023, 7, 9, 11, 4, 27)),
        ("2021-05-08T03:59:51+03:00", dt.datetime(2021, 5, 8, 2, 59, 51)),
        ("1697040000000", dt.datetime(2023, 10, 11, 18, 0)),
        ("20240131T101500Z", dt.datetime(2024, 1, 31, 11, 15)),
    ],
)
def test_times_with_an_offset_come_to_the_projects_zone(connection, text, expected):
    """Z, an offset and seconds since 1970 are converted to Berlin's time, winter and summer."""
    assert times(connection, [text], timezone="Europe/Berlin")[1] == [expected]


@pytest.mark.parametrize(
    ("values", "order", "ambiguous"),
    [
        (["03/04/2024", "25/04/2024"], "dmy", False),
        (["03/04/2024", "04/25/2024"], "mdy", False),
        (["01/02/2024", "01/03/2024", "01/04/2024", "01/05/2024"], "dmy", False),
        (["02/01/2024", "03/01/2024", "04/01/2024", "05/01/2024"], "mdy", False),
        (["03/04/2024", "05/06/2024"], "mdy", True),
    ],
)
def test_the_order_of_day_and_month_is_told_from_all_values(connection, values, order, ambiguous):
    """A part above 12 is the day, a part that never changes as well; else the order is assumed and said so."""
    reading, _ = times(connection, values, usual_order="mdy")
    assert (reading.order, reading.ambiguous) == (order, ambiguous)


def test_one_column_proves_the_order_for_the_others(connection):
    """A column that could be read both ways follows another one of the same table."""
    names = table_of(connection, ["03/04/2024", "05/06/2024"], ["25/12/2024", "01/02/2024"])
    reader = TimeReader(connection, "t", usual_order="mdy")
    reader.prove({names[1]: ["25/12/2024"], names[0]: ["03/04/2024"]})
    reading = reader.read(names[0], ["03/04/2024"])
    assert (reading.order, reading.ambiguous) == ("dmy", False)


def test_a_column_typed_by_many_hands_has_an_order_per_separator(connection):
    """31/12 and 12-31 stand in one column: each separator proves its own order."""
    _, found = times(connection, ["20/03/2023", "04-26-2023", "06/01/2023", "09-06-2024"])
    assert found == [
        dt.datetime(2023, 3, 20),
        dt.datetime(2023, 4, 26),
        dt.datetime(2023, 1, 6),
        dt.datetime(2024, 9, 6),
    ]


def test_formats_that_the_sample_did_not_show_are_found(connection):
    """The sample has one format, the column two: both are read."""
    values = ["2024-03-20", "21.03.2024", "soon"]
    table_of(connection, values)
    reading = TimeReader(connection, "t").read("c0", ["2024-03-20"])
    found = [row[0] for row in connection.execute(f"SELECT {reading.expression} FROM t").fetchall()]
    assert found == [dt.datetime(2024, 3, 20), dt.datetime(2024, 3, 21), None]
    assert not reading.complete


def test_a_workbook_of_1904_counts_from_there(connection):
    """The same serial number lies 1,462 days later in a workbook that counts from 1904."""
    assert times(connection, ["44169"], date1904=True)[1] == times(connection, ["45631"])[1]


@settings(max_examples=25)
@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2068, 12, 31)), st.sampled_from(
    ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d. %B %Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S"]
))  # fmt: skip
def test_what_was_written_is_read_back(moment, form):
    """Any moment written in any of these formats is read as that moment."""
    moment = moment.replace(microsecond=0)
    assert times(open_database(), [moment.strftime(form)])[1] == [moment]


def numbers(connection, values, header="Amount", **settings_):
    table_of(connection, values)
    reading = read_numbers("c0", header, values, **settings_)
    found = [row[0] for row in connection.execute(f"SELECT {reading.expression} FROM t").fetchall()]
    return reading, found


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["13400", "108200"], [13400, 108200]),
        (["179500.00000000"], [179500]),
        (["$22,700.00", "$7,450,000.00 "], [22700, 7450000]),
        (["$342.09K", "$1,117.10K"], [342090, 1117100]),
        (["$3.972.451"], [3972451]),
        (["56,3", "1.234,56"], [56.3, 1234.56]),
        (["42,000", "95,570.69"], [42000, 95570.69]),
        (["1.234,56 €", "EUR 12"], [1234.56, 12]),
        (["(1,234.50)", "-5", "7-"], [-1234.5, -5, -7]),
        (["1'234.50", "12.5"], [1234.5, 12.5]),
        (["1 234,50", "1\u00a0000,25"], [1234.5, 1000.25]),
        (["$-", "12"], [None, 12]),
    ],
)
def test_a_number_is_read_however_it_is_written(connection, values, expected):
    """Decimal sign, grouping, currency and sign of minus are told from the values."""
    assert numbers(connection, values)[1] == expected


def test_a_number_that_could_be_read_both_ways_is_said_to_be(connection):
    """42,000 alone is a thousand, and a guess."""
    reading, found = numbers(connection, ["42,000", "57,500"])
    assert found == [42000, 57500]
    assert reading.ambiguous


def test_the_header_states_the_unit(connection):
    """Umsatz in T€ holds thousands of euros."""
    reading, found = numbers(connection, ["12,5", "3"], header="Umsatz (in T€)")
    assert found == [12500, 3000]
    assert connection.execute(f"SELECT {reading.currency_expression}").fetchall() == [("EUR",)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [(["75%", "12,5 %"], [0.75, 0.125]), (["75", "10"], [0.75, 0.1]), (["0.75", "0.1"], [0.75, 0.1])],
)
def test_a_share_lies_between_0_and_1(connection, values, expected):
    """Percent and whole percentages are divided, shares stay."""
    assert numbers(connection, values, share=True)[1] == expected


@settings(max_examples=25)
@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=2, max_size=6), st.sampled_from([",", "."]))
def test_german_and_english_amounts_are_read_back(amounts, sign):
    """Amounts with two decimals, grouped by thousands, come back whichever sign they use."""
    english = [f"{amount:,.2f}" for amount in amounts]
    written = english if sign == "." else [text.translate(str.maketrans(",.", ".,")) for text in english]
    assert numbers(open_database(), written)[1] == pytest.approx([float(amount) for amount in amounts])
