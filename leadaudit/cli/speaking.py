"""What the command line says and in which language: consoles, progress bars, errors."""

from __future__ import annotations

import locale
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from leadaudit import __version__
from leadaudit.errors import LeadAuditError
from leadaudit.language import Language, error_sentence, sentence

if TYPE_CHECKING:
    from leadaudit.notebooks import Step

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def language_of(chosen: Language | None) -> Language:
    """The language asked for, else that of the computer."""
    if chosen:
        return chosen
    spoken = locale.getlocale()[0] or os.environ.get("LANG", "")
    return "de" if spoken.lower().startswith(("de", "german")) else "en"


def asked_language(spoken: str | None = None) -> Language:
    """Language of messages when a command did not come far enough to know its options, but perhaps the files'."""
    words = sys.argv[1:]
    for option in ("--language", "-l"):
        if option in words[:-1] and words[words.index(option) + 1] in ("de", "en"):
            return "de" if words[words.index(option) + 1] == "de" else "en"
    return "de" if spoken == "de" else "en" if spoken == "en" else language_of(None)


@contextmanager
def step_bar(language: Language) -> Iterator[Callable[[Step], None]]:
    """A bar with the step of a notebook at work; nothing where the output is not a terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def on_step(step: Step) -> None:
            words = sentence(f"step.{step.heading}", language) if step.heading else ""
            bar.update(task, completed=step.done_count, total=step.all_count, description=words)

        yield on_step


@contextmanager
def reading_bar(language: Language) -> Iterator[Callable[..., None]]:
    """A bar with the file being read; nothing where the output is not a terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=1.0)

        def on_progress(done_share: float, key: str, **fields: str) -> None:
            bar.update(task, completed=done_share, description=sentence(f"inspect.{key}", language, **fields))

        yield on_progress


def say_error(error: LeadAuditError) -> None:
    """Print a known trouble: one sentence on the error stream."""
    err.print(error_sentence(error, asked_language(error.spoken)), markup=False)


def say_internal(error: Exception) -> None:
    """Print an unknown trouble: one line, and where the log is."""
    words = sentence("cli.internal", asked_language(), kind=type(error).__name__, log=str(_log(error)))
    err.print(words, markup=False)


def _log(error: Exception) -> Path:
    """Write where it happened, without the values that it happened with: they may be the client's."""
    import traceback

    frames = traceback.format_tb(error.__traceback__)
    handle, name = tempfile.mkstemp(prefix="leadaudit-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"leadaudit {__version__}, Python {sys.version}\n{''.join(frames)}{type(error).__name__}\n")
    return Path(name)
