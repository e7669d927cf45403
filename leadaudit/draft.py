"""A process drafted from the data: which stages there are, what kind, and in which order.

Drafted once, before anything is judged, and never iterated: what the judgement learns does not
change the process that it was learned under. The draft reads only what the export knew at its
moment, so that a draft for a past date is the draft that one would have made then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadaudit.ingest.recognition.closing import leads_on, named_closing
from leadaudit.process import Process, Stage, StageKind

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.ingest.export import Export

SAMPLED_LEADS_COUNT = 50_000
"""Leads whose paths decide the order; more change nothing and cost time."""

AT_ENDING_SHARE = 0.9
"""A stage is an ending if so many of its entries fall on the day on which the lead was closed."""

AT_ENDING_MIN_COUNT = 5

_ACTIVITY_WORDS = re.compile(
    r"gesendet|versendet|versandt|verschickt|geschickt|nachgefasst|nachfassen|kontaktiert|angeschrieben|angerufen|erinnert"
    r"|vereinbart|durchgef(ü|ue)hrt|gehalten"
    r"|\b(sent|contacted|emailed|called|followed.?up|follow.?up|reached out|attempted|scheduled|held|presented|demoed)\b",
    re.IGNORECASE,
)
"""Words of a stage's name that say what we did, not what was decided."""


@dataclass(frozen=True)
class Draft:
    """A drafted process and what it proposes but does not yet do.

    ``activity_stages`` are stages whose name records an activity ("Angebot gesendet"): they
    count as movement only once a person has written ``records_activity = true``.
    """

    process: Process
    activity_stages: tuple[tuple[str, str], ...]


_OF_MEANING: dict[str, StageKind] = {"won": "won", "lost": "ended", "paused": "paused"}


def records_activity(stage: str) -> bool:
    """Whether a stage's name says what was done rather than what was decided.

    Examples
    --------
    >>> records_activity("Angebot gesendet"), records_activity("Entscheidung")
    (True, False)
    """
    return bool(_ACTIVITY_WORDS.search(stage))


def draft(export: Export) -> Draft:
    """Draft the process of an export.

    Parameters
    ----------
    export : Export
        As known at its moment.

    Returns
    -------
    Draft
        Stages in order per pipeline (won and ended stages last), with kinds.
    """
    standing = _standing(export)
    entries = _entries(export)
    kinds = _kinds(standing, entries)
    order = _order(export, kinds, standing)
    stages = tuple(Stage(pipeline=pipeline, name=name, kind=kinds[pipeline, name]) for pipeline, name in order)
    proposals = tuple((s.pipeline, s.name) for s in stages if s.kind == "open" and records_activity(s.name))
    return Draft(Process(stages=stages, drafted=True), proposals)


def _standing(export: Export) -> pd.DataFrame:
    """Leads per pipeline, stage and status, in order of first appearance, with the CRM's own chance."""
    return export.connection.sql(f"""
        SELECT coalesce(pipeline, '') AS pipeline, stage, coalesce(status, 'open') AS status,
               count(*) AS leads_count, avg(probability) AS probability
        FROM {export.names["leads"]} WHERE stage IS NOT NULL GROUP BY ALL ORDER BY ALL
    """).df()


def _entries(export: Export) -> pd.DataFrame:
    """Entries per pipeline and stage, and how many of them fall on the day of the lead's ending."""
    return export.connection.sql(f"""
        SELECT coalesce(c.pipeline, l.pipeline, '') AS pipeline, c.after AS stage, count(*) AS entries_count,
               count(*) FILTER (c.is_last) AS remained_count,
               count(*) FILTER (l.status = 'won' AND abs(date_diff('hour', c."at", l.closed_at)) <= 24) AS won_count,
               count(*) FILTER (l.status = 'lost' AND abs(date_diff('hour', c."at", l.closed_at)) <= 24) AS ended_count
        FROM (
            SELECT *, row_number() OVER (PARTITION BY lead_id ORDER BY "at" DESC, seq DESC) = 1 AS is_last
            FROM {export.names["changes"]} WHERE field = 'stage' AND after IS NOT NULL
        ) c JOIN {export.names["leads"]} l USING (lead_id) GROUP BY ALL ORDER BY ALL
    """).df()


def _kinds(standing: pd.DataFrame, entries: pd.DataFrame) -> dict[tuple[str, str], StageKind]:
    """Kind of each stage: by its name where the name says it, else by what happens on entering it."""
    counts = standing.pivot_table(
        index=["pipeline", "stage"], columns="status", values="leads_count", aggfunc="sum", fill_value=0
    ).reindex(columns=["open", "paused", "won", "lost"], fill_value=0)
    seen = entries.set_index(["pipeline", "stage"])
    kinds: dict[tuple[str, str], StageKind] = {}
    for pipeline, stage in dict.fromkeys([*counts.index, *seen.index]):
        held = counts.loc[(pipeline, stage)] if (pipeline, stage) in counts.index else None
        entered = seen.loc[(pipeline, stage)] if (pipeline, stage) in seen.index else None
        kinds[pipeline, stage] = _kind(str(stage), held, entered)
    return kinds


def _kind(stage: str, held: pd.Series | None, entered: pd.Series | None) -> StageKind:
    meaning = named_closing(stage)
    if meaning is not None and not _contradicted(meaning, held, entered):
        return _OF_MEANING[meaning]
    if entered is not None and _may_close(entered) and (held is None or not held["open"]):
        if entered["won_count"] >= AT_ENDING_SHARE * entered["entries_count"]:
            return "won"
        if entered["ended_count"] >= AT_ENDING_SHARE * entered["entries_count"]:
            return "ended"
    if held is not None and held["paused"] > 0.5 * held.sum():
        return "paused"
    return "open"


