"""The first page: how things stand, where to begin, the decisions to take first, and what stands out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit import __version__
from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, fill
from leadaudit.report.chapters import title_of
from leadaudit.report.charts.drawing import plain
from leadaudit.report.first_steps import first_steps
from leadaudit.report.lists import chosen_leads, deciding_reason, lead_cards, lead_label
from leadaudit.report.sections import load_in_words

if TYPE_CHECKING:
    from leadaudit.audit import Audit

TILES = ("progressing", "stalled", "overdue", "paused", "undetermined")
ALWAYS = TILES[:3]
"""The three verdicts have their tile even where they count nothing."""

FIRST_COUNT = 3
MOST_REMARKS = 3


def head(audit: Audit) -> Block:
    """Headline, the verdicts with count and value, what the open leads cost, and where to begin."""
    language = audit.language
    title = sentence("report.title", language)
    open_count = len(audit.open_leads)
    html = fill(
        """<h1>{{ title }}</h1><p class="lead">{{ headline }}</p><p class="muted">{{ until }} {{ basis }}</p>
<div class="tiles">{% for t in tiles %}<div class="tile {{ t.verdict }}"><span class="number">{{ t.count }}</span>
<span class="label">{{ t.label }}</span>{% for v in t.below %}<span class="value">{{ v }}</span>{% endfor %}</div>{% endfor %}</div><p>{{ load }}</p>
{% if steps %}<h2 class="quiet" id="first-steps">{{ begin }}</h2><ol class="steps">{% for s in steps %}<li><a href="#{{ s.anchor }}">{{ s.what }}</a>
<span>{{ s.why }}</span></li>{% endfor %}</ol>{% endif %}<p class="note">{{ proposal }}</p>""",
        title=title,
        headline=sentence("report.headline", language, x=audit.counts["progressing"], n=open_count),
        tiles=[_tile(audit, verdict, open_count) for verdict in TILES if audit.counts[verdict] or verdict in ALWAYS],
        load=" ".join(load_in_words(audit)),
        begin=sentence("report.first_steps", language),
        steps=first_steps(audit),
        until=sentence("report.until", language, on=audit.as_of - timedelta(days=1)),
        basis=sentence("report.rows", language, leads=len(audit.leads), open=open_count),
        proposal=sentence("report.proposal", language),
    )
    footer = sentence("report.footer", language, version=__version__)
    meta = {"language": language, "title": title, "version": __version__, "footer": footer}
    return Block(html, meta=meta)


def stands_out(audit: Audit) -> Block:
    """The findings that say most, each with the chapter that it leads to; nothing where none is noticeable."""
    remarks = _remarks(audit)
    if not remarks:
        return Block("")
    html = fill(
        """<h2 class="quiet" id="at-a-glance">{{ title }}</h2><ol class="remarks">{% for r in remarks %}<li class="{{ r.grade }}"><a href="#{{ r.anchor }}">{{ r.title }}</a>
<span>{{ r.sentence }}</span></li>{% endfor %}</ol>""",
        title=sentence("report.stands_out", audit.language),
        remarks=remarks,
    )
    return Block(html)


def _tile(audit: Audit, verdict: str, open_count: int) -> dict[str, Any]:
    count = audit.counts[verdict]
    share = sentence("report.share_of_open", audit.language, share=count / open_count) if open_count else ""
    return {
        "verdict": verdict,
        "count": form(count, "count", audit.language),
        "label": sentence(f"verdict.{verdict}", audit.language),
        "below": [line for line in (share, *_values(audit, verdict)) if line],
    }


def _values(audit: Audit, verdict: str) -> list[str]:
    return [
        _with_currency(per_verdict[verdict], currency, audit)
        for currency, per_verdict in sorted(audit.value.items())
        if verdict in per_verdict
    ]


def _with_currency(amount: Any, currency: Any, audit: Audit) -> str:
    """An amount and its currency, kept on one line."""
    return "\u00a0".join(filter(None, [form(amount, "money", audit.language), plain(currency)]))


def _remarks(audit: Audit) -> list[dict[str, str]]:
    """The findings that say most: one of each chapter, the clear ones before the noticeable ones."""
    found = audit.findings
    rank = found["grade"].map({"red": 0, "amber": 1})
    first = found.assign(rank=rank)[rank.notna()].sort_values("rank", kind="stable")
    return [
        {
            "grade": row["grade"],
            "anchor": str(row["finding"]).replace("_", "-"),
            "title": ": ".join(
                [sentence(f"chapter.{row['chapter']}.title", audit.language), title_of(row, audit.language)]
            ),
            "sentence": row["sentence"],
        }
        for row in first.drop_duplicates("chapter").head(MOST_REMARKS).to_dict("records")
    ]


def first_decisions(audit: Audit) -> Block:
    """The decisions that free most, each with its proof; nothing where none is due."""
    language = audit.language
    leads = first_leads(audit)
    if not leads:
        return Block("")
    words = audit.answers.set_index("lead_id")
    rows = [_decision(lead, words.loc[lead["lead_id"]], audit) for lead in leads]
    html = fill(
        """<h2 class="quiet" id="first-decisions">{{ title }}</h2><ol class="decisions">{% for r in rows %}<li class="{{ r.verdict }}">
<h3 class="unlisted" data-card="{{ r.lead_id }}">{{ r.label }}</h3><p class="facts">{{ r.facts }}</p><p>{{ r.proof }}</p><p class="step">{{ r.step }}</p></li>{% endfor %}</ol>""",
        title=sentence(f"report.first_decisions_{len(rows)}", language),
        rows=rows,
    )
    return Block(html, cards=lead_cards(audit, leads))


def first_leads(audit: Audit) -> list[dict[str, Any]]:
    """The leads to decide on first: overdue before stalled, those that bind most before others."""
    overdue = chosen_leads(audit, "overdue")
    # Whoever reads three proposals judges all of them by these: none that another threshold would undo.
    flips = overdue["borderline"].fillna(value=False).astype(bool)
    overdue = overdue.assign(_last=flips).sort_values("_last", kind="stable").drop(columns="_last").head(FIRST_COUNT)
    stalled = chosen_leads(audit, "stalled").head(FIRST_COUNT - len(overdue))
    return [*overdue.to_dict("records"), *stalled.to_dict("records")]


def _decision(lead: dict[str, Any], words: Any, audit: Audit) -> dict[str, str]:
    language = audit.language
    amount = "" if pd.isna(lead["amount"]) else _with_currency(lead["amount"], lead["currency"], audit)
    # Where time decided, the proof below says it with its numbers.
    by_time = str(lead["reasons"]).startswith("horizon_passed")
    reason = "" if by_time and pd.notna(lead["chance"]) else deciding_reason(lead, language)
    stay = "" if pd.isna(lead["stay_days"]) else sentence("report.stands_days", language, d=lead["stay_days"])
    return {
        "lead_id": str(lead["lead_id"]),
        "verdict": str(lead["verdict"]),
        "label": lead_label(lead),
        "facts": " · ".join(filter(None, [sentence(f"verdict.{lead['verdict']}", language), reason, stay, amount])),
        "proof": str(words["proof"]),
        "step": str(words["next_step"]),
    }
