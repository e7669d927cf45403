"""Executors: what runs in a worker, and how tasks reach it and come back, whatever dies on the way."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from leadaudit.batch.record import facts_of
from leadaudit.batch.travel import Parcel, check_sizes, pack, packed_results, placed_at, put_down, unpacked
from leadaudit.delivery import Order, deliver
from leadaudit.errors import LeadAuditError, MissingExtraError
from leadaudit.report.placing import FAILED, worded

MOST_JOBS = 61
"""More processes Windows cannot wait for."""


MOST_PARCELS = 64
"""So many at a time are on their way; each lies in memory meanwhile."""


@dataclass(frozen=True)
class Task:
    """One audit to do: an order and the folder for its results.

    Attributes
    ----------
    travels : bool
        The worker does not see the files: they are sent along, and the results come back.
    fetched : Path or None
        Where the client was fetched to, if it was, from ``address``.
    """

    slug: str
    order: Order
    folder: Path
    travels: bool = False
    fetched: Path | None = None
    address: str = ""


@dataclass(frozen=True)
class Done:
    """What became of it: the content of ``audit.json``, or facts of the error."""

    record: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    without_pdf: Mapping[str, Any] | None = None
    notebook: str = ""


@dataclass(frozen=True)
class Returned:
    """What a worker sends back of work that travelled to it."""

    done: Done
    results: bytes


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


def work_away(slug: str, parcel: Parcel) -> Returned:
    """The same for work that has travelled here: nothing of it stays."""
    with unpacked(parcel) as (order, folder):
        done = work(Task(slug, order, folder / "out"))
        if done.error is not None:
            facts = done.error
            for file in order.files:
                facts = placed_at(facts, file.parent, "")
            done = replace(done, error=placed_at(facts, folder, ""))
        return Returned(done, packed_results(folder, order))


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

        load(order.process, order.defaults)


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
        limit = MOST_PARCELS if any(task.travels for task in tasks) else sys.maxsize
        for task in _feed(executor, waiting, limit, told):
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
            task = waiting[0]
            try:
                future = _submitted(executor, task)
            except BrokenExecutor:
                return [*lost, *running.values()]
            except LeadAuditError as error:
                told(waiting.popleft(), failed(error, task))
                continue
            running[future] = waiting.popleft()
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            task = running.pop(future)
            if isinstance(future.exception(), BrokenExecutor):
                lost.append(task)
            else:
                told(task, _answer(future, task))
    return lost


def _submitted(executor: Executor, task: Task) -> Future[Any]:
    if not task.travels:
        return executor.submit(work, task)
    with worded(task.folder):
        parcel = pack(task.order)
    check_sizes(parcel)
    return executor.submit(work_away, task.slug, parcel)


def _answer(future: Future[Any], task: Task) -> Done:
    """What a worker said; of one that died on another machine, that it did."""
    error = future.exception()
    if error is None:
        done = future.result()
        return _unpacked(done, task) if isinstance(done, Returned) else done
    died = type(error).__name__ in {"KilledWorker", "CancelledError", "FutureCancelledError"}
    known = LeadAuditError("worker_died") if died else LeadAuditError("client_internal", kind=type(error).__name__)
    return failed(known, task)


def _unpacked(returned: Returned, task: Task) -> Done:
    """Put in place what has come back."""
    try:
        put_down(returned.results, task.folder, task.order.key)
    except LeadAuditError as error:
        return failed(error, task)
    return returned.done


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
    """The workers of a Dask cluster as an executor; files lie where they see them too, or travel (:class:`Task`).

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
    with client, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph")  # parcels are meant
        yield client.get_executor(pure=False)


CONNECT_SECONDS = 10
