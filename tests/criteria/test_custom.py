"""Criteria of one's own, and what happens when they are wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from criteria.leads import facts, lead

from leadaudit.criteria import Answer, Criterion, Facts, criterion
from leadaudit.errors import LeadAuditError
from leadaudit.verdict import decide


def judged(own: Criterion, *leads: dict[str, object]) -> pd.DataFrame:
    """Leads judged with one criterion of one's own beside the others."""
    return decide(facts(*leads), [own])[0]


@pytest.mark.parametrize(
    ("role", "verdict"), [("ending", "overdue"), ("stall", "stalled"), ("flag", "progressing"), ("veto", "progressing")]
)
def test_a_criterion_of_ones_own_acts_in_its_role(role, verdict):
    """An ending sign makes an ordinary lead past patience overdue, a stall reason stalls, flag and veto do not."""

    @criterion("too_large", role)
    def too_large(given: Facts) -> pd.Series:
        return given.evidence["amount"] > 1000

    stay_days = 21.0 if role == "ending" else 10.0
    found = judged(too_large, lead(amount=5000.0, stay_days=stay_days), lead(lead_id="L-2", amount=5.0))

    assert [verdict, "progressing"] == list(found["verdict"])
    assert ("too_large" in found["reasons"].iloc[0]) is (role != "veto")


def test_a_criterion_may_answer_with_what_it_saw():
    """Observed value, limit and words end up among the reasons."""

    @criterion("too_old", "stall", unit="days", words={"en": "too old", "de": "zu alt"})
    def too_old(given: Facts) -> Answer:
        return Answer(given.evidence["age_days"] > 100, given.number("age_days"), 100.0)

    reasons = decide(facts(lead(age_days=150.0)), [too_old])[1].set_index("criterion")

    assert (150.0, 100.0, "days", "stall") == tuple(reasons.loc["too_old", ["observed", "limit", "unit", "role"]])
    assert too_old.words["de"] == "zu alt"


def test_a_veto_of_ones_own_stalls_what_would_be_overdue():
    """A veto that somebody's act brought about leaves the sign as a reason."""

    @criterion("board_decides", "veto")
    def board_decides(given: Facts) -> np.ndarray:
        return np.ones(len(given), dtype=bool)

    late = lead(stay_days=70.0, last_response_at=pd.Timestamp("2026-04-01"))

    assert "overdue" == decide(facts(late))[0]["verdict"].iloc[0]
    assert "stalled" == judged(board_decides, late)["verdict"].iloc[0]


def test_not_determinable_is_an_answer():
    """NA does not hold; without the letters that it needs the function is not even called."""

    @criterion("never_known", "stall")
    def never_known(given: Facts) -> list[object]:
        return [pd.NA] * len(given)

    @criterion("needs_fields", "stall", needs="F")
    def needs_fields(given: Facts) -> list[bool]:
        raise AssertionError

    assert "progressing" == judged(never_known, lead())["verdict"].iloc[0]
    assert "progressing" == decide(facts(letters="HE"), [needs_fields])[0]["verdict"].iloc[0]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda given: [True], "gives 1 answers for 2 leads"),
        (lambda given: True, "gives no column of yes and no"),
        (lambda given: ["maybe", "yes"], "gives something other than yes, no or NA"),
        (lambda given: [0.5, 0.7], "gives something other than yes, no or NA"),
        (lambda given: given.evidence["no_such_column"], "failed (KeyError: 'no_such_column')"),
    ],
)
def test_a_wrong_answer_is_named(answer, reason):
    """One sentence with the criterion's name and what is wrong, never a traceback of ours."""
    own = criterion("my_own", "stall")(answer)

    with pytest.raises(LeadAuditError) as caught:
        judged(own, lead(), lead(lead_id="L-2"))

    assert f"The criterion my_own {reason}." == str(caught.value)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"name": "Too large", "role": "stall"}, "needs a name of lower case letters"),
        ({"name": "mine", "role": "shade"}, "has the role shade; valid: ending, veto, stall, flag"),
        ({"name": "mine", "role": "stall", "unit": "weeks"}, "has the unit weeks"),
        ({"name": "mine", "role": "stall", "needs": "X"}, "needs X; valid letters: H, E, N, F"),
    ],
)
def test_a_wrong_declaration_is_named(named, reason):
    """Name, role, unit and letters are checked where they are written."""
    with pytest.raises(LeadAuditError, match=reason):
        criterion(**named)


def test_a_name_is_given_once():
    """Neither a built-in name nor the same one twice."""
    own = criterion("my_own", "stall")(lambda given: [False] * len(given))
    taken = criterion("no_reaction", "stall")(lambda given: [False] * len(given))

    for criteria in ([taken], [own, own]):
        with pytest.raises(LeadAuditError, match="has the name of another criterion"):
            decide(facts(), criteria)
