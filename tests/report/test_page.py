"""The report page as text: whole, safe, the same every time, and readable by people and machines."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report.hostile_leads import hostile_frames

import leadaudit
from leadaudit import report
from leadaudit.audit import Audit
from leadaudit.ingest.export import Export
from leadaudit.language import LANGUAGES, sentence, texts

ASSETS = Path(report.__file__).parent / "assets"


class Outline(HTMLParser):
    """Tags of a page with their attributes, and the text within each heading."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module")
def text(sample_page: Path) -> str:
    return sample_page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def outline(text: str) -> Outline:
    return Outline(text)


def test_every_chapter_stands_in_the_order_of_the_recommendations(text: str) -> None:
    """Decision points before endings before tuning; then what to decide, trust, questions, annex."""
    places = [text.index(f'<h2 id="{key}"') for key in (
        "decision-points", "stages", "endings", "conversations", "maturity", "steering", "actions",
        "overdue", "stalled", "progressing", "trust", "questions", "data", "method", "glossary",
    )]  # fmt: skip

    assert places == sorted(places)


def test_headings_leave_out_no_level(outline: Outline) -> None:
    """One h1, and never a step of two levels down: a screen reader's table of contents."""
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h[1-6]", tag)]

    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_no_anchor_stands_twice(outline: Outline) -> None:
    """Every link in the table of contents leads to one place."""
    ids = Counter(attributes["id"] for _, attributes in outline.tags if "id" in attributes)
    links = {
        (attributes.get("href") or "")[1:]
        for attributes in outline.of("a")
        if (attributes.get("href") or "").startswith("#")
    }

    assert [] == [name for name, count in ids.items() if count > 1]
    assert set() == links - set(ids)


def test_tables_have_captions_and_scoped_headers(outline: Outline, text: str) -> None:
    """A table says what it shows, and each header says what it heads."""
    assert len(outline.of("table")) == len(outline.of("caption"))
    assert all(attributes.get("scope") for attributes in outline.of("th"))


def test_every_picture_has_its_words_and_its_table(text: str) -> None:
    """Title, caption, and the table that says the same, for those who cannot see it."""
    pictures = re.findall(r'<figure class="picture.*?</figure>', text, re.DOTALL)

    assert len(pictures) >= 12
    assert all(
        "<figcaption><strong>" in picture and "<details>" in picture and "<tbody>" in picture for picture in pictures
    )


def test_the_same_audit_gives_the_same_page(
    sample: Audit, sample_page: Path, make_page: Callable[[Audit, Path], Path], tmp_path: Path
) -> None:
    """No time of the run, no order of chance."""
    assert make_page(sample, tmp_path).read_bytes() == sample_page.read_bytes()


def test_page_and_audit_say_the_same_numbers(sample: Audit, text: str) -> None:
    """Each verdict's count and each finding's sentence is on the page as the audit has it."""
    numbers = [int(number) for number in re.findall(r'<span class="number">([\d.]+)<', text)]
    shown = [sample.counts[verdict] for verdict in ("progressing", "stalled", "overdue", "paused", "undetermined")]

    assert numbers == [count for place, count in enumerate(shown) if count or place < 3]
    from html import unescape

    plain = unescape(text)
    assert [] == [one for one in sample.findings["sentence"] if one not in plain]


@pytest.mark.parametrize("language", LANGUAGES)
def test_leads_alone_make_a_whole_report(
    bare: Audit, language: str, make_page: Callable[[Audit, Path], Path], tmp_path: Path
) -> None:
    """Without history and activities the report says what is missing, and which file would show it."""
    from dataclasses import replace

    page = make_page(replace(bare, language=language), tmp_path).read_text(encoding="utf-8")

    assert sentence("evidence.H.absent", language) in page
    assert 'class="unreadable"' in page
    assert "nan" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL).lower().split()


def test_a_stay_that_the_calendar_shows_longer_is_explained(sample: Audit) -> None:
    """Days of pauses are taken off a stay; a reader who counts from the date of the last progress is told so."""
    leads = sample.open_leads.set_index("lead_id")
    calendar_days = (sample.as_of - leads["stay_started_at"]).dt.total_seconds() / 86_400
    said = sample.answers.set_index("lead_id")["why_here"].str.contains("Pause z")
    rested = (calendar_days - leads["stay_days"]).reindex(said.index) >= 1

    assert rested.any()
    assert list(said) == list(rested.fillna(value=False))


