"""The backtest in tables and sentences: the same for the report, the notebook and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.language import Language, has, sentence
from leadaudit.language.formats import form
from leadaudit.report.blocks import Cell, Column, table

if TYPE_CHECKING:
    from leadaudit.backtest import Backtest

MOST_ROWS = 100


@dataclass(frozen=True)
class Sheet:
    """A table before it is drawn: caption, columns, rows of cells."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]

    def html(self) -> str:
        """As safe HTML."""
        return table(self.columns, self.rows, caption=self.caption)


def sentences(backtest: Backtest, language: Language, *, counts: bool = True) -> list[str]:
    """What the backtest says, in sentences: how it was done, what came, what that proves and what not.

    Parameters
    ----------
    backtest : Backtest
    language : {"de", "en"}
    counts : bool
        Whether what came of the proposals is said too; not where a finding beside says it.
    """
    if not backtest:
        return [sentence(f"backtest.none.{backtest.why_none}", language, **backtest.facts)]
    dates = ", ".join(form(at, "date", language) for at in backtest.dates["at"])
    end = backtest.end - pd.Timedelta(days=1)
    said = [sentence("backtest.method", language, n=len(backtest.dates), dates=dates, end=end)]
    undated = int(backtest.dates["unknown_count"].max())
    if undated:
        said.append(sentence("backtest.undated", language, n=undated))
    if not backtest.confirmed["leads_count"]:
        said.append(sentence("backtest.no_proposals", language))
    else:
        said += [*(_counts(backtest, language) if counts else []), *_meaning(backtest, language)]
    if backtest.criteria_lost:
        names = " · ".join(criterion_words(name, language) for name in backtest.criteria_lost)
        said.append(sentence("backtest.lost", language, criteria=names))
    return said


def _counts(backtest: Backtest, language: Language) -> list[str]:
    came, rest = backtest.confirmed, backtest.others
    return [
        sentence(
            "backtest.said",
            language,
            n=came["leads_count"],
            x=came["ended_count"],
            won=came["won_count"],
            open=came["open_count"],
        ),
        sentence("backtest.rest", language, n=rest["leads_count"], won=rest["won_share"]),
    ]


def _meaning(backtest: Backtest, language: Language) -> list[str]:
    """What the proposals would have brought, and what their coming true does not prove."""
    came, said = backtest.confirmed, []
    if came["ended_count"]:
        said.append(sentence("backtest.early", language, days=came["days_to_ending"], freed=backtest.lead_days_freed))
    if came["by_rule_count"]:
        said.append(sentence("backtest.by_rule", language, n=came["by_rule_count"]))
    return [*said, sentence("backtest.no_cause", language)]


def chances_sentence(backtest: Backtest, language: Language) -> str:
    """How far the stated chances and what came lie apart, and whether that is much."""
    error, allowed = backtest.calibration_error, backtest.calibration_error_allowed
    if pd.isna(error):
        return sentence("backtest.no_chances", language)
    key = "true_chances" if error <= allowed else "off_chances"
    return sentence(f"backtest.{key}", language, error=100 * error, allowed=100 * allowed)


def verdict_sheet(backtest: Backtest, language: Language) -> Sheet:
    """What became of each verdict, per date and in all."""
    return _tally_sheet(
        backtest.verdicts, "verdict", lambda row: sentence(f"verdict.{row['verdict']}", language), language
    )


def criterion_sheet(backtest: Backtest, language: Language) -> Sheet:
    """What became of leads for which a criterion held; all dates together."""
    frame = backtest.criteria[backtest.criteria["at"].isna() & (backtest.criteria["role"] != "shade")]

    def words(row: dict[Any, Any]) -> str:
        return f"{criterion_words(row['criterion'], language)} ({sentence('backtest.role.' + row['role'], language)})"

    sheet = _tally_sheet(frame, "criterion", words, language)
    return Sheet(sheet.caption, sheet.columns[1:], [row[1:] for row in sheet.rows])


def _tally_sheet(frame: pd.DataFrame, name: str, words: Any, language: Language) -> Sheet:
    counts = ("leads", "won", "ended", "open")
    columns = _columns(
        ("at", ""),
        (name, ""),
        *((key, "number") for key in (*counts, "won_share", "days_to_ending")),
        language=language,
    )
    rows = [
        [
            _date_cell(row["at"], language),
            Cell(words(row)),
            *[_count_cell(row[f"{key}_count"], language) for key in counts],
            _share_cell(row, language),
            Cell(form(row["days_to_ending"], "days", language), sort=_sort(row["days_to_ending"])),
        ]
        for row in frame.to_dict("records")
    ]
    key = {"verdict": "verdicts", "criterion": "criteria"}[name]
    return Sheet(sentence(f"backtest.table.{key}", language), columns, rows)


