"""Texts to numbers: the decimal sign of a column is told from its values, signs and units are read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from leadaudit.ingest.loading.database import quoted, text
from leadaudit.ingest.values.headers import CURRENCIES, header_unit

DecimalSign = Literal[".", ","]

_SCALES = {"k": 1e3, "tsd": 1e3, "t": 1e3, "m": 1e6, "mio": 1e6, "mn": 1e6, "mrd": 1e9, "bn": 1e9, "b": 1e9}
_SIGNS = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True))
_NUMBER = re.compile(
    rf"'?\(?\s*(?P<minus>[-−–+])?\s*(?:(?P<before>{_SIGNS}|[A-Z]{{3}})\s*)?(?P<minus2>[-−])?"
    rf"(?P<digits>\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)"
    rf"\s*(?:(?P<scale>k|tsd\.?|mio\.?|mrd\.?|mn|bn|[mbt])(?![a-z]))?\s*(?P<after>{_SIGNS}|[A-Z]{{3}})?"
    rf"(?:[,.]?[-–—]+)?\s*(?P<percent>%)?\s*\)?-?",
    re.IGNORECASE,
)
_DASH_ONLY = re.compile(rf"\s*(?:{_SIGNS})?\s*[-–—]+\s*(?:{_SIGNS})?\s*", re.IGNORECASE)
DASH_ONLY_SQL = r"^\s*[€$£¥]?\s*[-–—]+\s*[€$£¥]?\s*$"
_CURRENCY_SQL = "(?i)(" + "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True)) + ")"


@dataclass(frozen=True)
class NumberReading:
    """How the texts of a column become numbers.

    Attributes
    ----------
    expression : str
        SQL that gives a DOUBLE or NULL.
    label : str
        For people.
    decimal_sign : {".", ","} or None
        None where no value has one.
    ambiguous : bool
        Every value could be read both ways ("1.234").
    currency_expression : str or None
        SQL that gives an ISO code, where cells or the header name a currency.
    """

    expression: str
    label: str
    decimal_sign: DecimalSign | None
    ambiguous: bool = False
    currency_expression: str | None = None


def number_share(values: Iterable[str]) -> float:
    """Share of values that are numbers, currencies and percent signs included.

    Examples
    --------
    >>> number_share(["$22,700.00", "1.234,56 EUR", "soon", "-"])
    0.5
    """
    seen = hits = 0
    for value in values:
        seen += 1
        hits += _NUMBER.fullmatch(value.strip()) is not None
    return hits / seen if seen else 0.0


def money_share(values: Iterable[str]) -> float:
    """Share of values with a currency sign or code."""
    found = [_NUMBER.fullmatch(value.strip()) for value in values]
    return sum(1 for one in found if one and _currency(one)) / len(found) if found else 0.0


def _currency(found: re.Match[str]) -> str | None:
    return CURRENCIES.get((found["before"] or found["after"] or "").casefold())


def decimal_sign(values: Iterable[str], usual: DecimalSign = ".") -> tuple[DecimalSign | None, bool]:
    """Tell the decimal sign of a column, and whether it is a guess.

    Examples
    --------
    >>> decimal_sign(["1.234,50", "12"]), decimal_sign(["42,000", "95,570.69"]), decimal_sign(["1.500", "2.000"], ",")
    ((',', False), ('.', False), (',', True))
    """
    found = (_NUMBER.fullmatch(value.strip()) for value in values)
    return _sign_of((one for one in found if one), usual)


def _sign_of(found: Iterable[re.Match[str]], usual: DecimalSign) -> tuple[DecimalSign | None, bool]:
    proof = {".": 0, ",": 0}
    open_cases = {".": 0, ",": 0}
    for one in found:
        _weigh(one["digits"].strip(), proof, open_cases)
    if proof["."] or proof[","]:
        return ("." if proof["."] >= proof[","] else ","), False
    if not open_cases["."] and not open_cases[","]:
        return None, False
    if open_cases["."] and open_cases[","]:
        return usual, True
    # Three digits after the only sign: nobody writes amounts in thousandths, and percentages are not as long.
    return ("," if open_cases["."] else "."), True


def _weigh(digits: str, proof: dict[str, int], open_cases: dict[str, int]) -> None:
    signs = [sign for sign in digits if sign in ".,"]
    if not signs:
        return
    last = signs[-1]
    other = "," if last == "." else "."
    tail = digits[digits.rindex(last) + 1 :]
    if len(set(signs)) == 2:
        proof[last] += 1
    elif len(signs) > 1:
        proof[other] += 1
    elif len(tail) != 3 or digits.startswith("0") or digits[0] in ".,":
        proof[last] += 1
    else:
        open_cases[last] += 1


def read_numbers(
    column: str, header: str, values: Iterable[str], usual: DecimalSign = ".", *, share: bool = False
) -> NumberReading | None:
    """Tell how a column of numbers is read.

    Parameters
    ----------
    column : str
        Name in the database table.
    header : str
        As in the file: may name a unit ("Umsatz in T€").
    values : iterable of str
        Some of its values, distinct ones suffice.
    usual : {".", ","}
        Decimal sign where nothing tells.
    share : bool
        The column holds percentages or shares; the result lies between 0 and 1.

    Returns
    -------
    NumberReading or None
        None if hardly any value is a number.
    """
    seen = [value for value in values if not _DASH_ONLY.fullmatch(value)]
    found = [one for value in seen if (one := _NUMBER.fullmatch(value.strip())) is not None]
    if not found or len(found) < 0.5 * len(seen):
        return None
    sign, ambiguous = _sign_of(found, usual)
    unit = header_unit(header)
    expression = _number_sql(quoted(column), sign or usual, scaled=any(one["scale"] for one in found))
    if unit.factor != 1.0:
        expression = f"({expression}) * {unit.factor}"
    if share:
        expression = _share_sql(expression, found, sign or usual, percent=unit.percent)
    names_currency = sum(1 for one in found if _currency(one)) > 0.5 * len(found)
    return NumberReading(
        expression=expression,
        label=f"decimal {'comma' if sign == ',' else 'point'}" if sign else "whole numbers",
        decimal_sign=sign,
        ambiguous=ambiguous,
        currency_expression=_currency_sql(quoted(column))
        if names_currency
        else (text(unit.currency) if unit.currency else None),
    )


def _number_sql(cell: str, sign: DecimalSign, *, scaled: bool) -> str:
    """Plain numbers are cast; anything else is stripped of what is no digit first."""
    digits = f"regexp_extract({cell}, '[0-9.,][0-9.,''’ \\x{{a0}}\\x{{202f}}]*')"
    bare = f"regexp_replace({digits}, '[''’ \\x{{a0}}\\x{{202f}}]', '', 'g')"
    bare = f"rtrim({bare}, ',.')"
    plain = f"replace({bare}, ',', '')" if sign == "." else f"replace(replace({bare}, '.', ''), ',', '.')"
    negative = f"regexp_matches({cell}, '^''?\\s*[(]?\\s*[^0-9]*[-−]\\s*[^0-9]*[0-9]|[0-9]-$|^\\s*\\(.*\\)\\s*$')"
    shape = "^''?[(]?\\s*[-−–+]?\\s*[^0-9.,]{0,6}[-−]?[0-9.,][0-9.,''’ \\x{a0}\\x{202f}]*\\s*[^0-9]{0,8}$"
    slow = f"TRY_CAST({plain} AS DOUBLE) * CASE WHEN {negative} THEN -1 ELSE 1 END"
    if scaled:
        word = f"lower(rtrim(regexp_extract({cell}, '(?i)[0-9]\\s*(k|tsd|mio|mrd|mn|bn|[mbt])\\b', 1), '.'))"
        whens = " ".join(f"WHEN {text(name)} THEN {factor}" for name, factor in _SCALES.items())
        slow = f"{slow} * CASE {word} {whens} ELSE 1 END"
    simple = "^-?[0-9]+([.][0-9]+)?$" if sign == "." else "^-?[0-9]+$"
    return (
        f"CASE WHEN regexp_matches({cell}, {text(simple)}) THEN TRY_CAST({cell} AS DOUBLE) "
        f"WHEN regexp_matches({cell}, '{shape}') THEN {slow} END"
    )


def _share_sql(expression: str, found: list[re.Match[str]], sign: DecimalSign, *, percent: bool) -> str:
    """Percentages to shares: 75 % and 75 are 0.75; 0.75 stays where no value of the column is above 1."""
    other = "," if sign == "." else "."
    largest = max(
        float(one["digits"].replace(other, "").replace(sign, ".").strip(" '’\u00a0\u202f.") or 0) for one in found
    )
    if percent or any(one["percent"] for one in found) or largest > 1:
        return f"({expression}) / 100"
    return expression


def _currency_sql(cell: str) -> str:
    sign = f"lower(regexp_extract({cell}, {text(_CURRENCY_SQL)}, 1))"
    whens = " ".join(f"WHEN {text(name)} THEN {text(code)}" for name, code in CURRENCIES.items())
    return f"CASE {sign} {whens} END"
