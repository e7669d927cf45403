"""Exports of no CRM in particular: what a table is and which column plays which role, without a mapping."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import leadaudit
from leadaudit.errors import ColumnMappingError, LeadAuditError
from leadaudit.inspection import look
from leadaudit.language import sentence


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _rows(count: int, *parts: str) -> str:
    """Rows of a table: ``{n}`` counts, ``a|b`` are values that take turns."""
    lines = []
    for number in range(count):
        cells = [part.split("|")[number % len(part.split("|"))].format(n=number + 1) for part in parts]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def test_an_id_that_some_rows_lack_is_another_records(tmp_path: Path):
    """The lead that an opportunity came from does not name it, though its header says "lead_id"."""
    head = "opportunity_id,lead_id,stage,created_date,is_won\n"
    rows = _rows(
        24, "OPP-{n:04d}", "LEAD-{n:04d}||LEAD-9{n:03d}", "Demo|Proposal|Closed Won|Closed Lost", "2026-02-{n:02d}", "0"
    )

    export = leadaudit.read(_file(tmp_path, "opps.csv", head + rows))

    assert export.sources[0].roles["lead_id"] == "opportunity_id"
    assert export.sources[0].rows_set_aside == 0


def test_of_two_full_ids_the_first_names_the_row(tmp_path: Path):
    """A deal keeps the number of its lead in every row; its own stands in front."""
    rows = _rows(22, "D{n:05d}", "L{n:06d}", "Closed Won|Closed Lost|Open", "2026-03-{n:02d}", "AE01|AE02|AE03")

    export = leadaudit.read(
        _file(tmp_path, "deals.csv", "deal_id,lead_id,status,deal_created_at,owner_rep_id\n" + rows)
    )

    assert export.sources[0].roles["lead_id"] == "deal_id"
    assert export.sources[0].roles["owner_id"] == "owner_rep_id"


def test_a_value_that_is_called_final_is_the_value(tmp_path: Path):
    """Of a list price and a final one, the word before the value does not hide what it is."""
    rows = _rows(22, "D{n:05d}", "Closed Won|Closed Lost|Open", "2026-03-{n:02d}", "{n}36.03", "{n}22.43")

    export = leadaudit.read(_file(tmp_path, "deals.csv", "deal_id,status,created_at,list_fee,final_mrr_usd\n" + rows))

    assert export.sources[0].roles["amount"] == "final_mrr_usd"
    assert set(export.leads().currency) == {"USD"}


@pytest.mark.parametrize("header", ["LEADID", "leadid", "Leadid"])
def test_words_written_together_are_the_same_words(tmp_path: Path, header: str):
    """LEADID is a lead id, also where a CRM's other list knows it as another record's."""
    rows = _rows(
        20, "45{n:02d}", "Contacted|Junk Lead|Pre Qualified", "Ann Lee|Bo Kim", "2026-03-{n:02d}", "Trade Show|Web"
    )

    export = leadaudit.read(
        _file(tmp_path, "leads.csv", f"{header},Lead Status,Lead Owner,Created Time,Lead Source\n" + rows)
    )

    assert export.sources[0].roles["lead_id"] == header


@pytest.mark.parametrize(
    ("header", "stages", "won", "lost"),
    [
        (
            "id,empresa,etapa,importe_eur,responsable,última_actividad,cierre_previsto",
            "Prospección|Propuesta enviada|Cerrado ganado|Cerrado perdido",
            "Cerrado ganado",
            "Cerrado perdido",
        ),
        (
            "id,entreprise,étape,montant_eur,propriétaire,dernière_activité,clôture_prévue",
            "Prospection|Devis envoyé|Affaire gagnée|Affaire perdue",
            "Affaire gagnée",
            "Affaire perdue",
        ),
        (
            "id,azienda,fase,importo_eur,proprietario,ultima_attività,chiusura_prevista",
            "Contattato|Preventivo inviato|Chiuso vinto|Chiuso perso",
            "Chiuso vinto",
            "Chiuso perso",
        ),
        (
            "ID сделки,Компания,Стадия,Сумма,Ответственный,Последняя активность,Предполагаемая дата закрытия",
            "Квалификация|Переговоры|Успешно реализовано|Сделка провалена",
            "Успешно реализовано",
            "Сделка провалена",
        ),
    ],
    ids=["es", "fr", "it", "ru"],
)
def test_a_neighbours_language_is_read_with_its_endings(tmp_path: Path, header: str, stages: str, won: str, lost: str):
    """Columns and outcomes of other languages are found; an accent more or less makes no difference."""
    rows = _rows(24, "{n}", "Firma {n} SL", stages, "{n}500", "Ana Ruiz|Leo Paz", "2026-05-{n:02d}", "2026-07-{n:02d}")

    export = leadaudit.read(_file(tmp_path, "export.csv", header + "\n" + rows))

    roles = {role: export.sources[0].roles[role] for role in export.sources[0].roles}
    names = header.split(",")
    assert [roles.get(role) for role in ("lead_id", "company", "stage", "amount", "owner")] == names[:5]
    assert [roles.get(role) for role in ("last_activity_at", "expected_close_at")] == names[5:]
    leads = export.leads().set_index("stage").status
    assert set(leads[won]) == {"won"}
    assert set(leads[lost]) == {"lost"}
    assert set(leads.drop([won, lost])) == {"open"}


def test_marketing_and_sales_qualified_are_stages_with_their_dates(tmp_path: Path):
    """One date column per step of the funnel is a history, though no step is a classical stage."""
    rows = _rows(
        20, "{n}", "2026-03-{n:02d}", "2026-04-{n:02d}|", "2026-05-{n:02d}||||", "2026-06-{n:02d}||||", "Ads|Events"
    )

    export = leadaudit.read(_file(tmp_path, "leads.csv", "lead_id,created_at,mql_at,sql_at,won_at,channel\n" + rows))

    assert set(export.sources[0].stage_columns) == {"mql_at", "sql_at", "won_at"}
    assert (export.leads().status == "won").sum() == 4


def test_columns_without_a_value_make_no_activity(tmp_path: Path):
    """A lead list with empty date columns and a type is no log of activities; what is missing is said."""
    head = "id,name,contact_name,partner_name,type,date_field,date_deadline,probability,planned_revenue,user_id/id,active\n"
    rows = _rows(
        16,
        "__export__.crm_lead_{n}",
        "Fair {n}",
        "Ann",
        "Shop {n}",
        "Lead",
        "",
        "",
        "0.0",
        "0.0",
        "res_users_5",
        "True",
    )

    export = leadaudit.read(_file(tmp_path, "contacts.csv", head + rows))

    assert export.sources[0].kind == "leads"
    assert export.sources[0].crm == "odoo"
    assert len(export.leads()) == 16


def test_an_id_of_sales_is_no_pipeline(tmp_path: Path):
    """The id of a seller (SalesID) is one; only what names a pipeline is one."""
    rows = _rows(
        24, "O{n:04d}", "Negotiation|Closed Won|Prospecting", "{n}637.83", "2026-07-{n:02d}", "S0430|S0061|S0057"
    )

    export = leadaudit.read(
        _file(tmp_path, "opps.csv", "OpportunityID,OpportunityStage,EstimatedValue,CloseDate,SalesID\n" + rows)
    )

    assert export.sources[0].roles["owner_id"] == "SalesID"
    assert "pipeline_id" not in export.sources[0].roles


def test_a_history_names_its_leads_in_any_words(tmp_path: Path):
    """One row per stage entered, under an id of another system with the record's name in it."""
    rows = _rows(
        24,
        "RC-OPP-0001|RC-OPP-0002|RC-OPP-0003",
        "Qualification|Proposal|Closed Won",
        "10|60|100",
        "2026-03-{n:02d}T10:00:00Z",
    )

    inspected = look(_file(tmp_path, "steps.csv", "OpportunityExtId__c,StageName,Probability,CreatedDate\n" + rows))

    source = inspected.sources[0]
    assert source.kind == "changes"
    assert source.roles["lead_id"] == "OpportunityExtId__c"
    assert source.roles["after"] == "StageName"


