"""Asking one criterion about leads made by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
from criteria.leads import facts

from leadaudit.criteria import CRITERIA, Answer

BY_NAME = {criterion.name: criterion for criterion in CRITERIA}


def ask(name: str, *leads: dict[str, Any], **changes: Any) -> Answer:
    """What a criterion says of these leads."""
    return BY_NAME[name].answer(facts(*leads, **changes))


def says(name: str, *leads: dict[str, Any], **changes: Any) -> bool | None:
    """Whether it holds for the first lead; ``None`` = not determinable."""
    held = ask(name, *leads, **changes).held[0]
    return None if pd.isna(held) else bool(held)
