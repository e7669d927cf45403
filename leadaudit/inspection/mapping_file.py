"""The recognised columns as a file to edit, and such a file read back."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from leadaudit.errors import OutputError
from leadaudit.ingest.mapping import TABLE_KEY, name_of
from leadaudit.ingest.recognition.roles import ROLES
from leadaudit.language import Language, sentence

if TYPE_CHECKING:
    from leadaudit.ingest.export import Source

COMMENT_WIDTH = 110


def mapping_text(sources: Sequence[Source], language: Language) -> str:
    r"""Write what was recognised as TOML: per table its kind, and per role its header.

    Parameters
    ----------
    sources : sequence of Source
        Only their headers are written, never a value.
    language : {"de", "en"}
        Of the comments.

    Returns
    -------
    str
        What :func:`leadaudit.project.load` reads back as the same mapping.

    Examples
    --------
    >>> from leadaudit.ingest.export import Source
    >>> deals = Source("deals.csv", "leads", roles={"stage": "Phase"}, columns=("Phase", "Region"))
    >>> print(mapping_text([deals], "en").split("\n\n")[-1])
    [mapping."deals.csv"]
    table = "leads"
    stage = "Phase"
    # Columns not used: "Region"
    <BLANKLINE>
    """
    lines = [f"# {line}" for line in sentence("inspect.mapping_head", language).splitlines()]
    for kind in dict.fromkeys(source.kind for source in sources if source.kind in ROLES):
        roles = f"{kind}: {', '.join(ROLES[kind])}"
        lines += textwrap.wrap(roles, COMMENT_WIDTH, initial_indent="# ", subsequent_indent="#   ")
    for source in sources:
        lines += ["", *_table(source, name_of(source, sources), language)]
    return "\n".join(lines) + "\n"


def _table(source: Source, name: str, language: Language) -> list[str]:
    lines = [f"[mapping.{_quoted(name)}]"]
    if source.kind in ROLES:
        lines.append(f"{TABLE_KEY} = {_quoted(source.kind)}")
        lines += [f"{role} = {_quoted(header)}" for role, header in source.roles.items()]
    taken = {*source.roles.values(), *source.stage_columns}
    rest = [_quoted(header) for header in source.columns if header not in taken]
    if source.stage_columns:
        named = ", ".join(_quoted(header) for header in source.stage_columns)
        lines.append(f"# {sentence('inspect.stage_columns', language)}: {named}")
    if rest:
        lines.append(f"# {sentence('inspect.not_used', language)}: {', '.join(rest)}")
    return lines


def _quoted(text: str) -> str:
    """A basic TOML string."""
    import tomlkit

    return tomlkit.string(text).as_string()


def write_mapping(path: Path, text: str) -> None:
    """Write a mapping file; one that is there already may have been edited and is left alone.

    Raises
    ------
    OutputError
        ``file_exists`` or ``cannot_write``.
    """
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise OutputError("file_exists", path=path) from error
    except OSError as error:
        raise OutputError("cannot_write", path=path, reason=error.strerror or type(error).__name__) from error


def load_mapping(path: Path) -> Mapping[str, Mapping[str, str]]:
    """The mapping of a mapping file, or of an ``audit.toml``.

    Raises
    ------
    ConfigError
        The file is missing or no valid TOML, or has a key that is unknown.
    """
    from leadaudit.project import load

    return load(path).mapping or {}
