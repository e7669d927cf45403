"""Exports of no CRM in particular: what a table is and which column plays which role, without a mapping."""

from __future__ import annotations

from pathlib import Path

import pytest

import leadaudit


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
    rows = _rows(22, "D{n:05d}", "L{n:06d}", "Closed Won|Closed Lost|Open", "2026-03-{n:02d}", "AE0{n}")

    export = leadaudit.read(
        _file(tmp_path, "deals.csv", "deal_id,lead_id,status,deal_created_at,owner_rep_id\n" + rows)
    )

    assert export.sources[0].roles["lead_id"] == "deal_id"
    assert export.sources[0].roles["owner_id"] == "owner_rep_id"


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
