"""Damaged exports read whole: an Export or one clear sentence comes out, never another error, never 2 GB.

``python -m benchmarks.fuzz_reading --count 10000 --seed 1`` prints how the files ended.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import math
import random
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import leadaudit
from leadaudit.errors import LeadAuditError

MEMORY_LIMIT_BYTES = 2 * 1024**3
LINES = (
    b"Deal ID;Name;Firma;Phase;Status;Betrag;Erstellt am;Abgeschlossen am;Zust\xc3\xa4ndig\n",
    b'D{n};"Anlage {n}; gro\xc3\x9f";M\xc3\xbcller & Co. {n};Angebot;Offen;1.2{m}0,50 \xe2\x82\xac;{d}.03.2025;;Jana Wirth\n',
    b"D{n};Anlage {n};Kunde {n};Gewonnen;Gewonnen;{m}00,00;{d}.02.2025;{d}.04.2025;Tom Berg\n",
)
TABLES: dict[str, tuple[bytes, ...]] = {
    "leads": LINES,
    "activities": (
        b"Deal ID,Type,Direction,Subject,Date,Done,Owner\n",
        b'D{n},Email,Outbound,"Offer ""{m}""\nsecond line",2025-03-{d} 09:{m}0:00,yes,Jana Wirth\n',
        b"D{n},Call,Inbound,Question,2025-04-{d} 10:00:00,no,Tom Berg\n",
    ),
    "history": (
        b"Deal ID\tFrom Stage\tTo Stage\tChanged On\tChanged By\n",
        b"D{n}\tNeu\tAngebot\t03/{d}/2025 10:0{m} AM\tJana Wirth\n",
        b"D{n}\tAngebot\tGewonnen\t04/{d}/2025 10:0{m} PM\tTom Berg\n",
    ),
}
NASTY = (
    b'"', b"'", b";", b",", b"\t", b"\r", b"\n", b"\r\n", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1a", b"\\", b"<table><tr><td>",
    b"9" * 40, b"1e999", b"-1e-400", b"31.02.2025", b"0001-01-01", b"99999-12-31", b"2025-02-29 25:61:61", b"NaN", b"#REF!",
    b"Infinity", b"=1+1", b"'=x", b"1.234.567,89-", b"(1,00)", b"\xf0\x9f\x98\x80", b"\xc3\x28", b"Total", b"D1", b"\xe2\x80\x8b",
    b"x" * 70_000, b"Deal ID", b"_line", b"lead_id", b"%", b"{}", b"$1", b"now()", b"infinity", b"epoch", b"5000000000000",
)  # fmt: skip

Mutation = Callable[[random.Random, bytes], bytes]


def table_bytes(chance: random.Random, kind: str) -> bytes:
    """A small clean table: leads, activities or history."""
    header, *forms = TABLES[kind]
    rows = []
    for number in range(chance.choice((1, 3, 12, 40))):
        form = chance.choice(forms)
        rows.append(
            form.replace(b"{n}", b"%d" % number)
            .replace(b"{m}", b"%d" % (number % 6))
            .replace(b"{d}", b"%02d" % (number % 27 + 1))
        )
    return header + b"".join(rows)


def flipped(chance: random.Random, content: bytes) -> bytes:
    """Some bytes are others."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 5, 50))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut(chance: random.Random, content: bytes) -> bytes:
    """The end is missing."""
    return content[: chance.randrange(len(content) + 1)]


def put_in(chance: random.Random, content: bytes) -> bytes:
    """Something nasty stands in between."""
    for _ in range(chance.choice((1, 1, 3, 20))):
        at = chance.randrange(len(content) + 1)
        content = content[:at] + chance.choice(NASTY) + content[at:]
    return content


def cell_replaced(chance: random.Random, content: bytes) -> bytes:
    """Whole cells hold something nasty; the table keeps its form."""
    lines = content.split(b"\n")
    for _ in range(chance.choice((1, 3, 30))):
        at = chance.randrange(len(lines))
        sign = max((b";", b",", b"\t"), key=lines[at].count)
        cells = lines[at].split(sign)
        cells[chance.randrange(len(cells))] = chance.choice(NASTY)
        lines[at] = sign.join(cells)
    return b"\n".join(lines)


def column_replaced(chance: random.Random, content: bytes) -> bytes:
    """One column is the same nasty value everywhere, or empty."""
    lines = content.split(b"\n")
    sign = max((b";", b",", b"\t"), key=lines[0].count)
    place, value = chance.randrange(lines[0].count(sign) + 1), chance.choice((*NASTY, b""))
    for at, line in enumerate(lines[1:], 1):
        cells = line.split(sign)
        if place < len(cells):
            cells[place] = value
            lines[at] = sign.join(cells)
    return b"\n".join(lines)


def rearranged(chance: random.Random, content: bytes) -> bytes:
    """Lines are doubled, missing or in another order."""
    lines = content.split(b"\n")
    return b"\n".join(chance.choice(lines) for _ in range(chance.randrange(2 * len(lines) + 1)))


