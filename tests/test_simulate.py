from __future__ import annotations

import re
import zipfile

import numpy as np
import pandas as pd
import pytest

from leadaudit import simulate, tables
from leadaudit.errors import LeadAuditError
from leadaudit.simulate.pipeline import ABSENT, PUSHING, TACTFUL, Pipeline, Seller, SimulatedStage
from leadaudit.simulate.sample import write_sample

TABLES = {"leads": tables.LEADS, "activities": tables.ACTIVITIES, "changes": tables.CHANGES}
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def many():
    """Enough leads for shares to be steady."""
    return simulate.leads(6000, 24, 11)


@pytest.fixture(scope="module")
def known(many):
    """Leads with their truth beside them."""
    return many.leads.merge(many.truth.drop(columns="closed_at"), on="lead_id", validate="one_to_one")


def _won_share(truth: pd.DataFrame) -> float:
    return float((truth["outcome_in_the_end"] == "won").mean())


def _contacts(simulated: simulate.Simulated) -> pd.DataFrame:
    """Contacts that were made with one lead: no planned ones, no mailings."""
    done = simulated.activities[simulated.activities["done"]]
    return done[~done["subject"].str.startswith("Newsletter")]


# ------------------------------------------------------------------ what is promised of the tables


def test_the_same_seed_gives_the_same_tables():
    """A run can be repeated, whatever numpy's global state is, and leaves that state alone."""
    np.random.seed(1)  # noqa: NPY002  the state that must not matter
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    one = simulate.leads(200, 12, 5)
    assert before == np.random.get_state()[1].tolist()  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    two, other = simulate.leads(200, 12, 5), simulate.leads(200, 12, 6)

    for name in (*TABLES, "truth"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    assert not one.leads["created_at"].equals(other.leads["created_at"])


@pytest.mark.parametrize("name", TABLES)
def test_columns_and_types_are_those_of_the_contract(many, name):
    """Everything after the reader can run on simulated tables as on read ones."""
    frame, table = getattr(many, name), TABLES[name]

    assert list(table) == list(frame.columns[: len(table)])
    wanted = {column: tables.PANDAS_DTYPE[table[column].kind] for column in table}
    assert wanted == {column: str(frame.dtypes[column]) for column in table}


@pytest.mark.parametrize("count", [1, 7, 50, 613])
def test_there_are_as_many_leads_as_asked_for(count):
    """Duplicates are among them, each lead has one row of truth, in the same order."""
    simulated = simulate.leads(count, 6, 2)

    assert count == len(simulated.leads) == simulated.leads["lead_id"].nunique()
    assert simulated.leads["lead_id"].tolist() == simulated.truth["lead_id"].tolist()
    assert simulated.changes["lead_id"].isin(simulated.leads["lead_id"]).all()


def test_nothing_is_known_of_the_future(many):
    """Only what is planned or expected lies at or after as_of."""
    leads, activities = many.leads, many.activities
    times = [name for name, column in tables.LEADS.items() if column.kind == "time"]
    ahead = {name for name in times if (leads[name] >= many.as_of).any()}

    assert {"next_step_at", "expected_close_at", "paused_until"} == ahead
    assert (many.changes["at"] < many.as_of).all()
    assert (activities.loc[activities["done"], "at"] < many.as_of).all()
    planned = activities[~activities["done"]]
    assert (planned["at"] >= many.as_of).any()
    assert (planned["at"] < many.as_of).any(), "some were planned and never held"


def test_nothing_happens_before_a_lead_begins(many):
    """Creation is the first moment of every lead."""
    created = many.leads.set_index("lead_id")["created_at"]
    for frame in (many.changes, many.activities[many.activities["lead_id"].isin(created.index)]):
        begun = frame["at"].dt.floor("min") >= created.loc[frame["lead_id"]].to_numpy()
        assert begun.all()


def test_the_last_stage_move_is_the_stage_of_the_list(many):
    """History and lead list tell one story, and each move starts where the one before ended."""
    moves = many.changes[many.changes["field"] == "stage"]
    last = moves.groupby("lead_id")["after"].last()
    stage = many.leads.set_index("lead_id")["stage"]

    assert last.reindex(stage.index).equals(stage.rename("after"))
    chain = moves.groupby("lead_id")["after"].shift()
    assert moves["before"].fillna("").equals(chain.fillna(""))


def test_the_truth_does_not_stand_in_the_tables(many, known):
    """No column gives away what kind a lead is; it has to be read from what happened."""
    words = set(many.truth["kind"]) | set(many.truth["true_state"].dropna()) | {"ended_by_us", "ended_by_them"}
    for frame in (many.leads, many.activities, many.changes):
        texts = {
            value
            for name in frame.columns
            if str(frame.dtypes[name]) == "str"
            for value in frame[name].dropna().unique()
        }
        assert not texts & (words - {"paused"})
    assert {"Budget geklärt", "Entscheider bekannt", "Bedarf", "Zeitplan"} == set(many.leads.columns) - set(
        tables.LEADS
    )
    standing = known[known["status"] == "open"]
    guess = standing["kind"].value_counts(normalize=True).max()
    for column in ("stage", "source", "currency", "Budget geklärt", "Entscheider bekannt", "Bedarf", "Zeitplan"):
        told = standing.groupby(standing[column].fillna(""))["kind"].agg(lambda kinds: kinds.value_counts().max()).sum()
        assert told / len(standing) < guess + 0.15, column
    number = standing["lead_id"].str.slice(2).astype(int)
    for kind in ("ghosted", "busy_and_stuck", "silent_and_maturing"):
        again = standing["kind"] == kind
        assert abs(np.corrcoef(number % 10, again)[0, 1]) < 0.08


# ------------------------------------------------------------------ what is planted


def test_busy_leads_that_are_stuck_get_much_and_are_hardly_ever_won(many):
    """Many contacts, answers and meetings, stage loops, and no win."""
    truth = many.truth.set_index("lead_id")
    stuck, steady = (truth[truth["kind"] == kind] for kind in ("busy_and_stuck", "steady"))
    contacts = _contacts(many)
    count = contacts.groupby("lead_id").size()
    answers = contacts[contacts["direction"] == "inbound"].groupby("lead_id").size()

    assert _won_share(stuck) < 0.03
    assert _won_share(steady) > 0.3
    assert count.reindex(stuck.index).median() > 2 * count.reindex(steady.index).median()
    assert answers.reindex(stuck.index).median() > 1.5 * answers.reindex(steady.index).median()
    moves = many.changes[many.changes["field"] == "stage"]
    entries = moves.groupby(["lead_id", "after"]).size()
    again = set(entries[entries > 1].index.get_level_values(0))
    assert stuck.index.isin(again).mean() > 2 * steady.index.isin(again).mean()


def test_quiet_leads_are_quiet_for_long_and_won_as_others(many):
    """Silence that is healthy: an idle rule would end them, their wins are as usual."""
    truth = many.truth.set_index("lead_id")
    contacts = _contacts(many).sort_values(["lead_id", "at"])
    gap = (contacts.groupby("lead_id")["at"].diff() / DAY).groupby(contacts["lead_id"]).max()
    won = truth[truth["outcome_in_the_end"] == "won"]
    quiet = won.index[won["kind"] == "silent_and_maturing"]

    assert _won_share(truth[truth["kind"] == "silent_and_maturing"]) > _won_share(truth[truth["kind"] != "duplicate"])
    assert (gap.reindex(quiet) > 14).mean() > 0.75
    assert gap.reindex(quiet).median() > gap.reindex(won.index[won["kind"] == "steady"]).median()


def test_pushing_goes_with_fewer_wins(many):
    """The more contacts without an answer, the fewer wins; some of the lost would have been won."""
    truth = many.truth[many.truth["kind"].isin(["steady", "pushed_away"])]
    pushed = truth[truth["pushed_count"] >= 3]

    assert _won_share(pushed) < 0.6 * _won_share(truth[truth["pushed_count"] == 0])
    assert (pushed["cause"] == "pushed").mean() > 0.1


def test_a_talk_held_too_early_ends_in_a_maybe_and_lowers_the_chance(many):
    """The conversation comes in the first days and says maybe."""
    truth = many.truth[~many.truth["kind"].isin(["duplicate", "busy_and_stuck"])]
    early = truth[truth["talked_too_early"].astype(bool)]
    meetings = many.activities[many.activities["subject"].str.contains("Kennenlerngespräch|Erstes Gespräch")]

    assert _won_share(early) < 0.6 * _won_share(truth[~truth["talked_too_early"].astype(bool)])
    assert (meetings["outcome"] == "vielleicht, meldet sich").mean() > 0.6


def test_ghosted_leads_do_not_answer_any_more(many):
    """After their silence there is no inbound contact of theirs, in the one life that they have."""
    ghosted = many.truth[(many.truth["kind"] == "ghosted") & many.truth["reopened_at"].isna()].set_index("lead_id")
    contacts = _contacts(many)
    answers = contacts[contacts["direction"].isin(["inbound", "mutual"]) & contacts["lead_id"].isin(ghosted.index)]
    after = answers["at"] > ghosted.loc[answers["lead_id"], "practically_over_at"].to_numpy() + 3 * DAY

    assert after.mean() < 0.01


def test_known_preconditions_tell_of_the_fit(known):
    """Criteria separate won from lost, and many were never asked."""
    closed = known[known["status"].isin(["won", "lost"])]
    won = (closed["status"] == "won").groupby(closed["Budget geklärt"]).mean()

    assert won["Ja"] > won["Nein"] + 0.05
    assert 0.2 < known["Budget geklärt"].isna().mean() < 0.7
    assert (
        known.loc[known["Bedarf"] == "keiner", "fit"].mean()
        < known.loc[known["Bedarf"] == "konkret", "fit"].mean() - 0.2
    )


def test_a_stage_entered_by_activity_decides_nothing(many):
    """To send an offer does not raise the chance; to pass a real threshold does."""
    truth = many.truth.set_index("lead_id")
    moves = many.changes[many.changes["field"] == "stage"]
    entered = {name: moves.loc[moves["after"] == name, "lead_id"].unique() for name in many.pipeline.names}
    won = {name: _won_share(truth.loc[ids]) for name, ids in entered.items()}

    assert won["Angebot gesendet"] - won["Bedarf geklärt"] < 0.05
    assert won["Verhandlung"] - won["Angebot gesendet"] > 0.10


def test_the_log_is_as_noisy_as_logs_are(many):
    """Each kind of disorder that the reader and the judgement have to bear is there."""
    leads, activities, changes = many.leads, many.activities, many.changes
    ended = leads["status"].isin(["won", "lost"])
    moves = changes[changes["field"] == "stage"]
    last = moves.groupby("lead_id")["at"].last().reindex(leads["lead_id"]).to_numpy()

    assert 0.01 < leads.loc[ended, "closed_at"].isna().mean() < 0.06
    assert leads.loc[leads["status"] == "lost", "lost_reason"].isna().mean() > 0.15
    assert leads["amount"].isna().mean() > 0.05
    assert (leads["closed_at"] < last - 2 * DAY).any(), "dated back"
    assert (~activities["lead_id"].isin(leads["lead_id"])).any(), "without a lead"
    assert changes.duplicated(["lead_id", "at"]).any(), "equal timestamps"
    minutes = moves.groupby("lead_id")["at"].diff().dt.total_seconds() / 60
    assert ((minutes > 0) & (minutes < 10)).any(), "wrong clicks put right"
    assert (leads["lost_reason"] == "Dublette").any()
    same = activities.groupby([activities["subject"], activities["at"].dt.date])["lead_id"].nunique()
    assert same.filter(like="Newsletter", axis=0).max() >= 20, "mailings"
    tidied = changes[changes["by"] == "Vertriebsassistenz"]
    spans = tidied.groupby(tidied["at"].dt.date)["at"].agg(["min", "max", "size"])
    assert (spans["size"] >= 20).all()
    assert (spans["max"] - spans["min"] <= pd.Timedelta(minutes=1)).all()
    slips = changes[(changes["field"] == "expected_close_at") & changes["before"].notna()]
    assert (slips["after"] > slips["before"]).all()
    assert (leads["next_step"] == "nachfassen").any()


def test_true_limits_follow_from_the_whole_future(many):
    """Nine of ten winners moved on within the true patience; beyond the true horizon hardly one was won."""
    truth = many.truth[many.truth["true_horizon_days"].notna()]
    stay = (many.as_of - truth["stay_started_at"]) / DAY
    standing = many.leads.set_index("lead_id")["status"].reindex(truth["lead_id"]).to_numpy() == "open"
    late = truth[standing & (stay > truth["true_horizon_days"])]
    fresh = truth[standing & (stay < 5)]

    assert len(late) > 100
    assert _won_share(late) < 0.06
    assert _won_share(fresh) > 0.2
    assert (truth["true_patience_days"] < truth["true_horizon_days"]).all()


def test_any_pipeline_can_be_simulated():
    """Names, number of stages, pace and sellers are free."""
    process = Pipeline(
        name="Anlagen",
        stages=(SimulatedStage("A", 3, 0.7, 0.1), SimulatedStage("B", 5, 0.8, 0.4), SimulatedStage("C", 4, 0.8, 0.7)),
        paused="Warten", won="Auftrag", lost="Aus",
        sellers=(Seller("Eins", PUSHING, 0.4), Seller("Zwei", TACTFUL, 0.4), Seller("Drei", ABSENT, 0.2)),
    )  # fmt: skip
    simulated = simulate.leads(300, 9, 4, pipeline=process)

    assert set(process.names) == set(simulated.changes.loc[simulated.changes["field"] == "stage", "after"])
    assert {"Eins", "Zwei", "Drei"} == set(simulated.leads["owner"])


@pytest.mark.parametrize(("key", "value"), [("count", 0), ("months", 0), ("language", "fr")])
def test_what_cannot_be_simulated_is_said(key, value):
    """A setting out of range is named with what would fit."""
    with pytest.raises(LeadAuditError, match=key):
        simulate.leads(**{key: value})


# ------------------------------------------------------------------ files


def test_the_sample_is_what_the_simulator_writes(checkout, tmp_path):
    """`python -m leadaudit.simulate` gives the sample again, byte for byte."""
    made = write_sample(tmp_path)
    kept = checkout / "data" / "sample"

    assert {path.name for path in made} == {path.name for path in kept.iterdir()}
    for path in made:
        ours, theirs = path.read_bytes(), (kept / path.name).read_bytes()
        if path.suffix == ".xlsx":  # compressed; compression differs between machines, what is compressed does not
            ours, theirs = _unzipped(path), _unzipped(kept / path.name)
        assert ours == theirs, path.name


def _unzipped(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_sample_is_a_plausible_firm():
    """A lead list that a consultant would believe: sizes, win rate, open load and its state."""
    from leadaudit.simulate import sample

    simulated = simulate.leads(sample.COUNT, sample.MONTHS, sample.SEED, start=sample.START)
    status = simulated.leads["status"].value_counts()
    standing = simulated.leads["status"].isin(["open", "paused"]).to_numpy()
    state = simulated.truth.loc[standing, "true_state"].value_counts(normalize=True)

    assert 150 <= standing.sum() <= 200
    assert 0.20 <= status["won"] / (status["won"] + status["lost"]) <= 0.25
    assert state[["progressing", "stalled", "overdue"]].min() > 0.15
    assert state.max() < 0.5


def test_a_german_export_looks_as_excel_writes_it(tmp_path):
    """Semicolon, decimal comma, German dates, byte order mark, and an Excel workbook without traces."""
    simulated = simulate.leads(80, 9, 3)
    leads, activities, history = simulate.write_export(simulated, tmp_path)

    text = leads.read_bytes()
    assert text.startswith(b"\xef\xbb\xbfLead-Nr.;")
    assert b"\r\n" in text
    assert re.search(rb";\d{1,3}(\.\d{3})*,\d\d;", text)
    assert re.search(rb";\d\d\.\d\d\.20\d\d \d\d:\d\d;", text)
    assert len(text.decode("utf-8-sig").splitlines()) == 81
    assert len(history.read_text("utf-8-sig").splitlines()) == len(simulated.changes) + 1
    core = _unzipped(activities)["docProps/core.xml"].decode()
    assert re.findall(r"20\d\d-\d\d-\d\dT[\d:]+Z", core) == [f"{simulated.as_of:%Y-%m-%dT%H:%M:%SZ}"] * 2
    sheet = pd.read_excel(activities, engine="openpyxl")
    assert len(simulated.activities) == len(sheet)
    assert simulated.activities["at"].tolist() == sheet["Datum"].tolist()


@pytest.mark.parametrize(
    ("crm", "language"), [("generic", "en"), ("pipedrive", "de"), ("pipedrive", "en"), ("hubspot", "en")]
)
@pytest.mark.parametrize("shape", ["from_to", "entered", "stage_dates", "leads_and_activities", "leads_only"])
def test_every_layout_and_shape_holds_every_lead(tmp_path, crm, language, shape):
    """Rows are neither lost nor added, and each shape has the files that it should."""
    simulated = simulate.leads(60, 6, 3, language=language)
    files = simulate.write_export(simulated, tmp_path, crm=crm, shape=shape)

    rows = pd.read_csv(files[0], dtype="str")
    assert simulated.leads["lead_id"].tolist() == rows.iloc[:, 0].tolist()
    assert {"from_to": 3, "entered": 3, "stage_dates": 2, "leads_and_activities": 2, "leads_only": 1}[shape] == len(
        files
    )
    if shape == "stage_dates":
        entered = rows[[name for name in rows.columns if name.removeprefix("x").startswith(("Date entered", "Phase "))]]
        assert len(simulated.pipeline.names) == entered.shape[1]
        moved = simulated.changes[simulated.changes["field"] == "stage"].drop_duplicates(["lead_id", "after"])
        assert len(moved) == entered.notna().sum().sum()


def test_an_unknown_layout_is_named_with_those_there_are(tmp_path):
    """A wrong CRM or shape is one sentence, and nothing is written."""
    simulated = simulate.leads(5, 2, 3)

    with pytest.raises(LeadAuditError, match=r"hubspot \(en\)"):
        simulate.write_export(simulated, tmp_path / "a", crm="nosuch")
    with pytest.raises(LeadAuditError, match="stage_dates"):
        simulate.write_export(simulated, tmp_path / "a", shape="sideways")  # type: ignore[arg-type]
    assert not (tmp_path / "a").exists()


def test_big_files_have_the_rows_asked_for(tmp_path):
    """The files for benchmarks have our columns, exact sizes, and events within their leads' lives."""
    files = simulate.big(3000, 10, 3, tmp_path, seed=1)
    leads, activities, changes = (
        pd.read_csv(path, parse_dates=["created_at" if "leads" in path.name else "at"]) for path in files
    )

    assert (3000, 30_000, 9000) == (len(leads), len(activities), len(changes))
    assert set(leads.columns) - {"Budget clear"} <= set(tables.LEADS)
    assert set(activities.columns) == set(tables.ACTIVITIES)
    assert set(changes.columns) <= set(tables.CHANGES)
    created = leads.set_index("lead_id")["created_at"]
    for frame in (activities, changes):
        assert (frame["at"] >= created.loc[frame["lead_id"]].to_numpy()).all()
        assert frame["at"].max() < pd.Timestamp("2026-10-01")
    again = simulate.big(3000, 10, 3, tmp_path / "again", seed=1)
    assert [path.read_bytes() for path in files] == [path.read_bytes() for path in again]


@pytest.mark.parametrize("months", [1, 2, 5, 17, 31])
def test_no_length_of_time_lets_the_future_in(months):
    """Mailings and clean-ups stop at as_of too, whatever day that is."""
    simulated = simulate.leads(120, months, months, start="2023-02-17")

    assert simulated.activities.loc[simulated.activities["done"], "at"].max() < simulated.as_of
    assert simulated.changes["at"].max() < simulated.as_of
    assert (
        simulated.leads[["created_at", "closed_at", "stage_entered_at", "last_activity_at"]].max().max()
        < simulated.as_of
    )
