"""The shapes in which a CRM fixture is described: leads, and the files beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.crm_files import Style
from ingest.crm_truth import PIPELINE, Lead


@dataclass(frozen=True)
class Spec:
    """How a CRM writes its leads, and beside them activities and history.

    ``columns`` holds (header, role, key) per column; keys are those of :func:`_cell`.
    """

    crm: str
    language: str
    object: str
    file: str
    columns: Sequence[tuple[str, str, str]]
    stages: Sequence[str]
    write: Callable[[Sequence[Sequence[Any]]], bytes]
    won: str | None = None
    lost: str | None = None
    statuses: Mapping[str, str] = field(default_factory=dict)
    style: Style = field(default_factory=Style)
    lead_id: Callable[[int], str] = str
    variant: str = ""
    pipeline: str = PIPELINE
    currency: str = "EUR"
    others: Sequence[Any] = ()
    repeats: Callable[[list[Any], Lead], list[list[Any]]] | None = None


@dataclass(frozen=True)
class Beside:
    """A file of activities or of history that stands beside the leads."""

    table: str
    object: str
    file: str
    columns: Sequence[tuple[str, str, str]]
    write: Callable[[Sequence[Sequence[Any]]], bytes]
    style: Style
    words: Mapping[str, str] = field(default_factory=dict)
    only: str | None = None
    newest_first: bool = False
