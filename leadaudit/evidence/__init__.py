"""One row per lead as of a moment: the facts that verdicts are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from leadaudit.evidence.norms import Norms, norms
from leadaudit.tables import EVIDENCE, conform

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export
    from leadaudit.ledger import Ledger
    from leadaudit.process import Process

__all__ = ["Norms", "gather", "norms"]


def gather(export: Export, ledger: Ledger, process: Process, as_of: pd.Timestamp) -> pd.DataFrame:
    """Gather the facts about every lead known at ``as_of``.

    Parameters
    ----------
    export : Export
        As known at ``as_of``.
    ledger : Ledger
        Written from the same export, process and moment.
    process : Process
    as_of : Timestamp
        First moment not known.

    Returns
    -------
    DataFrame
        :data:`leadaudit.tables.EVIDENCE`, one row per lead in file order, open and closed ones. The stay of a closed
        lead is the one that its ending ended. What the export cannot tell is missing, never 0.
    """
    import numpy as np

    from leadaudit.evidence import lead, resting, steps
    from leadaudit.evidence.contact import contact
    from leadaudit.evidence.standing import standing

    as_of_us = int(as_of.value) // 1000
    stand = standing(ledger, as_of_us)
    own = lead.records(export, ledger, process)
    planned = steps.steps(export, ledger, own, as_of)
    parts = [
        lead.record(ledger, own, stand, as_of),
        stand,
        contact(ledger, stand),
        steps.postponements(ledger, stand),
        resting.resting(ledger, stand, as_of_us),
        planned,
        lead.conditions(ledger, own, stand, process),
    ]
    found = {name: part[name].array for part in parts for name in part.columns if name in EVIDENCE}
    meets = np.asarray(planned["meeting_planned_at"].notna())
    found["evidence"] = lead.letters(ledger, own, meets).array
    return conform(pd.DataFrame(found, copy=False), EVIDENCE)
