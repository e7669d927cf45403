"""Leads whose every text attacks whoever shows it."""

from __future__ import annotations

import pandas as pd

SCRIPT = "<script>window.fired = 1</script>"
FORMULA = '=HYPERLINK("http://x.invalid","click")'
PICTURE = '</td></script><img src=x onerror="window.fired = 1">'
RIGHT_TO_LEFT = "\u202eשרה לוי\u202c"
HOSTILE = (SCRIPT, FORMULA, PICTURE, RIGHT_TO_LEFT, "x" * 5000, "{{ 7 * 7 }} {audit}", "javascript:fire()", "__proto__")


def hostile_frames() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Leads, activities and history in which every text attacks; forty stages."""
    count, start = 160, pd.Timestamp("2026-01-01")
    texts = [HOSTILE[n % len(HOSTILE)] for n in range(count)]
    stages = [f"{HOSTILE[n % 4]} {n:02d}" for n in range(40)]
    created = [start + pd.Timedelta(days=n) for n in range(count)]
    status = ["won" if n % 5 == 0 else "lost" if n % 5 == 1 else "open" for n in range(count)]
    leads = pd.DataFrame(
        {
            "lead_id": [text if n < len(HOSTILE) else f"H{n}" for n, text in enumerate(texts)],
            "name": texts,
            "company": texts,
            "stage": [stages[n % 40] for n in range(count)],
            "status": status,
            "amount": [1000.0 + n for n in range(count)],
            "currency": ["<b>€"] * count,
            "created_at": created,
            "closed_at": [
                at + pd.Timedelta(days=20) if state != "open" else pd.NaT
                for at, state in zip(created, status, strict=True)
            ],
            "lost_reason": texts,
            "next_step": texts,
            "Note": texts,
        }
    )
    history = pd.DataFrame(
        {
            "lead_id": leads["lead_id"],
            "at": [at + pd.Timedelta(days=5) for at in created],
            "field": "stage",
            "before": stages[0],
            "after": leads["stage"],
        }
    )
    acts = pd.DataFrame(
        {
            "lead_id": leads["lead_id"],
            "at": [at + pd.Timedelta(days=7) for at in created],
            "kind": ["email", "meeting"] * (count // 2),
            "direction": ["outbound", "mutual"] * (count // 2),
            "subject": texts,
            "outcome": texts,
            "done": True,
        }
    )
    return leads, acts, history
