"""Preconditions proposed from the export's own fields, with the numbers that speak for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.preconditions import Separation
    from leadaudit.process_file.page import Page

LEFT_OUT = ("set_by_ending", "open_empty", "few", "persons", "work", "free_text")


def write_preconditions(page: Page, found: Separation) -> None:
    """Write a proposal per field that was compared, those that separate won from lost first; all on offer only."""
    page.title("title.preconditions")
    for key in ("preconditions", "preconditions_values", "preconditions_how"):
        page.say(key)
    fields = found.fields
    for answer in ("separates", "same"):
        for field in fields[fields["answer"] == answer].to_dict("records"):
            values = found.values[found.values["column"] == field["column"]]
            page.gap()
            _write_one(page, str(field["column"]), float(field["open_filled_share"]), answer, values)
    left = [answer for answer in LEFT_OUT if (fields["answer"] == answer).any()]
    if left:
        page.gap()
        page.say("fields.left_out")
    for answer in left:
        names = ", ".join(fields.loc[fields["answer"] == answer, "column"])
        page.say(f"fields.{answer}", names=names)
    if fields.empty:
        page.gap()
        page.say("fields.none")
        _write_example(page)


def _write_one(page: Page, column: str, known_share: float, answer: str, values: pd.DataFrame) -> None:
    # Of two values either says what the other says.
    shown = values.nlargest(1, "difference") if len(values) == 2 and _kind(values) != "number" else values
    for row in shown.to_dict("records"):
        page.say(
            "fields.limit" if row["kind"] == "number" else "fields.value",
            value=row["value"], p=row["won_share"], n=row["count"], q=row["other_won_share"], other=row["other_count"],
            points=100 * row["difference"], low=100 * row["low"], high=100 * row["high"],
        )  # fmt: skip
    page.say(f"fields.{answer}", p=known_share)
    page.entry("preconditions", offered=True)
    page.offer("name", column)
    page.offer("column", column)
    if _kind(values) == "number":
        _write_limit(page, values)
    else:
        _write_values(page, values)
    page.offer("question", "")


def _kind(values: pd.DataFrame) -> str:
    return str(values["kind"].iloc[0])


def _write_values(page: Page, values: pd.DataFrame) -> None:
    """Good values; bad ones only where hardly any lead with them was won: they end a lead at once."""
    better = values[values["judged"] == "good"]
    if better.empty:
        better = values.nlargest(1, "difference")
    bad = values[values["practically_lost"].fillna(value=False).to_numpy(bool)]
    rare = values[(values["difference"] < 0) & ~values["value"].isin(bad["value"])]
    page.offer("good", better["value"].tolist())
    if len(rare):
        page.say("fields.not_bad", names=", ".join(rare["value"]))
    page.offer("bad", bad["value"].tolist())


def _write_limit(page: Page, values: pd.DataFrame) -> None:
    """The limit of a number that divides best; below it a lead would fail, so it is named and left to a person."""
    best = values.loc[values["chance_of_difference"].idxmin()]
    page.say("fields.limit_fails")
    page.offer("at_least" if best["difference"] > 0 else "at_most", float(best["value"]))


def _write_example(page: Page) -> None:
    page.entry("preconditions", offered=True)
    for key in ("name", "column"):
        page.offer(key, "Budget")
    page.offer("good", ["ja" if page.language == "de" else "yes"])
    page.offer("bad", ["nein" if page.language == "de" else "no"])
    page.offer("question", "")
