"""Two audits of the same client: what was decided between them, and what became of the proposals.

Everything is read from what an audit leaves in its folder (``audit.json`` and ``leads.csv``), so an audit of last
year can be compared without the exports of last year.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from leadaudit.errors import ConfigError, ExportReadError
from leadaudit.language import Language
from leadaudit.tables import LEADS_CSV, VERDICTS

RECORD, LEADS = "audit.json", "leads.csv"
OPEN = tuple(verdict for verdict in VERDICTS if verdict != "ended")
_NUMBERS = ("stay_days", "patience_days", "horizon_days", "chance", "amount")
_TIMES = ("overdue_since", "end_on", "last_progress_at")

BECAME = ("won", "ended", "gone", "paused", "progress", "reassessed", "standing")
"""What can become of a proposed ending, in this order: won; ended; missing from the newer export; paused; it moved on;
it stands as it did but is judged otherwise; nothing at all: the proposal stands."""

MET = ("won", "ended", "paused", "progress")
"""Of these, what a decision or progress brought about."""

COLUMNS: dict[str, str] = {
    "lead_id": "the lead",
    "pipeline": "pipeline, by the newer audit where it is in there",
    "stage": "stage, likewise",
    "amount": "value, likewise",
    "currency": "of the value",
    "before": "verdict of the older audit; empty = not in it",
    "after": "verdict of the newer audit; empty = not in it",
    "became": "of a proposed ending (overdue before): won, ended, gone, paused, progress, reassessed or standing",
    "newly_overdue": "true = overdue now, and not before",
    "why_new": "of these: time (it grew older), limit (under the older limits it would not be) or sign (not by time)",
    "decision": "continue, pause or end, as a person decided on the older audit; empty = none is known",
    "carried_out": "of a decision: done, undone (the lead shows otherwise) or unknown (the lead is missing)",
    "stay_days_before": "days without progress, then",
    "stay_days": "days without progress, now",
}
"""Columns of ``Comparison.leads`` and ``compare.csv``."""


@dataclass(frozen=True)
class Side:
    """One of the two audits, as its folder has it.

    Attributes
    ----------
    folder : str
        Name of the folder, without its path.
    as_of : Timestamp
        First moment not known.
    leads : DataFrame
        ``leads.csv`` (:data:`leadaudit.tables.LEADS_CSV`), by ``lead_id``.
    record : dict
        ``audit.json``.
    """

    folder: str
    as_of: pd.Timestamp
    leads: pd.DataFrame
    record: Mapping[str, Any]

    @classmethod
    def of(cls, place: Path) -> Side:
        """Read the folder of an audit, or the folder in which a file of it lies.

        Raises
        ------
        ExportReadError
            ``file_missing`` or ``file_corrupt``.
        """
        folder = place.parent if place.is_file() else place
        record, leads = _record(folder / RECORD), _leads(folder / LEADS)
        return cls(folder.resolve().name, pd.Timestamp(record["as_of"]), leads.set_index("lead_id"), record)

    @property
    def open(self) -> pd.DataFrame:
        """The leads that were open or paused."""
        return self.leads[self.leads["verdict"].isin(OPEN)]

    @property
    def counts(self) -> dict[str, int]:
        """Leads per verdict."""
        return {verdict: int((self.leads["verdict"] == verdict).sum()) for verdict in VERDICTS}

    @property
    def overdue_share(self) -> float | None:
        """Share of the open leads for which an ending is due; None without an open lead."""
        return self.counts["overdue"] / len(self.open) if len(self.open) else None

    @property
    def load_days(self) -> float:
        """Days without progress of all open leads together."""
        return float(self.open["stay_days"].sum())


def _record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if {"as_of", "counts", "stages", "thresholds"} <= set(record):
            return dict(record)
    except FileNotFoundError as error:
        raise ExportReadError("file_missing", path=path) from error
    except (ValueError, TypeError) as error:
        raise ExportReadError("file_corrupt", path=path, reason="it is not the record of an audit") from error
    raise ExportReadError("file_corrupt", path=path, reason="it is not the record of an audit")


def _leads(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise ExportReadError("file_missing", path=path)
    try:
        leads = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (ValueError, UnicodeDecodeError) as error:
        raise ExportReadError("file_corrupt", path=path, reason="it is not the leads.csv of an audit") from error
    if not set(LEADS_CSV) <= set(leads.columns) or leads["lead_id"].duplicated().any():
        raise ExportReadError("file_corrupt", path=path, reason="it is not the leads.csv of an audit")
    leads["lead_id"] = leads["lead_id"].str.replace(r"^'(?=[=+\-@\t\r])", "", regex=True)  # guarded for spreadsheets
    for name in _NUMBERS:
        leads[name] = pd.to_numeric(leads[name], errors="coerce")
    for name in _TIMES:
        leads[name] = pd.to_datetime(leads[name], errors="coerce", format="ISO8601")
    return leads


@dataclass(frozen=True)
class Comparison:
    """What lies between two audits.

    Attributes
    ----------
    old, new : Side
    decisions : mapping of lead id to {"continue", "pause", "end"}
        What people decided on the older audit, where that is known.
    language : {"de", "en"}
        Of the sentences.
    """

    old: Side
    new: Side
    decisions: Mapping[str, str] = field(default_factory=dict)
    language: Language = "en"

    @cached_property
    def leads(self) -> pd.DataFrame:
        """One row per lead of either audit: :data:`COLUMNS`; in the order of the newer, then those that are gone."""
        old, new = self.old.leads, self.new.leads
        ids = new.index.append(old.index.difference(new.index, sort=False))
        then, now = old.reindex(ids), new.reindex(ids)
        before, after = then["verdict"].fillna(""), now["verdict"].fillna("")
        moved = now["last_progress_at"] >= self.old.as_of
        overdue = before == "overdue"
        became = pd.Series("", index=ids).mask(overdue, "reassessed")
        for what, where in (
            ("standing", after == "overdue"),
            ("progress", moved & after.isin(OPEN)),
            ("paused", after == "paused"),
            ("gone", after == ""),
            ("ended", (after == "ended") & (now["status"] != "won")),
            ("won", (after == "ended") & (now["status"] == "won")),
        ):
            became = became.mask(overdue & where, what)
        fresh = (after == "overdue") & ~overdue
        decision = pd.Series([self.decisions.get(str(one), "") for one in ids], index=ids, dtype="str")
        columns = {
            "lead_id": ids,
            **{name: now[name].where(after != "", then[name]) for name in ("pipeline", "stage", "amount", "currency")},
            "before": before,
            "after": after,
            "became": became,
            "newly_overdue": fresh,
            "why_new": self._why(now, fresh),
            "decision": decision,
            "carried_out": _carried_out(decision, after, moved),
            "stay_days_before": then["stay_days"],
            "stay_days": now["stay_days"],
        }
        return pd.DataFrame(columns).reset_index(drop=True)

    def _why(self, now: pd.DataFrame, fresh: pd.Series) -> pd.Series:
        """Whether a new proposal comes of time, of a changed limit, or of a sign that is not time."""
        limits = {(row["pipeline"] or "", row["stage"] or ""): row["horizon_days"] for row in self.old.record["stages"]}
        keys = zip(now["pipeline"].fillna(""), now["stage"].fillna(""), strict=True)
        then = pd.to_numeric(pd.Series([limits.get(key) for key in keys], index=now.index), errors="coerce")
        by_time = now["end_criterion"] == "horizon_passed"
        shorter = by_time & (then.isna() | (now["stay_days"] <= then))
        why = pd.Series("sign", index=now.index).mask(by_time, "time").mask(shorter, "limit")
        return why.where(fresh, "")

    @property
    def became(self) -> dict[str, int]:
        """What became of the endings that the older audit proposed, by :data:`BECAME`."""
        counted = self.leads["became"].value_counts()
        return {what: int(counted.get(what, 0)) for what in BECAME}

    @cached_property
    def open_then(self) -> dict[str, int]:
        """What the leads that were open then are now: how many there were, ended, due for an ending, open in all."""
        own = self.leads[self.leads["before"].isin(OPEN)]
        return {
            "n": len(own),
            "ended": int((own["after"] == "ended").sum()),
            "due": int((own["after"] == "overdue").sum()),
            "left": int(own["after"].isin(OPEN).sum()),
        }

    @property
    def moves(self) -> pd.DataFrame:
        """How many leads went from which verdict to which; ``absent`` = not in that audit."""
        both = self.leads[["before", "after"]].replace("", "absent")
        order = [*VERDICTS, "absent"]
        return pd.crosstab(both["before"], both["after"]).reindex(index=order, columns=order, fill_value=0)

    @property
    def changed_limits(self) -> dict[str, tuple[Any, Any]]:
        """Limits of the process that a person set otherwise: name → (then, now)."""
        then, now = self.old.record["thresholds"], self.new.record["thresholds"]
        return {name: (then.get(name), value) for name, value in now.items() if then.get(name) != value}

    @property
    def changed_horizons(self) -> list[dict[str, Any]]:
        """Stages whose learned horizon is another: pipeline, stage, days then and now (None = none)."""
        then = {(row["pipeline"], row["stage"]): row["horizon_days"] for row in self.old.record["stages"]}
        return [
            {"pipeline": row["pipeline"], "stage": row["stage"], "then": then[key], "now": row["horizon_days"]}
            for row in self.new.record["stages"]
            if (key := (row["pipeline"], row["stage"])) in then and then[key] != row["horizon_days"]
        ]

    def to_record(self) -> dict[str, Any]:
        """What ``compare.json`` says: JSON values only, None = missing."""
        leads = self.leads
        fresh = leads[leads["newly_overdue"]]
        decided = leads[leads["decision"] != ""]
        return {
            "schema_version": 1,
            **{name: _side(side) for name, side in (("old", self.old), ("new", self.new))},
            "shared_count": int(((leads["before"] != "") & (leads["after"] != "")).sum()),
            "open_then": self.open_then,
            "became": self.became,
            "newly_overdue": {why: int((fresh["why_new"] == why).sum()) for why in ("time", "limit", "sign")},
            "decisions": {
                code: {done: int((own["carried_out"] == done).sum()) for done in ("done", "undone", "unknown")}
                for code in ("continue", "pause", "end")
                for own in [decided[decided["decision"] == code]]
            },
            "moves": {str(name): {str(to): int(n) for to, n in row.items()} for name, row in self.moves.iterrows()},
            "changed_limits": {name: list(pair) for name, pair in self.changed_limits.items()},
            "changed_horizons": self.changed_horizons,
        }


def _side(side: Side) -> dict[str, Any]:
    share = side.overdue_share
    return {
        "folder": side.folder,
        "as_of": side.as_of.isoformat(),
        "counts": side.counts,
        "open_count": len(side.open),
        "overdue_share": None if share is None else round(share, 6),
        "load_days": round(side.load_days, 2),
    }


def _carried_out(decision: pd.Series, after: pd.Series, moved: pd.Series) -> pd.Series:
    """Whether the newer audit shows what was decided: ended, at rest (or ended since), still at work on it."""
    done = (
        ((decision == "end") & (after == "ended"))
        | ((decision == "pause") & after.isin(["paused", "ended"]))
        | ((decision == "continue") & (moved | (after == "ended")))
    )
    told = pd.Series("undone", index=decision.index).mask(done, "done").mask(after == "", "unknown")
    return told.where(decision != "", "")


def compare(
    old: Path, new: Path, decisions: Mapping[str, str] | None = None, *, language: Language | None = None
) -> Comparison:
    """Compare two audits of the same client.

    Parameters
    ----------
    old, new : Path
        Folders of two audits, the older one first.
    decisions : mapping of lead id to {"continue", "pause", "end"}, optional
        What people decided on the older audit (:func:`leadaudit.decisions.read_decisions`).
    language : {"de", "en"}, optional
        Default: that of the newer audit.

    Returns
    -------
    Comparison

    Raises
    ------
    ExportReadError
        A folder has no ``audit.json`` or ``leads.csv``, or they are something else.
    ConfigError
        ``compare_order``: the first is not the older one. ``compare_apart``: they have no lead in common.
    """
    first, second = Side.of(old), Side.of(new)
    if first.as_of >= second.as_of:
        days = {"old": f"{first.as_of:%Y-%m-%d}", "new": f"{second.as_of:%Y-%m-%d}"}
        raise ConfigError("compare_order", **days)
    if first.leads.index.intersection(second.leads.index).empty:
        raise ConfigError("compare_apart", old=first.folder, new=second.folder)
    spoken: Language = language or ("de" if second.record.get("language") == "de" else "en")
    return Comparison(first, second, dict(decisions or {}), spoken)
