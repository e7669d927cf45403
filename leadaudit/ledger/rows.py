"""From leads, changes and decisive acts to the rows that are walked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.ledger import chain
from leadaudit.ledger.bulk import in_bulk
from leadaudit.ledger.known import LAST_US, Known, microseconds
from leadaudit.ledger.order import merged
from leadaudit.ledger.places import DECISION, ENDED, NO_KIND, NOWHERE, OPEN, PAUSED, WON, Places
from leadaudit.ledger.walk import CREATED, DECIDED, INBOUND, PRECONDITION, RECORD, STAGE, STATUS, Rows
from leadaudit.ledger.words import decision_words

if TYPE_CHECKING:
    from leadaudit.process import Precondition, Process

Numbers = np.ndarray[Any, np.dtype[Any]]

STATUS_KINDS = {"open": OPEN, "paused": PAUSED, "won": WON, "lost": ENDED}
MISSING_US = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Begun:
    """How each lead began; one element per lead.

    Attributes
    ----------
    at_us : ndarray of int64
        Creation, or the first stage change where that is earlier or creation is unknown.
    place : ndarray of int
        First stage; ``NOWHERE`` if unknown, or if the lead is judged as a whole.
    known : ndarray of bool
        False where the stay that begins here began earlier, nobody knows when.
    entered_us : ndarray of int64
        Start of the history where it is later than the (known) beginning, else missing.
    history_us : int
        When the stage history of the export begins; smallest integer without one.
    """

    at_us: Numbers
    place: Numbers
    known: Numbers
    entered_us: Numbers
    history_us: int


def places_of(known: Known, process: Process) -> Places:
    """Number every pipeline and stage that occurs."""
    stage_changes = known.changes.iloc[known.rows_of("stage")]
    pipelines = _names([""], known.leads["pipeline"], stage_changes["pipeline"])
    stages = _names([], known.leads["stage"], stage_changes["before"], stage_changes["after"])
    return Places.of(process, pipelines, stages)


def _names(always: list[str], *columns: pd.Series) -> pd.Index:
    """Distinct names that occur in these columns of categories."""
    found = set(always)
    for column in columns:
        found.update(column.cat.categories.take(np.unique(column.cat.codes[column.cat.codes >= 0])))
    return pd.Index(sorted(found), dtype="str")


def stage_rows(known: Known, places: Places, bulk: Numbers) -> tuple[Rows, Numbers]:
    """Stage changes in order (equal times chained), and the stage that each came from."""
    chosen, changes = known.rows_of("stage"), known.changes

    def coded(name: str) -> pd.Series:
        return changes[name] if len(chosen) == len(changes) else changes[name].iloc[chosen]

    lead_no = changes["lead_no"].to_numpy()[chosen]
    own = places.pipeline_numbers(known.leads["pipeline"])
    given = coded("pipeline")
    pipeline_no = np.where(given.cat.codes < 0, own[lead_no], places.pipeline_numbers(given))
    size = len(places.stages)
    after_no, before_no = (places.stage_numbers(coded(name)) for name in ("after", "before"))
    after = np.where(after_no < 0, NOWHERE, pipeline_no * size + after_no)
    before = np.where(before_no < 0, NOWHERE, pipeline_no * size + before_no)
    at_us, seq = (changes[name].to_numpy()[chosen] for name in ("at_us", "seq"))
    order = chain.in_order(lead_no, at_us, seq, before, after, places.of_rank(after))
    order = order[after[order] != NOWHERE]
    if not known.has_history:  # a handful of changes is no history: only endings are taken from them
        order = order[np.isin(places.of_kind(after[order]), (WON, ENDED))]
    place = after[order]
    rows = _rows(places, lead_no[order], at_us[order], STAGE, place, places.of_kind(place), bulk[chosen][order])
    return rows, before[order]


def _rows(
    places: Places, lead_no: Numbers, at_us: Numbers, source: int, place: Numbers, kind: Numbers, bulk: Numbers
) -> Rows:
    passive = np.zeros(len(place), bool)
    if len(places.records_activity):
        passive = (place >= 0) & places.records_activity[place]
    return Rows(
        lead_no.astype(np.int32),
        at_us,
        np.full(len(lead_no), source, np.int8),
        place.astype(np.int32),
        kind.astype(np.int8),
        places.of_rank(place),
        places.pipeline_no(place).astype(np.int32),
        passive,
        bulk,
    )


def begun(known: Known, places: Places, stages: Rows, before: Numbers, first_us: Numbers) -> Begun:
    """How each lead began, from its own record, its first stage change and the first time that anything happened."""
    leads = known.leads
    created = microseconds(leads["created_at"])
    current = places.number(leads["pipeline"], leads["stage"])
    if not known.has_history:
        size = len(leads)
        at_us = _earlier(created, first_us)
        return Begun(at_us, np.full(size, NOWHERE), created != MISSING_US, np.full(size, MISSING_US), MISSING_US)
    history_us = int(stages.at_us.min()) if len(stages.at_us) else MISSING_US
    first = np.full(len(leads), -1)
    first[stages.lead_no[::-1]] = np.arange(len(stages.lead_no))[::-1]
    moved = first >= 0
    at_us = _earlier(created, first_us)
    came_from = np.where(before[first] == NOWHERE, stages.place[first], before[first])
    place = np.where(moved, came_from, current)
    place = np.where(np.isin(places.of_kind(place), (WON, ENDED)), NOWHERE, place)
    early = at_us < history_us
    # Who stands in the very first stage when the history begins has stood there since creation:
    # its true age is known. Anywhere else nobody knows since when.
    closed = microseconds(leads["closed_at"])
    since_creation = early & _is_first(places, place) & ~((closed != MISSING_US) & (closed <= history_us))
    known_start = (created != MISSING_US) & (~early | since_creation)
    entered_us = np.where(early & known_start, history_us, MISSING_US)
    return Begun(at_us, place, known_start, entered_us, history_us)


def first_times(parts: list[tuple[Rows, Numbers]], size: int) -> Numbers:
    """When anything first happened to each lead; largest integer = never."""
    found = np.full(size, LAST_US)
    for rows, _ in parts:
        np.minimum.at(found, rows.lead_no, rows.at_us)
    return found


def _earlier(created: Numbers, first_us: Numbers) -> Numbers:
    """A record is sometimes made after the fact: the lead began with what happened first."""
    unknown = np.where(first_us == LAST_US, MISSING_US, first_us)
    return np.where(created == MISSING_US, unknown, np.minimum(created, first_us))


def _is_first(places: Places, place: Numbers) -> Numbers:
    """Whether a place has the lowest rank of its pipeline."""
    ranked = np.flatnonzero((places.rank >= 0) & np.isin(places.kind, (OPEN, DECISION)))
    lowest = np.full(len(places.pipelines), LAST_US)
    np.minimum.at(lowest, places.pipeline_no(ranked), places.rank[ranked])
    return (place >= 0) & (places.of_rank(place) == lowest[places.pipeline_no(place)])


def other_rows(known: Known, places: Places, process: Process, bulk: Numbers) -> list[tuple[Rows, Numbers]]:
    """Status changes, recorded decisions and preconditions that became known, each with its file order."""
    found = [_statuses(known), _decisions(known)]
    for condition in process.preconditions:
        own = known.rows_of(condition.column)
        before, after = (known.changes[name].iloc[own] for name in ("before", "after"))
        learned = _is_known(after, condition) & ~_is_known(before, condition)
        found.append((PRECONDITION, own[learned], np.full(int(learned.sum()), NO_KIND)))
    rows = []
    for source, chosen, kind in found:
        part = known.changes.iloc[chosen]
        nowhere = np.full(len(chosen), NOWHERE)
        made = _rows(places, part["lead_no"].to_numpy(), part["at_us"].to_numpy(), source, nowhere, kind, bulk[chosen])
        rows.append((made, part["seq"].to_numpy()))
    return rows


def _statuses(known: Known) -> tuple[int, Numbers, Numbers]:
    chosen = known.rows_of("status")
    before, after = (_folded(known.changes[name].iloc[chosen]) for name in ("before", "after"))
    kind = after.map(STATUS_KINDS).fillna(NO_KIND).to_numpy(int)
    # "open" says something only where the lead was not open before.
    says = (kind != NO_KIND) & ((kind != OPEN) | before.isin(["won", "lost", "paused"]).to_numpy())
    return STATUS, chosen[says], kind[says]


def _decisions(known: Known) -> tuple[int, Numbers, Numbers]:
    chosen = known.rows_of("decision")
    after = _folded(known.changes["after"].iloc[chosen])
    kinds = {"continue": OPEN, "pause": PAUSED, "end": ENDED}
    kind = after.map(decision_words()).map(kinds).fillna(NO_KIND).to_numpy(int)
    says = after.notna().to_numpy()
    return DECIDED, chosen[says], kind[says]


def _folded(texts: pd.Series) -> pd.Series:
    return texts.astype("str").str.strip().str.casefold()


def _is_known(values: pd.Series, condition: Precondition) -> Numbers:
    """Whether each value is good or bad, that is, not unknown."""
    return judged_precondition(values, condition) != 0


def judged_precondition(values: pd.Series, condition: Precondition) -> Numbers:
    """1 = good, -1 = known to fail, 0 = unknown; for each value of a precondition's column.

    Values are compared without case and outer spaces; numbers with the limits, where there are any.
    """
    texts = values.astype("str").str.strip().str.casefold()
    good = texts.isin([value.strip().casefold() for value in condition.good])
    bad = texts.isin([value.strip().casefold() for value in condition.bad])
    result = np.where(bad, -1, np.where(good, 1, 0))
    if condition.at_least is None and condition.at_most is None:
        return result
    number = pd.to_numeric(texts, errors="coerce").to_numpy(float)
    low = -np.inf if condition.at_least is None else condition.at_least
    high = np.inf if condition.at_most is None else condition.at_most
    inside = (number >= low) & (number <= high)
    return np.where(result != 0, result, np.where(np.isnan(number), 0, np.where(inside, 1, -1)))


def bulk_changes(known: Known, process: Process) -> Numbers:
    """Which changes are part of an import or clean-up; stage and status are looked at together, other fields alone."""
    changes = known.changes
    found = np.zeros(len(changes), bool)
    # Changes read off dated exports all carry the export's date: that is no clean-up.
    exact = ~(changes["at_uncertainty_days"].to_numpy(float) > 0)
    fields = [name for name in changes["field"].cat.categories if name not in ("stage", "status")]
    groups = [np.concatenate([known.rows_of("stage"), known.rows_of("status")]), *map(known.rows_of, fields)]
    lead_no, at_us, by = changes["lead_no"].to_numpy(), changes["at_us"].to_numpy(), changes["by"].cat.codes.to_numpy()
    limits = process.limits
    for rows in groups:
        chosen = rows[exact[rows]]
        found[chosen] = in_bulk(
            lead_no[chosen], at_us[chosen], by[chosen], limits.bulk_leads_count, limits.bulk_seconds
        )
    return found


def assembled(known: Known, places: Places, start: Begun, parts: list[tuple[Rows, Numbers]]) -> Rows:
    """All rows of all leads, sorted: creation first, then by time, stage changes before others of the same time."""
    size = len(known.leads)
    kind = np.where(start.place == NOWHERE, OPEN, places.of_kind(start.place))
    first = _rows(places, np.arange(size), start.at_us, CREATED, start.place, kind, np.zeros(size, bool))
    everything = [first, *(rows for rows, _ in parts)]
    joined = Rows(**{name: np.concatenate([getattr(rows, name) for rows in everything]) for name in vars(first)})
    if not any(len(rows.lead_no) for rows, _ in parts[1:]):  # stage changes are in order already
        return joined.where(merged(joined.lead_no))
    place_in_file = np.concatenate([np.full(size, -1), *(seq for _, seq in parts)])
    later = joined.source != CREATED
    return joined.where(np.lexsort((place_in_file, joined.source, joined.at_us, later, joined.lead_no)))


def with_records(rows: Rows, known: Known, places: Places, process: Process) -> Rows:
    """Add what the lead's own record says in the end, where the rows do not say it already."""
    leads = known.leads
    state, last_us = _last_states(rows, len(leads))
    current = places.number(leads["pipeline"], leads["stage"])
    of_stage = places.of_kind(current)
    of_status = _status_kinds(leads["status"])
    says = np.where(of_status == NO_KIND, of_stage, of_status)
    ends = np.isin(says, (WON, ENDED)) & (state != says)
    reopens = np.isin(state, (WON, ENDED)) & np.isin(of_status, (OPEN, PAUSED)) & np.isin(of_stage, (OPEN, DECISION))
    closed, entered = microseconds(leads["closed_at"]), microseconds(leads["stage_entered_at"])
    dated = np.where((closed == MISSING_US), LAST_US, np.maximum(closed, last_us))
    at_us = np.where(reopens, np.maximum(entered, last_us), dated)
    chosen = np.flatnonzero(ends | reopens)
    place = np.where(reopens, current, NOWHERE)[chosen]
    kind = np.where(reopens, OPEN, says)[chosen]
    bulk = _closed_in_bulk(chosen, closed[chosen], process)
    added = _rows(places, chosen, at_us[chosen], RECORD, place, kind, bulk)
    joined = Rows(**{name: np.concatenate([getattr(rows, name), getattr(added, name)]) for name in vars(rows)})
    return joined.where(merged(joined.lead_no))


