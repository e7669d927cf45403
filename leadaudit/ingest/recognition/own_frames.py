"""A frame of one's own: made an Arrow table, and what its owner says of its columns checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING, Any

from leadaudit.errors import ColumnMappingError, LeadAuditError, did_you_mean, listed
from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.recognition.profiles import load_profiles
from leadaudit.ingest.recognition.recognise import STANDING_ROLES, Recognised
from leadaudit.ingest.recognition.roles import ROLES
from leadaudit.ingest.values.headers import normalise_header
from leadaudit.tables import ACTIVITIES, CHANGES, LEADS

if TYPE_CHECKING:
    import pyarrow as pa

NEAR = 0.6
"""Likeness of two headers from which one may be a slip for the other, as in :func:`leadaudit.errors.did_you_mean`."""

_TABLES = {"leads": LEADS, "activities": ACTIVITIES, "changes": CHANGES}
_STANDING = ("stage", "status")


def arrow_of(frame: Any, name: str) -> pa.Table:
    """Any frame that Narwhals or Arrow knows, as an Arrow table.

    Parameters
    ----------
    frame : DataFrame
        pandas (a named index becomes a column), Polars, Arrow, DuckDB or Spark.
    name : str
        ``leads``, ``activities`` or ``changes``, for the message.

    Raises
    ------
    LeadAuditError
        ``not_a_frame``; ``frame_empty`` for no column or no lead; ``column_twice``.
    """
    import pandas as pd
    import pyarrow as pa

    if isinstance(frame, pa.Table):
        arrow = frame
    elif isinstance(frame, pd.DataFrame):
        arrow = _pandas_to_arrow(frame)
    elif isinstance(frame, pa.RecordBatch):
        arrow = pa.Table.from_batches([frame])
    elif hasattr(frame, "__arrow_c_stream__") and hasattr(frame, "columns") and not hasattr(frame, "sparkSession"):
        arrow = pa.table(frame)  # Spark's own stream needs an older pandas
    else:
        arrow = _narwhals_to_arrow(frame, name)
    twice = sorted({str(column) for column in arrow.column_names if arrow.column_names.count(column) > 1})
    if twice:
        raise ColumnMappingError("column_twice", table=name, value=listed(twice))
    if not arrow.column_names or (name == "leads" and not arrow.num_rows):
        raise ColumnMappingError("frame_empty", table=name, available=listed(arrow.column_names) or "-")
    return arrow


def _narwhals_to_arrow(frame: Any, name: str) -> pa.Table:
    import narwhals as nw

    try:
        native = nw.from_native(frame)
    except TypeError as error:
        raise LeadAuditError("not_a_frame", table=name, found=type(frame).__name__) from error
    eager = native.collect() if isinstance(native, nw.LazyFrame) else native
    return eager.to_arrow()


def _pandas_to_arrow(frame: Any) -> pa.Table:
    """A column of numbers and texts mixed (ids mostly) becomes texts; Arrow has no other place for it."""
    import pyarrow as pa

    kept = [level for level in frame.index.names if level is not None and level not in frame.columns]
    plain = frame.reset_index(kept) if kept else frame
    arrays, names = [], []
    for place, column in enumerate(plain.columns):
        values = plain.iloc[:, place]
        try:
            arrays.append(pa.array(values, from_pandas=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            arrays.append(pa.array(values.map(str, na_action="ignore"), type=pa.string(), from_pandas=True))
        names.append(" ".join(map(str, column)) if isinstance(column, tuple) else str(column))
    return pa.table(arrays, names=names)


def roles_given(columns: Mapping[Any, str], arrows: Mapping[str, pa.Table]) -> dict[str, dict[str, str]]:
    """What the owner says of the columns, checked and sorted by table.

    Parameters
    ----------
    columns : mapping of header to role
        A role is a column of our tables or one of :mod:`leadaudit.ingest.recognition.roles`.
    arrows : mapping of table to Arrow table

    Returns
    -------
    dict of table to (header to role)

    Raises
    ------
    ColumnMappingError
        ``frame_header`` for a header that no frame has, ``frame_role`` for a role that there is not,
        ``role_twice`` for two columns in one role.
    """
    headers = list(dict.fromkeys(name for arrow in arrows.values() for name in arrow.column_names))
    given: dict[str, dict[str, str]] = {name: {} for name in arrows}
    for key, role in columns.items():
        header = str(key)
        tables = [name for name, arrow in arrows.items() if header in arrow.column_names]
        if not tables:
            hint = _turned_round(header, role, headers) or did_you_mean(header, headers)
            raise ColumnMappingError("frame_header", value=header, role=role, available=listed(headers), hint=hint)
        known = [name for table in tables for name in {**_TABLES[table], **ROLES[table]}]
        if role not in known:
            valid = list(dict.fromkeys(known))
            hint = did_you_mean(str(role), valid)
            raise ColumnMappingError("frame_role", value=role, column=header, valid=listed(valid), hint=hint)
        for table in tables:
            _refuse_second(header, role, table, given[table], arrows[table].column_names)
            given[table][header] = role
    _take_at_their_word(given["leads"], arrows["leads"].column_names)
    return given


def _take_at_their_word(given: dict[str, str], headers: Sequence[str]) -> None:
    """A column that has our own name for the id or the stage is one, whatever its values look like."""
    for role in ("lead_id", *_STANDING):
        if role in headers and role not in given and role not in given.values():
            given[role] = role


def _turned_round(header: str, role: object, headers: Sequence[str]) -> str:
    """``{"stage": "Phase"}``: the right words the wrong way round."""
    right = role in headers and any(header in known for known in ROLES.values())
    return f' Did you mean {{"{role}": "{header}"}}?' if right else ""


def _refuse_second(header: str, role: str, table: str, given: Mapping[str, str], headers: Sequence[str]) -> None:
    if role == "other":
        return
    others = [one for one, played in given.items() if played == role]
    others += [role] if role in headers and role != header else []
    if others:
        raise ColumnMappingError("role_twice", table=table, role=role, value=f"{others[0]}, {header}")


def is_ours(arrows: Mapping[str, pa.Table], given: Mapping[str, str]) -> bool:
    """Whether the leads have our own column names, so that there is nothing to recognise.

    A frame that has only the id and the stage from us, and further columns, may call its dates as it likes.
    """
    names = {given.get(name, name) for name in arrows["leads"].column_names}
    times = {name for name, column in LEADS.items() if column.kind == "time"}
    plain = "lead_id" in names and bool(names & set(_STANDING))
    renamed = any(header != role for header, role in given.items()) and not names <= set(LEADS)
    return plain and not renamed and (bool(names & times) or "changes" in arrows or names <= set(LEADS))


def check_leads(found: Recognised, looked: Sequence[Content]) -> None:
    """Refuse leads without an id or without any sign of where they stand.

    Raises
    ------
    ColumnMappingError
        ``frame_without_id`` or ``frame_without_stage``, with the nearest column.
    """
    if not {"lead_id", "name"} & set(found.roles):
        raise _missing("frame_without_id", ("lead_id",), looked)
    if not STANDING_ROLES & set(found.roles) and not found.stage_columns:
        raise _missing("frame_without_stage", _STANDING, looked)


def _missing(code: str, roles: tuple[str, ...], looked: Sequence[Content]) -> ColumnMappingError:
    headers = [one.header for one in looked]
    near = nearest_header(headers, roles)
    example = f'columns={{"{near or "…"}": "{roles[0]}"}}'
    hint = f" Did you mean {near}?" if near else ""
    return ColumnMappingError(code, available=listed(headers), hint=hint, example=example)


def nearest_header(headers: Sequence[str], roles: Sequence[str]) -> str:
    """The header that comes nearest to what any CRM calls one of some roles; empty if none comes near.

    Examples
    --------
    >>> nearest_header(["Umsatz", "Leed Nr"], ["lead_id"])
    'Leed Nr'
    """
    likeness = {
        header: max(SequenceMatcher(None, normalise_header(header), word).ratio() for word in _words(tuple(roles)))
        for header in headers
    }
    best = max(likeness, key=lambda header: likeness[header], default="")
    return best if likeness.get(best, 0.0) >= NEAR else ""


@cache
def _words(roles: tuple[str, ...]) -> frozenset[str]:
    """All headers that the profiles know for some roles of leads, and the roles' own names."""
    known = {word for one in load_profiles() for word, hit in one.roles("leads").items() if hit.role in roles}
    return frozenset(known | {normalise_header(role) for role in roles})
