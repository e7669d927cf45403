"""Issues gathered by kind: how many, and the first lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FIRST_LINES = 5

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Gathered:
    """All issues of one kind in one file.

    Attributes
    ----------
    code, severity : str
    file, sheet : str or None
        None where an issue belongs to no single file.
    column : str or None
        Header, where all of them are of one column.
    count : int
        Rows or values that they stand for.
    lines : tuple of int
        The first lines of the file, at most five.
    """

    code: str
    severity: str
    file: str | None
    sheet: str | None
    column: str | None
    count: int
    lines: tuple[int, ...]

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {**self.__dict__, "lines": list(self.lines)}


def gathered(issues: pd.DataFrame) -> list[Gathered]:
    """Issues by kind and file, errors first, then in the order in which they were found.

    Parameters
    ----------
    issues : DataFrame
        ISSUES (:mod:`leadaudit.tables`).

    Examples
    --------
    >>> from leadaudit.ingest.issues import IssueLog
    >>> log = IssueLog()
    >>> log.add_rows("date_unreadable", "warning", [(7, "soon"), (9, "later")], 12, file="deals.csv", column="Created")
    >>> [(one.code, one.count, one.lines) for one in gathered(log.frame())]
    [('date_unreadable', 12, (7, 9))]
    """
    keys = ["severity", "code", "file", "sheet"]
    made = [_one(group) for _, group in issues.groupby(keys, sort=False, dropna=False)]
    return sorted(made, key=lambda one: SEVERITIES.index(one.severity))


def _one(group: pd.DataFrame) -> Gathered:
    first = group.iloc[0]
    columns = group["column"].dropna().unique()
    # the line of a row that stands for many is that of the first of these, and not of one issue
    single = group[group["count"] == 1]
    return Gathered(
        code=str(first["code"]),
        severity=str(first["severity"]),
        file=_text(first["file"]),
        sheet=_text(first["sheet"]),
        column=str(columns[0]) if len(columns) == 1 else None,
        count=int(group["count"].sum()),
        lines=tuple(int(line) for line in single["row"].dropna().sort_values().head(FIRST_LINES)),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
