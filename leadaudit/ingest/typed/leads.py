"""A recognised text table to LEADS: status from whatever tells it, one row per lead, extras kept."""

from __future__ import annotations

from dataclasses import dataclass

from leadaudit.ingest.loading.database import fresh_name, quoted, scalar, text
from leadaudit.ingest.recognition.words import mapped
from leadaudit.ingest.typed.by_rows import roles_by_rows
from leadaudit.ingest.typed.identity import id_expression, made_id
from leadaudit.ingest.typed.marks import marked_stage
from leadaudit.ingest.typed.mending import mend
from leadaudit.ingest.typed.mistaken import correct_dates_of_endings
from leadaudit.ingest.typed.planned import planned_by_rows
from leadaudit.ingest.typed.reshaping import make_table
from leadaudit.ingest.typed.sheet import Sheet
from leadaudit.ingest.typed.status import ending_columns, status_of
from leadaudit.ingest.values.headers import CURRENCIES, header_unit, normalise_header
from leadaudit.tables import DUCKDB_TYPE, LEADS

VERBATIM = frozenset(
    {"lead_id", "name", "company", "owner", "source", "pipeline", "stage", "status", "amount", "currency", "probability",
     "created_at", "stage_entered_at", "last_activity_at", "next_step", "next_step_at", "expected_close_at", "closed_at",
     "close_at", "lost_reason", "paused_until", "first_name", "last_name", "won_at", "lost_at"}
)  # fmt: skip
"""Roles whose column goes into LEADS; all other columns follow under their own header."""


@dataclass(frozen=True)
class LeadTable:
    """Leads of one source.

    Attributes
    ----------
    name : str
        Database table: LEADS, the extra columns, then ``_line``, ``_modified_at``, ``_email``, ``_person``, ``_converted``.
    extra_columns : tuple of str
    present : frozenset of str
    rows_used, rows_set_aside : int
    """

    name: str
    extra_columns: tuple[str, ...]
    present: frozenset[str]
    rows_used: int
    rows_set_aside: int


def build_leads(sheet: Sheet) -> LeadTable:
    """Type the leads of one table.

    Parameters
    ----------
    sheet : Sheet

    Returns
    -------
    LeadTable
        With unique lead ids; rows that are no lead of their own are issues.
    """
    name = fresh_name("leads")
    headers = mend(sheet)
    correct_dates_of_endings(sheet)
    status = sheet.keep(status_of(sheet), "VARCHAR")
    roles_by_rows(sheet, status)
    planned_by_rows(sheet, status)
    expressions = _expressions(sheet, status)
    extras = _extras(sheet)
    columns = {column: (expressions.get(column, "NULL"), DUCKDB_TYPE[LEADS[column].kind]) for column in LEADS}
    columns |= {shown: (quoted(column), "VARCHAR") for column, shown in extras.items()}
    columns |= {
        "_line": ("_line", "BIGINT"),
        "_modified_at": (sheet.time("modified_at"), "TIMESTAMP"),
        "_email": (f"lower({sheet.cell('contact_email')})", "VARCHAR"),
        "_person": (f"lower({sheet.cell('contact')})", "VARCHAR"),
        "_deleted": (sheet.flag("deleted_flag"), "BOOLEAN"),
        "_converted": (sheet.cell("converted_lead_id"), "VARCHAR"),
    }
    order = sheet.in_order if sheet.has("lead_id") else "ORDER BY _line"  # made ids are counted, which turns rows
    make_table(sheet, name, columns, order)
    products = _add_up_products(sheet, name, tuple(extras.values()))
    aside = _unique(sheet, name)
    return LeadTable(
        name=name,
        extra_columns=tuple(extras.values()),
        present=frozenset(column for column in LEADS if expressions.get(column, "NULL") != "NULL"),
        rows_used=scalar(sheet.connection, f"SELECT count(*) FROM {name}") + products,
        rows_set_aside=aside + headers,
    )


def _expressions(sheet: Sheet, status: str) -> dict[str, str]:
    """SQL of each column of LEADS that the table tells; that of the status is given."""
    texts = {
        role: sheet.cell(role)
        for role in ("company", "owner", "source", "pipeline", "next_step", "lost_reason")
        if sheet.has(role)
    }
    times = {
        role: sheet.time(role)
        for role in (
            "created_at",
            "stage_entered_at",
            "last_activity_at",
            "next_step_at",
            "paused_until",
            "expected_close_at",
        )
        if sheet.has(role)
    }
    if not sheet.has("owner") and sheet.has("owner_id"):
        texts["owner"] = sheet.cell("owner_id")
    if not sheet.has("pipeline") and sheet.has("pipeline_id"):
        texts["pipeline"] = sheet.cell("pipeline_id")
    if not sheet.has("company") and sheet.has("contact"):
        texts["company"] = sheet.cell("contact")
    made = {**texts, **times, **_money(sheet)}
    made["name"] = _name(sheet)
    made["stage"] = _stage(sheet)
    if made["stage"] == "NULL" and sheet.recognised.stage_columns:
        latest = _latest_stage(sheet)
        made["stage"] = f"({latest}).s"
        made.setdefault("stage_entered_at", f"({latest}).d")
    made["status"] = status
    made.update(_endings(sheet, status))
    made["lead_id"] = id_expression(sheet, "lead_id") if sheet.has("lead_id") else made_id(sheet)
    return {column: expression for column, expression in made.items() if expression != "NULL"}


