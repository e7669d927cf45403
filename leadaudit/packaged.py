"""Where the notebooks and the sample lie that come with leadaudit.

They are kept at the top of the repository, where a person looks for them, and travel inside the
wheel as ``leadaudit/_notebooks`` and ``leadaudit/_sample``. An editable install and a checkout
have only the first place, a wheel only the second.
"""

from __future__ import annotations

from pathlib import Path

from leadaudit.errors import NotebookParameterError, did_you_mean, listed

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def notebook_names() -> list[str]:
    """Name every notebook that comes with leadaudit, without its ending, in alphabetical order.

    Returns
    -------
    list of str
    """
    return sorted(path.stem for path in _folder("_notebooks", "notebooks").glob("*.ipynb"))


def notebook_path(name: str) -> Path:
    """Find a notebook that comes with leadaudit.

    Parameters
    ----------
    name : str
        Such as ``"audit"``; the ending ``.ipynb`` may be given.

    Returns
    -------
    pathlib.Path
        An existing file, absolute. It belongs to the installation: copy it before changing it.

    Raises
    ------
    NotebookParameterError
        If there is no notebook of that name; the message lists those there are.
    """
    stem = name.removesuffix(".ipynb")
    names = notebook_names()
    if stem not in names:
        raise NotebookParameterError("notebook_unknown", name=name, valid=listed(names), hint=did_you_mean(stem, names))
    return _folder("_notebooks", "notebooks") / f"{stem}.ipynb"


def sample_paths() -> list[Path]:
    """Find the files of the sample: a German consulting firm's CRM, invented.

    Returns
    -------
    list of pathlib.Path
        The exports (CSV and XLSX) in alphabetical order, absolute; not the planted truth beside them.
    """
    folder = _folder("_sample", "data/sample")
    exports = (path for path in folder.iterdir() if path.suffix.lower() in {".csv", ".xlsx"})
    return sorted(path for path in exports if not path.name.startswith(("~$", "truth")))


def _folder(in_wheel: str, in_checkout: str) -> Path:
    inside = _PACKAGE / in_wheel
    return inside if inside.is_dir() else _CHECKOUT / in_checkout
