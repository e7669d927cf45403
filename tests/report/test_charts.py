"""Each picture shows the audit's own numbers, and nothing where the export cannot tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadaudit import report
from leadaudit.audit import Audit
from leadaudit.errors import LeadAuditError
from leadaudit.language import sentence
from leadaudit.report.blocks import Block


def bars(figure: Any, key: str = "x") -> dict[str, list[float]]:
    """Numbers of a bar chart by the name of the series."""
    return {trace.name: [float(one) for one in getattr(trace, key)] for trace in figure.data if trace.type == "bar"}


def test_verdicts_by_stage_add_up_to_the_verdicts(sample: Audit) -> None:
    """Every open lead stands in one bar."""
    drawn = bars(report.verdicts(sample))

    assert {name: sum(counts) for name, counts in drawn.items()} == {
        sentence(f"verdict.{verdict}", sample.language): sample.counts[verdict]
        for verdict in ("progressing", "stalled", "overdue", "paused", "undetermined")
        if sample.counts[verdict]
    }


def test_the_load_ends_with_what_is_open_and_what_would_remain(sample: Audit) -> None:
    """The last point is today's load; the diamond is what remains after the proposed endings."""
    figure = report.open_over_time(sample)
    course, step = figure.data
    leads = sample.export.leads()
    open_now = (~leads["status"].isin(["won", "lost"])).sum()

    assert course.y[-1] == open_now == len(sample.open_leads)
    assert list(step.y) == [open_now, open_now - sample.counts["overdue"]]


def test_leads_that_ended_on_an_unknown_day_are_not_in_the_course(bare: Audit) -> None:
    """Without closing dates only the open leads can be followed: four, one more every third week."""
    course = report.open_over_time(bare).data[0]

    assert course.y[-1] == 4
    assert list(course.y) == sorted(course.y)


def test_passages_count_every_stay_once(sample: Audit) -> None:
    """Moved on, won, ended and still there are all stays of a stage."""
    drawn = bars(report.passages(sample), "customdata")
    stays = sample.stays[sample.stays["end"] != "censored"]
    by_stage = stays["stage"].value_counts()

    totals = np.sum(list(drawn.values()), axis=0)
    assert sorted(totals) == sorted(by_stage)


def test_a_curve_is_that_of_its_stage_with_its_leads_on_it(sample: Audit) -> None:
    """Chance by landmark as learned, lines at patience and horizon, a dot for every open lead."""
    for figure in report.curves(sample).figures:
        learned = sample.curves[sample.curves["stage"] == figure.layout.meta["title"]].sort_values("day")
        line = next(trace for trace in figure.data if trace.mode == "lines" and trace.name)
        dots = sum(len(trace.x) for trace in figure.data if trace.mode == "markers")
        standing = (sample.open_leads["stay_stage"] == figure.layout.meta["title"]) & sample.open_leads[
            "stay_days"
        ].notna()

        assert list(line.x) == list(learned["day"][: len(line.x)])
        assert list(line.y) == list(learned["chance"][: len(line.x)])
        assert dots == min(standing.sum(), 150)


def test_every_lead_stands_on_the_line_of_its_stage(sample: Audit) -> None:
    """A dot has the chance that the list names, and lies on the line, dotted where few leads were left."""
    chances = sample.leads.set_index("lead_id")["chance"].astype(float)
    for figure in report.curves(sample).figures:
        lines = [trace for trace in figure.data if trace.mode == "lines" and trace.fill != "toself"]
        days, line = np.concatenate([one.x for one in lines]), np.concatenate([one.y for one in lines])
        for trace in (one for one in figure.data if one.mode == "markers"):
            assert list(trace.y) == list(chances[trace.text])
            inside = np.asarray(trace.x) < days.max()
            assert np.interp(trace.x, days, line)[inside] == pytest.approx(np.asarray(trace.y)[inside])


def _with_stage(audit: Audit, **values: Any) -> Audit:
    """The audit with other values in the row of its first stage."""
    learned = audit.judgement.learned
    stages = learned.stages.copy()
    for name, value in values.items():
        stages.loc[stages.index[0], name] = value
    return replace(audit, judgement=replace(audit.judgement, learned=replace(learned, stages=stages)))