def _status_kinds(status: pd.Series) -> Numbers:
    by_category = [STATUS_KINDS.get(name, NO_KIND) for name in status.cat.categories]
    return np.append(by_category, NO_KIND).astype(np.int64)[status.cat.codes.to_numpy()]


def _closed_in_bulk(lead_no: Numbers, closed_us: Numbers, process: Process) -> Numbers:
    dated = np.flatnonzero(closed_us != MISSING_US)
    limits = process.limits
    bulk = np.zeros(len(lead_no), bool)
    nobody = np.zeros(len(dated), np.int64)
    bulk[dated] = in_bulk(lead_no[dated], closed_us[dated], nobody, limits.bulk_leads_count, limits.bulk_seconds)
    return bulk


def _last_states(rows: Rows, size: int) -> tuple[Numbers, Numbers]:
    """State and time after the last row of each lead."""
    state, last_us = np.full(size, NO_KIND), np.full(size, MISSING_US)
    says = rows.kind != NO_KIND
    state[rows.lead_no[says]] = rows.kind[says]
    last_us[rows.lead_no] = rows.at_us
    return state, last_us


def inbound_rows(places: Places, lead_no: Numbers, at_us: Numbers) -> tuple[Rows, Numbers]:
    """Rows of inbound acts that are a decision in this process."""
    size = len(lead_no)
    made = _rows(places, lead_no, at_us, INBOUND, np.full(size, NOWHERE), np.full(size, NO_KIND), np.zeros(size, bool))
    return made, np.zeros(size, np.int64)
