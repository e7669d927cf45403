"""How each CRM writes: one description per CRM and language, from the published facts about its exports."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ingest.crm_files import Style, csv_bytes, xlsx_bytes, zip_bytes
from ingest.crm_shapes import Beside, Spec

STANDARD = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review")
ZOHO = ("Qualification", "Needs Analysis", "Proposal/Price Quote", "Negotiation/Review")
ISO_Z = "%Y-%m-%dT%H:%M:%SZ"
GERMAN = Style(time="%d.%m.%Y %H:%M", day="%d.%m.%Y", decimal=",", thousands=".", yes="Ja", no="Nein")
US = Style(time="-%m/%d/%Y %H:%M", day="-%m/%d/%Y", thousands=",", yes="Yes", no="No")
US_YEARS = Style(time="%m/%d/%Y %H:%M", day="%m/%d/%Y", yes="Yes", no="No")
PLAIN = Style()
KINDS = {"email": "Email", "call": "Call", "outbound": "Outbound", "inbound": "Inbound", "done": "Completed"}
KINDS_DE = {"email": "E-Mail", "call": "Anruf", "outbound": "Ausgehend", "inbound": "Eingehend", "done": "Erledigt"}


def specs() -> tuple[Spec, ...]:
    """Every CRM, in English and, where its headers are known, in German."""
    from ingest.crm_specs_more import more_specs

    made = (*_hubspot(), *_salesforce(), *_pipedrive(), *_zoho(), *_dynamics(), *more_specs())
    return tuple(sorted(made, key=lambda spec: (spec.crm, spec.language, spec.variant)))


def guid(number: int) -> str:
    """A GUID that is the same every time."""
    return str(uuid.UUID(int=0x5D7E_0000_0000_4000_8000_0000_0000_0000 + number * 7_919))


def columns_of(text: str) -> list[tuple[str, str, str]]:
    """Columns of a description: one line each, header | role | key."""
    return [
        (a.strip(), b.strip(), c.strip()) for a, b, c in (line.rsplit("|", 2) for line in text.strip().splitlines())
    ]


def as_csv(**options: Any) -> Callable[[Sequence[Sequence[Any]]], bytes]:
    return partial(csv_bytes, **options)


# ------------------------------------------------------------------ HubSpot


def _hubspot() -> list[Spec]:
    style = Style(time="%Y-%m-%d %H:%M")
    stages = ("Appointment Scheduled", "Qualified To Buy", "Presentation Scheduled", "Contract Sent")
    shared = {"object": "deals", "stages": stages, "won": "Closed Won", "lost": "Closed Lost", "style": style}
    number = lambda n: str(14_300_000_000 + n * 37)  # noqa: E731
    english = columns_of("""
        Record ID|lead_id|id
        Deal Name|name|name
        Deal Stage|stage|stage
        Pipeline|pipeline|pipeline
        Amount|amount|amount
        Amount in company currency|amount_base_currency|amount
        Currency|currency|currency
        Close Date|close_at|close
        Create Date|created_at|created
        Last Modified Date|modified_at|modified
        Last Activity Date|last_activity_at|last
        Next Activity Date|next_step_at|next
        Next step|next_step|next_step
        Deal owner|owner|owner
        Closed Lost Reason|lost_reason|reason
        Is Closed Won|won_flag|won_flag
        Is closed lost|lost_flag|lost_flag
        Original Traffic Source|source|source
        Associated Company|company|company
        Associated Note|other|html
    """)
    calls = Beside("activities", "activities", "hubspot-crm-exports-all-calls-2026-03-01.csv", columns_of("""
        Record ID|activity_id|number
        Activity type|kind|kind
        Activity date|at|at
        Call Title|subject|subject
        Call direction|direction|direction
        Activity assigned to|by|by
        Associated Deal IDs|lead_id|id
    """), as_csv(), style, {"call": "CALL", "outbound": "OUTBOUND", "inbound": "INBOUND"}, only="call")  # fmt: skip
    mails = Beside("activities", "activities", "hubspot-crm-exports-all-emails-2026-03-01.csv", columns_of("""
        Record ID|activity_id|number
        Activity type|kind|kind
        Activity date|at|at
        Email subject|subject|subject
        Email Direction|direction|direction
        Activity assigned to|by|by
        Associated Deal IDs|lead_id|id
    """), as_csv(), style, {"email": "EMAIL", "outbound": "EMAIL", "inbound": "INCOMING_EMAIL"}, only="email")  # fmt: skip
    history = Beside("changes", "history", "deal_stage_history.csv", columns_of("""
        DEAL_ID|lead_id|id
        STAGE_CREATED_AT|at|at
        PIPELINE_ID|pipeline_id|=default
        PIPELINE_NAME|pipeline|pipeline
        STAGE_NAME|after|after
    """), as_csv(), Style(time="%Y-%m-%dT%H:%M:%S.000Z"), newest_first=True)  # fmt: skip
    names = [*stages, "Closed Won", "Closed Lost"]
    dates = [(f'Date entered "{name} (Sales Pipeline)"', "stage_entered", f"entered:{name}") for name in names]
    german = columns_of("""
        Datensatz-ID|lead_id|id
        Deal-Name|name|name
        Deal-Phase|stage|stage
        Pipeline|pipeline|pipeline
        Betrag|amount|amount
        Abschlussdatum|close_at|close
        Erstellungsdatum|created_at|created
        Datum der letzten Aktivität|last_activity_at|last
        Datum der nächsten Aktivität|next_step_at|next
        Zuständiger Mitarbeiter|owner|owner
        Grund für Verlust|lost_reason|reason
    """)
    file = "hubspot-crm-exports-all-deals-2026-03-01.csv"
    german_stages = ("Termin vereinbart", "Zum Kauf qualifiziert", "Präsentation vereinbart", "Vertrag gesendet")
    endings = {"won": "Abgeschlossen und gewonnen", "lost": "Abgeschlossen und verloren"}
    return [
        Spec(
            "hubspot",
            "en",
            file=file,
            columns=english,
            write=as_csv(),
            lead_id=number,
            others=(calls, mails, history),
            **shared,
        ),
        Spec(
            "hubspot",
            "en",
            file=file,
            columns=[*english[:9], *dates],
            write=as_csv(),
            lead_id=number,
            variant="stage-dates",
            **shared,
        ),
        Spec(
            "hubspot",
            "de",
            file=file,
            columns=german,
            write=as_csv(),
            lead_id=number,
            **{**shared, **endings, "stages": german_stages},
        ),
    ]


# ------------------------------------------------------------------ Salesforce


SALESFORCE_END = (
    "",
    '"Confidential Information - Do Not Distribute"',
    '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."',
)
SALESFORCE_BANNER: tuple[tuple[str, ...], ...] = (
    (),
    ("", "Open pipeline"),
    ("", "As of 2026-03-01 09:00:09 Central European Standard Time/CET • Sorted by Close Date (Descending)"),
    (), (), ("", "Filtered By"), ("", "   Show: All opportunities"), (), (), (),
)  # fmt: skip


def _salesforce_sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    """A formatted report: banner, empty first column, sort arrow, totals and the lines below."""
    head = ["", *[f"{cell}  ↑" if cell == "Stage" else cell for cell in rows[0]]]
    body = [["", *row] for row in rows[1:]]
    total = ["", "Total", "Count", str(len(body)), *[""] * (len(head) - 4)]
    below = [[], *[["", line.strip('"')] for line in SALESFORCE_END[1:]]]
    return xlsx_bytes([head, *body, total, *below], before=SALESFORCE_BANNER)


def _salesforce_groups(rows: Sequence[Sequence[Any]]) -> bytes:
    """A report grouped by stage: its name stands in the first row of a group only, a subtotal below it."""
    head, *body = rows
    stage = head.index("Stage")
    order = [stage, *[at for at in range(len(head)) if at != stage]]
    lines = [["", *[f"{head[at]}  ↑" if at == stage else head[at] for at in order]]]
    for name in sorted({row[stage] for row in body}):
        group = [[row[at] for at in order] for row in body if row[stage] == name]
        lines += [["", *row] if number == 0 else ["", "", *row[1:]] for number, row in enumerate(group)]
        lines += [["", "Subtotal", "", "", str(len(group)), *[""] * (len(head) - 4)]]
    lines += [["", "Grand Total", "", "", str(len(body)), *[""] * (len(head) - 4)]]
    return xlsx_bytes(lines, before=SALESFORCE_BANNER)


def _salesforce() -> list[Spec]:
    english = columns_of("""
        Opportunity Owner|owner|owner
        Account Name|company|company
        Opportunity Name|name|name
        Stage|stage|stage
        Amount Currency|currency|currency
        Amount|amount|amount
        Probability (%)|probability|percent
        Close Date|close_at|close_day
        Created Date|created_at|created_day
        Next Step|next_step|next_step
        Lead Source|source|source
        Opportunity ID|lead_id|id
        Last Activity|last_activity_at|last_day
        Loss Reason|lost_reason|reason
    """)
    german = columns_of("""
        Opportunity-Inhaber|owner|owner
        Accountname|company|company
        Opportunity-Name|name|name
        Phase|stage|stage
        Betrag|amount|amount
        Wahrscheinlichkeit (%)|probability|percent
        Schlusstermin|close_at|close_day
        Erstelldatum|created_at|created_day
        Nächster Schritt|next_step|next_step
        Lead-Quelle|source|source
        Opportunity-ID|lead_id|id
        Letzte Aktivität|last_activity_at|last_day
    """)
    weekly = columns_of("""
        Id|lead_id|id
        Name|name|name
        StageName|stage|stage
        Amount|amount|amount
        Probability|probability|percent
        CloseDate|close_at|close
        NextStep|next_step|next_step
        LeadSource|source|source
        IsClosed|closed_flag|closed_flag
        IsWon|won_flag|won_flag
        CurrencyIsoCode|currency|currency
        CreatedDate|created_at|created
        LastModifiedDate|modified_at|modified
        LastActivityDate|last_activity_at|last
        LastStageChangeDate|stage_entered_at|entered
        AccountId|other|=000000000000000AAA
    """)
    history = Beside("changes", "stage_history", "OpportunityHistory.csv", columns_of("""
        OpportunityId|lead_id|id
        CreatedDate|at|at
        StageName|after|after
    """), as_csv(quote_all=True), PLAIN)  # fmt: skip
    tasks = Beside("activities", "activities", "Task.csv", columns_of("""
        Activity ID|activity_id|number
        Subject|subject|subject
        Date|at|at_day
        Task Subtype|kind|kind
        Call Type|direction|direction
        Status|status|done
        Assigned|by|by
        Opportunity|lead_name|name
    """), as_csv(), US, KINDS)  # fmt: skip
    made = partial(
        Spec, "salesforce", object="opportunities", stages=STANDARD,
        lead_id=lambda n: f"006bm00000L{n:04d}{'AaBbCc'[n % 6]}A{'ABCDEF'[n % 6]}",
    )  # fmt: skip
    endings = {"won": "Closed Won", "lost": "Closed Lost"}
    german_endings = {"won": "Geschlossen gewonnen", "lost": "Geschlossen verloren"}
    report = as_csv(encoding="cp1252", quote_all=True, after=SALESFORCE_END)
    german_report = as_csv(encoding="cp1252", quote_all=True, delimiter=";", after=SALESFORCE_END)
    return [
        made("en", file="report1772355600000.csv", columns=english, style=US, write=report, others=(tasks,), **endings),
        made("en", file="Open pipeline.xlsx", columns=english, style=US, write=_salesforce_sheet, variant="formatted", **endings),
        made("en", file="Pipeline by stage.xlsx", columns=english, style=US, write=_salesforce_groups, variant="grouped", **endings),
        made("en", file="Opportunity.csv", columns=weekly, style=Style(yes="1", no="0"), write=as_csv(quote_all=True),
             others=(history,), variant="weekly", **endings),
        made("de", file="report1772355600001.csv", columns=german, style=GERMAN, write=german_report, **german_endings),
    ]  # fmt: skip


# ------------------------------------------------------------------ Pipedrive, Zoho, Dynamics


def _pipedrive() -> list[Spec]:
    english = columns_of("""
        Deal - ID|lead_id|id
        Deal - Title|name|name
        Deal - Owner|owner|owner
        Deal - Value|amount|amount
        Deal - Currency of Value|currency|currency
        Deal - Probability|probability|percent
        Deal - Organization|company|company
        Deal - Pipeline|pipeline|pipeline
        Deal - Contact person|contact|contact
        Deal - Stage|stage|stage
        Deal - Status|status|status
        Deal - Deal created|created_at|created
        Deal - Update time|modified_at|modified
        Deal - Last stage change|stage_entered_at|entered
        Deal - Next activity date|next_step_at|next_day
        Deal - Last activity date|last_activity_at|last_day
        Deal - Won time|won_at|won
        Deal - Lost time|lost_at|lost
        Deal - Deal closed on|closed_at|closed
        Deal - Lost reason|lost_reason|reason
        Deal - Expected close date|expected_close_at|expected_day
        Deal - Source origin|source|source
    """)
    german = columns_of("""
        Deal - ID|lead_id|id
        Deal - Titel|name|name
        Deal - Besitzer|owner|owner
        Deal - Wert|amount|amount
        Deal - Gewichteter Wert|other|amount
        Deal - Wahrscheinlichkeit|probability|percent
        Deal - Organisation|company|company
        Deal - Pipeline|pipeline|pipeline
        Deal - Kontaktperson|contact|contact
        Deal - Phase|stage|stage
        Deal - Status|status|status
        Deal - Deal erstellt|created_at|created
        Deal - Zeit der Aktualisierung|modified_at|modified
        Deal - Letzte Phasenänderung|stage_entered_at|entered
        Deal - Datum nächste Aktivität|next_step_at|next_day
        Deal - Datum der letzten Aktivität|last_activity_at|last_day
        Deal - Datum des gewonnenen Deals|won_at|won
        Deal - Datum des verlorenen Deals|lost_at|lost
        Deal - Deal abgeschlossen am|closed_at|closed
        Deal - Verlustgrund|lost_reason|reason
    """)
    activities = Beside("activities", "activities", "activities-1234-56.csv", columns_of("""
        Activity - Pipedrive System ID|activity_id|number
        Activity - Subject|subject|subject
        Activity - Type|kind|kind
        Activity - Done|done|done
        Activity - Due date|due_at|at_day
        Activity - Assigned to user|by|by
        Activity - Deal ID|lead_id|id
    """), as_csv(), PLAIN, {**KINDS, "done": "Done"})  # fmt: skip
    made = partial(Spec, "pipedrive", object="deals", file="deals-1234567-890.csv", write=as_csv(), style=PLAIN)
    return [
        made("en", columns=english, others=(activities,), stages=("Qualified", "Contact Made", "Demo Scheduled", "Proposal Made"),
             statuses={"open": "open", "won": "won", "lost": "lost"}),
        made("de", columns=german, stages=("Qualifiziert", "Kontakt hergestellt", "Demo geplant", "Angebot gemacht"),
             statuses={"open": "Offen", "won": "Gewonnen", "lost": "Verloren"}),
    ]  # fmt: skip


def _zoho() -> list[Spec]:
    english = columns_of("""
        Record Id|lead_id|id
        Deal Owner.id|owner_id|=zcrm_5924812000000392001
        Deal Owner|owner|owner
        Amount|amount|amount
        Deal Name|name|name
        Closing Date|close_at|close_day
        Account Name|company|company
        Stage|stage|stage
        Probability (%)|probability|percent
        Next Step|next_step|next_step
        Lead Source|source|source
        Created Time|created_at|created
        Modified Time|modified_at|modified
        Last Activity Time|last_activity_at|last
        Pipeline|pipeline|pipeline
        Reason For Loss|lost_reason|reason
        Locked|other|=false
        Currency|currency|currency
        Stage Modified Time|stage_entered_at|entered
    """)
    german = columns_of("""
        Datensatz-ID|lead_id|id
        Besitzer des Geschäfts|owner|owner
        Betrag|amount|amount
        Name des Geschäfts|name|name
        Abschlussdatum|close_at|close_day
        Name des Unternehmens|company|company
        Stadium|stage|stage
        Wahrscheinlichkeit (%)|probability|percent
        Leadquelle|source|source
        Erstellt um|created_at|created
        Geändert um|modified_at|modified
    """)
    calls = Beside("activities", "activities", "Calls_001.csv", columns_of("""
        TASKID|activity_id|number
        Call Start Time|at|at
        Call Owner|by|by
        Subject|subject|subject
        Call Type|direction|direction
        Call Purpose|other|=Prospecting
        POTENTIALID|lead_id|id
    """), as_csv(quote_all=True), PLAIN, KINDS, only="call")  # fmt: skip
    made = partial(
        Spec, "zoho", object="deals", stages=ZOHO, won="Closed Won", lost="Closed Lost", style=PLAIN,
        lead_id=lambda n: f"zcrm_5924812000005{n:06d}",
    )  # fmt: skip
    return [
        made("en", file="Deals_2026_03_01.xlsx", columns=english, write=partial(xlsx_bytes, sheet="Sheet0"), others=(calls,)),
        made("en", file="Data_001.zip", columns=english, variant="backup",
             write=lambda rows: zip_bytes("Deals_001.csv", csv_bytes(rows, quote_all=True))),
        made("de", file="Deals_2026_03_02.xlsx", columns=german, write=partial(xlsx_bytes, sheet="Sheet0")),
    ]  # fmt: skip


def _dynamics() -> list[Spec]:
    english = columns_of("""
        (Do Not Modify) Opportunity|lead_id|id
        (Do Not Modify) Row Checksum|other|=mGd0Zz3cVb1y0+aQ==
        (Do Not Modify) Modified On|modified_at|modified
        Topic|name|name
        Potential Customer|company|company
        Owner|owner|owner
        Status|status|status
        Est. Revenue|amount|amount
        Est. Close Date|expected_close_at|expected_day
        Actual Close Date|closed_at|closed_day
        Probability|probability|percent
        Sales Stage|stage|stage
        Source Campaign|source|source
        Currency|currency|currency
        Created On|created_at|created
    """)
    german = columns_of("""
        (Nicht ändern) Verkaufschance|lead_id|id
        (Nicht ändern) Zeilenprüfsumme|other|=mGd0Zz3cVb1y0+aQ==
        (Nicht ändern) Geändert am|modified_at|modified
        Thema|name|name
        Potenzieller Kunde|company|company
        Besitzer|owner|owner
        Status|status|status
        Gesch. Umsatz|amount|amount
        Gesch. Abschlussdatum|expected_close_at|expected_day
        Tatsächliches Abschlussdatum|closed_at|closed_day
        Wahrscheinlichkeit|probability|percent
        Pipelinephase|stage|stage
        Währung|currency|currency
        Erstellt am|created_at|created
    """)
    mails = Beside("activities", "activities", "My Emails.csv", columns_of("""
        Subject|subject|subject
        Regarding|related_name|name
        Direction|direction|direction
        Activity Type|kind|kind
        Activity Status|status|done
        Owner|by|by
        Date Sent|at|at
        Description|body|html
    """), as_csv(encoding="utf-8-sig"), US, {**KINDS, "call": "Phone Call", "outbound": "Outgoing", "inbound": "Incoming"})  # fmt: skip
    made = partial(Spec, "dynamics365", object="opportunities", lead_id=guid)
    return [
        made("en", file="Open Opportunities.csv", columns=english, style=US, write=as_csv(encoding="utf-8-sig"),
             stages=("Qualify", "Develop", "Propose", "Close"), others=(mails,),
             statuses={"open": "Open", "paused": "On Hold", "won": "Won", "lost": "Lost"}),
        made("de", file="Offene Verkaufschancen.xlsx", columns=german, style=GERMAN, write=xlsx_bytes,
             stages=("Qualifizieren", "Entwickeln", "Vorschlagen", "Abschließen"),
             statuses={"open": "Offen", "won": "Gewonnen", "lost": "Verloren"}),
    ]  # fmt: skip
