"""What every test can count on: one time zone, one set of hypothesis settings, real exports if there are any."""

from __future__ import annotations

import os
import time
from pathlib import Path

import hypothesis
import pytest

CHECKOUT = Path(__file__).resolve().parent.parent

# Nothing below the command line may depend on the machine's zone; TZ=... make test tries another.
os.environ.setdefault("TZ", "UTC")
if hasattr(time, "tzset"):
    time.tzset()

# Examples are not timed: a slow machine is no failure. The same checkout gets the same examples,
# so a run that passed passes again; HYPOTHESIS_PROFILE=search looks for new ones.
UNTIMED = hypothesis.settings(deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("leadaudit", UNTIMED, derandomize=True, max_examples=50)
hypothesis.settings.register_profile("search", UNTIMED, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "leadaudit"))


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The top of the repository."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real exports beside the checkout; the test is skipped where there is none."""
    named = os.environ.get("LEADAUDIT_SHARED")
    folder = Path(named) if named else CHECKOUT.parent / "shared"
    if not (folder / "real").is_dir() and not (folder / "crm-exports" / "samples").is_dir():
        pytest.skip("no real exports beside the checkout (set LEADAUDIT_SHARED to their folder)")
    return folder
