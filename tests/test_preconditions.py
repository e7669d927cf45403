"""Preconditions found among the fields: what separates is found, what the ending writes is not, and chance is not either."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from leadaudit import simulate
from leadaudit.ingest import Export
from leadaudit.preconditions import separation, separation_of

CLOSED, RUNNING = 400, 120


def leads_of(seed: int = 1, **fields) -> pd.DataFrame:
    """400 closed leads (half won) and 120 open ones; each field is a function of (outcome, rng)."""
    rng = np.random.default_rng(seed)
    status = np.array(["won", "lost"] * (CLOSED // 2) + ["open"] * RUNNING)
    fit = np.where(status == "open", rng.random(len(status)) < 0.5, status == "won")
    frame = pd.DataFrame(
        {
            "lead_id": [f"L{n}" for n in range(len(status))],
            "status": status,
            "owner": rng.choice(["Ada", "Ben", "Cem"], len(status)),
        }
    )
    return frame.assign(**{name: make(status, fit, rng) for name, make in fields.items()})


def telling(status, fit, rng):
    return np.where(rng.random(len(fit)) < np.where(fit, 0.8, 0.3), "Ja", "Nein")


def noise(status, fit, rng):
    return rng.choice(["Ja", "Nein"], len(fit))


def answers(leads: pd.DataFrame, *names: str, **more) -> dict[str, str]:
    found = separation_of(leads, names, **more)
    return dict(zip(found.fields["column"], found.fields["answer"], strict=True))


def test_a_field_that_separates_is_found_and_one_that_does_not_is_not() -> None:
    """With the good and the bad value, their counts and the interval of the difference."""
    leads = leads_of(Budget=telling, Farbe=noise)
    found = separation_of(leads, ["Budget", "Farbe"])
    good = found.values[(found.values["column"] == "Budget") & (found.values["value"] == "Ja")].iloc[0]

    assert found.separating == ("Budget",)
    assert good["judged"] == "good"
    assert 0 < good["low"] < good["difference"] < good["high"]
    closed = leads[leads["status"].isin(["won", "lost"])]
    assert good["count"] == (closed["Budget"] == "Ja").sum()
    assert good["won_count"] == ((closed["Budget"] == "Ja") & (closed["status"] == "won")).sum()
    assert good["count"] + good["other_count"] == CLOSED


def test_of_many_fields_without_meaning_hardly_ever_one_is_proposed() -> None:
    """20 fields of noise, 12 times: the correction keeps the family-wise error near 5 %."""
    wrong = 0
    for seed in range(12):
        leads = leads_of(seed, **{f"Feld {n}": noise for n in range(20)})
        wrong += bool(separation_of(leads, [f"Feld {n}" for n in range(20)]).separating)

    assert wrong <= 3


@pytest.mark.parametrize(
    ("make", "answer"),
    [
        (
            lambda status, fit, rng: np.where(status == "lost", rng.choice(["Preis", "Zeit"], len(fit)), None),
            "open_empty",
        ),
        (lambda status, fit, rng: np.where(status == "won", "Ja", None), "open_empty"),
        (
            lambda status, fit, rng: np.where(
                status == "won", "gebucht", np.where(status == "lost", "abgelegt", "aktiv")
            ),
            "set_by_ending",
        ),
        (
            lambda status, fit, rng: np.where(
                (status == "won") & (rng.random(len(fit)) < 0.8), "fertig", rng.choice(["neu", "alt"], len(fit))
            ),
            "same",
        ),
        (lambda status, fit, rng: np.where(fit, "Ada", "Ben"), "persons"),
        (lambda status, fit, rng: [f"Text {n}" for n in range(len(fit))], "free_text"),
        (
            lambda status, fit, rng: np.where(
                (status == "won") & (rng.random(len(fit)) < 0.9), rng.integers(5, 99, len(fit)), 0
            ).astype(str),
            "few",
        ),
        (lambda status, fit, rng: np.where(fit, "2026-01", rng.choice(["2025-11", "2025-12"], len(fit))), "free_text"),
        (
            lambda status, fit, rng: np.where(
                (status == "won") & (rng.random(len(fit)) < 0.1), "Erfolg", rng.choice(["neu", "alt"], len(fit))
            ),
            "same",
        ),
    ],
    ids=[
        "reason",
        "invoice",
        "mirror",
        "one value of an ending",
        "persons",
        "free text",
        "revenue",
        "months",
        "a rare value of winners",
    ],
)
def test_what_the_ending_writes_or_persons_is_not_proposed(make, answer: str) -> None:
    """Each of them would separate without fault and say nothing about an open lead."""
    assert answers(leads_of(Feld=make), "Feld") == {"Feld": answer}


def test_numbers_of_records_are_not_compared() -> None:
    """An id grows with time, and so separates old leads from new ones."""
    make = lambda status, fit, rng: np.where(fit, 1_000_020, 1_000_000) + rng.integers(0, 60, len(fit))  # noqa: E731
    leads = leads_of(CONTACTID=lambda *given: make(*given).astype(str))

    assert answers(leads, "CONTACTID") == {"CONTACTID": "free_text"}
    assert answers(leads.rename(columns={"CONTACTID": "Size"}), "Size") == {"Size": "separates"}


def test_a_field_whose_history_shows_that_the_ending_set_it_is_left_out() -> None:
    """Open leads have it as well, but the closed ones got it on their last day."""
    leads = leads_of(Budget=telling)
    closed = leads["status"] != "open"
    leads["closed_at"] = pd.Series(pd.Timestamp("2026-03-01 12:00"), index=leads.index).where(closed)
    at_once = pd.DataFrame(
        {
            "lead_id": leads["lead_id"],
            "at": pd.Timestamp("2026-03-01 11:00"),
            "field": "Budget",
            "after": leads["Budget"],
        }
    )

    assert answers(leads, "Budget", changes=at_once) == {"Budget": "set_by_ending"}
    assert answers(leads, "Budget", changes=at_once.assign(at=pd.Timestamp("2026-01-05"))) == {"Budget": "separates"}


def test_numbers_are_compared_at_their_quartiles_if_they_read_one_way() -> None:
    """A point may divide thousands or decimals ("1.200"): such a column is left alone."""
    leads = leads_of(
        Mitarbeiter=lambda status, fit, rng: np.where(
            fit, rng.integers(40, 90, len(fit)), rng.integers(5, 60, len(fit))
        ).astype(str)
    )
    found = separation_of(leads, ["Mitarbeiter"])

    assert found.separating == ("Mitarbeiter",)
    assert set(found.values["judged"]) == {"good"}
    assert answers(leads.assign(Mitarbeiter=leads["Mitarbeiter"] + ".000"), "Mitarbeiter") != {
        "Mitarbeiter": "separates"
    }


def test_a_value_is_called_an_ending_sign_only_if_practically_none_was_won() -> None:
    """Less often won is a difference; it is no ending while a fifth was won all the same."""
    leads = leads_of(
        Bedarf=lambda status, fit, rng: np.where(status == "won", "ja", rng.choice(["ja", "nein"], len(fit))),
        Budget=telling,
    )
    found = separation_of(leads, ["Bedarf", "Budget"]).values.set_index(["column", "value"])

    assert found.loc[("Bedarf", "nein"), "practically_lost"]
    assert found.loc[("Budget", "Nein"), "judged"] == "bad"
    assert not found.loc[("Budget", "Nein"), "practically_lost"]


def test_wrong_entries_do_not_count() -> None:
    """Leads ended as duplicates say nothing about what winners need."""
    leads = leads_of(Budget=telling).assign(stage="A", created_at=pd.Timestamp("2026-01-01"))
    export = Export.of_frames(leads)
    few = leads.loc[leads["status"] == "lost", "lead_id"].head(100)

    whole, part = separation(export), separation(export, wrong_entries=set(few))

    assert part.fields["closed_count"].item() == whole.fields["closed_count"].item() - 100


def test_without_closed_leads_nothing_is_said() -> None:
    """No ending, no comparison."""
    leads = leads_of(Budget=telling).query("status == 'open'")

    assert answers(leads, "Budget") == {"Budget": "few"}
    assert separation_of(leads, []).values.empty


@pytest.mark.parametrize("language", ["de", "en"])
def test_planted_preconditions_are_found_with_their_good_and_bad_values(language: str) -> None:
    """The simulator writes down the lead's fit: every one of its four fields separates, in the right direction."""
    simulated = simulate.leads(3000, 24, 3, language=language)
    found = separation(Export.of_frames(simulated.leads, simulated.activities, simulated.changes, language=language))
    planted = simulate.words.PRECONDITIONS[language]
    judged = found.values.set_index(["column", "value"])["judged"]

    assert set(found.separating) == set(planted)
    assert {column: judged[column, values[0]] for column, values in planted.items()} == dict.fromkeys(planted, "good")
    assert {column: judged[column, values[-1]] for column, values in planted.items()} == dict.fromkeys(planted, "bad")