def _may_close(entered: pd.Series) -> bool:
    """Whether a stage was entered often enough to tell, and leads remain in it."""
    entries_count = int(entered["entries_count"])
    return entries_count >= AT_ENDING_MIN_COUNT and not leads_on("won", entries_count, int(entered["remained_count"]))


def _contradicted(meaning: str, held: pd.Series | None, entered: pd.Series | None) -> bool:
    """Whether leads go on from a stage named like an ending, or most of those standing in it are open."""
    if entered is not None and leads_on(meaning, int(entered["entries_count"]), int(entered["remained_count"])):
        return True
    return meaning != "paused" and held is not None and held["open"] > held["won"] + held["lost"]


def _order(export: Export, kinds: dict[tuple[str, str], StageKind], standing: pd.DataFrame) -> list[tuple[str, str]]:
    before = _precedence(export)
    pipelines = sorted({pipeline for pipeline, _ in kinds})
    ordered: list[tuple[str, str]] = []
    for pipeline in pipelines:
        names = [name for owner, name in kinds if owner == pipeline]
        running = [name for name in names if kinds[pipeline, name] in ("open", "decision", "paused")]
        closing = sorted(name for name in names if name not in running)
        part = before[before["pipeline"] == pipeline]
        first_guess = _first_guess(running, standing[standing["pipeline"] == pipeline])
        ordered += [(pipeline, name) for name in [*in_order(first_guess, part), *closing]]
    return ordered


def _precedence(export: Export) -> pd.DataFrame:
    """How many leads entered stage a before stage b (first entries), per pair."""
    return export.connection.sql(f"""
        WITH sampled AS (
            SELECT lead_id, coalesce(pipeline, '') AS pipeline FROM {export.names["leads"]}
            ORDER BY hash(lead_id), lead_id LIMIT {SAMPLED_LEADS_COUNT}
        ), first_entries AS (
            SELECT lead_id, coalesce(c.pipeline, s.pipeline) AS pipeline, c.after AS stage,
                   min((c."at", c.seq)) AS moment
            FROM {export.names["changes"]} c JOIN sampled s USING (lead_id)
            WHERE c.field = 'stage' AND c.after IS NOT NULL GROUP BY ALL
        )
        SELECT a.pipeline, a.stage AS earlier, b.stage AS later, count(*) AS leads_count
        FROM first_entries a JOIN first_entries b
          ON a.lead_id = b.lead_id AND a.pipeline = b.pipeline AND a.moment < b.moment
        GROUP BY ALL ORDER BY ALL
    """).df()


def _first_guess(names: list[str], standing: pd.DataFrame) -> list[str]:
    """Order without history: the CRM's own chance where it rises, else the names' own order (numbers, letters)."""
    chance = standing.groupby("stage")["probability"].mean()
    usable = chance.reindex(names).notna().all() and chance.max() > chance.min()
    return sorted(names, key=lambda name: (float(chance[name]) if usable else 0.0, name))


def in_order(names: list[str], precedence: pd.DataFrame) -> list[str]:
    """Order stages so that as few observed successions as possible run backwards.

    Parameters
    ----------
    names : list of str
        Stages, in the order to fall back on.
    precedence : DataFrame
        ``earlier``, ``later``, ``leads_count``: how many leads entered one before the other.

    Returns
    -------
    list of str
        The same stages. Starts from the share of successions in which a stage comes first and
        then moves single stages as long as that lowers the number of backward successions.

    Examples
    --------
    >>> import pandas as pd
    >>> seen = pd.DataFrame({"earlier": ["B", "B", "A"], "later": ["A", "C", "C"], "leads_count": [9, 8, 7]})
    >>> in_order(["A", "B", "C"], seen)
    ['B', 'A', 'C']
    """
    if len(names) < 2:
        return list(names)
    place = {name: i for i, name in enumerate(names)}
    flow = np.zeros((len(names), len(names)))
    known = precedence[precedence["earlier"].isin(place) & precedence["later"].isin(place)]
    np.add.at(flow, (known["earlier"].map(place), known["later"].map(place)), known["leads_count"].to_numpy(float))
    # Shares, not counts: a rarely used stage is placed as carefully as a busy one.
    total = flow + flow.T
    share = np.divide(flow, total, out=np.full_like(flow, 0.5), where=total > 0) - 0.5
    order = sorted(range(len(names)), key=lambda i: (-share[i].sum(), i))
    return [names[i] for i in _fewest_backward(order, share)]


def _fewest_backward(order: list[int], share: np.ndarray) -> list[int]:
    """Move single stages to better places until none is left (local search; deterministic)."""
    best = _forward(order, share)
    improved = True
    while improved:
        improved = False
        for item in list(order):
            rest = [other for other in order if other != item]
            tries = [[*rest[:i], item, *rest[i:]] for i in range(len(order))]
            scores = [_forward(candidate, share) for candidate in tries]
            top = int(np.argmax(scores))
            if scores[top] > best + 1e-9:
                order, best, improved = tries[top], scores[top], True
    return order


def _forward(order: list[int], share: np.ndarray) -> float:
    arranged = share[np.ix_(order, order)]
    return float(np.triu(arranged, 1).sum())
