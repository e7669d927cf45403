"""The house rules that a machine can check: rooms, names, clocks, places, words for errors."""

from __future__ import annotations

import ast
import re
import string
import subprocess
from pathlib import Path

import pytest

from leadaudit.errors import SENTENCES
from leadaudit.language import LANGUAGES, texts

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "leadaudit"

MOST_LINES = 400

BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc", "data", "info", "manager"}

CLOCKS = re.compile(
    r"""datetime\.(?:now|utcnow|today)\b | \bdate\.today\b | Timestamp\.(?:now|utcnow|today)\b
      | Timestamp\(\s*["'](?:today|now)["'] | to_datetime\(\s*["'](?:today|now)["']
      | \btime\.time\(\) | \btime\.time_ns\(\) | \b(?:current_date|current_timestamp|get_current_time(?:stamp)?)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)

# Words of one public data set that judgement was measured on; learned from data, never written down.
FITTED_WORDS = re.compile(r"pre[-_ ]?accepted|offer[-_ ]returned|offer[-_ ]sent|partly[-_ ]submitted", re.IGNORECASE)

PLACES = re.compile(
    r"(?<![\w.])/(?:root|work|farm)/[A-Za-z.]"  # folders of a build machine
    r"|pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org|--(?:extra-)?index[-]url|find[-]links"
)


def _git_tracked() -> list[Path]:
    """Files that git tracks and that are there; none outside a clone."""
    run = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True)
    names = run.stdout.decode("utf-8").split("\0") if run.returncode == 0 else []
    return [CHECKOUT / name for name in names if name and (CHECKOUT / name).is_file()]


def _text(path: Path) -> str | None:
    """The text of a file; none for a binary one."""
    raw = path.read_bytes()
    return None if b"\0" in raw else raw.decode("utf-8", errors="replace")


TRACKED = _git_tracked()
WRITTEN_HERE = [path for path in TRACKED if not path.name.endswith(".min.js")]
MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def _place(path: Path, line: int) -> str:
    return f"{path.relative_to(CHECKOUT).as_posix()}:{line}"


def _hits(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Places where a pattern occurs, as ``file:line: text``."""
    return [
        f"{_place(path, number)}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate((_text(path) or "").splitlines(), 1)
        if pattern.search(line)
    ]


needs_git = pytest.mark.skipif(not TRACKED, reason="not a git clone: what is tracked cannot be told")


def test_modules_stay_readable():
    """No module of the package is longer than a person reads in one go."""
    long = {
        path.relative_to(CHECKOUT).as_posix(): lines
        for path in MODULES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }

    assert {} == long


def test_no_room_has_a_name_that_says_nothing():
    """Modules and folders are called what they are, not how they are used."""
    parts = {part for path in MODULES for part in (path.stem, *path.relative_to(PACKAGE).parts[:-1])}

    assert set() == BANNED_NAMES & parts


def test_no_path_part_is_too_long_for_windows():
    """Clones and archives unpack everywhere."""
    assert [] == [path for path in TRACKED if any(len(part) > 60 for part in path.relative_to(CHECKOUT).parts)]


def test_the_clock_is_read_in_the_command_line_only():
    """Every moment is passed in, so that the same input gives the same audit on any day."""
    assert [] == _hits(CLOCKS, [path for path in MODULES if PACKAGE / "cli" not in path.parents])


@needs_git
def test_nothing_names_a_machine_or_a_package_source():
    """What is committed works anywhere: no path of the machine it was written on, no package host."""
    own_places = {str(CHECKOUT), str(Path.home())} - {"/", "/home", "/root"}
    here = re.compile("|".join(re.escape(place) + r"(?![\w.])" for place in sorted(own_places)) or r"(?!)")

    assert [] == _hits(PLACES, WRITTEN_HERE) + _hits(here, WRITTEN_HERE)


def test_no_word_of_a_measured_data_set_is_built_in():
    """The judgement learns stages from the data; it knows no stage of the logs that it was measured on."""
    inside = [path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]

    assert [] == _hits(FITTED_WORDS, inside)


def _raised() -> list[tuple[str, str, set[str] | None]]:
    """Each use of an error code in the package: place, code, fields given (none if given as ``**``)."""
    found = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if called in ERROR_CLASSES and isinstance(first, ast.Constant) and isinstance(first.value, str):
                names = [keyword.arg for keyword in node.keywords]
                found.append((_place(path, node.lineno), first.value, None if None in names else set(names)))
    return found


ERROR_CLASSES = {
    node.name
    for node in TREES[PACKAGE / "errors.py"].body
    if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
}


def test_every_error_that_is_raised_has_its_sentence():
    """A code without a sentence would end in a KeyError in front of the user."""
    assert [] == [f"{place}: {code}" for place, code, _ in _raised() if code not in SENTENCES]


def test_every_error_is_given_what_its_sentence_names():
    """A sentence never fails for a fact that was not passed along."""
    wanted = {
        code: {field for _, field, _, _ in string.Formatter().parse(text) if field} - {"hint"}
        for code, text in SENTENCES.items()
    }

    missing = [
        f"{place}: {code} lacks {sorted(wanted[code] - given)}"
        for place, code, given in _raised()
        if given is not None and code in wanted and wanted[code] - given
    ]

    assert [] == missing


def _logged() -> list[tuple[str, str]]:
    """Each issue that the package can log: place and code (``log.add(code, severity, …)``)."""
    found = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"add", "add_rows"}:
                first_two = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
                if len(first_two) == 2 and first_two[1] in {"error", "warning", "note"}:
                    found.append((_place(path, node.lineno), first_two[0]))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_issue_has_its_words(language):
    """A consultant reads what is wrong with a row, not a code, in the language of the report."""
    worded = {key.removeprefix("issue.") for key in texts(language) if key.startswith("issue.")}
    if not worded:
        pytest.skip("the words for issues are not written yet")

    assert [] == [f"{place}: {code}" for place, code in _logged() if code not in worded]


def test_every_test_says_what_it_shows():
    """The one-sentence docstring of a test is what a reader sees when it fails."""
    silent = [
        _place(path, node.lineno)
        for path in sorted((CHECKOUT / "tests").glob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert [] == silent
