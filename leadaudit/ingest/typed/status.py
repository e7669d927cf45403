"""Open, paused, won or lost: from the status, flags, dates, the stage or the reason, whichever tells it."""

from __future__ import annotations

from leadaudit.ingest.loading.database import quoted, scalar
from leadaudit.ingest.recognition.closing import named_closing
from leadaudit.ingest.recognition.meanings import ends_somehow
from leadaudit.ingest.recognition.words import meanings
from leadaudit.ingest.typed.contradicted import endings_contradicted
from leadaudit.ingest.typed.filled_in import concluded, endings_by_filling
from leadaudit.ingest.typed.sheet import Sheet

ANSWERED_SHARE = 0.95
"""Where more leads than this have a yes or a no under "won", a no is no ending: most of them are open."""

_OUTCOMES = "('open', 'paused', 'won', 'lost')"


def status_of(sheet: Sheet) -> str:
    """SQL of the status of a lead.

    A status column wins over everything else (a stage called "Close" stands on open leads too);
    after it yes/no columns, dates of winning and losing, the stage's name, and the reason count.
    """
    told = [
        *endings_contradicted(sheet), *_by_status(sheet), *_by_flags(sheet), *_by_dates(sheet), *_paused_when_closed(sheet), *_by_names(sheet),
        *_by_reason(sheet),
    ]  # fmt: skip
    told += _by_the_other_ending(sheet, told)
    told += _by_probability(sheet)
    told += _by_what_is_lacking(sheet) or endings_by_filling(sheet)
    return f"CASE {' '.join(told)} ELSE 'open' END" if told else "'open'"


def _by_status(sheet: Sheet) -> list[str]:
    stated = sheet.words("status", "status")
    if stated == "NULL":
        return []
    # "Open" beside the stage or reason "On hold" is a pause; in any other disagreement the status wins.
    held = [sheet.words(role, "stages") for role in ("stage", "stage_id", "status_reason") if sheet.has(role)]
    on_hold = " OR ".join(f"({part}) = 'paused'" for part in held if part != "NULL")
    pause = [f"WHEN ({stated}) = 'open' AND ({on_hold}) THEN 'paused'"] if on_hold else []
    return [*_ended_by_stage(sheet, stated), *pause, f"WHEN ({stated}) IN {_OUTCOMES} THEN {stated}"]


def _ended_by_stage(sheet: Sheet, stated: str) -> list[str]:
    """A status that knows no winning or no losing ("contacted", "qualified") leaves the ending to the stage."""
    status = sheet.distinct(sheet.roles["status"])
    said = {named_closing(value) for value in status} | set(meanings("status", status, sheet.crm).values())
    if {"won", "lost"} <= said or not sheet.has("stage") or sheet.roles["stage"] == sheet.roles["status"]:
        return []
    by_stage = sheet.words("stage", "stages")
    ends = {named_closing(value) for value in sheet.distinct(sheet.roles["stage"])}
    if not {"won", "lost"} <= ends:
        return []
    return [
        f"WHEN coalesce({stated}, 'open') IN ('open', 'paused') AND ({by_stage}) IN ('won', 'lost') THEN {by_stage}"
    ]


def _by_flags(sheet: Sheet) -> list[str]:
    told = []
    if sheet.has("won_flag"):
        told.append(f"WHEN {sheet.flag('won_flag')} THEN 'won'")
        # Yes, no and nothing: a no is an answer, and nothing says that the lead is open.
        if sheet.contents[sheet.roles["won_flag"]].filled_share < ANSWERED_SHARE and not sheet.has("lost_flag"):
            told.append(f"WHEN NOT {sheet.flag('won_flag')} THEN 'lost'")
    if sheet.has("lost_flag"):
        told.append(f"WHEN {sheet.flag('lost_flag')} THEN 'lost'")
    if sheet.has("won_flag") and sheet.has("closed_flag"):
        told.append(f"WHEN {sheet.flag('closed_flag')} AND NOT coalesce({sheet.flag('won_flag')}, false) THEN 'lost'")
    if sheet.has("converted_flag") and not sheet.has("stage", "status"):
        told.append(f"WHEN {sheet.flag('converted_flag')} THEN 'won'")
    return told


def _by_dates(sheet: Sheet) -> list[str]:
    told = [
        f"WHEN {sheet.cell(role)} IS NOT NULL THEN '{outcome}'"
        for role, outcome in (("won_at", "won"), ("lost_at", "lost"))
        if sheet.has(role)
    ]
    for outcome in ("lost", "won"):
        dates = [sheet.column(column) for column in ending_columns(sheet, outcome)]
        if dates and not sheet.has("stage"):
            told.append(f"WHEN coalesce({', '.join(dates)}) IS NOT NULL THEN '{outcome}'")
    return told


