"""Leads planted by hand: small exports in which every event is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd
import polars as pl

from leadaudit import evidence, ledger
from leadaudit.ledger import Ledger
from leadaudit.process import Process, Stage
from leadaudit.tables import ACTIVITIES, CHANGES, LEADS, conform

AS_OF = pd.Timestamp("2024-07-01")

PROCESS = Process(
    stages=(
        Stage(name="New"),
        Stage(name="Contacted", records_activity=True),
        Stage(name="Qualified"),
        Stage(name="Keep warm", kind="paused"),
        Stage(name="Offer"),
        Stage(name="Our check", our_turn=True),
        Stage(name="Contract"),
        Stage(pipeline="Partner", name="First talk"),
        Stage(pipeline="Partner", name="Signed up"),
        Stage(name="Won", kind="won"),
        Stage(name="Lost", kind="ended"),
        Stage(name="Declined", kind="ended"),
    )
)


def lead(lead_id: str = "a", created: str | None = "2024-01-01", **columns: Any) -> dict[str, Any]:
    """One lead; open unless told otherwise."""
    return {"lead_id": lead_id, "created_at": created, "status": "open", **columns}


def stage(at: str, after: str, before: str | None = None, lead_id: str = "a", **columns: Any) -> dict[str, Any]:
    """One stage change."""
    return {"lead_id": lead_id, "at": at, "field": "stage", "before": before, "after": after, "by": "kim", **columns}


def field(
    at: str, name: str, before: str | None, after: str | None, lead_id: str = "a", by: str = "kim"
) -> dict[str, Any]:
    """One change of another field."""
    return {"lead_id": lead_id, "at": at, "field": name, "before": before, "after": after, "by": by}


def act(
    at: str, kind: str = "email", direction: str = "outbound", lead_id: str = "a", **columns: Any
) -> dict[str, Any]:
    """One activity that was done."""
    return {"lead_id": lead_id, "at": at, "kind": kind, "direction": direction, "done": True, **columns}


def path(*steps: tuple[str, str], lead_id: str = "a") -> list[dict[str, Any]]:
    """Stage changes along (time, stage) pairs; the first has nothing before it."""
    befores: list[str | None] = [None, *(name for _, name in steps[:-1])]
    return [stage(at, name, before, lead_id) for (at, name), before in zip(steps, befores, strict=True)]


@dataclass(frozen=True)
class Tables:
    """The tables of an export as frames of some backend, and as much of an Export as ledger and evidence use."""

    frames: dict[str, Any]
    evidence: str
    connection: Any = None
    extra_columns: tuple[str, ...] = ()

    def frame(self, table: str) -> nw.LazyFrame[Any]:
        """One of the tables, lazily."""
        return nw.from_native(self.frames[table]).lazy()


def tables(leads: pd.DataFrame, acts: pd.DataFrame, changes: pd.DataFrame, letters: str | None = None) -> Tables:
    """Tables over Polars, with the dtypes of the contract."""
    given = {"leads": (leads, LEADS), "activities": (acts, ACTIVITIES), "changes": (changes, CHANGES)}
    frames = {name: pl.from_pandas(conform(frame, table)).lazy() for name, (frame, table) in given.items()}
    has = {
        "H": "stage" in set(changes.get("field", ())),
        "E": bool(len(acts)),
        "F": len(set(changes.get("field", ()))) > 1,
    }
    return Tables(frames, "".join(name for name, held in has.items() if held) if letters is None else letters)


def export(
    leads: Sequence[dict[str, Any]] | None = None,
    changes: Iterable[dict[str, Any]] = (),
    acts: Iterable[dict[str, Any]] = (),
) -> Tables:
    """An export of these rows; one open lead if none are given."""
    rows = [lead()] if leads is None else list(leads)
    changed = [{"seq": number, "at_uncertainty_days": 0.0, **row} for number, row in enumerate(changes)]
    given = pd.DataFrame(changed, columns=None if changed else ["field"])
    return tables(pd.DataFrame(rows), pd.DataFrame(list(acts)), given)


def written(
    leads: Sequence[dict[str, Any]] | None = None,
    changes: Iterable[dict[str, Any]] = (),
    acts: Iterable[dict[str, Any]] = (),
    process: Process = PROCESS,
    as_of: pd.Timestamp = AS_OF,
) -> Ledger:
    """The ledger of these rows."""
    return ledger.write(export(leads, changes, acts), process, as_of)


def whats(book: Ledger, lead_id: str = "a") -> list[str]:
    """What happened to a lead, as ``what stage`` in order."""
    frame = book.milestones()
    own = frame[frame["lead_id"] == lead_id]
    return [
        f"{what} {'' if pd.isna(place) else place}".strip()
        for what, place in zip(own["what"], own["stage"], strict=True)
    ]


def facts(
    leads: Sequence[dict[str, Any]] | None = None,
    changes: Iterable[dict[str, Any]] = (),
    acts: Iterable[dict[str, Any]] = (),
    process: Process = PROCESS,
    as_of: pd.Timestamp = AS_OF,
) -> pd.DataFrame:
    """Evidence of these rows, by ``lead_id``."""
    given = export(leads, changes, acts)
    gathered = evidence.gather(given, ledger.write(given, process, as_of), process, as_of)
    return gathered.set_index("lead_id")
