"""Roles that no header tells: found by what the values of a column look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from leadaudit.ingest.recognition.closing import named_closing
from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.recognition.fitness import stage_likeness
from leadaudit.ingest.recognition.meanings import activity_kind, classify_status
from leadaudit.ingest.values.headers import fold, header_unit, normalise_header

_OWNER_WORDS = frozenset("owner besitzer inhaber zustaendig rep assigned assignee responsible verantwortlich".split())

_LEAD_WORDS = frozenset("lead leads deal deals opportunity opportunities opp potential chance verkaufschance".split())
_ID_WORDS = frozenset("id ids key nr no number nummer code ref guid uuid uid".split())

STANDING_ROLES = frozenset(
    {"stage", "status", "stage_id", "won_flag", "closed_flag", "lost_flag", "won_at", "lost_at", "closed_at", "converted_flag", "group"}
)  # fmt: skip
"""Roles that tell where a lead stands."""

SURE_ENDING = 0.6
"""How sure every value of a column must be of won or lost where no header says what it is."""

SURE_HEADER = 0.9
"""A role that the header gave at least so surely is not doubted."""

_DATE_HEADER = frozenset("date datum day tag on am dt ts timestamp".split())
_NO_SUM = frozenset(
    "id nr no zip plz phone tel telefon lat lon lng latitude longitude year jahr score rating version hours stunden days tage percent prozent".split()
)

MIN_STEPS, MAX_STEPS = 3, 12

SURE_BY_CONTENT = 0.5
"""A role that only the values suggest."""


@dataclass(frozen=True)
class _Found:
    roles: dict[str, str]
    sure: dict[str, float]
    given: frozenset[str]


def roles_by_content(
    kind: str,
    roles: dict[str, str],
    sure: dict[str, float],
    columns: list[Content],
    taken: set[str],
    given: Iterable[str] = (),
) -> None:
    """Roles that no header gave: told by the values of the columns that are left; ``given`` roles stay as they are."""
    made = _Found(roles, sure, frozenset(given))
    rest = [column for column in columns if column.column not in taken and column.counts]
    _take(made, "lead_id", [c for c in rest if _names_a_lead(c, kind)], lambda c: -c.place)
    if kind == "leads":
        _lead_roles_by_content(made, columns, rest)
    elif kind == "activities":
        _take(made, "at", [c for c in rest if c.date_share > 0.8], lambda c: c.filled_share)
        _take(made, "kind", [c for c in rest if c.word_share("kinds") > 0.6], lambda c: c.word_share("kinds"))
        _take(made, "direction", [c for c in rest if c.word_share("directions") > 0.8], lambda c: c.filled_share)
        _take(made, "by", [c for c in rest if _names_people(c)], lambda c: c.filled_share)
    else:
        _take(made, "field", [c for c in rest if c.word_share("fields") > 0.5], lambda c: c.filled_share)
        _take(made, "at", [c for c in rest if c.date_share > 0.8], lambda c: c.filled_share)
        _take(made, "after", [c for c in rest if stage_likeness(c) > 0.4], stage_likeness)


def _lead_roles_by_content(made: _Found, columns: list[Content], rest: list[Content]) -> None:
    if not {"stage", "stage_id", "status"} & set(made.roles):
        _take(made, "stage", [c for c in rest if stage_likeness(c) > 0.35], stage_likeness)
    if not STANDING_ROLES & set(made.roles):  # "Category" may say it where nothing else does
        _take(made, "stage", [c for c in columns if stage_likeness(c) > 0.8], stage_likeness)
    if "lead_id" not in made.roles:
        keys = [
            c
            for c in rest
            if c.distinct_share > 0.99 and c.filled_share > 0.95 and c.token_share > 0.8
            if c.email_share < 0.5 and c.cents_share < 0.5
        ]
        _take(made, "lead_id", keys, lambda c: -c.place)
    _creation(made, columns, rest)
    if not {"amount", "amount_base_currency", "amount_actual"} & set(made.roles):
        money = [c for c in rest if c.number_share > 0.8 and (c.money_share > 0.5 or header_unit(c.header).currency)]
        _take(made, "amount", money, lambda c: c.filled_share)
        _take(made, "amount", [c for c in rest if _names_money(c)], lambda c: (_NET in fold(c.header), -c.place))
        _take(made, "amount", _sums(rest), lambda c: c.filled_share)
    if "probability" not in made.roles:
        _take(made, "probability", [c for c in rest if _names_chances(c)], lambda c: -c.place)
    if "owner" not in made.roles:
        left = [c for c in columns if c.column not in made.roles.values()]
        named = [
            c
            for c in left
            if _names_people(c) and (c in rest or _OWNER_WORDS & set(normalise_header(c.header).split()))
        ]
        _take(made, "owner", [c for c in rest if _names_who_sells(c)], lambda c: c.filled_share)
        _take(made, "owner", [c for c in named if not _names_the_other_side(c)], lambda c: c.filled_share)
    if "name" not in made.roles and not {"first_name", "last_name"} & set(made.roles):
        titles = [
            c
            for c in rest
            if c.distinct_share > 0.8
            and c.filled_share > 0.8
            and c.date_share < 0.2
            and c.number_share < 0.5
            and c.token_share < 0.5
            and c.email_share + c.url_share < 0.5
            and c.mean_length < 80
        ]
        _take(made, "name", titles, lambda c: -c.place)
    if "name" not in made.roles and "description" in made.roles.keys() - made.given:
        _name_of_description(made, columns)
    _next_step_of_dates(made, columns, rest)
    _status_of_endings(made, rest)
    _endings_of_marks(made, rest)
    _stage_of_status(made, columns)
    _stage_of_probability(made, columns)


def _creation(made: _Found, columns: list[Content], rest: list[Content]) -> None:
    """Every lead has a day of creation: a date that all have is it rather than a doubtful one that many lack."""
    role = "created_at"
    dates = [c for c in rest if _holds_days(c) and c.filled_share > 0.9]
    if role in made.roles and dates and role not in made.given:
        filled = next(column.filled_share for column in columns if column.column == made.roles[role])
        if filled < (0.75 if made.sure[role] >= SURE_HEADER else 0.9):
            del made.roles[role], made.sure[role]
    _take(made, role, dates, lambda c: -c.place)


def _holds_days(content: Content) -> bool:
    """Dates, or numbers that could be some ("20260131") under a header that speaks of a date."""
    named = _DATE_HEADER & set(normalise_header(content.header).split())
    return content.date_share > 0.8 or bool(named and content.date_or_serial_share > 0.9)


def _sums(rest: list[Content]) -> list[Content]:
    """The only column of numbers that differ from lead to lead and are written like sums of money; none if there are several."""
    found = [
        c
        for c in rest
        if c.number_share > 0.9 and c.cents_share > 0.5 and c.distinct_share > 0.5 and c.filled_share > 0.3
        if not _NO_SUM & set(normalise_header(c.header).split())
    ]
    return found if len(found) == 1 else []


def days_of_stays(roles: dict[str, str], sure: dict[str, float], by_column: Mapping[str, Content]) -> None:
    """What is called "from" and "to" and holds days, where no other column does: when a stage was entered and left."""
    days = {name for name, content in by_column.items() if content.date_share > 0.8}
    of_stays = {roles[role] for role in ("before", "after", "left_at") if role in roles}
    if "field" in roles or "at" in roles or not days <= of_stays:
        return
    for role, instead in (("before", "at"), ("after", "left_at")):
        if roles.get(role) in days and instead not in roles:
            roles[instead], sure[instead] = roles.pop(role), sure.pop(role)


def _name_of_description(made: _Found, columns: list[Content]) -> None:
    """Short texts that nearly every lead has one of its own are its title, though headed "Beschreibung"."""
    content = next(column for column in columns if column.column == made.roles["description"])
    titles = content.filled_share > 0.9 and content.distinct_share > 0.5 and 4 < content.mean_length < 45
    if titles and content.number_share < 0.5:
        made.roles["name"], made.sure["name"] = made.roles.pop("description"), made.sure.pop("description")


def _next_step_of_dates(made: _Found, columns: list[Content], rest: list[Content]) -> None:
    """The dates directly behind the next step are its days: "Check-Datum", "bis"."""
    if "next_step_at" in made.roles or "next_step" not in made.roles:
        return
    place = next(column.place for column in columns if column.column == made.roles["next_step"])
    _take(
        made, "next_step_at", [c for c in rest if c.place == place + 1 and c.date_share > 0.8], lambda c: c.filled_share
    )


def _status_of_endings(made: _Found, rest: list[Content]) -> None:
    """A column that says nothing but how leads ended, and nothing for those that are open."""
    if "status" not in made.roles:
        ended = [c for c in rest if c.filled_share < 0.95 and _says_endings(c)]
        _take(made, "status", ended, lambda c: c.filled_share)


def _says_endings(content: Content) -> bool:
    if not 2 <= len(content.counts) <= 12 or content.date_share > 0.1:
        return False
    meanings = [classify_status(value) for value in content.values]
    told = [one.meaning for one in meanings if one.sure >= SURE_ENDING]
    return {"won", "lost"} <= set(told) and len(told) == len(meanings)


def _names_a_lead(content: Content, kind: str) -> bool:
    """A header that has a lead and an id among its words, and ids below: "OpportunityExtId", "crm deal key"."""
    words = set(normalise_header(content.header).split())
    told = _LEAD_WORDS & words and _ID_WORDS & words
    unique = content.distinct_share > 0.99 or kind != "leads"
    return bool(told) and unique and content.filled_share > 0.95 and content.token_share > 0.8


def _names_people(content: Content) -> bool:
    """Few names of persons, or few mail addresses, again and again: those who are in charge."""
    # "Email Opened" and "Contact Made" are written like names of persons.
    if any(activity_kind(value).kind for value in content.values[:5]) or content.stage_share > 0.3:
        return False
    return (
        max(content.person_share, content.email_share) > 0.8
        and content.distinct_share < 0.3
        and len(content.counts) < 80
    )


def _endings_of_marks(made: _Found, rest: list[Content]) -> None:
    """A cross under "Auftrag" or "Absage" says how a lead ended."""
    for outcome, role in (("won", "won_flag"), ("lost", "lost_flag")):
        marks = [c for c in rest if c.boolean_share > 0.9 and named_closing(c.header) == outcome]
        _take(made, role, marks, lambda c: -c.place)


def _stage_of_probability(made: _Found, columns: list[Content]) -> None:
    """Where nothing else tells where a lead stands, a few steps of a probability do: 25 %, 50 %, 75 %."""
    if STANDING_ROLES & set(made.roles) or "probability" not in made.roles:
        return
    steps = next(column for column in columns if column.column == made.roles["probability"])
    if MIN_STEPS <= len(steps.counts) <= MAX_STEPS and steps.number_share > 0.9:
        made.roles["stage"], made.sure["stage"] = steps.column, SURE_BY_CONTENT


def _stage_of_status(made: _Found, columns: list[Content]) -> None:
    """A status with more steps than open, won, lost and paused is the stage as well."""
    if "stage" in made.roles or "stage_id" in made.roles or "status" not in made.roles:
        return
    status = next(column for column in columns if column.column == made.roles["status"])
    steps = [value for value in status.values if classify_status(value).meaning in ("open", None)]
    if 2 <= len(steps) <= 40:
        made.roles["stage"], made.sure["stage"] = status.column, made.sure["status"]


_NET = "netto"
_OTHER_SIDE_ROOTS = (
    "ansprech",
    "kontakt",
    "kunde",
    "person",
    "contact",
    "customer",
    "client",
    "entscheid",
    "inhaber firma",
)
_MONEY_ROOTS = ("praemie", "beitrag", "provision", "premium", "retainer", "betrag", "summe", "wert", "preis", "umsatz", "volumen", "netto", "erloes", "budget", "spanne", "honorar",
                "amount", "value", "revenue", "price", "sum", "fee", "turnover")  # fmt: skip
_NO_LEADS_MONEY = ("mwst", "ust", "steuer", "tax", "vat", "rabatt", "discount", "gewicht", "weight", "marge", "margin",
                   "kosten", "cost", "brutto", "annual", "jahresumsatz", "bewertung", "score")  # fmt: skip
_SELLER_ROOTS = ("vertr", "verkaeuf", "bearb", "betreu", "zustaend", "verantw", "berat", "anruf", "akquis", "mitarb",
                 "sachb", "kuemmer", "sales", "rep", "agent", "seller", "owner", "assigne", "handl")  # fmt: skip


def _names_the_other_side(content: Content) -> bool:
    return any(root in fold(content.header) for root in _OTHER_SIDE_ROOTS)


def _names_money(content: Content) -> bool:
    """Numbers under a header with a word for money in it, and none for tax, discount or weight."""
    header = fold(content.header)
    told = any(root in header for root in _MONEY_ROOTS) and not any(root in header for root in _NO_LEADS_MONEY)
    return told and content.number_share > 0.9 and content.date_share < 0.3 and len(content.counts) > 3


_PERCENT = re.compile(r"\d{1,3}(?:[.,]\d+)? ?%")


def _names_chances(content: Content) -> bool:
    """Percentages that come again and again: in the cells, or as the header says; discounts are none."""
    header = fold(content.header)
    told = header_unit(content.header).percent or all(_PERCENT.fullmatch(value) for value in content.values[:200])
    again = content.number_share > 0.9 and 1 < len(content.counts) <= MAX_CHANCES and content.distinct_share < 0.6
    return told and again and not any(root in header for root in _NO_LEADS_MONEY)


MAX_CHANCES = 40


def _names_who_sells(content: Content) -> bool:
    """Few short names or initials, again and again, under a header that begins with a word for those who sell."""
    words = normalise_header(content.header).split()
    told = any(word.startswith(root) for word in words for root in _SELLER_ROOTS)
    few = 1 < len(content.counts) < 80 and content.distinct_share < 0.5 and content.mean_length < 30
    names = content.number_share < 0.3 and content.date_share < 0.1 and content.stage_share < 0.3
    return told and few and names and content.boolean_share < 0.5


def _take(made: _Found, role: str, fitting: Iterable[Content], worth: Callable[[Content], Any]) -> None:
    free = [c for c in fitting if c.column not in made.roles.values()]
    if role not in made.roles and free:
        best = max(free, key=worth)
        made.roles[role], made.sure[role] = best.column, SURE_BY_CONTENT
