"""Which of a company's or a person's leads a row is about: the one that was open at its moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import fresh_name, quoted

if TYPE_CHECKING:
    from leadaudit.ingest.typed.sheet import Sheet

MARGIN_DAYS = 1
"""The first talk may be a day older than its lead, the last a day younger than its ending."""

_LEGAL_FORMS = (
    "gmbh & co\\.? kg|gmbh & co\\.?|gmbh|ggmbh|mbh|ag|kgaa|kg|ohg|gbr|ug( \\(haftungsbeschränkt\\))?|e\\.? ?k\\.?|e\\.? ?v\\.?|eg|partg|partg mbb|se"
    "|inc\\.?|ltd\\.?|llc|llp|corp\\.?|corporation|plc|co\\.?|s\\.?a\\.?s?|sarl|s\\.?r\\.?l\\.?|s\\.?p\\.?a\\.?|s\\.?l\\.?|b\\.?v\\.?|n\\.?v\\.?|oy|ab|a/s|aps|sp\\. z o\\.o\\.|s\\.?r\\.?o\\.?"
)
_MOMENTS = ("at", "done_at", "end_at", "due_at", "created_at")


def company_key(cell: str) -> str:
    """SQL of a company's name without its legal form, its case and its punctuation.

    Examples
    --------
    >>> import duckdb
    >>> duckdb.sql("SELECT " + company_key("'Voss Maschinenbau GmbH & Co. KG'")).fetchall()
    [('voss maschinenbau',)]
    """
    bare = f"regexp_replace(lower({cell}), '[,;]? +({_LEGAL_FORMS})$', '')"
    return f"trim(regexp_replace({bare}, '[^[:alnum:]]+', ' ', 'g'))"


def link_at_moment(sheet: Sheet, leads: str, key: str, own: str) -> tuple[str, str, str]:
    """Tables that lead from each row to the one lead that it can be about.

    Parameters
    ----------
    sheet : Sheet
        Activities or changes.
    leads : str
        Database table of leads.
    key, own : str
        SQL of what both sides are called by: over the sheet, and over the leads.

    Returns
    -------
    key, table, ambiguous : str
        SQL of a key per row, tables of keys with their lead and of keys with several.
    """
    name = fresh_name("link")
    moments = [sheet.time(role) for role in _MOMENTS if sheet.has(role)]
    moment = f"coalesce({', '.join(moments)}, NULL)" if moments else "NULL::TIMESTAMP"
    row_key = f"{key} || chr(31) || _line"
    margin = f"INTERVAL {MARGIN_DAYS} DAY"
    sheet.connection.execute(f"""
        CREATE TABLE {name}_all AS
        WITH called AS (
            SELECT {own} AS who, lead_id, created_at, CASE WHEN status IN ('won', 'lost') THEN closed_at END AS ended_at,
                count(*) OVER (PARTITION BY {own}) AS namesakes
            FROM {leads} WHERE {own} IS NOT NULL AND {own} <> ''
        ), asked AS (SELECT {row_key} AS _key_of_lead, {key} AS who, {moment} AS moment FROM {quoted(sheet.name)})
        SELECT _key_of_lead, lead_id, namesakes = 1 OR (
            moment >= date_trunc('day', created_at) - {margin}
            AND (ended_at IS NULL OR moment < date_trunc('day', ended_at) + 2 * {margin})) AS fits
        FROM asked JOIN called USING (who)
    """)
    sheet.connection.execute(f"""
        CREATE TABLE {name} AS SELECT _key_of_lead, min(lead_id) FILTER (fits) AS _lead FROM {name}_all
        GROUP BY 1 HAVING count(*) FILTER (fits) = 1
    """)
    sheet.connection.execute(f"""
        CREATE TABLE {name}_several AS SELECT DISTINCT _key_of_lead FROM {name}_all
        WHERE _key_of_lead NOT IN (SELECT _key_of_lead FROM {name})
    """)
    sheet.connection.execute(f"DROP TABLE {name}_all")
    return row_key, name, f"{name}_several"
