"""What the words in a CRM's cells mean: stages, statuses, activity kinds, directions, reasons.

The profile of the CRM is asked first, then the general one, for the whole value; only then strong
words inside a longer value count, and the answer says that it is less sure. What nobody has
written down is not guessed: the answer is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from leadaudit.ingest.recognition.parties import sent_by
from leadaudit.ingest.recognition.profiles import GENERAL, Profile, Word, profile_of
from leadaudit.ingest.values.headers import fold

SURE = 1.0
"""The CRM's own profile says so, and it was seen."""
SURE_UNVERIFIED = 0.9
SURE_GENERAL = 0.9
SURE_OTHER_LIST = 0.8
"""The word stands in the list of statuses and is asked for as a stage, or the other way round."""
SURE_WORD = 0.7
"""A strong word inside a longer value."""
SURE_OPEN_WORD = 0.5

DEFAULT_DIRECTION: dict[str, str] = {"meeting": "mutual", "note": "internal", "task": "internal", "form": "inbound"}
"""Direction of the kinds that have one by nature, where an export says none."""

# Letters and numbers that sort a board: "3. Angebot", "B. Qualified", "C2:WON", "(4) Demo", "4-Close".
_SORTING = re.compile(r"^\s*(?:\(?\d{1,2}\)?\s*[.):\-–_/|]+|\[\d{1,2}\]|[A-Z][.)]|C\d+:|[IVX]{1,4}\.)\s*")
_COUNT = re.compile(r"\s*[(\[]\s*\d+(?:[.,]\d+)?\s*%?\s*[)\]]\s*$|\s*[-–:]?\s*\d{1,3}\s?%\s*$")
BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_NO_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Guess:
    """An answer and how sure it is.

    Attributes
    ----------
    meaning : str or None
        None = not known.
    sure : float
        0 to 1; 1 = the CRM's own profile says so.
    """

    meaning: str | None
    sure: float


@dataclass(frozen=True)
class ActivityGuess:
    """What an activity's type says.

    Attributes
    ----------
    kind : str or None
        email, call, meeting, note, task, content, offer, form or other.
    direction : str or None
        outbound, inbound, mutual, internal or unknown, where the type says it.
    done : bool or None
        Whether it was done, where the type says it.
    sure : float
    """

    kind: str | None
    direction: str | None = None
    done: bool | None = None
    sure: float = 0.0


_NOTHING = Guess(None, 0.0)


def classify_stage(name: str, profile: Profile | None = None) -> Guess:
    """Tell whether a stage is open, paused, won or lost.

    Parameters
    ----------
    name : str
        As exported; numbers and letters in front, and percentages behind, do not matter.
    profile : Profile, optional
        The CRM that the file is from.

    Returns
    -------
    Guess
        ``meaning`` is ``"open"``, ``"paused"``, ``"won"``, ``"lost"`` or None.

    Examples
    --------
    >>> classify_stage("5. Auftrag erteilt"), classify_stage("Noch nicht verloren").meaning
    (Guess(meaning='won', sure=0.9), 'open')
    """
    return _outcome(name, profile, ("stages", "status"))


def classify_status(text: str, profile: Profile | None = None) -> Guess:
    """Tell what a status means: open, paused, won, lost or deleted.

    Examples
    --------
    >>> [classify_status(text).meaning for text in ("Zurückgestellt", "Nicht unterzeichnet", "not sold")]
    ['paused', 'lost', 'lost']
    """
    return _outcome(text, profile, ("status", "stages"))


def ends_somehow(text: str) -> bool:
    """Tell whether a stage says that a lead is over, and not how.

    Examples
    --------
    >>> ends_somehow("Abgeschlossen (100%)"), ends_somehow("7. Closed"), ends_somehow("Closed Won")
    (True, True, False)
    """
    bare = _SORTING.sub("", _COUNT.sub("", text))
    return _whole(bare, "stage_ends", None).meaning is not None


def activity_kind(text: str, profile: Profile | None = None) -> ActivityGuess:
    """Tell kind, direction and state of an activity from its type (or from a file's name).

    Examples
    --------
    >>> activity_kind("Telefonat (eingehend)")
    ActivityGuess(kind='call', direction='inbound', done=None, sure=0.9)
    """
    whole = _whole(text, "kinds", profile)
    if whole.meaning:
        kind, way, done = _kind_parts(whole.meaning)
        return ActivityGuess(kind, way or _way(text), done, whole.sure)
    kinds = {_kind_parts(meaning)[0] for meaning, _ in _words_in(text, "kind_words")}
    found = next((kind for kind in _KIND_ORDER if kind in kinds), None)
    if found is None:
        return ActivityGuess(None)
    return ActivityGuess(found, _way(text), None, SURE_WORD)


