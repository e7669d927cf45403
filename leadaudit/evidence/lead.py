"""What the lead's own record says: stage, status, value, dates, evidence letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.evidence.standing import STATUS_OF
from leadaudit.ledger.beside import arrow
from leadaudit.ledger.places import PAUSED

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export
    from leadaudit.ledger import Ledger
    from leadaudit.process import Process

DAY = pd.Timedelta(days=1)


def record(
    export: Export, ledger: Ledger, process: Process, as_of: pd.Timestamp, stand: pd.DataFrame
) -> pd.DataFrame:
    """Columns that stand in the lead itself, one row per lead by ``lead_no``."""
    leads, places = ledger.known.leads, ledger.history.places
    own = arrow(export.frame("leads").select("lead_id", "amount", "currency", "expected_close_at", "next_step", "next_step_at"))
    extra = own.to_pandas().set_index("lead_id").reindex(leads["lead_id"])
    place = places.number(leads["pipeline"], leads["stage"])
    rank = pd.Series(places.of_rank(place)).astype("Int64")
    status = stand["state"].map(STATUS_OF).to_numpy()
    paused = (leads["status"] == "paused").to_numpy(dtype=bool, na_value=False) & (status == "open")
    age = (as_of - leads["created_at"]) / DAY
    return pd.DataFrame(
        {
            "lead_id": leads["lead_id"],
            "pipeline": leads["pipeline"],
            "stage": leads["stage"],
            "stage_rank": rank.mask(rank < 0),
            "status": pd.Series(np.where(paused, STATUS_OF[PAUSED], status), dtype="str"),
            "created_at": leads["created_at"],
            "age_days": age.to_numpy(float),
            **{name: extra[name].array for name in extra.columns},
        }
    )
