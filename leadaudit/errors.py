"""What can go wrong, worded for a person.

Every error carries a code and the facts; the English sentence is made here, the German one
in :mod:`leadaudit.language` from the same facts. A sentence says *what is wrong, where, what
was found, what is expected, what to do*. Row-level trouble is never an exception: it is an
issue (see :data:`leadaudit.tables.ISSUES`).
"""

from __future__ import annotations

from typing import Any

LISTED_COUNT = 10
"""How many names a message lists before it says how many more there are."""

SENTENCES: dict[str, str] = {
    # reading
    "file_missing": "There is no file {path}. Check the name and the folder.",
    "file_is_folder": "{path} is a folder. Name the files in it, or a pattern such as {path}/*.csv.",
    "folder_empty": "There is no export in the folder {path}. Expected CSV or Excel files in it, or name the files themselves.",
    "file_empty": "{path} is empty. Export it again from the CRM.",
    "file_unreadable": "{path} cannot be opened ({reason}). Close it in other programs and check the permissions.",
    "file_wrong_kind": "{path} is a {found}, not a table. Expected a CSV, Excel or HTML table exported from a CRM.",
    "file_corrupt": "{path} is damaged: {reason}. Export it again from the CRM.",
    "file_encrypted": "{path} is protected by a password. Save it without one and try again.",
    "file_too_large": "{path} unpacks to more than {limit}. Unpack it yourself and name the table inside.",
    "sheet_too_wide": (
        "The sheet {sheet} in {path} reaches to cell {cell}, far beyond any table. "
        "Delete the empty rows and columns behind the table in Excel and save it again."
    ),
    "no_table": "No table was found in {path}. Expected a header row and rows below it.",
    "only_header": "{path} has a header ({found}) but no row below it.",
    "sheet_missing": "{path} has no sheet {sheet}. Found: {available}.",
    # columns
    "no_id_or_stage": (
        "No column for an id, and none for a stage or status, in {path}. Found: {available}.{hint} "
        "If one of them is, name it in a mapping (--mapping)."
    ),
    "no_standing": (
        "No column for a stage, a status or an ending in {path}: {value} names the leads, but nothing says where they stand. "
        "Found: {available}. If one of the columns does, name it in a mapping (--mapping); "
        "if another file says what became of the leads, give it as well."
    ),
    "no_leads": "None of the files holds leads. Found: {available}. Add the export of your leads, deals or opportunities.",
    "column_missing": "No column for {missing} in {path}. Found: {available}.{hint}",
    "column_unknown": "The mapping names the column {value} for {role}, which {path} does not have. Found: {available}.{hint}",
    "role_unknown": "The mapping of {path} names {value}, which is not a role its columns can have. Valid: {valid}.{hint}",
    # frames in memory
    "not_a_frame": (
        "The {table} are no table but a {found}. Expected a frame of pandas, Polars, Arrow, DuckDB or Spark; "
        "files are read with leadaudit.read(…)."
    ),
    "frame_empty": "The frame of {table} has no row. Found: {available}.",
    "frame_without_id": "No column for an id (lead_id) in the frame. Found: {available}.{hint} Name it: {example}.",
    "frame_without_stage": (
        "No column for a stage or status (stage, status) in the frame. Found: {available}.{hint} Name it: {example}."
    ),
    "frame_header": "columns names {value} for {role}, which no frame has. Found: {available}.{hint}",
    "frame_role": "columns calls {column} {value}, which is no role of a column. Valid: {valid}.{hint}",
    "role_twice": "Two columns of the {table} are named {role}: {value}. Name one of them.",
    "column_twice": "The frame of {table} has more than one column named {value}. Rename all but one.",
    # settings
    "config_missing": "There is no settings file {path}.",
    "config_syntax": "{path}, line {line}: not valid TOML ({reason}).",
    "config_key": "{path}, line {line}: the key {key} is unknown. Valid here: {valid}.{hint}",
    "config_value": "{path}, line {line}: {key} = {value} does not fit. Expected: {valid}.",
    "config_name": "{path}, line {line}: {key} names {value}, which there is not. Those there are: {valid}.{hint}",
    "value_invalid": "{key} = {value} does not fit. Expected: {valid}.",
    "settings_without_files": (
        "There is no {path} yet, and the audit was not made from files that a new one could name. "
        "Write one with leadaudit init first."
    ),
    # time
    "no_dates": (
        "No date was found in {path}, so nothing can be said about waiting and time. Found: {available}. "
        "Export the leads again with the day on which each was created, and closed where it is; "
        "if one of the columns found holds it, name it in a mapping (--mapping)."
    ),
    "no_beginnings": (
        "No day is known on which a lead was created, changed its stage or was in contact, so nothing can be said about "
        "waiting and time. Dates in {path}: {value}; they tell plans, endings or last changes only. "
        "Export the leads again with the day on which each was created; if another column holds it, name it in a mapping "
        "(--mapping). With --as-of DATE everything else is audited all the same."
    ),
    "as_of_too_early": "Nothing is known before {as_of}: the oldest event is of {first}. Choose a later moment.",
    "backtest_date": "{value} cannot be looked back from. Expected a day after {first} and before {last}, written like these two.",
    # notebooks
    "parameter_unknown": "The notebook has no parameter {name}. Valid: {valid}.{hint}",
    "parameter_value": "The parameter {name} = {value} does not fit. Expected: {valid}.",
    "notebook_unknown": "There is no notebook {name}. Those there are: {valid}.{hint}",
    "notebook_failed": "The notebook {notebook} stopped in cell {cell}: {ename}: {evalue}. It is kept as {kept}.",
    "notebook_not_ours": "{path} is not a notebook that leadaudit ran: {reason}.",
    # writing
    "folder_not_ours": (
        "The folder {path} has files in it and is not an audit's own. Choose another folder or an empty one."
    ),
    "file_locked": "{path} is open in another program. Close it and run again; nothing was changed.",
    "file_exists": "{path} is there already and is left as it is. Choose another name.",
    "process_exists": (
        "{path} is there already and is left as it is, since somebody may have worked on it. "
        "Choose another folder, or move the file away."
    ),
    "cannot_write": "{path} cannot be written ({reason}). Nothing was changed.",
    "disk_full": "There is no room left on the disk for {path}. Nothing was changed.",
    "browser_missing": "No Chrome, Edge or Chromium was found, so there is no PDF. Open report.html and print it from there.",
    "pdf_failed": "The browser {browser} made no PDF ({reason}). Open report.html and print it from there.",
    # many clients
    "output_address": "Results are written to a folder of this computer first. Name one with -o, and {address} with --upload.",
    "listing_failed": "It is not known who the clients at {address} are ({reason}), so nothing was done. Check address and access.",
    "fetch_failed": "{path} could not be fetched ({reason}). Check access and network; the next run tries again.",
    "upload_failed": (
        "{path} could not be copied to {address} ({reason}). The results are in place here; the next run sends the rest."
    ),
    "address_unknown": "{address}: there is no such kind of address. Known are s3://, az://, gs:// and others of fsspec.",
    "backend_missing": "Addresses such as {address} need the package {package}. Install it with: pip install {package}",
    "key_place": (
        "{address}: the key of its pseudonyms (privacy full) has no place of its own. "
        "Name a folder for keys in batch.toml (keys), or a key with --key."
    ),
    "parcel_large": "Its files are {found} MB together, more than the {limit} MB that are sent. Put them on storage that all workers see.",
    "client_empty": "There is no export in the folder {path}. Expected CSV or Excel files, or an audit.toml that names them.",
    "client_internal": "An error of ours ({kind}), not of the files. Run leadaudit audit on this client alone to see where.",
    "worker_died": "The process at work on it died twice; most often the memory was full. Run again with fewer --jobs.",
    "batch_running": "Another batch is at work in {path}. Wait for it, or choose another folder.",
    "condition_syntax": "--fail-on {value} cannot be read. Expected: a metric, > or <, and a number, such as overdue_share>0.3.",
    "condition_metric": "--fail-on: there is no metric {name}. Valid: {valid}.{hint}",
    "scheduler_unreachable": "No Dask scheduler answers at {address} ({reason}). Check address and network.",
    # two audits
    "compare_order": "The first audit is of {old}, the second of {new}. Name the older one first.",
    "compare_apart": (
        "{old} and {new} have no lead in common: they are not of the same client, or were made with different keys."
    ),
    # judging
    "segment_unknown": "There is no column {by} to divide the leads by. Those there are: {valid}.{hint}",
    "segment_persons": (
        "The column {by} names persons, and persons are not compared. Choose another one, such as source or stage."
    ),
    "lead_unknown": "There is no lead {lead_id}.{hint}",
    "finding_unknown": "There is no finding {value}.{hint}",
    "extra_missing": "This needs the extra {extra}. Install it with: pip install 'leadaudit[{extra}]'",
    "custom_criterion": "The criterion {name} {reason}.",
}


