"""Pseudonyms are stable, hide every name, change no verdict and can be mapped back with the key."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import leadaudit
from leadaudit import simulate
from leadaudit.errors import ConfigError
from leadaudit.ingest import Export
from leadaudit.privacy import KEY_FILE, open_key, pseudonymised


@pytest.fixture(scope="module")
def export() -> Export:
    """A small simulated export."""
    made = simulate.leads(count=80, months=12, seed=4)
    return Export.of_frames(made.leads, made.activities, made.changes, language="de")


def test_no_name_is_left(export: Export, tmp_path: Path) -> None:
    """Ids, companies, owners and actors are replaced, names of leads are gone; the rest is as it was."""
    plain, hidden = export.leads(), pseudonymised(export, tmp_path / KEY_FILE).leads()
    shown = set(hidden[["lead_id", "company", "owner"]].astype("str").to_numpy().ravel())

    assert hidden["name"].isna().all()
    assert not shown & set(plain[["lead_id", "company", "owner"]].astype("str").to_numpy().ravel()) - {"nan"}
    pd.testing.assert_frame_equal(hidden[["stage", "amount", "created_at"]], plain[["stage", "amount", "created_at"]])
    assert hidden["owner"].nunique() == plain["owner"].nunique()


def test_the_same_key_gives_the_same_pseudonyms_and_another_key_others(export: Export, tmp_path: Path) -> None:
    """Two runs can be compared; two projects cannot."""
    ids = [
        list(pseudonymised(export, path).leads()["lead_id"])
        for path in (tmp_path / "a", tmp_path / "a", tmp_path / "b")
    ]

    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])


def test_verdicts_do_not_depend_on_names(export: Export, tmp_path: Path) -> None:
    """The pseudonymous export is judged as the plain one."""
    plain = leadaudit.audit(export).leads
    hidden = leadaudit.audit(pseudonymised(export, tmp_path / KEY_FILE)).leads

    assert list(plain["verdict"]) == list(hidden["verdict"])
    assert list(plain["reasons"].fillna("")) == list(hidden["reasons"].fillna(""))


def test_the_key_maps_back(export: Export, tmp_path: Path) -> None:
    """Whoever has the key knows which lead a pseudonym stands for; nobody else may read the file."""
    path = tmp_path / KEY_FILE
    hidden = pseudonymised(export, path).leads()

    key = open_key(path)
    assert [key.leads[pseudonym] for pseudonym in hidden["lead_id"]] == list(export.leads()["lead_id"])
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    """And not overwritten."""
    path = tmp_path / KEY_FILE
    path.write_text(json.dumps({"notes": 1}), encoding="utf-8")

    with pytest.raises(ConfigError, match="a file that leadaudit wrote"):
        open_key(path)
    assert "notes" in path.read_text(encoding="utf-8")
