"""What is wrong in an export, row by row where that is few and in counts where it is many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from leadaudit.tables import ISSUES, conform, empty

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["error", "warning", "note"]

LISTED_ROWS: dict[str, int] = {"error": 1000, "warning": 20, "note": 20}
"""So many rows of one kind get a line of their own; the rest share one line with a count."""

SHOWN_CHARACTERS = 60


@dataclass
class IssueLog:
    """Collects issues; rows of the same kind beyond a limit are counted, never dropped.

    Examples
    --------
    >>> log = IssueLog()
    >>> log.add("date_unreadable", "warning", file="deals.csv", row=7, column="Created", value="soon")
    >>> log.frame()["code"].tolist()
    ['date_unreadable']
    """

    _rows: list[dict[str, object]] = field(default_factory=list)

    def add(
        self,
        code: str,
        severity: Severity,
        *,
        file: str | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        count: int = 1,
    ) -> None:
        """Add one issue; ``count`` is how many rows or values it stands for."""
        shown = value if value is None or len(value) <= SHOWN_CHARACTERS else value[: SHOWN_CHARACTERS - 1] + "…"
        self._rows.append(
            dict(file=file, sheet=sheet, row=row, column=column, value=shown, code=code, severity=severity, count=count)
        )

    def add_rows(
        self,
        code: str,
        severity: Severity,
        rows: Iterable[tuple[int | None, str | None]],
        total: int,
        *,
        file: str | None = None,
        sheet: str | None = None,
        column: str | None = None,
    ) -> None:
        """Add an issue per (line, value), and one for the rest of ``total`` rows.

        Parameters
        ----------
        code, severity, file, sheet, column
            As in :meth:`add`.
        rows : iterable of (line, value)
            The first rows concerned; more than the limit are counted only.
        total : int
            How many rows are concerned in all.
        """
        listed = 0
        rest_line: int | None = None
        for line, value in rows:
            if listed == LISTED_ROWS[severity]:
                rest_line = line
                break
            self.add(code, severity, file=file, sheet=sheet, row=line, column=column, value=value)
            listed += 1
        if total > listed:
            self.add(code, severity, file=file, sheet=sheet, row=rest_line, column=column, count=total - listed)

    def extend(self, other: IssueLog) -> None:
        """Take over the issues of another log."""
        self._rows.extend(other._rows)

    def frame(self) -> pd.DataFrame:
        """ISSUES (:mod:`leadaudit.tables`), in the order in which they were found."""
        import pandas as pd

        if not self._rows:
            return empty(ISSUES)
        return conform(pd.DataFrame(self._rows, columns=list(ISSUES), dtype="object"), ISSUES)
