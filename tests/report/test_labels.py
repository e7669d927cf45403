"""What a lead is called in a report."""

from __future__ import annotations

import pytest

from leadaudit.report.lists import lead_label


@pytest.mark.parametrize(
    ("lead", "label"),
    [
        ({"lead_id": "D-17", "name": "Umbau", "company": "Berg AG"}, "D-17 · Umbau"),
        ({"lead_id": "D-17", "name": None, "company": "Berg AG"}, "D-17 · Berg AG"),
        ({"lead_id": "D-17", "name": None, "company": None}, "D-17"),
        ({"lead_id": "x-86818f8666", "name": "Umbau", "company": "Berg AG"}, "Umbau · Berg AG"),
        ({"lead_id": "x-86818f8666-2", "name": None, "company": "Berg AG"}, "Berg AG"),
        ({"lead_id": "x-86818f8666", "name": "Berg AG: Umbau", "company": "Berg AG"}, "Berg AG: Umbau"),
        ({"lead_id": "x-86818f8666", "name": None, "company": None}, "x-86818f8666"),
    ],
)
def test_an_id_that_was_made_here_is_not_shown(lead: dict[str, str | None], label: str):
    """Nobody at the client's knows it; the name and the company are known."""
    assert lead_label(lead) == label
