"""Leads in one file, what became of them in another: joined by their id before either is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leadaudit.ingest.loading.database import fresh_name, quoted, scalar
from leadaudit.ingest.loading.home import Home, discard
from leadaudit.ingest.recognition.content import contents
from leadaudit.ingest.recognition.recognise import recognise
from leadaudit.ingest.recognition.standing import STANDING_ROLES
from leadaudit.ingest.typed.sheet import Sheet
from leadaudit.ingest.values.headers import normalise_header

LISTED_SHARE = 0.9
KNOWN_SHARE = 0.8
"""A table tells what became of leads if so many of its rows name one of them."""


def join_outcomes(sheets: Sequence[Sheet]) -> tuple[list[Sheet], dict[str, int]]:
    """Put what became of leads beside them, where one file lists the leads and another only those that were decided.

    Parameters
    ----------
    sheets : sequence of Sheet

    Returns
    -------
    sheets : list of Sheet
        The joined table in the place of the list of leads.
    joined : dict of sheet name to number of rows
        Tables that were joined to another, and how many of their rows found their lead; the others are issues.
    """
    made = list(sheets)
    joined: dict[str, int] = {}
    for place, base in enumerate(sheets):
        if base.recognised.table not in ("leads", "other") or not _lists_leads(base) or _stands(base):
            continue
        free = [other for other in sheets if other is not base and other.name not in joined]
        ended = next((other for other in free if _tells_of(other, base)), None)
        if ended is not None:
            joined[ended.name] = _linked_rows(ended, base)
            _log(base, ended, joined[ended.name])
            made[place] = _joined(base, ended)
    return made, joined


def _lists_leads(sheet: Sheet) -> bool:
    """Whether each row is a lead of its own; what names the same lead again and again is about leads, and no list of them."""
    return sheet.has("lead_id") and sheet.contents[sheet.roles["lead_id"]].distinct_share > LISTED_SHARE


def _stands(sheet: Sheet) -> bool:
    return sheet.has(*STANDING_ROLES) or bool(sheet.recognised.stage_columns)


def _tells_of(ended: Sheet, base: Sheet) -> bool:
    """Whether a table has endings or stages of the leads of another, each in one row, by an id of the same name."""
    if ended.recognised.table != "leads" or not ended.has("lead_id") or not _stands(ended):
        return False
    names = [normalise_header(sheet.header(sheet.roles["lead_id"])) for sheet in (ended, base)]
    unique = ended.contents[ended.roles["lead_id"]].distinct_share > 0.98
    if names[0] != names[1] or not unique:
        return False
    rows = scalar(ended.connection, f"SELECT count(*) FROM {quoted(ended.name)}")
    return _linked_rows(ended, base) >= KNOWN_SHARE * max(1, rows)


def _linked_rows(ended: Sheet, base: Sheet) -> int:
    return scalar(
        ended.connection,
        f"SELECT count(DISTINCT {ended.cell('lead_id')}) FROM {quoted(ended.name)} "
        f"WHERE {ended.cell('lead_id')} IN (SELECT {base.cell('lead_id')} FROM {quoted(base.name)})",
    )


def _log(base: Sheet, ended: Sheet, linked: int) -> None:
    base.log.add("outcome_joined", "note", file=ended.source.file, value=base.source.file, count=linked)
    key = ended.cell("lead_id")
    ended.set_aside(
        "row_without_lead",
        f"SELECT _line, {key} AS v FROM {quoted(ended.name)} WHERE v IS NULL "
        f"OR v NOT IN (SELECT {base.cell('lead_id')} FROM {quoted(base.name)})",
    )
    ended.set_aside(
        "lead_twice",
        f"SELECT _line, {key} AS v FROM {quoted(ended.name)} WHERE v IN (SELECT {base.cell('lead_id')} FROM "
        f"{quoted(base.name)}) QUALIFY row_number() OVER (PARTITION BY v ORDER BY _line) > 1",
    )


def _joined(base: Sheet, ended: Sheet) -> Sheet:
    """The leads with the columns of the other table beside their own."""
    taken = {column.casefold() for column in base.contents} | {"_line"}
    added: dict[str, str] = {}
    for column in ended.contents:
        if column == ended.roles["lead_id"]:
            continue
        shown = column
        while shown.casefold() in taken:
            shown = f"{shown} ({ended.source.file})"
        taken.add(shown.casefold())
        added[column] = shown
    name = fresh_name("raw")
    more = "".join(f", o.{quoted(column)} AS {quoted(shown)}" for column, shown in added.items())
    key = base.cell("lead_id")
    base.connection.execute(f"""
        CREATE TABLE {name} AS SELECT b.*{more} FROM {quoted(base.name)} b LEFT JOIN (
            SELECT * FROM {quoted(ended.name)}
            QUALIFY row_number() OVER (PARTITION BY {ended.cell("lead_id")} ORDER BY _line) = 1
        ) o ON o.{ended.cell("lead_id")} = b.{key} ORDER BY b._line
    """)
    columns = [*base.contents, *added.values()]
    headers = [base.header(column) for column in base.contents] + [ended.header(column) for column in added]
    looked = contents(base.connection, Home(name), columns, headers)
    found = recognise(looked, file_name=base.source.file, table="leads")
    source = replace(
        base.source, kind="leads", crm=found.crm, crm_object=found.crm_object, language=found.language,
        confidence=min(1.0, found.confidence), roles=dict(found.roles), sure=found.sure, columns=tuple(columns),
        stage_columns=tuple(found.stage_columns),
        examples={**base.source.examples, **{added[c]: v for c, v in ended.source.examples.items() if c in added}},
    )  # fmt: skip
    for table in (base.name, ended.name):
        discard(base.connection, table)
    looks = {content.column: content for content in looked}
    return Sheet(base.connection, name, looks, found, base.log, source, home=Home(name), date1904=base.date1904)
