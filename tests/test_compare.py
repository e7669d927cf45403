"""Two audits compared: every proposal is accounted for, decisions are found again, differences of limits are named."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import leadaudit
from leadaudit import report
from leadaudit.cli import app
from leadaudit.compare import BECAME, COLUMNS, compare
from leadaudit.errors import LeadAuditError
from leadaudit.language import error_sentence, sentence
from leadaudit.notebooks.opening import comparison_of
from leadaudit.packaged import sample_paths

SECTIONS = (
    report.compare_head, report.then_and_now, report.fairness, report.what_became, report.standing_proposals,
    report.newly_overdue, report.decided, report.verdict_moves,
)  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    """The sample as it was on 1 June and on 1 October 2026, as an audit leaves it."""
    export = leadaudit.read(*sample_paths())
    home = tmp_path_factory.mktemp("audits")
    for name, as_of in (("june", "2026-06-01"), ("october", "2026-10-01")):
        report.write(leadaudit.audit(export, as_of=as_of), home / name)
    return home / "june", home / "october"


@pytest.fixture(scope="module")
def compared(folders):
    return compare(*folders)


def plain(folder: Path) -> dict[str, dict[str, str]]:
    """``leads.csv`` by lead, read without any of ours."""
    with (folder / "leads.csv").open(encoding="utf-8", newline="") as stream:
        return {row["lead_id"]: row for row in csv.DictReader(stream)}


def test_every_proposal_is_accounted_for_once(folders, compared):
    """The endings due then are those that became something, and each is what the two files say."""
    then, now = (plain(folder) for folder in folders)
    due = {lead_id for lead_id, row in then.items() if row["verdict"] == "overdue"}
    became = compared.leads.set_index("lead_id")["became"]

    assert set(became[became != ""].index) == due
    assert sum(compared.became.values()) == len(due) > 0
    for lead_id in due:
        expected = {"ended": ("won", "ended"), "overdue": ("standing", "progress")}.get(now[lead_id]["verdict"])
        assert expected is None or became[lead_id] in expected
    standing = {lead_id for lead_id in due if now[lead_id]["verdict"] == "overdue"}
    assert set(became[became == "standing"].index) == standing


def test_what_is_newly_due_was_not_due_before(folders, compared):
    """New proposals are all those of the newer audit that the older one did not have, with a reason each."""
    then, now = (plain(folder) for folder in folders)
    overdue = {lead_id for lead_id, row in now.items() if row["verdict"] == "overdue"}
    fresh = compared.leads[compared.leads["newly_overdue"]]

    assert set(fresh["lead_id"]) == {one for one in overdue if then.get(one, {}).get("verdict") != "overdue"}
    assert set(fresh["why_new"]) <= {"time", "limit", "sign"}
    assert set(compared.leads.loc[~compared.leads["newly_overdue"], "why_new"]) == {""}


def test_leads_open_then_are_counted_by_what_they_are_now(folders, compared):
    """The same leads, followed from one file to the other."""
    then, now = (plain(folder) for folder in folders)
    were_open = [lead_id for lead_id, row in then.items() if row["verdict"] != "ended"]
    verdicts = [now[lead_id]["verdict"] for lead_id in were_open]

    ended, due = verdicts.count("ended"), verdicts.count("overdue")
    assert compared.open_then == {"n": len(verdicts), "ended": ended, "due": due, "left": len(verdicts) - ended}


def test_the_moves_add_up_to_both_audits(compared):
    """Rows of the table are the older audit's counts, columns the newer one's."""
    moves = compared.moves

    for verdict, count in compared.old.counts.items():
        assert moves.loc[verdict].sum() == count
    for verdict, count in compared.new.counts.items():
        assert moves[verdict].sum() == count
    assert moves.to_numpy().sum() == len(compared.leads)


def test_the_record_and_the_files_say_the_same(compared, tmp_path):
    """compare.csv has a row per lead and no formula; compare.json is plain JSON and adds up."""
    report.write_compare(compared, tmp_path)
    with (tmp_path / "compare.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    record = json.loads((tmp_path / "compare.json").read_text(encoding="utf-8"))

    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == len(compared.leads)
    assert {name: sum(row["became"] == name for row in rows) for name in BECAME} == record["became"]
    assert sum(row["newly_overdue"] == "true" for row in rows) == sum(record["newly_overdue"].values())
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def filled(workbook: Path, target: Path, decisions: dict[str, str]) -> Path:
    """The workbook with decisions in it, as a person types them."""
    book = openpyxl.load_workbook(workbook)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    places = [header.index(sentence(f"column.{name}", "de")) for name in ("lead_id", "decision")]
    for row in sheet.iter_rows(min_row=2):
        if code := decisions.get(str(row[places[0]].value)):
            row[places[1]].value = sentence(f"choice.decision.{code}", "de")
    book.save(target)
    return target


def test_decisions_of_the_workbook_are_found_again(folders, compared, tmp_path):
    """What was decided is compared with what the newer audit shows, lead by lead; the filled workbook is found by itself."""
    leads = compared.leads.set_index("lead_id")
    ended, standing = (leads.index[leads["became"] == name][0] for name in ("ended", "standing"))
    other = leads.index[leads["became"] == "standing"][1]
    old = shutil.copytree(folders[0], tmp_path / "june")
    taken = {ended: "end", standing: "end", other: "continue"}
    filled(old / "decisions.xlsx", old / "decisions.xlsx", taken)

    found = comparison_of({"old": str(old), "new": str(folders[1]), "decisions": "", "language": ""})

    told = found.leads.set_index("lead_id")
    assert found.decisions == taken
    assert told.loc[[ended, standing, other], "carried_out"].tolist() == ["done", "undone", "undone"]
    assert found.to_record()["decisions"]["end"] == {"done": 1, "undone": 1, "unknown": 0}
    assert sentence("compare.decided", "de", n=3) in report.decided(found).html


def test_another_limit_is_named_and_does_not_pass_for_time(folders, tmp_path):
    """Limits set by hand are listed; a lead that the older limit would not have met is new because of the limit."""
    old = shutil.copytree(folders[0], tmp_path / "june")
    record = json.loads((old / "audit.json").read_text(encoding="utf-8"))
    record["thresholds"]["response_veto_days"] = 3
    for stage in record["stages"]:
        stage["horizon_days"] = 9999
    (old / "audit.json").write_text(json.dumps(record), encoding="utf-8")

    found = compare(old, folders[1])

    fresh = found.leads[found.leads["newly_overdue"]]
    assert "time" not in set(fresh["why_new"])
    assert "limit" in set(fresh["why_new"])
    assert found.changed_limits == {"response_veto_days": (3, 14)}
    assert "response_veto_days 3 → 14" in report.fairness(found).html


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_section_speaks_both_languages_and_escapes(compared, language):
    """No section fails for want of a word, and a hostile id or stage stays a text."""
    hostile = replace(
        compared.new, leads=compared.new.leads.assign(stage="<img src=x onerror=alert(1)>"), folder="<b>new</b>"
    )
    told = replace(compared, new=hostile, language=language, decisions={"nobody": "end"})

    html = "".join(section(told).html for section in SECTIONS)

    assert "<img" not in html
    assert sentence("compare.title", language) in html
    assert sentence("compare.decided_outside", language, n=1) in html


def test_without_values_the_lists_have_no_column_for_them(compared):
    """No column of dashes; the reason stands under its own header all the same."""
    bare = replace(compared, new=replace(compared.new, leads=compared.new.leads.assign(amount=float("nan"))))
    with_values, without = (report.newly_overdue(one).html for one in (compared, bare))

    assert with_values.count("<th") == without.count("<th") + 1
    assert without.count(sentence("compare.why_new.time", "de")) == with_values.count(
        sentence("compare.why_new.time", "de")
    )
    rows = without.split("<tbody>")[1]
    assert rows.count("<td") == 4 * rows.count("<tr>")


def test_nothing_due_then_is_said(folders, tmp_path):
    """An audit without proposals compares as well."""
    old = shutil.copytree(folders[0], tmp_path / "june")
    leads = pd.read_csv(old / "leads.csv", dtype=str, keep_default_na=False)
    leads.loc[leads["verdict"] == "overdue", "verdict"] = "stalled"
    leads.to_csv(old / "leads.csv", index=False)

    found = compare(old, folders[1])

    assert sum(found.became.values()) == 0
    assert sentence("compare.nothing_due", "de") in report.compare_head(found).html


def said(*places: Path) -> str:
    with pytest.raises(LeadAuditError) as caught:
        compare(*places)
    assert error_sentence(caught.value, "de") != str(caught.value)
    return str(caught.value)


def test_what_cannot_be_compared_is_one_sentence(folders, tmp_path):
    """The wrong order, another client, no audit, a damaged one."""
    old, new = folders
    stranger = shutil.copytree(old, tmp_path / "stranger")
    leads = (stranger / "leads.csv").read_text(encoding="utf-8")
    (stranger / "leads.csv").write_text(leads.replace("\nL-", "\nX-"), encoding="utf-8")
    damaged = shutil.copytree(old, tmp_path / "damaged")
    (damaged / "audit.json").write_text("[1", encoding="utf-8")

    assert "Name the older one first" in said(new, old)
    assert "no lead in common" in said(stranger, new)
    assert "audit.json" in said(tmp_path, new)
    assert "not the record of an audit" in said(damaged, new)


def test_the_command_says_what_became_of_the_proposals(folders):
    """Without a folder it prints; with --json it prints the record."""
    runner = CliRunner()
    spoken = runner.invoke(app, ["compare", *map(str, folders), "--language", "de"])
    record = runner.invoke(app, ["compare", *map(str, folders), "--json"])

    assert sentence("compare.due", "de", n=compare(*folders).old.counts["overdue"]) in spoken.output
    assert json.loads(record.output)["old"]["folder"] == "june"


@pytest.mark.slow
def test_the_page_is_made_of_the_executed_notebook(folders, tmp_path):
    """Page, notebook and files stand together; the folders of both audits are left as they were."""
    before = [(path, path.stat().st_mtime_ns) for folder in folders for path in sorted(folder.iterdir())]
    done = CliRunner().invoke(app, ["compare", *map(str, folders), "-o", str(tmp_path / "out"), "-l", "en"])

    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "audit.json", "compare.csv", "compare.html", "compare.ipynb", "compare.json",
    }  # fmt: skip
    page = (tmp_path / "out" / "compare.html").read_text(encoding="utf-8")
    assert sentence("compare.title", "en") in page
    assert str(tmp_path) not in (tmp_path / "out" / "compare.ipynb").read_text(encoding="utf-8")
    assert before == [(path, path.stat().st_mtime_ns) for folder in folders for path in sorted(folder.iterdir())]