def _name(sheet: Sheet) -> str:
    if sheet.has("name"):
        return sheet.cell("name")
    if sheet.has("first_name", "last_name"):
        return f"nullif(concat_ws(' ', {sheet.cell('first_name')}, {sheet.cell('last_name')}), '')"
    return "NULL"


def _stage(sheet: Sheet) -> str:
    for role in ("stage", "stage_id", "group"):
        if sheet.has(role):
            return sheet.cell(role)
    return marked_stage(sheet)


def _money(sheet: Sheet) -> dict[str, str]:
    """Amount, currency and probability; the base-currency column where the other's currencies are mixed or unknown."""
    made: dict[str, str] = {}
    role = "amount"
    if sheet.has("amount_base_currency") and (not sheet.has("amount") or _mixed_currencies(sheet)):
        role = "amount_base_currency"
    if not sheet.has(role) and sheet.has("amount_actual"):
        role = "amount_actual"
    if sheet.has(role):
        made["amount"] = sheet.number(role)
        own = sheet.currency_of(role)
        stated = _currency(sheet) if sheet.has("currency") and role == "amount" else None
        if stated or own:
            in_header = header_unit(sheet.header(sheet.roles[role])).currency is not None
            parts = (own, stated) if in_header else (stated, own)
            made["currency"] = f"coalesce({', '.join(part for part in parts if part)}, NULL)"
    if sheet.has("probability") and sheet.contents[sheet.roles["probability"]].number_share > 0.5:
        made["probability"] = sheet.number("probability", share=True)
    return made


def _mixed_currencies(sheet: Sheet) -> bool:
    return sheet.has("currency") and len(sheet.distinct(sheet.roles["currency"])) > 1


def _currency(sheet: Sheet) -> str | None:
    """ISO codes for the names that CRMs write ("US Dollar"); None if the column holds no currencies."""
    names = {"us dollar": "USD", "u.s. dollar": "USD", "dollar": "USD", "pound sterling": "GBP", "british pound": "GBP",
             "schweizer franken": "CHF", "swiss franc": "CHF", "us-dollar": "USD"}  # fmt: skip
    values = sheet.distinct(sheet.roles["currency"])
    found: dict[str, str | bool | None] = {}
    for value in values:
        plain = value.casefold()
        code = value.upper() if len(value) == 3 and value.isalpha() else None
        found[value] = names.get(plain) or CURRENCIES.get(plain) or code
    known = mapped(sheet.cell("currency"), found)
    return None if known == "NULL" else known


def _latest_stage(sheet: Sheet) -> str:
    """SQL of the stage entered last, out of one date column per stage: a struct of ``d`` and ``s``."""
    entries = ", ".join(
        f"{{'d': {sheet.time_of(column)}, 'p': {place}, 's': {text(stage)}}}"
        for place, (column, (stage, _)) in enumerate(sheet.recognised.stage_columns.items())
    )
    return f"list_max(list_filter([{entries}], lambda x: x.d IS NOT NULL))"


def _endings(sheet: Sheet, status: str) -> dict[str, str]:
    """When it ended and when it is expected to: one close date serves as both, by the lead's status."""
    made: dict[str, str] = {}
    ended = [f"CASE WHEN {status} = 'won' THEN {sheet.time('won_at')} END"] if sheet.has("won_at") else []
    if sheet.has("lost_at"):
        ended.append(f"CASE WHEN {status} = 'lost' THEN {sheet.time('lost_at')} END")
    if sheet.has("closed_at"):
        ended.append(sheet.time("closed_at"))
    for outcome in ("won", "lost"):
        dates = [sheet.time_of(column) for column in ending_columns(sheet, outcome)]
        if dates and not sheet.has("closed_at", "close_at"):
            ended.append(f"CASE WHEN {status} = '{outcome}' THEN coalesce({', '.join(dates)}) END")
    own_date = bool(ended)
    close = sheet.time("close_at") if sheet.has("close_at") else ""
    if close and not own_date:
        ended.append(close)
    if ended:
        made["closed_at"] = f"CASE WHEN {status} IN ('won', 'lost') THEN coalesce({', '.join(ended)}) END"
    if close and not sheet.has("expected_close_at"):
        made["expected_close_at"] = close if own_date else f"CASE WHEN {status} NOT IN ('won', 'lost') THEN {close} END"
    return made


