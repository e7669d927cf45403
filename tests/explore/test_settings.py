"""Other limits, what follows from them, and writing them into the process file."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadaudit
from leadaudit.errors import ConfigError, LeadAuditError
from leadaudit.explore.consequences import changes_html, counts_html, counts_picture, days_html
from leadaudit.explore.keeping import keep
from leadaudit.explore.settings import SWITCHES, Settings, Trial, outcome
from leadaudit.ingest.export import Export
from leadaudit.judge import rejudge
from leadaudit.packaged import sample_paths
from leadaudit.project import load

WRITTEN = """# ours
[audit]
files = ["leads.csv"]  # the export

[[stages]]
name = "Neue Anfrage"
#patience_days = 27.0

# --- the second one
[[stages]]
name = "Qualifiziert"
patience_days = 30.0  # agreed in May
kind = "open"
[limits]
pressure_count = 4
"""


@pytest.fixture(scope="module")
def trial(audit) -> Trial:
    """The sample, ready to be judged again and again."""
    return Trial.of(audit)


def everywhere(trial: Trial, patience: float = 1.0, horizon: float = 1.0, **more) -> Settings:
    """The same factors for all stages."""
    keys = list(trial.limits.index)
    return Settings(dict.fromkeys(keys, patience), dict.fromkeys(keys, horizon), **more)


def test_without_a_change_everything_stays(trial, audit):
    """The counts are those of the audit."""
    found = trial.under(Settings())

    assert found.changed.empty
    assert {name: count for name, count in audit.counts.items() if name != "ended"} == found.counts["after"].to_dict()
    assert found.counts["before"].equals(found.counts["after"].rename("before"))
    assert found.load.loc["before"].equals(found.load.loc["after"].rename("before"))


@settings(max_examples=12)
@given(
    patience=st.sampled_from([0.25, 0.6, 1.0, 1.5, 3.0]),
    horizon=st.sampled_from([0.25, 0.8, 1.0, 2.0]),
    count=st.none() | st.integers(1, 9),
    off=st.frozensets(st.sampled_from(SWITCHES), max_size=4),
)
def test_what_follows_is_what_the_judgement_itself_says(trial, audit, patience, horizon, count, off):
    """The short way, with open leads only, gives the verdicts of the long way for every setting."""
    found = trial.under(everywhere(trial, patience, horizon, unanswered_count=count, criteria_off=off))

    whole = rejudge(audit.judgement, found.process).leads
    assert (whole.loc[found.leads.index, "verdict"] == found.leads["after"]).all()


def test_more_patience_stalls_fewer_and_a_later_horizon_ends_fewer(trial):
    """The direction in which a person expects the counts to go."""
    calm, late = trial.under(everywhere(trial, patience=2.5)), trial.under(everywhere(trial, horizon=3))

    assert calm.counts["after"]["progressing"] > calm.counts["before"]["progressing"]
    assert late.counts["after"]["overdue"] < late.counts["before"]["overdue"]
    assert late.load.loc["after", "left_count"] > late.load.loc["before", "left_count"]


def test_one_stage_alone_can_be_changed(trial):
    """Leads elsewhere keep their verdict."""
    key = ("Beratung", "Neue Anfrage")
    found = trial.under(Settings(patience={key: 0.3}, horizon={key: 0.3}))

    days = trial.days(Settings(patience={key: 0.3}))
    assert len(found.changed)
    assert days.loc[key, "patience_days"] == 8.1
    assert (days.drop(key)["patience_days"] == days.drop(key)["patience_before_days"]).all()
    assert set(found.changed["lead_id"]) <= set(
        trial.audit.leads.loc[trial.audit.leads["stay_stage"] == key[1], "lead_id"]
    )


def test_an_export_without_history_has_one_limit_for_the_whole_lead():
    """The whole lead in its pipeline is the unit; its days can be tried, not written down."""
    sold = pd.DataFrame(
        {
            "lead_id": [f"L{n}" for n in range(90)],
            "status": ["won", "lost", "open"] * 30,
            "created_at": pd.date_range("2025-01-01", periods=90, freq="3D"),
            "closed_at": pd.date_range("2025-01-20", periods=90, freq="3D"),
        }
    )
    sold.loc[sold["status"] == "open", "closed_at"] = pd.NaT
    trial = Trial.of(leadaudit.audit(Export.of_frames(sold, language="en", timezone="UTC")))

    found = trial.under(everywhere(trial, patience=0.25))

    assert [("", "")] == list(trial.limits.index)
    assert len(found.leads) == 30
    whole = rejudge(trial.audit.judgement, found.process).leads
    assert (whole.loc[found.leads.index, "verdict"] == found.leads["after"]).all()


def test_what_is_kept_judges_as_it_was_shown(trial, audit, tmp_path):
    """A new file has everything that was recognised, and the next audit with it comes to the counts on the screen."""
    path = tmp_path / "audit.toml"
    wanted = everywhere(trial, 1.4, 0.7, unanswered_count=4, criteria_off=frozenset({"our_turn"}))

    said = keep(trial, wanted, path, sample_paths())

    again = leadaudit.audit(audit.export, load(path).process)
    assert again.counts == {**trial.under(wanted).counts["after"].to_dict(), "ended": audit.counts["ended"]}
    assert str(path) in said[0]
    assert "unanswered_fixed_count = 4" in said
    assert "schon" in keep(trial, wanted, path)[0]
    assert [file.name for file in tmp_path.iterdir()] == ["audit.toml"]


def test_a_file_keeps_its_comments_its_order_and_what_is_not_ours(trial, tmp_path):
    """A value on offer is put in force where it stands; one in force is replaced and named."""
    path = tmp_path / "audit.toml"
    path.write_bytes(WRITTEN.encode())

    two = {("Beratung", name): 2.0 for name in ("Neue Anfrage", "Qualifiziert")}

    said = keep(trial, Settings(patience=two, criteria_off=frozenset({"pressure"})), path)

    lines = path.read_text(encoding="utf-8").splitlines()
    expected = WRITTEN.replace("#patience_days = 27.0", "patience_days = 54.0").replace(
        "30.0  # agreed", "86.0  # agreed"
    )
    assert lines[: len(expected.splitlines())] == expected.splitlines()
    assert load(path).process.criteria_off == {"pressure"}
    assert "Phase „Qualifiziert“: patience_days = 86.0 (bisher: 30.0)" in said


def test_a_file_with_a_mistake_is_left_as_it_is(trial, tmp_path):
    """The mistake is named with its line; nothing is written."""
    path = tmp_path / "audit.toml"
    path.write_text("[audit]\nlangauge = 'de'\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="line 2"):
        keep(trial, everywhere(trial, 2.0), path)
    assert path.read_text(encoding="utf-8") == "[audit]\nlangauge = 'de'\n"


def test_nothing_is_written_where_nothing_differs(trial, tmp_path):
    """Neither a file nor a claim."""
    assert keep(trial, everywhere(trial), tmp_path / "audit.toml")
    assert list(tmp_path.iterdir()) == []


def test_an_audit_of_frames_has_no_files_to_name(audit, tmp_path):
    """A new process file without its exports would be of no use."""
    frames = Export.of_frames(audit.export.leads(), language="de", timezone="UTC")
    trial = Trial.of(leadaudit.audit(frames, as_of=audit.as_of))

    with pytest.raises(LeadAuditError, match="leadaudit init"):
        keep(trial, Settings(unanswered_count=3), tmp_path / "audit.toml")


def test_pictures_and_tables_say_what_follows(trial):
    """Counts, differences, days as they were, and the leads by number."""
    wanted = everywhere(trial, 2.0)
    found = trial.under(wanted)

    bars = {trace.meta: list(trace.x) for trace in counts_picture(found, "de").data}
    assert bars == {verdict: [row["after"], row["before"]] for verdict, row in found.counts.iterrows()}
    assert f"+{found.counts.loc['progressing', 'after'] - found.counts.loc['progressing', 'before']}" in counts_html(
        found, "de"
    )
    assert "bisher 27" in days_html(trial.days(wanted), "de")
    assert str(found.changed["lead_id"].iloc[0]) in changes_html(found, "de")
    assert outcome(trial.audit, wanted).counts.equals(found.counts)
