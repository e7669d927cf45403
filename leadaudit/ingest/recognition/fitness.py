"""Whether the values of a column can play a role, and which role they suggest by themselves."""

from __future__ import annotations

from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.values.headers import header_unit

IMPOSSIBLE = -9.0

TIME_ROLES = frozenset(
    {"created_at", "stage_entered_at", "last_activity_at", "last_response_at", "last_outreach_at", "next_step_at",
     "expected_close_at", "close_at", "closed_at", "won_at", "lost_at", "paused_until", "converted_at", "modified_at",
     "at", "done_at", "due_at", "end_at", "left_at", "stage_entered", "stage_exited"}
)  # fmt: skip
NUMBER_ROLES = frozenset(
    {"amount", "amount_base_currency", "amount_actual", "stage_days", "age_days", "activity_count"}
)
FLAG_ROLES = frozenset(
    {"won_flag", "lost_flag", "closed_flag", "open_flag", "active_flag", "deleted_flag", "converted_flag", "done"}
)
ID_ROLES = frozenset({"activity_id", "change_id"})
NAMING_ROLES = ID_ROLES | {"related_id", "related_name", "lead_name"}
FEW_VALUES_ROLES = frozenset({"stage", "status", "pipeline", "kind", "direction", "currency", "status_reason", "field"})

BY_TYPE: dict[str, tuple[str, ...]] = {
    "closed_flag": ("closed_at",),
    "won_flag": ("won_at", "amount_actual"),
    "lost_flag": ("lost_at",),
    "converted_flag": ("converted_at",),
    "done": ("done_at", "status"),
    "closed_at": ("closed_flag",),
    "won_at": ("won_flag",),
    "lost_at": ("lost_flag",),
    "done_at": ("done",),
    "created_at": ("created_by",),
    "next_step_at": ("next_step",),
    "next_step": ("next_step_at",),
    "close_at": ("closed_flag",),
    "source": ("description",),
    "owner": ("owner_id",),
    "status": ("stage", "closed_flag", "active_flag"),
    "stage": ("stage_days",),
    "stage_entered_at": ("stage_days",),
    "last_activity_at": ("activity_count",),
    "lost_reason": ("lost_flag", "lost_at"),
    "amount": ("amount_text",),
    "probability": ("amount",),
    "pipeline_id": ("pipeline",),
    "name": ("lead_id",),
    "lead_name": ("lead_id",),
    "related_name": ("lead_id",),
    "sender": ("by",),
}
"""Roles that the same header has when its values are of another type ("Closed": a date or yes and no)."""

_WITH_OR_WITHOUT = frozenset("exkl excl exklusive ohne zzgl zuzueglich netto net inkl incl inklusive including excluding before after vor nach plus".split())  # fmt: skip
"""Words that name a tax only to say whether the sum has it in it."""

MOST_DIGITS_OF_DAYS = 4

_NOT_THE_LEADS = frozenset(
    "avg average mean durchschnitt durchschnittlich discount rabatt tax vat mwst ust steuer margin marge cost costs kosten".split()
)
"""Words of sums that are not what a lead is worth."""


def fit(role: str, table: str, content: Content) -> float:
    """How well the values of a column fit a role: about -0.5 to 0.2, or IMPOSSIBLE.

    Parameters
    ----------
    role, table : str
        As in :mod:`leadaudit.ingest.recognition.roles`.
    content : Content
    """
    if role == "other":
        return 0.0  # known to be none of the roles, whatever it holds
    if not content.counts:
        return -0.3
    if role == "amount_text" and not _written_sums(content):
        return IMPOSSIBLE
    if role in TIME_ROLES:
        # Every lead begins once; a date that many of them lack is of something that comes later.
        return _time(content) - 0.4 * (role == "created_at" and content.filled_share < 0.75)
    if role in NUMBER_ROLES or role == "probability":
        return IMPOSSIBLE if role == "probability" and header_unit(content.header).currency else _number(role, content)
    if role in FLAG_ROLES:
        return 0.1 if content.boolean_share >= 0.9 else IMPOSSIBLE
    if role == "lead_id" and table == "leads":
        return _key(content)
    if role in ("before", "after", "before_id", "after_id"):
        return 0.0
    if role == "contact_email":
        return 0.1 if content.email_share >= 0.5 else IMPOSSIBLE
    if (role in NAMING_ROLES or role == "lead_id") and content.word_share("kinds") > 0.5:
        return IMPOSSIBLE  # "What", "Vorgang": what was done, not what it was about
    return _text(role, table, content)


def _time(content: Content) -> float:
    share = content.date_share
    if share >= 0.6:
        return 0.1
    if content.date_or_serial_share >= 0.9:
        return 0.0
    return -0.2 if share >= 0.25 else IMPOSSIBLE


