"""Dialects of a folder of files beside a file that says what is right; the reader's own and those of other packages.

Two kinds of such a file are understood, as the public collections of messy CSV have them:

- lines with ``|``, of which the first names the columns: ``file_name|encoding|fields_delimiter|quotechar|escapechar``,
  characters written out as words (``comma``, ``doublequote``);
- a JSON object per line: ``{"filename": "a.csv", "dialect": {"delimiter": ",", "quotechar": "", "escapechar": ""}}``.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHARACTERS = {
    "comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "vslash": "|", "pipe": "|", "colon": ":", "nsign": "#",
    "caret": "^", "tilde": "~", "doublequote": '"', "singlequote": "'", "backslash": "\\",
}  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """What is right for one file; empty = none."""

    file: Path
    delimiter: str
    quotechar: str
    escapechar: str
    encoding: str = "utf-8"


Found = tuple[str, str | None, str | None]
"""Delimiter, quote, escape."""


def truths(folder: Path, annotations: Path) -> list[Truth]:
    """Read the annotations of those files that the folder has."""
    lines = annotations.read_text(encoding="utf-8-sig").splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    records = (
        [json.loads(line) for line in lines] if lines[0].startswith("{") else list(csv.DictReader(lines, delimiter="|"))
    )
    found = []
    for record in records:
        dialect = record.get("dialect", record)
        name = record.get("filename") or record.get("file_name") or ""
        file = folder / Path(name).name
        if not dialect or not file.is_file():
            continue
        delimiter, quote, escape = (
            CHARACTERS.get(dialect.get(key) or "", dialect.get(key) or "")
            for key in ("fields_delimiter" if "fields_delimiter" in dialect else "delimiter", "quotechar", "escapechar")
        )
        found.append(
            Truth(file, delimiter, quote, "" if escape == quote else escape, record.get("encoding") or "utf-8")
        )
    return found


def is_hit(truth: Truth, found: Found) -> bool:
    """All three are right, as far as the file shows them.

    A quote that the file does not have may be named or not, and so may a separator: a file of one column
    that holds no comma is read alike with and without it.
    """
    text = _text(truth)
    delimiter, quote, escape = (part or "" for part in found)
    same_delimiter = delimiter == truth.delimiter or not any(
        char and char in text for char in (delimiter, truth.delimiter)
    )
    same_quote = quote == truth.quotechar or not any(char and char in text for char in (quote, truth.quotechar))
    return same_delimiter and same_quote and ("" if escape == quote else escape) == truth.escapechar


def _text(truth: Truth) -> str:
    try:
        return truth.file.read_bytes().decode(truth.encoding, errors="replace")
    except LookupError:
        return truth.file.read_bytes().decode("latin-1")


def _ours(truth: Truth) -> Found:
    from leadaudit.ingest import read_text_table

    dialect = read_text_table(truth.file).dialect
    return dialect.delimiter, dialect.quotechar, dialect.escapechar


def _python(truth: Truth) -> Found:
    dialect = csv.Sniffer().sniff(_text(truth))
    return dialect.delimiter, dialect.quotechar, dialect.escapechar


def _duckdb(truth: Truth) -> Found:
    import duckdb

    name = str(truth.file).replace("'", "''").replace("[", "[[]")
    with duckdb.connect() as connection:
        ((delimiter, quote, escape),) = connection.execute(
            f"SELECT Delimiter, Quote, Escape FROM sniff_csv('{name}')"
        ).fetchall()
    plain = [None if text in ("(empty)", "\0", "") else text for text in (delimiter, quote, escape)]
    return plain[0] or "", plain[1], plain[2]


def _clever(truth: Truth) -> Found:
    import clevercsv

    dialect = clevercsv.Sniffer().sniff(_text(truth))
    return dialect.delimiter, dialect.quotechar, dialect.escapechar


SNIFFERS: dict[str, Callable[[Truth], Found]] = {
    "leadaudit": _ours,
    "csv.Sniffer": _python,
    "DuckDB sniffer": _duckdb,
    "CleverCSV": _clever,
}


def score_folder(folder: Path, annotations: Path, *, failures: bool = False) -> list[tuple[str, int, float, float]]:
    """Score every sniffer that is installed.

    Returns
    -------
    list of (sniffer, files, share of hits, seconds)
    """
    results = []
    wanted = truths(folder, annotations)
    for name, sniff in SNIFFERS.items():
        if name == "CleverCSV" and importlib.util.find_spec("clevercsv") is None:
            continue
        started = time.perf_counter()
        hits = 0
        for truth in wanted:
            try:
                found = sniff(truth)
                hit = is_hit(truth, found)
            except Exception as error:  # noqa: BLE001  whatever it raises, it did not find the dialect
                found, hit = (type(error).__name__, None, None), False
            hits += hit
            if failures and name == "leadaudit" and not hit:
                print(f"{truth.file.name:50s} {found} not {(truth.delimiter, truth.quotechar, truth.escapechar)}")
        results.append((name, len(wanted), hits / max(1, len(wanted)), time.perf_counter() - started))
    return results