def _extras(sheet: Sheet) -> dict[str, str]:
    """Columns that LEADS has no place for, with a name that nothing else has."""
    taken = {name.casefold() for name in LEADS} | {
        "_line",
        "_modified_at",
        "_email",
        "_person",
        "_deleted",
        "_converted",
    }
    extras: dict[str, str] = {}
    for column in sheet.unused_columns(VERBATIM):
        named = column.replace("\0", "") or "_"  # a frame's names end at the first NUL
        shown, number = named, 1
        while shown.casefold() in taken:
            number += 1
            shown = f"{named}_{number}"
        taken.add(shown.casefold())
        extras[column] = shown
    return extras


_PRODUCT_WORDS = frozenset("product products produkt produkte artikel item sku position".split())


def _add_up_products(sheet: Sheet, name: str, extras: tuple[str, ...]) -> int:
    """A lead on one row per product, the amount replaced by the product's: the parts are added up.

    Returns
    -------
    int
        Rows that went into another row of their lead.
    """
    products = [extra for extra in extras if _PRODUCT_WORDS & set(normalise_header(extra).split())]
    if not products or not sheet.has("amount", "amount_base_currency"):
        return 0
    differ = " OR ".join(f"count(DISTINCT {quoted(extra)}) > 1" for extra in products)
    same = " AND ".join(
        f"count(DISTINCT {column}) <= 1" for column in ("stage", "status", "created_at", "_modified_at", "name")
    )
    parted = f"SELECT lead_id FROM {name} WHERE lead_id IS NOT NULL GROUP BY lead_id HAVING count(*) > 1 AND ({differ}) AND {same}"
    surplus = scalar(
        sheet.connection, f"SELECT count(*) - count(DISTINCT lead_id) FROM {name} WHERE lead_id IN ({parted})"
    )
    if surplus:
        sheet.log.add(
            "lead_product_rows", "note", file=sheet.source.file, sheet=sheet.source.sheet or None, count=surplus
        )
        sheet.connection.execute(f"""
            CREATE TEMP TABLE {name}_sums AS
            SELECT lead_id, sum(amount) AS amount, min(_line) AS line FROM {name} WHERE lead_id IN ({parted}) GROUP BY lead_id
        """)
        sheet.connection.execute(
            f"DELETE FROM {name} WHERE lead_id IN (SELECT lead_id FROM {name}_sums) AND _line NOT IN (SELECT line FROM {name}_sums)"
        )
        sheet.connection.execute(
            f"UPDATE {name} l SET amount = s.amount FROM {name}_sums s WHERE s.lead_id = l.lead_id"
        )
        sheet.connection.execute(f"DROP TABLE {name}_sums")
    return surplus


def _unique(sheet: Sheet, name: str) -> int:
    """Set aside rows that are no lead of their own; the latest modification of a lead stays, else the first row."""
    connection = sheet.connection
    aside = sheet.set_aside("lead_deleted", f"SELECT _line, lead_id FROM {name} WHERE _deleted")
    if aside:
        connection.execute(f"DELETE FROM {name} WHERE _deleted")
    without = sheet.set_aside("lead_without_id", f"SELECT _line, name FROM {name} WHERE lead_id IS NULL")
    if without:
        connection.execute(f"DELETE FROM {name} WHERE lead_id IS NULL")
    doubled = scalar(connection, f"SELECT count(*) - count(DISTINCT lead_id) FROM {name}")
    if doubled:
        connection.execute(f"""
            CREATE TEMP TABLE {name}_kept AS SELECT _line FROM (
                SELECT _line, row_number() OVER (PARTITION BY lead_id ORDER BY _modified_at DESC NULLS LAST, _line) AS nth
                FROM {name}) WHERE nth = 1
        """)
        kept = f"_line IN (SELECT _line FROM {name}_kept)"
        sheet.set_aside(
            "lead_identical",
            f"SELECT a._line, a.lead_id FROM {name} a JOIN {name} b USING (lead_id) WHERE b.{kept} AND NOT a.{kept} "
            "AND a.status IS NOT DISTINCT FROM b.status AND a.stage IS NOT DISTINCT FROM b.stage "
            "AND a.amount IS NOT DISTINCT FROM b.amount AND a._modified_at IS NOT DISTINCT FROM b._modified_at",
        )
        sheet.set_aside(
            "lead_twice",
            f"SELECT a._line, a.lead_id FROM {name} a JOIN {name} b USING (lead_id) WHERE b.{kept} AND NOT a.{kept} "
            "AND NOT (a.status IS NOT DISTINCT FROM b.status AND a.stage IS NOT DISTINCT FROM b.stage "
            "AND a.amount IS NOT DISTINCT FROM b.amount AND a._modified_at IS NOT DISTINCT FROM b._modified_at)",
        )
        connection.execute(f"DELETE FROM {name} WHERE NOT ({kept})")
        connection.execute(f"DROP TABLE {name}_kept")
    return aside + without + doubled
