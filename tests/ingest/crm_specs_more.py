"""How the other CRMs write: the open-source ones, the smaller ones, the German makers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ingest.crm_files import Style, csv_bytes, gzip_bytes, html_bytes, xlsx_bytes
from ingest.crm_shapes import Beside, Spec
from ingest.crm_specs import GERMAN, ISO_Z, KINDS, KINDS_DE, PLAIN, STANDARD, US, US_YEARS, as_csv, columns_of, guid

if TYPE_CHECKING:
    from ingest.crm_truth import Lead

STATUSES = {"open": "Open", "won": "Won", "lost": "Lost"}
STATUSES_DE = {"open": "Offen", "won": "Gewonnen", "lost": "Verloren"}
ENDINGS = {"won": "Closed Won", "lost": "Closed Lost"}


def more_specs() -> list[Spec]:
    """Specs of all CRMs that :mod:`crm_specs` does not hold."""
    return [
        *_odoo(),
        *_monday(),
        *_bitrix(),
        *_suite(),
        *_espo(),
        *_vtiger(),
        *_american(),
        *_insightly(),
        *_german_makers(),
    ]


def _odoo() -> list[Spec]:
    english = columns_of("""
        External ID|lead_id|id
        Opportunity|name|name
        Customer|company|company
        Salesperson|owner|owner
        Sales Team|other|=Europe
        Expected Revenue|amount|amount
        Stage|stage|stage
        Probability|probability|percent
        Expected Closing|expected_close_at|expected_day
        Closed Date|closed_at|closed
        Last Stage Update|stage_entered_at|entered
        Lost Reason|lost_reason|reason
        Active|active_flag|active_flag
        Created on|created_at|created
        Last Updated on|modified_at|modified
        Source|source|source
        Next Activity Deadline|next_step_at|next_day
        Next Activity Summary|next_step|next_step
        Notes|description|html
        Tags|other|=VIP
    """)
    german = columns_of("""
        Externe ID|lead_id|id
        Verkaufschance|name|name
        Kunde|company|company
        Vertriebsmitarbeiter|owner|owner
        Verkaufsteam|other|=Europa
        Erwarteter Umsatz|amount|amount
        Phase|stage|stage
        Wahrscheinlichkeit|probability|percent
        Erwarteter Abschluss|expected_close_at|expected_day
        Abschlussdatum|closed_at|closed
        Letzte Phasenaktualisierung|stage_entered_at|entered
        Verlustgrund|lost_reason|reason
        Aktiv|active_flag|active_flag
        Erstellt am|created_at|created
        Zuletzt aktualisiert am|modified_at|modified
        Herkunft|source|source
        Nächste Aktivitätsfrist|next_step_at|next_day
        Zusammenfassung der nächsten Aktivität|next_step|next_step
    """)
    activities = Beside("activities", "activities", "Activity (mail.activity).csv", columns_of("""
        Related Document ID|related_id|id
        Document Name|related_name|name
        Activity Type|kind|kind
        Summary|subject|subject
        Done Date|done_at|at_day
        Assigned to|by|by
    """), as_csv(quote_all=True), PLAIN, KINDS)  # fmt: skip
    style = Style(yes="True", no="False")
    made = partial(
        Spec, "odoo", object="opportunities", style=style, lead_id=lambda n: f"__export__.crm_lead_{n + 521}"
    )
    return [
        made("en", file="crm.lead.xlsx", columns=english[1:], write=_odoo_groups, variant="grouped", style=Style(yes="True", no="False"),
             stages=("New", "Qualified", "Proposition", "Proposition"), won="Won"),
        made("en", file="Lead (crm.lead).csv", columns=english, write=as_csv(quote_all=True), others=(activities,), repeats=_more_tags,
             stages=("New", "Qualified", "Proposition", "Proposition"), won="Won"),
        made("de", file="Lead (crm.lead).xlsx", columns=german, write=xlsx_bytes,
             stages=("Neu", "Qualifiziert", "Umsatzprognose", "Umsatzprognose"), won="Gewonnen"),
    ]  # fmt: skip


def _more_tags(row: list[Any], lead: Lead) -> list[list[Any]]:
    """A second tag of a lead stands on a row of its own, whose other cells are empty."""
    return [row, [*[""] * (len(row) - 1), "Urgent"]] if lead.number % 10 == 0 else [row]


def _odoo_groups(rows: Sequence[Sequence[Any]]) -> bytes:
    """A grouped list: before the leads of a stage a row with its name, their number and the sum."""
    head, *body = rows
    stage, amount = head.index("Stage"), head.index("Expected Revenue")
    lines: list[Sequence[Any]] = [head]
    for name in sorted({row[stage] for row in body}):
        group = [row for row in body if row[stage] == name]
        total: list[Any] = [""] * len(head)
        total[0], total[amount] = f"{name} ({len(group)})", sum(float(row[amount] or 0) for row in group)
        lines += [total, *group]
    return xlsx_bytes(lines)


def _monday_board(rows: Sequence[Sequence[Any]]) -> bytes:
    """A board: name and description above; two groups, each with its name and the header again."""
    head, *body = rows
    half = len(body) // 2
    groups = [("Active Deals", body[:half]), ("Archive", body[half:])]
    lines: list[Sequence[Any]] = []
    for name, items in groups:
        lines += [[name], head, *items, []]
    return xlsx_bytes([], before=[["Deals"], ["Our deals of this year"], *lines])


def _monday() -> list[Spec]:
    english = columns_of("""
        Name|name|name
        Owner|owner|owner
        Stage|stage|stage
        Deal Value|amount|amount
        Accounts|company|company
        Close Probability|probability|percent
        Expected Close Date|expected_close_at|expected
        Created Date|created_at|created
        Item ID|lead_id|id
    """)
    german = columns_of("""
        Name|name|name
        Besitzer|owner|owner
        Phase|stage|stage
        Deal-Wert|amount|amount
        Item ID|lead_id|id
        Created Date|created_at|created
    """)
    made = partial(
        Spec, "monday", object="deals", style=PLAIN, write=_monday_board, lead_id=lambda n: str(1_523_400_000 + n * 11)
    )
    return [
        made("en", file="Deals_1772355600.xlsx", columns=english, stages=("New", "Discovery", "Proposal", "Negotiation"), won="Won", lost="Lost"),
        made("de", file="Deals_1772355601.xlsx", columns=german, stages=("Neu", "Erstgespräch", "Angebot", "Verhandlung"),
             won="Gewonnen", lost="Verloren"),
    ]  # fmt: skip


def _product_rows(row: list[Any], lead: Lead) -> list[list[Any]]:
    """A deal with two products stands on two rows, each with its own part of the income."""
    if lead.number % 4 or lead.amount is None:
        return [row]
    first = round(lead.amount / 4, 2)
    parts = ((first, "Support"), (lead.amount - first, "Licence"))
    return [[*row[:5], f"{amount:.2f}", *row[6:-1], product] for amount, product in parts]


def _bitrix() -> list[Spec]:
    english = columns_of("""
        ID|lead_id|id
        Deal Name|name|name
        Stage|stage|stage
        Deal status|status|status
        Pipeline|pipeline|pipeline
        Income|amount|amount
        Currency|currency|currency
        Probability|probability|percent
        Company|company|company
        Responsible|owner|owner
        Created|created_at|created
        Modified|modified_at|modified
        Assumed close date|expected_close_at|expected_day
        Closed|closed_flag|closed_flag
        Stage change date|stage_entered_at|entered
        Source|source|source
    """)
    german = columns_of("""
        ID|lead_id|id
        Auftragsname|name|name
        Phase|stage|stage
        Auftragsstatus|status|status
        Pipeline|pipeline|pipeline
        Gewinn|amount|amount
        Währung|currency|currency
        Gewinnwahrscheinlichkeit|probability|percent
        Unternehmen|company|company
        Verantwortlich|owner|owner
        Erstellt am|created_at|created
        Geändert am|modified_at|modified
        Voraussichtliches Abschlussdatum|expected_close_at|expected_day
        Geschlossen|closed_flag|closed_flag
        Phase geändert am|stage_entered_at|entered
        Quelle|source|source
    """)
    style = Style(time="%d.%m.%Y %H:%M:%S", day="%d.%m.%Y", yes="Yes", no="No")
    german_style = Style(time="%d.%m.%Y %H:%M:%S", day="%d.%m.%Y", yes="Ja", no="Nein")
    made = partial(Spec, "bitrix24", object="deals")
    return [
        made("en", file="DEAL_20260303.xls", columns=[*english, ("Product", "other", "=Support")], style=style, write=html_bytes,
             repeats=_product_rows, variant="products", won="Deal won", lost="Deal lost", statuses={"open": "In progress", "won": "Won", "lost": "Lost"},
             stages=("New", "Preparation", "Executing", "Final invoice")),
        made("en", file="DEAL_20260301.xls", columns=english, style=style, write=html_bytes, won="Deal won", lost="Deal lost",
             stages=("New", "Preparation", "Executing", "Final invoice"), statuses={"open": "In progress", "won": "Won", "lost": "Lost"}),
        made("de", file="DEAL_20260302.csv", columns=german, style=german_style, write=as_csv(delimiter=";", encoding="utf-8-sig"),
             won="Gewonnen", lost="Verloren", stages=("Neu", "Vorbereitung", "Ausführung", "Schlussrechnung"),
             statuses={"open": "In Bearbeitung", "won": "Gewonnen", "lost": "Verloren"}),
    ]  # fmt: skip


def _suite() -> list[Spec]:
    english = columns_of("""
        Opportunity Name|name|name
        ID|lead_id|id
        Opportunity Amount|amount|amount
        Expected Close Date|close_at|close_day
        Sales Stage|stage|stage
        Probability (%)|probability|percent
        Next Step|next_step|next_step
        Account Name|company|company
        Amount|amount_base_currency|amount
        Lead Source|source|source
        campaign_id|other|blank
        Assigned to|owner|owner
        Date Created|created_at|created
        Date Modified|modified_at|modified
        Deleted|deleted_flag|=0
    """)
    german = columns_of("""
        Name der Verkaufschance|name|name
        ID|lead_id|id
        Betrag der Verkaufschance|amount|amount
        Erwartetes Abschlussdatum|close_at|close_day
        Verkaufsphase|stage|stage
        Wahrscheinlichkeit (%)|probability|percent
        Nächster Schritt|next_step|next_step
        Kontoname|company|company
        Betrag|amount_base_currency|amount
        Quelle des Interessenten|source|source
        campaign_id|other|blank
        Zugewiesen an|owner|owner
        Erstellungsdatum|created_at|created
        Änderungsdatum|modified_at|modified
        Gelöscht|deleted_flag|=0
    """)
    calls = Beside("activities", "activities", "Calls.csv", columns_of("""
        Subject|subject|subject
        ID|activity_id|number
        Status|status|done
        Direction|direction|direction
        Start Date|at|at
        Parent Type|related_type|=Opportunities
        Related to ID|related_id|id
        Assigned to|by|by
    """), as_csv(quote_all=True), US_YEARS, {**KINDS, "done": "Held"}, only="call")  # fmt: skip
    made = partial(Spec, "suitecrm_sugarcrm", object="opportunities", lead_id=guid)
    return [
        made("en", file="Opportunities.csv", columns=english, stages=STANDARD, write=as_csv(quote_all=True), others=(calls,), **ENDINGS,
             style=Style(time="%m/%d/%Y %I:%M %p", day="%m/%d/%Y", thousands=",", money=lambda text: f"€{text}", guard=True)),
        made("de", file="Verkaufschancen.csv", columns=german, write=as_csv(quote_all=True, delimiter=";", encoding="cp1252"), style=GERMAN,
             stages=("Evaluation", "Qualifikation", "Preisangebot", "Verhandlung/Review"), won="Geschlossen Gewonnen", lost="Verloren"),
    ]  # fmt: skip


def _espo() -> list[Spec]:
    technical = columns_of("""
        id|lead_id|id
        name|name|name
        amount|amount|amount
        amountCurrency|currency|currency
        accountName|company|company
        stage|stage|stage
        probability|probability|percent
        leadSource|source|source
        closeDate|close_at|close_day
        description|description|html
        createdAt|created_at|created
        modifiedAt|modified_at|modified
        assignedUserName|owner|owner
    """)
    german = columns_of("""
        Name|name|name
        Firma|company|company
        Verkaufsphase|stage|stage
        Betrag|amount|amount
        Währungsbetrag|currency|currency
        Wahrscheinlichkeit (%)|probability|percent
        Quelle|source|source
        Abschlussdatum|close_at|close_day
        ID|lead_id|id
        Erstellt am|created_at|created
        Geändert am|modified_at|modified
        Zugewiesener Benutzer|owner|owner
    """)
    calls = Beside("activities", "activities", "Export_Call.csv", columns_of("""
        id|activity_id|number
        name|subject|subject
        status|status|done
        dateStart|at|at
        direction|direction|direction
        parentType|related_type|=Opportunity
        parentId|related_id|id
        assignedUserName|by|by
    """), as_csv(), PLAIN, {**KINDS, "done": "Held"}, only="call")  # fmt: skip
    made = partial(Spec, "espocrm", object="opportunities", lead_id=lambda n: f"65d7e{n:012x}")
    title = [["Verkaufschancen"], ["01.03.2026 09:00"], []]
    return [
        made("en", file="Export_Opportunity.csv", columns=technical, style=Style(guard=True), stages=STANDARD, write=as_csv(), others=(calls,), **ENDINGS),
        made("de", file="Export_Verkaufschance.xlsx", columns=german, style=GERMAN, write=partial(xlsx_bytes, before=title),
             stages=("Identifikation", "Qualifikation", "Angebot", "Verhandlung"), won="Gewonnen", lost="Verloren"),
    ]  # fmt: skip


def _vtiger() -> list[Spec]:
    english = columns_of("""
        Opportunity Name|name|name
        Opportunity Number|lead_id|id
        Amount|amount|amount
        Organization Name|company|company
        Expected Close Date|close_at|close_day
        Next Step|next_step|next_step
        Lead Source|source|source
        Sales Stage|stage|stage
        Assigned To|owner|owner
        Probability|probability|percent
        Created Time|created_at|created
        Modified Time|modified_at|modified
    """)
    german = columns_of("""
        Verkaufspotential|name|name
        Potential Nr.|lead_id|id
        Betrag|amount|amount
        Name der Organisation|company|company
        Abschluss|close_at|close_day
        nächster Schritt|next_step|next_step
        Leadquelle|source|source
        Verkaufsstufe|stage|stage
        zuständig|owner|owner
        Wahrscheinlichkeit (%)|probability|percent
        erstellt|created_at|created
        geändert|modified_at|modified
    """)
    write = as_csv(quote_all=True, header_separator=", ")
    made = partial(
        Spec, "vtiger", object="opportunities", stages=STANDARD, lead_id=lambda n: f"POT{n}", write=write, **ENDINGS
    )
    german_style = Style(time="%d-%m-%Y %H:%M:%S", day="%d-%m-%Y", decimal=",", thousands=".")
    return [
        made("en", file="Potentials.csv", columns=english, style=Style(reference="Accounts::::")),
        made("de", file="Verkaufspotentiale.csv", columns=german, style=german_style),
    ]


def _american() -> list[Spec]:
    close = columns_of("""
        id|lead_id|id
        lead_name|company|company
        contact_name|contact|contact
        user_name|owner|owner
        status_label|stage|stage
        status_type|status|status
        pipeline_name|pipeline|pipeline
        value_currency|currency|currency
        value|amount|amount
        confidence|probability|percent
        date_created|created_at|created
        date_updated|modified_at|modified
        date_won|won_at|won
        date_lost|lost_at|lost
    """)
    close_history = Beside("changes", "status_changes", "OpportunityStatusChange.csv", columns_of("""
        opportunity_id|lead_id|id
        date_created|at|at
        old_status_label|before|before
        new_status_label|after|after
        user_name|by|owner
    """), as_csv(), Style(time=ISO_Z))  # fmt: skip
    freshsales = columns_of("""
        Deal : id|lead_id|id
        Deal : Name|name|name
        Deal : Total Deal Value|amount|amount
        Deal : Expected close date|expected_close_at|expected_day
        Deal : Closed date|closed_at|closed_day
        Deal : Owner|owner|owner
        Deal : Deal stage|stage|stage
        Deal : Probability (%)|probability|percent
        Deal : Created at|created_at|created
        Deal : Account name|company|company
        Deal : Deal pipeline|pipeline|pipeline
        Deal : Lost reason|lost_reason|reason
    """)
    copper = columns_of("""
        Copper ID|lead_id|id
        Name|name|name
        Primary Contact|contact|contact
        Company|company|company
        Owner|owner|owner
        Pipeline|pipeline|pipeline
        Stage|stage|stage
        Status|status|status
        Value|amount|amount
        Currency|currency|currency
        Win Probability|probability|percent
        Close Date|close_at|close_day
        Source|source|source
        Loss Reason|lost_reason|reason
        Created At|created_at|created_day
        Updated At|modified_at|modified_day
        Last Contacted|last_activity_at|last_day
        Last Stage At|stage_entered_at|entered_day
    """)
    campaign = columns_of("""
        Deal ID|lead_id|id
        Deal Title|name|name
        Deal Value|amount|amount
        Deal Currency|currency|currency
        Pipeline|pipeline|pipeline
        Stage|stage|stage
        Deal Status|status|status
        Deal Owner|owner|owner
        Contact|contact|contact
        Account|company|company
        Win Probability|probability|percent
        Created Date|created_at|created
        Last Updated|modified_at|modified
        Next Task Date|next_step_at|next
    """)
    nutshell = columns_of("""
        Lead ID|lead_id|id
        Lead Name|name|name
        Status|status|status
        Pipeline|pipeline|pipeline
        Stage|stage|stage
        Confidence|probability|percent
        Value|amount|amount
        Currency|currency|currency
        Assignee|owner|owner
        Companies|company|company
        Sources|source|source
        Created date|created_at|created_day
        Expected close date|expected_close_at|expected_day
        Closed date|closed_at|closed_day
        Loss reason|lost_reason|reason
    """)
    salesmate = columns_of("""
        ID|lead_id|id
        Title|name|name
        Owner|owner|owner
        Primary Company|company|company
        Pipeline|pipeline|pipeline
        Stage|stage|stage
        Status|status|status
        Deal Value|amount|amount
        Currency|currency|currency
        Estimated Close Date|expected_close_at|expected_day
        Closed Date|closed_at|closed_day
        Source|source|source
        Lost Reason|lost_reason|reason
        Created At|created_at|created
        Modified At|modified_at|modified
        Last Activity|last_activity_at|last
    """)
    capsule = columns_of("""
        Opportunity ID|lead_id|id
        Name|name|name
        Organisation|company|company
        Pipeline|pipeline|pipeline
        Milestone|stage|stage
        Value|amount|amount
        Currency|currency|currency
        Probability|probability|percent
        Expected Close Date|expected_close_at|expected_day
        Actual Close Date|closed_at|closed_day
        Owner|owner|owner
        Lost Reason|lost_reason|reason
        Created|created_at|created
        Updated|modified_at|modified
        Last Contacted|last_activity_at|last
    """)
    brevo = columns_of("""
        id|lead_id|id
        deal_name|name|name
        deal_owner|owner|owner
        pipeline|pipeline|pipeline
        deal_stage|stage|stage
        amount|amount|amount
        close_date|close_at|close
        created_at|created_at|created
        last_updated_date|modified_at|modified
        stage_updated_at|stage_entered_at|entered
        last_activity_date|last_activity_at|last
        next_activity_date|next_step_at|next
    """)
    four = ("Discovery", "Demo", "Proposal", "Negotiation")
    zulu = Style(time=ISO_Z, day="%Y-%m-%d")
    money = Style(time="%Y-%m-%d %H:%M:%S", day="%Y-%m-%d", thousands=",", money=lambda text: f"${text}")
    deals = {"object": "deals", "write": as_csv()}
    opportunities = {"object": "opportunities", "write": as_csv()}
    return [
        Spec("close", "en", object="opportunities", file="opportunities.csv.gz", columns=close, style=zulu,
             write=lambda rows: gzip_bytes(csv_bytes(rows)), stages=four, won="Won", lost="Lost", others=(close_history,),
             lead_id=lambda n: f"oppo_{n:04d}9Kx2mQvB7", statuses={"open": "active", "won": "won", "lost": "lost"}),
        Spec("freshsales", "en", file="deals.csv", columns=freshsales, style=money, stages=four, won="Won", lost="Lost", currency="USD",
             lead_id=lambda n: str(402_000_000 + n), **deals),
        Spec("copper", "en", file="opportunities_1772355600.csv", columns=copper, style=US_YEARS, stages=four,
             statuses=STATUSES, lead_id=lambda n: str(31_000_000 + n), **opportunities),
        Spec("activecampaign", "en", file="deals.csv", columns=campaign, style=Style(time="%Y-%m-%d %H:%M"),
             stages=("To Contact", "In Contact", "Follow Up", "Proposal"), statuses=STATUSES, **deals),
        Spec("nutshell", "en", object="leads", file="leads.csv", write=as_csv(), columns=nutshell, style=PLAIN, stages=four,
             statuses={**STATUSES, "lost": "Cancelled"}),
        Spec("salesmate", "en", file="deals.csv", columns=salesmate, style=PLAIN, stages=four, statuses=STATUSES, **deals),
        Spec("capsule", "en", file="opportunities.csv", columns=capsule, style=PLAIN, won="Won", lost="Lost",
             stages=("Prospect", "Champion", "Proposal", "In Negotiation"), lead_id=lambda n: str(8_400_000 + n), **opportunities),
        Spec("brevo", "en", file="deals.csv", columns=brevo, style=zulu, won="Won", lost="Lost",
             stages=("New", "Qualifying", "Demo scheduled", "In negotiation"), lead_id=lambda n: f"65e1a0b2c3d4e5f6{n:08x}", **deals),
    ]  # fmt: skip


def _insightly() -> list[Spec]:
    columns = columns_of("""
        RecordId|lead_id|id
        Opportunity Name|name|name
        Opportunity State|status|status
        Probability|probability|percent
        Bid Currency|currency|currency
        Opportunity Value|amount|amount
        Forecast Close Date|expected_close_at|expected_day
        Actual Close Date|closed_at|closed_day
        Pipeline|pipeline|pipeline
        Current Stage|stage|stage
        Responsible User|owner|owner
        Organization|company|company
        Date Created|created_at|created
        Date Updated|modified_at|modified
        Last Activity Date|last_activity_at|last
    """)
    states = {"open": "OPEN", "paused": "SUSPENDED", "won": "WON", "lost": "ABANDONED"}
    return [
        Spec("insightly", "en", object="opportunities", file="Opportunities.csv", columns=columns, style=US, write=as_csv(),
             stages=("Discovery", "Demo", "Proposal", "Negotiation"), statuses=states, lead_id=lambda n: str(22_100_000 + n)),
    ]  # fmt: skip


def _german_makers() -> list[Spec]:
    central = columns_of("""
        Name|name|name
        Wert|amount|amount
        Zieldatum|expected_close_at|expected_day
        Status|stage|stage
        Verantwortlich|owner|owner
        Erstellt am|created_at|created
        Aktualisiert am|modified_at|modified
    """)
    weclapp = columns_of("""
        Chancennummer|lead_id|id
        Name|name|name
        Kunde|company|company
        Umsatz|amount|amount
        Erwarteter Umsatz|other|amount
        Wahrscheinlichkeit|probability|percent
        Verkaufsphase|stage|stage
        Verantwortlicher|owner|owner
        Erstellt am|created_at|created
    """)
    cas = columns_of("""
        Nummer|lead_id|id
        Stichwort|name|name
        Kunde|company|company
        Status|status|status
        Phase|stage|stage
        Quelle|source|source
        Wahrscheinlichkeit|probability|percent
        Verantwortlich|owner|owner
        Summe|amount|amount
        Währung|currency|currency
    """)
    cobra = columns_of("""
        Vertriebsprojekt|name|name
        Adresse|company|company
        Phase|stage|stage
        Status|status|status
        Volumen|amount|amount
        Wahrscheinlichkeit|probability|percent
        Abschlussdatum|close_at|close_day
        Verantwortlich|owner|owner
        Erfasst am|created_at|created
        Geändert am|modified_at|modified
    """)
    # Nothing is known of TecArt's files: this is what a German CRM would write, read by the general profile.
    tecart = columns_of("""
        Projekt-Nr.|lead_id|id
        Projektname|name|name
        Firma|company|company
        Projektverantwortlicher|owner|owner
        Vertriebsphase|stage|stage
        Auftragswert (EUR)|amount|amount
        Angelegt am|created_at|created_day
        Wiedervorlage|next_step_at|next_day
        Gewonnen am|won_at|won_day
        Verloren am|lost_at|lost_day
        Absagegrund|lost_reason|reason
    """)
    campaign = columns_of("""
        Deal-ID|lead_id|id
        Deal-Name|name|name
        Deal-Besitzer|owner|owner
        Pipeline|pipeline|pipeline
        Phase|stage|stage
        Deal Value|amount|amount
        Deal Status|status|status
        Created Date|created_at|created
    """)
    phone = Beside("activities", "activities", "Aktivitäten.csv", columns_of("""
        Projekt-Nr.|lead_id|id
        Datum|at|at
        Art|kind|kind
        Richtung|direction|direction
        Betreff|subject|subject
        Bearbeiter|by|by
        Erledigt|done|=Ja
    """), as_csv(delimiter=";", encoding="cp1252"), GERMAN, KINDS_DE)  # fmt: skip
    history = Beside("changes", "changes", "Phasenhistorie.csv", columns_of("""
        Projekt-Nr.|lead_id|id
        Geändert am|at|at
        Von Phase|before|before
        Nach Phase|after|after
        Geändert von|by|owner
    """), as_csv(delimiter=";", encoding="cp1252"), GERMAN)  # fmt: skip
    four = ("Erstkontakt", "Bedarfsanalyse", "Angebot", "Verhandlung")
    german = {"language": "de", "style": GERMAN, "write": as_csv(delimiter=";", encoding="cp1252")}
    return [
        Spec("centralstationcrm", object="deals", file="Angebote.csv", columns=central, stages=("0 %", "25 %", "50 %", "75 %"),
             won="Gewonnen", lost="Verloren", **german),
        Spec("weclapp", object="opportunities", file="Chancen.csv", columns=weclapp, stages=four, won="Gewonnen", lost="Verloren",
             lead_id=lambda n: f"CH-{1000 + n}", **german),
        Spec("cas_genesisworld", object="opportunities", file="Verkaufschancen.csv", columns=cas, stages=four, statuses=STATUSES_DE,
             lead_id=lambda n: f"VC{2026_000 + n}", **german),
        Spec("cobra", object="sales_projects", file="Vertriebsprojekte.csv", columns=cobra, stages=four, statuses=STATUSES_DE, **german),
        Spec("tecart", object="", file="Projekte.csv", columns=tecart, stages=four, won="Auftrag erteilt", lost="Abgesagt",
             lead_id=lambda n: f"P-2025-{n:04d}", others=(phone, history), **german),
        Spec("activecampaign", object="deals", file="deals.csv", columns=campaign, language="de", style=Style(time="%Y-%m-%d %H:%M"),
             write=as_csv(), stages=("Kontaktieren", "In Kontakt", "Nachfassen", "Angebot"), statuses=STATUSES_DE),
    ]  # fmt: skip
