"""Are the chances true? What was said, beside what came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leadaudit.shares import wilson

MOST_BINS = 10
BIN_MIN_COUNT = 20
SIMULATIONS_COUNT, SIMULATIONS_MIN_COUNT = 2000, 200
DRAWS_COUNT = 20_000_000
"""So many draws take about a second; beyond, there are fewer simulations."""

ALLOWED_SHARE = 0.95


def told(leads: pd.DataFrame) -> pd.DataFrame:
    """Past leads of which a chance was stated and the outcome is known."""
    return leads[leads["chance"].notna() & (leads["outcome"] != "unknown")]


def bins_of(chance: np.ndarray) -> list[np.ndarray]:
    """Rows in bins of equal count, from the smallest chance to the largest; none where there are too few."""
    count = min(MOST_BINS, len(chance) // BIN_MIN_COUNT)
    return np.array_split(np.argsort(chance, kind="stable"), count) if count >= 2 else []


def calibration(leads: pd.DataFrame) -> pd.DataFrame:
    """Said and observed per bin of equal count.

    Returns
    -------
    DataFrame
        One row per bin: ``leads_count``, ``predicted`` (mean chance), ``observed`` (share won by the
        end of the export), ``low``, ``high`` (its interval), ``won_count``, ``open_count`` (still open:
        the chance may yet come true).
    """
    known = told(leads)
    won, still = (known["outcome"] == "won").to_numpy(), (known["outcome"] == "open").to_numpy()
    chance = known["chance"].to_numpy(np.float64)
    rows = [
        {
            "leads_count": len(rows),
            "predicted": chance[rows].mean(),
            "observed": won[rows].mean(),
            "won_count": int(won[rows].sum()),
            "open_count": int(still[rows].sum()),
        }
        for rows in bins_of(chance)
    ]
    columns = ["leads_count", "predicted", "observed", "won_count", "open_count"]
    frame = pd.DataFrame(rows, columns=columns).astype({"leads_count": "int64"})
    ends = [wilson(row["won_count"], row["leads_count"]) for row in frame.to_dict("records")]
    return frame.assign(low=[low for low, _ in ends], high=[high for _, high in ends])


def calibration_error(leads: pd.DataFrame) -> tuple[float, float]:
    """Mean gap between said and observed, weighted by bin, and what it may be by chance alone.

    Returns
    -------
    error : float
        Expected calibration error over bins of equal count; missing where there are too few leads.
    allowed : float
        95 % of the errors lie below this if the chances are true (simulated with a fixed seed). A lead
        seen at two dates has one outcome: it is drawn once.
    """
    known = told(leads)
    chance, won = known["chance"].to_numpy(np.float64), (known["outcome"] == "won").to_numpy()
    bins = bins_of(chance)
    if not bins:
        return float("nan"), float("nan")
    order = np.concatenate(bins)
    starts = np.cumsum([0, *(len(rows) for rows in bins[:-1])])
    expected = np.add.reduceat(chance[order], starts)
    simulated = _drawn(chance[order], pd.factorize(known["lead_id"].to_numpy()[order])[0], starts, expected)
    came = np.add.reduceat(won[order].astype(np.float64), starts)
    return _error(expected, came, len(order)), float(np.quantile(simulated, ALLOWED_SHARE))


def _drawn(chance: np.ndarray, lead: np.ndarray, starts: np.ndarray, expected: np.ndarray) -> list[float]:
    """Errors that come by chance alone, if the chances are true."""
    rng = np.random.default_rng(0)
    count = int(np.clip(DRAWS_COUNT // len(chance), SIMULATIONS_MIN_COUNT, SIMULATIONS_COUNT))
    errors = []
    for _ in range(count):
        won = rng.random(lead.max() + 1)[lead] < chance
        errors.append(_error(expected, np.add.reduceat(won.astype(np.float64), starts), len(chance)))
    return errors


def _error(expected: np.ndarray, came: np.ndarray, of: int) -> float:
    """Mean absolute gap between what was said and what came, weighted by the size of the bins."""
    return float(np.abs(expected - came).sum() / of)
