"""A chapter of findings: sentences with their grade, what to do, and what they rest on in small print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from leadaudit.findings import opening
from leadaudit.findings.finding import CHAPTERS
from leadaudit.language import Language, has, sentence
from leadaudit.language.formats import form
from leadaudit.report.behind import behind
from leadaudit.report.blocks import Block, fill
from leadaudit.report.lists import labels

if TYPE_CHECKING:
    from leadaudit.audit import Audit

GRADES = ("red", "amber", "good", "neutral")
"""The order within a chapter: what stands out first, then good news, then what is only to be known."""

_FORMATS = {"share": "percent", "days": "days", "count": "count", "months": "number", "ratio": "number"}
_LIMIT_IS_SAID = ("progress_share",)
"""The sentence compares in another unit; the same limit as a share would only confuse."""

_TEMPLATE = """{% if warning %}<p class="note">{{ warning }}</p>{% endif %}{% for f in found %}<div class="finding {{ f.grade }}" id="{{ f.id }}">
<p class="grade">{{ f.word }}</p><h3 class="unlisted">{{ f.title }}</h3><p class="sentence">{{ f.sentence }}</p>
{% if f.advice %}<p class="advice">{{ f.advice }}</p>{% endif %}{% if f.basis %}<p class="basis">{{ f.basis }}</p>{% endif %}{{ f.behind }}</div>{% endfor %}
{% if not found and not unreadable %}<p class="muted">{{ nothing }}</p>{% endif %}
{% if unreadable %}<details class="unreadable"><summary>{{ summary }}</summary><ul>{% for g in unreadable %}<li>{% if g.what %}{{ g.what }}<ul>{% endif %}{% for f in g.found %}{% if g.what %}<li>{% endif %}{{ f.sentence }} <span class="basis">{{ f.principles }}</span>{% if g.what %}</li>{% endif %}{% endfor %}{% if g.what %}</ul>{% endif %}</li>{% endfor %}</ul></details>{% endif %}"""


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
    names = labels(audit)
    html = fill(
        _TEMPLATE,
        warning=opening(audit.findings, language) if chapter == CHAPTERS[0] else "",
        found=[{**_shown(row, language), "behind": Markup(behind(row, audit, names))} for row in readable],
        unreadable=_grouped(unreadable, language),
        summary=sentence("report.unreadable", language, n=len(unreadable)),
        nothing=sentence("report.no_findings", language),
    )
    return Block(html)


def _grouped(rows: list[dict[Any, Any]], language: Language) -> list[dict[str, Any]]:
    """What cannot be read, by what is missing for it: one gap is named once, with all that it hides."""
    by_gap: dict[str, list[dict[Any, Any]]] = {}
    for row in rows:
        by_gap.setdefault(str(row["absent"]), []).append(row)
    return [_gap(absent, of_gap, language) for absent, of_gap in by_gap.items()]


def _gap(absent: str, rows: list[dict[Any, Any]], language: Language) -> dict[str, Any]:
    if len(rows) == 1:
        return {"what": "", "found": [_unreadable(rows[0], rows[0]["sentence"], language)]}
    file = ", ".join(sentence(f"finding.absent.{what}", language) for what in absent.split("|"))
    gains = [sentence(f"finding.{row['finding']}.gain", language) for row in rows]
    found = [_unreadable(row, f"{gain}.", language) for row, gain in zip(rows, gains, strict=True)]
    return {"what": sentence("finding.gap_of_several", language, file=file), "found": found}


def _unreadable(row: dict[Any, Any], said: str, language: Language) -> dict[str, str]:
    return {"sentence": said, "principles": _principles(row, language)}


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
    low, high = (_signed(form(row[name], kind, language)) for name in ("low", "high"))
    if pd.notna(row["low"]) and pd.notna(row["high"]) and low != high:
        parts.append(sentence("report.small_interval", language, low=low, high=_with_unit(high, row["unit"], language)))
    if pd.notna(row["limit"]) and row["limit"] != 0 and row["finding"] not in _LIMIT_IS_SAID:
        basis = f"finding_basis.{row['basis']}"
        words = sentence(basis, language) if has(basis) else ""
        parts.append(
            sentence(
                "report.small_limit",
                language,
                limit=_with_unit(form(row["limit"], kind, language), row["unit"], language),
                basis=words,
            ).replace(" ()", "")
        )
    parts.append(_principles(row, language))
    return " · ".join(filter(None, parts))


def _with_unit(number: str, unit: str, language: Language) -> str:
    key = f"report.small_{unit}"
    return sentence(key, language, x=number) if has(key) else number


def _signed(number: str) -> str:
    """A minus is as long as a plus; a hyphen would read as a range."""
    return number.replace("-", "\u2212")


def _principles(row: dict[Any, Any], language: Language) -> str:
    ids = [one for one in row["principles"].split("|") if one] if isinstance(row["principles"], str) else []
    return sentence("report.small_principles", language, n=len(ids), ids=", ".join(ids)) if ids else ""
