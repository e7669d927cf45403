"""Columns that tell where a lead stands, told by their values: stages, statuses, crosses, steps of a chance."""

from __future__ import annotations

from leadaudit.ingest.recognition.closing import named_closing
from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.recognition.fitness import stage_likeness
from leadaudit.ingest.recognition.found import SURE_BY_CONTENT, Found
from leadaudit.ingest.recognition.meanings import classify_status

STANDING_ROLES = frozenset(
    {"stage", "status", "stage_id", "won_flag", "closed_flag", "lost_flag", "won_at", "lost_at", "closed_at", "converted_flag", "group"}
)  # fmt: skip
"""Roles that tell where a lead stands."""

SURE_ENDING = 0.6
"""How sure every value of a column must be of won or lost where no header says what it is."""

MIN_STEPS, MAX_STEPS = 3, 12
MOST_STATES = 12
STAGE_LIKENESS = 0.6
"""How much a column beside a status must look like stages."""


def first_standing(made: Found, columns: list[Content], rest: list[Content]) -> None:
    """A column of stages where no header tells where a lead stands."""
    if made.lacks("stage", "stage_id", "status"):
        made.take("stage", [c for c in rest if stage_likeness(c) > 0.35], stage_likeness)
    if made.lacks(*STANDING_ROLES):  # "Category" may say it where nothing else does
        made.take("stage", [c for c in columns if stage_likeness(c) > 0.8], stage_likeness)


def second_standing(made: Found, columns: list[Content], rest: list[Content]) -> None:
    """What further columns say of where a lead stands, beside a header that told it or where none did."""
    rest = [c for c in rest if not _is_the_other_side_of_a_move(made, columns, c)]
    _status_beside_stage(made, columns, rest)
    _endings_of_marks(made, rest)
    _stage_beside_status(made, rest)
    _the_right_way_round(made, columns)
    _stage_of_status(made, columns)
    _stage_of_probability(made, columns)


SAME_STEPS = 2


def _is_the_other_side_of_a_move(made: Found, columns: list[Content], content: Content) -> bool:
    known = {made.roles[role] for role in ("stage", "status") if role in made.roles}
    return any(are_both_sides(content, c) for c in columns if c.column in known)


def are_both_sides(one: Content, other: Content) -> bool:
    """Whether two columns have the same steps: before and after a move, in a history."""
    if one is other:
        return False
    common = one.counts.keys() & other.counts.keys()  # what a value means is asked of these few only
    return len(common) >= SAME_STEPS and sum(named_closing(value) is None for value in common) >= SAME_STEPS


def _the_right_way_round(made: Found, columns: list[Content]) -> None:
    """Of two columns that a header calls a status, the one that says how leads ended is it, and the other the stage."""
    if made.lacks("stage") or made.lacks("status") or made.given & {"stage", "status"}:
        return
    by_column = {content.column: content for content in columns}
    stage, status = by_column[made.roles["stage"]], by_column[made.roles["status"]]
    if stage is not status and _says_endings(stage) and not _tells_both(status):
        made.roles["stage"], made.roles["status"] = status.column, stage.column
        made.sure["stage"], made.sure["status"] = made.sure["status"], made.sure["stage"]


def _tells_both(content: Content) -> bool:
    return {"won", "lost"} <= {named_closing(value) for value in content.values}


def _status_beside_stage(made: Found, columns: list[Content], rest: list[Content]) -> None:
    """A column that says nothing but where leads stand or how they ended is the status, and not the stage."""
    if not made.lacks("status"):
        return
    made.take("status", [c for c in rest if _says_endings(c)], lambda c: c.filled_share)
    taken = next((c for c in columns if c.column == made.roles.get("stage")), None)
    steps = [c for c in rest if _are_steps_of_a_sale(c) and c is not taken]
    if taken is not None and steps and made.lacks("status") and "stage" not in made.given and _says_endings(taken):
        made.roles["status"], made.sure["status"] = made.roles.pop("stage"), made.sure.pop("stage")
        made.take("stage", steps, stage_likeness)


def _says_endings(content: Content) -> bool:
    """Every value is sure to be an ending or another state of a lead; both endings are among them."""
    if not 2 <= len(content.counts) <= MOST_STATES or content.date_share > 0.1 or content.boolean_share > 0.9:
        return False
    meanings = [classify_status(value) for value in content.values]
    told = [one.meaning for one in meanings if one.sure >= SURE_ENDING]
    return {"won", "lost"} <= set(told) and len(told) == len(meanings)


def _endings_of_marks(made: Found, rest: list[Content]) -> None:
    """A cross under "Auftrag" or "Absage" says how a lead ended."""
    for outcome, role in (("won", "won_flag"), ("lost", "lost_flag")):
        marks = [c for c in rest if c.boolean_share > 0.9 and named_closing(c.header) == outcome]
        made.take(role, marks, lambda c: -c.place)


def _stage_beside_status(made: Found, rest: list[Content]) -> None:
    """Steps of a sale beside a status."""
    if made.lacks("stage", "stage_id") and not made.lacks("status"):
        made.take("stage", [c for c in rest if _are_steps_of_a_sale(c)], stage_likeness)


def _are_steps_of_a_sale(content: Content) -> bool:
    return len(content.counts) >= MIN_STEPS and stage_likeness(content) > STAGE_LIKENESS


def _stage_of_status(made: Found, columns: list[Content]) -> None:
    """A status with more steps than open, won, lost and paused is the stage as well."""
    if not made.lacks("stage", "stage_id") or made.lacks("status"):
        return
    status = next(column for column in columns if column.column == made.roles["status"])
    steps = [value for value in status.values if classify_status(value).meaning in ("open", None)]
    if 2 <= len(steps) <= 40:
        made.roles["stage"], made.sure["stage"] = status.column, made.sure["status"]


def _stage_of_probability(made: Found, columns: list[Content]) -> None:
    """Where nothing else tells where a lead stands, a few steps of a probability do: 25 %, 50 %, 75 %."""
    if not made.lacks(*STANDING_ROLES) or made.lacks("probability"):
        return
    steps = next(column for column in columns if column.column == made.roles["probability"])
    if MIN_STEPS <= len(steps.counts) <= MAX_STEPS and steps.number_share > 0.9:
        made.roles["stage"], made.sure["stage"] = steps.column, SURE_BY_CONTENT
