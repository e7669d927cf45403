"""Many clients, every night: each audited in its own process, into its own folder.

A client that fails costs one sentence, and nobody else anything. What has not changed since the
last run is left as it is.
"""

from __future__ import annotations

from leadaudit.batch.clients import Client, find_clients
from leadaudit.batch.conditions import Condition, condition, metrics_of
from leadaudit.batch.night import Night, batch
from leadaudit.batch.record import RECORD, Entry, load_entries

__all__ = [
    "RECORD",
    "Client",
    "Condition",
    "Entry",
    "Night",
    "batch",
    "condition",
    "find_clients",
    "load_entries",
    "metrics_of",
]
