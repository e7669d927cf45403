"""Texts to points in time: the formats of a column are told from its values, the order of day and month from all of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from leadaudit.ingest.loading.database import first_row, quoted, text
from leadaudit.ingest.values.shapes import EPOCH_FAMILY, MONTHS, Shape, shape_of

if TYPE_CHECKING:
    import duckdb

Order = Literal["dmy", "mdy"]


_DIGITS_OF_MICROSECONDS = 16


@dataclass(frozen=True)
class TimeReading:
    """How the texts of a column become points in time.

    Attributes
    ----------
    expression : str
        SQL that gives a TIMESTAMP in the project's zone, or NULL.
    label : str
        For people: the formats seen.
    date_only : bool
        No value has a time of day.
    order : {"dmy", "mdy"} or None
        Order of day and month where the format leaves it open.
    ambiguous : bool
        Nothing in the column tells the order; ``order`` was assumed.
    complete : bool
        Every value of the column was read.
    """

    expression: str
    label: str
    date_only: bool
    order: Order | None = None
    ambiguous: bool = False
    complete: bool = False


@dataclass
class TimeReader:
    """Reads the date columns of one table; what one column proves about the order helps the others.

    Attributes
    ----------
    connection : DuckDBPyConnection
    table : str
        With text columns.
    timezone : str
        Zone of the project; values with an offset are converted to it.
    usual_order : {"dmy", "mdy"}
        Assumed where nothing tells.
    source_timezone : str
        Zone of values without an offset; empty = the project's.
    date1904 : bool
        Serial numbers count from 1904.
    forced_order : {"dmy", "mdy"} or None
        Given by the user; wins over what the values prove.
    trimmed : bool
        No value has blanks around it.
    keep : callable
        Given the SQL of points in time, computes them for all rows and gives the SQL of what was kept; or gives the SQL
        back as it is.
    """

    connection: duckdb.DuckDBPyConnection
    table: str
    timezone: str = "UTC"
    usual_order: Order = "dmy"
    source_timezone: str = ""
    date1904: bool = False
    forced_order: Order | None = None
    trimmed: bool = False
    keep: Callable[[str], str] = str
    _proven: dict[str, Order | None] = field(default_factory=dict)

    def read(self, column: str, sample: Iterable[str]) -> TimeReading | None:
        """Tell how a column is read.

        Parameters
        ----------
        column : str
            A text column of the table.
        sample : iterable of str
            Some of its values; shapes that only others have are looked for in the whole column.

        Returns
        -------
        TimeReading or None
            None if hardly any value is a date.
        """
        shapes = Counter(shape for value in sample if (shape := shape_of(value)) is not None)
        if not shapes:
            return None
        reading = self._kept(column, shapes)
        missed = self._missed(column, reading.expression)
        if not missed:
            return replace(reading, complete=True)
        more = Counter(shape for value in missed if (shape := shape_of(value)) is not None)
        return self._kept(column, shapes + more) if more else reading

    def _kept(self, column: str, shapes: Counter[Shape]) -> TimeReading:
        reading = self._reading(column, shapes)
        return replace(reading, expression=self.keep(reading.expression))

    def prove(self, columns: dict[str, list[str]]) -> None:
        """Look through columns for what they prove about the order of day and month in this table.

        Parameters
        ----------
        columns : mapping of column to some of its values
        """
        for column, values in columns.items():
            for separator in sorted({s.separator for v in values if (s := shape_of(v)) and s.family == "ordered"}):
                self._order_of(column, separator)

    def _missed(self, column: str, expression: str) -> list[str]:
        rows = self.connection.execute(
            f"SELECT DISTINCT {quoted(column)} FROM {quoted(self.table)} "
            f"WHERE {quoted(column)} IS NOT NULL AND ({expression}) IS NULL ORDER BY 1 LIMIT 1000"
        ).fetchall()
        return [str(row[0]) for row in rows]

    def _reading(self, column: str, shapes: Counter[Shape]) -> TimeReading:
        order, ambiguous = self._decide_order(column, shapes)
        cell = quoted(column) if self.trimmed else f"trim({quoted(column)})"
        parts: dict[str, str] = {}
        for family in dict.fromkeys(shape.family for shape, _ in shapes.most_common()):
            members = [shape for shape, _ in shapes.most_common() if shape.family == family]
            parts[family] = self._expression(family, members, cell, self._orders(column, members, order))
        return TimeReading(
            expression="coalesce(" + ", ".join(parts.values()) + ")" if len(parts) > 1 else next(iter(parts.values())),
            label=_label(shapes, self._orders(column, list(shapes), order)),
            date_only=not any(shape.clock for shape in shapes),
            order=order,
            ambiguous=ambiguous,
        )

    def _expression(self, family: str, members: list[Shape], cell: str, orders: Mapping[str, Order]) -> str:
        if family == "iso":
            return self._local(f"TRY_CAST({cell} AS TIMESTAMP)" if members else "")
        if family == "offset":
            plain = f"regexp_replace({cell}, '\\s?(UTC|GMT)$', 'Z')"
            return f"timezone({text(self.timezone)}, TRY_CAST({plain} AS TIMESTAMPTZ))"
        if family in ("ordered", "year_first", "compact"):
            return self._by_format(members, cell, orders)
        if family == "named":
            return self._local(_named_expression(cell))
        if family in EPOCH_FAMILY.values():
            return self._since_1970(family, cell)
        origin = "1904-01-01" if self.date1904 else "1899-12-30"
        number = f"CASE WHEN regexp_full_match({cell}, '[2-7]\\d{{4}}([.,]\\d+)?') THEN TRY_CAST(replace({cell}, ',', '.') AS DOUBLE) END"
        # Excel keeps about a millisecond: round to the second, or midnight becomes 23:59:59.999.
        return f"(TIMESTAMP '{origin}' + to_seconds(round(({number}) * 86400)))"

    def _since_1970(self, family: str, cell: str) -> str:
        digits = next(count for count, name in EPOCH_FAMILY.items() if name == family)
        whole = f"regexp_full_match({cell}, '1\\d{{{digits - 1}}}(\\.\\d+)?')"
        factor = 10.0 ** (_DIGITS_OF_MICROSECONDS - digits)
        micros = f"CASE WHEN {whole} THEN CAST(round(TRY_CAST({cell} AS DOUBLE) * {factor}) AS BIGINT) END"
        if family == "epoch_ns":  # more digits than a double keeps
            micros = f"CASE WHEN {whole} THEN TRY_CAST({cell} AS BIGINT) // 1000 END"
        return f"timezone({text(self.timezone)}, make_timestamp({micros})::TIMESTAMP AT TIME ZONE 'UTC')"

    def _by_format(self, members: list[Shape], cell: str, orders: Mapping[str, Order]) -> str:
        forms: list[str] = []
        for shape in members:
            first, second = ("%d", "%m") if orders.get(shape.separator, self.usual_order) == "dmy" else ("%m", "%d")
            form = shape.format.replace("%1", first).replace("%2", second)
            if form not in forms:
                forms.append(form)
        if any("%p" in form for form in forms):
            cell = f"regexp_replace({cell}, '(?i)([ap])\\.?m\\.?', '\\1m')"
        zoned = [form for form in forms if re.search(r"(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$", form)]
        plain = [form for form in forms if form not in zoned]
        parts = []
        if plain:
            parts.append(self._local(f"try_strptime({cell}, [{', '.join(text(form) for form in plain)}])"))
        for form in zoned:
            bare = re.sub(r"\s?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$", "", form)
            parts.append(self._zoned(form, bare, cell))
        return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"

    def _zoned(self, form: str, bare: str, cell: str) -> str:
        cut = f"regexp_replace({cell}, '\\s?(Z|UTC|GMT|[+-]\\d{{2}}(:?\\d{{2}})?)$', '')"
        sign = re.search(r"([+-])(\d{2}):?(\d{2})?$", form)
        minutes = (int(sign[2]) * 60 + int(sign[3] or 0)) * (1 if sign[1] == "+" else -1) if sign else 0
        ends = form[len(bare) :].strip()
        moment = f"try_strptime({cut}, {text(bare)}) - INTERVAL ({minutes}) MINUTE"
        return (
            f"CASE WHEN ends_with({cell}, {text(ends)}) THEN timezone({text(self.timezone)}, "
            f"({moment}) AT TIME ZONE 'UTC') END"
        )

    def _local(self, moment: str) -> str:
        """A time without offset: of the source's zone if that is known to be another, else the project's."""
        if not self.source_timezone or self.source_timezone == self.timezone:
            return moment
        return f"timezone({text(self.timezone)}, ({moment}) AT TIME ZONE {text(self.source_timezone)})"

    def _orders(self, column: str, members: list[Shape], order: Order | None) -> dict[str, Order]:
        """Order of day and month per separator: a column typed by many hands may have 31/12 beside 12-31."""
        orders: dict[str, Order] = {}
        for separator in sorted({shape.separator for shape in members if shape.family == "ordered"}):
            own = None if self.forced_order else self._order_of(column, separator)
            orders[separator] = "dmy" if separator == "." else own or order or self.usual_order
        return orders

    def _decide_order(self, column: str, shapes: Counter[Shape]) -> tuple[Order | None, bool]:
        ordered = [shape for shape in shapes if shape.family == "ordered"]
        if not ordered:
            return None, False
        if self.forced_order:
            return self.forced_order, False
        separators = sorted({shape.separator for shape in ordered})
        if separators == ["."]:
            return "dmy", False
        for separator in separators:
            if separator != "." and (order := self._order_of(column, separator)):
                return order, False
        votes = Counter(order for order in self._proven.values() if order)
        if len(votes) == 1:
            return next(iter(votes)), False
        if any(shape.half for shape in ordered):
            return "mdy", True
        return self.usual_order, True

    def _order_of(self, column: str, separator: str) -> Order | None:
        """What all values of a column prove: a part above 12 is a day, a part that never changes as well."""
        key = f"{column}\x00{separator}"
        if key not in self._proven:
            first, second = (
                f"TRY_CAST(regexp_extract(split_part({quoted(column)}, {text(separator)}, {n}), '\\d+') AS INTEGER)"
                for n in (1, 2)
            )
            row = first_row(
                self.connection,
                f"""
                SELECT count(*) FILTER (a BETWEEN 13 AND 31), count(*) FILTER (b BETWEEN 13 AND 31),
                       count(DISTINCT a), count(DISTINCT b)
                FROM (SELECT {first} AS a, {second} AS b FROM {quoted(self.table)}
                      WHERE contains({quoted(column)}, {text(separator)}))
            """,
            )
            self._proven[key] = _order_from(*row)
        return self._proven[key]


def _order_from(first_above: int, second_above: int, first_distinct: int, second_distinct: int) -> Order | None:
    if first_above != second_above:
        return "dmy" if first_above > second_above else "mdy"
    if not first_above and first_distinct == 1 and second_distinct >= 4:
        return "dmy"
    if not first_above and second_distinct == 1 and first_distinct >= 4:
        return "mdy"
    return None


def _named_expression(cell: str) -> str:
    """Dates whose month is a name: day, month number, year and clock are picked out and put together."""
    words = "|".join(sorted(MONTHS, key=lambda word: (-len(word), word)))
    word = f"lower(regexp_extract({cell}, '(?i)(?:^|[^\\p{{L}}])({words})\\.?(?:[^\\p{{L}}]|$)', 1))"
    numbers = ", ".join(f"{text(name)}: {number}" for name, number in sorted(MONTHS.items()))
    month = f"MAP {{{numbers}}}[{word}]"
    clock = f"regexp_extract({cell}, '\\d{{1,2}}:\\d{{2}}(:\\d{{2}})?(\\.\\d+)?')"
    rest = f"regexp_replace({cell}, '\\d{{1,2}}:\\d{{2}}.*$', '')"
    day = f"regexp_extract({rest}, '(?:^|[^\\d])(\\d{{1,2}})(?:[^\\d]|$)', 1)"
    tail = f"regexp_extract({rest}, '(\\d{{4}}|\\d{{2}})\\D*$', 1)"
    year = f"CASE WHEN length({tail}) = 2 THEN '20' || {tail} ELSE {tail} END"
    half = f"regexp_extract({cell}, '(?i)\\d\\s?([ap])\\.?m', 1)"
    date = f"{year} || '-' || {month} || '-' || {day}"
    moment = f"TRY_CAST({date} || CASE WHEN {clock} = '' THEN '' ELSE ' ' || {clock} END AS TIMESTAMP)"
    noon = (
        f"CASE WHEN lower({half}) = 'p' AND hour({moment}) < 12 THEN INTERVAL 12 HOUR "
        f"WHEN lower({half}) = 'a' AND hour({moment}) = 12 THEN INTERVAL (-12) HOUR ELSE INTERVAL 0 HOUR END"
    )
    return f"({moment} + {noon})"


def _label(shapes: Counter[Shape], orders: Mapping[str, Order]) -> str:
    names = {"iso": "ISO 8601", "offset": "ISO 8601 with offset", "named": "month by name", "epoch_ms": "milliseconds",
             "epoch_us": "microseconds", "epoch_ns": "nanoseconds", "epoch_s": "seconds since 1970", "serial": "Excel serial"}  # fmt: skip
    labels = []
    for shape, _ in shapes.most_common():
        first, second = ("%m", "%d") if orders.get(shape.separator) == "mdy" else ("%d", "%m")
        label = names.get(shape.family) or shape.format.replace("%1", first).replace("%2", second)
        if label not in labels:
            labels.append(label)
    return " | ".join(labels[:4])