def test_a_long_list_says_where_the_rest_stands(sample: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many leads a client has, the page stays one that opens at once; those that bind most are on it."""
    from leadaudit.report import lists

    monkeypatch.setattr(lists, "MOST_ROWS", 5)
    block = report.leads(sample, "overdue")
    first = list(lists.chosen_leads(sample, "overdue")["lead_id"].head(5))

    assert block.html.count("<tr>") == 5 + 1
    assert list(block.cards) == first
    assert sentence("list.more", "de", n=sample.counts["overdue"] - 5) in block.html


def test_what_is_missing_is_named_once(bare: Audit) -> None:
    """Nine findings that lack the same file are one line with what each would show, and each keeps its principles."""
    html = report.findings(bare, "conversations").html
    absent = bare.findings[(bare.findings["chapter"] == "conversations") & (bare.findings["grade"] == "unreadable")]

    assert len(absent) > absent["absent"].nunique()
    assert html.count("For this we lack") == absent["absent"].nunique()
    assert html.count('class="basis"') == len(bare.findings[bare.findings["chapter"] == "conversations"])


def test_the_first_page_shows_no_borderline_proposal_where_there_are_others(sample: Audit) -> None:
    """Whoever reads three proposals judges all of them by these."""
    from leadaudit.report.opening import first_leads

    first = first_leads(sample)
    assert [lead["verdict"] for lead in first] == ["overdue"] * 3
    assert not any(lead["borderline"] for lead in first)


def test_what_crm_text_says_stays_text(hostile_page: Path) -> None:
    """No markup out of a CRM becomes markup of the page, neither in the body nor in its scripts."""
    page = hostile_page.read_text(encoding="utf-8")
    outline = Outline(page)

    assert "window.fired = 1</script>" not in page
    assert [] == [attributes for _, attributes in outline.tags if any(name.startswith("on") for name in attributes)]
    assert [] == list(outline.of("img", "iframe", "object", "embed", "link", "form", "base"))
    assert [] == [one for one in outline.of("a") if not str(one.get("href", "#")).startswith("#")]
    assert len(outline.of("script")) == 5


def test_forty_stages_are_all_in_the_table(hostile: Audit, hostile_page: Path) -> None:
    """Pictures show some stages, tables show all."""
    page = hostile_page.read_text(encoding="utf-8")

    assert len(hostile.stages) >= 40
    assert sum(f" {n:02d}</td>" in page for n in range(40)) == 40


def test_hostile_leads_do_no_harm_in_workbook_and_tables(hostile: Audit, tmp_path: Path) -> None:
    """No formula in the workbook but the tally's, no cell of leads.csv that a spreadsheet would run."""
    import csv

    import openpyxl

    report.write(hostile, tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "decisions.xlsx")
    with (tmp_path / "out" / "leads.csv").open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]

    assert [] == [
        cell.value
        for place, sheet in enumerate(book)
        for row in sheet.iter_rows()
        for cell in row
        if (cell.data_type == "f" and place != 1) or cell.hyperlink
    ]
    assert [] == [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_note_of_the_crm_is_on_no_page(hostile_page: Path) -> None:
    """Free text of notes and mails stays with the client's CRM."""
    leads, acts, history = hostile_frames()
    leads["Note"], acts["subject"], acts["outcome"] = "SECRET-NOTE", "SECRET-SUBJECT", "SECRET-OUTCOME"
    audit = leadaudit.audit(Export.of_frames(leads, acts, history, language="de", timezone="UTC"))
    shown = (
        "".join(report.leads(audit, verdict).html for verdict in ("overdue", "stalled", "progressing"))
        + report.head(audit).html
    )

    assert "SECRET" not in shown


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("number", [0, 1])
def test_text_is_told_from_its_ground(number: int) -> None:
    """In light and in dark every colour of text has a contrast of 4.5 and more, on paper and on wash."""
    css = (ASSETS / "page.css").read_text(encoding="utf-8")
    colours = _colours(re.findall(r":root \{(.*?)\}", css, re.DOTALL)[number])

    weak = {
        (name, ground): round(_contrast(colours[name], colours[ground]), 2)
        for name in ("ink", "soft", "link", "good", "amber", "red")
        for ground in ("paper", "wash")
        if _contrast(colours[name], colours[ground]) < 4.5
    }
    assert {} == weak


def test_every_verdict_has_its_own_lightness() -> None:
    """Verdicts are told apart in grey too: print, colour-blind readers."""
    from leadaudit.report.charts.drawing import VERDICT_COLOURS

    light = sorted(_luminance(VERDICT_COLOURS[verdict]) for verdict in ("progressing", "stalled", "overdue"))

    assert all(_after / _before > 2 for _before, _after in itertools.pairwise(light))


def test_plotly_is_the_one_that_the_package_draws_with() -> None:
    """The vendored script speaks the same language as the figures."""
    import plotly.offline

    head = (ASSETS / "plotly-cartesian.min.js").read_text(encoding="utf-8")[:400]
    wanted = plotly.offline.get_plotlyjs_version().rsplit(".", 1)[0]

    assert f"v{wanted}." in head


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_principle_is_in_the_annex(sample: Audit, language: str) -> None:
    """All 54, each with the finding that shows it or with the questions for the client."""
    from dataclasses import replace

    spoken = sample if sample.language == language else replace(sample, language=language)
    html = report.principles(spoken).html
    ids = [key.removeprefix("principle.") for key in texts(language) if key.startswith("principle.")]

    assert len(ids) == 54
    assert [] == [one for one in ids if f'<td class="id">{one}</td>' not in html]
    assert set(filter(None, "|".join(sample.findings["principles"]).split("|"))) <= set(ids)
