"""Pieces of HTML that a notebook shows and the report page takes over.

A block shows itself in any notebook; the page adds behaviour by class (``sortable``,
``filterable``) and by ``data-`` attributes. All text is escaped here, once more by the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from leadaudit.report.html import CARDS_MIME, META_MIME

if TYPE_CHECKING:
    from jinja2 import Environment, Template


@dataclass(frozen=True)
class Block:
    """One piece of the report: safe HTML, with facts for the page beside it."""

    html: str
    meta: Mapping[str, Any] = field(default_factory=dict)
    cards: Mapping[str, Any] = field(default_factory=dict)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002 - IPython's signature
        forms: dict[str, Any] = {"text/html": self.html, "text/plain": "leadaudit"}
        if self.meta:
            forms[META_MIME] = dict(self.meta)
        if self.cards:
            forms[CARDS_MIME] = dict(self.cards)
        return forms


@dataclass(frozen=True)
class Cell:
    """A table's cell: text, what stands small below it, a sort key where the text does not sort, a class, the id of a lead's card, where its link leads."""

    text: str
    sort: str | float | None = None
    look: str = ""
    card: str = ""
    verdict: str = ""
    below: str = ""
    href: str = ""


@dataclass(frozen=True)
class Column:
    """A table's column: its header and look (``number``, ``wide``, ``id``)."""

    title: str
    look: str = ""


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    caption: str,
    sortable: bool = False,
    filterable: bool = False,
    look: str = "",
) -> str:
    """A table with caption and scoped headers, as safe HTML.

    Parameters
    ----------
    columns : sequence of Column
    rows : sequence of sequence of Cell
        A cell for each column.
    caption : str
        Says what the table shows; also names the region that scrolls.
    sortable, filterable : bool
        Behaviour that the page adds.
    look : str
        Further classes; ``stack`` = cells below each other on a telephone, ``print-30`` = so many rows on paper.

    Examples
    --------
    >>> "<td>&lt;b&gt;</td>" in table([Column("Lead")], [[Cell("<b>")]], caption="Leads")
    True
    """
    looks = [look, *[name for name, wanted in (("sortable", sortable), ("filterable", filterable)) if wanted]]
    return fill(
        """<div class="scroll" role="region" tabindex="0" aria-label="{{ caption }}"><table{% if looks %} class="{{ looks }}"{% endif %}><caption>{{ caption }}</caption>
<thead><tr>{% for c in columns %}<th scope="col"{% if c.look %} class="{{ c.look }}"{% endif %}>{{ c.title }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}<tr>{% for cell in row %}{% set look = cell.look or columns[loop.index0].look %}<td{% if look %} class="{{ look }}"{% endif %}
{%- if cell.sort is not none %} data-sort="{{ cell.sort }}"{% endif %}{% if cell.card %} data-card="{{ cell.card }}"{% endif %}>
{%- if cell.verdict %}<span class="verdict {{ cell.verdict }}">{{ cell.text }}</span>{% elif cell.href %}<a href="{{ cell.href }}">{{ cell.text }}</a>{% else %}{{ cell.text }}{% endif %}
{%- if cell.below %}<small>{{ cell.below }}</small>{% endif %}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>""",
        columns=columns,
        rows=rows,
        caption=caption,
        looks=" ".join(filter(None, looks)),
    )


def fill(template: str, **facts: Any) -> str:
    """Fill a small template; everything that is not marked as safe is escaped.

    Examples
    --------
    >>> fill("<p>{{ text }}</p>", text="<b>")
    '<p>&lt;b&gt;</p>'
    """
    return _template(template).render(**facts)


@cache
def _template(source: str) -> Template:
    return _environment().from_string(source)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined

    return Environment(autoescape=True, undefined=StrictUndefined)
