"""Keys for ``privacy = "full"``: each client's own, in a place that stays, made before anybody works with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leadaudit.batch.working import Task
from leadaudit.delivery import Order
from leadaudit.errors import ConfigError, LeadAuditError
from leadaudit.privacy import KEY_FILE, open_key
from leadaudit.report.placing import worded


def with_key(task: Task, keys: Path | None) -> Order:
    """The order of a task, with the path of its key where the worker could not find that itself.

    Parameters
    ----------
    task : Task
    keys : Path or None
        Folder for keys of clients that were fetched from an address.

    Raises
    ------
    ConfigError
        ``key_place``: pseudonyms are wanted, and there is no place where their key would stay.
    OutputError
        The key cannot be written.
    """
    order = task.order
    if not _wants_pseudonyms(order):
        return order
    key = order.key
    if key is None and task.fetched is not None:
        if keys is None:
            raise ConfigError("key_place", address=task.address)
        key = keys / f"{task.slug}.key"
    if key is None and task.travels and order.files:
        key = (order.process or order.files[0]).resolve().parent / KEY_FILE
    if key is not None:
        with worded(key):
            key.parent.mkdir(parents=True, exist_ok=True)
        open_key(key)
    return replace(order, key=key)


def _wants_pseudonyms(order: Order) -> bool:
    """Whether the audit will; a mistake in its settings is told when its turn comes."""
    if order.privacy:
        return order.privacy == "full"
    from leadaudit.project import load

    try:
        return bool(order.process or order.defaults) and load(order.process, order.defaults).privacy == "full"
    except LeadAuditError:
        return False
