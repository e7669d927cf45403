"""Roles that no header tells: found by what the values of a column look like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.recognition.fitness import stage_likeness
from leadaudit.ingest.recognition.found import Found
from leadaudit.ingest.recognition.people import (
    OWNER_WORDS,
    are_companies,
    are_contacts,
    are_initials,
    are_sellers,
    names_the_other_side,
    names_who_sells,
)
from leadaudit.ingest.recognition.standing import first_standing, second_standing
from leadaudit.ingest.recognition.sums import NET, are_steps, is_forecast, names_chances, names_money, only_sums
from leadaudit.ingest.values.headers import fold, header_unit

_LEAD_WORDS = frozenset("lead leads deal deals opportunity opportunities opp potential chance verkaufschance".split())
_ID_WORDS = frozenset("id ids key nr no number nummer code ref guid uuid uid".split())

SURE_HEADER = 0.9
"""A role that the header gave at least so surely is not doubted."""

_DATE_HEADER = frozenset("date datum day tag on am dt ts timestamp".split())


def roles_by_content(
    kind: str,
    roles: dict[str, str],
    sure: dict[str, float],
    columns: list[Content],
    taken: set[str],
    given: Iterable[str] = (),
) -> None:
    """Roles that no header gave: told by the values of the columns that are left; ``given`` roles stay as they are."""
    made = Found(roles, sure, frozenset(given))
    rest = [column for column in columns if column.column not in taken and column.counts]
    made.take("lead_id", [c for c in rest if _names_a_lead(c, kind)], lambda c: -c.place)
    if kind == "leads":
        _lead_roles_by_content(made, columns, rest)
    elif kind == "activities":
        made.take("at", [c for c in rest if c.date_share > 0.8], lambda c: c.filled_share)
        made.take("kind", [c for c in rest if c.word_share("kinds") > 0.6], lambda c: c.word_share("kinds"))
        made.take("direction", [c for c in rest if c.word_share("directions") > 0.8], lambda c: c.filled_share)
        made.take("by", [c for c in rest if are_sellers(c)], lambda c: c.filled_share)
    else:
        made.take("field", [c for c in rest if c.word_share("fields") > 0.5], lambda c: c.filled_share)
        made.take("at", [c for c in rest if c.date_share > 0.8], lambda c: c.filled_share)
        made.take("after", [c for c in rest if stage_likeness(c) > 0.4], stage_likeness)


def _lead_roles_by_content(made: Found, columns: list[Content], rest: list[Content]) -> None:
    first_standing(made, columns, rest)
    made.take("lead_id", [c for c in rest if _is_key(c) or _is_slug(c)], lambda c: -c.place)
    made.take("lead_id", [c for c in columns if _is_key(c) and _ID_WORDS & c.header_words], lambda c: -c.place)
    _creation(made, columns, rest)
    _money(made, columns, rest)
    _people(made, columns, rest)
    made.take("name", [c for c in rest if _is_title(c)], lambda c: -c.place)
    if made.lacks("name") and "description" in made.roles.keys() - made.given:
        _name_of_description(made, columns)
    _next_step_of_dates(made, columns, rest)
    second_standing(made, columns, rest)


def _money(made: Found, columns: list[Content], rest: list[Content]) -> None:
    if made.lacks("amount", "amount_base_currency", "amount_actual"):
        money = [c for c in rest if c.number_share > 0.8 and (c.money_share > 0.5 or header_unit(c.header).currency)]
        made.take("amount", money, lambda c: c.filled_share)
        made.take("amount", [c for c in rest if names_money(c)], lambda c: (NET in fold(c.header), -c.place))
        made.take("amount", only_sums(rest), lambda c: c.filled_share)
        made.take("amount", [c for c in columns if is_forecast(c)], lambda c: c.filled_share)
    made.take("probability", [c for c in rest if names_chances(c)], lambda c: -c.place)
    made.take("probability", [c for c in rest if are_steps(c)], lambda c: -c.place)


def _people(made: Found, columns: list[Content], rest: list[Content]) -> None:
    if made.lacks("owner", "owner_id"):
        left = [c for c in columns if c.column not in made.roles.values()]
        named = [c for c in left if are_sellers(c) and (c in rest or OWNER_WORDS & c.header_words)]
        made.take("owner", [c for c in rest if names_who_sells(c)], lambda c: c.filled_share)
        made.take("owner", [c for c in named if not names_the_other_side(c)], lambda c: c.filled_share)
        made.take("owner", [c for c in rest if are_initials(c)], lambda c: c.filled_share)
    if made.lacks("company"):
        made.take("company", [c for c in rest if are_companies(c)], lambda c: c.filled_share)
    if made.lacks("contact", "first_name", "last_name") and not made.lacks("name"):
        made.take("contact", [c for c in rest if are_contacts(c)], lambda c: c.filled_share)


def _is_key(content: Content) -> bool:
    """Another token on every lead that is no sum, no address and no day."""
    unique = content.distinct_share > 0.99 and content.filled_share > 0.95 and content.token_share > 0.8
    return unique and max(content.email_share, content.cents_share, content.date_share) < 0.5


def _is_slug(content: Content) -> bool:
    """Another word on every lead under a header that says so: "account_slug"."""
    unique = content.distinct_share > 0.99 and content.filled_share > 0.95
    return unique and "slug" in content.header_words and not any(" " in value for value in content.values[:200])


def _is_title(content: Content) -> bool:
    """Texts that nearly every lead has one of its own."""
    own = content.distinct_share > 0.8 and content.filled_share > 0.8 and content.mean_length < 60
    words = content.date_share < 0.2 and content.number_share < 0.5 and content.token_share < 0.5
    return own and words and content.email_share + content.url_share < 0.5


def _creation(made: Found, columns: list[Content], rest: list[Content]) -> None:
    """Every lead has a day of creation: a date that all have is it rather than a doubtful one that many lack."""
    role = "created_at"
    dates = [c for c in rest if _holds_days(c) and c.filled_share > 0.9]
    if role in made.roles and dates and role not in made.given:
        filled = next(column.filled_share for column in columns if column.column == made.roles[role])
        if filled < (0.75 if made.sure[role] >= SURE_HEADER else 0.9):
            del made.roles[role], made.sure[role]
    made.take(role, dates, lambda c: -c.place)


def _holds_days(content: Content) -> bool:
    """Dates, or numbers that could be some ("20260131") under a header that speaks of a date."""
    named = _DATE_HEADER & content.header_words
    return content.date_share > 0.8 or bool(named and content.date_or_serial_share > 0.9)


def days_of_stays(roles: dict[str, str], sure: dict[str, float], by_column: Mapping[str, Content]) -> None:
    """What is called "from" and "to" and holds days, where no other column does: when a stage was entered and left."""
    days = {name for name, content in by_column.items() if content.date_share > 0.8}
    of_stays = {roles[role] for role in ("before", "after", "left_at") if role in roles}
    if "field" in roles or "at" in roles or not days <= of_stays:
        return
    for role, instead in (("before", "at"), ("after", "left_at")):
        if roles.get(role) in days and instead not in roles:
            roles[instead], sure[instead] = roles.pop(role), sure.pop(role)


def _name_of_description(made: Found, columns: list[Content]) -> None:
    """Short texts that nearly every lead has one of its own are its title, though headed "Beschreibung"."""
    content = next(column for column in columns if column.column == made.roles["description"])
    titles = content.filled_share > 0.9 and content.distinct_share > 0.3 and 4 < content.mean_length < 45
    if titles and content.number_share < 0.5:
        made.roles["name"], made.sure["name"] = made.roles.pop("description"), made.sure.pop("description")


def _next_step_of_dates(made: Found, columns: list[Content], rest: list[Content]) -> None:
    """The dates directly behind the next step are its days: "Check-Datum", "bis"."""
    if made.lacks("next_step"):
        return
    place = next(column.place for column in columns if column.column == made.roles["next_step"])
    dates = [c for c in rest if c.place == place + 1 and c.date_share > 0.8]
    made.take("next_step_at", dates, lambda c: c.filled_share)


def _names_a_lead(content: Content, kind: str) -> bool:
    """A header that has a lead and an id among its words, and ids below: "OpportunityExtId", "crm deal key"."""
    told = _LEAD_WORDS & content.header_words and _ID_WORDS & content.header_words
    unique = content.distinct_share > 0.99 or kind != "leads"
    return bool(told) and unique and content.filled_share > 0.95 and content.token_share > 0.8