def activity_direction(text: str, profile: Profile | None = None) -> str | None:
    """Tell the direction that a direction cell states.

    Examples
    --------
    >>> activity_direction("Ausgang"), activity_direction("Missed")
    ('outbound', 'inbound')
    """
    return _whole(text, "directions", profile).meaning or _way(text)


def activity_state(text: str, profile: Profile | None = None) -> str | None:
    """Tell whether an activity's status means done, planned or cancelled.

    Examples
    --------
    >>> activity_state("Nicht begonnen"), activity_state("Held")
    ('planned', 'done')
    """
    return _whole(text, "done", profile).meaning


def outcome_of(text: str, profile: Profile | None = None) -> str | None:
    """Tell what came of a contact: reached, not_reached, bounced, automatic, refused or decided.

    Examples
    --------
    >>> outcome_of("Auf AB gesprochen"), outcome_of("Unsubscribed")
    ('not_reached', 'refused')
    """
    return _whole(text, "outcomes", profile).meaning


def changed_field(text: str, profile: Profile | None = None) -> str | None:
    """Tell which field of a lead a row of a history is about, by our name; None = keep the header.

    Examples
    --------
    >>> changed_field("Schlusstermin"), changed_field("dealstage")
    ('expected_close_at', 'stage')
    """
    return _whole(text, "fields", profile).meaning


def record_type(text: str, profile: Profile | None = None) -> str | None:
    """Tell whether a linked record is a lead: ``"lead"``, ``"other"`` or None.

    Examples
    --------
    >>> record_type("crm.lead"), record_type("Kontakt")
    ('lead', 'other')
    """
    return _whole(text, "record_types", profile).meaning


def truth(text: str, profile: Profile | None = None) -> bool | None:
    """Tell yes from no; None for anything else.

    Examples
    --------
    >>> truth("Ja"), truth("FALSCH"), truth("vielleicht")
    (True, False, None)
    """
    cell = text.strip().casefold()
    for one in _asked(profile):
        if cell in _folded_cells(one.reading.true):
            return True
        if cell in _folded_cells(one.reading.false):
            return False
    return None


def null_tokens(profile: Profile | None = None) -> frozenset[str]:
    """Cells that mean nothing at all, case-folded: ``-``, ``n/a``, ``(leer)``, ``0000-00-00``, …

    An empty cell is not among them, and neither is a zero.
    """
    return frozenset().union(*(_folded_cells(one.reading.nulls) for one in _asked(profile)))


def says_nothing(reason: str, profile: Profile | None = None) -> bool:
    """Tell whether a reason for losing a lead says nothing: empty, "Sonstiges", "Other", "?".

    Examples
    --------
    >>> says_nothing("Sonstige Gründe"), says_nothing("Zu teuer")
    (True, False)
    """
    if not _NO_LETTER.search(reason) or reason.strip().casefold() in null_tokens(profile):
        return True
    return _whole(reason, "lost_reasons", profile).meaning == "says_nothing"


def is_data_quality_reason(reason: str, profile: Profile | None = None) -> bool:
    """Tell whether a lead ended because the entry was wrong: a duplicate, a test, a mistake.

    Examples
    --------
    >>> is_data_quality_reason("Dublette von 4711"), is_data_quality_reason("Test nicht erfolgreich")
    (True, False)
    """
    whole = _whole(reason, "lost_reasons", profile).meaning
    return whole == "wrong_entry" if whole else any(True for _ in _words_in(reason, "reason_words"))


# A mail that was opened is content; else the way of contact counts before its topic.
_KIND_ORDER = ("content", "call", "email", "meeting", "offer", "form", "task", "note", "other")


def _kind_parts(meaning: str) -> tuple[str, str | None, bool | None]:
    kind, *rest = meaning.split(" ")
    states = {"done": True, "planned": False, "cancelled": False}
    done = next((states[word] for word in rest if word in states), None)
    return kind, next((word for word in rest if word not in states), None), done


def _outcome(text: str, profile: Profile | None, sections: tuple[str, str]) -> Guess:
    for value in dict.fromkeys((text, _COUNT.sub("", text), _SORTING.sub("", _COUNT.sub("", text)))):
        for section, limit in zip(sections, (SURE, SURE_OTHER_LIST), strict=True):
            whole = _whole(value, section, profile)
            if whole.meaning and (whole.meaning != "deleted" or section == sections[0]):
                return Guess(whole.meaning, min(whole.sure, limit))
    denied = _denied(text, profile, sections)
    inside = denied if denied.meaning else _outcome_inside(text)
    return inside if inside.meaning else _cut_short(text)


