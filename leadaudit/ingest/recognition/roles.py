"""The roles that a column can have, the meanings that a word can have, the quirks that a file can have.

These are the words that a profile may use; whatever else stands in a profile is refused.
"""

from __future__ import annotations

LEAD_ROLES: dict[str, str] = {
    "lead_id": "identifies the lead",
    "name": "what the CRM calls the lead",
    "first_name": "part of the name, where there is no other",
    "last_name": "part of the name, where there is no other",
    "company": "the company behind it",
    "contact": "the person behind it",
    "contact_email": "that person's address; links activities that have no lead id",
    "owner": "the person in charge, by name",
    "owner_id": "the person in charge, by number",
    "source": "where the lead came from",
    "pipeline": "the pipeline, by name",
    "pipeline_id": "the pipeline, by number or code",
    "group": "the block of the board in which the row stands; may say won or lost",
    "stage": "the stage, by name",
    "stage_id": "the stage, by number or code",
    "stage_before_close": "the last open stage of a closed lead",
    "status": "open, paused, won or lost",
    "status_reason": "refines the status; for lost leads the reason",
    "amount": "value in the lead's currency",
    "amount_base_currency": "the same value in the company's currency; preferred",
    "amount_actual": "value when closed",
    "amount_text": "value written out, such as $500 monthly",
    "amount_period": "the value is per month, year, … or how often it counts",
    "currency": "currency of the amount",
    "probability": "the CRM's own chance of winning",
    "created_at": "creation",
    "stage_entered_at": "when the current stage was entered",
    "stage_entered": "when the stage named in the header was entered (one column per stage)",
    "stage_exited": "when the stage named in the header was left",
    "stage_duration": "how long the stage named in the header lasted",
    "stage_days": "days in the current stage at the time of the export",
    "age_days": "days since creation at the time of the export",
    "last_activity_at": "the CRM's own last activity or contact",
    "last_response_at": "last message from the other side",
    "last_outreach_at": "last message from us",
    "activity_count": "how many activities",
    "next_step": "what is planned next",
    "next_step_at": "when it is planned",
    "expected_close_at": "date set for the decision",
    "close_at": "one column for both: date set while the lead is open, date of the ending once it is closed",
    "closed_at": "when it was won or lost",
    "won_at": "when it was won",
    "lost_at": "when it was lost",
    "lost_reason": "why it was lost",
    "won_reason": "why it was won",
    "paused_until": "resumption date of a pause",
    "won_flag": "yes = won",
    "lost_flag": "yes = lost",
    "closed_flag": "yes = won or lost",
    "open_flag": "yes = open",
    "active_flag": "no = archived; in some CRMs that is how a lead is lost",
    "deleted_flag": "yes = in the bin",
    "converted_flag": "yes = became an opportunity",
    "converted_at": "when it became one",
    "converted_lead_id": "id of the opportunity that it became",
    "modified_at": "last change of the record; no progress",
    "description": "free text",
    "other": "known, and none of the above; stops a guess",
}

ACTIVITY_ROLES: dict[str, str] = {
    "activity_id": "identifies the activity",
    "lead_id": "lead that it belongs to, by id",
    "lead_name": "lead that it belongs to, by name",
    "related_id": "record that it belongs to, by id; a lead only where related_type says so",
    "related_name": "record that it belongs to, by name; may be a lead, a company or a person",
    "related_type": "what kind of record that is",
    "company": "company that it was with",
    "contact": "person that it was with",
    "contact_email": "that person's address",
    "at": "when it happened or is planned",
    "done_at": "when it was done",
    "due_at": "when it is or was due",
    "end_at": "when it ended",
    "duration": "how long it took",
    "kind": "mail, call, meeting, …",
    "direction": "from us, to us, both or internal",
    "sender": "who sent it",
    "recipient": "who got it",
    "subject": "subject line or title",
    "body": "text",
    "outcome": "what came of it",
    "status": "planned, done, cancelled, …",
    "done": "yes = done",
    "by": "who did it or is to do it",
    "created_at": "when it was entered",
    "modified_at": "last change of the record",
    "deleted_flag": "yes = in the bin",
    "other": "known, and none of the above; stops a guess",
}

CHANGE_ROLES: dict[str, str] = {
    "change_id": "identifies the change",
    "lead_id": "lead that changed, by id",
    "lead_name": "lead that changed, by name",
    "at": "when",
    "left_at": "when the stage was left again",
    "field": "the field that changed",
    "before": "value before",
    "before_id": "value before, by number or code",
    "before_status": "open, won or lost before",
    "after": "value after; the stage that was entered",
    "after_id": "value after, by number or code",
    "after_status": "open, won or lost after",
    "pipeline": "pipeline of the value after",
    "pipeline_id": "pipeline, by number or code",
    "by": "who changed it",
    "stage_days": "how long the stage lasted",
    "amount": "value at that moment",
    "probability": "chance at that moment",
    "expected_close_at": "date set for the decision at that moment",
    "deleted_flag": "yes = in the bin",
    "other": "known, and none of the above; stops a guess",
}

