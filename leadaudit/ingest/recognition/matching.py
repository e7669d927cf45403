"""Which header is which role, and which CRM a set of headers comes from.

:func:`match_header` needs no profile: it looks a header up in the general vocabulary and in every
CRM's list, takes names of records and fillers away, splits German compounds, and compares words.
Its scores say how much of a guess each answer is; content decides between near ones (in
:mod:`leadaudit.ingest`). :func:`recognise` tells which profile fits.
"""

from __future__ import annotations

import fnmatch
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from leadaudit.ingest.recognition.meanings import BRACKETS, SURE_OTHER_LIST, classify_stage
from leadaudit.ingest.recognition.profiles import GENERAL, HeaderRole, Profile, load_profiles, profile_of
from leadaudit.ingest.recognition.roles import ROLES
from leadaudit.ingest.recognition.vocabulary import (
    SCORE_CONTENT_WORDS,
    SCORE_OVERLAP,
    SCORE_RECORD_NAME,
    Candidate,
    split_words,
    vocabulary_of,
)
from leadaudit.ingest.values.headers import fold, normalise_header

SCORE_PROFILE = 1.0
"""The CRM's own list has this header, and it was seen in a file or in the vendor's words."""
SCORE_PROFILE_UNVERIFIED = 0.95
SCORE_PATTERN = 0.85
SCORE_STAGE_NAME = 0.6
"""The header is the name of a stage: one date column per stage."""
LEAST_SCORE = 0.3
SCORE_WITHOUT_ADDITION = 0.9
"""Times the score of the header without the brackets behind it."""
SCORE_WITHOUT_FRONT = 0.85
"""Times the score of the header without the word that many headers of the table begin with."""

SCORE_OF_A_PART = 0.85
"""Times the score of one of two words that a header gives to choose from."""

_WRONG_SORT = 0.6
"""A header that names a time is rarely a name, and the other way round."""
_TIME_WORDS = frozenset(
    {"am", "at", "on", "date", "datum", "time", "zeit", "zeitpunkt", "seit", "since", "until", "bis", "wann", "when", "um", "timestamp", "termin",
     "fecha", "data", "дата", "desde", "hasta", "depuis", "tarih"}
)  # fmt: skip
_TIME_ROLES = frozenset({"at", "stage_entered", "stage_exited", "paused_until"})
_PATTERN_FILLERS = frozenset(
    {"by", "on", "at", "date", "time", "in", "stage", "the stage", "current stage", "stage date", "am", "von", "phase", "current", "seit"}
)  # fmt: skip
MIN_FRONT_COUNT = 3
_ID_WORDS = frozenset({"id", "nr", "no", "number", "nummer", "key", "guid", "uuid"})
_PERSON_WORDS = frozenset({"contact", "person", "kontakt", "ansprechpartner", "user"})
_COMPANY_WORDS = frozenset(
    {"account", "company", "organization", "organisation", "customer", "firma", "unternehmen", "kunde"}
)


@dataclass(frozen=True)
class Recognised:
    """How well an object of a profile fits a set of headers.

    Attributes
    ----------
    profile : Profile
    object : str
        Name of the object in the profile.
    table : str
        ``"leads"``, ``"activities"`` or ``"changes"``.
    score : float
        0 to 1; below 0.35 no CRM is recognised.
    known_share : float
        Share of the headers that the object knows.
    language : str
        Language of most of them: en, de or technical.
    """

    profile: Profile
    object: str
    table: str
    score: float
    known_share: float
    language: str


def match_header(header: str, table: str, profile: Profile | None = None) -> tuple[Candidate, ...]:
    """Rank the roles that a header may have.

    Parameters
    ----------
    header : str
        As it stands in the file.
    table : str
        ``"leads"``, ``"activities"`` or ``"changes"``.
    profile : Profile, optional
        The CRM that the file is from, if it was recognised.

    Returns
    -------
    tuple of Candidate
        Best first, one per role, scores from 0.3 on; empty if nothing comes near. A best candidate
        ``other`` means: known, and none of the roles.

    Examples
    --------
    >>> match_header("[Deal] Titel", "leads")[0].role
    'name'
    >>> match_header('Date entered "Offer (Sales)"', "leads")[0].stage
    'Offer'
    """
    return _ranked(header, table, profile.crm if profile else GENERAL)


