"""Findings on steering and on the trust in the audit, each on statuses and fields that are known."""

from __future__ import annotations

import json

import pytest
from findings.planting import CLOSED, END_DAY, OFFER, PROCESS, RULE, Plant, on

from leadaudit.findings import RULES, opening, worked_out
from leadaudit.findings.steering import IDEAS
from leadaudit.process import Process, Stage

HORIZON = Process(stages=(Stage(name="New", horizon_days=50, patience_days=20), OFFER, *CLOSED))


def test_four_answers_are_counted_per_lead() -> None:
    """Two leads with step, date and criterion field answer all four, eight answer only why they are here."""
    plant = Plant()
    full = plant.open(
        2,
        next_step="Decision by the board",
        next_step_at=on(END_DAY + 5),
        expected_close_at=on(END_DAY + 9),
        Budget="yes",
    )
    bare = plant.open(8)

    row = plant.finds("four_answers")

    assert (row["value"], row["grade"]) == ((2 * 4 + 8) / 10, "amber")
    assert row["leads"].split("|") == bare
    assert not set(full) & set(row["leads"].split("|"))


def test_answerable_is_what_the_data_tell() -> None:
    """With patience and horizon written down every open lead can be judged; without, none has an ending date."""
    plant = Plant()
    plant.open(4)

    told = json.loads(plant.finds("answerable", HORIZON)["table"])
    untold = json.loads(plant.finds("answerable", PROCESS)["table"])

    assert {entry["question"]: entry["share"] for entry in told}["stop"] == 1
    assert {entry["question"]: entry["share"] for entry in untold}["stop"] == 0


def test_decisions_are_due_where_patience_or_horizon_are_over() -> None:
    """Three leads beyond the horizon, two beyond patience, five fresh ones."""
    plant = Plant()
    plant.won()
    late = [*plant.open(3, age=80), *plant.open(2, age=30)]
    plant.open(5, age=5)

    row = plant.finds("decision_due", HORIZON)

    assert (row["value"], row["n"]) == (0.5, 10)
    assert set(row["leads"].split("|")) == set(late)


def test_closer_than_before_counts_progress_of_the_last_month() -> None:
    """Four of sixteen open leads moved on twenty days ago."""
    plant = Plant()
    for number in range(16):
        plant.lead(END_DAY - 100, *([(END_DAY - 20, "Offer")] if number < 4 else []))

    row = plant.finds("closer_than_before")

    assert (row["value"], row["n"]) == (0.25, 16)


@pytest.mark.parametrize(
    ("probability", "grade", "words"),
    [(0.5, "good", "do not differ provably"), (0.95, "amber", "instead of"), (0.05, "amber", "cautious")],
)
def test_the_crms_chances_are_compared_with_history(probability: float, grade: str, words: str) -> None:
    """Half of eighty decided leads were won; twelve fresh leads carry 50 %, 95 % or 5 %."""
    plant = Plant()
    for number in range(40):
        plant.lead(number, (number + 20, "Won"))
        plant.lead(number, (number + 20, "Lost"))
    plant.open(12, age=0.5, probability=probability, amount=1000.0, currency="EUR")

    row = plant.finds("realistic_chances")

    assert row["value"] == pytest.approx(probability - 0.5, abs=0.05)
    assert (row["grade"], words in row["sentence"]) == (grade, True)
    assert json.loads(row["table"])[0]["weighted_by_crm"] == pytest.approx(12_000 * probability)


@pytest.mark.parametrize(("same", "grade"), [(9, "amber"), (4, "good")])
def test_a_field_with_one_value_tells_nothing_apart(same: int, grade: str) -> None:
    """Nine or four of ten leads carry the priority "normal"."""
    plant = Plant()
    plant.open(same, Priority="normal")
    for level in range(10 - same):
        plant.open(1, Priority=f"level {level}")

    row = plant.finds("undifferentiated")

    assert (row["value"], row["grade"]) == (same / 10, grade)


def test_precondition_fields_are_counted_and_those_that_separate_are_named() -> None:
    """Won leads have a budget, ended ones have none; half of the open ones were asked."""
    plant = Plant()
    plant.won(30, Budget="yes")
    plant.won(6, Budget="no")
    plant.lost(30, Budget="no")
    plant.lost(6, Budget="yes")
    plant.open(10, Budget="yes")
    plant.open(10, Budget="no")
    plant.open(20)

    row = plant.finds("precondition_coverage")

    assert (row["value"], row["n"]) == (0.5, 40)
    assert "differ in: Budget" in row["sentence"]


def test_contradictions_in_the_data_are_counted() -> None:
    """Of ten leads two are closed before they were created and one has no creation date."""
    plant = Plant()
    plant.open(7)
    for _ in range(2):
        plant.lead(100, (120, "Won"))
        plant.leads[-1]["closed_at"] = on(50)
    plant.open(1)
    plant.leads[-1]["created_at"] = None

    row = plant.finds("data_state")

    counts = {entry["contradiction"]: entry["count"] for entry in json.loads(row["table"]) if "contradiction" in entry}
    assert counts["closed_before_created"] == 2
    assert counts["created_unknown"] in (0, 1)  # the history may still know when it began
    assert row["value"] == 1 - (2 + counts["created_unknown"]) / 10