def test_a_category_may_say_where_leads_stand_but_a_person_in_charge_has_several(tmp_path: Path):
    """HOT and COLD under "Category" are stages where nothing else is; a user of each lead's own is no owner."""
    rows = _rows(22, "Ann Lee {n}", "2026-03-{n:02d}", "HOT|COLD", "Loan inquiry", "U{n:03d}")

    export = leadaudit.read(_file(tmp_path, "inquiries.csv", "Name,Date,Category,Title,user_id\n" + rows))

    assert export.sources[0].roles["stage"] == "Category"
    assert not {"owner", "owner_id"} & set(export.sources[0].roles)


@pytest.mark.parametrize("turned", [False, True], ids=["leads first", "endings first"])
def test_what_became_of_leads_may_stand_in_another_file(tmp_path: Path, turned: bool):
    """A list of all leads and one of the won ones, joined by their id: every row of both counts, none twice."""
    leads = _file(
        tmp_path,
        "inquiries.csv",
        "mql_id,first_contact_date,origin\n" + _rows(30, "{n:032x}", "2026-03-{n:02d}", "email|social"),
    )
    won = "mql_id,seller_id,won_date,segment\n" + _rows(6, "{n:032x}", "s{n}", "2026-04-{n:02d}", "pet|toys")
    ended = _file(tmp_path, "closed.csv", won + f"{99:032x},s9,2026-04-09,pet\n")

    export = leadaudit.read(*((ended, leads) if turned else (leads, ended)))

    found = export.leads().set_index("lead_id")
    assert (found.status == "won").sum() == 6
    assert (found.status == "open").sum() == 24
    assert found.loc[f"{3:032x}", "closed_at"] == pd.Timestamp("2026-04-03")
    assert found.loc[f"{3:032x}", "segment"] == "pet"
    by_file = {source.file: source for source in export.sources}
    assert (by_file["inquiries.csv"].rows_used, by_file["inquiries.csv"].rows_set_aside) == (30, 0)
    assert (by_file["closed.csv"].rows_used, by_file["closed.csv"].rows_set_aside) == (6, 1)
    issues = export.issues.set_index("code")["count"]
    assert issues["outcome_joined"] == 6
    assert issues["row_without_lead"] == 1


