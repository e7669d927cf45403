"""How dates are written: told by looking at one value at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MONTHS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "jan jän january januar jänner jaenner januari ene enero janvier janv gen gennaio janeiro",
            "feb february februar feber fev febr februari febrero février fév fevrier febbraio fevereiro",
            "mar mär mrz maer march märz maerz maart mars marzo março marco",
            "apr april abr abril avril avr aprile",
            "may mai mei mayo mag maggio maio",
            "jun june juni junio juin giu giugno junho",
            "jul july juli julio juillet juil lug luglio julho",
            "aug august augustus ago agosto août aout",
            "sep sept september septiembre septembre set settembre setembro",
            "oct okt october oktober octubre octobre ott ottobre out outubro",
            "nov november noviembre novembre novembro",
            "dec dez december dezember dic diciembre décembre déc decembre dicembre dezembro",
        ),
        start=1,
    )
    for word in words.split()
}
"""Month names and their abbreviations: German, English and the neighbours."""

_CLOCK = r"(?P<clock>\d{1,2}:\d{2}(?P<seconds>:\d{2}(?P<fraction>[.,]\d{1,9})?)?(?:\s?(?P<half>[AaPp]\.?[Mm]\.?))?)"
_AFTER = rf"(?P<gap>,?[ T\u00a0\u202f]\s?|, )?(?:{_CLOCK}?)(?P<hour_word>\s?Uhr)?(?P<offset>\s?(?:Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}}|[+-]\d{{2}}))?"
_YEAR_FIRST = re.compile(rf"(?P<a>\d{{4}})(?P<s1>[-/.])(?P<b>\d{{1,2}})(?P=s1)(?P<c>\d{{1,2}}){_AFTER}")
_YEAR_LAST = re.compile(rf"(?P<a>\d{{1,2}})(?P<s1>[-/.])\s?(?P<b>\d{{1,2}})(?P=s1)\s?(?P<c>\d{{4}}|\d{{2}}){_AFTER}")
_NAMED = re.compile(
    rf"(?:[^\W\d_]{{2,}}\.?,? )?(?:(?P<d1>\d{{1,2}})\.?[ -]|)(?P<month>[^\W\d_]{{3,}})\.?[ -](?:(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? )?,?\s?(?P<year>\d{{4}}|\d{{2}}){_AFTER}"
)
_NAMED_COMMA = re.compile(
    rf"(?P<d1>\d{{1,2}})\.?[ -](?P<month>[^\W\d_]{{3,}})\.?,[ ]?(?P<year>\d{{4}}|\d{{2}}){_AFTER}"
)
_COMPACT = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?P<clock>T?\d{6}Z?)?")
_EPOCH = re.compile(r"1\d{9}(?:\d{3}|\d{6}|\d{9}|\.\d+)?")
EPOCH_FAMILY = {10: "epoch_s", 13: "epoch_ms", 16: "epoch_us", 19: "epoch_ns"}
"""By the count of digits: what is counted since 1970, from 2001 to 2033."""

_NUMBER_FAMILIES = frozenset({"serial", "compact", *EPOCH_FAMILY.values()})
_SERIAL = re.compile(r"[2-7]\d{4}(?:[.,]\d+)?")
_EMPTY_DATE = re.compile(r"0{2,4}[-./]0{2}[-./]0{2,4}(?:[ T]0{2}:0{2}(?::0{2})?)?")
EMPTY_DATE_SQL = r"^0{2,4}[-./]0{2}[-./]0{2,4}([ T]0{2}:0{2}(:0{2})?)?$"


@dataclass(frozen=True)
class Shape:
    """How one date is written.

    Attributes
    ----------
    family : str
        ``iso``, ``offset`` (ISO with a zone), ``ordered`` (day, month, year by numbers), ``year_first``,
        ``named`` (month by name), ``compact``, ``epoch_s``, ``epoch_ms``, ``epoch_us``, ``epoch_ns``, ``serial``.
    format : str
        ``strptime`` format; for ``ordered`` with ``%1`` and ``%2`` for the first two parts.
    clock : bool
        There is a time of day.
    """

    family: str
    format: str = ""
    clock: bool = False
    separator: str = ""
    half: bool = False


def shape_of(value: str) -> Shape | None:
    """Tell how a date is written; None if it is no date.

    Examples
    --------
    >>> shape_of("28.05.2026, 10:15").format
    '%1.%2.%Y, %H:%M'
    >>> shape_of("soon") is None
    True
    """
    value = value.strip()
    if found := _YEAR_FIRST.fullmatch(value):
        return _year_first(found)
    if found := _YEAR_LAST.fullmatch(value):
        separator = found["s1"]
        form = f"%1{separator}%2{separator}{_year(found['c'])}{_clock_format(found)}"
        return Shape("ordered", form, bool(found["clock"]), separator, bool(found["half"]))
    for pattern in (_NAMED_COMMA, _NAMED):
        found = pattern.fullmatch(value)
        if found and found["month"].casefold() in MONTHS and (found["d1"] or found.groupdict().get("d2")):
            return Shape("named", "", bool(found["clock"]), half=bool(found["half"]))
    return _number_shape(value)


def _year_first(found: re.Match[str]) -> Shape:
    clock = bool(found["clock"])
    if found["offset"]:
        return Shape("offset", "", clock)
    if found["s1"] == "-" and not found["half"] and not found["hour_word"] and (found["gap"] or "") in ("", " ", "T"):
        return Shape("iso", "", clock)
    form = f"%Y{found['s1']}%m{found['s1']}%d{_clock_format(found)}"
    return Shape("year_first", form, clock, found["s1"], bool(found["half"]))


def _number_shape(value: str) -> Shape | None:
    if found := _COMPACT.fullmatch(value):
        clock = found["clock"] or ""
        form = "%Y%m%d" + ("T" if clock.startswith("T") else "") + ("%H%M%S" if clock else "")
        return Shape("compact", form + ("Z" if clock.endswith("Z") else ""), bool(clock))
    if _EPOCH.fullmatch(value):
        return Shape(EPOCH_FAMILY[len(value.partition(".")[0])], clock=True)
    if _SERIAL.fullmatch(value):
        return Shape("serial", clock=bool(re.search(r"[.,]0*[1-9]", value)))
    return None


def _year(text_: str) -> str:
    return "%Y" if len(text_) == 4 else "%y"


def _clock_format(found: re.Match[str]) -> str:
    if not found["clock"]:
        return (found["gap"] or "") + ("Z" if (found["offset"] or "").strip() == "Z" else "")
    hour = "%I" if found["half"] else "%H"
    seconds = ":%S" if found["seconds"] else ""
    fraction = f"{found['fraction'][0]}%f" if found["fraction"] else ""
    half = (" " if re.search(r"\s[AaPp]", found["clock"]) else "") + "%p" if found["half"] else ""
    return f"{found['gap'] or ''}{hour}:%M{seconds}{fraction}{half}{found['hour_word'] or ''}{found['offset'] or ''}"


def date_share(values: Iterable[str], *, numbers: bool = False) -> float:
    """Share of values that are dates; numbers that could be dates (serials, seconds) count only on demand."""
    seen = hits = 0
    for value in values:
        seen += 1
        shape = shape_of(value)
        hits += shape is not None and (numbers or shape.family not in _NUMBER_FAMILIES)
    return hits / seen if seen else 0.0
