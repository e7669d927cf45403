"""The five ideas by segment, and leads like one."""

from __future__ import annotations

import pytest

from leadaudit.errors import LeadAuditError
from leadaudit.explore.alike import alike, became
from leadaudit.explore.segmenting import IDEAS, segmented
from leadaudit.explore.segments import segments_html, segments_picture
from leadaudit.explore.standing import OTHERS
from leadaudit.findings import RULES
from leadaudit.findings.view import View


@pytest.fixture(scope="module")
def by_source(audit):
    """The sample by source."""
    return segmented(audit, "source")


def test_the_groups_together_are_the_findings(audit, by_source):
    """Each idea's cases, added over all groups, are those of its finding: nothing is lost and nothing counted twice."""
    sums = by_source.groupby("idea")[["count", "of"]].sum()
    found = {rule.finding: rule.work_out(View(audit)) for rule in RULES if rule.finding in
             ("next_step_valid", "overdue_share", "maybe_share", "unanswered_streak")}  # fmt: skip
    for idea, finding in zip(IDEAS, found, strict=False):
        assert sums.loc[idea, "of"] == found[finding].n, idea
        assert sums.loc[idea, "count"] / sums.loc[idea, "of"] == pytest.approx(found[finding].value), idea
    assert by_source.drop_duplicates("group")["leads_count"].sum() == len(audit.open_leads)


def test_every_share_lies_within_its_interval(by_source):
    """Five ideas for each group, each between 0 and 1."""
    assert (by_source.groupby("group")["idea"].apply(tuple) == IDEAS).all()
    assert (by_source["low"] <= by_source["share"]).all()
    assert (by_source["share"] <= by_source["high"]).all()
    assert by_source[["low", "high"]].stack().between(0, 1).all()


@pytest.mark.parametrize("by", ["Budget geklärt", "amount", "created_at", "stage", "verdict", "Quelle"])
def test_any_column_divides_the_leads_and_no_group_is_small(audit, by):
    """Own columns of the export, numbers and dates in quarters, a header as the export writes it."""
    found = segmented(audit, by)

    groups = found.drop_duplicates("group")
    assert groups["leads_count"].between(5, len(audit.open_leads)).all()
    assert len(groups) <= 13
    assert found["group"].iloc[0] != OTHERS


def test_an_unknown_column_is_named_with_the_nearest(audit):
    """One sentence, with what there is."""
    with pytest.raises(LeadAuditError, match=r"no column sorce.*Did you mean source\?"):
        segmented(audit, "sorce")


@pytest.mark.parametrize("by", ["owner", "Besitzer"])
def test_persons_are_not_compared(audit, by):
    """Neither under our name nor under the export's."""
    names = {role: header for source in audit.export.sources for role, header in source.roles.items()}
    with pytest.raises(LeadAuditError, match="names persons"):
        segmented(audit, by if by == "owner" else names["owner"])


def test_picture_and_table_show_every_group(by_source):
    """A panel per idea, a row per group."""
    figure, shown = segments_picture(by_source, "de"), segments_html(by_source, "de")

    assert len(figure.data) == len(IDEAS)
    for group in by_source["group"].unique():
        assert group in shown
        assert group in figure.layout.yaxis.ticktext


def test_leads_like_one_stood_there_at_least_as_long(audit):
    """Never the lead itself, each once, from the same stage."""
    seen = 0
    for lead in audit.open_leads.head(30).to_dict("records"):
        others = alike(audit, lead["lead_id"])
        seen += len(others)
        assert lead["lead_id"] not in set(others["lead_id"])
        assert others["lead_id"].is_unique
        assert (others["stay_days"] >= lead["stay_days"]).all()
        assert sum(became(others).values()) == len(others)
    assert seen > 100


def test_an_unknown_lead_is_named_with_the_nearest(audit):
    """One sentence."""
    with pytest.raises(LeadAuditError, match="no lead L-1O621"):
        alike(audit, "L-1O621")
