"""Are the chances true? What was said, beside what came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leadaudit.backtest.tallies import wilson

MOST_BINS = 10
BIN_MIN_COUNT = 20
SIMULATIONS_COUNT = 2000
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
    low, high = wilson(frame["won_count"].to_numpy(np.float64), frame["leads_count"])
    return frame.assign(low=low, high=high)


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
    lead = pd.factorize(known["lead_id"])[0]
    rng = np.random.default_rng(0)
    simulated = [error_of(chance, rng.random(lead.max() + 1)[lead] < chance, bins) for _ in range(SIMULATIONS_COUNT)]
    return error_of(chance, won, bins), float(np.quantile(simulated, ALLOWED_SHARE))


def error_of(chance: np.ndarray, won: np.ndarray, bins: list[np.ndarray]) -> float:
    """Mean absolute gap between mean chance and share won, weighted by the size of the bins."""
    gaps = [abs(chance[rows].mean() - won[rows].mean()) * len(rows) for rows in bins]
    return float(np.sum(gaps) / len(chance))
