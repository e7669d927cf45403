"""Writing the files beside the report: ``leads.csv``, ``audit.json``, ``decisions.xlsx``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from leadaudit.report.machine_files import record_of, write_leads
from leadaudit.report.placing import aside, check_folder, put_in_place
from leadaudit.report.record import write_record

if TYPE_CHECKING:
    from leadaudit.audit import Audit


def write(audit: Audit, output: str | Path) -> None:
    """Write the files for machines and the decision workbook into a folder.

    Parameters
    ----------
    audit : Audit
    output : str or Path
        Folder; made if absent. Empty text writes nothing (a notebook run by hand).

    Raises
    ------
    OutputError
        If the folder holds files that no audit wrote, or a file is open elsewhere.
    """
    if not str(output):
        return
    folder = Path(output)
    check_folder(folder)
    with aside(folder) as new:
        _write_all(audit, new)
        put_in_place(new, folder)


def _write_all(audit: Audit, new: Path) -> None:
    from leadaudit.report.workbook import write_workbook

    write_leads(audit, new / "leads.csv")
    write_workbook(audit, new / "decisions.xlsx")
    write_record(record_of(audit), new)
