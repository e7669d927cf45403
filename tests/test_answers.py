"""The lead card: right facts, right words, in German and English."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from criteria.leads import AS_OF, PROCESS, STAGE, Facts, ago, facts, frame, lead, stages

from leadaudit.answers import ANSWERS, answers, card
from leadaudit.answers.writing import Writer
from leadaudit.criteria import CRITERIA, criterion
from leadaudit.errors import LeadAuditError
from leadaudit.judge import Judgement
from leadaudit.language import has, sentence, texts
from leadaudit.process import Process, Stage
from leadaudit.verdict import decide

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = ("de", "en")


def judgement(given: Facts, *own) -> Judgement:
    """A judgement of these facts."""
    leads, reasons = decide(given, own)
    return Judgement(AS_OF, leads, reasons, None, pd.DataFrame(), given.learned, given, tuple(own))


def said(question: str, language: str = "en", given: Facts | None = None, **changes) -> str:
    """One answer about one lead."""
    return str(answers(judgement(given or facts(lead(**changes))), language)[question].iloc[0])


SILENT = {"last_response_at": ago(90), "response_count": 0, "last_contact_at": ago(90)}
GHOSTED = {**SILENT, "unanswered_count": 6, "unanswered_since_at": ago(40), "last_contact_at": ago(2)}

CASES = {
    "advancing": {},
    "maturing": {
        "stay_days": 18.0,
        "last_activity_at": ago(11),
        "next_step_at": ago(-2),
        "next_step_concrete": True,
        "next_step_moved_count": 2,
    },
    "agreed": {"meeting_planned_at": ago(-5), "meeting_planned_set_at": ago(1)},
    "margin": {"stay_days": 22.0},
    "pushed": {"unanswered_count": 4, "unanswered_since_at": ago(9)},
    "no-activities": {"movement_count": None, "response_count": None},
    "waiting": {"our_turn": True, "our_turn_since_at": ago(12)},
    "waiting-undated": {"our_turn": True},
    "answered-late": {
        "stay_days": 15.0,
        "asked_at": ago(14),
        "answered_at": ago(3),
        "unanswered_count": 1,
        "unanswered_since_at": ago(3),
    },
    "past-patience": {"stay_days": 30.0, "movement_count": 0},
    "unasked": {"stay_days": 30.0, "preconditions_unknown": "Budget", "last_progress_what": "decided"},
    "busy": {"stay_days": 30.0, "movement_count": 14, "last_progress_what": "precondition"},
    "slipped": {"expected_close_at": ago(30), "last_progress_what": "inbound"},
    "never-reacted": {"stay_days": 40.0, **SILENT, "life_response_count": 0, "came_itself": False, "movement_count": 0},
    "back-and-forth": {"loop_count": 3, "last_progress_what": None, "stay_stage": None},
    "overdue-by-time": {"stay_days": 70.0, **SILENT, "proof_won_count": 1, "chance": 0.004},
    "overdue-vetoed": {"stay_days": 70.0, "last_response_at": ago(3)},
    "ghosted": {"stay_days": 45.0, **GHOSTED},
    "precondition": {"preconditions_failed": "Budget"},
    "no-interest": {"stay_days": 30.0, "no_interest": True, "proof_won_count": 0},
    "no-need": {"stay_days": 30.0, "urgency_absent": True},
    "put-off": {"stay_days": 30.0, "postponed_count": 4, "postponed_days": 80.0},
    "pauses": {"stay_days": 30.0, "pauses_over_count": 2},
    "paused": {"status": "paused", "paused_until": ago(-30)},
    "paused-undated": {"status": "paused", "pause_started_at": ago(5)},
    "resume": {"status": "paused", "paused_until": ago(3)},
    "pause-too-long": {"status": "paused", "pause_started_at": ago(100)},
    "unknown-age": {"stay_days": None, "proof_at_risk_count": None, "chance": None},
    "vanished": {"vanished": True},
    "reopened": {"life": 1, "last_progress_at": None},
    "never-progressed": {"last_progress_at": None},
    "by-crm-date": {"last_progress_at": None, "stay_origin": "stage_entered_at"},
    "no-horizon": {"horizon_days": None, "stay_stage": "Elsewhere", "proof_day": 0.0},
}


def all_cases() -> Judgement:
    """Every kind of lead, judged."""
    return judgement(facts(*[lead(lead_id=name, **changes) for name, changes in CASES.items()]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_cards_read_as_they_were_written_down(language):
    """The cards of all kinds of leads, word for word; a missing file is written and fails."""
    judged = all_cases()
    written = "\n\n".join(card(judged, name, language) for name in CASES) + "\n"
    path = GOLDEN / f"cards_{language}.txt"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8", newline="\n")
        pytest.fail(f"{path.name} was missing and has been written: read it, then commit it")

    assert path.read_text(encoding="utf-8") == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_open_lead_has_every_answer(language):
    """No answer is empty, none has a gap, and ended leads need none."""
    judged = judgement(
        facts(*[lead(lead_id=name, **one) for name, one in CASES.items()], lead(lead_id="over", status="won"))
    )
    found = answers(judged, language)

    assert list(CASES) == list(found["lead_id"])
    assert ["lead_id", *ANSWERS] == list(found.columns)
    for question in ANSWERS:
        assert found[question].str.len().min() > 1
        assert not found[question].str.contains(r"\{|\}|nan|None|NaT|<NA>|  |–", regex=True).any()


def test_the_proof_quotes_the_history_in_counts():
    """The sentence that is the product."""
    proved = {
        "proof_at_risk_count": 426,
        "proof_won_count": 10,
        "proof_ended_count": 313,
        "proof_open_count": 103,
        "proof_day": 7.0,
        "chance": 0.031,
    }

    assert (
        "Of 426 leads that stood here 7 days or more, 10 were won, 313 ended, 103 are still open; "
        "the chance is about 3%. At entry it was 32%."
    ) == said("proof", **proved)
    assert (
        "Von 426 Leads, die hier 7 Tage oder länger standen, wurden 10 gewonnen, 313 beendet, 103 sind noch offen; "
        "die Chance liegt bei etwa 3\u00a0%. Zu Beginn waren es 32\u00a0%."
    ) == said("proof", "de", **proved)


@pytest.mark.parametrize(
    ("rung", "where"),
    [
        ("stage", "stood here 10 days or more"),
        ("neighbours", "here or in a neighbouring stage"),
        ("pipeline", "in a stage of this pipeline"),
        ("all", "in any stage"),
    ],
)
def test_the_proof_says_which_leads_were_counted(rung, where):
    """Counts of similar stages are not passed off as those of this one."""
    learned = stages({**STAGE, "horizon_basis": rung})
    told = learned.assign(chance_basis=rung, horizon_basis=None)

    assert where in said("proof", given=facts(stages=learned))
    assert where in said("proof", given=facts(stages=told))


def test_a_lead_without_history_is_compared_by_its_age():
    """Without a stage history the whole lead is the unit."""
    assert "were open 10 days or more" in said("proof", stay_stage=None)
    assert "that were created" in said("proof", stay_stage=None, proof_day=0.0)
    assert "that began here" in said("proof", proof_day=0.0)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("chance_stays_high", "won here even after a long time"),
        ("no_endings", "ended leads are not recorded"),
        ("too_few", "not enough history"),
    ],
)
def test_no_horizon_says_why(why, words):
    """None because the chance stays high and none because too little is known are different answers."""
    learned = stages({**STAGE, "horizon_days": None, "horizon_none": why})

    assert words in said("when_to_end", given=facts(lead(horizon_days=None), stages=learned))


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        ("stage", "nine of ten winners"),
        ("all", "nine of ten winners"),
        ("default", "our guide value of 20 days"),
        ("process", "at most 20 days are agreed"),
    ],
)
def test_patience_names_its_basis(basis, words):
    """Winners are quoted only where winners were learned from."""
    learned = stages({**STAGE, "patience_basis": basis})

    assert words in said("why_here", given=facts(lead(stay_days=30.0), stages=learned))


def test_the_proof_names_the_stage_where_the_lead_stands_elsewhere():
    """A parked lead's stay is counted in the stage of its last progress; “here” would be the parking stage."""
    assert "stood in “Offer” " in said("proof", stage="Parked")
    assert "stood here " in said("proof")


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        ("stage", "beyond the horizon (day 60): the chance is down to 12%, from 32%"),
        ("process", "an ending is agreed from day 60"),
    ],
)
def test_the_horizon_names_its_basis(basis, words):
    """The chance that is left, as a number and never as a word for it; or what was agreed with the client."""
    assert words in said("why_here", stay_days=70.0, basis=basis, chance=0.12, **SILENT)
    assert "a win is unlikely" in said("why_here", stay_days=70.0, chance=None, **SILENT)


