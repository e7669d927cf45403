"""What an audit shows of itself: pictures of state in a notebook, short lines in a terminal, an event log for others."""

from __future__ import annotations

import itertools
import re
import warnings
from collections import Counter
from html.parser import HTMLParser

import pandas as pd
import pytest
from report.hostile_leads import hostile_frames

import leadaudit
from leadaudit.errors import ConfigError, LeadAuditError
from leadaudit.ingest.export import Export
from leadaudit.language import sentence
from leadaudit.packaged import sample_paths
from leadaudit.privacy import pseudonymised
from leadaudit.report.event_log import EVENT_LOG


@pytest.fixture(scope="module")
def audit():
    return leadaudit.audit(leadaudit.read(*sample_paths()))


@pytest.fixture(scope="module")
def hostile():
    return leadaudit.audit(Export.of_frames(*hostile_frames(), language="de", timezone="UTC"))


def text_of(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", html)


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_audit_shows_counts_moment_and_evidence_in_its_language(audit, language):
    """Each verdict with its colour, the day up to which things are known, and the letters in words."""
    from dataclasses import replace

    html = replace(audit, language=language)._repr_html_()

    for verdict, count in audit.counts.items():
        if count and verdict != "ended":
            assert re.search(rf"{sentence(f'verdict.{verdict}', language)}</td>\s*<td[^>]*><b>{count}</b>", html)
    assert sentence("shown.letter.H", language) in html
    assert sentence("report.until", language, on=audit.as_of - pd.Timedelta(days=1)) in html


def test_what_is_missing_is_said(hostile):
    """An audit without next steps says what they would show."""
    bare = leadaudit.audit(
        pd.DataFrame({"lead_id": ["a", "b"], "status": ["open", "won"], "created_at": ["2024-01-01", "2024-02-01"]})
    )

    assert sentence("evidence.H.absent", "en") in bare._repr_html_()
    assert "evidence none" in repr(bare)
    assert len(repr(hostile)) < 250


def test_a_card_is_text_in_a_terminal_and_a_picture_in_a_notebook(audit):
    """The same answers in both; the picture has the timeline with a mark for every event of the ledger."""
    lead_id = audit.leads.loc[audit.leads["verdict"] == "overdue", "lead_id"].iloc[0]
    card = audit.explain(lead_id)
    html = card._repr_html_()

    assert str(card) == repr(card)
    assert str(card).startswith(f"{lead_id}: {sentence('verdict.overdue', 'de')}")
    assert card.answers["proof"] in str(card)
    assert card.answers["proof"] in text_of(html)
    drawn = audit.ledger(lead_id)["sort"].isin(["movement", "response", "progress", "setback"]).sum()
    assert html.count("</title>") == drawn


def test_every_kind_of_lead_has_its_card(audit):
    """Ended, paused, open: none without a card."""
    for verdict, leads in audit.leads.groupby("verdict"):
        card = audit.explain(leads["lead_id"].iloc[-1])
        assert sentence(f"verdict.{verdict}", "de") in text_of(card._repr_html_())
        assert "<svg" in card._repr_html_()


def test_the_card_of_an_unknown_lead_names_the_nearest(audit):
    """A slip in an id is one sentence."""
    with pytest.raises(LeadAuditError, match="Did you mean"):
        audit.explain("L-1000")


def test_a_finding_shows_itself(audit):
    """Its sentence, grade and recommendation; one line in a terminal."""
    row = audit.findings[audit.findings["grade"].isin(["red", "amber"])].iloc[0]
    finding = audit.finding(row["finding"])

    assert row["sentence"] in str(finding)
    assert row["sentence"] in finding._repr_html_().replace("&#39;", "'").replace("&#34;", '"')
    assert repr(finding).startswith(f"<Finding {row['finding']}: {row['grade']}")
    assert "\n" not in repr(finding)
    with pytest.raises(LeadAuditError, match="Did you mean overdue_share"):
        audit.finding("overdue_shar")


def test_hostile_texts_stay_texts(hostile):
    """Whatever stands in a name, a stage or a header, no tag of it survives, and nothing is loaded."""
    shown = [hostile._repr_html_(), hostile.export._repr_html_()]
    shown += [hostile.explain(lead_id)._repr_html_() for lead_id in hostile.leads["lead_id"].head(12)]
    shown += [hostile.finding(name)._repr_html_() for name in hostile.findings["finding"]]

    for html in shown:
        read = Tags()
        read.feed(html)
        assert read.tags <= set(
            "div p b i span table tbody tr td th ul li dl dt dd svg line text rect circle path title".split()
        )
        assert read.attributes <= set("style class title role d x y x1 x2 y1 y2 cx cy r fill width height viewbox".split()) | {
            "aria-label", "text-anchor", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "fill-opacity",
        }  # fmt: skip


class Tags(HTMLParser):
    """Names of all tags and attributes, as a browser reads them."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def transitions(audit) -> Counter:
    """From stage to stage, counted in the changes that the CRM gave; the sample has one pipeline and a full history."""
    changes = audit.export.changes()
    moves = changes[changes["field"] == "stage"].sort_values(["lead_id", "at", "seq"], kind="stable")
    found: Counter = Counter()
    for _, own in moves.groupby("lead_id"):
        found.update(itertools.pairwise(own["after"]))
    return found


def test_pm4py_finds_the_transitions_that_the_ledger_has(audit):
    """A directly-follows graph of the event log has an edge for each pair of stages, as often as leads went along it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pm4py and what it imports warn of their own deprecations
        import pm4py

        log = audit.to_event_log()
        read = pm4py.format_dataframe(log.copy(), "case:concept:name", "concept:name", "time:timestamp")
        edges, starts, _ = pm4py.discover_dfg(read)

    assert len(read) == len(log)
    assert transitions(audit) == Counter({edge: int(count) for edge, count in edges.items()})
    assert sum(starts.values()) == len(audit.leads)


def test_the_event_log_has_every_event_of_the_ledger(audit):
    """With activities as well: as many rows per lead as its ledger has, in the same order."""
    log = audit.to_event_log("all")

    assert list(log.columns) == list(EVENT_LOG)
    for lead_id in audit.leads["lead_id"].iloc[:12:3]:
        ledger = audit.ledger(lead_id)
        own = log[log["case:concept:name"] == lead_id]
        assert own["time:timestamp"].tolist() == ledger["at"].tolist()
        assert own["leadaudit:sort"].tolist() == ledger["sort"].tolist()
    with pytest.raises(ConfigError, match="stages, all"):
        audit.to_event_log("activities")


def test_the_event_log_carries_no_owner_no_text_and_pseudonyms_where_asked(audit, tmp_path):
    """Privacy holds for what goes to other tools."""
    leads, activities = audit.export.leads(), audit.export.activities()
    private = set(leads["owner"].dropna()) | set(leads["name"].dropna()) | set(activities["subject"].dropna())
    cells = set(audit.to_event_log("all").select_dtypes("str").to_numpy().ravel())
    hidden = leadaudit.audit(pseudonymised(audit.export, tmp_path / "leadaudit.key"), privacy="full")

    assert not private & cells
    assert not set(leads["lead_id"]) & set(hidden.to_event_log()["case:concept:name"])