def test_leads_of_which_nothing_says_where_they_stand_are_refused_by_that(tmp_path: Path):
    """The id was found, so the message names it and asks for the stage, not for both."""
    file = _file(
        tmp_path,
        "inquiries.csv",
        "mql_id,first_contact_date,origin\n" + _rows(30, "{n:032x}", "2026-03-{n:02d}", "email|social"),
    )

    for reader in (leadaudit.read, look):
        with pytest.raises(ColumnMappingError) as caught:
            reader(file)
        assert caught.value.code == "no_standing"
        assert "mql_id names the leads" in str(caught.value)


def test_dates_that_tell_no_beginning_are_not_called_missing(tmp_path: Path):
    """Only planned dates and last changes: they are named, and what is missing is the creation."""
    rows = _rows(24, "{n}", "Proposal|Closed Won|Closed Lost", "2026-05-{n:02d}", "2026-07-{n:02d}")
    export = leadaudit.read(_file(tmp_path, "deals.csv", "Deal ID,Stage,Last Modified,Expected Close Date\n" + rows))

    with pytest.raises(LeadAuditError) as caught:
        leadaudit.audit(export)

    assert caught.value.code == "no_beginnings"
    assert "Last Modified, Expected Close Date" in str(caught.value)
    assert "angelegt" in sentence("error.no_beginnings", "de", **caught.value.fields)
    assert leadaudit.audit(export, as_of="2026-06-01").counts["ended"] == 16


@pytest.mark.parametrize(
    ("stages", "found", "code"),
    [
        ("Negotiation|Failed deal|Payout|Deferred", {"Payout": "won", "Deferred": "lost"}, "closed_taken_won"),
        ("Negotiation|Closed Won|Payout|Deferred", {"Payout": "lost", "Deferred": "lost"}, "closed_taken_lost"),
        ("Negotiation|Filed|Payout|Deferred", {"Payout": "open", "Deferred": "lost"}, "closed_unclear"),
    ],
    ids=["others are lost", "others are won", "nothing else"],
)
def test_a_closed_lead_ended_like_no_other_stage_says(tmp_path: Path, stages: str, found: dict[str, str], code: str):
    """A yes under "Closed" is believed: not put off, and won where all that is known to be lost is named so; it is said."""
    rows = _rows(24, "D{n}", stages, "No|Yes|Yes|Yes", "2026-01-{n:02d}", "2026-03-{n:02d}")

    export = leadaudit.read(_file(tmp_path, "deals.csv", "Deal ID,Stage,Closed,Created,Close date\n" + rows))

    status = export.leads().groupby("stage").status.first()
    assert status["Negotiation"] == "open"
    assert {stage: status[stage] for stage in found} == found
    issue = export.issues.set_index("code").loc[code]
    assert issue["count"] == (12 if code == "closed_unclear" else 6)
    assert "Payout" in issue["value"]


def test_what_is_counted_is_no_amount_and_what_was_done_is_no_person(tmp_path: Path):
    """Small counts under a header with "amount", and "Email Opened" in a column that could hold names."""
    head = "deal_id,current_status,created_at,final_decision_datetime,calls_amount,Last_Activity,price_monthly\n"
    rows = _rows(
        24,
        "DL{n:04d}",
        "won|lost|open",
        "2026-01-{n:02d}",
        "2026-02-{n:02d}|2026-02-{n:02d}|",
        "1|2|3",
        "Email Opened|Page Visited",
        "{n}7.5",
    )

    export = leadaudit.read(_file(tmp_path, "deals.csv", head + rows))

    roles = export.sources[0].roles
    assert "calls_amount" not in roles.values()
    assert "owner" not in roles
    assert roles["closed_at"] == "final_decision_datetime"
    assert export.leads().closed_at.notna().sum() == 16