def rule_sheet(backtest: Backtest, language: Language) -> Sheet:
    """Our proposals and the usual rules on the same leads; all dates together."""
    frame = backtest.baselines[backtest.baselines["at"].isna()]
    columns = _columns(
        ("rule", ""),
        ("flagged", "number"),
        ("won", "number"),
        ("won_share", "number"),
        ("caught_share", "number"),
        language=language,
    )
    rows = [
        [
            Cell(sentence(f"rule.{row['rule']}", language)),
            _count_cell(row["leads_count"], language),
            _count_cell(row["won_count"], language),
            _share_cell(row, language),
            Cell(form(row["caught_share"], "percent", language), sort=_sort(row["caught_share"])),
        ]
        for row in frame.to_dict("records")
    ]
    return Sheet(sentence("backtest.table.rules", language), columns, rows)


def calibration_sheet(backtest: Backtest, language: Language) -> Sheet:
    """Stated chance and share won, bin by bin."""
    columns = _columns(
        *((key, "number") for key in ("leads", "predicted", "observed", "won", "open")), language=language
    )
    rows = [
        [
            _count_cell(row["leads_count"], language),
            Cell(form(row["predicted"], "percent", language), sort=_sort(row["predicted"])),
            Cell(_with_interval(row["observed"], row["low"], row["high"], language), sort=_sort(row["observed"])),
            _count_cell(row["won_count"], language),
            _count_cell(row["open_count"], language),
        ]
        for row in backtest.calibration.to_dict("records")
    ]
    return Sheet(sentence("backtest.table.calibration", language), columns, rows)


def false_ending_sheet(backtest: Backtest, language: Language) -> Sheet:
    """The proposals that were won later: what the lead looked like then."""
    frame = backtest.false_endings
    columns = _columns(
        ("at", ""), ("lead", "id"), ("stage", ""), ("stay_days", "number"), ("chance", "number"), ("reasons", "wide"), ("won_on", ""), ("days_later", "number"), language=language
    )  # fmt: skip
    rows = [
        [
            _date_cell(row["at"], language),
            Cell(row["lead_id"]),
            Cell(row["stage"] if isinstance(row["stage"], str) else "–"),
            Cell(form(row["stay_days"], "days", language), sort=_sort(row["stay_days"])),
            Cell(form(row["chance"], "percent", language), sort=_sort(row["chance"])),
            _reason_cell(row["reasons"], language),
            Cell(form(row["outcome_at"], "date", language), sort=f"{row['outcome_at']:%Y-%m-%d}"),
            Cell(form(row["outcome_days"], "days", language), sort=_sort(row["outcome_days"])),
        ]
        for row in frame.head(MOST_ROWS).to_dict("records")
    ]
    key = "false_endings" if rows else "no_false_endings"
    caption = (
        sentence(f"backtest.table.{key}", language, n=len(frame))
        if rows
        else sentence(f"backtest.table.{key}", language)
    )
    return Sheet(caption, columns, rows)


def freed_sheet(backtest: Backtest, language: Language) -> Sheet:
    """Lead-days that endings at the dates would have freed."""
    columns = _columns(("at", ""), ("leads", "number"), ("days", "number"), language=language)
    rows = [
        [_date_cell(row["at"], language), _count_cell(row["leads_count"], language), _count_cell(row["days"], language)]
        for row in backtest.freed.to_dict("records")
    ]
    return Sheet(sentence("backtest.table.freed", language), columns, rows)


def criterion_words(name: str, language: Language) -> str:
    """A criterion in a few words; one of the consultant's own by its name."""
    return sentence(f"reason.{name}", language) if has(f"reason.{name}") else name


def _reason_cell(reasons: str, language: Language) -> Cell:
    """The reason that decided, the others small below it."""
    first, *others = [criterion_words(name, language) for name in reasons.split("|")]
    return Cell(first, below=" · ".join(others))


def _columns(*named: tuple[str, str], language: Language) -> list[Column]:
    return [Column(sentence(f"backtest.column.{name}", language), look) for name, look in named]


def _date_cell(at: Any, language: Language) -> Cell:
    if pd.isna(at):
        return Cell(sentence("backtest.all_dates", language), sort="9999")
    return Cell(form(at, "date", language), sort=f"{at:%Y-%m-%d}")


def _count_cell(value: Any, language: Language) -> Cell:
    return Cell(form(value, "count", language), sort=_sort(value))


def _share_cell(row: dict[Any, Any], language: Language) -> Cell:
    return Cell(
        _with_interval(row["won_share"], row["won_low"], row["won_high"], language), sort=_sort(row["won_share"])
    )


def _with_interval(share: float, low: float, high: float, language: Language) -> str:
    if pd.isna(share):
        return form(None, "percent", language)
    return f"{form(share, 'percent', language)} ({form(low, 'percent', language)} – {form(high, 'percent', language)})"


def _sort(value: Any) -> float | str:
    return "" if pd.isna(value) else round(float(value), 6)
