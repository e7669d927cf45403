"""The report page, made from the executed notebook.

What the notebook shows is what the page says: a paragraph or picture that a consultant added is
in it. Two walls stand between CRM text and the reader's browser, each enough alone: every piece
of HTML goes through nh3, and the page's own policy allows only the scripts named by their hash.
The page asks nothing of any network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from leadaudit.errors import ExportReadError
from leadaudit.language import Language, sentence, texts
from leadaudit.report.markup import clean, headings, markdown

META_MIME = "application/vnd.leadaudit.meta+json"
CARDS_MIME = "application/vnd.leadaudit.cards+json"
PLOTLY_MIME = "application/vnd.plotly.v1+json"
IMAGE_MIMES = ("image/png", "image/jpeg", "image/svg+xml")
_SMALL = '<figure class="picture small">'
SKIPPED_TAGS = frozenset({"parameters", "injected-parameters", "guide"})


@dataclass
class Page:
    """What the template fills in, collected cell by cell."""

    body: list[str] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    cards: dict[str, Any] = field(default_factory=dict)


def write_html(notebook: Path, target: Path) -> None:
    """Write the report page of an executed notebook.

    Parameters
    ----------
    notebook : Path
        Executed by leadaudit, perhaps edited and run again by hand.
    target : Path
        One self-contained file; replaced as a whole.

    Raises
    ------
    ExportReadError
        ``notebook_not_ours`` if it is no notebook, was not run, or stopped in a cell.
    """
    page = collected(notebook)
    part = target.with_suffix(".part")
    part.write_text(rendered(page), encoding="utf-8", newline="\n")
    os.replace(part, target)


def collected(notebook: Path) -> Page:
    """Everything that an executed notebook shows, in order."""
    page = Page()
    for number, cell in enumerate(_cells(notebook), 1):
        if SKIPPED_TAGS & set(cell.get("metadata", {}).get("tags", [])):
            continue
        if cell["cell_type"] == "markdown":
            page.body.append(f'<div class="prose">{markdown(_joined(cell["source"]))}</div>')
        shown: list[str] = []
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                raise ExportReadError("notebook_not_ours", path=notebook.name, reason=f"it stopped in cell {number}")
            shown.extend(_shown(output, page))
        page.body.extend(_side_by_side(shown))
    if not page.meta:
        raise ExportReadError(
            "notebook_not_ours", path=notebook.name, reason="it holds no audit; run all its cells first"
        )
    return page


def _side_by_side(shown: list[str]) -> list[str]:
    """Small pictures of one cell stand in a row."""
    if not any(piece.startswith(_SMALL) for piece in shown):
        return shown
    return ['<div class="gallery">', *shown, "</div>"]


def _cells(notebook: Path) -> list[dict[str, Any]]:
    try:
        document = json.loads(notebook.read_text(encoding="utf-8"))
        return cast("list[dict[str, Any]]", document["cells"])
    except FileNotFoundError as error:
        raise ExportReadError("file_missing", path=notebook) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExportReadError("notebook_not_ours", path=notebook.name, reason="it is not a notebook") from error


def _shown(output: Mapping[str, Any], page: Page) -> Iterator[str]:
    """The page's version of one output: the richest form that it can show safely."""
    if output["output_type"] == "stream":
        if output.get("name") == "stdout":
            yield f"<pre>{_escaped(_joined(output['text']))}</pre>"
        return
    forms = output.get("data", {})
    if META_MIME in forms:
        page.meta.update(forms[META_MIME])
    if CARDS_MIME in forms:
        page.cards.update(forms[CARDS_MIME])
    if PLOTLY_MIME in forms:
        yield _figure(forms[PLOTLY_MIME], page)
    elif "text/html" in forms:
        yield clean(_joined(forms["text/html"]))
    elif "text/markdown" in forms:
        yield f'<div class="prose">{markdown(_joined(forms["text/markdown"]))}</div>'
    else:
        yield _image_or_text(forms)


def _image_or_text(forms: Mapping[str, Any]) -> str:
    for mime in IMAGE_MIMES:
        if mime in forms:
            raw = _joined(forms[mime])
            # As an image an SVG runs no script.
            code = base64.b64encode(raw.encode()).decode() if mime.endswith("xml") else raw.replace("\n", "")
            return f'<figure><img alt="" src="data:{mime};base64,{_escaped(code)}"></figure>'
    return f"<pre>{_escaped(_joined(forms['text/plain']))}</pre>" if "text/plain" in forms else ""


def _figure(drawing: dict[str, Any], page: Page) -> str:
    """A picture with its caption and the table that says the same; drawn by the page's script."""
    layout = drawing.setdefault("layout", {})
    about = layout.pop("meta", None) or {}
    number = len(page.figures)
    page.figures.append({"data": drawing.get("data", []), "layout": layout})
    height = int(layout.get("height") or 420)
    title = _escaped(str(about.get("title", "")))
    caption = _escaped(str(about.get("caption", "")))
    table = clean(str(about.get("table", "")))
    words = _escaped(sentence("page.as_table", _language(page.meta)))
    details = f"<details><summary>{words}</summary>{table}</details>" if table else ""
    look = "picture small" if about.get("small") else "picture"
    return (
        f'<figure class="{look}"><figcaption><strong>{title}</strong> {caption}</figcaption>'
        f'<div class="plot" id="figure-{number}" data-figure="{number}" style="height:{height}px"></div>{details}</figure>'
    )


def rendered(page: Page) -> str:
    """The finished page as text; the same page gives the same bytes."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    language = _language(page.meta)
    scripts = [_asset("plotly-cartesian.min.js"), _asset("page.js")] if page.figures else [_asset("page.js")]
    body, contents = headings("\n".join(page.body))
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    words = {key.removeprefix("page."): text for key, text in texts(language).items() if key.startswith("page.")}
    return environment.from_string(_asset("page.html.j2")).render(
        language=language,
        meta=page.meta,
        words=words,
        contents=contents,
        body=Markup(body),
        css=Markup(_asset("page.css")),
        scripts=[Markup(script) for script in scripts],
        hashes=" ".join(f"'sha256-{_digest(script)}'" for script in scripts),
        figures=Markup(_json_block(page.figures)),
        cards=Markup(_json_block(page.cards)),
        page_words=Markup(_json_block(words)),
    )


def _language(meta: Mapping[str, Any]) -> Language:
    return "de" if meta.get("language") == "de" else "en"


@cache
def _asset(name: str) -> str:
    return (files("leadaudit.report") / "assets" / name).read_text(encoding="utf-8").strip()


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode()


def _json_block(value: Any) -> str:
    """JSON that cannot leave its script element, whatever text stands in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _escaped(text: str) -> str:
    from html import escape

    return escape(text, quote=True)
