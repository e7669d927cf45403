"""Roles as they are found, one after the other, by the values of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadaudit.ingest.recognition.content import Content

SURE_BY_CONTENT = 0.5
"""A role that only the values suggest."""


@dataclass(frozen=True)
class Found:
    """Roles so far, how sure they are, and which of them the user gave."""

    roles: dict[str, str]
    sure: dict[str, float]
    given: frozenset[str]

    def lacks(self, *roles: str) -> bool:
        """Whether no column plays any of the roles."""
        return not set(roles) & self.roles.keys()

    def take(self, role: str, fitting: Iterable[Content], worth: Callable[[Content], Any]) -> None:
        """Give a role that nobody plays to the column without one that is worth most."""
        free = [content for content in fitting if content.column not in self.roles.values()]
        if role not in self.roles and free:
            best = max(free, key=worth)
            self.roles[role], self.sure[role] = best.column, SURE_BY_CONTENT
