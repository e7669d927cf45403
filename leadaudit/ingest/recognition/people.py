"""Columns that name people or companies, told by the names in them."""

from __future__ import annotations

import re
from functools import lru_cache

from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.recognition.meanings import activity_kind
from leadaudit.ingest.recognition.names_of_people import GIVEN, SURNAMES
from leadaudit.ingest.values.headers import fold

OWNER_WORDS = frozenset("owner besitzer inhaber zustaendig rep assigned assignee responsible verantwortlich".split())
_SELLER_ROOTS = ("vertr", "verkaeuf", "bearb", "betreu", "zustaend", "verantw", "berat", "anruf", "akquis", "mitarb",
                 "sachb", "kuemmer", "sales", "rep", "agent", "seller", "owner", "assigne", "handl")  # fmt: skip
_OF_SELLERS = frozenset(
    "region territory team country office role type segment level tier group branch gebiet land abteilung filiale standort rolle".split()
)
"""What is said of sellers and names none: "owner_region"."""

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

MOST_SELLERS = 80
KNOWN_NAMES_SHARE = 0.4
"""So many of the names of a column of people are among the common ones, at least."""

KNOWN_NAMES_COUNT = 2
ROWS_PER_SELLER = 2.0
"""Who sells has more than one lead."""

LEGAL_FORM_SHARE = 0.25
_LEGAL_FORM = re.compile(
    r"\b(?:gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|se|e\. ?k|e\. ?v|eg|partg|inc|llc|llp|ltd|limited|corp|corporation|plc|pty|pvt"
    r"|s\.?a\.?s?|s\.?r\.?l|sarl|s\.?p\.?a|b\.?v|n\.?v|a/s|aps|oy|ab|sp\. z o\. ?o|kft)\b\.?\)?$",
    re.IGNORECASE,
)
_PLACE = re.compile(r", [A-Z]{2}$|&")
"""San Diego, CA; and what is joined by an ampersand is no person either."""
_INITIAL_AND_NAME = re.compile(r"[A-ZÄÖÜ]\. ?[A-ZÄÖÜ][\w'’-]+")
_INITIALS = re.compile(r"[A-ZÄÖÜ]{2,3}|[A-ZÄÖÜ][a-zäöü]?[A-ZÄÖÜ][a-zäöü]?|[A-ZÄÖÜ]\. ?[A-ZÄÖÜ]\.")
_NO_INITIALS = frozenset(
    # regions, countries, states, currencies and kinds of business that are written in two or three capitals
    """
    AT BE BR CA CH CN CZ DE DK ES EU FI FR GB HU IE IN IT JP LU MX NL NO PL PT RU SE SG TR UAE UK US USA ANZ APAC DACH EMEA LATAM MEA NA NAM NORAM ROW
    BB BW BY HB HE HH MV NI NRW NW RP SH SL SN ST TH AL AK AR AZ CO CT FL GA HI IA ID IL KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK
    OR PA RI SC SD TN TX UT VA VT WA WI WV WY EUR USD CHF GBP CAD AUD INR B2B B2C SMB SME ENT MM KMU PPC SEO SEA IT HR AI ERP CRM PV WP NEW OLD YES NO HOT
    """.split()
)


def are_sellers(content: Content) -> bool:
    """Few people, or few mail addresses, again and again: those who are in charge.

    Names of persons by their look ("Email Opened" and "Contact Made" have it too), or by the names themselves.
    """
    if len(content.counts) > MOST_SELLERS or content.stage_share > 0.3:
        return False
    if any(activity_kind(value).kind for value in content.values[:5]):
        return False
    by_look = content.person_share > 0.8 and any(map(is_person, content.values))
    few = (by_look or content.email_share > 0.8) and content.distinct_share < 0.3
    return few or (_again(content) and people_share(content) >= KNOWN_NAMES_SHARE)


def are_initials(content: Content) -> bool:
    """Few pairs of capitals, again and again, that are no countries, regions or branches."""
    values = content.values
    if not 2 < len(values) <= MOST_SELLERS or not _again(content) or content.stage_share > 0:
        return False
    known = sum(value.upper() in _NO_INITIALS for value in values)
    return all(_INITIALS.fullmatch(value) for value in values) and known <= len(values) / 2


def names_who_sells(content: Content) -> bool:
    """Few short names or initials, again and again, under a header that begins with a word for those who sell."""
    words = content.header_words
    told = any(word.startswith(root) for word in words for root in _SELLER_ROOTS) and _OF_SELLERS.isdisjoint(words)
    few = 1 < len(content.counts) < MOST_SELLERS and content.distinct_share < 0.5 and content.mean_length < 30
    names = content.number_share < 0.3 and content.date_share < 0.1 and content.stage_share < 0.3
    return told and few and names and content.boolean_share < 0.5


def names_the_other_side(content: Content) -> bool:
    """Whether the header speaks of the customer's people."""
    return any(root in fold(content.header) for root in _OTHER_SIDE_ROOTS)


def are_contacts(content: Content) -> bool:
    """People, nearly every lead another one."""
    return content.distinct_share > 0.6 and people_share(content) >= KNOWN_NAMES_SHARE


def are_companies(content: Content) -> bool:
    """Names of which many end in a legal form."""
    looked = content.values[:200]
    formed = sum(1 for value in looked if _LEGAL_FORM.search(value))
    return formed >= max(KNOWN_NAMES_COUNT, LEGAL_FORM_SHARE * len(looked)) and content.mean_length < 60


def people_share(content: Content) -> float:
    """Share of a column's distinct values that are names of persons with a common given name, or a common surname alone."""
    looked = content.values[:200]
    named = sum(1 for value in looked if is_person(value))
    return named / len(looked) if named >= KNOWN_NAMES_COUNT else 0.0


@lru_cache(maxsize=4_096)
def is_person(value: str) -> bool:
    """Whether a text is the name of a person, with a common given name, or a common surname alone.

    Examples
    --------
    >>> [is_person(name) for name in ("Wirth, Jana", "T. Berg", "Huber", "Anna Vogt GmbH", "Neubau Halle")]
    [True, True, True, False, False]
    """
    if not value[:1].isupper() or any(map(str.isdigit, value)) or _LEGAL_FORM.search(value) or _PLACE.search(value):
        return False
    words = fold(value).split()
    if len(words) == 1:
        return words[0] in _GIVEN | _SURNAMES
    first = not _GIVEN.isdisjoint(words[:2] if "," not in value else words)
    known = len(words) <= MOST_WORDS and (first or (words[-1] in _SURNAMES and value.replace(" ", "").isalpha()))
    return known or _INITIAL_AND_NAME.fullmatch(value) is not None


MOST_WORDS = 4
_GIVEN = frozenset(map(fold, GIVEN))
_SURNAMES = frozenset(map(fold, SURNAMES))


def _again(content: Content) -> bool:
    return 1 < len(content.counts) <= content.counts.total() / ROWS_PER_SELLER
