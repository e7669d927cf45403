"""What a criterion is given (:class:`Facts`), what it says (:class:`Answer`), and what it is (:class:`Criterion`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadaudit.chance import Learned
from leadaudit.process import Process

if TYPE_CHECKING:
    from leadaudit.evidence import Norms

Role = Literal["ending", "veto", "stall", "flag", "shade"]
Unit = Literal["days", "workdays", "count", "share", ""]
Held: TypeAlias = "pd.arrays.BooleanArray"
Numbers: TypeAlias = NDArray[np.float64]
Times: TypeAlias = NDArray[np.datetime64]
Flags: TypeAlias = NDArray[np.bool_]

DAY = np.timedelta64(86_400_000_000, "us")
NAT = np.datetime64("NaT", "us")


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything that criteria may look at; one row of ``evidence`` per lead.

    Attributes
    ----------
    evidence : DataFrame
        EVIDENCE columns (:mod:`leadaudit.tables`) and, once placed, chance, patience and horizon.
    norms : Norms
        What this client's winners normally look like, and what the export does not have.
    learned : Learned
        Thresholds learned from this client's history.
    process : Process
        Stages, preconditions, limits, and the criteria that are switched off.
    as_of : Timestamp
        The first moment not known.
    letters : str
        Evidence that the export as a whole has, e.g. ``"HEN"``.
    masked : frozenset of str
        Columns of leads that were not known at ``as_of``.
    """

    evidence: pd.DataFrame
    norms: Norms
    learned: Learned
    process: Process
    as_of: pd.Timestamp
    letters: str
    masked: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.evidence)

    def with_placed(self, placed: pd.DataFrame) -> Facts:
        """The same facts with the columns of :func:`leadaudit.chance.place`, in the place of earlier ones."""
        return replace(self, evidence=self.evidence.assign(**{str(name): placed[name] for name in placed.columns}))

    def number(self, name: str) -> Numbers:
        """A number or count column as floats; NaN where it is missing."""
        return self._array(name, "float64", np.nan)

    def time(self, name: str) -> Times:
        """A time column as ``datetime64[us]``; NaT where it is missing."""
        return self._array(name, "datetime64[us]", NAT)

    def flag(self, name: str) -> Held:
        """A yes-or-no column; NA where it is missing."""
        if name not in self.evidence.columns:
            return unknown(len(self))
        return pd.array(self.evidence[name].array, dtype="boolean")

    def true(self, name: str) -> Flags:
        """Where a yes-or-no column says yes."""
        return sure(self.flag(name))

    def filled(self, name: str) -> Flags:
        """Where a text column says something."""
        if name not in self.evidence.columns:
            return np.zeros(len(self), dtype=bool)
        column = self.evidence[name]
        return np.asarray(column.notna()) & np.asarray(column.ne("").fillna(False), dtype=bool)

    def text(self, name: str) -> NDArray[np.object_]:
        """A text column as objects; ``None`` where it is missing."""
        column = self.evidence[name].astype("object")
        return column.where(column.notna(), None).to_numpy()

    def absent(self, name: str) -> bool:
        """Whether the export has nothing in a column: masked at ``as_of``, or empty for every lead."""
        if name not in self.evidence.columns:
            return True
        return not bool(self.evidence[name].notna().any())

    def has(self, letters: str) -> bool:
        """Whether the export has all these letters of evidence."""
        return set(letters) <= set(self.letters)

    @property
    def now(self) -> np.datetime64:
        """``as_of`` as numpy has it."""
        return np.datetime64(self.as_of.to_datetime64(), "us")

    def days_since(self, name: str) -> Numbers:
        """Days from a time column to ``as_of``; NaN where it is missing, negative where it lies ahead."""
        return days_between(self.time(name), self.now)

    def ago(self, days: Numbers) -> Times:
        """The moment so many days before ``as_of``; NaT for NaN."""
        known = np.isfinite(days)
        shift = np.where(known, days, 0.0) * DAY.astype("int64")
        return np.where(known, self.now - shift.astype("int64").astype("timedelta64[us]"), NAT)

    def from_stage(self, name: str) -> NDArray[Any]:
        """A column of the learned stages, for each lead by the stage of its stay.

        Parameters
        ----------
        name : str
            Column of STAGES.

        Returns
        -------
        ndarray
            One value per lead; NaN or None where the stage was not learned.
        """
        stages = self.learned.stages
        values = [*stages[name].astype("object"), None]
        return np.array(values, dtype="object")[self._stage_rows]

    @cached_property
    def _stage_rows(self) -> NDArray[np.int64]:
        """Row of each lead's stage among the learned stages, and the row behind the last for none."""
        stages = self.learned.stages
        keys = zip(stages["pipeline"].fillna(""), stages["stage"].fillna(""), strict=True)
        rows = {key: row for row, key in enumerate(keys)}
        pipelines, pipeline_names = pd.factorize(self.evidence["pipeline"].fillna(""))
        places, place_names = pd.factorize(self.evidence["stay_stage"].fillna(""))
        pairs, inverse = np.unique(pipelines * max(len(place_names), 1) + places, return_inverse=True)
        width = max(len(place_names), 1)
        found = [rows.get((pipeline_names[pair // width], place_names[pair % width]), len(stages)) for pair in pairs]
        return np.asarray(found, dtype="int64")[inverse]

    @cached_property
    def stay_days(self) -> Numbers:
        """Days since the last progress, valid pauses not counted."""
        return self.number("stay_days")

    @cached_property
    def patience_days(self) -> Numbers:
        """How long a stay may last here and still be normal."""
        return self.number("patience_days")

    @cached_property
    def patience_basis(self) -> NDArray[np.object_]:
        """Where patience comes from; what was placed names the horizon's basis where there is one."""
        learned = self.from_stage("patience_basis")
        return np.where(pd.isna(learned), self.text("basis"), learned)

    @cached_property
    def tolerance_days(self) -> Numbers:
        """Patience and the margin within which a lead is borderline, not stalled."""
        return self.patience_days * self.process.limits.borderline_patience_factor

    @cached_property
    def stall_limit_days(self) -> Numbers:
        """The stay from which a lead is past patience.

        There is a margin while no contact went unanswered and it is not busy. It ends where the
        horizon of the stage begins, so that time alone never makes a lead progressing again.
        """
        unanswered = np.nan_to_num(self.number("unanswered_count")) > 0
        horizon = np.fmin(self.number("horizon_days"), self.from_stage("horizon_days").astype("float64"))
        margin_ends = np.fmax(self.patience_days, np.fmin(self.tolerance_days, horizon))
        return np.where(unanswered | self.busy, self.patience_days, margin_ends)

    @cached_property
    def busy_limit_count(self) -> float:
        """Movement since the last progress above which a lead is busy."""
        learned = self.norms.busy_limit_count
        return float(learned if learned is not None else self.process.limits.busy_default_count)

    @cached_property
    def busy(self) -> Flags:
        """Leads with more movement since their last progress than most winners before theirs."""
        return self.number("movement_count") > self.busy_limit_count

    @cached_property
    def past_patience(self) -> Held:
        """Whether the stay is past patience, and past the margin where there is one."""
        determinable = np.isfinite(self.stay_days) & np.isfinite(self.patience_days)
        return known_where(self.stay_days > self.stall_limit_days, determinable)

    @cached_property
    def directions_known(self) -> bool:
        """Whether contacts can be told apart: activities with direction, and few of unknown direction."""
        share = self.norms.unknown_direction_share
        too_many = share is not None and share > self.process.limits.unknown_direction_max_share
        return self.has("E") and not too_many

    @cached_property
    def preconditions_readable(self) -> bool:
        """Whether at least one precondition of the process can be read at ``as_of``."""
        columns = {wanted.column for wanted in self.process.preconditions}
        return bool(columns - self.masked)

    @cached_property
    def in_pause(self) -> Flags:
        """Leads that the CRM calls paused, or whose pause has begun."""
        paused = np.asarray(self.evidence["status"].eq("paused").fillna(False), dtype=bool)
        ahead = np.asarray(self.time("paused_until") > self.now)
        return paused | ~np.isnat(self.time("pause_started_at")) | ahead

    def said(self, test: Callable[[Facts], Answer]) -> Answer:
        """What a criterion's function says; asked once, however many look at it."""
        if test not in self._said:
            self._said[test] = test(self)
        return self._said[test]

    @cached_property
    def _said(self) -> dict[Callable[[Facts], Answer], Answer]:
        return {}

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {}

    def _array(self, name: str, dtype: str, missing: Any) -> NDArray[Any]:
        if name not in self._arrays:
            array = self._read(name, dtype, missing)
            array.flags.writeable = False
            self._arrays[name] = array
        return self._arrays[name]

    def _read(self, name: str, dtype: str, missing: Any) -> NDArray[Any]:
        if name not in self.evidence.columns:
            return np.full(len(self), missing, dtype=dtype)
        if dtype == "float64":
            return self.evidence[name].to_numpy(dtype="float64", na_value=np.nan).view()
        return self.evidence[name].to_numpy().astype(dtype, copy=False).view()


@dataclass(frozen=True, eq=False)
class Answer:
    """What a criterion says of every lead.

    Attributes
    ----------
    held : BooleanArray
        True = held, False = not held, NA = not determinable: something is absent from the export.
    observed, limit : ndarray or float
        What was seen and what it was compared with, in the criterion's unit; NaN = nothing to compare.
    basis : ndarray or str
        Where the limit comes from.
    since_at : ndarray of datetime64[us]
        Since when it holds; NaT = not known.
    weak : ndarray of bool or bool
        For an ending sign: held, but enough for *stalled* only.
    detail : ndarray or str, optional
        What exactly, e.g. the precondition's name.
    """

    held: Held
    observed: Numbers | float = np.nan
    limit: Numbers | float = np.nan
    basis: NDArray[np.object_] | str = "observed"
    since_at: Times | np.datetime64 = NAT
    weak: Flags | bool = False
    detail: NDArray[np.object_] | str | None = None


@dataclass(frozen=True)
class Criterion:
    """A criterion: a small record and a pure function of the facts.

    Attributes
    ----------
    name : str
        Its code in ``reasons``, e.g. ``no_reaction``.
    role : {"ending", "veto", "stall", "flag", "shade"}
        What it does when it holds. A flag describes our own conduct: it stalls a lead only past patience.
    test : callable
        Facts → Answer, for all leads at once.
    needs : str
        Letters of evidence without which it is not determinable for any lead.
    unit : str
        Unit of the observed value and the limit.
    inferred : bool
        True where the export does not say it outright.
    vetoable : bool
        For an ending sign: False where no veto stands against it.
    against : frozenset of str
        For a veto: the ending signs that it stands against; empty = all that can be vetoed.
    cancels : bool
        For a veto: True where the sign then counts for nothing; else the lead is stalled instead of overdue.
    origin : {"built-in", "own"}
        Whether it came with leadaudit.
    words : mapping of language to str
        For a criterion of one's own: how the client reads it.
    """

    name: str
    role: Role
    test: Callable[[Facts], Answer]
    needs: str = ""
    unit: Unit = ""
    inferred: bool = False
    vetoable: bool = True
    against: frozenset[str] = frozenset()
    cancels: bool = False
    origin: Literal["built-in", "own"] = "built-in"
    words: Mapping[str, str] = field(default_factory=dict, hash=False)

    def answer(self, facts: Facts) -> Answer:
        """Ask it of all leads; not determinable for any where the export lacks what it needs."""
        if not facts.has(self.needs):
            return Answer(unknown(len(facts)))
        return facts.said(self.test)


def unknown(count: int) -> Held:
    """Not determinable, for so many leads."""
    return pd.arrays.BooleanArray(np.zeros(count, dtype=bool), np.ones(count, dtype=bool))


def known(values: NDArray[Any]) -> Held:
    """Determinable for every lead."""
    return pd.arrays.BooleanArray(np.asarray(values, dtype=bool), np.zeros(len(values), dtype=bool))


def known_where(values: NDArray[Any], determinable: NDArray[Any]) -> Held:
    """Determinable for some leads."""
    mask = ~np.asarray(determinable, dtype=bool)
    return pd.arrays.BooleanArray(np.asarray(values, dtype=bool) & ~mask, mask)


def sure(held: Held) -> Flags:
    """Where it is known to hold."""
    return held.to_numpy(dtype="bool", na_value=False)


def days_between(start: Times, end: Times | np.datetime64) -> Numbers:
    """Fractional days from one moment to another; NaN where one is missing."""
    span = end - start
    return np.where(np.isnat(span), np.nan, span / DAY)


def workdays_between(start: Times, end: Times | np.datetime64) -> Numbers:
    """Fractional working days (Monday to Friday) from one moment to another; NaN where one is missing.

    Examples
    --------
    >>> friday_noon = np.array(["2026-11-20T12:00"], dtype="datetime64[us]")
    >>> float(workdays_between(friday_noon, np.datetime64("2026-11-24", "us"))[0])
    1.5
    """
    missing = np.isnat(start) | np.isnat(end)
    return np.where(missing, np.nan, _workday(end) - _workday(start))


def _workday(at: Times | np.datetime64) -> Numbers:
    """Working days since 1970, the part of the day included; 0 for a missing moment."""
    moment = np.where(np.isnat(at), np.datetime64(0, "us"), at)
    day = moment.astype("datetime64[D]")
    part = np.where(np.is_busday(day), (moment - day) / DAY, 0.0)
    return np.asarray(np.busday_count(np.datetime64(0, "D"), day) + part, dtype="float64")
