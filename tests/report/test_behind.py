"""What stands behind a finding: its table in words, and the leads that it speaks of."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

import leadaudit
from leadaudit import report, simulate
from leadaudit.audit import Audit
from leadaudit.findings.finding import CHAPTERS
from leadaudit.ingest import Export
from leadaudit.language import LANGUAGES, has
from leadaudit.report import behind
from leadaudit.report.lists import labels


def test_a_quarter_shows_all_that_became_of_its_leads(sample: Audit) -> None:
    """Principle E12 asks for the quarters of creation, not only for their sum."""
    html = unescape(report.findings(sample, "endings").html)
    row = sample.findings[sample.findings["finding"] == "cohort_outcomes"].iloc[0]
    part = html[html.index('id="cohort-outcomes"') :]
    lines = re.findall(r"<tr><td>(Q\d \d{4})</td>(.*?)</tr>", part[: part.index("</table>")], re.DOTALL)

    expected = json.loads(row["table"])
    assert [line[0] for line in lines] == [f"Q{one['quarter'][-1]} {one['quarter'][:4]}" for one in expected]
    assert [re.findall(r">(\d+)<", line[1])[0] for line in lines] == [str(one["won"]) for one in expected]


def test_months_follow_the_stages_of_the_process(sample: Audit) -> None:
    """New leads first, then the stages in their order, wins and endings last; the sums are those of the finding."""
    row = sample.findings[sample.findings["finding"] == "bottleneck"].iloc[0].to_dict()
    html = behind.behind(row, sample, {})
    heads = re.findall(r"<th[^>]*>([^<]+)</th>", html)
    stages = [name for name in sample.stages.sort_values("rank")["stage"] if name in heads]

    assert heads[1:] == ["neu", *stages, "gewonnen", "beendet"]
    counted = sum(int(number) for number in re.findall(r'class="number">(\d+)<', html))
    assert counted == sum(one["count"] for one in json.loads(row["table"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_of_the_program_reaches_a_reader(sample: Audit, language: str) -> None:
    """Every column has a name in both languages, every code of the sample a word."""
    from dataclasses import replace

    spoken = sample if sample.language == language else replace(sample, language=language)
    keys = {key for shape in behind.SHAPES.values() if isinstance(shape, behind.Shape) for key in shape.columns}
    keys |= {shape.down for shape in behind.SHAPES.values() if isinstance(shape, behind.Crossed)}
    html = "".join(report.findings(spoken, chapter).html for chapter in CHAPTERS)

    assert [] == [key for key in sorted(keys) if not has(f"behind.column.{key}") and not has(f"column.{key}")]
    assert [] == re.findall(r">[a-z]+_[a-z_]+<", html)


def test_the_leads_of_a_finding_are_named_those_that_bind_most_first(sample: Audit) -> None:
    """Each with its card; of a long list the rest is counted, and none is lost in the workbook."""
    row = sample.findings[sample.findings["finding"] == "busy_without_progress"].iloc[0].to_dict()
    names = labels(sample)
    html = unescape(behind.behind(row, sample, names))
    shown = re.findall(r'data-card="([^"]+)"', html)
    ids = row["leads"].split("|")

    assert shown == [one for one in names if one in set(ids)][: behind.MOST_LEADS]
    assert names[shown[0]] in html
    assert len(ids) > behind.MOST_LEADS
    assert f"{len(ids) - behind.MOST_LEADS} weitere" in html


def test_hostile_names_stay_text(hostile: Audit) -> None:
    """The leads behind a finding carry the CRM's words; none of them is markup."""
    html = "".join(report.findings(hostile, chapter).html for chapter in CHAPTERS)

    assert "<script" not in html
    assert "<img" not in html


def test_stages_that_the_process_does_not_know_come_last() -> None:
    """Leads and history call their stages differently: the chapters are drawn all the same."""
    made = simulate.leads(count=120, months=14, seed=3)
    leads = made.leads.assign(stage=made.leads["stage"] + " (Liste)")
    audit = leadaudit.audit(Export.of_frames(leads, made.activities, made.changes, language="de"), as_of=made.as_of)
    audit.stages.loc[audit.stages.index[:2], "rank"] = None

    assert all(report.findings(audit, chapter).html for chapter in CHAPTERS)
