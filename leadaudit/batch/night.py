"""One night's work: who has changed is audited, everybody is in the overview."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from leadaudit.batch.addresses import Fetched, check_address, fetched
from leadaudit.batch.clients import Client, Known, find_clients, fingerprint, name_of, slugs
from leadaudit.batch.conditions import Condition, matched, metrics_of
from leadaudit.batch.keys import with_key
from leadaudit.batch.pages import make_pages, pages_are_current
from leadaudit.batch.plan import Plan, plan_of
from leadaudit.batch.record import Entry, begun, load_entries, only_one, save
from leadaudit.batch.travel import placed_at
from leadaudit.batch.upload import upload as copy_to
from leadaudit.batch.working import Done, Task, cluster, failed, run_all
from leadaudit.delivery import Order
from leadaudit.errors import LeadAuditError
from leadaudit.report.placing import check_folder

OF_THE_INPUT = frozenset({"ExportReadError", "ColumnMappingError", "ConfigError", "NotebookParameterError"})
"""Errors that come again as long as the files are the same; a full disk, for one, does not."""

Progress = Callable[[Entry, int, int], None]
"""Called as ``progress(entry, done_count, all_count)``."""


@dataclass(frozen=True)
class Night:
    """What a batch did.

    Attributes
    ----------
    folder : Path
    entries : tuple of Entry
        All clients, by folder name.
    audited : tuple of str
        Folder names of those whose turn it was.
    matched : dict of str to list of Condition
        Limits that were reached, by folder name.
    unwritten : LeadAuditError or None
        Why ``batch.json``, the overview or the copy elsewhere could not be written; the reports are in
        place all the same.
    uploaded_count : int
        Files sent to the address of the copy.
    """

    folder: Path
    entries: tuple[Entry, ...]
    audited: tuple[str, ...]
    matched: Mapping[str, Sequence[Condition]]
    unwritten: LeadAuditError | None = None
    uploaded_count: int = 0

    @property
    def failures(self) -> tuple[Entry, ...]:
        """Clients without a current report."""
        return tuple(entry for entry in self.entries if entry.status == "failed")

    @property
    def exit_code(self) -> int:
        """3 with failures, else 1 if a limit was reached, else 0."""
        return 3 if self.failures or self.unwritten else int(bool(self.matched))


def batch(
    patterns: Sequence[str],
    output: str | Path | None = None,
    *,
    shared: Order | None = None,
    language: str = "",
    jobs: int | None = None,
    force: bool = False,
    fail_on: Sequence[str] | None = None,
    executor: Executor | None = None,
    scheduler: str = "",
    travel: bool | None = None,
    upload: str = "",
    pdf: bool | None = None,
    progress: Progress | None = None,
) -> Night:
    """Audit many clients in parallel, each into its own folder, and write the overview.

    Parameters
    ----------
    patterns : sequence of str
        Folders with exports, ``audit.toml`` files or single exports, patterns for such, or addresses
        (``s3://bucket/clients/*``). One ``batch.toml`` among them gives what is not given here.
    output : str or Path, optional
        Folder of the results; made if absent. Default: that of the ``batch.toml``.
    shared : Order, optional
        Settings for all clients (its files are not used).
    language : {"", "de", "en"}
        Of the overview; empty = that of most clients.
    jobs : int, optional
        Processes; default: as many as this machine has cores.
    force : bool, default False
        Audit also those that have not changed.
    fail_on : sequence of str
        Limits such as ``"overdue_share>0.3"``.
    executor : Executor, optional
        Any executor whose workers see the same files, instead of processes of this machine.
    scheduler : str, optional
        Address of a Dask scheduler; its workers are used then.
    travel : bool, optional
        Exports are sent to the workers of another machine and results come back; without it they see
        the same files. Clients that were fetched from an address always travel there.
    upload : str, optional
        Address that the results are copied to at the end, the overview last.
    pdf : bool, optional
        Print reports to PDF. Default: as the ``batch.toml`` says, else as ``shared`` does.
    progress : callable, optional
        Told of each client as it is done.

    Returns
    -------
    Night

    Raises
    ------
    LeadAuditError
        Nothing was found, the folder is somebody else's, a limit or address is wrong. Trouble of
        single clients is in the entries.
    """
    plan = plan_of(
        patterns, output, shared=shared or Order(()), fail_on=fail_on, jobs=jobs, scheduler=scheduler, upload=upload,
        travel=travel, pdf=pdf,
    )  # fmt: skip
    folder = plan.output
    check_folder(folder)
    if plan.upload:
        check_address(plan.upload)
    with fetched(plan.patterns) as got:
        clients = _clients(plan, got)
        with only_one(folder):
            shift = _Shift(plan, clients, elsewhere=bool(executor or plan.scheduler), force=force, progress=progress)
            with _chosen(executor, plan.scheduler, needed=bool(shift.tasks)) as workers:
                run_all(shift.tasks, shift.take, jobs=plan.jobs or os.cpu_count() or 1, executor=workers)
            entries = shift.finish(language)
            sent = shift.upload(again=force) if plan.upload else 0
    done = [entry for entry in entries if entry.status == "done"]
    reached = {one.slug: found for one in done if (found := matched(plan.limits, one.metrics))}
    return Night(folder, entries, tuple(sorted(shift.audited)), reached, shift.unwritten, sent)


def _clients(plan: Plan, got: Fetched) -> list[Client]:
    """Everybody that the plan names: those here, those that were fetched, and those that could not be."""
    home = plan.written.parent if plan.written else Path()
    if not got.patterns and got.troubles:
        raise next(iter(got.troubles.values()))
    found = find_clients(got.patterns, plan.shared, plan.output, Known(plan.each, home, got.places))
    for address, trouble in got.troubles.items():
        name = PurePosixPath(address).name
        found.append(Client(name, Path(name), plan.shared, trouble, address))
    plan.check_names([name_of(client.source) for client in found])
    return found


def _chosen(executor: Executor | None, scheduler: str, *, needed: bool) -> Any:
    from contextlib import nullcontext

    return cluster(scheduler) if scheduler and needed and executor is None else nullcontext(executor)


class _Shift:
    """The record of a batch at work: what was known, what is to be done, what has come in."""

    def __init__(
        self, plan: Plan, clients: Sequence[Client], *, elsewhere: bool, force: bool, progress: Progress | None
    ) -> None:
        folder = plan.output
        self.plan, self.folder, self.progress, self.elsewhere = plan, folder, progress, elsewhere
        self.audited: set[str] = set()
        self.unwritten: LeadAuditError | None = None
        earlier = load_entries(folder)
        places = [client.address or _place(client.source, folder) for client in clients]
        taken = {entry.name for entry in folder.iterdir() if entry.is_dir()}
        names = slugs(clients, {entry.place: entry.slug for entry in earlier}, taken, places)
        found = [Entry(one.name, slug, place) for one, slug, place in zip(clients, names, places, strict=True)]
        self.entries = begun(found, {entry.slug: entry for entry in earlier})
        self.prints: dict[str, str] = {}
        troubled, self.tasks = self._sorted_out(dict(zip(names, clients, strict=True)), force=force)
        self._save()
        for task, error in troubled:
            self.take(task, failed(error, task))

    def _sorted_out(
        self, clients: Mapping[str, Client], *, force: bool
    ) -> tuple[list[tuple[Task, LeadAuditError]], list[Task]]:
        """Clients that cannot be audited, and tasks for those that have changed, the largest first."""
        troubled: list[tuple[Task, LeadAuditError]] = []
        tasks: list[tuple[int, Task]] = []
        for slug, client in clients.items():
            task = self._task(slug, client)
            try:
                order = with_key(task, self.plan.keys)
                client, task = replace(client, order=order), replace(task, order=order)  # noqa: PLW2901 - with its key now
                self.prints[slug] = fingerprint(client)
            except LeadAuditError as error:
                troubled.append((task, error))
                continue
            if not force and self._is_current(self.entries[slug]):
                continue
            if client.trouble:
                troubled.append((task, client.trouble))
            else:
                tasks.append((client.size_bytes(), task))
        return troubled, [task for _, task in sorted(tasks, key=lambda sized: -sized[0])]

    def _task(self, slug: str, client: Client) -> Task:
        travels = self.elsewhere and (self.plan.travel or bool(client.address))
        fetched_to = client.source if client.address and client.source.exists() else None
        return Task(slug, client.order, self.folder / slug, travels, fetched_to, client.address)

    def _is_current(self, entry: Entry) -> bool:
        if entry.fingerprint != self.prints[entry.slug]:
            return False
        if entry.status == "failed":
            return bool(entry.error) and entry.error["kind"] in OF_THE_INPUT  # type: ignore[index]
        place = self.folder / entry.slug
        return entry.status == "done" and (place / "audit.json").is_file() and (place / "report.html").is_file()

    def take(self, task: Task, done: Done) -> None:
        """Enter what became of a task, keep the record, tell of it."""
        if done.error is not None and task.fetched is not None:
            done = replace(done, error=placed_at(done.error, task.fetched, task.address))
        entry = _entered(self.entries[task.slug], done, self.prints.get(task.slug, ""))
        self.entries[task.slug] = entry
        self.audited.add(task.slug)
        self._save()
        if self.progress is not None:
            all_count = len(self.audited | {left.slug for left in self.tasks})
            self.progress(entry, len(self.audited), all_count)

    def _save(self) -> None:
        """A record that cannot be written delays nobody; it is tried again with the next client."""
        try:
            save(self.entries.values(), self.folder)
            self.unwritten = None
        except LeadAuditError as error:
            self.unwritten = error

    def finish(self, language: str) -> tuple[Entry, ...]:
        """Make the overview from all entries, unless it is that of the same numbers already."""
        entries = tuple(self.entries[slug] for slug in sorted(self.entries))
        if not self.unwritten and not pages_are_current(entries, self.folder, language):
            try:
                make_pages(entries, self.folder, language)
            except LeadAuditError as error:
                self.unwritten = error
        return entries

    def upload(self, *, again: bool) -> int:
        """Copy the results to the plan's address; trouble with it is told at the end."""
        try:
            return copy_to(self.folder, self.plan.upload, again=again)
        except LeadAuditError as error:
            self.unwritten = self.unwritten or error
            return 0


def _place(source: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(source.resolve(), folder)).as_posix()
    except ValueError:  # on another drive of Windows
        return source.resolve().as_posix()


def _entered(entry: Entry, done: Done, print_: str) -> Entry:
    """An entry after an audit; one on other files or settings keeps the numbers of the one before."""
    if done.record is None:
        return replace(entry, status="failed", fingerprint=print_, error=done.error, notebook=done.notebook)
    before: Mapping[str, Any] | None = entry.previous
    if entry.metrics is not None and (entry.status == "failed" or entry.fingerprint != print_):
        before = {"as_of": entry.as_of, "metrics": dict(entry.metrics)}
    return replace(
        entry,
        status="done",
        fingerprint=print_,
        language=done.record["language"],
        as_of=done.record["as_of"],
        evidence=done.record["evidence"],
        metrics=metrics_of(done.record),
        previous=before,
        without_pdf=done.without_pdf,
        error=None,
        notebook="",
    )
