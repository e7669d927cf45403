"""One table of text in the database, what it was recognised as, and how its cells are typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from leadaudit.ingest.export import Source
from leadaudit.ingest.issues import IssueLog
from leadaudit.ingest.loading.database import first_row, fresh_name, quoted, scalar, text
from leadaudit.ingest.loading.home import Home
from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.recognition.fitness import TIME_ROLES
from leadaudit.ingest.recognition.profiles import profile_of
from leadaudit.ingest.recognition.tongue import DAY_FIRST
from leadaudit.ingest.recognition.words import mapped, meanings, null_words, truth
from leadaudit.ingest.values.amounts import DecimalSign, decimal_sign, read_numbers
from leadaudit.ingest.values.headers import header_unit
from leadaudit.ingest.values.times import TimeReader, TimeReading

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.recognition.recognise import Recognised

DISTINCT_LIMIT = 5_000
"""A column with more distinct values than this holds no words with a meaning."""

FEW_WORDS_COUNT = 1_000
"""A column with at most so many distinct values in its sample is looked at by its words, not row by row."""

BIG_ROWS = 50_000
"""From so many rows on a table is big: what its cells are read as is kept, and it is changed where it is, not copied."""


@dataclass
class Sheet:
    """A recognised text table.

    Attributes
    ----------
    connection : DuckDBPyConnection
    name : str
        Database table or view: text columns and ``_line``.
    contents : mapping of column to Content
    recognised : Recognised
    log : IssueLog
    source : Source
        Filled as the table is read.
    home : Home
        Where the rows live, for whoever changes them.
    timezone : str
        Of the project.
    lead_fields : mapping of str to str
        Beside leads: our names of the fields that their headers stand for.
    """

    connection: duckdb.DuckDBPyConnection
    name: str
    contents: Mapping[str, Content]
    recognised: Recognised
    log: IssueLog
    source: Source
    home: Home
    timezone: str = "UTC"
    date1904: bool = False
    forced_order: str | None = None
    formats: dict[str, str] = field(default_factory=dict)
    date_only: list[str] = field(default_factory=list)
    lead_fields: Mapping[str, str] = field(default_factory=dict)
    _read: dict[str, str] = field(default_factory=dict)
    _cleaned: set[str] = field(default_factory=set)
    _distinct: dict[str, list[str]] = field(default_factory=dict)
    _kept: dict[str, str] = field(default_factory=dict)

    @property
    def roles(self) -> dict[str, str]:
        """Role to column."""
        return self.recognised.roles

    @property
    def crm(self) -> str:
        """Profile that words are looked up in first."""
        return self.recognised.crm

    def has(self, *roles: str) -> bool:
        """Whether any of the roles was found."""
        return any(role in self.roles for role in roles)

    def give(self, role: str, column: str, sure: float) -> None:
        """Let a column play a role, and no other one."""
        for other in [name for name, played in self.roles.items() if played == column]:
            del self.roles[other]
            self.recognised.sure.pop(other, None)
        self.roles[role], self.recognised.sure[role] = column, sure

    def header(self, column: str) -> str:
        """Header of a column as in the file."""
        return self.contents[column].header or column

    def cell(self, role: str) -> str:
        """SQL of a role's text; NULL where the table has no such role."""
        return self.column(self.roles[role]) if role in self.roles else "NULL"

    def column(self, column: str) -> str:
        """SQL of a column's text: trimmed, without guard apostrophes, words that stand for nothing missing."""
        if column not in self._cleaned:
            self._cleaned.add(column)
            self._clean(column)
        return quoted(column)

    @cached_property
    def _untrimmed(self) -> frozenset[str]:
        """Columns with blanks around a value, or empty values, among those that have a role.

        Columns of few words are looked at word by word, all others in one go through the table.
        """
        own = list(dict.fromkeys([*self.roles.values(), *self.recognised.stage_columns]))
        few = {column: words for column in own if (words := self._few_words(column)) is not None}
        found = {column for column, words in few.items() if any(word != word.strip(" ") or not word for word in words)}
        return frozenset(found | self._untrimmed_of([column for column in own if column not in few]))

    def _untrimmed_of(self, columns: list[str]) -> frozenset[str]:
        if not columns:
            return frozenset()
        # blanks and empty values come before '!': mostly the database knows without looking that nothing does
        tests = ", ".join(
            f"bool_or(({c} < '!' AND ({c} = '' OR starts_with({c}, ' '))) OR ends_with({c}, ' '))"
            for c in map(quoted, columns)
        )
        found = first_row(self.connection, f"SELECT {tests} FROM {quoted(self.name)}")
        return frozenset(column for column, is_so in zip(columns, found, strict=True) if is_so)

    def _few_words(self, column: str) -> list[str] | None:
        """All values of a column as they stand now, in order, where the sample says that they are few; else None."""
        return self._values_of(column) if len(self.contents[column].counts) <= FEW_WORDS_COUNT else None

    def _values_of(self, column: str) -> list[str] | None:
        """The same whatever the sample says; None if there are too many. Looked up once as long as nothing changes."""
        if column not in self._distinct:
            rows = self.connection.execute(
                f"SELECT DISTINCT {quoted(column)} AS v FROM {quoted(self.name)} WHERE v IS NOT NULL"
                f" ORDER BY v LIMIT {DISTINCT_LIMIT + 1}"
            ).fetchall()
            self._distinct[column] = [str(row[0]) for row in rows]
        words = self._distinct[column]
        return words if len(words) <= DISTINCT_LIMIT else None

    def _clean(self, column: str) -> None:
        """Clean a column in its place, once, and only where it needs it: expressions on it stay short and fast."""
        cell, table = quoted(column), quoted(self.home.table)
        guarded = any(value.startswith(("'=", "'+", "'-", "'@")) for value in self.contents[column].values)
        if guarded:
            self._distinct.pop(column, None)
            self.connection.execute(f"UPDATE {table} SET {cell} = {cell}[2:] WHERE regexp_matches({cell}, '^''[=+@-]')")
        if column in self._untrimmed:
            self._distinct.pop(column, None)
            self.connection.execute(
                f"UPDATE {table} SET {cell} = nullif(trim({cell}), '') WHERE {cell} <> trim({cell}) OR {cell} = ''"
            )
        few = self._few_words(column)
        if few is not None and not any(word.lower() in null_words(self.crm) for word in few):
            return
        words = ", ".join(text(word) for word in null_words(self.crm))
        nothing = f"length({cell}) < 30 AND lower({cell}) IN (SELECT unnest([{words}]))"
        if not any("1" <= word < ":" for word in null_words(self.crm)):
            # numbers and dates need not be looked up: where a column holds nothing else, the database skips it
            nothing = f"({cell} < '1' OR {cell} >= ':') AND {nothing}"
        if scalar(self.connection, f"SELECT count(*) FROM {table} WHERE {nothing}"):
            self._distinct.pop(column, None)
            self.connection.execute(f"UPDATE {table} SET {cell} = NULL WHERE {nothing}")

    @cached_property
    def in_order(self) -> str:
        """SQL that puts the rows in the order of the file, empty where they stand so already."""
        turned = scalar(
            self.connection,
            f"SELECT count(*) FROM (SELECT _line < lag(_line) OVER () AS turned FROM {quoted(self.name)}) WHERE turned",
        )
        return "ORDER BY _line" if turned else ""

    def distinct(self, column: str) -> list[str]:
        """Distinct cleaned values of a column over the whole table; empty if there are too many."""
        self.column(column)
        return self._values_of(column) or []

    def words(self, role: str, section: str, otherwise: str = "NULL") -> str:
        """SQL of what the values of a role mean in a section of the profiles."""
        if role not in self.roles:
            return "NULL"
        found = meanings(section, self.distinct(self.roles[role]), self.crm)
        return mapped(self.cell(role), dict(found), otherwise)

    def flag(self, role: str) -> str:
        """SQL of a yes/no column as BOOLEAN."""
        if role not in self.roles:
            return "NULL::BOOLEAN"
        values = {value: truth(value, self.crm) for value in self.distinct(self.roles[role])}
        return f"({mapped(self.cell(role), dict(values))})::BOOLEAN"

    @property
    def is_big(self) -> bool:
        """Whether copies of the table and second looks at its cells cost more than further columns.

        Of leads only: activities are copied into a table of eight columns anyhow, and ten million further dates beside
        them would be the most memory that reading takes.
        """
        return self.recognised.table == "leads" and self.source.rows_read >= BIG_ROWS

    def keep(self, expression: str, kind: str) -> str:
        """SQL of the same as an expression over cells that are cleaned; in a big table, of a column that it is kept in."""
        if not self.is_big:
            return expression
        if expression not in self._kept:
            taken = {column.casefold() for column in self.contents}
            column = next(name for name in iter(lambda: fresh_name("_read"), "") if name not in taken)
            self.home.compute(self.connection, self.name, column, kind, expression)
            self._kept[expression] = quoted(column)
        return self._kept[expression]

    def time(self, role: str) -> str:
        """SQL of a role's point in time."""
        return self.time_of(self.roles[role]) if role in self.roles else "NULL::TIMESTAMP"

    def time_of(self, column: str) -> str:
        """SQL of a column's point in time; values that are none become issues."""
        if column not in self._read:
            self._read[column] = self._time_of(column)
        return self._read[column]

    def time_quietly(self, column: str) -> str:
        """The same of a column that may turn out to play no role: nothing is logged."""
        reading = self._moments(column)
        return reading.expression if reading else "NULL::TIMESTAMP"

    def _moments(self, column: str) -> TimeReading | None:
        self.column(column)
        content = self.contents[column]
        sample = [value for value in content.values if value.casefold() not in null_words(self.crm)]
        reader = self.times
        unit = header_unit(content.header)
        if unit.timezone and not reader.source_timezone:
            reader = replace(reader, source_timezone=unit.timezone)
        return reader.read(column, sample)

    def _time_of(self, column: str) -> str:
        content = self.contents[column]
        reading = self._moments(column)
        if reading is None:
            self._log_lost(column, "NULL", "date_unreadable")
            return "NULL::TIMESTAMP"
        self.formats[content.header] = reading.label
        if reading.date_only:
            self.date_only.append(content.header)
        if reading.ambiguous:
            self.log.add(
                "date_order_assumed", "warning", file=self.source.file, sheet=self.source.sheet or None,
                column=content.header, value=reading.label,
            )  # fmt: skip
        if not reading.complete:
            self._log_lost(column, reading.expression, "date_unreadable")
        return reading.expression

    def number(self, role: str, *, share: bool = False) -> str:
        """SQL of a role's number; values that are none become issues."""
        if role not in self.roles:
            return "NULL::DOUBLE"
        column = self.roles[role]
        key = f"{column}\x00number{share}"
        if key not in self._read:
            self._read[key] = self._number_of(column, share)
        return self._read[key]

    def _number_of(self, column: str, share: bool) -> str:
        self.column(column)
        content = self.contents[column]
        reading = read_numbers(column, content.header, content.values, self.decimal_sign, share=share)
        if reading is None:
            self._log_lost(column, "NULL", "number_unreadable")
            return "NULL::DOUBLE"
        self.formats[content.header] = reading.label
        if reading.ambiguous and reading.decimal_sign != self.proven_sign:
            self.log.add(
                "decimal_sign_assumed", "note", file=self.source.file, sheet=self.source.sheet or None,
                column=content.header, value=reading.label,
            )  # fmt: skip
        expression = self.keep(reading.expression, "DOUBLE")
        self._log_lost(column, expression, "number_unreadable")
        return expression

    def currency_of(self, role: str) -> str | None:
        """SQL of the currency that the cells or the header of a role name; None where they name none."""
        if role not in self.roles:
            return None
        content = self.contents[self.roles[role]]
        reading = read_numbers(content.column, content.header, content.values, self.decimal_sign)
        return reading.currency_expression if reading else None

    @cached_property
    def times(self) -> TimeReader:
        """Reader of the table's dates; every date column says what it proves about day and month."""
        from typing import cast

        from leadaudit.ingest.values.times import Order

        profile = profile_of(self.crm)
        usual: Order = "mdy" if any(form.startswith("%m/") for form in profile.reading.dates[:3]) else "dmy"
        if self.crm == "general":
            usual = "dmy" if self.recognised.language in DAY_FIRST else "mdy"
        reader = TimeReader(
            self.connection,
            self.name,
            self.timezone,
            usual,
            "",
            self.date1904,
            cast("Order | None", self.forced_order),
            trimmed=True,
            keep=lambda expression: self.keep(expression, "TIMESTAMP"),
        )
        reader.prove({name: c.values[:200] for name, c in self.contents.items() if c.date_share > 0.5})
        return reader

    @cached_property
    def proven_sign(self) -> DecimalSign | None:
        """Decimal sign that some column of the table proves."""
        for content in self.contents.values():
            if content.number_share > 0.7 and content.date_share < 0.5:
                sign, guessed = decimal_sign(content.values)
                if sign and not guessed:
                    return sign
        return None

    @property
    def decimal_sign(self) -> DecimalSign:
        """Decimal sign where a column does not tell its own."""
        return self.proven_sign or ("," if self.recognised.language in DAY_FIRST else ".")

    def unexplained(self) -> list[Content]:
        """Columns that play no role and whose header is not known to mean something else."""
        taken = {*self.roles.values(), *self.recognised.aside, *self.recognised.stage_columns}
        return [content for column, content in self.contents.items() if column not in taken]

    def filled(self, role: str, where: str) -> tuple[int, int]:
        """In how many rows a role has a value, and in how many of those that a condition holds for."""
        cell = self.cell(role)
        every, theirs = first_row(
            self.connection, f"SELECT count({cell}), count({cell}) FILTER ({where}) FROM {quoted(self.name)}"
        )
        return int(every), int(theirs)

    def unused_columns(self, used: frozenset[str]) -> list[str]:
        """Columns that none of these roles took."""
        taken = {self.roles[role] for role in used if role in self.roles}
        return [column for column in self.contents if column not in taken]

    def _log_lost(self, column: str, expression: str, code: str) -> None:
        """Values that are there and cannot be read: first lines and the exact count."""
        where = f"{self.column(column)} IS NOT NULL AND ({expression}) IS NULL"
        total = scalar(self.connection, f"SELECT count(*) FROM {quoted(self.name)} WHERE {where}")
        if not total:
            return
        rows = self.connection.execute(
            f"SELECT _line, {quoted(column)} FROM {quoted(self.name)} WHERE {where} ORDER BY _line LIMIT 30"
        ).fetchall()
        self.log.add_rows(
            code, "warning", rows, total,
            file=self.source.file, sheet=self.source.sheet or None, column=self.header(column),
        )  # fmt: skip

    def set_aside(self, code: str, query: str) -> int:
        """Log rows that are not used: a query giving ``_line`` and a value.

        Returns
        -------
        int
            How many rows there are.
        """
        total = scalar(self.connection, f"SELECT count(*) FROM ({query})")
        if total:
            rows = self.connection.execute(f"SELECT * FROM ({query}) ORDER BY 1 LIMIT 1001").fetchall()
            self.log.add_rows(
                code, "error", [(row[0], row[1]) for row in rows], total,
                file=self.source.file, sheet=self.source.sheet or None,
            )  # fmt: skip
        return total


__all__ = ["TIME_ROLES", "Sheet"]
