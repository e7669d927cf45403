"""How cells are run: papermill's own engine, which also leaves a notebook behind when its kernel dies."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

NAME = "leadaudit"


@cache
def engine() -> str:
    """The name under which papermill knows the engine.

    Papermill itself writes the notebook once more than needed for every cell, or, told not to, only where all
    cells ran or one of them raised; a kernel that was killed (memory, time) would leave nothing to look at.
    """
    import nbformat
    from papermill.engines import NBClientEngine, papermill_engines

    class Engine(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, kept_as: Path, **options: Any) -> Any:
            try:
                return super().execute_managed_notebook(nb_man, kernel_name, **options)
            except (RuntimeError, TimeoutError):
                nbformat.write(nb_man.nb, kept_as)
                raise

    papermill_engines.register(NAME, Engine)
    return NAME
