"""What the lead's own record says: stage, status, value, preconditions, urgency, evidence letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.evidence.standing import current_place
from leadaudit.ledger.beside import arrow
from leadaudit.ledger.places import DECISION, OPEN, PAUSED, coded
from leadaudit.ledger.rows import judged_precondition

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export
    from leadaudit.ledger import Ledger
    from leadaudit.process import Precondition, Process

Numbers = np.ndarray[Any, np.dtype[Any]]

DAY = pd.Timedelta(days=1)
STATUSES = ("open", "open", "paused", "won", "lost")
"""By kind of state: open, decision, paused, won, ended."""

TAKEN_OVER = ("amount", "currency", "expected_close_at", "next_step", "next_step_at")


def columns_wanted(process: Process) -> tuple[str, ...]:
    """Columns of the export that the process refers to, each once."""
    return tuple(dict.fromkeys([*(p.column for p in process.preconditions), *process.urgency_columns]))


def records(export: Export, ledger: Ledger, process: Process) -> pd.DataFrame:
    """The leads' own columns that evidence needs, one row per lead by ``lead_no``."""
    frame = export.frame("leads")
    present = set(frame.collect_schema().names())
    wanted = [name for name in columns_wanted(process) if name in present and name not in ("lead_id", *TAKEN_OVER)]
    own = arrow(frame.select("lead_id", *TAKEN_OVER, *wanted)).to_pandas().set_index("lead_id")
    ids = ledger.known.leads["lead_id"]
    if len(own) != len(ids) or not own.index.equals(pd.Index(ids)):
        own = own.reindex(ids)
    return own.reset_index(drop=True)


def record(ledger: Ledger, own: pd.DataFrame, stand: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Columns of EVIDENCE that stand in the lead itself, one row per lead by ``lead_no``."""
    leads, places = ledger.known.leads, ledger.history.places
    place = current_place(ledger)
    pipeline_no = np.where(place < 0, places.pipeline_numbers(leads["pipeline"]), places.pipeline_no(place))
    rank = pd.Series(places.of_rank(place)).astype("Int64")
    state = stand["state"].to_numpy()
    says_paused = (leads["status"] == "paused").to_numpy() & np.isin(state, (OPEN, DECISION))
    return pd.DataFrame(
        {
            "lead_id": leads["lead_id"],
            "pipeline": places.pipeline_names(pipeline_no),
            "stage": places.stage_names(place),
            "stage_rank": rank.mask(rank < 0),
            "status": coded(STATUSES, np.where(says_paused, PAUSED, state)),
            "vanished": pd.array(_vanished(ledger), dtype="boolean"),
            "created_at": leads["created_at"],
            "age_days": ((as_of - leads["created_at"]) / DAY).to_numpy(float),
            **{name: own[name].array for name in TAKEN_OVER},
        }
    )


def _vanished(ledger: Ledger) -> Numbers:
    """Leads whose last sighting came before the latest dated export."""
    gone = ledger.known.changes["lead_no"].to_numpy()[ledger.known.rows_of("vanished")]
    return np.isin(np.arange(len(ledger.known.leads)), gone)


def conditions(ledger: Ledger, own: pd.DataFrame, stand: pd.DataFrame, process: Process) -> pd.DataFrame:
    """Preconditions known to fail and not known, and whether urgency is absent; one row per lead.

    A precondition counts from the stage it belongs to; one whose column the export does not have is left out.
    """
    size = len(own)
    failed, unknown = np.full(size, "", dtype=object), np.full(size, "", dtype=object)
    count = np.zeros(size, np.int64)
    reached = _reached_rank(ledger, stand)
    if not process.preconditions and not process.urgency_columns:
        return pd.DataFrame(index=range(size))
    readable = [wanted for wanted in process.preconditions if wanted.column in own.columns]
    for wanted in readable:
        due = reached >= _from_rank(process, wanted)
        judged = judged_precondition(own[wanted.column], wanted)
        failed = _joined(failed, wanted.name, due & (judged < 0))
        unknown = _joined(unknown, wanted.name, due & (judged == 0))
        count += due & (judged != 0)
    blank = pd.Series([None] * size, dtype="str")
    return pd.DataFrame(
        {
            "preconditions_failed": pd.Series(failed, dtype="str").where(failed != "", None) if readable else blank,
            "preconditions_unknown": pd.Series(unknown, dtype="str").where(unknown != "", None) if readable else blank,
            "preconditions_known_count": pd.array(count if readable else [pd.NA] * size, dtype="Int64"),
            "urgency_absent": _urgency_absent(own, process),
        }
    )


def _joined(texts: Numbers, name: str, where: Numbers) -> Numbers:
    added = np.where(texts == "", name, texts + "|" + name)
    return np.where(where, added, texts)


def _reached_rank(ledger: Ledger, stand: pd.DataFrame) -> Numbers:
    """How far a lead has come: its stage, or the last one before its ending; a lead without a rank is at the start."""
    places = ledger.history.places
    now = places.of_rank(current_place(ledger))
    stayed = places.of_rank(stand["stay_place"].to_numpy())
    is_open = stand["state"].isin([0, 1]).to_numpy()
    return np.maximum(np.where(is_open, np.maximum(now, stayed), stayed), 0)


def _from_rank(process: Process, wanted: Precondition) -> int:
    ranks = [rank for rank, stage in enumerate(process.stages) if stage.name == wanted.from_stage]
    return min(ranks, default=0)


def _urgency_absent(own: pd.DataFrame, process: Process) -> pd.Series:
    """True where a field says that there is no date, budget or need; missing where none of them says anything."""
    columns = [name for name in process.urgency_columns if name in own.columns]
    absent, said = np.zeros(len(own), bool), np.zeros(len(own), bool)
    values = [value.strip().casefold() for value in process.urgency_absent_values]
    for name in columns:
        texts = own[name].astype("str").str.strip().str.casefold()
        said |= texts.notna().to_numpy() & (texts != "").to_numpy(dtype=bool, na_value=False)
        absent |= texts.isin(values).to_numpy()
    return pd.Series(absent, dtype="boolean").mask(~said | (not values))


def letters(ledger: Ledger, own: pd.DataFrame, planned: Numbers) -> pd.Series:
    """Evidence that each lead itself has: H, E, N, F."""
    size, known = len(own), ledger.known
    lead_no = known.changes["lead_no"].to_numpy()

    def has(*fields: str) -> Numbers:
        return sum((np.bincount(lead_no[known.rows_of(name)], minlength=size) for name in fields), np.zeros(size)) > 0

    fields = [name for name in known.changes["field"].cat.categories if name not in ("stage", "status", "vanished")]
    acts = ledger.acts
    known_direction = acts.rows("direct")
    known_direction = known_direction[(acts.marks[known_direction] & acts.bit("unknown")) == 0]
    directed = np.bincount(acts.lead_no[known_direction], minlength=size) > 0
    step = own["next_step"].notna().to_numpy() | own["next_step_at"].notna().to_numpy() | planned
    found = {"H": has("stage"), "E": directed, "N": step, "F": has(*fields)}
    combined = sum(held.astype(np.int64) << bit for bit, held in enumerate(found.values()))
    texts = ["".join(name for bit, name in enumerate(found) if code >> bit & 1) for code in range(1 << len(found))]
    return coded(texts, combined)
