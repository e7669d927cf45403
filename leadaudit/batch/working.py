"""Executors: what runs in a worker, and how tasks reach it and come back, whatever dies on the way."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadaudit.batch.record import facts_of
from leadaudit.delivery import Order, deliver
from leadaudit.errors import LeadAuditError, MissingExtraError
from leadaudit.report.placing import FAILED, worded

MOST_JOBS = 61
"""More processes Windows cannot wait for."""


@dataclass(frozen=True)
class Task:
    """One audit to do: an order and the folder for its results."""

    slug: str
    order: Order
    folder: Path


@dataclass(frozen=True)
class Done:
    """What became of it: the content of ``audit.json``, or facts of the error."""

    record: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    without_pdf: Mapping[str, Any] | None = None
    notebook: str = ""


Told = Callable[[Task, Done], None]


def work(task: Task) -> Done:
    """Audit one client; whatever goes wrong with it is an answer, never an exception."""
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        with worded(task.folder):
            _check_settings(task.order)
            delivered = deliver(task.order, task.folder, keep_failed=True)
    except LeadAuditError as error:
        return failed(error, task)
    except Exception as error:  # noqa: BLE001 - one client never stops the others
        return failed(LeadAuditError("client_internal", kind=type(error).__name__), task)
    reason = facts_of(delivered.without_pdf) if delivered.without_pdf else None
    return Done(record=delivered.record, without_pdf=reason)


def failed(error: LeadAuditError, task: Task) -> Done:
    """The answer of a task that failed."""
    with contextlib.suppress(OSError):
        if (task.folder / FAILED).exists():
            return Done(error=facts_of(error), notebook=FAILED)
    return Done(error=facts_of(error))


def _check_settings(order: Order) -> None:
    """A mistake in an ``audit.toml`` costs no kernel."""
    if order.process:
        from leadaudit.project import load

        load(order.process)


def run_all(tasks: Sequence[Task], told: Told, *, jobs: int, executor: Executor | None = None) -> None:
    """Do tasks in parallel and tell of each as it is done.

    Parameters
    ----------
    tasks : sequence of Task
    told : callable
        Called in this process, one task at a time, in the order in which they finish.
    jobs : int
        Processes of this machine.
    executor : Executor, optional
        Used instead of processes of our own; it is not shut down.
    """
    waiting = deque(tasks)
    if executor is not None:
        for task in _feed(executor, waiting, sys.maxsize, told):
            told(task, failed(LeadAuditError("worker_died"), task))
        for task in waiting:
            told(task, failed(LeadAuditError("worker_died"), task))
        return
    suspects: list[Task] = []
    while waiting:
        with _processes(min(jobs, len(waiting), MOST_JOBS)) as pool:
            suspects += _feed(pool, waiting, jobs, told)
    # A process that dies takes its pool along. Whoever was at work then is tried again alone, so
    # that the one to blame harms nobody.
    for task in suspects:
        with _processes(1) as pool:
            for lost in _feed(pool, deque([task]), 1, told):
                told(lost, failed(LeadAuditError("worker_died"), lost))


def _feed(executor: Executor, waiting: deque[Task], limit: int, told: Told) -> list[Task]:
    """Hand tasks out, so many at a time; if the executor breaks, return those that were at work."""
    running: dict[Future[Done], Task] = {}
    lost: list[Task] = []
    while running or (waiting and not lost):
        while waiting and len(running) < limit and not lost:
            try:
                future = executor.submit(work, waiting[0])
            except BrokenExecutor:
                return [*lost, *running.values()]
            running[future] = waiting.popleft()
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            task = running.pop(future)
            if isinstance(future.exception(), BrokenExecutor):
                lost.append(task)
            else:
                told(task, _answer(future, task))
    return lost


def _answer(future: Future[Done], task: Task) -> Done:
    """What a worker said; of one that died on another machine, that it did."""
    error = future.exception()
    if error is None:
        return future.result()
    died = type(error).__name__ in {"KilledWorker", "CancelledError", "FutureCancelledError"}
    known = LeadAuditError("worker_died") if died else LeadAuditError("client_internal", kind=type(error).__name__)
    return failed(known, task)


@contextlib.contextmanager
def _processes(count: int) -> Iterator[Executor]:
    """Fresh processes of this Python; a Ctrl-C leaves nothing running."""
    pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """A worker ends quietly on Ctrl-C, and with the batch that it works for, however that ends."""
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: Any) -> None:
    """Without this an orphan would go on writing into a folder that the next batch works in."""
    parent.join()
    os._exit(1)


@contextlib.contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a Dask cluster as an executor; files have to lie where they see them too.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    MissingExtraError
        Without the extra ``cluster``.
    LeadAuditError
        ``scheduler_unreachable``.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtraError("extra_missing", extra="cluster") from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise LeadAuditError("scheduler_unreachable", address=address, reason=type(error).__name__) from error
    with client:
        yield client.get_executor(pure=False)


CONNECT_SECONDS = 10