@pytest.mark.parametrize(("limit", "words"), [(6, "three of four winners"), (None, "our guide value is 6")])
def test_busy_names_its_basis(limit, words):
    """The same for what is much."""
    assert words in said("why_here", given=facts(lead(stay_days=30.0, movement_count=9), busy_limit_count=limit))


def test_a_bare_process_still_gives_a_card():
    """No question, no end criterion, a stage that the process does not know."""
    given = facts(lead(stay_days=30.0), lead(lead_id="L-2", status="paused", paused_until=ago(1)), process=Process())
    found = answers(judgement(given), "en")

    assert "No decision question is agreed" in found["missing"].iloc[0]
    assert "shall it go on, yes or no?" in found["next_step"].iloc[0]
    assert "resume or end it." in found["next_step"].iloc[1]


def test_a_lead_without_stage_lacks_what_the_export_lacks():
    """Nothing is asked about a stage that is not there."""
    bare = facts(lead(stage=None), letters="H")

    assert "does not say" in said("missing", given=bare)


def test_the_process_says_when_a_stage_is_left():
    """An end criterion that the client agreed on is quoted."""
    process = PROCESS.model_copy(update={"stages": (*PROCESS.stages[:1], Stage(name="Offer", end_when="two refusals"))})

    assert said("when_to_end", given=facts(process=process)).endswith("Agreed: two refusals")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_criterion_of_ones_own_is_worded_by_its_author(language):
    """Its words in the audit's language, else its name."""
    own = criterion("too_large", "stall", words={"de": "Zu groß für eine Person"})(lambda given: [True])

    words = {"de": "Zu groß für eine Person.", "en": "too large."}
    assert answers(judgement(facts(), own), language)["why_here"].iloc[0].endswith(words[language])