_ELSEWHERE = frozenset(
    "anderweitig anderswo woanders anderen anderer mitbewerber mitbewerb wettbewerb wettbewerber konkurrenz elsewhere competitor competition others".split()
)
"""Words with which a sale is somebody else's: "anderweitig verkauft"."""
_NOT = frozenset("nicht kein keine keinen not no never nie".split())


def _denied(text: str, profile: Profile | None, sections: tuple[str, str]) -> Guess:
    """Not won is lost, and not lost is open: "Nicht unterzeichnet", "not sold"; "noch nicht" leaves it open."""
    words = fold(_SORTING.sub("", _COUNT.sub("", BRACKETS.sub("", text)))).split()
    if len(words) < 2 or words[0] not in _NOT:
        return _NOTHING
    rest = _outcome(" ".join(words[1:]), profile, sections)
    if rest.sure < SURE_WORD or rest.meaning not in ("won", "lost"):
        return _NOTHING
    return Guess("lost" if rest.meaning == "won" else "open", SURE_WORD)


def _cut_short(text: str) -> Guess:
    """A word that was cut short, where all words that begin so mean the same: "Auftr.", "Abs.", "zurückgest."."""
    key = fold(text)
    if not text.strip().endswith(".") or len(key) < MIN_CUT_CHARACTERS or " " in key:
        return _NOTHING
    meant = {meaning for word, meaning in _single_words() if word.startswith(key)}
    return Guess(meant.pop(), SURE_WORD) if len(meant) == 1 else _NOTHING


MIN_CUT_CHARACTERS = 3


@lru_cache(maxsize=1)
def _single_words() -> tuple[tuple[str, str], ...]:
    sections = (profile_of(GENERAL).words[section] for section in ("stages", "status"))
    return tuple(
        (word, one.meaning)
        for section in sections
        for word, one in section.items()
        if " " not in word and one.language in ("de", "en") and one.meaning != "deleted"
    )


def _outcome_inside(text: str) -> Guess:
    """The outcome that strong words inside a name tell; longer phrases win ("nicht gewonnen")."""
    found = list(_words_in(text, "stage_words"))
    closed = [(meaning, phrase) for meaning, phrase in found if meaning != "open"]
    counted = [
        (meaning, phrase)
        for meaning, phrase in closed
        if not any(phrase in other and phrase != other for _, other in closed)
    ]
    meanings = {meaning for meaning, _ in counted}
    if meanings and any(True for _ in _words_in(text, "stage_denials")):
        return Guess("open", SURE_OPEN_WORD)
    if meanings == {"won"} and not _ELSEWHERE.isdisjoint(fold(text).split()):
        return Guess("lost", SURE_WORD)
    if len(meanings) == 1:
        return Guess(meanings.pop(), SURE_WORD)
    if not meanings and found:
        return Guess("open", SURE_OPEN_WORD)
    return _NOTHING


def _asked(profile: Profile | None) -> tuple[Profile, ...]:
    general = profile_of(GENERAL)
    return (general,) if profile is None or profile.crm == GENERAL else (profile, general)


def _whole(text: str, section: str, profile: Profile | None) -> Guess:
    key = fold(text) or text.strip()
    for one in _asked(profile):
        word: Word | None = one.words[section].get(key)
        if word is not None:
            own = SURE if word.verified else SURE_UNVERIFIED
            return Guess(word.meaning, own if one.crm != GENERAL else SURE_GENERAL)
    return _NOTHING


def _words_in(text: str, section: str) -> Iterator[tuple[str, str]]:
    """Words of a section that stand in a text as whole words: meaning and word."""
    words = fold(text)
    pattern, known = _phrases(section)
    padded = f" {words} "
    if pattern.search(padded):
        yield from ((word.meaning, phrase) for phrase, word in known.items() if f" {phrase} " in padded)


@lru_cache(maxsize=16)
def _phrases(section: str) -> tuple[re.Pattern[str], Mapping[str, Word]]:
    known = profile_of(GENERAL).words[section]
    return re.compile("(?<= )(?:" + "|".join(re.escape(phrase) for phrase in known) + ")(?= )"), known


def _way(text: str) -> str | None:
    """The direction that words inside a text tell."""
    return _said(text, "direction_words") or sent_by(text)


def _said(text: str, section: str) -> str | None:
    meanings = {meaning for meaning, _ in _words_in(text, section)}
    return meanings.pop() if len(meanings) == 1 else None


@lru_cache(maxsize=256)
def _folded_cells(cells: tuple[str, ...]) -> frozenset[str]:
    return frozenset(cell.strip().casefold() for cell in cells)
