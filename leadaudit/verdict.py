"""One verdict per lead, with all reasons: from what the criteria say, in a fixed order.

ended → overdue by a precondition known to fail → paused → stalled by our turn → overdue (a sign
held and no veto stands against it) → stalled (a reason held, or a sign that a veto stands against)
→ undetermined → progressing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.criteria import CRITERIA
from leadaudit.criteria.answer import NAT, Answer, Criterion, Facts, Flags, Times, sure
from leadaudit.criteria.next_steps import STEPS, next_steps
from leadaudit.errors import LeadAuditError
from leadaudit.tables import JUDGED, REASONS, VERDICTS, conform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]

NOBODY = -1
"""No criterion decided."""


@dataclass(frozen=True, eq=False)
class _Asked:
    """A criterion, what it said, and where that matters."""

    criterion: Criterion
    answer: Answer
    held: Flags


@dataclass(frozen=True, eq=False)
class _Weighed:
    """What follows from all answers together; criteria are positions in ``asked``."""

    asked: tuple[_Asked, ...]
    verdict: Codes
    deciding: Codes
    due: dict[int, Flags]
    shade: Codes

    def has(self, verdict: str) -> Flags:
        return self.verdict == VERDICTS.index(verdict)


def decide(facts: Facts, extra_criteria: Sequence[Criterion] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge every lead.

    Parameters
    ----------
    facts : Facts
        Evidence with the columns of :func:`leadaudit.chance.place`, norms, thresholds, process.
    extra_criteria : sequence of Criterion
        Criteria of one's own (:func:`leadaudit.criteria.criterion`), named after the built-in ones of their role.

    Returns
    -------
    judged : DataFrame
        One row per lead, index of the evidence: its columns and JUDGED. ``borderline`` marks leads
        in the margin beyond patience; :mod:`leadaudit.sensitivity` finds the others.
    reasons : DataFrame
        REASONS: one row per criterion that held for a lead that is not ended, the deciding one of
        each lead first. A veto has a row where a sign held that it stands against.

    Raises
    ------
    LeadAuditError
        ``custom_criterion``, where a criterion of one's own does not work.
    """
    weighed = _weigh(facts, _ask(facts, extra_criteria))
    shown = _shown(weighed)
    judged = conform(_judged(facts, weighed, shown), JUDGED)
    kept = facts.evidence.drop(columns=[name for name in JUDGED if name in facts.evidence.columns])
    return pd.concat([kept, judged], axis=1), _reasons(facts, weighed, shown)


def verdicts_of(facts: Facts, extra_criteria: Sequence[Criterion] = ()) -> pd.Series:
    """Only the verdicts, index of the evidence; quicker than :func:`decide`, for judging again and again."""
    weighed = _weigh(facts, _ask(facts, extra_criteria))
    return pd.Series(_text(VERDICTS, weighed.verdict), index=facts.evidence.index, name="verdict")


def _ask(facts: Facts, extra_criteria: Sequence[Criterion]) -> tuple[_Asked, ...]:
    known = {criterion.name for criterion in CRITERIA}
    for criterion in extra_criteria:
        if criterion.name in known:
            raise LeadAuditError("custom_criterion", name=criterion.name, reason="has the name of another criterion")
        known.add(criterion.name)
    is_open = ~_ended(facts)
    off = facts.process.criteria_off
    asked = []
    for criterion in (*CRITERIA, *extra_criteria):
        if criterion.name not in off:
            answer = criterion.answer(facts)
            asked.append(_Asked(criterion, answer, sure(answer.held) & is_open))
    return tuple(asked)


def _ended(facts: Facts) -> Flags:
    return np.asarray(facts.evidence["status"].isin(["won", "lost"]), dtype=bool)


def _weigh(facts: Facts, asked: tuple[_Asked, ...]) -> _Weighed:
    due, stalling = _signs(asked)
    past = sure(facts.past_patience)
    tiers: list[tuple[str, int, Flags]] = [
        ("ended", NOBODY, _ended(facts)),
        ("undetermined", NOBODY, _lost_sight(facts)),
    ]
    tiers += [("overdue", i, mask) for i, mask in due.items() if not asked[i].criterion.vetoable]
    tiers += [("paused", i, one.held) for i, one in enumerate(asked) if one.criterion.name == "valid_pause"]
    tiers += [("stalled", i, one.held) for i, one in enumerate(asked) if one.criterion.name == "our_turn"]
    tiers += [("overdue", i, mask) for i, mask in due.items()]
    tiers += [("stalled", i, one.held & _weak(one)) for i, one in _of_role(asked, "ending")]
    for i, one in _of_role(asked, "stall", "flag"):
        tiers.append(("stalled", i, one.held & past if one.criterion.role == "flag" else one.held))
    tiers += [("stalled", i, mask) for i, mask in stalling.items()]
    readable = np.isfinite(facts.stay_days) & np.isfinite(facts.patience_days)
    tiers += [("undetermined", NOBODY, ~readable), ("progressing", NOBODY, np.ones(len(facts), dtype=bool))]
    verdict, deciding = np.full(len(facts), NOBODY), np.full(len(facts), NOBODY)
    for name, position, mask in tiers:
        here = mask & (verdict == NOBODY)
        verdict[here], deciding[here] = VERDICTS.index(name), position
    return _Weighed(asked, verdict, deciding, due, _shades(asked, verdict == VERDICTS.index("progressing")))


