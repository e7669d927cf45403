"""Putting a small frame beside a large one, so that both can be joined where the large one lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def beside(table: pa.Table, like: nw.LazyFrame[Any], connection: duckdb.DuckDBPyConnection | None) -> nw.LazyFrame[Any]:
    """A small Arrow table as a lazy frame of the same backend as ``like``.

    Parameters
    ----------
    table : pyarrow.Table
    like : LazyFrame
        The frame that it is to be joined with.
    connection : DuckDBPyConnection or None
        Needed where ``like`` lives in DuckDB: relations of two connections cannot be joined.
    """
    implementation = like.implementation
    if implementation.is_duckdb():
        if connection is None:
            raise AssertionError
        return nw.from_native(connection.from_arrow(table)).lazy()
    if implementation.is_pyspark():
        session = like.to_native().sparkSession
        return nw.from_native(session.createDataFrame(table.to_pandas())).lazy()
    if implementation.is_polars():
        import polars as pl

        return nw.from_native(pl.DataFrame(table).lazy())
    if implementation.is_pandas():
        return nw.from_native(table.to_pandas()).lazy()
    return nw.from_native(table).lazy()


def arrow(frame: nw.LazyFrame[Any]) -> pa.Table:
    """The rows of a lazy frame, through Arrow."""
    collected: pa.Table = frame.collect("pyarrow").to_native()
    return collected
