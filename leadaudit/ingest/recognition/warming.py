"""What recognition needs once per process, made while the first file is still being parsed.

Reading a workbook or a CSV leaves Python free for most of its time; the profiles of all CRMs and the vocabularies made
of them take about a third of a second, whatever the size of the file.
"""

from __future__ import annotations

import contextlib
from functools import lru_cache
from threading import Thread

from leadaudit.ingest.recognition.matching import recognise
from leadaudit.ingest.recognition.vocabulary import vocabulary_of

TABLES = ("leads", "activities", "changes")


def begin_warming() -> None:
    """Begin to make profiles and vocabularies, unless that was done in this process."""
    _begun()


def warmed() -> None:
    """Wait until they are made."""
    _begun().join()


@lru_cache(maxsize=1)
def _begun() -> Thread:
    thread = Thread(target=_make, name="leadaudit-warming", daemon=True)
    thread.start()
    return thread


def _make() -> None:
    with contextlib.suppress(Exception):  # whoever needs them next meets the same error, and says it
        recognise(("Deal ID",))
        for table in TABLES:
            vocabulary_of(table)