def _lost_sight(facts: Facts) -> Flags:
    """Nobody knows whether they are still open: gone from the latest export, or without any status."""
    return facts.true("vanished") | np.asarray(facts.evidence["status"].isna())


def _of_role(asked: tuple[_Asked, ...], *roles: str) -> list[tuple[int, _Asked]]:
    return [(i, one) for i, one in enumerate(asked) if one.criterion.role in roles]


def _weak(one: _Asked) -> Flags:
    return np.broadcast_to(np.asarray(one.answer.weak, dtype=bool), one.held.shape)


def _signs(asked: tuple[_Asked, ...]) -> tuple[dict[int, Flags], dict[int, Flags]]:
    """For each ending sign: where an ending is due, and where a veto leaves it at stalled.

    A sign that held never vanishes for a veto that somebody's act brought about (an answer, an
    agreed step): it stalls the lead, or an answer would turn overdue into progressing.
    """
    due, stalling = {}, {}
    for i, one in _of_role(asked, "ending"):
        strong = one.held & ~_weak(one)
        lifted, cancelled = np.zeros_like(strong), np.zeros_like(strong)
        for veto in _against(asked, one.criterion):
            if veto.criterion.cancels:
                cancelled |= veto.held
            else:
                lifted |= veto.held
        due[i] = strong & ~cancelled & ~lifted
        stalling[i] = strong & ~cancelled & lifted
    return due, stalling


def _against(asked: tuple[_Asked, ...], sign: Criterion) -> list[_Asked]:
    if not sign.vetoable:
        return []
    vetoes = [one for _, one in _of_role(asked, "veto")]
    return [one for one in vetoes if not one.criterion.against or sign.name in one.criterion.against]


def _shades(asked: tuple[_Asked, ...], progressing: Flags) -> Codes:
    """The first shade that holds for each progressing lead."""
    shade = np.full(len(progressing), NOBODY)
    for i, one in _of_role(asked, "shade"):
        shade[one.held & progressing & (shade == NOBODY)] = i
    return shade


def _shown(weighed: _Weighed) -> list[Flags]:
    """Where each criterion is kept as a reason."""
    shown = []
    for i, one in enumerate(weighed.asked):
        role = one.criterion.role
        if role == "shade":
            shown.append(weighed.shade == i)
        elif role == "veto":
            signs = [
                sign.held
                for _, sign in _of_role(weighed.asked, "ending")
                if one in _against(weighed.asked, sign.criterion)
            ]
            stands = np.logical_or.reduce([*signs, np.zeros_like(one.held)])
            shown.append((one.held & stands) | (weighed.deciding == i))
        else:
            shown.append(one.held)
    return shown


# ------------------------------------------------------------------ one row per lead


def _judged(facts: Facts, weighed: _Weighed, shown: list[Flags]) -> pd.DataFrame:
    names = [one.criterion.name for one in weighed.asked]
    placed = {name: facts.evidence[name] for name in JUDGED if name in facts.evidence.columns}
    overdue_since = _overdue_since(weighed)
    end_on, end_by = _end(facts, weighed, overdue_since)
    held = {one.criterion.name: one.held for one in weighed.asked if one.criterion.role != "shade"}
    held |= {one.criterion.name: weighed.shade == i for i, one in _of_role(weighed.asked, "shade")}
    steps = next_steps(facts, {name: weighed.has(name) for name in VERDICTS}, held)
    margin = weighed.has("progressing") & (facts.stay_days > facts.patience_days)
    columns = {
        **placed,
        "verdict": _text(VERDICTS, weighed.verdict),
        "shade": _text(names, weighed.shade),
        "reasons": _joined(weighed, shown),
        "borderline": margin,
        "overdue_since": overdue_since,
        "end_on": end_on,
        "end_criterion": _text(names, end_by),
        "next_step_code": _text(STEPS, steps),
    }
    return pd.DataFrame(columns, index=facts.evidence.index)


def _text(vocabulary: Sequence[str | None], codes: NDArray[Any]) -> Any:
    """Text by position; a negative position is missing."""
    return pd.array([*vocabulary, None], dtype="str").take(np.where(codes < 0, len(vocabulary), codes))


