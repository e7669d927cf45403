"""Running a notebook, with every guard that papermill lacks.

Papermill only warns of a mistyped parameter and of a notebook without a ``parameters`` cell,
turns values that are not JSON into text, takes the kernel from the notebook and its paths from
the caller's folder. Each of these would give a plausible, wrong report; here each is refused or
set right. Every run gets a fresh kernel: a used one keeps the previous client's state.
"""

from __future__ import annotations

import sys

from leadaudit.notebooks.parameters import Parameter, injected, typed
from leadaudit.notebooks.running import Step, run
from leadaudit.notebooks.traces import without_traces

# Building an unused grammar for IRIs costs each nbformat import more than a second where
# JupyterLab is installed; without the module nbformat leaves that one check out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

__all__ = ["Parameter", "Step", "injected", "run", "typed", "without_traces"]
