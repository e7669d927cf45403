"""Reading whole exports that are damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fuzz_reading import case, fuzz


@pytest.mark.slow
def test_damaged_exports_end_in_an_export_or_a_sentence():
    """Of forty damaged exports none ends in another error, some are read, and some are refused; the benchmark takes ten thousand."""
    counts, crashes = fuzz(range(2_000_000, 2_000_040))
    assert crashes == {}
    kinds = {kind: sum(count for (one, _), count in counts.items() if one == kind) for kind in ("export", "error")}
    assert min(kinds.values()) >= 4
    assert sum(kinds.values()) == 40


def test_a_case_is_told_by_its_seed(tmp_path: Path):
    """The same seed writes the same files, so that what was found can be found again."""
    for seed in (2_000_001, 2_000_002):
        written = []
        for name in ("first", "second"):
            folder = tmp_path / f"{name}{seed}"
            folder.mkdir()
            written.append([path.read_bytes() for path in case(seed, folder) if path.suffix == ".csv"])
        assert written[0] == written[1]