@pytest.mark.parametrize(("statuses", "grade"), [(4, "good"), (9, "amber")])
def test_many_statuses_are_too_many(statuses: int, grade: str) -> None:
    """Four or nine statuses, evenly used: as many effective ones."""
    plant = Plant()
    for number in range(statuses * 4):
        plant.leads.append(
            {"lead_id": str(number), "stage": f"Step {number % statuses}", "status": "open", "created_at": on(300)}
        )

    row = plant.finds("status_inventory", None)

    assert (row["value"], row["grade"]) == (statuses, grade)
    assert f"are effectively about {statuses}." in row["sentence"]


def test_a_status_that_changes_nothing_is_named() -> None:
    """Half are won whether they saw an offer or not; the chance on entry is what it was."""
    plant = Plant()
    for number in range(300):
        offer = [(number / 3 + 5, "Offer")] if number % 4 < 2 else []
        plant.lead(number / 3, *offer, (number / 3 + 20, "Won" if number % 2 else "Lost"))

    row = plant.finds("status_without_effect")

    offer_row = next(entry for entry in json.loads(row["table"]) if entry["stage"] == "Offer")
    assert offer_row["effect"] == pytest.approx(0, abs=0.02)
    assert (row["value"], row["grade"]) == (
        float(offer_row["answer"] == "none"),
        "amber" if offer_row["answer"] == "none" else "neutral",
    )


def test_a_status_named_after_an_activity_is_named_even_without_history() -> None:
    """Its name alone says that it records what was done."""
    process = Process(stages=(Stage(name="New"), Stage(name="Offer sent"), *CLOSED))
    plant = Plant()
    plant.lead(10, (20, "Offer sent"))

    row = plant.finds("status_without_effect", process)

    assert (row["value"], "Offer sent" in row["sentence"]) == (1, True)


@pytest.mark.parametrize(("answered", "grade"), [(0, "amber"), (8, "neutral"), (16, "good")])
def test_status_changes_count_where_something_was_decided_around_them(answered: int, grade: str) -> None:
    """Of twenty moves to "Offer" none, eight or sixteen came within a day of an answer."""
    plant = Plant()
    for number in range(20):
        lead_id = plant.lead(200, (250, "Offer"))
        plant.act(lead_id, 210)
        if number < answered:
            plant.act(lead_id, 249.5, direction="inbound")

    row = plant.finds("status_changes_with_decision")

    assert (row["value"], row["n"], row["grade"]) == (answered / 20, 20, grade)


def test_the_findings_open_with_a_word_where_changes_decide_nothing() -> None:
    """Below a fifth, rates describe activity; above it nothing is said."""
    plant = Plant()
    for _ in range(20):
        plant.act(plant.lead(200, (250, "Offer")), 210)
    found = worked_out(plant.audit(), [RULE["status_changes_with_decision"], RULE["data_state"]], "en")

    assert "describe activity more than effect" in opening(found, "en")
    assert "Tätigkeit" in opening(found, "de")
    assert opening(found[found["finding"] != "status_changes_with_decision"], "en") == ""


def test_the_profile_counts_the_grades_of_each_idea_and_has_no_total() -> None:
    """Five bars, made of exactly the findings of the five chapters."""
    plant = Plant()
    plant.won()
    plant.open(4)
    found = worked_out(plant.audit(), [rule for rule in RULES if rule.chapter in IDEAS], "en")

    profile = found.set_index("finding").loc["steering_profile"]
    bars = {bar.pop("idea"): sum(bar.values()) for bar in json.loads(profile["table"])}
    ideas = found[found["chapter"].isin(IDEAS) & (found["finding"] != "steering_profile")]
    assert bars == ideas["chapter"].value_counts().to_dict()
    assert profile.isna()["value"]


def test_sensitivity_counts_borderline_leads() -> None:
    """A stay of 22 days is within the margin of a patience of 20 (up to 25), not of one of 15 (up to 18.75)."""
    plant = Plant()
    plant.won()
    near = plant.open(2, age=22)
    plant.open(6, age=2)

    row = plant.finds("sensitivity", HORIZON)

    assert row["value"] == 0.25
    assert row["leads"].split("|") == near


def test_concentration_merges_groups_of_fewer_than_five() -> None:
    """Overdue leads all come from fairs; a source with three leads is not shown by itself."""
    plant = Plant()
    plant.won()
    plant.open(6, age=80, source="Fair")
    plant.open(10, age=5, source="Web")
    plant.open(3, age=5, source="Aunt Mary")

    row = plant.finds("concentration", HORIZON)

    assert (row["value"], "Fair" in row["sentence"]) == (1, True)
    assert "Aunt Mary" not in row["table"]
