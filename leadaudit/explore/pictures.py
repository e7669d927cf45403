"""What all pictures and pieces of HTML of the exploration share."""

from __future__ import annotations

from html import escape
from typing import Any

from leadaudit.report.blocks import fill

WIDTH = 840
"""Of a picture, in pixels. A figure widget is drawn before it has a place, so it cannot take the width of its cell."""

STYLE = """<style>
.la-explore { font-family: "Segoe UI", "Helvetica Neue", Helvetica, "Liberation Sans", Arial, sans-serif; line-height: 1.45; }
.la-explore h3 { margin: .3rem 0 .4rem; font-size: 1.05rem; }
.la-explore h4 { margin: .6rem 0 .1rem; font-size: .92rem; }
.la-explore p { margin: 0 0 .3rem; max-width: 62rem; }
.la-explore table { border-collapse: collapse; margin: .4rem 0; }
.la-explore caption { text-align: left; font-weight: 600; padding: .2rem 0; }
.la-explore th, .la-explore td { text-align: left; padding: .18rem .8rem .18rem 0; border-bottom: 1px solid #d5dbe0; vertical-align: top; }
.la-explore th.number, .la-explore td.number { text-align: right; font-variant-numeric: tabular-nums; }
.la-explore small { display: block; opacity: .75; }
.la-explore .muted { opacity: .75; }
.la-explore .verdict { padding: 0 .45rem; border-left: .35rem solid currentColor; }
.la-explore .progressing { border-color: #2a7fb8; } .la-explore .stalled { border-color: #e3a32b; }
.la-explore .overdue { border-color: #6b1e46; } .la-explore .paused { border-color: #7c909c; }
</style>"""


def html(template: str, **facts: Any) -> str:
    """A piece of HTML in the look of the exploration; whatever is filled in is escaped.

    Examples
    --------
    >>> html("<p>{{ name }}</p>", name="<b>").endswith('<p>&lt;b&gt;</p></div>')
    True
    """
    return STYLE + '<div class="la-explore">' + fill(template, **facts) + "</div>"


def paragraphs(*words: str, heading: str = "") -> str:
    """Sentences below each other; empty ones are left out."""
    template = "{% if h %}<h3>{{ h }}</h3>{% endif %}{% for w in words %}<p>{{ w }}</p>{% endfor %}"
    return html(template, h=heading, words=[one for one in words if one])


def words_on_picture(text: str) -> str:
    """A client's text for a picture, where ``<`` would begin markup.

    Examples
    --------
    >>> words_on_picture("A <b>")
    'A &lt;b&gt;'
    """
    return escape(text, quote=False)
