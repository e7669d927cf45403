"""What a user says about columns: file → role → header, checked against the file.

A mapping names files as :class:`leadaudit.ingest.export.Source` does: ``deals.csv``, for a file in
a zip with several ``export.zip/deals.csv``, for a further sheet of a workbook
``crm.xlsx/Activities``. Beside the roles of :mod:`leadaudit.ingest.recognition.roles` it may hold ``table``:
what the file is. An empty header says that no column plays the role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadaudit.errors import ColumnMappingError, ConfigError, did_you_mean, listed
from leadaudit.ingest.export import Source
from leadaudit.ingest.issues import IssueLog
from leadaudit.ingest.recognition.roles import ROLES

Mapped = Mapping[str, Mapping[str, str]]

EVERY_FILE = "*"

TABLE_KEY = "table"
"""Beside the roles: what the file holds (``leads``, ``activities`` or ``changes``)."""


def name_of(source: Source, among: Sequence[Source]) -> str:
    """What a mapping calls a table: its file, and the sheet where an earlier table has the same file.

    Examples
    --------
    >>> both = (Source("crm.xlsx", "leads", sheet="Deals"), Source("crm.xlsx", "activities", sheet="Log"))
    >>> [name_of(source, both) for source in both]
    ['crm.xlsx', 'crm.xlsx/Log']
    """
    first = next(other for other in among if other.file == source.file)
    return source.file if source is first else f"{source.file}/{source.sheet}"


def given_roles(
    mapping: Mapped, file: str, sheet: str | None, headers: Mapping[str, str]
) -> tuple[dict[str, str], str | None]:
    """What the user says about one table: columns by role, and what the table is.

    Parameters
    ----------
    mapping : mapping of file to (role to header)
    file : str
    sheet : str or None
        Of a further sheet of a workbook.
    headers : mapping of header to column

    Returns
    -------
    roles : dict of role to column
        The column is empty where no column plays the role.
    table : str or None

    Raises
    ------
    ColumnMappingError
        ``column_unknown`` for a header that is not there, with the nearest one.
    ConfigError
        ``value_invalid`` for a ``table`` that is none.
    """
    columns = {column: column for column in headers.values()} | dict(headers) | {"": ""}
    general = mapping.get(EVERY_FILE, {})
    given = {role: columns[header] for role, header in general.items() if header in columns}
    name = file if sheet is None else f"{file}/{sheet}"
    for role, header in mapping.get(name, {}).items():
        if role != TABLE_KEY and header not in columns:
            available = [other for other in headers if other]
            hint = did_you_mean(header, available)
            raise ColumnMappingError(
                "column_unknown", value=header, role=role, path=name, available=listed(available), hint=hint
            )
        given[role] = header if role == TABLE_KEY else columns[header]
    table = given.pop(TABLE_KEY, None)
    if table is not None and table not in ROLES:
        raise ConfigError("value_invalid", key=TABLE_KEY, value=table, valid=listed(tuple(ROLES)))
    return given, table


def check_roles(given: Mapping[str, str], table: str, file: str) -> None:
    """Refuse a role that columns of this table cannot have.

    Raises
    ------
    ColumnMappingError
        ``role_unknown``, with the nearest role.
    """
    known = list(ROLES.get(table, {}))
    for role in given:
        if role not in known:
            hint = did_you_mean(role, known)
            raise ColumnMappingError("role_unknown", value=role, path=file, valid=listed(known), hint=hint)


def name_unused(mapping: Mapped, sources: Sequence[Source], log: IssueLog) -> None:
    """Log mappings for files that are not among those read: most often a slip in the name."""
    names = {name_of(source, sources) for source in sources} | {EVERY_FILE}
    for name in mapping:
        if name not in names:
            log.add("mapping_unused", "warning", file=name)
