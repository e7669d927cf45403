"""The sections of the report: each a short call in the notebook, each one block.

Sections hold no judgement: they word and arrange what the audit says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from leadaudit import __version__
from leadaudit.language import Language, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, fill, table

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.audit import Audit

from leadaudit.findings.load import Load

TILES = ("progressing", "stalled", "overdue", "paused", "undetermined")
MOST_ROWS = 500
"""Rows of a table on the page; the workbook holds all."""

_CARD_ROWS = ("decision_due", "why_here", "missing", "next_step", "when_to_end", "what_would_change", "proof")


def head(audit: Audit) -> Block:
    """The first page: headline, the verdicts with count and value, what they rest on."""
    language = audit.language
    last_day = audit.as_of - _one_day()
    title = sentence("report.title", language)
    open_count = sum(audit.counts[verdict] for verdict in TILES)
    tiles = [
        {
            "verdict": verdict,
            "count": form(audit.counts[verdict], "count", language),
            "label": sentence(f"verdict.{verdict}", language),
            "value": " · ".join(_values(audit, verdict)),
        }
        for verdict in TILES
        if audit.counts[verdict] or verdict in TILES[:3]
    ]
    html = fill(
        """<h1>{{ title }}</h1><p class="lead">{{ headline }}</p>
<div class="tiles">{% for t in tiles %}<div class="tile {{ t.verdict }}"><span class="number">{{ t.count }}</span>
<span class="label">{{ t.label }}</span><span class="value">{{ t.value }}</span></div>{% endfor %}</div>
<p class="muted">{{ until }} {{ basis }}</p><p class="note">{{ proposal }}</p>""",
        title=title,
        headline=sentence("report.headline", language, x=audit.counts["progressing"], n=open_count),
        tiles=tiles,
        until=sentence("report.until", language, on=last_day),
        basis=sentence("report.rows", language, leads=len(audit.leads), open=open_count),
        proposal=sentence("report.proposal", language),
    )
    footer = sentence("report.footer", language, version=__version__)
    meta = {"language": language, "title": title, "version": __version__, "footer": footer}
    return Block(html, meta=meta)


def _values(audit: Audit, verdict: str) -> list[str]:
    return [
        f"{form(per_verdict[verdict], 'money', audit.language)} {currency}".strip()
        for currency, per_verdict in sorted(audit.value.items())
        if verdict in per_verdict
    ]


def heading(audit: Audit, key: str) -> Block:
    """A chapter's heading with the thought that it follows."""
    html = fill(
        '<h2 id="{{ key }}">{{ title }}</h2><p class="lead">{{ thought }}</p>',
        key=key.replace("_", "-"),
        title=sentence(f"chapter.{key}.title", audit.language),
        thought=sentence(f"chapter.{key}.thought", audit.language),
    )
    return Block(html)


def open_load(audit: Audit) -> Block:
    """What the open leads tie up, at which pace they are decided, and what the proposals would free."""
    load = Load.of(audit)
    language = audit.language
    words = [sentence("report.load_now", language, n=load.open_count, days=load.days, median=load.median_days)]
    if load.unknown_count:
        words.append(sentence("report.load_unknown_age", language, n=load.unknown_count))
    if load.decided_count:
        words.append(sentence("report.load_pace", language, decided=load.decided_count, months=load.months))
    else:
        words.append(sentence("report.load_pace_none", language))
    if audit.counts["overdue"]:
        words.append(sentence("report.load_after", language, left=load.left_count, freed=load.freed_days))
    return Block(fill("{% for w in words %}<p>{{ w }}</p>{% endfor %}", words=words))


def leads(audit: Audit, verdict: str) -> Block:
    """The open leads of one verdict: where they stand, since when, why, and what to do."""
    language = audit.language
    chosen = _chosen(audit, verdict)
    if chosen.empty:
        return Block(fill("<p>{{ none }}</p>", none=sentence(f"list.{verdict}.none", language)))
    shown = chosen.head(MOST_ROWS)
    columns = [
        Column(sentence(f"column.{name}", language), look)
        for name, look in (("lead", "id"), ("stage", ""), ("stay_days", "number"), ("chance", "number"), ("reasons", "wide"), ("next_step", "wide"), ("amount", "number"))
    ]
    words = audit.answers.set_index("lead_id")
    rows = [_row(lead, words.loc[lead["lead_id"]], language) for lead in shown.to_dict("records")]
    caption = sentence(f"list.{verdict}.caption", language, n=len(chosen))
    more = sentence("list.more", language, n=len(chosen) - len(shown)) if len(chosen) > len(shown) else ""
    html = table(columns, rows, caption=caption, sortable=True, filterable=True) + fill(
        '{% if more %}<p class="muted">{{ more }}</p>{% endif %}', more=more
    )
    cards = {str(lead["lead_id"]): card(lead, words.loc[lead["lead_id"]], language) for lead in shown.to_dict("records")}
    return Block(html, cards=cards)


