"""Lists that people keep by hand: crosses under stages, percentages instead of stages, an export each month."""

from __future__ import annotations

from pathlib import Path

import leadaudit


def _file(folder: Path, name: str, header: str, rows: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_crosses_under_stages_tell_stage_and_ending(tmp_path):
    """The last cross is the stage; one under Auftrag or Absage is the ending."""
    marks = ["x;;;;", "x;x;;;", "x;x;x;;", "x;x;x;x;", "x;x;;;x"]
    rows = [f"Firma {n};{n % 9 + 10}.03.2026;{marks[n % 5]};{n * 100},00" for n in range(30)]
    file = _file(tmp_path, "liste.csv", "Firma;Datum;Erstkontakt;Termin;Angebot;Auftrag;Absage;Volumen", rows)

    leads = leadaudit.read(file).leads()

    found = leads.groupby("company", sort=False)[["stage", "status"]].first().iloc[:5]
    assert list(found.itertuples(index=False, name=None)) == [
        ("Erstkontakt", "open"),
        ("Termin", "open"),
        ("Angebot", "open"),
        ("Angebot", "won"),
        ("Termin", "lost"),
    ]


def test_steps_of_a_probability_are_stages_where_nothing_else_is(tmp_path):
    """25, 50 and 75 % are stages, 100 % is won and 0 % lost, and what was concluded is said."""
    steps = ["25 %", "50 %", "75 %", "100 %", "0 %"]
    rows = [f"Firma {n};{n % 9 + 10}.03.2026;{steps[n % 5]};{n * 100},00" for n in range(30)]
    export = leadaudit.read(_file(tmp_path, "forecast.csv", "Kunde;Start;Chance in %;Summe", rows))

    leads = export.leads()
    assert leads["status"].value_counts().to_dict() == {"open": 18, "won": 6, "lost": 6}
    assert set(leads.loc[leads["status"] == "open", "stage"]) == {"25 %", "50 %", "75 %"}
    issue = export.issues[export.issues["code"] == "probability_taken_status"]
    assert issue["count"].item() == 12


def test_without_both_ends_a_probability_ends_nothing(tmp_path):
    """A list of open leads only: 0 % may be a beginning."""
    steps = ["0 %", "25 %", "50 %"]
    rows = [f"Firma {n};{n % 9 + 10}.03.2026;{steps[n % 3]};{n * 100},00" for n in range(30)]
    export = leadaudit.read(_file(tmp_path, "forecast.csv", "Kunde;Start;Chance in %;Summe", rows))

    assert export.leads()["status"].eq("open").all()


def test_a_year_of_monthly_exports_is_a_history(tmp_path):
    """Twelve exports of the same leads: each month's move is a change, and leads stay in the order of the files."""
    stages = ["Neu", "Gespräch", "Angebot"]
    files = [
        _file(
            tmp_path,
            f"chancen_2025-{month:02}-01.csv",
            "Nr.;Firma;angelegt;Phase;Status",
            [f"{n};Firma {n};02.12.2024;{stages[min(2, max(0, month - n) // 2)]};offen" for n in range(1, 9)],
        )
        for month in range(1, 13)
    ]
    export = leadaudit.read(*files)

    changes = export.changes()
    moved = changes[(changes["field"] == "stage") & changes["before"].notna()]
    assert moved.groupby("lead_id").size().to_dict() == {str(n): 2 for n in range(1, 9)}
    assert export.leads()["lead_id"].tolist() == [str(n) for n in range(1, 9)]


def test_endings_are_joined_to_one_list_only(tmp_path):
    """Two lists of the same leads and one file of endings: the endings go to the first, and nothing stops."""
    rows = [f"{n};Firma {n};02.03.2026" for n in range(1, 9)]
    one = _file(tmp_path, "eingang.csv", "Lead-ID;Firma;Eingang am", rows)
    two = _file(tmp_path, "adressen.csv", "Lead-ID;Firma;Ort", [f"{n};Firma {n};Ulm" for n in range(1, 9)])
    ends = _file(
        tmp_path, "enden.csv", "Lead-ID;Status;Abgeschlossen am", [f"{n};gewonnen;02.04.2026" for n in range(1, 5)]
    )

    leads = leadaudit.read(one, two, ends).leads()

    assert leads["status"].eq("won").sum() == 4
