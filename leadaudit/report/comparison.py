"""Two audits side by side: sections of the comparison's notebook, and its files for machines."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit import __version__
from leadaudit.compare import COLUMNS, MET
from leadaudit.language import has, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Block, Cell, Column, fill, table
from leadaudit.report.machine_files import guarded
from leadaudit.tables import VERDICTS

if TYPE_CHECKING:
    from leadaudit.compare import Comparison
    from leadaudit.decisions import Decided

MOST_ROWS = 200
DAY = timedelta(days=1)
_PARAGRAPHS = "{% for w in words %}<p>{{ w }}</p>{% endfor %}"
_HEADING = '<h2 id="{{ key }}">{{ title }}</h2>'


def compare_head(comparison: Comparison) -> Block:
    """Title, the two moments, and what became of the proposals in a few sentences."""
    language = comparison.language
    title = sentence("compare.title", language)
    html = fill(
        '<h1>{{ title }}</h1><p class="lead">{{ first }}</p>{% for w in rest %}<p>{{ w }}</p>{% endfor %}',
        title=title,
        first=" ".join(proposals(comparison)),
        rest=[_span(comparison), sentence("compare.no_cause", language)],
    )
    footer = sentence("report.footer", language, version=__version__)
    return Block(html, meta={"language": language, "title": title, "version": __version__, "footer": footer})


def proposals(comparison: Comparison) -> list[str]:
    """What became of the endings that were due then, and how many are newly due; in sentences."""
    language, became = comparison.language, comparison.became
    due = comparison.old.counts["overdue"]
    if not due:
        return [sentence("compare.nothing_due", language), _fresh(comparison)]
    met = {name: became[name] for name in MET}
    said = [sentence("compare.due", language, n=due)]
    if sum(met.values()):
        parts = ", ".join(sentence(f"compare.met_part.{name}", language, n=n) for name, n in met.items() if n)
        said.append(sentence("compare.met", language, n=sum(met.values()), parts=parts))
    else:
        said.append(sentence("compare.met_none", language))
    said.append(
        sentence("compare.standing" if became["standing"] else "compare.standing_none", language, n=became["standing"])
    )
    said += [sentence(f"compare.{name}", language, n=became[name]) for name in ("reassessed", "gone") if became[name]]
    if became["won"]:
        said.append(sentence("compare.won_note", language))
    return [*said, _fresh(comparison)]


def _fresh(comparison: Comparison) -> str:
    fresh = comparison.leads[comparison.leads["newly_overdue"]]
    if fresh.empty:
        return sentence("compare.fresh_none", comparison.language)
    why = {name: int((fresh["why_new"] == name).sum()) for name in ("time", "limit", "sign")}
    parts = "; ".join(sentence(f"compare.fresh_part.{name}", comparison.language, n=n) for name, n in why.items() if n)
    said = sentence("compare.fresh", comparison.language, n=len(fresh), parts=parts)
    newcomers = int((fresh["before"] == "").sum())
    return f"{said} {sentence('compare.fresh_newcomers', comparison.language, n=newcomers)}" if newcomers else said


def _span(comparison: Comparison) -> str:
    leads, language = comparison.leads, comparison.language
    old, new = comparison.old.as_of - DAY, comparison.new.as_of - DAY
    both = int(((leads["before"] != "") & (leads["after"] != "")).sum())
    words = sentence("compare.span", language, old=old, new=new)
    return f"{words} {sentence('compare.shared', language, n=both, fresh=int((leads['before'] == '').sum()))}"


def then_and_now(comparison: Comparison) -> Block:
    """Open leads, endings due, their share, stalled leads and load: then and now."""
    language = comparison.language
    sides = (comparison.old, comparison.new)
    rows: list[tuple[str, str, list[float | None]]] = [
        ("open", "count", [len(side.open) for side in sides]),
        ("overdue", "count", [side.counts["overdue"] for side in sides]),
        ("overdue_share", "percent", [side.overdue_share for side in sides]),
        ("stalled", "count", [side.counts["stalled"] for side in sides]),
        ("load_days", "count", [side.load_days for side in sides]),
    ]
    columns = [
        Column(_column("measure", comparison)),
        *[Column(_column(n, comparison), "number") for n in ("then", "now")],
    ]
    cells = [
        [Cell(sentence(f"compare.measure.{name}", language)), *[Cell(form(value, kind, language)) for value in values]]
        for name, kind, values in rows
    ]
    title = sentence("compare.then_and_now", language)
    return Block(
        _heading("then-and-now", title) + table(columns, cells, caption=sentence("compare.then_caption", language))
    )


def fairness(comparison: Comparison) -> Block:
    """How far the two states can be compared: the same leads only, limits set by hand, horizons learned anew."""
    language = comparison.language
    words = []
    then, now = comparison.old.overdue_share, comparison.new.overdue_share
    if then is not None and now is not None:
        words.append(sentence("compare.share", language, then=then, now=now))
    followed = comparison.open_then
    if followed["left"]:
        words.append(sentence("compare.open_then", language, **followed))
    if then is not None and followed["due"] > then * followed["left"]:
        words.append(sentence("compare.open_then_higher", language))
    changed = comparison.changed_limits
    names = ", ".join(f"{name} {before} → {after}" for name, (before, after) in changed.items())
    words.append(sentence("compare.limits_changed" if changed else "compare.limits_same", language, names=names))
    horizons = comparison.changed_horizons
    html = _heading("fairness", sentence("compare.fair_title", language))
    if horizons:
        words.append(sentence("compare.horizons", language, n=len(horizons)))
    html += fill(_PARAGRAPHS, words=words)
    return Block(html + (_horizons(comparison, horizons) if horizons else ""))


def _horizons(comparison: Comparison, horizons: list[dict[str, Any]]) -> str:
    language = comparison.language
    none = sentence("compare.none_value", language)
    columns = [Column(sentence("column.stage", language))]
    columns += [Column(_column(name, comparison), "number") for name in ("horizon_then", "horizon_now")]
    rows = [
        [
            Cell(" · ".join(filter(None, [row["pipeline"], row["stage"]])) or "–"),
            *[Cell(none if row[name] is None else form(row[name], "days", language)) for name in ("then", "now")],
        ]
        for row in horizons
    ]
    return table(columns, rows, caption=sentence("compare.horizons_caption", language))


def what_became(comparison: Comparison) -> Block:
    """What became of every ending that was proposed, counted."""
    language = comparison.language
    title = sentence("compare.became_title", language)
    counted = [(name, count) for name, count in comparison.became.items() if count]
    html = _heading("became", title)
    if not counted:
        return Block(html + fill("<p>{{ said }}</p>", said=sentence("compare.nothing_due", language)))
    columns = [Column(_column("became", comparison)), Column(_column("count", comparison), "number")]
    rows = [
        [Cell(sentence(f"compare.became.{name}", language)), Cell(form(n, "count", language))] for name, n in counted
    ]
    return Block(html + table(columns, rows, caption=sentence("compare.became_caption", language)))


def standing_proposals(comparison: Comparison) -> Block:
    """Endings that were proposed then and are proposed still, without anything having happened."""
    leads = comparison.leads[comparison.leads["became"] == "standing"]
    return _list(comparison, leads, "standing", "compare.standing_none")


def newly_overdue(comparison: Comparison) -> Block:
    """Leads for which an ending is due now and was not then, and why."""
    leads = comparison.leads[comparison.leads["newly_overdue"]]
    return _list(comparison, leads, "fresh", "compare.fresh_none", why=True)


def _list(comparison: Comparison, leads: pd.DataFrame, key: str, none: str, *, why: bool = False) -> Block:
    language = comparison.language
    title = sentence(f"compare.{key}_title", language)
    html = _heading(f"{key}-leads", title)
    if leads.empty:
        return Block(html + fill("<p>{{ said }}</p>", said=sentence(none, language)))
    # The value comes last of these; an audit without values has no column for them.
    looks = [("lead", "id"), ("stage", ""), ("stay_days_short", "number"), ("amount", "number")]
    looks = looks if leads["amount"].notna().any() else looks[:3]
    columns = [Column(sentence(f"column.{name}", language), look) for name, look in looks]
    columns += [Column(_column("why_new", comparison))] if why else []
    one_currency = len(set(leads["currency"].dropna()) - {""}) <= 1
    by = ["amount", "stay_days"] if one_currency else ["stay_days"]
    ordered = leads.sort_values([*by, "lead_id"], ascending=[*[False] * len(by), True], na_position="last")
    shown = ordered.head(MOST_ROWS)
    rows = [
        _row(lead, comparison)[: len(columns) - why] + _why(lead, comparison, why) for lead in shown.to_dict("records")
    ]
    html += table(columns, rows, caption=f"{title} ({form(len(leads), 'count', language)})", sortable=True)
    if len(leads) > MOST_ROWS:
        html += fill(
            '<p class="muted">{{ said }}</p>', said=sentence("compare.more", language, n=len(leads) - MOST_ROWS)
        )
    return Block(html)


def _row(lead: Mapping[Any, Any], comparison: Comparison) -> list[Cell]:
    language = comparison.language
    return [
        Cell(str(lead["lead_id"])),
        Cell(lead["stage"] or "–"),
        Cell(form(lead["stay_days"], "days", language), sort=_sort(lead["stay_days"])),
        Cell(form(lead["amount"], "money", language), sort=_sort(lead["amount"]), below=lead["currency"] or ""),
    ]


def _why(lead: Mapping[Any, Any], comparison: Comparison, wanted: bool) -> list[Cell]:
    return [Cell(sentence(f"compare.why_new.{lead['why_new']}", comparison.language))] if wanted else []


def _sort(value: Any) -> float | str:
    return "" if pd.isna(value) else round(float(value), 6)


def decided(comparison: Comparison) -> Block:
    """What people decided in the workbook, and whether the newer audit shows it."""
    language, leads = comparison.language, comparison.leads
    html = _heading("decided", sentence("compare.decided_title", language))
    if not comparison.decisions:
        return Block(html + fill("<p>{{ said }}</p>", said=sentence("compare.decided_none", language)))
    outside = len(set(comparison.decisions) - set(leads["lead_id"]))
    words = [sentence("compare.decided", language, n=len(comparison.decisions))]
    words += [sentence("compare.decided_outside", language, n=outside)] if outside else []
    states = ("done", "undone", "unknown")
    columns = [Column(_column("decision", comparison))]
    columns += [Column(_column(name, comparison), "number") for name in ("count", *states)]
    rows = []
    for code in ("continue", "pause", "end"):
        own = leads[leads["decision"] == code]
        counts = [len(own), *[int((own["carried_out"] == state).sum()) for state in states]]
        rows.append(
            [Cell(sentence(f"choice.decision.{code}", language)), *[Cell(form(n, "count", language)) for n in counts]]
        )
    return Block(
        html
        + fill(_PARAGRAPHS, words=words)
        + table(columns, rows, caption=sentence("compare.decided_caption", language))
    )


def verdict_moves(comparison: Comparison) -> Block:
    """From which assessment to which the leads went."""
    language, moves = comparison.language, comparison.moves
    names = [name for name in [*VERDICTS, "absent"] if moves.loc[name].sum() or moves[name].sum()]
    columns = [Column(_column("then", comparison))] + [Column(_verdict(name, comparison), "number") for name in names]
    rows = [
        [Cell(_verdict(name, comparison)), *[Cell(form(moves.loc[name, to], "count", language)) for to in names]]
        for name in names
    ]
    title = sentence("compare.moves_title", language)
    return Block(_heading("moves", title) + table(columns, rows, caption=sentence("compare.moves_caption", language)))


def _verdict(name: str, comparison: Comparison) -> str:
    key = f"verdict.{name}"
    return sentence(key if has(key) else "compare.absent", comparison.language)


def _column(name: str, comparison: Comparison) -> str:
    return sentence(f"compare.column.{name}", comparison.language)


def _heading(key: str, title: str) -> str:
    return fill(_HEADING, key=key, title=title)


def decisions_of(read: Decided) -> dict[str, str]:
    """Decision by lead, as :func:`leadaudit.compare.compare` takes it."""
    return {one.lead_id: one.decision for one in read.decisions}


def write_compare(comparison: Comparison, output: str | Path) -> None:
    """Write ``compare.csv`` (:data:`leadaudit.compare.COLUMNS`) and ``compare.json``; nothing for an empty text."""
    if not str(output):
        return
    folder = Path(output)
    text = json.dumps(comparison.to_record(), ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "compare.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    with (folder / "compare.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in comparison.leads.itertuples(index=False, name=None):
            writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.2f}".rstrip("0").rstrip(".")
    return "" if pd.isna(value) else guarded(value)