def front_words(headers: Iterable[str]) -> frozenset[str]:
    """Words that several headers of a table begin with, an id among them: the table's own name.

    Examples
    --------
    >>> sorted(front_words(["Card ID", "Card Name", "Card URL", "List ID", "Board"]))
    ['card']
    """
    begun: dict[str, set[str]] = defaultdict(set)
    for header in headers:
        first, _, rest = normalise_header(header).partition(" ")
        if rest:
            begun[first].add(rest)
    others = _PERSON_WORDS | _COMPANY_WORDS
    return frozenset(
        word
        for word, rests in begun.items()
        if len(rests) >= MIN_FRONT_COUNT and rests & _ID_WORDS and word not in others
    )


@lru_cache(maxsize=4096)
def _ranked(header: str, table: str, crm: str) -> tuple[Candidate, ...]:
    best: dict[str, Candidate] = {}
    for found in _candidates(header, table, profile_of(crm)):
        if found.score >= LEAST_SCORE and (found.role not in best or found.score > best[found.role].score):
            best[found.role] = found
    return tuple(sorted(best.values(), key=lambda one: (-one.score, one.role)))


def recognise(headers: Sequence[str], table: str | None = None, file: str | None = None) -> tuple[Recognised, ...]:
    """Rank the CRMs and their objects by how well they fit a set of headers.

    Rare headers count more than those that every CRM has, exact spelling more than like words.

    Parameters
    ----------
    headers : sequence of str
        Of one table.
    table : str, optional
        Only objects of this table.
    file : str, optional
        The file's name; CRMs that name their files so are preferred a little.

    Returns
    -------
    tuple of Recognised
        Best first; the general profile is not among them.

    Examples
    --------
    >>> best = recognise(["Deal - ID", "Deal - Titel", "Deal - Phase", "Deal - Status"])[0]
    >>> best.profile.crm, best.object, best.language
    ('pipedrive', 'deals', 'de')
    """
    index = _index()
    keys = {normalise_header(header): header.strip() for header in headers if header.strip()}
    total = sum(index.weights.get(key, index.unknown_weight) for key in keys)
    fits = [
        _fit(profile, name, keys, total, file)
        for profile in load_profiles()
        if profile.crm != GENERAL
        for name, one in profile.objects.items()
        if table in (None, one.table)
    ]
    return tuple(
        sorted((fit for fit in fits if fit.score > 0), key=lambda fit: (-fit.score, fit.profile.crm, fit.object))
    )


def _fit(profile: Profile, name: str, keys: Mapping[str, str], total: float, file: str | None) -> Recognised:
    one, index = profile.objects[name], _index()
    gained = 0.0
    known: list[HeaderRole] = []
    for key, header in keys.items():
        role = one.headers.get(key)
        if role is not None:
            known.append(role)
            spelt = 1.0 if header == role.header else 0.85
            gained += index.weights.get(key, index.unknown_weight) * spelt * (1.0 if role.verified else 0.85)
        elif any(pattern.match(header) for pattern in one.patterns if pattern.role != "currency"):
            gained += index.unknown_weight
            total += index.unknown_weight - index.weights.get(key, index.unknown_weight)
    score = gained / total * (1 - math.exp(-gained / 4)) if total else 0.0
    if file and score and any(fnmatch.fnmatchcase(file.casefold(), pattern.casefold()) for pattern in one.files):
        score += 0.1 * (1 - score)
    tongues = Counter(role.language for role in known if role.language in ("en", "de"))
    language = max(tongues, key=lambda tongue: (tongues[tongue], tongue)) if tongues else "technical"
    return Recognised(profile, name, one.table, round(score, 4), len(known) / max(1, len(keys)), language)


def _candidates(header: str, table: str, profile: Profile) -> Iterator[Candidate]:
    key = normalise_header(header)
    if not key:
        return
    own = profile.roles(table).get(key) if profile.crm != GENERAL else None
    if own is not None:
        score = SCORE_PROFILE if own.verified else SCORE_PROFILE_UNVERIFIED
        yield Candidate(own.role, score, "profile", own.language, own.verified)
    vocabulary = vocabulary_of(table)
    exact = list(vocabulary.exact(key))
    yield from exact
    stage = classify_stage(header) if table == "leads" else None
    if stage is not None and stage.sure >= SURE_OTHER_LIST:
        yield Candidate("stage_entered", SCORE_STAGE_NAME, "stage", stage=header.strip())
    if own is not None or exact:
        return
    yield from _as_of_a_lead(key, table)
    yield from _patterns(header, table, profile)
    other = _other_record(header)
    if other is not None:
        yield other
        return
    near = [_of_sort(key, one) for one in vocabulary.near(key)]
    yield from near
    yield from _without_addition(header, table, profile)
    yield from _either_part(header, table, profile)
    if max((one.score for one in near), default=0.0) < SCORE_OVERLAP * 0.75:
        yield from vocabulary.typos(key)


