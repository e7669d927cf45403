"""Placing leads on the curves: chance, limits and proof for each lead as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.chance.units import Key, key_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadaudit.chance.learn import Learned
    from leadaudit.process import Process

PLACED = (
    "patience_days",
    "horizon_days",
    "chance",
    "chance_low",
    "chance_high",
    "chance_at_entry",
    "proof_at_risk_count",
    "proof_won_count",
    "proof_ended_count",
    "proof_open_count",
    "proof_day",
    "basis",
    "end_on",
)

ON_LINE = ("chance", "chance_low", "chance_high")

AT_LANDMARK = {
    "proof_at_risk_count": "at_risk_count",
    "proof_won_count": "won_count",
    "proof_ended_count": "ended_count",
    "proof_open_count": "still_open_count",
    "proof_day": "day",
}


def place(evidence: pd.DataFrame, learned: Learned, process: Process, as_of: pd.Timestamp) -> pd.DataFrame:
    """Read each lead's chance, limits and proof off what was learned.

    Chance and bounds lie on a line between the landmarks around the stay (a step would say of a
    lead that has stood for 7.9 days what holds after 7); beyond the last landmark its value
    holds. The proof is the counts of the last landmark reached, named by ``proof_day``: "of so many
    leads that stood here 7 days or more".

    Parameters
    ----------
    evidence : DataFrame
        EVIDENCE; ``pipeline``, ``stay_stage`` and ``stay_days`` are read.
    learned : Learned
        What the history says (under the limits of ``process``: see :meth:`Learned.under`).
    process : Process
        Only read for stages that nothing was learned about.
    as_of : Timestamp
        First moment not known.

    Returns
    -------
    DataFrame
        Index of ``evidence``; the JUDGED columns ``patience_days, horizon_days, chance, chance_low,
        chance_high, chance_at_entry, proof_*, basis, end_on``, and ``kept`` (flag: the client kept
        the lead beyond its own ending rule). ``end_on`` is the day on which the horizon is or was
        reached, were the lead not paused from now on. Missing where there is no stay or no horizon.

    Examples
    --------
    >>> import pandas as pd
    >>> from leadaudit.chance import learn
    >>> from leadaudit.process import Process
    >>> as_of = pd.Timestamp("2024-01-31")
    >>> learned = learn(pd.DataFrame(columns=["lead_id"]), Process(), as_of=as_of)
    >>> leads = pd.DataFrame({"pipeline": [None], "stay_stage": ["New"], "stay_days": [4.0]})
    >>> place(leads, learned, Process(), as_of)[["patience_days", "basis"]]
       patience_days    basis
    0           30.0  default
    """
    code, keys = _codes(evidence)
    stages, curves, whole = _tables(learned, process, keys)
    stay = evidence["stay_days"].to_numpy(np.float64, na_value=np.nan)
    standing = ~np.isnan(stay)
    row = _stage_rows(stages, keys)[code]
    standing_on, _ = _curve_rows(curves, keys, code, stay)
    before, after = _curve_rows(whole, keys, code, stay)

    placed: dict[str, Any] = {}
    kept = _kept(stages, row, stay)
    placed["patience_days"] = _taken(stages["patience_days"], row)
    placed["horizon_days"] = _horizons(stages, row, kept)
    before, after, standing_on = (np.where(standing, row_of, -1) for row_of in (before, after, standing_on))
    day, next_day = _taken(whole["day"], before), _taken(whole["day"], after)
    way = np.where(next_day > day, np.clip(stay - day, 0, None) / np.where(next_day > day, next_day - day, 1), 0.0)
    for name in ON_LINE:
        placed[name] = _taken(whole[name], before) * (1 - way) + _taken(whole[name], after) * way
    for name, source in AT_LANDMARK.items():
        placed[name] = _taken(curves[source], standing_on)
    placed["chance_at_entry"] = _taken(stages["chance_at_entry"], row)
    placed["end_on"] = _end_on(placed["horizon_days"], stay, as_of)
    placed["kept"] = pd.array(kept, dtype="boolean")
    counts = [name for name in PLACED if name.endswith("_count")]
    for name in counts:
        placed[name] = pd.array(placed[name], dtype="Int64")
    placed["basis"] = pd.array(_bases(stages), dtype="str").take(row)
    return pd.DataFrame({name: placed[name] for name in (*PLACED, "kept")}, index=evidence.index, copy=False)


def _codes(evidence: pd.DataFrame) -> tuple[NDArray[np.intp], list[Key]]:
    """A number per (pipeline, stage of the stay), and what the numbers stand for."""
    pipeline, pipelines = pd.factorize(evidence["pipeline"].fillna(""))
    stage, stages = pd.factorize(evidence["stay_stage"], use_na_sentinel=True)
    both, pairs = pd.factorize(pipeline.astype(np.int64) * (len(stages) + 1) + stage + 1)
    keys = []
    for pair in pairs:
        owner, name = divmod(int(pair), len(stages) + 1)
        keys.append(key_of(pipelines[owner], stages[name - 1] if name else None))
    return both, keys


def _tables(learned: Learned, process: Process, keys: list[Key]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Stages, curves and curves with their tails, completed by what the back-off says of stages that nobody has seen."""
    known = set(_keys(learned.stages))
    unseen = [learned.of_unseen(key, process) for key in keys if key not in known]
    stages = _joined([learned.stages, *(found[0] for found in unseen)])
    curves = _joined([learned.curves, *(found[1] for found in unseen)])
    whole = _joined([curves, learned.tails, *(found[2] for found in unseen)])
    return stages, curves, whole.sort_values(["pipeline", "stage"], kind="stable", ignore_index=True)


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if len(filled) > 1 else (filled or parts)[0]


