"""``leadaudit init``: a process file that explains itself, changes nothing by itself, and obeys when it is edited."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import leadaudit
from leadaudit import simulate
from leadaudit.criteria import CRITERIA as BUILT_IN
from leadaudit.errors import OutputError
from leadaudit.language import has
from leadaudit.notebooks.opening import AUDIT, audit_of
from leadaudit.packaged import sample_paths
from leadaudit.process import Limits
from leadaudit.process_file import process_text, write_process
from leadaudit.process_file.limits import CRITERIA, GROUPS
from leadaudit.project import load
from leadaudit.report.charts.standing import stages_table


@pytest.fixture(scope="module")
def german(tmp_path_factory) -> tuple[Path, object]:
    """The sample (leads and history) with its drafted file, and the audit without it."""
    folder = tmp_path_factory.mktemp("german")
    (folder / "exporte").mkdir()
    paths = [Path(shutil.copy(path, folder / "exporte")) for path in sample_paths() if path.suffix == ".csv"]
    return _drafted(folder, paths)


@pytest.fixture(scope="module")
def english(tmp_path_factory) -> tuple[Path, object]:
    """Simulated leads of an English firm."""
    folder = tmp_path_factory.mktemp("english")
    simulated = simulate.leads(400, 24, 4, language="en")
    return _drafted(folder, simulate.write_export(simulated, folder / "exports", crm="hubspot"))


def _drafted(folder: Path, paths: list[Path]) -> tuple[Path, object]:
    audit = leadaudit.audit(leadaudit.read(*paths))
    target = folder / "project" / "audit.toml"
    write_process(target, process_text(audit, paths, target.parent))
    return target, audit


def audited(path: Path):
    """What ``leadaudit audit audit.toml`` judges."""
    return audit_of({name: parameter.default for name, parameter in AUDIT.items()} | {"process": str(path)})


@pytest.mark.parametrize("which", ["german", "english"])
def test_the_file_gives_the_verdicts_that_no_file_gives(which: str, request, tmp_path, monkeypatch) -> None:
    """Whatever is in force in it was drafted anyway; and it holds from any working directory."""
    path, before = request.getfixturevalue(which)
    monkeypatch.chdir(tmp_path)

    after = audited(path)

    pd.testing.assert_frame_equal(after.judgement.leads, before.judgement.leads)
    pd.testing.assert_frame_equal(after.reasons, before.reasons)
    assert not after.process.drafted
    assert after.language == before.language


@pytest.mark.parametrize("which", ["german", "english"])
def test_every_value_on_offer_is_valid_once_it_is_fixed(which: str, request, tmp_path) -> None:
    """Taking away all the signs gives a file that loads and is judged by."""
    path, _ = request.getfixturevalue(which)
    lines = path.read_text(encoding="utf-8").splitlines()
    opened = [line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in lines]
    whole = path.with_name("whole.toml")
    whole.write_text("\n".join(opened), encoding="utf-8")

    project = load(whole)
    after = audited(whole)

    assert project.process.limits == Limits()
    assert len(project.process.preconditions) == 4
    assert all(stage.patience_days and stage.horizon_days for stage in project.process.stages if stage.kind == "open")
    assert set(after.stages.loc[after.stages["kind"] == "open", "patience_basis"]) == {"process"}


def test_stages_stand_in_order_with_what_was_learned_of_them(german) -> None:
    """Kind, patience and horizon as learned, and the effect of a stage that records an activity."""
    path, audit = german
    text = path.read_text(encoding="utf-8")
    written = tomllib.loads(text)["stages"]
    learned = audit.stages.set_index("stage")

    assert [stage["name"] for stage in written] == [stage.name for stage in audit.process.stages]
    assert [stage["kind"] for stage in written] == [stage.kind for stage in audit.process.stages]
    for stage in ("Neue Anfrage", "Qualifiziert"):
        block = text.split(f'name = "{stage}"')[1].split("[[")[0]
        assert f"#patience_days = {round(learned.loc[stage, 'patience_days'])}\n" in block
    sent = text.split('name = "Angebot gesendet"')[1].split("[[")[0]
    assert "#records_activity = true" in sent
    assert "hält eine Tätigkeit fest" in sent
    assert text.count("#records_activity") == 1


def test_each_value_is_explained_in_the_language_asked_for(german, english) -> None:
    """No line with a value in [limits], [audit] or [criteria] stands without an explanation above it."""
    for path, word in ((german[0], "Voraussetzungen"), (english[0], "Preconditions")):
        text = path.read_text(encoding="utf-8")
        assert word in text
        lines = text.splitlines()
        for table in ("[audit]", "[limits]", "[criteria]"):
            begin = lines.index(table) + 1
            end = next((n for n in range(begin, len(lines)) if lines[n].startswith("# ---")), len(lines))
            values = [n for n in range(begin, end) if "=" in lines[n] and not lines[n].startswith("# ")]
            assert values
            assert all(lines[n - 1].startswith("# ") for n in values)


@pytest.mark.parametrize("language", ["de", "en"])
def test_comments_can_be_asked_for_in_the_other_language(english, language: str) -> None:
    """Only the comments and the language of the report change."""
    path, audit = english
    raw = tomllib.loads(process_text(audit, [], path.parent, language=language))

    assert raw["audit"]["language"] == language
    assert raw["stages"] == tomllib.loads(path.read_text(encoding="utf-8"))["stages"]


def test_all_limits_and_all_criteria_are_in_the_file(german) -> None:
    """A limit or criterion that is added to the judgement cannot be forgotten here."""
    text = german[0].read_text(encoding="utf-8")
    named = [name for names in CRITERIA.values() for name in names]
    there = [one.name for one in BUILT_IN if one.role != "shade"]

    assert [name for name in Limits.model_fields if not has(f"process_file.limit.{name}")] == []
    assert [name for name in Limits.model_fields if f"\n#{name} = " not in text] == []
    assert sorted(named) == sorted(there)
    assert {name for names in GROUPS.values() for name in names} <= set(Limits.model_fields)


def test_what_the_client_fixes_wins_and_the_report_shows_both(german, tmp_path) -> None:
    """A patience of three days makes more leads stall; the learned one stays visible."""
    path, before = german
    learned = before.stages.set_index("stage").loc["Qualifiziert", "patience_days"]
    offered = f"#patience_days = {round(learned)}"
    text = path.read_text(encoding="utf-8")
    head, tail = text.split('name = "Qualifiziert"')
    copy = path.with_name("fixed.toml")
    copy.write_text(head + 'name = "Qualifiziert"' + tail.replace(offered, "patience_days = 3", 1), encoding="utf-8")

    after = audited(copy)
    row = after.stages.set_index("stage").loc["Qualifiziert"]

    assert (row["patience_days"], row["patience_basis"]) == (3, "process")
    assert row["patience_learned_days"] == pytest.approx(learned)
    stalled = [audit.judgement.leads["verdict"].eq("stalled").sum() for audit in (before, after)]
    assert stalled[1] > stalled[0]
    assert f"3, vereinbart (gelernt: {round(learned)})" in stages_table(after)
    assert "vereinbart" not in stages_table(before)


def test_an_edited_question_and_a_precondition_take_effect(german, tmp_path) -> None:
    """The question stands on the card; a value called bad makes an ending due."""
    path, before = german
    text = path.read_text(encoding="utf-8")
    block = text[text.index('#[[preconditions]]\n#name = "Bedarf"') :]
    opened = "\n".join(
        line.removeprefix("#") if not line.startswith("# ") else line for line in block.split("\n\n")[0].splitlines()
    )
    copy = path.with_name("asked.toml")
    copy.write_text(
        text.replace(block.split("\n\n")[0], opened.replace("bad = []", 'bad = ["keiner"]'))
        .replace('question = ""', 'question = "Gibt es einen Anlass?"', 1), encoding="utf-8",
    )  # fmt: skip

    after = audited(copy)
    needless = before.export.leads().query("Bedarf == 'keiner'")["lead_id"]
    leads = after.judgement.leads.set_index("lead_id")
    open_leads = leads[leads["verdict"] != "ended"]
    hit = open_leads.index.intersection(needless)

    assert len(hit) > 0
    assert set(open_leads.loc[hit, "verdict"]) == {"overdue"}
    first = open_leads.index[open_leads["stage"] == "Neue Anfrage"]
    asked = after.answers.set_index("lead_id").loc[first, "missing"]
    assert asked.str.contains("Gibt es einen Anlass?", regex=False).any()


def test_names_of_the_client_cannot_break_the_file(tmp_path) -> None:
    """Quotes, backslashes, line breaks, signs and control characters in stages, headers and values."""
    odd = ['Phase "A" # [x]', "Zeile\nzwei", "C:\\neu\x07", "[[stages]]"]
    rows = [
        {"lead_id": f"L{n}", "stage": odd[n % 4], "status": ("won", "lost", "open")[n % 3], "created_at": pd.Timestamp("2026-01-01"),
         'Feld "x"\n#y = 1': f'Wert "{n % 2}"\n]'} for n in range(120)
    ]  # fmt: skip
    audit = leadaudit.audit(pd.DataFrame(rows))
    text = process_text(audit, [], tmp_path)
    opened = "\n".join(
        line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in text.splitlines()
    )

    assert {stage["name"] for stage in tomllib.loads(text)["stages"]} == set(odd)
    assert tomllib.loads(opened)["preconditions"][0]["column"] == 'Feld "x"\n#y = 1'


def test_a_file_that_is_there_is_left_as_it_is(german, tmp_path) -> None:
    """Somebody may have worked on it."""
    path = tmp_path / "audit.toml"
    path.write_text("# mine", encoding="utf-8")

    with pytest.raises(OutputError, match="is there already and is left as it is"):
        write_process(path, "new")

    assert path.read_text(encoding="utf-8") == "# mine"


@pytest.mark.slow
def test_the_command_writes_the_file_and_refuses_to_do_it_twice(tmp_path, checkout) -> None:
    """Paths are relative to the file, which changes no verdict of the whole sample; a second run is refused in one sentence."""
    shutil.copytree(checkout / "data" / "sample", tmp_path / "sample")
    command = [
        sys.executable,
        "-c",
        "from leadaudit.cli import main; main()",
        "init",
        "sample/*.csv",
        "sample/aktivitaeten.xlsx",
        "-o",
        "kunde",
        "--language",
        "de",
    ]
    settings = {
        "cwd": tmp_path, "capture_output": True, "text": True, "encoding": "utf-8",
        "env": {**os.environ, "PYTHONPATH": str(checkout), "PYTHONIOENCODING": "utf-8"},
    }  # fmt: skip
    first = subprocess.run(command, **settings)
    written = (tmp_path / "kunde" / "audit.toml").read_bytes()
    second = subprocess.run(command, **settings)

    assert first.returncode == 0, first.stderr
    names = ("leads.csv", "phasenverlauf.csv", "aktivitaeten.xlsx")
    assert load(tmp_path / "kunde" / "audit.toml").files == tuple(
        tmp_path / "kunde" / "../sample" / name for name in names
    )
    assert second.returncode == 2
    assert "bleibt unverändert" in second.stderr
    assert (tmp_path / "kunde" / "audit.toml").read_bytes() == written
    before = leadaudit.audit(leadaudit.read(*sample_paths()))
    pd.testing.assert_frame_equal(audited(tmp_path / "kunde" / "audit.toml").judgement.leads, before.judgement.leads)


def test_the_example_of_the_documentation_is_valid(checkout, tmp_path) -> None:
    """What a consultant copies loads as it stands."""
    page = (checkout / "docs" / "process-file.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    (tmp_path / "audit.toml").write_text(example, encoding="utf-8")

    process = load(tmp_path / "audit.toml").process

    assert [stage.kind for stage in process.stages] == ["open", "open", "paused", "won", "ended"]
    assert process.preconditions[0].from_stage in {stage.name for stage in process.stages}
    assert process.limits.our_turn_workdays_count != Limits().our_turn_workdays_count