def recoded(chance: random.Random, content: bytes) -> bytes:
    """Another encoding, or two of them in one file."""
    text = content.decode("utf-8", errors="replace")
    other = text.encode(
        chance.choice(("utf-16", "utf-16-le", "cp1252", "utf-8-sig", "utf-32", "cp037")), errors="replace"
    )
    return other if chance.random() < 0.7 else content[: len(content) // 2] + other[len(other) // 2 :]


def packed(chance: random.Random, content: bytes) -> bytes:
    """Packed, and then perhaps damaged."""
    if chance.random() < 0.5:
        made = gzip.compress(content, mtime=0)
    else:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name in chance.choice((("a.csv",), ("a.csv", "b/c.csv"), ("x.bin", "../y.csv"))):
                archive.writestr(zipfile.ZipInfo(name), content)
        made = buffer.getvalue()
    return flipped(chance, made) if chance.random() < 0.5 else made


MUTATIONS: tuple[Mutation, ...] = (
    flipped, cut, put_in, put_in, cell_replaced, cell_replaced, column_replaced, rearranged, recoded, packed,
)  # fmt: skip


def workbook_bytes(chance: random.Random, content: bytes) -> bytes:
    """The table as a workbook: its cells typed now and then, its parts damaged now and then."""
    import openpyxl

    workbook = openpyxl.Workbook()
    sheet = workbook.create_sheet("Tabelle", 0)
    text = content.decode("utf-8", errors="replace").replace("\t", ";")
    for line in text.splitlines()[:60]:
        cells = ["".join(c for c in cell if c.isprintable())[:32_000] for cell in line.split(";")[:30]]
        sheet.append([_typed(chance, cell) for cell in cells])
    if chance.random() < 0.2:
        sheet.merge_cells(
            start_row=chance.randrange(1, 5), start_column=1, end_row=7, end_column=chance.randrange(1, 9)
        )
    if chance.random() < 0.2:
        workbook.create_sheet("Notizen").append(["x"])
    buffer = io.BytesIO()
    workbook.save(buffer)
    made = buffer.getvalue()
    return _part_damaged(chance, made) if chance.random() < 0.5 else made


def _typed(chance: random.Random, cell: str) -> object:
    if chance.random() < 0.1:
        return chance.choice((1.5, 45_000, True, -1e300, 2**60, None, "#N/A"))
    return f"'{cell}" if cell.startswith("=") else cell


def _part_damaged(chance: random.Random, content: bytes) -> bytes:
    """Bytes within one part of the archive are others, the archive itself whole."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(buffer, "w") as again:
        names = archive.namelist()
        hit = chance.choice([name for name in names if name.endswith(".xml")])
        for name in names:
            part = archive.read(name)
            again.writestr(zipfile.ZipInfo(name), chance.choice((flipped, cut))(chance, part) if name == hit else part)
    return buffer.getvalue()


def case(seed: int, folder: Path) -> list[Path]:
    """Files of one case: leads, mostly with others beside them, at least one of them damaged."""
    chance = random.Random(seed)
    kinds = ["leads", *(kind for kind in ("activities", "history") if chance.random() < 0.4)]
    hit = chance.choice(kinds)
    paths = []
    for kind in kinds:
        content = table_bytes(chance, kind)
        suffix = ".csv"
        as_workbook = chance.random() < 0.15
        if kind == hit or chance.random() < 0.2:
            for _ in range(chance.choice((1, 1, 2, 4))):
                content = chance.choice(MUTATIONS)(chance, content)
        if as_workbook:
            content, suffix = workbook_bytes(chance, content), ".xlsx"
        path = folder / f"{kind}{chance.choice(('', '_2026-10-01'))}{suffix}"
        path.write_bytes(content)
        paths.append(path)
    return paths


def outcome(paths: list[Path]) -> tuple[str, str]:
    """How a case ended (``export``, ``error`` or ``crash``), and with what."""
    try:
        export = leadaudit.read(*paths)
        leads, _, _ = export.leads(), export.activities(), export.changes()
        cut_back = export.as_of(export.known_until).count("leads")
        export.connection.close()
        if not leads["lead_id"].is_unique or cut_back > len(leads):
            return "crash", "the export contradicts itself"
    except LeadAuditError as error:
        return ("error", error.code) if str(error) else ("crash", "no sentence")
    except Exception as error:  # noqa: BLE001 - what must not come out is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        return (
            "crash",
            f"{type(error).__name__} {Path(place.filename).name}:{place.lineno} {str(error).splitlines()[:1]}",
        )
    return "export", ""


def fuzz(seeds: range, seconds: float = math.inf) -> tuple[Counter[tuple[str, str]], dict[str, int]]:
    """Run cases until the time is over; count how they ended, and give a seed for each kind of crash."""
    end = time.monotonic() + seconds
    counts: Counter[tuple[str, str]] = Counter()
    crashes: dict[str, int] = {}
    for seed in seeds:
        if time.monotonic() > end:
            break
        with tempfile.TemporaryDirectory() as folder:
            ended = outcome(case(seed, Path(folder)))
        counts[ended] += 1
        if ended[0] == "crash" and ended[1] not in crashes:
            crashes[ended[1]] = seed
            print(f"seed {seed}: {ended[1]}", file=sys.stderr, flush=True)
    return counts, crashes


def main() -> int:
    """Print the counts; exit code 1 if anything else than an Export or a sentence came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop after so long")
    parser.add_argument("--memory-limit", action=argparse.BooleanOptionalAction, default=True)
    arguments = parser.parse_args()
    if arguments.memory_limit:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    counts, crashes = fuzz(
        range(arguments.seed * 1_000_000, arguments.seed * 1_000_000 + arguments.count), arguments.seconds
    )
    for (kind, what), count in sorted(counts.items(), key=lambda one: -one[1]):
        print(f"{count:7d}  {kind} {what}")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{counts.total():7d}  files' cases, {len(crashes)} kinds of crash, at most {peak_mb:.0f} MB")
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
