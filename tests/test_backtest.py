"""Past dates: judged by what was known then, counted by what came, beside the rules that CRMs use."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadaudit import simulate
from leadaudit.audit import Audit, audit
from leadaudit.backtest import Backtest, backtest, record
from leadaudit.backtest.calibration import calibration, calibration_error
from leadaudit.backtest.moments import choose
from leadaudit.errors import LeadAuditError
from leadaudit.ingest.export import Export
from leadaudit.language import LANGUAGES
from leadaudit.process import Limits
from leadaudit.report import backtest_tables

DAY = pd.Timedelta(days=1)
BEGIN = pd.Timestamp("2024-01-01")


@cache
def simulated(seed: int = 7, count: int = 1000) -> Export:
    made = simulate.leads(count, months=24, seed=seed, language="en")
    return Export.of_frames(made.leads, made.activities, made.changes, language="en")


@cache
def audited() -> Audit:
    return audit(simulated())


@cache
def found_of_all() -> Backtest:
    return audited().backtest()


def with_endings(export: Export) -> pd.DataFrame:
    """Leads by id; where the lead has no date of closing, that of its last move into an ending."""
    leads, changes = export.leads().set_index("lead_id"), export.changes()
    moved = (
        changes[(changes["field"] == "stage") & changes["after"].isin(["Won", "Lost"])].groupby("lead_id")["at"].max()
    )
    over = leads["status"].isin(["won", "lost"])
    return leads.assign(closed_at=leads["closed_at"].fillna(moved.reindex(leads.index)).where(over))


def past(rows: list[tuple[str, str, str, str, float]]) -> pd.DataFrame:
    """Past leads by hand: date, lead, verdict, outcome, chance."""
    frame = pd.DataFrame(rows, columns=["at", "lead_id", "verdict", "outcome", "chance"])
    return frame.assign(at=pd.to_datetime(frame["at"]).astype("datetime64[us]"), outcome_days=10.0)


# ------------------------------------------------------------------ which dates


def won(count: int, days: float, every: str = "4D") -> pd.DataFrame:
    return pd.DataFrame({"closed_at": pd.date_range(BEGIN, periods=count, freq=every), "days": days})


@settings(max_examples=60)
@given(
    count=st.integers(0, 80),
    days=st.floats(0.1, 200),
    span=st.integers(1, 900),
    most=st.integers(1, 6),
)
def test_each_date_has_enough_before_and_enough_after(count, days, span, most):
    """Ten wins and twice the won cycle lie before every date, twice the won cycle after it; else a reason is given."""
    end, limits = BEGIN + span * DAY, Limits()
    cycles = won(count, days)
    cycles = cycles[cycles["closed_at"] < end]
    choice = choose(cycles, BEGIN, end, limits, most)

    assert bool(choice.dates) != bool(choice.why_none)
    assert len(choice.dates) <= most
    assert list(choice.dates) == sorted(set(choice.dates))
    for date in choice.dates:
        assert (cycles["closed_at"] < date).sum() >= limits.wins_min_count
        assert (date - BEGIN) / DAY >= limits.follow_up_cycles * days
        assert (end - date) / DAY >= limits.follow_up_cycles * days
        assert date == date.normalize()


@pytest.mark.parametrize(
    ("cycles", "span", "why"),
    [
        (won(9, 5.0), 400, "too_few_wins"),
        (won(40, 5.0).assign(days=np.nan), 400, "no_history"),
        (won(40, 90.0), 300, "too_short"),
    ],
)
def test_a_history_that_is_too_short_says_why(cycles, span, why):
    """No dates are no zeros: the reason is named, in both languages, with what would be needed."""
    choice = choose(cycles, BEGIN, BEGIN + span * DAY, Limits(), 3)

    assert (choice.dates, choice.why_none) == ((), why)


@pytest.mark.parametrize("count", [1, 12, 60])
def test_a_small_client_gets_a_reason_and_no_numbers(count):
    """One lead or sixty: nothing crashes, nothing is 0 for want of data."""
    made = simulate.leads(count, months=5, seed=4, language="de")
    found = backtest(Export.of_frames(made.leads, made.activities, made.changes))

    assert not found
    assert np.isnan(found.lead_days_freed)
    assert np.isnan(found.calibration_error)
    assert found.verdicts[found.verdicts["at"].notna()].empty
    for language in LANGUAGES:
        (words,) = backtest_tables.sentences(found, language)
        assert "{" not in words
    assert record(found)["why_none"] == found.why_none


@pytest.mark.parametrize("date", ["1999-01-01", "2099-01-01", "next week", ""])
def test_a_date_outside_of_what_is_known_is_an_error_with_the_range(date):
    """The sentence names the first and last day that there is."""
    export = simulated()

    with pytest.raises(LeadAuditError, match=f"{export.first_known:%Y-%m-%d}.*{export.known_until:%Y-%m-%d}"):
        audited().backtest([date])


def test_dates_that_are_asked_for_are_taken():
    """In order, each once; a single one is enough."""
    found = audited().backtest(["2026-02-01", "2025-09-01", "2026-02-01"])

    assert [pd.Timestamp("2025-09-01"), pd.Timestamp("2026-02-01")] == list(found.dates["at"])
    assert found is audited().backtest(["2026-02-01", "2025-09-01", "2026-02-01"])


# ------------------------------------------------------------------ what is counted


def test_every_lead_open_then_is_counted_once_per_date():
    """Open at the date: created before it, not closed before it; its outcome is what the whole export says."""
    found, leads, changes = found_of_all(), with_endings(simulated()), simulated().changes()

    assert found
    for date in found.dates["at"]:
        moves = changes[(changes["field"] == "stage") & (changes["at"] < date)].sort_values("at")
        stood = moves.drop_duplicates("lead_id", keep="last").set_index("lead_id")["after"].reindex(leads.index)
        then = leads[(leads["created_at"] < date) & ~(leads["closed_at"] < date) & ~stood.isin(["Won", "Lost"])]
        seen = found.leads[found.leads["at"] == date]
        assert sorted(then.index) == sorted(seen["lead_id"])
        counts = found.verdicts[found.verdicts["at"] == date]
        assert counts["leads_count"].sum() == len(then)
        assert counts["won_count"].sum() == (then["status"] == "won").sum()


def test_all_dates_together_count_each_lead_once():
    """A lead that was proposed at two dates is one proposal, from the first of them."""
    found = found_of_all()
    row = found.verdicts[found.verdicts["at"].isna() & (found.verdicts["verdict"] == "overdue")].iloc[0]
    due = found.leads[found.leads["verdict"] == "overdue"]

    assert row["leads_count"] == due["lead_id"].nunique() == len(found.proposals)
    assert row["leads_count"] < len(due)
    firsts = due.groupby("lead_id")["at"].min()
    assert (found.proposals.set_index("lead_id")["at"] == firsts.reindex(found.proposals["lead_id"])).all()


def test_false_endings_are_the_proposals_that_were_won():
    """Each is named, with what was said of it; together with the others they are all proposals."""
    found, status = found_of_all(), simulated().leads().set_index("lead_id")["status"]
    came = found.confirmed

    assert set(found.false_endings["lead_id"]) == {lead for lead in found.proposals["lead_id"] if status[lead] == "won"}
    assert came["leads_count"] == came["won_count"] + came["ended_count"] + came["open_count"] + came["unknown_count"]
    assert came["leads_count"] + found.others["leads_count"] == found.leads["lead_id"].nunique()


def test_freed_lead_days_run_to_the_real_ending_or_to_the_end():
    """Recounted lead by lead; those won later free nothing."""
    found, leads = found_of_all(), with_endings(simulated())
    expected = 0.0
    for row in found.proposals.itertuples():
        status, closed = leads.loc[row.lead_id, "status"], leads.loc[row.lead_id, "closed_at"]
        if status == "lost":
            expected += (closed - row.at) / DAY
        elif status in ("open", "paused"):
            expected += (found.end - row.at) / DAY

    assert found.lead_days_freed == pytest.approx(expected)


def test_the_usual_rules_look_at_the_same_leads_and_at_no_later_event():
    """Idle, age and unmoved recounted by hand from the raw tables."""
    found, export = found_of_all(), simulated()
    leads, activities, changes = export.leads().set_index("lead_id"), export.activities(), export.changes()
    cycles = found.dates.set_index("at")["won_cycle_days"]
    for date in found.dates["at"]:
        ids = found.leads.loc[found.leads["at"] == date, "lead_id"]
        done = activities[(activities["at"] < date) & (activities["done"] != False)]  # noqa: E712 - missing counts as done
        acted = done.groupby("lead_id")["at"].max()
        moved = changes[(changes["at"] < date) & (changes["field"] == "stage")].groupby("lead_id")["at"].max()
        expected = {"idle_21": 0, "age_won_cycle": 0, "unmoved_30": 0}
        for lead in ids:
            created = leads.loc[lead, "created_at"]
            expected["idle_21"] += (date - max(acted.get(lead, created), created)) / DAY > 21
            expected["age_won_cycle"] += (date - created) / DAY > cycles[date]
            expected["unmoved_30"] += (date - moved.get(lead, created)) / DAY > 30
        rows = found.baselines[found.baselines["at"] == date].set_index("rule")["leads_count"]
        assert expected == {name: rows[name] for name in expected}


def test_what_was_caught_is_measured_on_the_leads_not_won():
    """Flagged and not won, of all not won; our proposals stand in the same table."""
    found = found_of_all()
    rest = found.leads[found.leads["outcome"].isin(["ended", "open"])]
    row = found.baselines[found.baselines["at"].isna()].set_index("rule").loc["overdue"]

    caught = rest.loc[rest["verdict"] == "overdue", "lead_id"].nunique()
    assert row["caught_share"] == pytest.approx(caught / rest["lead_id"].nunique())


def test_rules_that_cannot_be_read_are_left_out():
    """Without activities nobody is idle, without a history nobody is unmoved."""
    leads = simulated().leads()
    found = backtest(Export.of_frames(leads), dates=["2025-12-01"])

    assert not any(rule.startswith(("idle", "unmoved")) for rule in found.baselines["rule"])
    assert "age_won_cycle" in set(found.baselines["rule"])


def test_criteria_that_lose_their_fields_are_named():
    """A precondition on a column without history can be told today and could not then."""
    from leadaudit.process import Precondition, Process

    leads = simulated().leads().assign(Region=["North", "South"] * 500)
    process = Process(preconditions=(Precondition(name="Region", column="Region", good=("North",), bad=("South",)),))
    export = Export.of_frames(leads, simulated().activities(), simulated().changes())
    found = backtest(export, process, dates=["2025-12-01"])

    assert "preconditions_failed" in found.criteria_lost
    assert not (found.reasons["criterion"] == "preconditions_failed").any()


def test_endings_by_a_rule_of_the_clients_own_are_told_apart():
    """An ending that comes on the day of the own rule proves nothing, one that comes otherwise does."""
    leads = pd.DataFrame(
        {
            "at": pd.to_datetime(["2024-05-01"] * 3).astype("datetime64[us]"),
            "lead_id": ["a", "b", "c"],
            "verdict": "overdue",
            "outcome": ["ended", "ended", "won"],
            "stay_days": [20.0, 20.0, 20.0],
            "outcome_days": [10.5, 25.0, 10.0],
            "own_rule_days": [30.0, 30.0, 30.0],
        }
    )
    none = pd.DataFrame()
    found = Backtest(leads[["at"]].head(1), BEGIN, leads, none, none, none)

    assert (found.confirmed["ended_count"], found.confirmed["by_rule_count"]) == (2, 1)


# ------------------------------------------------------------------ the chances


def said_and_drawn(seed: int, count: int, bias: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    chance = rng.uniform(0.05, 0.6, count)
    outcome = np.where(rng.random(count) < chance + bias, "won", "ended")
    return past([(BEGIN, str(n), "stalled", outcome[n], chance[n]) for n in range(count)])


def test_true_chances_pass_and_wrong_ones_do_not():
    """Of outcomes drawn from the chances nearly all pass; chances that are 15 points too low never do."""
    passed = [np.less_equal(*calibration_error(said_and_drawn(seed, 300))) for seed in range(6)]
    wrong = [np.less_equal(*calibration_error(said_and_drawn(seed, 300, bias=0.15))) for seed in range(3)]

    assert sum(passed) >= 5
    assert not any(wrong)


def test_bins_hold_equally_many_leads_and_their_observed_shares():
    """Ten bins from small to large; each says how many were won."""
    leads = said_and_drawn(1, 305)
    bins = calibration(leads)

    assert set(bins["leads_count"]) == {30, 31}
    assert bins["predicted"].is_monotonic_increasing
    assert bins["won_count"].sum() == (leads["outcome"] == "won").sum()
    assert ((bins["low"] <= bins["observed"]) & (bins["observed"] <= bins["high"])).all()


def test_a_lead_seen_twice_is_drawn_once():
    """Two dates that see the same leads are no two proofs: the allowed error is that of one date."""
    once = said_and_drawn(3, 200)
    twice = pd.concat([once, once.assign(at=once["at"] + DAY)], ignore_index=True)

    assert calibration_error(twice)[1] == pytest.approx(calibration_error(once)[1], rel=0.25)


# ------------------------------------------------------------------ how it is told


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_and_terminal_say_the_same(language):
    """Every sheet has a cell for each column; the sentences name the counts."""
    found = found_of_all()
    sheets = [
        make(found, language)
        for make in (
            backtest_tables.verdict_sheet,
            backtest_tables.rule_sheet,
            backtest_tables.criterion_sheet,
            backtest_tables.calibration_sheet,
            backtest_tables.false_ending_sheet,
            backtest_tables.freed_sheet,
        )
    ]
    said = " ".join(backtest_tables.sentences(found, language))

    assert all(len(row) == len(sheet.columns) for sheet in sheets for row in sheet.rows)
    assert str(found.confirmed["leads_count"]) in said
    assert str(found.confirmed["won_count"]) in said


def test_the_record_is_json_and_the_same_each_time():
    """No NaN, no timestamp objects; two runs give the same bytes."""
    first = json.dumps(record(found_of_all()), allow_nan=False)
    again = json.dumps(record(backtest(simulated())), allow_nan=False)

    assert first == again


def finding(of: Audit, name: str) -> pd.Series:
    return of.findings.set_index("finding").loc[name]


def test_the_finding_counts_what_the_backtest_counted():
    """Value, interval and leads are those of the proposals; the sentence names the counts."""
    found, row = found_of_all(), finding(audited(), "backtest")
    came = found.confirmed

    assert row["value"] == pytest.approx(came["won_count"] / (came["leads_count"] - came["unknown_count"]))
    assert row["low"] <= row["value"] < row["high"]
    assert set(filter(None, row["leads"].split("|"))) == set(found.false_endings["lead_id"])
    assert f"{came['ended_count']} of {came['leads_count']} proposals" in row["sentence"]


def test_the_best_usual_rule_is_one_that_errs_no_more_often():
    """Its errors are at most ours (or the floor), and no such rule catches more than it."""
    found, row = found_of_all(), finding(audited(), "baselines")
    rules = found.baselines[found.baselines["at"].isna()].set_index("rule")
    tolerated = max(rules.loc["overdue", "won_share"], audited().process.limits.chance_floor_share)
    usual = rules.drop("overdue")
    rivals = usual[(usual["leads_count"] >= 10) & (usual["won_share"] <= tolerated)]

    assert row["value"] == pytest.approx(rules.loc["overdue", "caught_share"])
    if rivals.empty:
        assert pd.isna(row["limit"])
    else:
        assert row["limit"] == pytest.approx(rivals["caught_share"].max())


def test_without_a_history_to_look_back_on_the_findings_say_so():
    """No number and no grade, but a sentence."""
    made = simulate.leads(30, months=4, seed=1, language="de")
    young = audit(Export.of_frames(made.leads, made.activities, made.changes), language="de")

    for name in ("backtest", "baselines"):
        row = finding(young, name)
        assert row["grade"] == "neutral"
        assert pd.isna(row["value"])
        assert "noch nicht möglich" in row["sentence"]


def test_the_notebook_takes_the_parameters_that_it_checks(checkout):
    """The cell tagged parameters and the table of parameters name the same."""
    import ast

    import nbformat

    from leadaudit.notebooks.opening import BACKTEST

    cells = nbformat.read(checkout / "notebooks" / "backtest.ipynb", as_version=4).cells
    (cell,) = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    named = {node.target.id: ast.literal_eval(node.value) for node in ast.parse(cell.source).body}

    assert named == {name: parameter.default for name, parameter in BACKTEST.items()}
    assert not any(
        word in cell.source
        for cell in cells
        for word in ("def ", "for ", "while ")
        if cell.cell_type == "code" and cell is not cells[1]
    )


@pytest.fixture
def files(tmp_path):
    """A simulated client's three files."""
    made = simulate.leads(500, months=24, seed=2, language="en")
    names = {"leads": made.leads, "activities": made.activities, "changes": made.changes}
    for name, frame in names.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    return [str(tmp_path / f"{name}.csv") for name in names]


