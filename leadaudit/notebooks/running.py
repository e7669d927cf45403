"""Executing a notebook in a fresh, private kernel of this Python."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadaudit.errors import NotebookParameterError, NotebookRunError
from leadaudit.notebooks.parameters import Parameter, typed
from leadaudit.notebooks.traces import without_traces

CELL_TIMEOUT_SECONDS = 900
START_TRIES_COUNT = 3


@dataclass(frozen=True)
class Step:
    """How far a run has come: cells done, cells in all, heading of the cell at work."""

    done_count: int
    all_count: int
    heading: str


def run(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Any],
    *,
    declared: Mapping[str, Parameter],
    on_step: Callable[[Step], None] | None = None,
    timeout_seconds: int = CELL_TIMEOUT_SECONDS,
) -> Path:
    """Execute a notebook in a fresh kernel of this Python.

    Parameters
    ----------
    notebook : Path
        Notebook with exactly one cell tagged ``parameters``.
    output : Path
        Where the executed notebook goes; its folder is made.
    parameters : mapping
        JSON values by name.
    declared : mapping of str to Parameter
        What the notebook takes.
    on_step : callable, optional
        Called with a :class:`Step` as each code cell starts.
    timeout_seconds : int
        Limit for one cell.

    Returns
    -------
    Path
        ``output``. It holds no local paths and no time of the run.

    Raises
    ------
    NotebookParameterError
        Before anything runs.
    NotebookRunError
        If a cell fails; the executed notebook is kept beside ``output`` as ``*.failed.ipynb``.
    """
    values = typed(parameters, declared)
    _check(notebook)
    output.parent.mkdir(parents=True, exist_ok=True)
    for left in reversed(range(START_TRIES_COUNT)):
        started: list[int] = []
        try:
            _execute(notebook, output, values, _teller(notebook, on_step, started), timeout_seconds)
            break
        except (RuntimeError, TimeoutError) as error:
            # Kernels that start in parallel lose a race once in some hundred times. Only a start is
            # tried again, never a cell.
            if started or not left:
                raise _failed(notebook, output, error) from error
    without_traces(output)
    return output


def _execute(
    notebook: Path, output: Path, values: Mapping[str, Any], on_cell: Callable[..., None], timeout_seconds: int
) -> None:
    from papermill import PapermillExecutionError, execute_notebook

    from leadaudit.notebooks.engine import engine

    try:
        with _private_folder() as folder:
            execute_notebook(
                _literal(notebook),
                _literal(output),
                dict(values),
                engine_name=engine(),
                kernel_name="python3",
                language="python",
                # Papermill would write the whole notebook twice per cell; ours is written once, at the end or in a fall.
                request_save_on_cell_execute=False,
                kept_as=output,
                progress_bar=False,
                log_output=False,
                execution_timeout=timeout_seconds,
                kernel_manager_class=_manager_in(folder),
                shutdown_kernel="immediate",
                on_cell_start=on_cell,
            )
    except PapermillExecutionError as error:
        raise NotebookRunError(
            "notebook_failed",
            notebook=notebook.name,
            cell=error.cell_index,
            ename=error.ename,
            evalue=error.evalue,
            kept=_keep_failed(output).name,
        ) from error


def _failed(notebook: Path, output: Path, error: Exception) -> NotebookRunError:
    if isinstance(error, NotebookRunError):
        return error
    return NotebookRunError(
        "notebook_failed",
        notebook=notebook.name,
        cell="-",
        ename=type(error).__name__,
        evalue=str(error),
        kept=_keep_failed(output).name,
    )


def _keep_failed(output: Path) -> Path:
    kept = output.with_suffix(".failed.ipynb")
    if output.exists():
        os.replace(output, kept)
        with suppress(ValueError):  # cut off in the middle of a write it is no notebook
            without_traces(kept)
    return kept


def _check(notebook: Path) -> None:
    """Without exactly one tagged cell papermill injects at the top and the notebook's defaults win."""
    import nbformat

    cells = nbformat.read(notebook, as_version=4).cells
    tagged = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        reason = f"it has {len(tagged)} cells tagged parameters, not one"
        raise NotebookParameterError("notebook_not_ours", path=notebook.name, reason=reason)


def _literal(path: Path) -> str:
    """Papermill formats braces in paths with the parameters."""
    return str(path.resolve()).replace("{", "{{").replace("}", "}}")


def _teller(notebook: Path, on_step: Callable[[Step], None] | None, started: list[int]) -> Callable[..., None]:
    import nbformat

    cells = nbformat.read(notebook, as_version=4).cells
    all_count = sum(cell.cell_type == "code" for cell in cells)

    def tell(cell: Any, cell_index: int) -> None:
        done_count = len(started)
        started.append(cell_index)
        if on_step is not None:
            on_step(Step(done_count, all_count + 1, str(cell.metadata.get("step", ""))))

    return tell


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A short path for the kernel's sockets, closed to others; the system's limit is about 100 characters."""
    folder = Path(tempfile.mkdtemp(prefix="la-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _manager_in(folder: Path) -> type:
    """Kernel manager that nobody else on the machine can listen to: sockets in a folder, or encrypted."""
    from jupyter_client.manager import AsyncKernelManager

    class PrivateKernelManager(AsyncKernelManager):
        def __init__(self, **kwargs: Any) -> None:
            if os.name == "nt":
                super().__init__(**kwargs, transport_encryption="required")
            else:
                super().__init__(**kwargs, transport="ipc", ip=str(folder / "kernel"))

    return PrivateKernelManager
