"""Finding what comes with leadaudit: notebooks and sample."""

from __future__ import annotations

import pytest

from leadaudit import packaged
from leadaudit.errors import NotebookParameterError


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package folder as a wheel leaves it, away from any checkout."""
    package = tmp_path / "site-packages" / "leadaudit"
    (package / "_notebooks").mkdir(parents=True)
    (package / "_sample").mkdir()
    for name in ("audit", "explore"):
        (package / "_notebooks" / f"{name}.ipynb").write_text("{}", encoding="utf-8")
    for name in ("deals.csv", "activities.XLSX", "history.csv", "truth.csv", "~$activities.xlsx", "README.md"):
        (package / "_sample" / name).write_text("", encoding="utf-8")
    monkeypatch.setattr(packaged, "_PACKAGE", package)
    monkeypatch.setattr(packaged, "_CHECKOUT", tmp_path)
    return package


def test_an_installed_notebook_is_found_with_and_without_its_ending(installed):
    """The wheel's own copy is used where there is one."""
    assert packaged.notebook_path("audit") == installed / "_notebooks" / "audit.ipynb"
    assert packaged.notebook_path("audit.ipynb") == packaged.notebook_path("audit")


def test_a_checkout_has_its_notebooks_at_the_top(tmp_path, monkeypatch):
    """An editable install finds the notebooks where a person edits them."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "audit.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(packaged, "_PACKAGE", tmp_path / "leadaudit")
    monkeypatch.setattr(packaged, "_CHECKOUT", tmp_path)

    assert packaged.notebook_path("audit") == tmp_path / "notebooks" / "audit.ipynb"


def test_an_unknown_notebook_names_those_there_are(installed):
    """A mistyped name gets the list and the nearest."""
    with pytest.raises(NotebookParameterError, match=r"audit, explore\. Did you mean audit\?"):
        packaged.notebook_path("adit")


@pytest.mark.parametrize("name", ["../audit", "/etc/audit", "audit.py"])
def test_a_path_is_not_a_notebook_name(installed, name):
    """Only names are looked up, so that nothing outside the installation can be run by accident."""
    with pytest.raises(NotebookParameterError):
        packaged.notebook_path(name)


def test_the_sample_is_its_exports_without_the_planted_truth(installed):
    """Truth, notes and Excel's lock files beside the exports are not exports."""
    assert [path.name for path in packaged.sample_paths()] == ["activities.XLSX", "deals.csv", "history.csv"]