_ADDITION = re.compile(
    rf"(?<=\S){BRACKETS.pattern}"
    r"|,?\s+(?:exkl|excl|ohne|zzgl|zuzüglich|inkl|incl|including|excluding|plus|before|vor|nach)\.?\s+(?:\w+\.?\s+)?(?:mwst|ust|vat|tax|steuern?)\.?\s*$",
    re.IGNORECASE,
)


def _without_addition(header: str, table: str, profile: Profile) -> Iterator[Candidate]:
    """What a header means without what is added: "Geschätzter Wert (MW)", "Owner (Sales)", "Betrag exkl. MwSt."."""
    bare = _ADDITION.sub("", header)
    if bare == header or not fold(bare):
        return
    for one in _candidates(bare, table, profile):
        if one.how in ("profile", "general", "crm"):
            yield replace(one, score=one.score * SCORE_WITHOUT_ADDITION, how="words")


def _either_part(header: str, table: str, profile: Profile) -> Iterator[Candidate]:
    """What one part of a header means that gives two words to choose from: "Projekt / Leistung", "Kunde oder Firma"."""
    parts = [part for part in _PARTS.split(header) if fold(part)]
    if len(parts) != 2:
        return
    for part in parts:
        for one in _candidates(part, table, profile):
            if one.how in ("profile", "general") and one.role != "other":
                yield replace(one, score=one.score * SCORE_OF_A_PART, how="words")


_PARTS = re.compile(r"\s*/\s*|\s+(?:oder|bzw\.?|or|und|and|&)\s+")

_ROLE_BESIDE_LEADS = {"owner": "by", "company": "company", "contact": "contact", "contact_email": "contact_email", "lead_id": "lead_id"}  # fmt: skip


def _as_of_a_lead(key: str, table: str) -> Iterator[Candidate]:
    """In a table beside the leads a header means what it means there: "Makler" is who did it."""
    if table == "leads":
        return
    for one in vocabulary_of("leads").exact(key):
        role = _ROLE_BESIDE_LEADS.get(one.role)
        if role and role in ROLES[table]:
            yield replace(one, role=role, score=one.score * SCORE_WITHOUT_FRONT, how="words")


def _patterns(header: str, table: str, profile: Profile) -> Iterator[Candidate]:
    asked = ((profile.patterns(table), SCORE_PROFILE),) if profile.crm != GENERAL else ()
    for patterns, score in (*asked, (vocabulary_of(table).patterns, SCORE_PATTERN)):
        for pattern in patterns:
            parts = pattern.match(header)
            if parts and fold(next(iter(parts.values()))) not in _PATTERN_FILLERS:
                stage = parts.get("stage") or parts.get("stageid")
                yield Candidate(
                    pattern.role, score, "pattern", pattern.language, pattern.verified, stage, parts.get("pipeline")
                )


def _of_sort(key: str, one: Candidate) -> Candidate:
    """Less for a name where the header names a time ("Kontakt am"), and for a time where it does not."""
    if one.how not in ("words", "overlap") or one.role == "other":
        return one
    is_time = one.role.endswith("_at") or one.role in _TIME_ROLES
    names_time = not _TIME_WORDS.isdisjoint(split_words(key))
    factor = 1.0 if is_time == names_time else _WRONG_SORT if names_time else 0.85
    return replace(one, score=one.score * factor)


def _other_record(header: str) -> Candidate | None:
    """A column of another record: "Person - Name", "Account: Created Date" are no name and date of the lead."""
    for mark in (" - ", ": ", " : ", ".", "/"):
        before, found, after = header.partition(mark)
        record = fold(before)
        if not found or not after.strip() or record not in _PERSON_WORDS | _COMPANY_WORDS:
            continue
        field = normalise_header(after)
        if field in ("name", "full name", "title", "id") or "mail" in field:
            part = "contact" if record in _PERSON_WORDS else "company"
            role = "other" if field == "id" else "contact_email" if "mail" in field else part
            return Candidate(role, SCORE_RECORD_NAME, "record")
        return Candidate("other", SCORE_CONTENT_WORDS, "record")
    return None


@dataclass(frozen=True)
class _Index:
    weights: Mapping[str, float]
    unknown_weight: float


@lru_cache(maxsize=1)
def _index() -> _Index:
    """How telling each header is: the fewer objects have it, the more."""
    objects = [one for profile in load_profiles() if profile.crm != GENERAL for one in profile.objects.values()]
    seen = Counter(key for one in objects for key in one.headers)
    weights = {key: math.log((len(objects) + 1) / count) / math.log(len(objects) + 1) for key, count in seen.items()}
    return _Index(weights, 0.6)