def _joined(weighed: _Weighed, shown: list[Flags]) -> Any:
    """The names of the reasons joined by |, the deciding one first; each combination is joined once."""
    ours = [i for i, one in enumerate(weighed.asked) if one.criterion.role in ("ending", "stall", "flag")]
    key = weighed.deciding + 1
    for i in ours:
        key = pd.factorize(key * 2 + shown[i])[0]
    combinations, first = np.unique(key, return_index=True)
    words: list[str | None] = []
    for row in first[np.argsort(combinations)]:
        deciding = int(weighed.deciding[row])
        named = [deciding] if deciding >= 0 else []
        named += [i for i in ours if shown[i][row] and i != deciding]
        words.append("|".join(weighed.asked[i].criterion.name for i in named) or None)
    return _text(words, key)


def _overdue_since(weighed: _Weighed) -> Times:
    """When the first of the signs was met, where it is known."""
    since = np.full(len(weighed.verdict), NAT)
    for i, mask in weighed.due.items():
        since = np.where(mask, np.fmin(since, weighed.asked[i].answer.since_at), since)
    return np.where(weighed.has("overdue"), since, NAT)


def _end(facts: Facts, weighed: _Weighed, overdue_since: Times) -> tuple[Times, Codes]:
    """The day on which an ending is or was due, and the criterion behind it."""
    overdue = weighed.has("overdue")
    ahead = np.fmax(facts.number("horizon_days"), facts.patience_days) - facts.stay_days
    ahead = np.where(np.isfinite(facts.number("horizon_days")), ahead, np.nan)
    running = weighed.has("progressing") | weighed.has("stalled")
    horizon = [i for i, one in enumerate(weighed.asked) if one.criterion.name == "horizon_passed"]
    reached = np.where(running & bool(horizon), facts.ago(-ahead), NAT)
    by = np.where(np.isnat(reached), NOBODY, horizon[0] if horizon else NOBODY)
    moment = np.where(overdue, overdue_since, reached)
    return moment.astype("datetime64[D]").astype("datetime64[us]"), np.where(overdue, weighed.deciding, by)


# ------------------------------------------------------------------ one row per reason


def _reasons(facts: Facts, weighed: _Weighed, shown: list[Flags]) -> pd.DataFrame:
    rows = [np.flatnonzero(mask) for mask in shown]
    which = np.repeat(np.arange(len(rows)), [len(found) for found in rows])
    row = np.concatenate([*rows, np.empty(0, dtype=np.int64)]).astype(np.int64)
    order = np.argsort(row * 2 + (weighed.deciding[row] != which), kind="stable")
    answers = [one.answer for one in weighed.asked]
    role = _roles(weighed, row, which, sure(facts.past_patience))
    criteria = [one.criterion for one in weighed.asked]
    frame = pd.DataFrame(
        {
            "lead_id": facts.evidence["lead_id"].array.take(row[order]),
            "criterion": _text([one.name for one in criteria], which[order]),
            "role": role[order],
            "observed": _gathered([answer.observed for answer in answers], rows, "float64")[order],
            "limit": _gathered([answer.limit for answer in answers], rows, "float64")[order],
            "unit": _text([one.unit for one in criteria], which[order]),
            "basis": _gathered_text([answer.basis for answer in answers], rows)[order],
            "inferred": np.array([one.inferred for one in criteria], dtype=bool)[which[order]],
            "since_at": _gathered([answer.since_at for answer in answers], rows, "datetime64[us]")[order],
            "detail": _gathered_text([answer.detail for answer in answers], rows)[order],
        }
    )
    return conform(frame, REASONS)


def _roles(weighed: _Weighed, row: Codes, which: Codes, past: Flags) -> Any:
    """The role in which each reason acts: a flag past patience is a stall reason."""
    words = ("ending", "veto", "stall", "flag", "shade")
    codes = np.array([words.index(one.criterion.role) for one in weighed.asked], dtype=np.int64)[which]
    return _text(words, np.where((codes == words.index("flag")) & past[row], words.index("stall"), codes))


def _gathered(values: list[Any], rows: list[Codes], dtype: str) -> NDArray[Any]:
    """Each criterion's values at its own rows, one after the other."""
    parts = [
        np.broadcast_to(value, ()).repeat(len(at)) if np.ndim(value) == 0 else value[at]
        for value, at in zip(values, rows, strict=True)
    ]
    return np.concatenate([np.empty(0, dtype=dtype), *parts]).astype(dtype)


def _gathered_text(values: list[Any], rows: list[Codes]) -> Any:
    """The same for texts: few different ones, each made once."""
    codes: list[Codes] = [np.empty(0, dtype=np.int64)]
    words: list[str | None] = []
    for value, at in zip(values, rows, strict=True):
        if value is None or isinstance(value, str):
            code, found = np.zeros(len(at), dtype=np.int64), [value]
        else:
            code, found = pd.factorize(value[at])
        codes.append(np.where(code < 0, -1, code + len(words)))
        words.extend(found)
    return _text(words, np.concatenate(codes))
