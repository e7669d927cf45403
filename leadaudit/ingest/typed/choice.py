"""Which of the tables read are the leads: by what they were recognised as, and by what is left without any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leadaudit.errors import ColumnMappingError, ExportReadError, LeadAuditError, did_you_mean, listed
from leadaudit.ingest.loading.database import first_row, quoted
from leadaudit.ingest.recognition.recognise import STANDING_ROLES, recognise
from leadaudit.ingest.typed.sheet import Sheet

REPEATING_SHARE = 0.9
"""Below this share of distinct values a column names the same lead again and again."""

SECOND_CHOICE_SCORE = 0.3
"""A table that fits leads at least so well is taken for them where no other is."""

SECOND_CHOICE_BEHIND = 0.25
"""Unless it fits what it was recognised as by more than this: a list of calls alone is no pipeline of 4,000 leads."""


def choose_leads(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The tables of leads.

    Parameters
    ----------
    sheets : sequence of Sheet
        A table that was recognised as leads but has neither id nor stage is made ``other``; where
        there are no leads, the table that comes nearest is taken for them.

    Raises
    ------
    ColumnMappingError
        ``no_id_or_stage``: the only table that could hold leads lacks both; ``no_standing``: it lacks the latter.
    ExportReadError
        ``no_leads``.
    """
    found = [sheet for sheet in sheets if sheet.recognised.table == "leads"]
    able = [sheet for sheet in found if can_be_leads(sheet)]
    usable = [sheet for sheet in able if not any(_is_about(sheet, other) for other in able)]
    for sheet in found:
        if sheet not in usable and usable:
            _recognise_as(sheet, "other")
    if found:
        if not usable:
            raise lacking_in(found[0])
        told = any(stands(sheet) for sheet in usable) or any(sheet.recognised.table == "changes" for sheet in sheets)
        if not told:
            raise lacking_in(usable[0])
        return usable
    nearest = max(sheets, key=_leads_score)
    behind = max(nearest.recognised.scores.values(), default=0.0) - _leads_score(nearest)
    if _leads_score(nearest) >= SECOND_CHOICE_SCORE and behind < SECOND_CHOICE_BEHIND:
        again = recognise(list(nearest.contents.values()), file_name=nearest.source.file, table="leads")
        if again.roles.keys() & STANDING_ROLES and _names_every_row(nearest, again.roles):
            nearest.recognised = again
            nearest.source = replace(
                nearest.source,
                kind="leads",
                crm=again.crm,
                crm_object=again.crm_object,
                roles=dict(again.roles),
                sure=again.sure,
            )
            return [nearest]
    raise _no_leads(sheets)


def _names_every_row(sheet: Sheet, roles: Mapping[str, str]) -> bool:
    """Whether a table has an id, or names another lead on nearly every row."""
    named = (sheet.contents[roles[role]] for role in ("name", "company", "contact_email") if role in roles)
    return "lead_id" in roles or any(content.distinct_share >= REPEATING_SHARE for content in named)


def _leads_score(sheet: Sheet) -> float:
    return sheet.recognised.scores.get("leads", -1.0)


def can_be_leads(sheet: Sheet) -> bool:
    """Whether a table has an id, or at least a stage or status and something to make an id of."""
    return sheet.has("lead_id") or (stands(sheet) and sheet.has("name", "created_at", "company", "contact_email"))


def stands(sheet: Sheet) -> bool:
    """Whether anything in a table tells where its leads stand."""
    return sheet.has(*STANDING_ROLES, "active_flag") or bool(sheet.recognised.stage_columns)


ABOUT_SHARE = 0.5
"""A column of which more than this are ids of another table's leads says whom each row is about."""

DISTINCT_LOOKED_AT = 500


def _is_about(sheet: Sheet, other: Sheet) -> bool:
    """Whether a table without ids of its own names the leads of another, several rows each: no leads, but their history."""
    if sheet is other or sheet.has("lead_id") or not other.has("lead_id"):
        return False
    ids = f"SELECT {quoted(other.roles['lead_id'])} FROM {quoted(other.name)}"
    return any(
        content.distinct_share < REPEATING_SHARE and _share_among(sheet, column, ids) > ABOUT_SHARE
        for column, content in sheet.contents.items()
        if content.date_share < ABOUT_SHARE
    )


def _share_among(sheet: Sheet, column: str, ids: str) -> float:
    values = f"SELECT DISTINCT {quoted(column)} AS v FROM {quoted(sheet.name)} WHERE v IS NOT NULL LIMIT {DISTINCT_LOOKED_AT}"
    (share,) = first_row(sheet.connection, f"SELECT avg((v IN ({ids}))::INT) FROM ({values})")
    return float(share or 0.0)


def _recognise_as(sheet: Sheet, table: str) -> None:
    sheet.recognised = replace(sheet.recognised, table=table)
    sheet.source = replace(sheet.source, kind=table)


def lacking_in(sheet: Sheet) -> ColumnMappingError:
    """What a table lacks to be one of leads, as an error to raise."""
    headers = [sheet.header(column) for column in sheet.contents]
    if sheet.has("lead_id"):
        named = sheet.header(sheet.roles["lead_id"])
        return ColumnMappingError("no_standing", path=sheet.source.file, value=named, available=listed(headers))
    hint = next((h for word in ("Lead ID", "Stage", "Status", "Phase") if (h := did_you_mean(word, headers))), "")
    return ColumnMappingError("no_id_or_stage", path=sheet.source.file, available=listed(headers), hint=hint)


def _no_leads(sheets: Sequence[Sheet]) -> LeadAuditError:
    if all(sheet.recognised.table == "other" for sheet in sheets):
        return lacking_in(sheets[0])
    found = [f"{sheet.source.file} ({sheet.recognised.table})" for sheet in sheets]
    return ExportReadError("no_leads", available=listed(found))
