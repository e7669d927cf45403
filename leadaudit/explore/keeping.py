"""Settings tried out are written into ``audit.toml``: those values and no others; comments and order stay."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.items import Comment, SingleKey, Table

from leadaudit.errors import LeadAuditError, OutputError
from leadaudit.language import sentence
from leadaudit.process_file import process_text
from leadaudit.project import load

if TYPE_CHECKING:
    from leadaudit.explore.settings import Key, Settings, Trial

MARK = "\ufeff"


def keep(trial: Trial, settings: Settings, path: Path, files: Sequence[Path] = ()) -> list[str]:
    """Write settings into an ``audit.toml``, or draft one with them in it where there is none.

    Parameters
    ----------
    trial : Trial
    settings : Settings
    path : Path
        Read again now, so that what was edited meanwhile stays; written aside, then put in its place.
    files : sequence of Path
        The exports, for a new file; by default those that the audit read, taken to lie beside it.

    Returns
    -------
    list of str
        What was written, in the audit's language: one sentence per value, the place first. Only that nothing
        differs, where nothing does; the file is then left alone.

    Raises
    ------
    ConfigError
        The file that is there is not valid: nothing is written.
    OutputError
        ``cannot_write``.
    """
    language = trial.audit.language
    days, other = trial.fixed_days(settings), _other(trial, settings)
    named = {key: given for key, given in days.items() if key[1]}
    if not named and not other:
        return [sentence("explore.keep_whole" if days else "explore.keep_nothing", language)]
    is_new = not path.exists()
    if not is_new:
        load(path)
    text = _drafted(trial, path, files) if is_new else path.read_bytes().decode("utf-8")
    document = tomlkit.parse(text.removeprefix(MARK))
    said: list[str] = []
    for key, given in named.items():
        entry = _stage_entry(document, trial, key)
        said += [_set(entry, name, value, language, stage=key[1]) for name, value in given.items()]
    for table, name, value in other:
        if table not in document:
            document.add(table, tomlkit.table())
        said.append(_set(document[table], name, value, language))
    told = [words for words in said if words]
    if not told:
        return [sentence("explore.keep_there", language, path=str(path))]
    _write(path, (MARK if text.startswith(MARK) else "") + tomlkit.dumps(document))
    return [sentence("explore.keep_new" if is_new else "explore.keep_into", language, path=str(path)), *told]


def _other(trial: Trial, settings: Settings) -> list[tuple[str, str, Any]]:
    """What is written beside the stages: table, key, value."""
    found: list[tuple[str, str, Any]] = []
    process = trial.audit.process
    if settings.criteria_off is not None and settings.criteria_off != process.criteria_off:
        found.append(("criteria", "off", sorted(settings.criteria_off)))
    count = settings.unanswered_count
    if count is not None and count != process.limits.unanswered_fixed_count:
        found.append(("limits", "unanswered_fixed_count", count))
    return found


def _drafted(trial: Trial, path: Path, files: Sequence[Path]) -> str:
    read = list(files) or [path.parent / name for name in dict.fromkeys(one.file for one in trial.audit.export.sources)]
    if not read:
        raise LeadAuditError("settings_without_files", path=path)
    return process_text(trial.audit, read, path.parent)


def _stage_entry(document: Any, trial: Trial, key: Key) -> Any:
    """The entry of a stage; a file without stages gets all of them, for those in the file are the process."""
    stages = document.get("stages")
    if stages is None:
        stages = tomlkit.aot()
        for stage in trial.audit.process.stages:
            stages.append(_new_entry(stage.pipeline, stage.name, stage.kind))
        document.add("stages", stages)
        stages = document["stages"]
    for pipeline in (key[0], ""):
        for entry in stages:
            if entry.get("name") == key[1] and entry.get("pipeline", "") == pipeline:
                return entry
    stages.append(_new_entry(*key, "open"))
    return stages[-1]


def _new_entry(pipeline: str, name: str, kind: str) -> Table:
    entry = tomlkit.table()
    if pipeline:
        entry["pipeline"] = pipeline
    entry["name"] = name
    entry["kind"] = kind
    return entry


def _set(table: Any, name: str, value: Any, language: Any, stage: str = "") -> str:
    """Set one value and say so; nothing is said of one that is there already."""
    before = table.get(name)
    if before == value:
        return ""
    if name in table or not isinstance(table, Table):
        table[name] = value
    else:
        _insert(table, name, value)
    shown = ", ".join(value) if isinstance(value, list) else value
    was = ", ".join(before) if isinstance(before, list) else before
    key = "explore.kept_first" if was in (None, "") else "explore.kept_instead"
    words = sentence(key, language, name=name, value=shown, before="" if was is None else was)
    return sentence("explore.kept_stage", language, stage=stage, words=words) if stage else words


def _insert(table: Table, name: str, value: Any) -> None:
    """A new key in the place of the line that offers it (``#patience_days = 27.0``), else behind the last key.

    The library would put it at the end, behind the heading of the next section.
    """
    body = table.value.body
    item = tomlkit.item(value)
    item.trivia.trail = "\n"
    offered = [
        place for place, (_, one) in enumerate(body)
        if isinstance(one, Comment) and one.as_string().replace(" ", "").startswith(f"#{name}=")
    ]  # fmt: skip
    if offered:
        body[offered[0]] = (SingleKey(name), item)
        return
    keyed = [place for place, (key, _) in enumerate(body) if key is not None]
    body.insert(keyed[-1] + 1 if keyed else 0, (SingleKey(name), item))


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(text.encode("utf-8"))
        load(part)
        os.replace(part, path)
    except OSError as error:
        raise OutputError("cannot_write", path=path, reason=error.strerror or type(error).__name__) from error
    finally:
        part.unlink(missing_ok=True)
