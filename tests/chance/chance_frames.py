"""Milestones and stays for tests: written by hand, or drawn from a seed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leadaudit.process import Process, Stage

START = pd.Timestamp("2024-01-01")
AS_OF = pd.Timestamp("2025-01-01")


def day(number):
    """The moment so many days after the start."""
    return START + pd.Timedelta(days=number)


def milestones(*rows):
    """Milestones from (lead, day, what, stage, {further columns})."""
    table = []
    for seq, (lead, number, what, stage, *more) in enumerate(rows):
        at = pd.NaT if number is None else day(number)
        table.append({"lead_id": lead, "at": at, "seq": seq, "what": what, "stage": stage, **(more[0] if more else {})})
    return pd.DataFrame(table)


def process(*names):
    """A process with these stages in order."""
    return Process(stages=tuple(Stage(name=name) for name in names or ("New", "Offer")))


def drawn(seed, leads_count=300, win_share=0.3, as_of_day=366.0):
    """Milestones of random leads: created, perhaps an offer, then won, ended or nothing, known before a day."""
    rng = np.random.default_rng(seed)
    created = rng.uniform(0, as_of_day, leads_count)
    moved = created + rng.exponential(8, leads_count)
    won = rng.random(leads_count) < win_share
    settled = moved + np.where(won, rng.exponential(10, leads_count), rng.exponential(30, leads_count))
    silent = rng.random(leads_count) < 0.2
    rows = []
    for lead in range(leads_count):
        name = f"L{lead}"
        rows.append((name, created[lead], "created", "New"))
        if won[lead] or rng.random() < 0.6:
            rows.append((name, moved[lead], "progress", "Offer"))
        if not silent[lead] or won[lead]:
            rows.append((name, settled[lead], "won" if won[lead] else "ended", None))
    return milestones(*[row for row in rows if row[1] < as_of_day])
