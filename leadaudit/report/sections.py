"""Sections of the report: each a short call in the notebook, each one block.

Sections hold no judgement: they word and arrange what the audit says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from leadaudit.findings.load import Load
from leadaudit.language import has, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, fill, table
from leadaudit.tables import VERDICTS

if TYPE_CHECKING:
    from leadaudit.audit import Audit
    from leadaudit.ingest.export import Source

SIDE_VERDICTS = ("paused", "undetermined")
_HASH_LETTERS = 16


def heading(audit: Audit, key: str) -> Block:
    """A chapter's heading with the thought that it follows; nothing for a verdict that no lead has beside the three."""
    if key in SIDE_VERDICTS and not audit.counts[key]:
        return Block("")
    html = fill(
        '<h2 id="{{ key }}">{{ title }}</h2><p class="lead">{{ thought }}</p>',
        key=key.replace("_", "-"),
        title=sentence(f"chapter.{key}.title", audit.language),
        thought=sentence(f"chapter.{key}.thought", audit.language),
    )
    return Block(html)


def open_load(audit: Audit) -> Block:
    """What the open leads tie up, at which pace they are decided, and what the proposals would free."""
    return Block(fill("{% for w in words %}<p>{{ w }}</p>{% endfor %}", words=load_in_words(audit)))


def load_in_words(audit: Audit) -> list[str]:
    """The load in sentences: what is bound, the pace, and what the proposed endings would free."""
    load, language = Load.of(audit), audit.language
    if not load.open_count:
        return [sentence("report.load_none", language)]
    if load.unknown_count == load.open_count:
        words = [sentence("report.load_ages_unknown", language, n=load.open_count)]
    else:
        words = [sentence("report.load_now", language, n=load.open_count, days=load.days, median=load.median_days)]
    if 0 < load.unknown_count < load.open_count:
        words.append(sentence("report.load_unknown_age", language, n=load.unknown_count))
    if load.decided_count:
        words.append(sentence("report.load_pace", language, decided=load.decided_count, months=load.months))
    else:
        words.append(sentence("report.load_pace_none", language))
    if audit.counts["overdue"]:
        words.append(sentence("report.load_after", language, left=load.left_count, freed=load.freed_days))
    if audit.counts["overdue"] and load.decided_count and load.left_count:
        words.append(sentence("report.load_after_pace", language, months=load.months_after))
    return words


def sensitivity(audit: Audit) -> Block:
    """How the verdicts change with patience and horizon, and how many leads flip."""
    language = audit.language
    share = audit.sensitivity.share
    settings = {
        "lower": f"−{form(share, 'percent', language)}",
        "base": sentence("report.as_learned", language),
        "higher": f"+{form(share, 'percent', language)}",
    }
    columns = [Column(sentence("column.verdict", language))]
    columns += [Column(title, "number") for title in settings.values()]
    counts = audit.sensitivity.counts
    rows = [
        [
            Cell(sentence(f"verdict.{verdict}", language), verdict=verdict),
            *[Cell(form(counts[setting][verdict], "count", language)) for setting in settings],
        ]
        for verdict in VERDICTS
        if verdict != "ended" and any(counts[setting][verdict] for setting in settings)
    ]
    flips = int((audit.open_leads["borderline"].fillna(False)).sum())
    caption = sentence("report.sensitivity_caption", language)
    said = sentence("report.borderline_count", language, n=flips)
    return Block(table(columns, rows, caption=caption) + fill("<p>{{ said }}</p>", said=said))


def data_state(audit: Audit) -> Block:
    """What was read, what was set aside, which evidence there is, and what its absence costs."""
    language = audit.language
    letters = [
        sentence(f"evidence.{letter}.{'there' if letter in audit.export.evidence else 'absent'}", language)
        for letter in "HENF"
    ]
    html = _files(audit) + fill(
        '<p>{{ sums }}</p><h3 class="unlisted">{{ readable }}</h3><ul>{% for words in letters %}<li>{{ words }}</li>{% endfor %}</ul>'
        '<h3 class="unlisted">{{ gaps }}</h3>{{ issues }}',
        sums=_sums(audit),
        readable=sentence("report.readable", language),
        letters=letters,
        gaps=sentence("report.issues_caption", language),
        issues=Markup(_issues(audit)),
    )
    return Block(html)


def _files(audit: Audit) -> str:
    """Each file with rows and hash, so that it can be told later what the report was made from; by name, in whichever order they were given."""
    language = audit.language
    looks = {"file": "", "kind": "", "rows_read": "number", "rows_set_aside": "number", "sha256": "hash"}
    columns = [Column(sentence(f"column.{name}", language), look) for name, look in looks.items()]
    rows = [
        [
            Cell(_file_name(source)),
            Cell(sentence(f"kind.{source.kind}", language)),
            Cell(form(source.rows_read, "count", language), sort=source.rows_read),
            Cell(form(source.rows_set_aside, "count", language), sort=source.rows_set_aside),
            Cell(source.sha256[:_HASH_LETTERS]),
        ]
        for source in sorted(audit.export.sources, key=lambda source: (source.file, source.sheet or ""))
    ]
    return table(columns, rows, caption=sentence("report.files_caption", language))


def _file_name(source: Source) -> str:
    return f"{source.file} · {source.sheet}" if source.sheet else source.file


def _sums(audit: Audit) -> str:
    sources = audit.export.sources
    read, aside = (sum(getattr(source, name) for source in sources) for name in ("rows_read", "rows_set_aside"))
    return sentence("report.rows_sum", audit.language, read=read, used=read - aside, aside=aside)


def _issues(audit: Audit) -> str:
    issues = audit.export.issues
    if issues.empty:
        return fill("<p>{{ said }}</p>", said=sentence("report.no_issues", audit.language))
    language = audit.language
    counted = (
        issues.assign(found=issues["count"].fillna(1).astype(int))
        .groupby(["code", "severity"], as_index=False)["found"]
        .sum()
    )
    columns = [Column(sentence("column.issue", language)), Column(sentence("column.count", language), "number")]
    rows = [
        [
            Cell(sentence(f"issue.{row['code']}", language) if has(f"issue.{row['code']}") else row["code"]),
            Cell(form(row["found"], "count", language), sort=int(row["found"])),
        ]
        for row in counted.sort_values(["found", "code"], ascending=[False, True]).to_dict("records")
    ]
    return table(columns, rows, caption=sentence("report.issues_table", language))