def _number(role: str, content: Content) -> float:
    if content.date_share > 0.5:
        return IMPOSSIBLE
    if role in ("stage_days", "age_days") and any(
        len(v.partition(".")[0]) > MOST_DIGITS_OF_DAYS for v in content.values
    ):
        return IMPOSSIBLE
    words = content.header_words
    if role == "amount" and (_counts(content) or (_NOT_THE_LEADS & words and not _WITH_OR_WITHOUT & words)):
        return -0.3  # how often, not how much, or of something else
    if content.number_share >= 0.6:
        if role == "amount" and content.filled_share < 0.5:
            return -0.1  # known of some leads only: of the won ones, as a rule
        booleans = content.boolean_share == 1 and len(content.values) == 2
        return 0.0 if booleans else 0.1
    if role == "probability":
        return -0.1
    return -0.3 if content.number_share >= 0.3 else IMPOSSIBLE


def _written_sums(content: Content) -> bool:
    """Texts with a figure in them that are no counts, no yes and no, and no ids ("SR-3302", another on every lead)."""
    ids = content.token_share > 0.8 and content.distinct_share >= 0.98 and content.money_share < 0.5
    figures = any(map(str.isdecimal, "".join(content.values[:50])))
    return figures and not (ids or _counts(content) or content.boolean_share > 0.9)


def _counts(content: Content) -> bool:
    """Few small whole numbers in many rows: calls, products, visits."""
    return (
        content.rows_count >= 20
        and len(content.counts) <= 12
        and all(len(v) <= 2 and v.isdecimal() for v in content.values)
    )


def _key(content: Content) -> float:
    if content.date_share > 0.5 or content.boolean_share > 0.9 or content.filled_share < 0.5:
        return IMPOSSIBLE
    if content.distinct_share >= 0.98:
        # An id that some rows lack is another record's ("lead_id" of an opportunity); the own one stands in front.
        looks = (0.05 + 0.02 * (content.place == 0)) * (content.token_share >= 0.8)
        return 0.15 + looks - 0.3 * (content.filled_share < 0.9)
    if content.distinct_share >= 0.5:
        return -0.1
    return -0.5


def _text(role: str, table: str, content: Content) -> float:
    if content.date_share > 0.6:
        return IMPOSSIBLE
    if role in FEW_VALUES_ROLES:
        return _few_values(role, content)
    if role in ("owner", "owner_id", "by", "name", "first_name", "last_name") and content.boolean_share > 0.9:
        return IMPOSSIBLE
    if role == "owner_id" and content.distinct_share > 0.8 and content.rows_count >= 20:
        return -0.6  # a person in charge has more than one lead; this is who the lead is
    if role in ("owner", "by"):
        if content.number_share > 0.9:
            return -0.15
        return -0.4 if content.distinct_share > 0.8 and content.rows_count > 30 else 0.05 - 0.1 * content.distinct_share
    if role in ("first_name", "last_name") and content.distinct_share < 0.2 and content.rows_count > 30:
        return -0.4
    if role == "name" and table == "leads":
        return 0.05 if content.distinct_share > 0.5 and content.number_share < 0.5 else -0.15
    if role in ID_ROLES:
        return 0.1 if content.distinct_share >= 0.98 else -0.4
    if role == "lead_id":
        return -0.4 if content.boolean_share > 0.9 or content.mean_length > 60 else 0.0
    return _of_lead(role, content)


def _of_lead(role: str, content: Content) -> float:
    if role in ("company", "contact", "source", "lost_reason", "next_step") and content.boolean_share > 0.9:
        return IMPOSSIBLE if role != "source" else -0.4
    if role == "contact":
        return 0.05 if content.number_share < 0.5 else IMPOSSIBLE
    return 0.0


def _few_values(role: str, content: Content) -> float:
    filled = sum(content.counts.values())
    many = len(content.counts) > max(40, 0.3 * filled)
    long = content.mean_length > 60
    if role == "currency":
        return 0.1 if _are_currencies(content) else IMPOSSIBLE
    if many or long:
        return -0.4
    if role == "stage" and content.boolean_share > 0.9:
        return IMPOSSIBLE
    if role in ("stage", "status"):
        return 0.05 + 0.15 * content.word_share("stages", "status")
    if role == "kind":
        share = content.word_share("kinds")
        return IMPOSSIBLE if share < 0.05 and stage_likeness(content) > 0.8 else 0.2 * share
    if role == "direction":
        return 0.2 * content.word_share("directions") - 0.1 * (content.word_share("directions") < 0.3)
    return 0.05


def _are_currencies(content: Content) -> bool:
    """Codes, signs and names: few, short, without figures."""
    few = len(content.counts) <= MOST_CURRENCIES and content.mean_length <= LONGEST_CURRENCY
    return few and not any(map(str.isdecimal, "".join(content.values[:MOST_CURRENCIES])))


MOST_CURRENCIES = 60
LONGEST_CURRENCY = 20


def stage_likeness(content: Content) -> float:
    """How much a column looks like the stages of a pipeline, 0-1, by its values alone."""
    count = len(content.counts)
    if not 2 <= count <= 40 or content.filled_share < 0.5 or content.date_share > 0.3:
        return 0.0
    if content.boolean_share > 0.9 or content.number_share > 0.8 or content.mean_length > 45:
        return 0.0
    return content.stage_share
