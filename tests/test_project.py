"""``audit.toml``: what is written is used, and what is wrong is named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadaudit.errors import ConfigError
from leadaudit.project import check_names, load

GOOD = """
[audit]
client = "Muster GmbH"
files = ["deals.csv", "sub/history.csv"]
language = "de"

[mapping."deals.csv"]
stage = "Phase"

[[stages]]
name = "Neu"

[[stages]]
name = "Angebot gesendet"
records_activity = true
patience_days = 12

[[preconditions]]
name = "Budget"
column = "Budget geklärt"
good = ["Ja"]
bad = ["Nein"]

[criteria]
off = ["pressure"]

[limits]
unanswered_default_count = 4
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "audit.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_used(tmp_path: Path) -> None:
    """Stages, preconditions, limits and sources; paths are relative to the file."""
    project = load(written(tmp_path, GOOD))

    assert project.files == (tmp_path / "deals.csv", tmp_path / "sub" / "history.csv")
    assert project.mapping == {"deals.csv": {"stage": "Phase"}}
    assert [stage.name for stage in project.process.stages] == ["Neu", "Angebot gesendet"]
    assert project.process.stages[1].patience_days == 12
    assert project.process.limits.unanswered_default_count == 4
    assert project.process.limits.patience_floor_days == 7
    assert project.process.criteria_off == {"pressure"}
    assert not project.process.drafted


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('language = "de"', 'langauge = "de"', r"line 5: the key langauge is unknown.*Did you mean language"),
        ('language = "de"', 'language = "fr"', r"line 5: language = fr does not fit"),
        ("patience_days = 12", 'patience_days = "long"', r"line 16: patience_days = long does not fit"),
        ("patience_days = 12", "patience_days = -1", r"line 16: patience_days = -1 does not fit.*greater than 0"),
        ('name = "Neu"', 'name = "Neu"\nkind = "maybe"', r"line 12: kind = maybe does not fit.*'open'"),
        ("unanswered_default_count = 4", "unanswered_count = 4", r"line 28: the key unanswered_count is unknown"),
        ('column = "Budget geklärt"', "", r"line 18: column = .* does not fit.*[Ff]ield required"),
        ("[limits]", "[limits", r"line \d+: not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """File, line, key, what was found and what is valid."""
    with pytest.raises(ConfigError, match=sentence):
        load(written(tmp_path, GOOD.replace(old, new)))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(ConfigError, match=r"no settings file .*audit\.toml"):
        load(tmp_path / "audit.toml")


def test_without_stages_the_process_is_left_to_the_draft(tmp_path: Path) -> None:
    """Limits may be set without writing down the stages."""
    project = load(written(tmp_path, "[limits]\npatience_floor_days = 3\n"))

    assert project.process.drafted
    assert project.process.limits.patience_floor_days == 3


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"Budget geklärt"', '"Budget geklart"', r"line 20: column names Budget geklart.*Did you mean Budget geklärt"),
        ('off = ["pressure"]', 'off = ["presure"]', r"line 25: off names presure.*Did you mean pressure"),
        ('bad = ["Nein"]', 'bad = []\nfrom_stage = "Alt"', r"line 23: from_stage names Alt.*Neu, Angebot gesendet"),
        ("[limits]", 'urgency_columns = ["Termin"]\n[limits]', r"line 27: urgency_columns names Termin"),
    ],
)
def test_a_name_that_would_have_no_effect_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """A misspelt column or criterion must not go unnoticed."""
    names = {"columns": ["Budget geklärt", "stage"], "criteria": ["pressure", "no_reaction"]}
    check_names(load(written(tmp_path, GOOD)), **names)

    with pytest.raises(ConfigError, match=sentence):
        check_names(load(written(tmp_path, GOOD.replace(old, new))), **names)
