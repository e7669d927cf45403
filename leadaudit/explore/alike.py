"""Leads like one, and what became of them. No widget is known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.errors import LeadAuditError, did_you_mean

if TYPE_CHECKING:
    from leadaudit.audit import Audit

OUTCOMES = ("won", "ended", "open")


def alike(audit: Audit, lead_id: str) -> pd.DataFrame:
    """Other leads that stood in the same stage at least as long, the most similar first.

    Similar is: about as much done in that stay, and about the same value.

    Parameters
    ----------
    audit : Audit
    lead_id : str
        Open or ended; of an ended one, its last stay is compared.

    Returns
    -------
    DataFrame
        One row per lead: ``lead_id``, ``stay_days`` (there), ``movement_count`` (in that stay), ``outcome`` (won, ended
        or open), ``outcome_days`` (from the start of that stay), ``amount``, ``currency``. Empty where the stay of the
        lead is not known.

    Raises
    ------
    LeadAuditError
        ``lead_unknown``, with the nearest id.
    """
    leads = audit.leads
    own = leads[leads["lead_id"] == lead_id]
    if own.empty:
        raise LeadAuditError("lead_unknown", lead_id=lead_id, hint=did_you_mean(lead_id, list(leads["lead_id"])))
    lead = own.iloc[0]
    stays = audit.stays
    same = (stays["pipeline"].fillna("") == _text(lead["pipeline"])) & (
        stays["stage"].fillna("") == _text(lead["stay_stage"])
    )
    others = stays[same & (stays["lead_id"] != lead_id) & (stays["stay_days"] >= lead["stay_days"])]
    others = others.sort_values("stay_days", ascending=False, kind="stable").drop_duplicates("lead_id")
    found = others.merge(leads[["lead_id", "amount", "currency"]], on="lead_id", how="left")
    far = _apart(found["movement_count"], lead["movement_count"]) + _apart(found["amount"], lead["amount"])
    columns = ["lead_id", "stay_days", "movement_count", "outcome", "outcome_days", "amount", "currency"]
    ordered = found.assign(far=far).sort_values(["far", "lead_id"], kind="stable", ignore_index=True)
    return ordered[columns]


def became(others: pd.DataFrame) -> dict[str, int]:
    """How many of these leads were won, were ended, are still open.

    Examples
    --------
    >>> became(pd.DataFrame({"outcome": ["won", "ended", "ended"]}))
    {'won': 1, 'ended': 2, 'open': 0}
    """
    counts = others["outcome"].value_counts()
    return {outcome: int(counts.get(outcome, 0)) for outcome in OUTCOMES}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _apart(values: pd.Series, own: object) -> pd.Series:
    """Distance in orders of magnitude; the same for all where the lead's own is not known, far where another's is not."""
    if pd.isna(own):
        return pd.Series(0.0, index=values.index)
    mine = np.log1p(max(float(str(own)), 0.0))
    return (np.log1p(values.astype("float64").clip(lower=0)) - mine).abs().fillna(10.0)
