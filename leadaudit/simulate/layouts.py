"""How CRMs lay out their exports: file names, headers, words and formats, by CRM and language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["from_to", "entered", "stage_dates", "leads_and_activities", "leads_only"]


@dataclass(frozen=True)
class Layout:
    """One CRM's exports in one language.

    Attributes
    ----------
    files : tuple of str
        Names of the files of leads, activities and changes; the ending says how they are written.
    leads, activities, changes : dict of str to str
        Header by column of :mod:`leadaudit.tables`, in the order of the file.
    words : dict of str to dict
        By column: what the CRM writes for a value of ours.
    delimiter, decimal : str
    date, moment : str
        ``strftime`` formats of a date and of a date with time.
    mark : bool
        True if the files begin with a byte order mark, as Excel writes it.
    stage_keeps_open : bool
        True if the stage of an ended lead is the last open one, and only the status says won or lost.
    entered_header : str
        Header of the column with the date on which a stage was entered.
    """

    files: tuple[str, str, str]
    leads: dict[str, str]
    activities: dict[str, str]
    changes: dict[str, str]
    words: dict[str, dict[str, str]]
    delimiter: str
    decimal: str
    date: str
    moment: str
    mark: bool = False
    stage_keeps_open: bool = False
    entered_header: str = "{stage}"


_GERMAN_WORDS = {
    "status": {"open": "Offen", "paused": "Zurückgestellt", "won": "Gewonnen", "lost": "Verloren"},
    "kind": {
        "email": "E-Mail", "call": "Anruf", "meeting": "Termin", "note": "Notiz", "task": "Aufgabe",
        "content": "Whitepaper", "form": "Webformular",
    },
    "direction": {"outbound": "Ausgehend", "inbound": "Eingehend", "mutual": "Beidseitig", "internal": "Intern"},
    "done": {"True": "Ja", "False": "Nein"},
    "field": {"stage": "Phase", "expected_close_at": "Erwarteter Abschluss", "next_step_at": "Nächster Schritt am"},
}  # fmt: skip
_ENGLISH_WORDS = {
    "status": {"open": "Open", "paused": "On Hold", "won": "Won", "lost": "Lost"},
    "kind": {
        "email": "Email", "call": "Call", "meeting": "Meeting", "note": "Note", "task": "Task",
        "content": "Content", "form": "Web Form",
    },
    "direction": {"outbound": "Outbound", "inbound": "Inbound", "mutual": "Mutual", "internal": "Internal"},
    "done": {"True": "Yes", "False": "No"},
    "field": {"stage": "Stage", "expected_close_at": "Expected Close", "next_step_at": "Next Step Date"},
}  # fmt: skip

_GENERIC_GERMAN = Layout(
    files=("leads.csv", "aktivitaeten.xlsx", "phasenverlauf.csv"),
    leads={
        "lead_id": "Lead-Nr.", "name": "Bezeichnung", "company": "Firma", "owner": "Zuständig", "source": "Quelle",
        "pipeline": "Pipeline", "stage": "Phase", "status": "Status", "amount": "Betrag (EUR)",
        "probability": "Wahrscheinlichkeit (%)", "created_at": "Erstellt am", "stage_entered_at": "In Phase seit",
        "last_activity_at": "Letzte Aktivität", "next_step": "Nächster Schritt", "next_step_at": "Nächster Schritt am",
        "expected_close_at": "Erwarteter Abschluss", "closed_at": "Geschlossen am", "lost_reason": "Verlustgrund",
        "paused_until": "Pausiert bis",
    },
    activities={
        "lead_id": "Lead-Nr.", "at": "Datum", "kind": "Art", "direction": "Richtung", "subject": "Betreff",
        "outcome": "Ergebnis", "by": "Mitarbeiter", "done": "Erledigt",
    },
    changes={
        "lead_id": "Lead-Nr.", "at": "Geändert am", "field": "Feld", "before": "Alter Wert", "after": "Neuer Wert",
        "by": "Geändert von",
    },
    words=_GERMAN_WORDS, delimiter=";", decimal=",", date="%d.%m.%Y", moment="%d.%m.%Y %H:%M", mark=True,
    entered_header="Phase {stage} seit",
)  # fmt: skip
_GENERIC_ENGLISH = Layout(
    files=("leads.csv", "activities.csv", "stage_history.csv"),
    leads={
        "lead_id": "Lead ID", "name": "Lead Name", "company": "Company", "owner": "Owner", "source": "Source",
        "pipeline": "Pipeline", "stage": "Stage", "status": "Status", "amount": "Amount", "currency": "Currency",
        "probability": "Probability (%)", "created_at": "Created", "stage_entered_at": "Stage Entered",
        "last_activity_at": "Last Activity", "next_step": "Next Step", "next_step_at": "Next Step Date",
        "expected_close_at": "Expected Close", "closed_at": "Closed", "lost_reason": "Lost Reason",
        "paused_until": "On Hold Until",
    },
    activities={
        "lead_id": "Lead ID", "at": "Date", "kind": "Type", "direction": "Direction", "subject": "Subject",
        "outcome": "Outcome", "by": "Owner", "done": "Done",
    },
    changes={
        "lead_id": "Lead ID", "at": "Changed At", "field": "Field", "before": "Old Value", "after": "New Value",
        "by": "Changed By",
    },
    words=_ENGLISH_WORDS, delimiter=",", decimal=".", date="%Y-%m-%d", moment="%Y-%m-%d %H:%M:%S",
    entered_header="Date entered {stage}",
)  # fmt: skip
_PIPEDRIVE_WORDS = {
    "status": {"open": "Open", "paused": "Open", "won": "Won", "lost": "Lost"},
    "done": {"True": "Done", "False": "To do"},
}
_PIPEDRIVE_ENGLISH = Layout(
    files=("deals.csv", "activities.csv", "stage_history.csv"),
    leads={
        "lead_id": "Deal - ID", "name": "Deal - Title", "owner": "Deal - Owner", "amount": "Deal - Value",
        "currency": "Deal - Currency", "probability": "Deal - Probability", "company": "Deal - Organization",
        "pipeline": "Deal - Pipeline", "stage": "Deal - Stage", "status": "Deal - Status",
        "created_at": "Deal - Deal created", "stage_entered_at": "Deal - Last stage change",
        "next_step_at": "Deal - Next activity date", "last_activity_at": "Deal - Last activity date",
        "closed_at": "Deal - Deal closed on", "lost_reason": "Deal - Lost reason",
        "expected_close_at": "Deal - Expected close date",
    },
    activities={
        "done": "Activity - Status", "subject": "Activity - Subject", "kind": "Activity - Type", "at": "Activity - Due date",
        "by": "Activity - Assigned to user", "lead_id": "Deal - ID",
    },
    changes={"lead_id": "Deal - ID", "at": "Changed At", "before": "From Stage", "after": "To Stage", "by": "Changed By"},
    words={**_ENGLISH_WORDS, **_PIPEDRIVE_WORDS}, delimiter=",", decimal=".", date="%Y-%m-%d", moment="%Y-%m-%d %H:%M:%S",
    stage_keeps_open=True, entered_header="Date entered {stage}",
)  # fmt: skip
_PIPEDRIVE_GERMAN = Layout(
    files=("deals.csv", "aktivitaeten.csv", "phasenverlauf.csv"),
    leads={
        "lead_id": "Deal - ID", "name": "Deal - Titel", "owner": "Deal - Besitzer", "amount": "Deal - Wert",
        "probability": "Deal - Wahrscheinlichkeit", "company": "Deal - Organisation", "pipeline": "Deal - Pipeline",
        "stage": "Deal - Phase", "status": "Deal - Status", "created_at": "Deal - Deal erstellt",
        "stage_entered_at": "Deal - Letzte Phasenänderung", "next_step_at": "Deal - Datum nächste Aktivität",
        "last_activity_at": "Deal - Datum der letzten Aktivität", "closed_at": "Deal - Deal abgeschlossen am",
        "lost_reason": "Deal - Verlustgrund",
    },
    activities={
        "done": "Aktivität - Status", "subject": "Aktivität - Betreff", "kind": "Aktivität - Typ",
        "at": "Aktivität - Fälligkeitsdatum", "by": "Aktivität - Zugewiesen an", "lead_id": "Deal - ID",
    },
    changes={"lead_id": "Deal - ID", "at": "Geändert am", "before": "Von Phase", "after": "In Phase", "by": "Geändert von"},
    words={
        **_GERMAN_WORDS, "status": {"open": "Offen", "paused": "Offen", "won": "Gewonnen", "lost": "Verloren"},
        "done": {"True": "Erledigt", "False": "Geplant"},
    },
    delimiter=",", decimal=".", date="%Y-%m-%d", moment="%Y-%m-%d %H:%M:%S", stage_keeps_open=True,
    entered_header="Phase {stage} seit",
)  # fmt: skip
_HUBSPOT_ENGLISH = Layout(
    files=("hubspot-crm-exports-all-deals.csv", "hubspot-crm-exports-activities.csv", "deal_stage_history.csv"),
    leads={
        "lead_id": "Record ID", "name": "Deal Name", "stage": "Deal Stage", "pipeline": "Pipeline", "amount": "Amount",
        "currency": "Currency", "closed_at": "Close Date", "created_at": "Create Date", "owner": "Deal owner",
        "company": "Associated Company", "source": "Original Traffic Source", "next_step": "Next step",
        "next_step_at": "Next Activity Date", "last_activity_at": "Last Activity Date", "lost_reason": "Closed Lost Reason",
    },
    activities={
        "lead_id": "Deal ID", "kind": "Activity Type", "at": "Activity Date", "direction": "Direction", "by": "Activity Owner",
        "subject": "Call/Meeting Title/Subject", "outcome": "Call Outcome",
    },
    changes={"lead_id": "Deal ID", "at": "Date Entered", "after": "Deal Stage"},
    words=_ENGLISH_WORDS, delimiter=",", decimal=".", date="%Y-%m-%d", moment="%Y-%m-%d %H:%M",
    entered_header='Date entered "{stage} ({pipeline})"',
)  # fmt: skip

LAYOUTS: dict[tuple[str, str], Layout] = {
    ("generic", "de"): _GENERIC_GERMAN,
    ("generic", "en"): _GENERIC_ENGLISH,
    ("pipedrive", "de"): _PIPEDRIVE_GERMAN,
    ("pipedrive", "en"): _PIPEDRIVE_ENGLISH,
    ("hubspot", "en"): _HUBSPOT_ENGLISH,
}
"""By CRM and language of its headers."""