def _by_probability(sheet: Sheet) -> list[str]:
    """Steps of a probability that are the stages: 100 % is won and 0 % lost, where there are both."""
    if not sheet.has("probability") or sheet.roles.get("stage") != sheet.roles["probability"]:
        return []
    share = sheet.number("probability", share=True)
    counts = {
        outcome: scalar(sheet.connection, f"SELECT count(*) FROM {quoted(sheet.name)} WHERE {share} = {end}")
        for outcome, end in (("won", 1), ("lost", 0))
    }
    if not all(counts.values()):
        return []
    sheet.log.add(
        "probability_taken_status", "warning", file=sheet.source.file, sheet=sheet.source.sheet or None,
        column=sheet.header(sheet.roles["probability"]), count=sum(counts.values()),
    )  # fmt: skip
    return [f"WHEN {share} = 1 THEN 'won'", f"WHEN {share} = 0 THEN 'lost'"]


def _by_names(sheet: Sheet) -> list[str]:
    sections = (
        ("stage", "stages"),
        ("stage_id", "stages"),
        ("status", "stages"),
        ("status_reason", "status"),
        ("group", "stages"),
    )
    named = [sheet.words(role, section) for role, section in sections]
    return [f"WHEN ({part}) IN ('paused', 'won', 'lost') THEN {part}" for part in named if part != "NULL"]


def _by_reason(sheet: Sheet) -> list[str]:
    if not sheet.has("lost_reason"):
        return []
    reason = f"{sheet.cell('lost_reason')} IS NOT NULL"
    told = []
    if sheet.has("closed_at"):
        told.append(f"WHEN {reason} AND {sheet.cell('closed_at')} IS NOT NULL THEN 'lost'")
    if sheet.has("active_flag"):
        told.append(f"WHEN {reason} AND NOT {sheet.flag('active_flag')} THEN 'lost'")
    return told


def _closed_alone(sheet: Sheet) -> bool:
    """Whether a yes/no column tells that a lead is closed, and none tells how."""
    return sheet.has("closed_flag") and not sheet.has("won_flag", "lost_flag") and sheet.has("stage", "stage_id")


def _paused_when_closed(sheet: Sheet) -> list[str]:
    """A lead that was put off and closed is over: nobody will take it up again."""
    if not _closed_alone(sheet):
        return []
    parts = [part for role in ("stage", "stage_id") if (part := sheet.words(role, "stages")) != "NULL"]
    return [f"WHEN {sheet.flag('closed_flag')} AND ({part}) = 'paused' THEN 'lost'" for part in parts]


def _by_the_other_ending(sheet: Sheet, told: list[str]) -> list[str]:
    """Closed leads in a stage of no known meaning: won where other stages say lost only, and the other way round.

    What is concluded so is an issue with the stages that it is concluded of; so is what stays unclear.
    """
    if not _closed_alone(sheet):
        return []
    role = "stage" if sheet.has("stage") else "stage_id"
    values = [value for value in sheet.distinct(sheet.roles[role]) if value]
    known = frozenset(meaning for value in values if (meaning := named_closing(value)) in ("won", "lost"))
    so_far = f"CASE {' '.join(told)} ELSE 'open' END" if told else "'open'"
    unclear = f"{sheet.flag('closed_flag')} AND ({so_far}) = 'open'"
    rows = sheet.connection.execute(
        f"SELECT {sheet.cell(role)}, count(*) FROM {quoted(sheet.name)} WHERE {unclear} GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    if not rows:
        return []
    outcome = {frozenset({"lost"}): "won", frozenset({"won"}): "lost"}.get(known)
    code = f"closed_taken_{outcome}" if outcome else None
    if not known and _reasons_stand_elsewhere(sheet, unclear):
        outcome, code = "won", "closed_without_reason"
    sheet.log.add(
        code or "closed_unclear", "warning", file=sheet.source.file, sheet=sheet.source.sheet or None,
        column=sheet.header(sheet.roles[role]), value=", ".join(str(stage) for stage, _ in rows[:5]),
        count=sum(count for _, count in rows),
    )  # fmt: skip
    return [f"WHEN {sheet.flag('closed_flag')} THEN '{outcome}'"] if outcome else []


def _reasons_stand_elsewhere(sheet: Sheet, closed: str) -> bool:
    """Whether reasons for losing are given, and for none of the closed leads: these were won."""
    if not sheet.has("lost_reason"):
        return False
    reasons, theirs = sheet.filled("lost_reason", closed)
    return reasons >= REASONS_LEAST_COUNT and not theirs


REASONS_LEAST_COUNT = 3


def _by_what_is_lacking(sheet: Sheet) -> list[str]:
    """Beside "Verloren", "Abgeschlossen" is won; beside "Won", "Closed" is lost: said as an issue, like the above."""
    role = next((role for role in ("status", "stage") if sheet.has(role)), None)
    if role is None or sheet.has("won_flag", "lost_flag", "won_at", "lost_at", "closed_flag"):
        return []
    values = sheet.distinct(sheet.roles[role])
    over = [value for value in values if ends_somehow(value) and named_closing(value) is None]
    known = {meaning for value in values if (meaning := named_closing(value)) in ("won", "lost")}
    if not over or len(known) != 1:
        return []
    return [concluded(sheet, role, over, "lost" if "won" in known else "won", "closed_taken")]


def ending_columns(sheet: Sheet, outcome: str) -> list[str]:
    """Columns with the date of a stage whose name says won or lost."""
    return [column for column, (stage, _) in sheet.recognised.stage_columns.items() if named_closing(stage) == outcome]
