"""Spark tables, really: pyspark and Java where they are, else skipped with the reason."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from test_walk import judged, made, same

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One small local session for all tests."""
    pytest.importorskip("pyspark", reason="pyspark is not installed (the extra 'spark')")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("no Java on this machine: Spark needs one")
    from pyspark.sql import SparkSession

    small = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
        # A short life: compiling hot code costs more than it gains.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    builder = SparkSession.builder.master("local[1]").appName("leadaudit")
    for key, value in small.items():
        builder = builder.config(key, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Spark's own, about sockets and Python 3.11
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.mark.filterwarnings("ignore:::pyspark", "ignore::ResourceWarning")
def test_spark_tables_give_the_same_verdicts_as_pandas(spark):
    """Timestamps, numbers, flags and missing values arrive as they were: every verdict, reason and number agrees."""
    import pyarrow as pa

    tables = made()
    frames = tuple(spark.createDataFrame(pa.Table.from_pandas(frame, preserve_index=False)) for frame in tables)

    same(judged(tables), judged(frames))
