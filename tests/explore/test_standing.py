"""The open leads as they are shown, the filters, and the dots on the board."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.hostile_leads import hostile_frames

import leadaudit
from leadaudit.explore.board import board, dots, panels
from leadaudit.explore.cards import card_html
from leadaudit.explore.life import silences
from leadaudit.explore.rows import caption, rows
from leadaudit.explore.standing import OTHERS, Filters, choices, chosen, pseudonyms, standing
from leadaudit.ingest.export import Export

LEADS = pd.DataFrame(
    {
        "verdict": ["overdue", "stalled", "overdue", "progressing"],
        "place": ["New", "Offer", "Offer", "New"],
        "owner": ["Person 1", "Person 2", OTHERS, None],
        "source": ["Web", None, "Web", "Fair"],
        "amount": [100.0, None, 300.0, 50.0],
        "age_days": [10.0, 20.0, None, 40.0],
    }
)


def test_every_open_lead_is_there_once_and_no_owner_is_named(audit):
    """Owners are pseudonyms, whatever else is shown."""
    shown = standing(audit)

    assert sorted(shown["lead_id"]) == sorted(audit.open_leads["lead_id"])
    names = set(audit.export.leads()["owner"].dropna())
    assert names
    assert not names & set(shown.drop(columns=["label", "source"]).astype("str").to_numpy().ravel())


def test_pseudonyms_of_a_key_are_the_projects_and_stay(tmp_path):
    """With the project's key they are those of every audit with it; without, persons are numbered as they occur."""
    owners = pd.Series(["Eva", "Jo", None, "Eva"])

    with_key = pseudonyms(owners, "de", tmp_path / "leadaudit.key")

    assert with_key == pseudonyms(owners[::-1], "en", tmp_path / "leadaudit.key")
    assert all(name.startswith("P-") for name in with_key.values())
    assert pseudonyms(owners, "de") == {"Eva": "Person 1", "Jo": "Person 2"}
    assert pseudonyms(owners, "de", already=True) == {"Eva": "Eva", "Jo": "Jo"}


def test_owners_and_sources_of_few_leads_are_taken_together():
    """Nobody is found by being alone in a group."""
    leads = pd.DataFrame(
        {
            "lead_id": [f"L{n}" for n in range(12)],
            "status": "open",
            "created_at": pd.date_range("2026-01-01", periods=12),
            "owner": ["Eva"] * 8 + ["Jo"] * 4,
            "source": ["Web"] * 5 + ["Fair"] * 5 + [None] * 2,
        }
    )
    shown = standing(leadaudit.audit(Export.of_frames(leads, language="en", timezone="UTC")))

    assert {"Person 1": 8, OTHERS: 4} == shown["owner"].value_counts().to_dict()
    assert {"Web": 5, "Fair": 5} == shown["source"].value_counts().to_dict()
    assert [("Person 1 (8)", "Person 1")] == choices(shown, "owner", "en")
    assert {"Person 1", "others"} == set(rows(shown, "en")["Owner"])


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(), [0, 1, 2, 3]),
        (Filters(verdicts=frozenset({"overdue"})), [0, 2]),
        (Filters(places=frozenset({"Offer"}), verdicts=frozenset({"overdue", "stalled"})), [1, 2]),
        (Filters(owners=frozenset({OTHERS})), [2]),
        (Filters(sources=frozenset({"Web", "Fair"})), [0, 2, 3]),
        (Filters(amount_low=100), [0, 2]),
        (Filters(amount_high=100), [0, 3]),
        (Filters(age_low=20, age_high=40), [1, 3]),
    ],
)
def test_a_lead_is_shown_that_passes_all_filters(filters, kept):
    """Within a list any value will do, between lists all must; a lead without a value fails a limit on it."""
    assert kept == chosen(LEADS, filters).index.tolist()


@given(
    verdicts=st.frozensets(st.sampled_from(["overdue", "stalled", "progressing"])),
    more=st.frozensets(st.sampled_from(["overdue", "stalled", "progressing"]), min_size=1),
    low=st.none() | st.floats(0, 400),
)
def test_a_narrower_filter_never_shows_more(verdicts, more, low):
    """Adding a limit, or taking a value out of a list, only ever takes leads away."""
    wide = chosen(LEADS, Filters(verdicts=verdicts | more))
    narrow = chosen(LEADS, Filters(verdicts=more, amount_low=low))

    assert set(narrow.index) <= set(wide.index)


def test_each_lead_stands_on_the_curve_of_its_stage(audit):
    """Length of stay to the right, its chance upwards, in the colour and shape of its verdict."""
    leads = standing(audit)
    shown = panels(audit, leads)
    found = dots(leads, shown, "de").merge(leads, on=["lead_id", "place"])
    ends = {panel.place: panel.last for panel in shown}

    assert len(found) == len(leads)
    assert (found["days"] == found["stay_days"].clip(upper=found["place"].map(ends))).all()
    assert (found["chance_x"] == found["chance_y"].fillna(0)).all()
    assert found.groupby("verdict")[["colour", "symbol"]].nunique().eq(1).all(axis=None)
    for panel in shown:
        here = found[(found["place"] == panel.place) & (found["stay_days"] < panel.curve["day"].max())]
        near = panel.curve.set_index("day")["chance"]
        assert (here["chance_x"].between(near.min() - 1e-9, near.max() + 1e-9)).all()


def test_too_many_dots_are_thinned_evenly_and_always_the_same_ones(audit):
    """Every stage keeps its part of them."""
    leads = standing(audit)
    shown = panels(audit, leads)

    few = dots(leads, shown, "de", most=40)

    assert len(few) == 40
    pd.testing.assert_frame_equal(few, dots(leads.sample(frac=1, random_state=1), shown, "de", most=40).loc[few.index])
    share = leads["place"].value_counts(normalize=True)
    assert (few["place"].value_counts(normalize=True) - share).abs().max() < 0.04


def test_the_board_has_a_curve_dots_and_a_ring_for_each_stage(audit):
    """Nothing but verdicts is in the legend."""
    shown = panels(audit, standing(audit))
    figure = board(audit, shown)

    layers = [(trace.meta[0], trace.meta[1]) for trace in figure.data if trace.meta]
    assert sorted(layers) == sorted((layer, panel.axes) for panel in shown for layer in ("dots", "ring"))
    assert [trace.name for trace in figure.data if trace.showlegend] == [
        "auf gutem Weg",
        "stockt",
        "Ende steht an",
        "pausiert",
    ]


def test_hostile_names_stay_text():
    """A lead's name never becomes markup: not on the card, a dot, in the caption or in a stage's title."""
    audit = leadaudit.audit(Export.of_frames(*hostile_frames(), language="de", timezone="UTC"))
    leads = standing(audit)
    shown = panels(audit, leads)
    written = [card_html(audit, lead_id) for lead_id in leads["lead_id"]]
    written += dots(leads, shown, "de")["said"].tolist()
    written += [one.text for one in board(audit, shown).layout.annotations] + [caption(3, "de")]

    assert any("&lt;" in text for text in written)
    for text in written:
        bare = text.replace("<br>", "").lower()
        assert "<script" not in bare
        assert "<img" not in bare


def test_silences_are_what_lies_between_two_events(audit):
    """They never overlap, are a week or longer, and the last one of an open lead ends now."""
    for lead_id in audit.open_leads["lead_id"].head(8):
        found = silences(audit, lead_id)
        assert (found["days"] >= 7).all()
        assert (found["begin_at"].iloc[1:].to_numpy() >= found["end_at"].iloc[:-1].to_numpy()).all()
        assert (found["end_at"] <= audit.as_of).all()
