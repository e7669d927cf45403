"""The sample, audited once for all tests of the exploration."""

from __future__ import annotations

import pytest

import leadaudit
from leadaudit.audit import Audit
from leadaudit.packaged import sample_paths


@pytest.fixture(scope="session")
def audit() -> Audit:
    """The packaged sample."""
    return leadaudit.audit(leadaudit.read(*sample_paths()))