def test_the_clients_own_ending_rule_is_named(sample: Audit) -> None:
    """Where the client ends by a rule of its own, the curve says so, and what became of those kept longer."""
    ruled = _with_stage(sample, ending_rule_days=30.0, kept_won_share=0.22)
    caption = report.curves(ruled).figures[0].layout.meta["caption"]

    assert sentence("chart.curves.said_rule", "de", d=30.0, p=0.22) in caption


def test_a_stage_with_hardly_a_past_has_no_curve(sample: Audit) -> None:
    """One or two landmarks are no curve."""
    learned = sample.judgement.learned
    short = learned.curves[learned.curves["day"] == 0]
    audit = replace(sample, judgement=replace(sample.judgement, learned=replace(learned, curves=short)))

    assert list(report.curves(audit).figures) == []


def test_the_chance_by_streak_is_the_learned_one(sample: Audit) -> None:
    """Chance above, today's open leads below, every one of them in a bar."""
    figure = report.streaks(sample)
    curve = sample.judgement.learned.streak_curve
    line = next(trace for trace in figure.data if trace.mode == "lines+markers")
    bar = next(trace for trace in figure.data if trace.type == "bar")

    assert list(line.y) == list(curve["chance"][: len(line.y)])
    assert sum(bar.y) == sample.open_leads["unanswered_count"].notna().sum()


def test_movement_and_responses_are_all_that_was_done(sample: Audit) -> None:
    """Within the months shown every done activity is counted once, and so is everything settled."""
    drawn = bars(report.movement(sample), "y")
    figure = report.movement(sample)
    first = pd.Timestamp(figure.data[0].x[0])
    acts = sample.judgement.history.acts.at_us.astype("datetime64[us]")
    settled = sample.judgement.history.milestones()
    settled = settled[settled["what"].isin(["progress", "won", "ended"]) & (settled["at"] >= first)]

    done = sum(drawn[sentence("chart.movement.movement", "de")]) + sum(drawn[sentence("chart.movement.response", "de")])
    assert done == (acts >= first).sum()
    assert sum(drawn[sentence("chart.movement.settled", "de")]) == len(settled)


def test_what_followed_a_conversation_is_one_thing(sample: Audit) -> None:
    """The shares of each bar add up to one."""
    drawn = bars(report.conversations(sample))

    assert np.allclose(np.sum(list(drawn.values()), axis=0), 1)


def test_a_time_line_shows_the_leads_own_events(sample: Audit) -> None:
    """As many marks of progress as the ledger has, in the lead's own lanes; open or ended."""
    for lead_id in sample.leads["lead_id"].iloc[[0, 50, 200]]:
        figure = report.timeline(sample, lead_id)
        marked = {trace.marker.symbol: len(trace.x) for trace in figure.data}
        ledger = sample.ledger(lead_id)

        assert marked["diamond"] == (ledger["sort"] == "progress").sum()
        assert marked["circle"] == (ledger["sort"] == "movement").sum()
        assert figure.layout.xaxis.type == "date"


def test_a_time_line_of_no_lead_is_refused(sample: Audit) -> None:
    """With the nearest id."""
    with pytest.raises(LeadAuditError):
        report.timeline(sample, "no such lead")


def test_the_profile_counts_every_finding_of_the_five_ideas(sample: Audit) -> None:
    """Five bars, no total."""
    drawn = bars(report.profile(sample))
    ideas = sample.findings[sample.findings["chapter"] != "trust"]

    assert sum(sum(counts) for counts in drawn.values()) == len(ideas)


@pytest.mark.parametrize("picture", ["movement", "streaks", "conversations"])
def test_without_activities_there_is_no_picture_of_them(bare: Audit, picture: str) -> None:
    """What an export cannot show is not drawn as nothing."""
    shown = getattr(report, picture)(bare)

    assert isinstance(shown, Block)
    assert shown.html == ""


def test_the_clients_words_are_no_markup_in_pictures(hostile: Audit) -> None:
    """Names of stages and leads are text; plotly's few tags are not taken from them."""
    for figure in [report.verdicts(hostile), *report.first_lives(hostile).figures]:
        assert "<script>" not in figure.layout.meta["table"]
