"""What the values of a column look like, whatever its header says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import first_row, quoted, scalar
from leadaudit.ingest.loading.home import Home
from leadaudit.ingest.recognition.meanings import classify_stage
from leadaudit.ingest.recognition.profiles import GENERAL, profile_of
from leadaudit.ingest.values.amounts import money_share, number_share
from leadaudit.ingest.values.headers import fold, normalise_header
from leadaudit.ingest.values.shapes import date_share

if TYPE_CHECKING:
    import duckdb

SAMPLED_ROWS = 4_000
"""Rows that a column is judged by, taken evenly from the whole table."""

_EMAIL = re.compile(r"[^@\s;,]+@[^@\s;,]+\.[A-Za-z]{2,}")
_URL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F-]{8,}")
_TOKEN = re.compile(r"(?:[A-Za-z]{1,8}[-_./])*[#A-Za-z_]{0,8}[-_ /.]?\d[\w./-]*|[A-Za-z0-9]{15,24}|zcrm_\d+")
_CENTS = re.compile(r"-?\d[\d.,']*[.,]\d{2}")
_PERSON = re.compile(r"[A-ZÄÖÜ][\w'’-]+,? (?:[A-ZÄÖÜ]\. ?)?[A-ZÄÖÜ][\w'’-]+(?: [A-ZÄÖÜ][\w'’-]+)?")


@dataclass(frozen=True)
class Content:
    """The values of one column.

    Attributes
    ----------
    column : str
        Name in the database table.
    header : str
        As in the file.
    place : int
        Position from the left, from 0.
    filled_share : float
        Share of sampled rows with a value.
    counts : Counter of str
        Sampled values.
    rows_count : int
        Sampled rows.
    """

    column: str
    header: str
    place: int
    filled_share: float
    counts: Counter[str]
    rows_count: int

    @cached_property
    def header_words(self) -> frozenset[str]:
        """Words of the header, as headers are recognised by."""
        return frozenset(normalise_header(self.header).split())

    @cached_property
    def values(self) -> list[str]:
        """Distinct sampled values, the most frequent first."""
        if len(self.counts) == self.counts.total():  # each once: nothing to sort
            return list(self.counts)
        return [value for value, _ in self.counts.most_common()]

    @cached_property
    def distinct_share(self) -> float:
        """Distinct values per filled row of the sample."""
        filled = sum(self.counts.values())
        return len(self.counts) / filled if filled else 0.0

    @cached_property
    def date_share(self) -> float:
        """Share of distinct values that are dates (bare numbers are none)."""
        return date_share(self.values[:400])

    @cached_property
    def date_or_serial_share(self) -> float:
        """The same, bare numbers that could be dates included."""
        return date_share(self.values[:400], numbers=True)

    @cached_property
    def number_share(self) -> float:
        """Share of distinct values that are numbers."""
        return number_share(self.values[:400])

    @cached_property
    def money_share(self) -> float:
        """Share of distinct values with a currency."""
        return money_share(self.values[:400])

    @cached_property
    def email_share(self) -> float:
        """Share of distinct values that are e-mail addresses."""
        return self._share(_EMAIL)

    @cached_property
    def url_share(self) -> float:
        """Share of distinct values that are web addresses."""
        return self._share(_URL)

    @cached_property
    def token_share(self) -> float:
        """Share of distinct values that look like ids."""
        return max(self._share(_TOKEN), self._share(_HEX))

    @cached_property
    def cents_share(self) -> float:
        """Share of distinct values that are numbers with two decimals: sums of money, no ids."""
        return self._share(_CENTS)

    @cached_property
    def person_share(self) -> float:
        """Share of distinct values that look like the name of a person."""
        return self._share(_PERSON)

    @cached_property
    def mean_length(self) -> float:
        """Mean length of a distinct value in characters."""
        looked = self.values[:400]
        return sum(map(len, looked)) / len(looked) if looked else 0.0

    @cached_property
    def boolean_share(self) -> float:
        """Share of distinct values that are yes or no; 0 if there are more than three of them."""
        if not 0 < len(self.values) <= 3:
            return 0.0
        reading = profile_of(GENERAL).reading
        known = {word.casefold() for word in (*reading.true, *reading.false)}
        return sum(1 for value in self.values if value.casefold() in known) / len(self.values)

    @cached_property
    def _frequent(self) -> list[tuple[str, int]]:
        """The two hundred most frequent values with their counts, the most frequent first."""
        return self.counts.most_common(200)

    @cached_property
    def stage_share(self) -> float:
        """Share of rows whose value is the name of a stage, longer names and numbered ones included."""
        looked = self._frequent[:100]
        total = sum(count for _, count in looked)
        return sum(count for value, count in looked if classify_stage(value).meaning) / total if total else 0.0

    def word_share(self, *sections: str) -> float:
        """Share of rows whose value is a word of the general profile.

        Parameters
        ----------
        *sections : str
            Such as ``"stages"``, ``"status"``, ``"kinds"``, ``"directions"``.
        """
        words = [profile_of(GENERAL).words[section] for section in sections]
        looked = self._frequent
        hits = sum(count for value, count in looked if any(fold(value) in known for known in words))
        total = sum(count for _, count in looked)
        return hits / total if total else 0.0

    def _share(self, pattern: re.Pattern[str]) -> float:
        looked = self.values[:400]
        return sum(1 for value in looked if pattern.fullmatch(value)) / len(looked) if looked else 0.0


def contents(
    connection: duckdb.DuckDBPyConnection, home: Home, columns: Iterable[str], headers: Iterable[str]
) -> list[Content]:
    """Look at the columns of a text table.

    Parameters
    ----------
    connection : DuckDBPyConnection
    home : Home
        Where the rows of the table live. Asked by place, the database fetches the sampled rows only; through the view
        that computes the lines, it would put together all of them.
    columns, headers : iterable of str
        Names in the database and in the file, in the same order.

    Returns
    -------
    list of Content
    """
    names = list(columns)
    nulls = frozenset(profile_of(GENERAL).reading.nulls)
    total = scalar(connection, f"SELECT count(*) FROM {quoted(home.table)}")
    step = max(1, total // SAMPLED_ROWS)
    listed = ", ".join(quoted(name) for name in names)
    rows = connection.execute(
        f"SELECT {listed} FROM {quoted(home.table)} WHERE ({home.line}) % {step} = 0"
        f" ORDER BY {home.line} LIMIT {SAMPLED_ROWS}"
    ).fetchall()
    turned = list(zip(*rows, strict=True)) or [()] * len(names)
    made = []
    for place, (name, header, cells) in enumerate(zip(names, headers, turned, strict=True)):
        counts = _counts(cells, nulls)
        filled = counts.total()
        made.append(Content(name, header, place, filled / len(rows) if rows else 0.0, counts, len(rows)))
    return made


def _counts(cells: Iterable[str | None], nulls: frozenset[str]) -> Counter[str]:
    """How often each value stands there, in the order of first sight; each is trimmed once, however often it stands there."""
    counts: Counter[str] = Counter()
    for cell, count in Counter(cells).items():
        if cell and (value := cell.strip()) and value.casefold() not in nulls:
            counts[value] += count
    return counts


def unique_share(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> float:
    """Distinct values per filled row, over the whole table."""
    row = first_row(
        connection, f"SELECT count(DISTINCT {quoted(column)}), count({quoted(column)}) FROM {quoted(table)}"
    )
    return float(row[0] / row[1]) if row and row[1] else 0.0