def run_cli(*words: str) -> str:
    from typer.testing import CliRunner

    from leadaudit.cli import app

    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_the_command_prints_tables_or_json(files):
    """Tables for people, in the language asked for; JSON for machines, with the same counts."""
    told = json.loads(run_cli("backtest", *files, "--at", "2025-10-01", "--json"))
    shown = run_cli("backtest", *files, "--at", "2025-10-01", "-l", "de")

    assert told["dates"][0]["at"] == "2025-10-01T00:00:00"
    assert f"von {told['proposals']['leads_count']} Vorschl" in shown
    assert "14 Tage" in shown


def test_a_narrow_terminal_gets_whole_words_and_all_dates_together(files, monkeypatch):
    """Eighty columns: no name, date or header is cut; the table of verdicts is that over all dates."""
    monkeypatch.setattr("leadaudit.cli.backtesting.out.width", 80)
    shown = run_cli("backtest", *files, "--at", "2025-10-01", "--at", "2025-12-01", "-l", "de")

    assert "…" not in shown
    assert max(len(line) for line in shown.splitlines() if "─" in line) <= 80
    assert "01.12.2025 " not in shown.split("Was aus den damals offenen Leads wurde")[1]


@pytest.mark.slow
def test_the_command_writes_a_page_beside_an_audit_and_keeps_its_record(files, tmp_path):
    """Page, notebook and numbers; a second run in the same folder is allowed, a folder of others is not."""
    folder = tmp_path / "out"
    run_cli("backtest", *files, "--at", "2025-10-01", "-o", str(folder), "-l", "de")
    run_cli("backtest", *files, "--at", "2025-10-01", "-o", str(folder), "-l", "de")

    assert {"audit.json", "backtest.html", "backtest.ipynb", "backtest.json"} == {
        path.name for path in folder.iterdir()
    }
    assert "Rückprobe" in (folder / "backtest.html").read_text(encoding="utf-8")
    assert str(tmp_path) not in (folder / "backtest.ipynb").read_text(encoding="utf-8")
    with pytest.raises(LeadAuditError):
        run_cli("backtest", *files, "-o", str(tmp_path))


@pytest.mark.parametrize("short", [False, True])
def test_pictures_have_their_table_and_nothing_is_drawn_of_nothing(short):
    """Where there is a history, four pictures with tables; where there is none, no picture and no error."""
    from leadaudit import report
    from leadaudit.report.blocks import Block

    made = simulate.leads(30, months=4, seed=1, language="de")
    of = audit(Export.of_frames(made.leads, made.activities, made.changes)) if short else audited()
    pictures = [picture(of) for picture in (report.became, report.rules, report.calibration, report.freed)]

    if short:
        assert pictures == [Block("")] * 4
    else:
        assert all("<table" in picture.layout.meta["table"] for picture in pictures)
    assert "{" not in report.trust(of).html
    assert (report.tested(of).html == report.trust(of).html) is short


def test_without_a_false_ending_the_report_says_so():
    """A sentence stands in the place of the list."""
    from dataclasses import replace

    from leadaudit import report

    found = found_of_all()
    right = replace(found, leads=found.leads[found.leads["outcome"] != "won"])

    assert "No lead for which an ending would have been proposed" in report.false_endings(audited(), right).html
