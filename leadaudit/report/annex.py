"""The end of the report: questions that no export can answer, thresholds, words, principles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadaudit.findings.questions import questions as open_questions
from leadaudit.language import Language, has, sentence, texts
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, fill, table
from leadaudit.report.chapters import title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadaudit.audit import Audit

TERMS = (
    "progressing", "stalled", "overdue", "paused", "undetermined", "movement", "response", "progress",
    "patience", "horizon", "chance", "borderline",
)  # fmt: skip
LETTERS = {"decision_points": "D", "endings": "E", "conversations": "C", "maturity": "M", "steering": "S"}
"""The first letter of a principle says which of the five ideas it belongs to."""

_LIMIT_FORMS = {"share": "percent", "days": "days", "count": "count"}


def questions(audit: Audit) -> Block:
    """What to discuss with the client: no CRM holds the answers."""
    language = audit.language
    asked = open_questions(audit)
    topics = [
        {
            "title": sentence(f"chapter.{chapter}.title", language),
            "questions": [one for one in asked if one.principles[0][0] == letter],
        }
        for chapter, letter in LETTERS.items()
    ]
    unasked = [row["stage"] for row in _open_stages(audit) if not row["question"]]
    html = fill(
        """{% for topic in topics if topic.questions %}<h3 class="unlisted">{{ topic.title }}</h3><ol class="questions">{% for q in topic.questions %}<li>{{ q.text }}</li>{% endfor %}</ol>{% endfor %}
{% if unasked %}<h3 class="unlisted">{{ stages_title }}</h3><ul>{% for s in unasked %}<li>{{ s }}</li>{% endfor %}</ul>{% endif %}""",
        topics=topics,
        unasked=[sentence("report.ask_stage", language, stage=stage) for stage in unasked],
        stages_title=sentence("report.ask_stages", language),
    )
    return Block(html)


def _open_stages(audit: Audit) -> list[Mapping[str, Any]]:
    return [
        stage.model_dump() | {"stage": stage.name}
        for stage in audit.process.stages
        if stage.kind in ("open", "decision")
    ]


def thresholds(audit: Audit) -> Block:
    """The limits that verdicts were made with, each with its basis: agreed with the client or ours."""
    language = audit.language
    limits = audit.process.limits
    ours = type(limits)().model_dump()
    rows = [
        [
            Cell(sentence(f"limit.{name}", language)),
            Cell(_limit(name, value, language)),
            Cell(sentence("basis.process" if value != ours[name] else "basis.ours", language)),
        ]
        for name, value in limits.model_dump().items()
        if has(f"limit.{name}")
    ]
    columns = [
        Column(sentence("column.rule", language), "wide"),
        Column(sentence("column.limit", language), "number"),
        Column(sentence("column.basis", language)),
    ]
    return Block(table(columns, rows, caption=sentence("report.thresholds_caption", language)))


def _limit(name: str, value: Any, language: Language) -> str:
    kind = _LIMIT_FORMS.get(name.rsplit("_", 1)[-1], "number")
    return form(value, kind, language)


def glossary(audit: Audit) -> Block:
    """The words of the report and what they mean."""
    language = audit.language
    terms = [
        {"term": sentence(f"glossary.{term}.term", language), "meaning": sentence(f"glossary.{term}.meaning", language)}
        for term in TERMS
    ]
    return Block(
        fill(
            '<dl class="glossary">{% for t in terms %}<div><dt>{{ t.term }}</dt><dd>{{ t.meaning }}</dd></div>{% endfor %}</dl>',
            terms=terms,
        )
    )


def principles(audit: Audit) -> Block:
    """Each principle with the findings that show it, or that it is to be discussed."""
    language = audit.language
    shown_by = _findings_by_principle(audit)
    ids = [key.removeprefix("principle.") for key in texts(language) if key.startswith("principle.")]
    rows = [
        {"id": one, "text": sentence(f"principle.{one}", language), "places": shown_by.get(one, [])}
        for one in dict.fromkeys([*ids, *sorted(set(shown_by) - set(ids))])
        if has(f"principle.{one}")
    ]
    html = fill(
        """<details class="principles"><summary>{{ title }}</summary><div class="scroll" role="region" tabindex="0" aria-label="{{ title }}"><table><caption>{{ title }}</caption>
<thead><tr><th scope="col">{{ number }}</th><th scope="col">{{ principle }}</th><th scope="col">{{ shown }}</th></tr></thead>
<tbody>{% for r in rows %}<tr><td class="id">{{ r.id }}</td><td class="wide">{{ r.text }}</td><td>{% for p in r.places %}{% if p.readable %}<a href="#{{ p.anchor }}">{{ p.words }}</a>{% else %}{{ p.words }}{% endif %}{% if not loop.last %}, {% endif %}{% else %}<a href="#questions">{{ discuss }}</a>{% endfor %}</td></tr>{% endfor %}</tbody></table></div></details>""",
        rows=rows,
        title=sentence("report.principles_caption", language),
        number=sentence("column.number", language),
        principle=sentence("column.principle", language),
        shown=sentence("column.shown", language),
        discuss=sentence("chapter.questions.title", language),
    )
    return Block(html)


def _findings_by_principle(audit: Audit) -> dict[str, list[dict[str, Any]]]:
    language = audit.language
    found: dict[str, list[dict[str, Any]]] = {}
    for row in audit.findings.fillna({"grade": "neutral", "principles": ""}).to_dict("records"):
        grade, words = row["grade"], title_of(row, language)
        place = {
            "anchor": str(row["finding"]).replace("_", "-"),
            "readable": grade != "unreadable",
            "words": f"{words} ({sentence(f'grade.{grade}', language)})",
        }
        for one in filter(None, row["principles"].split("|")):
            found.setdefault(one, []).append(place)
    return found