def _chosen(audit: Audit, verdict: str) -> pd.DataFrame:
    """Leads of a verdict, those that bind most first: by value, then by length of stay."""
    of_verdict = audit.open_leads[audit.open_leads["verdict"] == verdict]
    named = of_verdict.merge(audit.export.leads()[["lead_id", "name", "company"]], on="lead_id", how="left")
    return named.sort_values(["amount", "stay_days", "lead_id"], ascending=[False, False, True], na_position="last")


def _row(lead: dict[str, Any], words: pd.Series, language: Language) -> list[Cell]:
    lead_id = str(lead["lead_id"])
    return [
        Cell(lead_label(lead), card=lead_id),
        Cell(_text(lead["stage"])),
        Cell(form(lead["stay_days"], "days", language), sort=_sort(lead["stay_days"])),
        Cell(form(lead["chance"], "percent", language), sort=_sort(lead["chance"])),
        Cell(reasons_in_words(lead["reasons"], language) + _borderline(lead, language)),
        Cell(str(words["next_step"])),
        Cell(form(lead["amount"], "money", language), sort=_sort(lead["amount"])),
    ]


def card(lead: dict[str, Any], words: pd.Series, language: Language) -> dict[str, Any]:
    """A lead's card for the page: heading, then pairs of question and answer."""
    verdict = sentence(f"verdict.{lead['verdict']}", language)
    rows = [[sentence("column.verdict", language), verdict]]
    rows += [[sentence(f"column.{name}", language), str(words[name])] for name in _CARD_ROWS if words[name]]
    return {"title": lead_label(lead), "rows": rows}


def lead_label(lead: dict[str, Any]) -> str:
    """Id and, where the export has one, the name or company."""
    named = next((str(lead[key]) for key in ("name", "company") if isinstance(lead.get(key), str)), "")
    return f"{lead['lead_id']} · {named}" if named and named != lead["lead_id"] else str(lead["lead_id"])


def reasons_in_words(reasons: Any, language: Language) -> str:
    """The criteria that held, each in a few words."""
    codes = [code for code in str(reasons).split("|") if code] if isinstance(reasons, str) else []
    return " · ".join(sentence(f"reason.{code}", language) for code in codes)


def _borderline(lead: dict[str, Any], language: Language) -> str:
    return f" ({sentence('shade.borderline', language)})" if lead["borderline"] is True else ""


def data_state(audit: Audit) -> Block:
    """What was read, what was set aside, which evidence there is, and what its absence costs."""
    language = audit.language
    columns = [Column(sentence(f"column.{name}", language), "" if name in ("file", "kind") else "number") for name in ("file", "kind", "rows_read", "rows_set_aside")]
    rows = [
        [
            Cell(source.file),
            Cell(sentence(f"kind.{source.kind}", language)),
            Cell(form(source.rows_read, "count", language), sort=source.rows_read),
            Cell(form(source.rows_set_aside, "count", language), sort=source.rows_set_aside),
        ]
        for source in sorted(audit.export.sources, key=lambda source: (source.file, source.sheet))
    ]
    letters = [
        {"there": letter in audit.export.evidence, "words": sentence(f"evidence.{letter}.{'there' if letter in audit.export.evidence else 'absent'}", language)}
        for letter in "HENF"
    ]
    html = table(columns, rows, caption=sentence("report.files_caption", language)) + fill(
        "<ul>{% for l in letters %}<li>{{ l.words }}</li>{% endfor %}</ul>{{ issues }}",
        letters=letters,
        issues=Markup(_issues(audit)),
    )
    return Block(html)


def _issues(audit: Audit) -> str:
    issues = audit.export.issues
    if issues.empty:
        return fill("<p>{{ none }}</p>", none=sentence("report.no_issues", audit.language))
    counted = issues.assign(count=issues["count"].fillna(1).astype(int)).groupby(["code", "severity"], as_index=False)["count"].sum()
    columns = [Column(sentence("column.issue", audit.language)), Column(sentence("column.count", audit.language), "number")]
    rows = [
        [Cell(sentence(f"issue.{row.code}", audit.language)), Cell(form(row.count_, "count", audit.language), sort=int(row.count_))]
        for row in counted.rename(columns={"count": "count_"}).sort_values(["count_", "code"], ascending=[False, True]).itertuples()
    ]
    return table(columns, rows, caption=sentence("report.issues_caption", audit.language))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "–"


def _sort(value: Any) -> float | str:
    return "" if value is None or value != value else round(float(value), 6)  # noqa: PLR0124 - NaN differs from itself


def _one_day() -> Any:
    from datetime import timedelta

    return timedelta(days=1)
