"""HTML that is safe to show, Markdown, headings with anchors and the table of contents."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import mistune
    import nh3

TAGS = frozenset(
    "a abbr article aside b bdi blockquote br button caption code col colgroup dd details div dl dt em figcaption figure "
    "h1 h2 h3 h4 h5 hr i img input label li mark nav ol option p pre q s section select small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul".split()
)
ATTRIBUTES = {
    "*": {
        "class",
        "id",
        "title",
        "lang",
        "dir",
        "role",
        "hidden",
        "tabindex",
        "aria-label",
        "aria-describedby",
        "aria-hidden",
    },
    "a": {"href"},
    "button": {"type"},
    "col": {"span"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "input": {"type", "placeholder"},
    "label": {"for"},
    "option": {"value"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "scope", "headers", "aria-sort"},
    "time": {"datetime"},
}
ANCHOR = re.compile(r"<h([1-4])([^>]*)>(.*?)</h\1>", re.DOTALL)


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        clean_content_tags={"script", "style"},
        generic_attribute_prefixes={"data-"},
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
        attribute_filter=_only_plain_addresses,
    )


def _only_plain_addresses(tag: str, attribute: str, value: str) -> str | None:
    """Pictures come from the page itself, links lead within it or to the open web, never to code."""
    if tag == "img" and attribute == "src":
        return value if re.match(r"data:image/(png|jpeg|gif|webp);base64,", value) else None
    if attribute == "href" and value.startswith("data:"):
        return None
    return value


def clean(html: str) -> str:
    """HTML without anything that could run, load or navigate.

    Examples
    --------
    >>> clean('<b onclick="x()">Hi</b><script>alert(1)</script>')
    '<b>Hi</b>'
    """
    return _cleaner().clean(html)


@cache
def _markdown() -> mistune.Markdown:
    import mistune

    return mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "footnotes"])


def markdown(text: str) -> str:
    """A consultant's Markdown as safe HTML.

    Examples
    --------
    >>> markdown("*Hi*").strip()
    '<p><em>Hi</em></p>'
    """
    return clean(str(_markdown()(text)))


def headings(html: str) -> tuple[str, list[tuple[int, str, str]]]:
    """Give every heading an anchor and list them.

    Returns
    -------
    tuple of str and list of (level, anchor, text)
        Headings of level 2 and 3 make the table of contents, but for those of class ``unlisted``.
    """
    contents: list[tuple[int, str, str]] = []
    taken: set[str] = set()

    def anchored(found: re.Match[str]) -> str:
        level, attributes, inner = int(found[1]), found[2], found[3]
        given = re.search(r'\bid="([^"]+)"', attributes)
        anchor = given[1] if given else _free(slug(_plain(inner)), taken)
        taken.add(anchor)
        if level in (2, 3) and "unlisted" not in attributes:
            contents.append((level, anchor, _plain(inner)))
        return found[0] if given else f'<h{level}{attributes} id="{anchor}">{inner}</h{level}>'

    return ANCHOR.sub(anchored, html), contents


def _plain(html: str) -> str:
    from html import unescape

    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


def _free(anchor: str, taken: set[str]) -> str:
    candidate, number = anchor, 2
    while candidate in taken:
        candidate, number = f"{anchor}-{number}", number + 1
    return candidate


def slug(text: str) -> str:
    """An anchor from a heading: plain letters and hyphens.

    Examples
    --------
    >>> slug("Gespräche schützen")
    'gespraeche-schuetzen'
    """
    umlauts: dict[str, str | int | None] = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
    spelled = text.lower().translate(str.maketrans(umlauts))
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "section"