def test_an_ending_sign_of_ones_own_gets_a_full_card():
    """What would change it is a progress, as with every stall."""
    own = criterion("too_large", "ending")(lambda given: [True])
    found = answers(judgement(facts(lead(stay_days=22.0)), own), "en").iloc[0]

    assert found["what_would_change"].startswith("Progress:")
    assert found["decision_due"] == "Yes"


def test_the_card_of_an_ended_lead_is_its_head():
    """Nothing is asked of a lead that is decided."""
    assert "L-1: ended" == card(judgement(facts(lead(status="won"))), "L-1", "en")


def test_an_unknown_lead_is_named_with_the_nearest():
    """One sentence, with a hint."""
    with pytest.raises(LeadAuditError, match="There is no lead L-11. Did you mean L-1?"):
        card(judgement(facts()), "L-11", "en")


FORBIDDEN = re.compile(
    r"nachfass|nachhak|dranbleib|follow[- ]?up|touch base|check(ing)? in|am ball|"
    r"letzte chance|last chance|nur noch heute|jetzt oder nie|now or never|sofort|dringend|urgent|hurry|schnell|beeil|deadline|"
    r"versäum|fehler|schuld|versagt|neglect|failed to|fault|blame|!",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_pushes_blames_or_asks_for_one_more_reminder(language):
    """Every next step is a decision, a question or an impulse; never a reminder, never an urgency trick."""
    ours = ("reason.", "because.", "card.", "next_step.", "change.")
    bad = {
        key: text
        for key, text in texts(language).items()
        if key.startswith(ours) and FORBIDDEN.search(text if isinstance(text, str) else " ".join(text.values()))
    }

    assert {} == bad


def test_no_free_text_of_the_crm_gets_into_a_card():
    """Notes, next steps, names and subjects stay out; stages and preconditions are named."""
    secret = dict.fromkeys(("next_step", "company", "name", "owner", "lost_reason", "currency"), "geheim")
    judged = judgement(facts(*[lead(lead_id=case, **{**one, **secret}) for case, one in CASES.items()]))

    for language in LANGUAGES:
        found = answers(judged, language)
        assert not any(found[question].str.contains("geheim").any() for question in ANSWERS)


@pytest.mark.parametrize("name", [one.name for one in CRITERIA])
def test_every_criterion_has_its_words(name):
    """A reason is never shown as a code."""
    assert has(f"reason.{name}")


def test_sentences_for_many_are_the_sentences_for_one():
    """Formats and plurals are those of the single sentence."""
    facts_of = {
        "won": np.array([1.0, 2.0, 1234.0, 3.0]),
        "n": np.array([4000.0, 5000.0, 6000.0, 7000.0]),
        "ended": np.zeros(4),
        "open": np.ones(4),
        "p": np.array([0.004, 0.5, 0.126, 1.0]),
        "q": np.full(4, 0.3),
    }
    writer = Writer("de", 4)
    together = writer.blank()
    writer.add(together, np.array([True, True, True, False]), "card.proof", stood="standen", **facts_of)
    alone = [sentence("card.proof", "de", stood="standen", **{k: v[i] for k, v in facts_of.items()}) for i in range(3)]

    assert [*alone, ""] == list(together)


def test_answers_of_no_lead_are_no_error():
    """An empty pipeline has no cards."""
    assert 0 == len(answers(judgement(facts(evidence=frame().iloc[:0])), "de"))