def _keys(frame: pd.DataFrame) -> list[Key]:
    return [key_of(pipeline, stage) for pipeline, stage in zip(frame["pipeline"], frame["stage"], strict=True)]


def _stage_rows(stages: pd.DataFrame, keys: list[Key]) -> NDArray[np.intp]:
    rows = {key: row for row, key in enumerate(_keys(stages))}
    return np.array([rows[key] for key in keys], dtype=np.intp)


def _curve_rows(
    curves: pd.DataFrame, keys: list[Key], code: NDArray[np.intp], stay: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of the last landmark that each lead's stay has reached and of the next (or last); -1 without a curve."""
    changes = curves["stage"].astype(object).where(curves["stage"].notna(), None)
    first: dict[Key, list[int]] = {}
    group = pd.MultiIndex.from_arrays([curves["pipeline"].astype(object), changes])
    number, names = pd.factorize(group)
    sizes = np.bincount(number, minlength=len(names)) if len(names) else np.empty(0, dtype=np.intp)
    begin = np.append(0, np.cumsum(sizes))
    for place, (pipeline, stage) in enumerate(names):
        first[key_of(pipeline, stage)] = [int(begin[place]), int(begin[place + 1])]
    bounds = np.array([first.get(key, [0, 0]) for key in keys], dtype=np.intp).reshape(-1, 2)
    low, high = bounds[code, 0], bounds[code, 1]
    # One search over all curves: stages are shifted apart by more than any stay is long.
    day = curves["day"].to_numpy(np.float64)
    gap = 1 + max(float(np.max(day, initial=0.0)), float(np.nanmax(stay, initial=0.0)))
    shifted = day + gap * np.repeat(np.arange(len(names)), sizes)
    own = np.searchsorted(begin[:-1], low, side="right") - 1 if len(names) else low
    found = np.searchsorted(shifted, np.nan_to_num(stay) + gap * own, side="right") - 1
    on_curve = high > low
    before, after = np.clip(found, low, high - 1), np.clip(found + 1, low, high - 1)
    return np.where(on_curve, before, -1), np.where(on_curve, after, -1)


def _taken(column: pd.Series, row: NDArray[np.intp]) -> NDArray[np.float64]:
    values = np.append(column.to_numpy(np.float64, na_value=np.nan), np.nan)
    return values[row]


def _kept(stages: pd.DataFrame, row: NDArray[np.intp], stay: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.nan_to_num(stay) >= np.nan_to_num(_taken(stages["kept_from_days"], row), nan=np.inf)


def _horizons(stages: pd.DataFrame, row: NDArray[np.intp], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The horizon of each lead; leads kept beyond the client's own rule have that of the kept."""
    return np.where(kept, _taken(stages["kept_horizon_days"], row), _taken(stages["horizon_days"], row))


def _bases(stages: pd.DataFrame) -> NDArray[np.object_]:
    """One word for where the limits come from: that of the horizon, without one that of patience."""
    with_horizon = stages["horizon_basis"].notna()
    return stages["horizon_basis"].where(with_horizon, stages["patience_basis"]).astype(object).to_numpy()


def _end_on(horizon: NDArray[np.float64], stay: NDArray[np.float64], as_of: pd.Timestamp) -> pd.Series:
    ahead = pd.to_timedelta(pd.Series(horizon - stay), unit="D")
    return (as_of + ahead).dt.floor("D").astype("datetime64[us]").to_numpy()