ROLES: dict[str, dict[str, str]] = {"leads": LEAD_ROLES, "activities": ACTIVITY_ROLES, "changes": CHANGE_ROLES}
"""By table: the roles that its columns can have, and what each means."""

_OUTCOMES = ("open", "paused", "won", "lost")
KINDS: tuple[str, ...] = ("email", "call", "meeting", "note", "task", "content", "offer", "form", "other")
"""Kinds of activities (see :data:`leadaudit.tables.ACTIVITIES`)."""
_DIRECTIONS = ("outbound", "inbound", "mutual", "internal", "unknown")
_STATES = ("done", "planned", "cancelled")
_KIND_KEYS = tuple(
    " ".join(part for part in (kind, direction, state) if part)
    for kind in KINDS
    for direction in ("", *_DIRECTIONS)
    for state in ("", *_STATES)
)

MEANINGS: dict[str, tuple[str, ...]] = {
    "stages": _OUTCOMES,
    "stage_words": _OUTCOMES,
    "stage_denials": ("not_closed",),
    "stage_ends": ("closed",),
    "status": (*_OUTCOMES, "deleted"),
    "kinds": _KIND_KEYS,
    "kind_words": _KIND_KEYS,
    "directions": _DIRECTIONS,
    "direction_words": _DIRECTIONS,
    "done": _STATES,
    "outcomes": ("reached", "not_reached", "bounced", "automatic", "refused", "decided"),
    "lost_reasons": ("says_nothing", "wrong_entry", "says_why"),
    "reason_words": ("wrong_entry",),
    "fields": ("stage", "status", "expected_close_at", "closed_at", "owner", "amount", "next_step", "next_step_at"),
    "record_types": ("lead", "other"),
    "header_words": ("lead", "filler"),
    "header_abbreviations": (),
}
"""By section of a profile: the meanings that its words can have.

An empty tuple stands for any word: ``header_abbreviations`` are listed by the word that they stand for.
``*_words`` hold also inside a longer text; the other sections only when they are the whole value.
"""

QUIRKS: dict[str, str] = {
    "banner_rows": "lines stand above the header",
    "empty_first_column": "the first column is empty",
    "trailer_rows": "lines stand below the table",
    "total_rows": "sums stand between or below the rows",
    "group_rows": "rows with the name of a group stand between the rows",
    "repeated_header": "the header is repeated within the file",
    "fill_down": "a group's value stands only in its first row",
    "status_beside_stage": "won and lost are not in the stage column",
    "flags_beside_stage": "won and lost are told by yes/no columns",
    "inactive_is_lost": "a lost lead is an archived one",
    "rows_per_product": "a lead stands on one row per product",
    "continuation_rows": "further values of a lead stand on rows with empty key cells",
    "two_amounts": "one amount in the lead's, one in the company's currency",
    "amount_in_cents": "amounts are whole cents",
    "amount_per_period": "the amount must be multiplied with a number of periods",
    "long_ids": "ids are too long for Excel and may have lost their last digits",
    "short_and_long_ids": "15 characters, case-sensitive, or the same with 3 more",
    "no_id": "there may be no id column",
    "doubled_header_quotes": "headers hold quotes",
    "header_separator": "the header is separated by comma and blank, the rows by comma",
    "html_as_xls": "the Excel file is an HTML table",
    "gzip": "the file is compressed with gzip",
    "zip": "the file lies in a zip",
    "guard_apostrophe": "an apostrophe protects texts that begin with = + - @",
    "text_cells": "every cell of a sheet is text",
    "serial_dates": "dates may be Excel serial numbers",
    "technical_in_csv": "CSV has technical names and values where Excel has translated ones",
    "mixed_names": "technical names stand among translated headers",
    "internal_values": "values may be internal names or numbers",
    "renamed": "stages, modules or columns are renamed freely",
    "preset_dates": "a date is preset by the CRM and says nothing until someone changed it",
    "activity_is_modified": "last activity is the last change of the record",
    "html_cells": "cells hold HTML and line breaks",
    "hidden_columns": "hidden columns for re-import stand in front",
    "enter_only_history": "history has one row per stage entered, without the stage before",
    "no_history": "there is no export of stage history",
    "no_direction": "activities have no direction",
    "reference_cells": "links are written Module::::Name",
    "closed_without_date": "closed leads may have no closing date",
    "same_stage_names": "several pipelines have stages of the same name",
    "lead_is_deal": "what this CRM calls a lead is a deal",
}
"""What makes a CRM's files hard to read, by code."""
