"""One row per lead as of a moment: the facts that verdicts are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.tables import EVIDENCE, conform

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.ingest.export import Export
    from leadaudit.ledger import Ledger
    from leadaudit.process import Process


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
    from leadaudit.evidence.contact import contact
    from leadaudit.evidence.lead import record
    from leadaudit.evidence.standing import standing

    as_of_us = int(as_of.value) // 1000
    stand = standing(ledger, as_of_us)
    frame = record(export, ledger, process, as_of, stand)
    parts = [stand, contact(ledger, stand)]
    for part in parts:
        frame = frame.assign(**{name: part[name].array for name in part.columns if name in EVIDENCE})
    return conform(frame[[name for name in frame.columns if name in EVIDENCE]], EVIDENCE)
