"""What an audit, a lead's card and a finding look like in a notebook and in a terminal.

Small, self-contained HTML in the audit's language: no script, nothing from the network, every text
of the client escaped, and no owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from leadaudit.errors import LeadAuditError, did_you_mean
from leadaudit.language import sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import fill
from leadaudit.report.chapters import small_print, title_of
from leadaudit.report.charts.drawing import VERDICT_COLOURS
from leadaudit.report.lists import card as card_facts
from leadaudit.tables import LETTERS

if TYPE_CHECKING:
    from leadaudit.audit import Audit

GRADE_COLOURS = {"red": "#8c2f39", "amber": "#b77a1b", "good": "#1f7a5c", "neutral": "#7c909c", "unreadable": "#b4bdc4"}

_BOX = '<div style="border:1px solid rgba(128,128,128,.35);border-radius:8px;padding:14px 18px;max-width:780px;line-height:1.45">'
_DOT = '<span style="display:inline-block;width:.7em;height:.7em;border-radius:50%;background:{{ COLOUR }};margin-right:.45em"></span>'


def _styled(template: str) -> str:
    dots = {"DOT_V": "v.colour", "DOT_C": "colour"}
    for name, colour in dots.items():
        template = template.replace(name, _DOT.replace("COLOUR", colour))
    return template.replace("BOX", _BOX)


_AUDIT = _styled("""BOX<p style="margin:0;font-size:1.15em"><b>{{ headline }}</b></p>
<p style="margin:.2em 0 .7em;opacity:.75">{{ until }} {{ basis }}</p>
<div style="display:flex;height:12px;border-radius:6px;overflow:hidden" role="img" aria-label="{{ headline }}">{% for v in verdicts %}<span title="{{ v.name }}: {{ v.count }}" style="flex:{{ v.n }};background:{{ v.colour }}"></span>{% endfor %}</div>
<table style="border-collapse:collapse;margin:.7em 0"><tbody>{% for v in verdicts %}<tr><td style="text-align:left">DOT_V{{ v.name }}</td>
<td style="text-align:right;padding-left:1.2em"><b>{{ v.count }}</b></td><td style="text-align:right;padding-left:1.2em">{{ v.share }}</td><td style="text-align:right;padding-left:1.2em">{{ v.value }}</td></tr>{% endfor %}</tbody></table>
<p style="margin:.3em 0"><b>{{ evidence }}</b> {{ letters }}</p>{% if absent %}<ul style="margin:.2em 0 .2em 1.2em;padding:0">{% for words in absent %}<li>{{ words }}</li>{% endfor %}</ul>{% endif %}
{% if issues %}<p style="margin:.3em 0">{{ issues }}</p>{% endif %}<p style="margin:.5em 0 0;opacity:.75">{{ further }}</p></div>""")

_CARD = _styled("""BOX<p style="margin:0;font-size:1.15em"><b>{{ title }}</b></p>
<p style="margin:.2em 0 .6em">DOT_C{{ says }}{% if borderline %} · {{ borderline }}{% endif %}</p>
{% if facts %}<p style="margin:.2em 0 .8em;opacity:.75">{% for name, fact in facts %}{{ name }}: {{ fact }}{% if not loop.last %} · {% endif %}{% endfor %}</p>{% endif %}
{{ drawing }}<dl style="margin:.8em 0 0">{% for name, answer in rows %}<dt style="font-weight:600;margin-top:.5em">{{ name }}</dt><dd style="margin:0">{{ answer }}</dd>{% endfor %}</dl></div>""")

_FINDING = _styled("""BOX<p style="margin:0">DOT_C<b>{{ title }}</b> · {{ grade }}</p><p style="margin:.5em 0">{{ said }}</p>
{% if advice %}<p style="margin:.5em 0"><i>{{ advice }}</i></p>{% endif %}<p style="margin:.5em 0 0;opacity:.75">{{ small }}</p></div>""")


def audit_html(audit: Audit) -> str:
    """State of an audit: counts with colours and value, moment, evidence, what is missing, where to go on."""
    language = audit.language
    open_count = len(audit.open_leads)
    issues = audit.export.issues
    aside = issues[issues["severity"] == "error"]["count"].fillna(1).sum()
    return fill(
        _AUDIT,
        headline=sentence("report.headline", language, x=audit.counts["progressing"], n=open_count),
        until=sentence("report.until", language, on=audit.as_of - timedelta(days=1)),
        basis=sentence("report.rows", language, leads=len(audit.leads), open=open_count),
        verdicts=[_verdict(audit, verdict, open_count) for verdict in VERDICT_COLOURS if audit.counts[verdict]],
        evidence=sentence("shown.evidence", language),
        letters=", ".join(
            sentence(f"shown.letter.{letter}", language) for letter in LETTERS if letter in audit.export.evidence
        )
        or sentence("shown.letter.none", language),
        absent=[
            sentence(f"evidence.{letter}.absent", language) for letter in LETTERS if letter not in audit.export.evidence
        ],
        issues=sentence("shown.issues", language, n=len(issues), aside=aside) if len(issues) else "",
        further=sentence("shown.further", language),
    )


def _verdict(audit: Audit, verdict: str, open_count: int) -> dict[str, Any]:
    language, count = audit.language, audit.counts[verdict]
    values = [
        "\u00a0".join(filter(None, [form(sums[verdict], "money", language), currency]))
        for currency, sums in sorted(audit.value.items())
        if verdict in sums
    ]
    return {
        "name": sentence(f"verdict.{verdict}", language),
        "n": count,
        "count": form(count, "count", language),
        "share": form(count / open_count, "percent", language),
        "value": " + ".join(values),
        "colour": VERDICT_COLOURS[verdict],
    }


@dataclass(frozen=True, eq=False)
class LeadCard:
    """One lead's card: ``print`` gives the text, a notebook shows it with its timeline.

    Attributes
    ----------
    audit : Audit
    lead_id : str

    Examples
    --------
    >>> import pandas as pd, leadaudit
    >>> frame = pd.DataFrame({"lead_id": ["a"], "status": ["won"], "created_at": ["2024-01-01"], "closed_at": ["2024-02-01"]})
    >>> leadaudit.audit(frame).explain("a")
    a: ended
    """

    audit: Audit
    lead_id: str

    @classmethod
    def of(cls, audit: Audit, lead_id: str) -> LeadCard:
        """The card of one of an audit's leads; raises ``lead_unknown`` with the nearest id."""
        known = audit.leads["lead_id"]
        if not (known == lead_id).any():
            raise LeadAuditError("lead_unknown", lead_id=lead_id, hint=did_you_mean(lead_id, list(known)))
        return cls(audit, lead_id)

    @cached_property
    def answers(self) -> dict[str, str]:
        """The four answers and what belongs to them, by name; empty for a lead that is ended."""
        from leadaudit.answers import answers

        one, reasons = self._own
        if one["verdict"].iloc[0] == "ended":
            return {}
        from dataclasses import replace

        said = answers(replace(self.audit.judgement, leads=one, reasons=reasons), self.audit.language).iloc[0]
        return {str(name): str(text) for name, text in said.items() if name != "lead_id"}

    @cached_property
    def _own(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        judged = self.audit.judgement
        return (
            judged.leads[(judged.leads["lead_id"] == self.lead_id).to_numpy()],
            judged.reasons[(judged.reasons["lead_id"] == self.lead_id).to_numpy()],
        )

    def __str__(self) -> str:
        """The card as text, for a terminal."""
        from leadaudit.answers import card

        return card(self.audit.judgement, self.lead_id, self.audit.language)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from leadaudit.report.charts.life import timeline
        from leadaudit.report.small_timeline import small_timeline

        lead = self._named()
        said = pd.Series(self.answers).reindex(list(_ANSWERS)).fillna("")
        shown = card_facts(lead, said, self.audit.language)
        if not self.answers:
            shown["facts"] = shown["facts"][:1]  # days and chances of an ended lead say nothing any more
        figure = timeline(self.audit, self.lead_id)
        label = sentence("shown.timeline", self.audit.language, lead_id=self.lead_id)
        drawn = small_timeline(figure, label)
        colour = VERDICT_COLOURS.get(shown["verdict"], VERDICT_COLOURS["paused"])
        return fill(_CARD, **{**shown, "colour": colour, "drawing": Markup(drawn)})

    def _named(self) -> dict[str, Any]:
        named = self.audit.leads.merge(
            self.audit.export.leads()[["lead_id", "name", "company"]], on="lead_id", how="left"
        )
        return dict(named[named["lead_id"] == self.lead_id].iloc[0].to_dict())


_ANSWERS = ("decision_due", "why_here", "missing", "next_step", "when_to_end", "what_would_change", "proof")


@dataclass(frozen=True)
class Finding:
    """One finding: a row of ``audit.findings`` that shows itself.

    Attributes
    ----------
    row : dict
        The row, by column (:data:`leadaudit.tables.FINDINGS`).
    language : {"de", "en"}
    """

    row: dict[Any, Any]
    language: Any

    @classmethod
    def of(cls, audit: Audit, name: str) -> Finding:
        """One of an audit's findings; raises ``finding_unknown`` with the nearest name."""
        found = audit.findings[audit.findings["finding"] == name]
        if found.empty:
            names = list(audit.findings["finding"])
            raise LeadAuditError("finding_unknown", value=name, hint=did_you_mean(name, names))
        return cls(found.iloc[0].to_dict(), audit.language)

    def __str__(self) -> str:
        """Name, grade, sentence and recommendation."""
        grade = sentence(f"grade.{self.row['grade']}", self.language)
        parts = [f"{title_of(self.row, self.language)} ({grade})", str(self.row["sentence"]), self._advice()]
        return "\n".join(filter(None, parts))

    def __repr__(self) -> str:
        """Id, grade and value in one line."""
        value = "" if pd.isna(self.row["value"]) else f", {self.row['value']:.4g} {self.row['unit']}".rstrip()
        return f"<Finding {self.row['finding']}: {self.row['grade']}{value}>"

    def _advice(self) -> str:
        return self.row["recommendation"] if isinstance(self.row["recommendation"], str) else ""

    def _repr_html_(self) -> str:
        return fill(
            _FINDING,
            colour=GRADE_COLOURS[str(self.row["grade"])],
            title=title_of(self.row, self.language),
            grade=sentence(f"grade.{self.row['grade']}", self.language),
            said=self.row["sentence"],
            advice=self._advice(),
            small=small_print(self.row, self.language),
        )
