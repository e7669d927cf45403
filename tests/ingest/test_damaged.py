"""Damaged files give a table or one clear error, never anything else."""

from __future__ import annotations

import gzip
import io
import zipfile
from functools import lru_cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadaudit.errors import ExportReadError, LeadAuditError
from leadaudit.ingest import read_text_table

TEXT = "Deal ID;Name;Stage;Amount;Created\r\n" + "".join(
    f'D-{number};"Müller; ""Sohn"" {number}";{"New" if number % 2 else "Won"};{number},50;0{number % 9 + 1}.01.2026\r\n'
    for number in range(40)
)


@lru_cache
def originals() -> dict[str, bytes]:
    """One file of each kind."""
    book = openpyxl.Workbook()
    for line in TEXT.splitlines():
        book.active.append(line.split(";"))
    stream = io.BytesIO()
    book.save(stream)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/deals.csv", TEXT)
    cells = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in line.split(';'))}</tr>" for line in TEXT.splitlines())
    return {
        "utf-8": TEXT.encode(),
        "cp1252": TEXT.encode("cp1252"),
        "utf-16": TEXT.encode("utf-16"),
        "xlsx": stream.getvalue(),
        "zip": packed.getvalue(),
        "gzip": gzip.compress(TEXT.encode(), mtime=0),
        "html": f"<html><table>{cells}</table></html>".encode(),
    }


MUTATIONS = st.one_of(
    st.tuples(st.just("cut"), st.floats(0, 1), st.just(b"")),
    st.tuples(st.just("insert"), st.floats(0, 1), st.binary(min_size=1, max_size=12)),
    st.tuples(st.just("replace"), st.floats(0, 1), st.binary(min_size=1, max_size=4)),
    st.tuples(st.just("drop"), st.floats(0, 1), st.binary(min_size=1, max_size=40)),
    st.tuples(
        st.just("insert"),
        st.floats(0, 1),
        st.sampled_from([b'"', b"'", b";", b"\0", b"\r", b"\n\n", b"\xff\xfe", b"\\", b"<"]),
    ),
    st.tuples(st.just("repeat"), st.floats(0, 1), st.just(b"")),
)


def mutated(content: bytes, mutations: list[tuple[str, float, bytes]]) -> bytes:
    """Apply each mutation at its place."""
    for kind, share, piece in mutations:
        at = int(share * len(content))
        if kind == "cut":
            content = content[:at]
        elif kind == "insert":
            content = content[:at] + piece + content[at:]
        elif kind == "replace":
            content = content[:at] + piece + content[at + len(piece) :]
        elif kind == "drop":
            content = content[:at] + content[at + len(piece) :]
        else:
            content = content + content[at:]
    return content


def consumed(file: Path) -> int:
    """Read all of a file; how many rows it has, or -1 when it was refused."""
    try:
        table = read_text_table(file)
        rows = list(table.numbered())
    except LeadAuditError as error:
        return -1 if str(error) else -2
    assert all(isinstance(cell, str) for _, cells in rows for cell in cells)
    lines = [line for line, _ in rows]
    assert lines == sorted(lines)
    return len(rows)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["utf-8", "cp1252", "utf-16", "xlsx", "zip", "gzip", "html"]),
    changes=st.lists(MUTATIONS, min_size=1, max_size=5),
)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, kind: str, changes: list[tuple[str, float, bytes]]) -> None:
    """Cuts, strays and repeats never end in another exception."""
    file = tmp_path / "damaged.csv"
    file.write_bytes(mutated(originals()[kind], changes))
    assert consumed(file) >= -1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    """Noise is no table, and no crash."""
    file = tmp_path / "noise.csv"
    file.write_bytes(content)
    assert consumed(file) >= -1


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    """A small file that unpacks to gigabytes is not unpacked."""
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deals.csv", b"a,b\n" + b"0," * 40_000_000)
    with pytest.raises(ExportReadError, match="unpacks to more than"):
        read_text_table(tmp_path / "bomb.zip")


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    """The same for gzip, also inside another archive."""
    bomb = gzip.compress(b"1,2\n" * 20_000_000)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(bomb))
    with pytest.raises(ExportReadError, match="unpacks to more than"):
        read_text_table(tmp_path / "bomb.csv.gz")


def test_an_unbalanced_quote_costs_one_row_only(tmp_path: Path) -> None:
    """The rest of the file is read as before."""
    lines = TEXT.splitlines()
    lines[10] = 'D-9;"open;New;1,50;01.01.2026'
    file = tmp_path / "quote.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    rows = list(read_text_table(file))
    assert len(rows) == 40
    assert rows[9] == ["D-9", '"open', "New", "1,50", "01.01.2026"]
    assert {len(row) for row in rows} == {5}


def test_a_huge_cell_is_kept(tmp_path: Path) -> None:
    """A mail body of a megabyte is a cell like others."""
    body = "word, " * 200_000
    file = tmp_path / "mail.csv"
    file.write_text(f'id,body,stage\n1,"{body}",New\n2,short,Won\n3,short,Won\n', encoding="utf-8")
    assert [row[0] for row in read_text_table(file)] == ["1", "2", "3"]
    assert next(iter(read_text_table(file)))[1] == body


def test_stray_bytes_cost_no_other_character(tmp_path: Path) -> None:
    """One Windows-1252 line in a UTF-8 file is read as such; the rest stays UTF-8."""
    file = tmp_path / "mixed.csv"
    good = "".join(f"{number};Müller;Köln\n" for number in range(50))
    file.write_bytes(("id;name;city\n" + good).encode() + "51;Größe;Zürich\n".encode("cp1252"))
    table = read_text_table(file)
    assert table.dialect.encoding == "utf-8"
    assert list(table)[-1] == ["51", "Größe", "Zürich"]
