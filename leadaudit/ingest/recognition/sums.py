"""Columns of sums of money and of chances, told by their numbers, and by words for money in the header."""

from __future__ import annotations

import re
from statistics import median

from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.values.headers import fold, header_unit

_NO_SUM = frozenset(
    "id nr no zip plz phone tel telefon lat lon lng latitude longitude year jahr score rating version hours stunden days tage percent prozent "
    "employees mitarbeiter anzahl count qty quantity menge stueck units seats users lines size code number nummer index duration minutes age alter".split()
)
_MONEY_ROOTS = ("praemie", "beitrag", "provision", "premium", "retainer", "betrag", "summe", "wert", "preis", "umsatz", "volumen", "netto", "erloes", "budget", "spanne", "honorar",
                "amount", "value", "revenue", "price", "sum", "fee", "turnover", "spend", "deal size")  # fmt: skip
NO_LEADS_MONEY = ("mwst", "umsatzst", "steuer", "tax", "vat", "rabatt", "discount", "gewicht", "weight", "marge", "margin",
                  "avg", "average", "durchschnitt", "listing", "kosten", "cost", "brutto", "annual", "jahresumsatz", "bewertung", "score")  # fmt: skip
_PERCENT = re.compile(r"\d{1,3}(?:[.,]\d+)? ?%")
_WHOLE = re.compile(r"\d{1,3}(?:[.,' ]?\d{3})*")
_DECIMALS = re.compile(r"(?<=\d{4})[.,]\d+$|(?<=\d)[.,](?:\d{1,2}|\d{4,})$")
_NO_DIGIT = re.compile(r"\D")
MOST_CHANCES = 40
NET = "netto"

ROUND_SHARE = 0.6
"""Of the sums that people set, so many end in two noughts."""
LEAST_SUM = 100
LEAST_SUMS = 4
MOST_COUNTED = 20
"""Whole numbers up to this are counts of something."""
STEP_OF_CHANCES = 5
LEAST_HIGHEST_CHANCE = 60
LEAST_CHANCES = 3


def names_money(content: Content) -> bool:
    """Numbers under a header with a word for money in it, and none for tax, discount or weight."""
    header = fold(content.header)
    told = any(root in header for root in _MONEY_ROOTS) and not any(root in header for root in NO_LEADS_MONEY)
    told = told and "ust" not in header.split()  # a tax, as a word of its own: not that of a customer
    counted = all(value.isdecimal() and int(value) <= MOST_COUNTED for value in content.values[:200])
    return told and content.number_share > 0.9 and content.date_share < 0.3 and len(content.counts) > 3 and not counted


def is_forecast(content: Content) -> bool:
    """Sums headed as a forecast in some currency: better than none."""
    headed = header_unit(content.header).currency and "forecast" in fold(content.header)
    return bool(headed) and content.number_share > 0.8


def only_sums(rest: list[Content]) -> list[Content]:
    """The only column of numbers that are written like sums of money, that are round as people set them, or large.

    None if there are several of a kind: then no number tells which of them is meant.
    """
    free = [c for c in rest if not _NO_SUM & c.header_words]
    for are_sums in (_has_cents, _is_round, _is_large):
        found = [content for content in free if are_sums(content)]
        if found:
            return found if len(found) == 1 else []
    return []


def _has_cents(content: Content) -> bool:
    numbers = content.number_share > 0.9 and content.cents_share > 0.5
    return numbers and content.distinct_share > 0.5 and content.filled_share > 0.3


def _is_round(content: Content) -> bool:
    """Numbers of very different size, most of them with two noughts at the end."""
    sums = _numbers(content)
    noughts = sum(1 for one in sums if one % LEAST_SUM == 0 and one)
    return noughts >= ROUND_SHARE * len(sums) > 0 and median(sums) >= 10 * LEAST_SUM and _differ(sums)


def _is_large(content: Content) -> bool:
    """Numbers of very different size around some hundreds or more that are no ids, no years and no postal codes."""
    sums = _numbers(content)
    if not sums or median(sums) < 5 * LEAST_SUM or not _differ(sums):
        return False
    lengths = {len(value) for value in content.values[:400]}
    return not (content.distinct_share > 0.9 and (len(lengths) == 1 or sums == sorted(sums)))


def _differ(sums: list[float]) -> bool:
    return max(sums) > 3 * max(1.0, min(sums))


def _numbers(content: Content) -> list[float]:
    """The numbers of a column that could hold sums, in the order of the sample; none where it could not."""
    looked = content.values[:400]
    if (
        content.filled_share <= 0.3
        or len(looked) < LEAST_SUMS
        or content.date_share > 0.3
        or content.number_share < 0.9
    ):
        return []
    plain = [_DECIMALS.sub("", value) for value in looked]
    return [float(_NO_DIGIT.sub("", value)) for value in plain] if all(map(_WHOLE.fullmatch, plain)) else []


def names_chances(content: Content) -> bool:
    """Percentages that come again and again: in the cells, or as the header says; discounts are none."""
    header = fold(content.header)
    told = header_unit(content.header).percent or all(_PERCENT.fullmatch(value) for value in content.values[:200])
    again = content.number_share > 0.9 and 1 < len(content.counts) <= MOST_CHANCES and content.distinct_share < 0.6
    return told and again and not any(root in header for root in NO_LEADS_MONEY)


def are_steps(content: Content) -> bool:
    """A few numbers between 0 and 100 in steps of five, up to high ones, or the same as parts of one."""
    few = LEAST_CHANCES <= len(content.counts) <= MOST_CHANCES / 2 and content.distinct_share < 0.6
    header = content.header_words
    if (
        not few
        or content.number_share < 1
        or header & _NO_SUM
        or any(root in fold(content.header) for root in NO_LEADS_MONEY)
    ):
        return False
    try:
        numbers = [float(value.rstrip(" %").replace(",", ".")) for value in content.values]
    except ValueError:
        return False
    if max(numbers) <= 1:
        numbers = [100 * number for number in numbers]
    steps = all(abs(number / STEP_OF_CHANCES - round(number / STEP_OF_CHANCES)) < 1e-6 for number in numbers)
    return steps and min(numbers) >= 0 and LEAST_HIGHEST_CHANCE <= max(numbers) <= 100
