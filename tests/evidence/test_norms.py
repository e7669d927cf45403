"""What winners normally look like."""

from __future__ import annotations

import pandas as pd
from ledger.planted import AS_OF, PROCESS, act, export, facts, lead, path

from leadaudit import evidence, ledger


def norms_of(leads, changes=(), acts=()):
    """Norms of these rows."""
    given = export(leads, changes, acts)
    book = ledger.write(given, PROCESS, AS_OF)
    return evidence.norms(given, book, evidence.gather(given, book, PROCESS, AS_OF), PROCESS, AS_OF)


def winners(count):
    """Won leads; the n-th had n mails of ours before it was won, three days apart, and every second one answered."""
    leads = [lead(f"L{i:02}", status="won", stage="Won") for i in range(count)]
    changes = [
        row for each in leads for row in path(("2024-01-01", "New"), ("2024-05-01", "Won"), lead_id=each["lead_id"])
    ]
    acts = [act(f"2024-02-{1 + 2 * k:02}", lead_id=f"L{i:02}") for i in range(count) for k in range(i)]
    acts += [act("2024-03-30", direction="inbound", lead_id=f"L{i:02}") for i in range(0, count, 2)]
    return leads, changes, acts


def test_busy_is_the_upper_quartile_of_winners():
    """Movement before each progress of won leads; too few say nothing."""
    found = norms_of(*winners(10))
    counts = pd.Series([i + (i % 2 == 0) for i in range(10)])
    assert (found.busy_limit_count, found.busy_basis_count) == (counts.quantile(0.75), 10)
    assert norms_of(*winners(9)).busy_limit_count is None


def test_silence_is_the_longest_gap_that_winners_had():
    """Nine of ten winners were never silent for longer; what came after the win does not count."""
    leads, changes, acts = winners(12)
    late = [act("2024-06-20", lead_id=row["lead_id"]) for row in leads]
    found = norms_of(leads, changes, acts)
    assert norms_of(leads, changes, acts + late).silence_limit_days == found.silence_limit_days
    assert found.silence_basis_count == 10
    assert 30 < found.silence_limit_days <= 58


def test_reaction_is_the_share_of_winners_that_were_heard():
    """Every second one answered."""
    found = norms_of(*winners(10))
    assert (found.reaction_share, found.reaction_basis_count) == (0.5, 10)


def test_unknown_direction_is_counted_among_contacts():
    """Notes have none and do not count."""
    acts = [
        act("2024-02-01"),
        act("2024-02-02", "call", "unknown"),
        act("2024-02-03", "note", "unknown"),
        act("2024-02-04", "email", None),
    ]
    found = norms_of([lead()], [], acts)
    assert (found.unknown_direction_share, found.unknown_direction_basis_count) == (2 / 3, 3)


def test_expected_close_dates_of_one_distance_are_a_system_default():
    """Six of ten open leads: 90 days after creation, to the day."""
    leads = [
        lead(
            f"L{i}",
            f"2024-01-{i + 1:02}",
            expected_close_at=str(pd.Timestamp(f"2024-01-{i + 1:02} 10:00") + pd.Timedelta(days=90 if i < 6 else i)),
        )
        for i in range(10)
    ]
    found = norms_of(leads)
    assert (found.default_distance_share, found.default_distance_basis_count) == (0.6, 10)
    assert norms_of(leads[:9]).default_distance_share is None


def test_without_anything_nothing_is_known():
    """Every number is None, every flag false."""
    found = norms_of([lead()])
    assert found == evidence.Norms(won_count=0)


def test_evidence_keeps_the_order_of_the_file():
    """Row by row as the leads came."""
    assert facts([lead("z"), lead("a"), lead("m")]).index.tolist() == ["z", "a", "m"]
