"""Scoring dialects on any annotated folder of files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.annotated import Truth, is_hit, score_folder, truths

FILES = {"a.csv": 'id;text\n1;"x; y"\n2;"z"\n3;ok\n', "b.csv": "id,amount\n1,2.5\n2,3.5\n", "unknown.csv": "a\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files that are annotated, and one that is not."""
    (tmp_path / "files").mkdir()
    for name, text in FILES.items():
        (tmp_path / "files" / name).write_text(text, encoding="utf-8")
    return tmp_path / "files"


def test_both_kinds_of_annotations_are_understood(folder: Path) -> None:
    """Words for characters in columns, characters in JSON; files that are not there do not count."""
    columns = folder.parent / "columns.txt"
    columns.write_text(
        "# who annotated\nfile_name|encoding|fields_delimiter|quotechar|escapechar|records_delimiter\n"
        "a.csv|utf8|semicolon|doublequote|doublequote|lf\nb.csv|utf8|comma|doublequote||lf\nlost.csv|utf8|tab|||lf\n",
        encoding="utf-8",
    )
    lines = folder.parent / "lines.json"
    dialects = {"a.csv": (";", '"'), "b.csv": (",", "")}
    lines.write_text(
        "".join(
            json.dumps({"filename": name, "dialect": {"delimiter": mark, "quotechar": quote, "escapechar": ""}}) + "\n"
            for name, (mark, quote) in dialects.items()
        ),
        encoding="utf-8",
    )
    for written in (columns, lines):
        assert [(truth.delimiter, truth.escapechar) for truth in truths(folder, written)] == [(";", ""), (",", "")]
        name, count, share, _ = score_folder(folder, written)[0]
        assert (name, count, share) == ("leadaudit", 2, 1.0)


def test_all_three_must_be_right_as_far_as_the_file_shows_them(folder: Path) -> None:
    """A quote that the file does not have may be named or not; another delimiter, quote or escape is wrong."""
    shown = Truth(folder / "a.csv", ";", '"', "")
    assert is_hit(shown, (";", '"', None))
    assert is_hit(shown, (";", '"', '"'))
    assert not is_hit(shown, (",", '"', None))
    assert not is_hit(shown, (";", "'", None))
    assert not is_hit(shown, (";", '"', "\\"))
    hidden = Truth(folder / "b.csv", ",", "", "")
    assert is_hit(hidden, (",", '"', None))