class LeadAuditError(Exception):
    """Base of all errors that a person can act on; the command line ends with exit code 2.

    Parameters
    ----------
    code : str
        A key of :data:`SENTENCES`.
    **fields : object
        The facts that the sentence names.

    Examples
    --------
    >>> str(LeadAuditError("file_empty", path="deals.csv"))
    'deals.csv is empty. Export it again from the CRM.'
    """

    spoken: str | None = None
    """Language of the export that it is about, where that is known: ``"de"`` or ``"en"``."""

    def __init__(self, code: str, **fields: Any) -> None:
        self.code = code
        self.fields = {"hint": "", **fields}
        super().__init__(code)

    def __str__(self) -> str:
        """The English sentence."""
        return SENTENCES[self.code].format(**self.fields)

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross process borders in a batch."""
        return (_again, (type(self), self.code, self.fields, self.spoken))

    def in_language(self, spoken: str) -> LeadAuditError:
        """The same, with the language of its export."""
        self.spoken = spoken
        return self


def _again(kind: type[LeadAuditError], code: str, fields: dict[str, Any], spoken: str | None) -> LeadAuditError:
    made = kind(code, **fields)
    made.spoken = spoken
    return made


class ExportReadError(LeadAuditError, OSError):
    """A file cannot be read as a table."""


class ColumnMappingError(LeadAuditError, ValueError):
    """A needed column cannot be found, or a mapping names one that is not there."""


class ConfigError(LeadAuditError, ValueError):
    """A settings file or a setting is wrong."""


class NotebookParameterError(LeadAuditError, TypeError):
    """A notebook was given a parameter that it does not have or cannot use."""


class NotebookRunError(LeadAuditError, RuntimeError):
    """A cell of a notebook failed."""


class OutputError(LeadAuditError, OSError):
    """A result cannot be put in its place; what was there is unchanged."""


class MissingExtraError(LeadAuditError, ImportError):
    """An optional dependency is absent; the message names the extra."""


def listed(names: list[str] | tuple[str, ...]) -> str:
    """Join names for a message, at most ten and then how many more.

    Examples
    --------
    >>> listed(["Deal", "Owner"])
    'Deal, Owner'
    """
    shown = ", ".join(names[:LISTED_COUNT])
    more = len(names) - LISTED_COUNT
    return f"{shown} … +{more}" if more > 0 else shown


def did_you_mean(name: str, available: list[str] | tuple[str, ...]) -> str:
    """A hint naming the nearest of the available names, or nothing.

    Examples
    --------
    >>> did_you_mean("Stge", ["Stage", "Owner"])
    ' Did you mean Stage?'
    """
    from difflib import get_close_matches

    folded = {other.casefold(): other for other in available}
    near = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return f" Did you mean {folded[near[0]]}?" if near else ""
