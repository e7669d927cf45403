"""A chapter of findings: sentences with their grade, what to do, and what they rest on in small print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.findings import opening
from leadaudit.findings.finding import CHAPTERS
from leadaudit.language import Language, has, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, fill

if TYPE_CHECKING:
    from leadaudit.audit import Audit

GRADES = ("red", "amber", "good", "neutral")
"""The order within a chapter: what stands out first, then good news, then what is only to be known."""

_FORMATS = {"share": "percent", "days": "days", "count": "count", "months": "number", "ratio": "number"}
_TEMPLATE = """{% if warning %}<p class="note">{{ warning }}</p>{% endif %}{% for f in found %}<div class="finding {{ f.grade }}" id="{{ f.id }}">
<p class="grade">{{ f.word }}</p><h3 class="unlisted">{{ f.title }}</h3><p class="sentence">{{ f.sentence }}</p>
{% if f.advice %}<p class="advice">{{ f.advice }}</p>{% endif %}{% if f.basis %}<p class="basis">{{ f.basis }}</p>{% endif %}</div>{% endfor %}
{% if not found and not unreadable %}<p class="muted">{{ nothing }}</p>{% endif %}
{% if unreadable %}<details class="unreadable"><summary>{{ summary }}</summary><ul>{% for f in unreadable %}<li>{{ f.sentence }} <span class="basis">{{ f.principles }}</span></li>{% endfor %}</ul></details>{% endif %}"""


def findings(audit: Audit, chapter: str) -> Block:
    """The findings of one chapter.

    Parameters
    ----------
    audit : Audit
    chapter : str
        ``decision_points``, ``endings``, ``conversations``, ``maturity``, ``steering`` or ``trust``.
    """
    language = audit.language
    of_chapter = audit.findings[audit.findings["chapter"] == chapter]
    rank = of_chapter["grade"].map({grade: number for number, grade in enumerate(GRADES)})
    readable = of_chapter.assign(rank=rank)[rank.notna()].sort_values("rank", kind="stable").to_dict("records")
    unreadable = of_chapter[of_chapter["grade"] == "unreadable"].to_dict("records")
    html = fill(
        _TEMPLATE,
        warning=opening(audit.findings, language) if chapter == CHAPTERS[0] else "",
        found=[_shown(row, language) for row in readable],
        unreadable=[{"sentence": row["sentence"], "principles": _principles(row, language)} for row in unreadable],
        summary=sentence("report.unreadable", language, n=len(unreadable)),
        nothing=sentence("report.no_findings", language),
    )
    return Block(html)


def _shown(row: dict[Any, Any], language: Language) -> dict[str, Any]:
    return {
        "id": str(row["finding"]).replace("_", "-"),
        "grade": row["grade"],
        "title": title_of(row, language),
        "word": sentence(f"grade.{row['grade']}", language),
        "sentence": row["sentence"],
        "advice": row["recommendation"] if isinstance(row["recommendation"], str) else "",
        "basis": small_print(row, language),
    }


def title_of(row: dict[Any, Any], language: Language) -> str:
    """The short name of a finding; that of its chapter where it has none."""
    key = f"finding_title.{row['finding']}"
    return sentence(key if has(key) else f"chapter.{row['chapter']}.title", language)


def small_print(row: dict[Any, Any], language: Language) -> str:
    """Cases, interval, limit with its basis, and the principles: what a careful reader asks for."""
    kind = _FORMATS.get(row["unit"], "number")
    parts = []
    if pd.notna(row["n"]):
        parts.append(sentence("report.small_n", language, n=row["n"]))
    if pd.notna(row["low"]) and pd.notna(row["high"]):
        parts.append(
            sentence(
                "report.small_interval",
                language,
                low=form(row["low"], kind, language),
                high=form(row["high"], kind, language),
            )
        )
    if pd.notna(row["limit"]):
        basis = f"finding_basis.{row['basis']}"
        words = sentence(basis, language) if has(basis) else ""
        parts.append(
            sentence("report.small_limit", language, limit=form(row["limit"], kind, language), basis=words).replace(
                " ()", ""
            )
        )
    parts.append(_principles(row, language))
    return " · ".join(filter(None, parts))


def _principles(row: dict[Any, Any], language: Language) -> str:
    ids = [one for one in row["principles"].split("|") if one] if isinstance(row["principles"], str) else []
    return sentence("report.small_principles", language, n=len(ids), ids=", ".join(ids)) if ids else ""
