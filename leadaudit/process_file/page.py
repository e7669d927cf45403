"""The lines of a commented TOML file: explanations, values in force, and values on offer."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from leadaudit.language import Language, sentence

COMMENT_WIDTH = 110

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Page:
    """A TOML text in the making, in the words of one language.

    A line that begins with ``# `` explains; one that begins with ``#`` and no space is a value on
    offer: whoever takes the ``#`` away puts it in force.

    Examples
    --------
    >>> page = Page("en")
    >>> page.table("audit")
    >>> page.set("language", "en")
    >>> page.offer("files", ["a.csv"])
    >>> print(page.text)
    [audit]
    language = "en"
    #files = ["a.csv"]
    <BLANKLINE>
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        """The whole file."""
        return "\n".join(self._lines) + "\n"

    def gap(self) -> None:
        """An empty line."""
        self._lines.append("")

    def title(self, key: str) -> None:
        """A heading of the file."""
        self.gap()
        self._lines.append(f"# --- {sentence(f'process_file.{key}', self.language)} ".ljust(COMMENT_WIDTH, "-"))

    def say(self, key: str, **facts: Any) -> None:
        """An explanation, from the language file."""
        self.words(sentence(f"process_file.{key}", self.language, **facts))

    def words(self, words: str, *, indent: str = "") -> None:
        """An explanation in words that may hold the client's own names."""
        lines = textwrap.wrap(
            _CONTROL.sub(" ", words), COMMENT_WIDTH, initial_indent=f"# {indent}", subsequent_indent=f"# {indent}",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        self._lines += lines

    def table(self, *names: str) -> None:
        """Begin a table."""
        self._lines.append(f"[{_dotted(names)}]")

    def entry(self, name: str, *, offered: bool = False) -> None:
        """Begin an entry of a list of tables."""
        self._lines.append(f"{'#' * offered}[[{name}]]")

    def set(self, key: str, value: Any) -> None:
        """A value in force."""
        self._lines.append(f"{_dotted([key])} = {toml(value)}")

    def offer(self, key: str, value: Any) -> None:
        """A value on offer."""
        self._lines.append(f"#{_dotted([key])} = {toml(value)}")


def toml(value: Any) -> str:
    r"""A value as TOML writes it.

    Examples
    --------
    >>> print(toml('Phase "A"'), toml(["Ja"]), toml(True), toml(12.0))
    "Phase \"A\"" ["Ja"] true 12
    """
    import tomlkit

    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml(one) for one in value)}]"
    return tomlkit.item(value).as_string()


def _dotted(names: Sequence[str]) -> str:
    import tomlkit

    return ".".join(tomlkit.key(name).as_string() for name in names)
