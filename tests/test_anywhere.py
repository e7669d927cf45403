"""The same exports give the same audit on any machine: zone, locale and hash seed do not show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent

AUDIT_THE_SAMPLE = """
import sys
import leadaudit
from leadaudit.packaged import sample_paths

audit = leadaudit.audit(leadaudit.read(*sample_paths()))
for frame in (audit.leads, audit.findings):
    sys.stdout.buffer.write(frame.to_csv(index=False, lineterminator="\\n").encode("utf-8"))
"""

MACHINES = {
    "a server in Berlin": {"TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
    "a laptop beyond the date line": {
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "2",
        "PYTHONUTF8": "0",
    },
}


def _leads_and_findings(settings: dict[str, str]) -> bytes:
    """What an audit of the sample says under the settings of one machine."""
    run = subprocess.run(
        [sys.executable, "-c", AUDIT_THE_SAMPLE],
        cwd=CHECKOUT,
        env={**os.environ, **settings},
        capture_output=True,
    )
    assert run.returncode == 0, run.stderr.decode("utf-8", errors="replace")
    return run.stdout


@pytest.mark.slow
def test_the_same_exports_give_the_same_audit_on_any_machine():
    """Byte for byte the same leads and findings, wherever and in whichever order of hashing they are made."""
    berlin, auckland = (_leads_and_findings(settings) for settings in MACHINES.values())

    assert berlin.count(b"\n") > 100
    assert berlin == auckland
