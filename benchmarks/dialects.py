"""How rightly messy CSV files are read: ours beside csv.Sniffer, DuckDB's sniffer and CleverCSV.

Run with ``python -m benchmarks.dialects [--failures]``. The files come from
``tests/ingest/pollution.py``; a package that is not installed is left out. With a folder of files
and a file that says which dialect each has, those are scored instead
(``python -m benchmarks.dialects FOLDER ANNOTATIONS``, see ``benchmarks/annotated.py``).
"""

from __future__ import annotations

import csv
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from benchmarks.annotated import score_folder

CHECKOUT = Path(__file__).resolve().parent.parent
Reading = tuple[str, str | None, str | None, list[str], list[list[str]]]
"""Delimiter, quote, escape, header, rows."""


def pollution() -> ModuleType:
    path = CHECKOUT / "tests" / "ingest" / "pollution.py"
    spec = importlib.util.spec_from_file_location("pollution", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["pollution"] = module
    spec.loader.exec_module(module)
    return module


def ours(path: Path) -> Reading:
    from leadaudit.ingest import read_text_table

    table = read_text_table(path)
    dialect = table.dialect
    return dialect.delimiter, dialect.quotechar, dialect.escapechar, table.header, list(table)


def python_sniffer(path: Path) -> Reading:
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    dialect = csv.Sniffer().sniff(text)
    rows = [row for row in csv.reader(text.splitlines(keepends=True), dialect) if row]
    return dialect.delimiter, dialect.quotechar, dialect.escapechar, rows[0], rows[1:]


def duckdb_sniffer(path: Path) -> Reading:
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT Delimiter, Quote, Escape FROM sniff_csv('{path}')").fetchall()
        relation = connection.sql(f"SELECT * FROM read_csv('{path}', all_varchar=true)")
        rows = [[cell or "" for cell in row] for row in relation.fetchall()]
        header = list(relation.columns)
    delimiter, quote, escape = (None if text in ("(empty)", "\0", "") else text for text in found[0])
    return delimiter or "", quote, None if escape == quote else escape, header, rows


def clever_csv(path: Path) -> Reading:
    import clevercsv

    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    dialect = clevercsv.Sniffer().sniff(text)
    rows = [row for row in clevercsv.reader(text.splitlines(keepends=True), dialect) if row]
    return dialect.delimiter, dialect.quotechar, dialect.escapechar or None, rows[0], rows[1:]


READERS: dict[str, Callable[[Path], Reading]] = {
    "leadaudit": ours,
    "csv.Sniffer": python_sniffer,
    "DuckDB sniffer": duckdb_sniffer,
    "CleverCSV": clever_csv,
}


def compare(seed: int = 7, *, failures: bool = False) -> list[tuple[str, int, float, float, float]]:
    """Score every reader on every polluted file.

    Returns
    -------
    list of (reader, files, dialects right as a share, loading score of 10, seconds)
    """
    made = pollution()
    all_cases = list(made.cases(seed))
    results = []
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, case in enumerate(all_cases):
            file = Path(folder) / f"{number}{case.ending}"
            file.write_bytes(case.content)
            files.append(file)
        for name, read in READERS.items():
            if name == "CleverCSV" and importlib.util.find_spec("clevercsv") is None:
                continue
            started = time.perf_counter()
            right, total = 0, 0.0
            for case, file in zip(all_cases, files, strict=True):
                dialect_right, score = _judged(made, case, read, file)
                right += dialect_right
                total += score
                if failures and name == "leadaudit" and (not dialect_right or score < 9.9):
                    print(f"{case.name:55s} {'' if dialect_right else 'dialect '}{score:.2f}")
            count = len(all_cases)
            results.append((name, count, right / count, total / count, time.perf_counter() - started))
    return results


def _judged(made: ModuleType, case: object, read: Callable[[Path], Reading], file: Path) -> tuple[bool, float]:
    try:
        delimiter, quote, escape, header, rows = read(file)
    except Exception:  # noqa: BLE001  whatever a reader raises, it did not read the file
        return False, 0.0
    return made.same_dialect(case, delimiter, quote, escape), made.loading_score(case, header, rows)


def main() -> None:
    given = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("--")]
    if given:
        if len(given) != 2:
            raise SystemExit("python -m benchmarks.dialects FOLDER ANNOTATIONS [--failures]")
        print(f"{'sniffer':16s} {'files':>6s} {'dialects':>9s} {'seconds':>8s}")
        for name, count, right, seconds in score_folder(*given, failures="--failures" in sys.argv):
            print(f"{name:16s} {count:6d} {right:9.1%} {seconds:8.1f}")
        return
    print(f"{'reader':16s} {'files':>6s} {'dialects':>9s} {'loading':>8s} {'seconds':>8s}")
    for name, count, right, score, seconds in compare(failures="--failures" in sys.argv):
        print(f"{name:16s} {count:6d} {right:9.1%} {score:8.2f} {seconds:8.1f}")


if __name__ == "__main__":
    main()
