"""Spellings of stages."""

from __future__ import annotations

import leadaudit


def test_stages_that_differ_in_capitals_or_blanks_are_one(tmp_path):
    """The more frequent spelling stays, in leads and history, and the other is named with its count."""
    deals = tmp_path / "deals.csv"
    stages = ["Angebot", "Angebot", "ANGEBOT", "Neu", "neu", "Neu"]
    rows = [f"D{n};{stage};0{n + 1}.02.2025" for n, stage in enumerate(stages)]
    deals.write_text("Deal ID;Phase;Erstellt am\n" + "\n".join(rows) + "\n", encoding="utf-8")
    history = tmp_path / "history.csv"
    history.write_text(
        "Deal ID;Von Phase;Nach Phase;Geändert am\n"
        "D0;NEU;Angebot;15.03.2025\nD1;Neu;angebot;16.03.2025\nD2;Neu;Angebot;17.03.2025\n",
        encoding="utf-8",
    )
    export = leadaudit.read(deals, history)
    assert export.leads()["stage"].tolist() == ["Angebot"] * 3 + ["Neu"] * 3
    assert export.changes()[["before", "after"]].to_numpy().tolist() == [["Neu", "Angebot"]] * 3
    noted = export.issues[export.issues["code"] == "stage_spelling"]
    assert dict(zip(noted["value"], noted["count"], strict=True)) == {"ANGEBOT": 1, "angebot": 1, "NEU": 1, "neu": 1}
