"""A frame of one's own: any library, any column names; what is missing or misnamed is said in one sentence."""

from __future__ import annotations

import shutil

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import leadaudit
from leadaudit.errors import ColumnMappingError, LeadAuditError
from leadaudit.language import error_sentence

COUNT = 60


def own(**renamed) -> pd.DataFrame:
    """Leads under German headers; every third was won."""
    frame = pd.DataFrame(
        {
            "Nummer": [f"L{number}" for number in range(COUNT)],
            "Phase": ["Neu", "Angebot", "Gewonnen"] * (COUNT // 3),
            "Angelegt am": pd.date_range("2024-01-01", periods=COUNT),
            "Geschlossen am": [pd.NaT, pd.NaT, pd.Timestamp("2024-06-01")] * (COUNT // 3),
            "Betrag": [float(number) for number in range(COUNT)],
        }
    )
    return frame.rename(columns=renamed)


MAKERS = {
    "pandas": lambda frame: frame,
    "pandas with the id as index": lambda frame: frame.set_index("Nummer"),
    "polars": pl.from_pandas,
    "polars, lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame: duckdb.connect().from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
}


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_any_library_gives_the_same_audit(maker):
    """Whatever holds the frame, every lead, stage, date and value arrives."""
    made = leadaudit.audit(maker(own()))

    assert made.counts["ended"] == COUNT // 3
    assert sorted(made.leads["lead_id"]) == sorted(own()["Nummer"])
    assert made.leads["amount"].sum() == own()["Betrag"].sum()
    assert made.leads["created_at"].min() == pd.Timestamp("2024-01-01")


@pytest.mark.slow
def test_a_spark_frame_gives_the_same_audit(tmp_path):
    """Spark is read through the same door."""
    pyspark = pytest.importorskip("pyspark.sql", reason="the extra spark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    builder = pyspark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.warehouse.dir", str(tmp_path)).getOrCreate()
    try:
        rows = [tuple(None if pd.isna(cell) else cell for cell in row) for row in own().itertuples(index=False)]
        texts = [(a, b, f"{c:%Y-%m-%d}", None if d is None else f"{d:%Y-%m-%d}", e) for a, b, c, d, e in rows]
        made = leadaudit.audit(session.createDataFrame(texts, list(own().columns)))
    finally:
        session.stop()

    assert made.counts == leadaudit.audit(own()).counts
    assert made.leads["amount"].sum() == own()["Betrag"].sum()


def test_one_name_is_enough_and_the_rest_is_recognised():
    """Naming a column that nobody could know leaves the others to the reader: dates, values, endings."""
    frame = own(Phase="Wo").assign(
        Wo=["a", "b", "c"] * (COUNT // 3), Stand=["offen", "offen", "gewonnen"] * (COUNT // 3)
    )

    made = leadaudit.audit(frame, columns={"Wo": "stage"})

    assert set(made.leads["stage"]) == {"a", "b", "c"}
    assert made.leads["amount"].sum() == own()["Betrag"].sum()
    assert made.counts["ended"] == COUNT // 3


def test_the_issues_example_runs():
    """``columns={"Phase": "stage"}`` is taken, and says the same as the recognition."""
    assert leadaudit.audit(own(), columns={"Phase": "stage"}).counts == leadaudit.audit(own()).counts


def test_our_own_names_beside_unknown_dates_are_recognised_further():
    """A frame with our id and stage may call its dates as it likes."""
    frame = pd.DataFrame({"lead_id": ["a", "b"], "stage": ["x", "y"], "created": ["2024-01-01", "2024-02-01"]})

    assert leadaudit.audit(frame).leads["created_at"].notna().all()


def test_ids_of_numbers_and_texts_or_floats_stay_what_they_are():
    """Pandas mixes types, and makes whole numbers floats where one is missing; ids and links survive both."""
    mixed = own().assign(Nummer=[number if number % 2 else f"L{number}" for number in range(COUNT)])
    floats = own().assign(Nummer=[float(number) for number in range(COUNT)])

    assert set(leadaudit.audit(mixed).leads["lead_id"]) == {str(n) if n % 2 else f"L{n}" for n in range(COUNT)}
    assert set(leadaudit.audit(floats).leads["lead_id"]) == {str(number) for number in range(COUNT)}


def said(frame, **options) -> str:
    with pytest.raises(LeadAuditError) as caught:
        leadaudit.audit(frame, **options)
    assert error_sentence(caught.value, "de") != str(caught.value)
    return str(caught.value)


def test_a_missing_id_is_named_with_the_nearest_column():
    """What is missing, what was found, what it may be, and how to say so."""
    frame = pd.DataFrame({"Ld-Ref": ["x x", "x x"], "Phase": ["Neu", "Neu"], "Angelegt am": ["2024-01-01"] * 2})
    words = said(frame)

    assert words == (
        "No column for an id (lead_id) in the frame. Found: Ld-Ref, Phase, Angelegt am. Did you mean Ld-Ref? "
        'Name it: columns={"Ld-Ref": "lead_id"}.'
    )


def test_a_missing_stage_is_named_with_the_nearest_column():
    """Values that no stage could have are refused; a header near to one is offered."""
    frame = own().drop(columns=["Phase", "Geschlossen am"]).assign(Phasee=[f"text {n}" for n in range(COUNT)])

    assert "No column for a stage or status" in said(frame)
    assert 'Did you mean Phasee? Name it: columns={"Phasee": "stage"}' in said(frame)
    assert leadaudit.audit(frame, columns={"Phasee": "stage"}).leads["stage"].nunique() == COUNT


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"Fase": "stage"}, "Did you mean Phase?"),
        ({"Phase": "stge"}, "Did you mean stage?"),
        ({"stage": "Phase"}, 'Did you mean {"Phase": "stage"}?'),
        ({"Phase": "stage", "Nummer": "stage"}, "Phase, Nummer"),
    ],
)
def test_a_slip_in_columns_is_one_sentence_with_the_nearest_name(columns, words):
    """A wrong header, a wrong role, both the wrong way round, a role given twice."""
    assert words in said(own(), columns=columns)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("deals.csv", "leadaudit.read"),
        (None, "NoneType"),
        ([1, 2], "list"),
        (own()["Phase"], "Series"),
        (own().head(0), "no row"),
        (pd.DataFrame(), "no row"),
        (pd.concat([own(), own()[["Phase"]]], axis=1), "Phase"),
    ],
    ids=["path", "none", "list", "series", "no rows", "no columns", "a name twice"],
)
def test_what_is_no_frame_of_leads_is_refused_in_one_sentence(frame, words):
    """No traceback of a library that the user never called."""
    assert words in said(frame)


def test_a_header_may_belong_to_one_of_several_frames():
    """``columns`` is one mapping for leads, activities and changes."""
    activities = pd.DataFrame({"Nummer": ["L1"], "Wann": ["2024-02-01"], "Art": ["Anruf"]})
    export = leadaudit.Export.of_frames(own(), activities, columns={"Phase": "stage", "Wann": "at"})

    assert export.activities()["lead_id"].tolist() == ["L1"]
    with pytest.raises(ColumnMappingError, match="Did you mean Wann"):
        leadaudit.Export.of_frames(own(), activities, columns={"Wan": "at"})
