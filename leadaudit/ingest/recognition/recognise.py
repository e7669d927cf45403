"""What a table is, and which of its columns plays which role: by its headers and by its values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from leadaudit.ingest.recognition.by_content import days_of_stays, roles_by_content
from leadaudit.ingest.recognition.closing import named_closing
from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.recognition.fitness import BY_TYPE, FLAG_ROLES, IMPOSSIBLE, TIME_ROLES, fit, stage_likeness
from leadaudit.ingest.recognition.matching import SCORE_WITHOUT_FRONT, front_words, match_header
from leadaudit.ingest.recognition.matching import recognise as rank_profiles
from leadaudit.ingest.recognition.meanings import classify_stage
from leadaudit.ingest.recognition.profiles import GENERAL, ObjectProfile, Profile, profile_of
from leadaudit.ingest.recognition.roles import ROLES
from leadaudit.ingest.recognition.standing import STANDING_ROLES
from leadaudit.ingest.recognition.table_signs import table_score
from leadaudit.ingest.recognition.tongue import tongue_of
from leadaudit.ingest.values.headers import fold, normalise_header

TRIED_PROFILES = 3
LEAST_FIT = 0.35
"""Profiles that fit the headers less than this are not tried."""

ACCEPTED_SCORE = 0.45
LEAST_TABLE_SCORE = 0.1
"""A table that fits less than this is neither leads nor activities nor changes."""

KNOWN_SCORE = 0.8
GENERAL_WORTH = 0.5
"""Headers that everybody uses say less about a table than those of one CRM."""


@dataclass(frozen=True)
class Recognised:
    """What a table was recognised as.

    Attributes
    ----------
    table : str
        ``leads``, ``activities``, ``changes``, or ``other``.
    crm, crm_object : str
        The profile that fits best.
    language : str
        Of the headers.
    confidence : float
        0-1.
    roles : mapping of role to column
    sure : mapping of role to score, 0-1
    stage_columns : mapping of column to stage
        Columns with the date on which a stage was entered.
    kind : str or None
        Kind of every activity, where the table holds one kind.
    field_name : str or None
        Field of every change, where there is no column for it.
    scores : mapping of table to score
    unplayed : frozenset of str
        Roles that no column plays, as the user says.
    given : frozenset of str
        Roles whose columns the user named.
    aside : frozenset of str
        Columns whose headers are known to mean something that is no role: no values make a role of them.
    """

    table: str
    crm: str
    crm_object: str
    language: str
    confidence: float
    roles: dict[str, str]
    sure: dict[str, float]
    stage_columns: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    kind: str | None = None
    field_name: str | None = None
    scores: dict[str, float] = field(default_factory=dict)
    unplayed: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Match:
    role: str
    score: float
    language: str
    stage: str | None = None
    pipeline: str | None = None


@dataclass(frozen=True)
class _Reading:
    """One table of a profile laid over the headers."""

    crm: str
    object: ObjectProfile
    matches: dict[str, list[_Match]]
    coverage: float


def recognise(
    columns: list[Content], *, file_name: str = "", mapping: Mapping[str, str] | None = None, table: str | None = None
) -> Recognised:
    """Tell what a table is and which column plays which role.

    Parameters
    ----------
    columns : list of Content
    file_name : str
        May say what is inside ("activities.csv"), which counts little.
    mapping : mapping of role to column, optional
        Given by the user; wins over everything. An empty column: no column plays the role.
    table : str, optional
        ``leads``, ``activities`` or ``changes``, where that is known.

    Returns
    -------
    Recognised
    """
    given = dict(mapping or {})
    tried = {
        kind: _best(kind, columns, given, file_name)
        for kind in ("leads", "activities", "changes")
        if table in (None, kind)
    }
    best = max(tried.values(), key=lambda one: one.confidence)
    if best.confidence < LEAST_TABLE_SCORE and table is None and not given:
        best = replace(best, table="other")
    scores = {kind: round(one.confidence, 3) for kind, one in tried.items()}
    return replace(best, scores=scores)


def _best(kind: str, columns: list[Content], given: dict[str, str], file_name: str) -> Recognised:
    """The best reading of the columns as one kind of table."""
    readings = _readings(kind, columns, file_name)
    candidates = [_assigned(kind, reading, columns, given) for reading in readings]
    scored = [
        (table_score(kind, one, columns, file_name, reading.coverage), one)
        for one, reading in zip(candidates, readings, strict=True)
    ]
    score, best = max(scored, key=lambda pair: pair[0])
    return replace(best, confidence=score)


def _readings(kind: str, columns: list[Content], file_name: str) -> list[_Reading]:
    """The profiles that fit the headers best, the general one always among them."""
    headers = [column.header for column in columns]
    fits = rank_profiles(headers, kind, file_name)[:TRIED_PROFILES]
    general = profile_of(GENERAL)
    readings = [
        _Reading(
            fit.profile.crm,
            fit.profile.objects[fit.object],
            _matches_of(columns, kind, fit.profile, fit.profile.objects[fit.object]),
            fit.score,
        )
        for fit in fits
        if fit.score >= LEAST_FIT
    ]
    matches = _matches_of(columns, kind, general, general.of_table(kind)[0])
    known = sum(1 for found in matches.values() if found and found[0].score >= KNOWN_SCORE)
    worth = GENERAL_WORTH * known / max(1, len(columns))
    readings.append(_Reading(GENERAL, general.of_table(kind)[0], matches, worth))
    return readings


def _matches_of(
    columns: list[Content], kind: str, profile: Profile, crm_object: ObjectProfile
) -> dict[str, list[_Match]]:
    fronts = front_words(column.header for column in columns)
    return {column.column: _matches(column, kind, profile, crm_object, fronts) for column in columns}


def _matches(
    column: Content, kind: str, profile: Profile, crm_object: ObjectProfile, fronts: frozenset[str]
) -> list[_Match]:
    """Roles that a header may have, best first; the same header with values of another type may have others."""
    ranks = [one.roles(kind).get(normalise_header(column.header)) for one in (profile, profile_of(GENERAL))]
    found = []
    candidates = match_header(column.header, kind, profile)
    first, _, rest = normalise_header(column.header).partition(" ")
    if first in fronts and rest and max((one.score for one in candidates), default=0.0) < KNOWN_SCORE:
        candidates += tuple(
            replace(one, score=one.score * SCORE_WITHOUT_FRONT) for one in match_header(rest, kind, profile)
        )
    if candidates and candidates[0].role == "other" and candidates[0].how == "profile":
        # The CRM's own word for something else stops every guess; but not its word in another list ("LEADID" of a deal).
        known = normalise_header(column.header) in crm_object.headers
        candidates = candidates[:1] if known else candidates[1:]
    for candidate in candidates:
        if candidate.how == "typo" and candidate.role in ("stage", "status") and not column.stage_share:
            continue  # "Sparte" is no slip of "Spalte" where nothing below it is a stage
        rank = next((hit.rank for hit in ranks if hit and hit.role == candidate.role), 0)
        score = candidate.score - 0.004 * min(rank, 20)
        found.append(_Match(candidate.role, score, candidate.language, candidate.stage, candidate.pipeline))
    if kind == "leads" and column.date_share > 0.8 and max((m.score for m in found), default=0.0) < KNOWN_SCORE:
        bare = " ".join(word for word in fold(column.header).split() if word not in _DATE_WORDS | _ENTRY_WORDS)
        if bare != fold(column.header) and (guess := classify_stage(bare)).meaning and guess.sure >= KNOWN_SCORE:
            found.append(_Match("stage_entered", 0.7, "technical", bare))
    if kind == "leads" and (likeness := stage_likeness(column)) > 0.5:
        found.append(_Match("stage", 0.3 + 0.35 * likeness, "technical"))
    if kind == "leads" and normalise_header(column.header) in _PARTIES:
        found.append(_Match("company", 0.6, "technical"))
    others = [
        replace(match, role=role, score=match.score - 0.1)
        for match in found
        for role in BY_TYPE.get(match.role, ())
        if role in ROLES[kind]
    ]
    return [*found, *others]


def _assigned(kind: str, reading: _Reading, columns: list[Content], given: dict[str, str]) -> Recognised:
    """Give each role to the column that plays it best, and each column one role."""
    roles: dict[str, str] = {role: column for role, column in given.items() if column and role in ROLES[kind]}
    sure: dict[str, float] = dict.fromkeys(roles, 1.0)
    unplayed = {role for role, column in given.items() if not column}
    taken = set(roles.values())
    by_column = {column.column: column for column in columns}
    pairs = [
        (match.score + fit(match.role, kind, by_column[name]), match.role, name, match)
        for name, found in reading.matches.items()
        for match in found
    ]
    languages: list[str] = []
    aside: set[str] = set()
    stage_columns: dict[str, tuple[str, str | None]] = {}
    for score, role, name, match in sorted(pairs, key=lambda p: (-p[0], by_column[p[2]].place)):
        if name in taken or score < ACCEPTED_SCORE:
            continue
        if role in unplayed:
            taken.add(name)
            continue
        languages.append(match.language)
        if role in ("stage_entered", "stage_exited", "stage_duration"):
            taken.add(name)
            if role == "stage_entered":
                stage_columns[name] = (match.stage or by_column[name].header, match.pipeline)
                languages.append(_language_of_stage(match.stage or ""))
        elif role == "other":
            taken.add(name)
            aside.add(name)
        elif role not in roles and not _doubles(role, match, roles):
            roles[role], sure[role] = name, round(min(1.0, score), 2)
            taken.add(name)
    if kind == "leads":
        _party_or_name(pairs, roles, sure, taken)
        stage_columns = _dates_of_stages(columns, roles, taken, stage_columns)
        for role in [role for role, column in roles.items() if column in stage_columns]:
            del roles[role], sure[role]
    elif kind == "changes":
        days_of_stays(roles, sure, by_column)
    language = _language(languages, columns)
    made = Recognised(
        kind, reading.crm, reading.object.name, language, 0.0, roles, sure, stage_columns,
        reading.object.kind, reading.object.field, unplayed=frozenset(unplayed), given=frozenset(given), aside=frozenset(aside),
    )  # fmt: skip
    roles_by_content(kind, made.roles, made.sure, columns, taken, given)
    for role in unplayed & set(made.roles):
        del made.roles[role], made.sure[role]
    return made


_SAME_SORT = {
    "closed_at": {"close_at"},
    "close_at": {"closed_at", "expected_close_at"},
    "expected_close_at": {"close_at"},
}
GUESS_SCORE = 0.7


def _doubles(role: str, match: _Match, roles: Mapping[str, str]) -> bool:
    """A mere guess at a date of closing, beside one that is there already ("Opp Close Date_Simulated")."""
    return match.score < GUESS_SCORE and bool(_SAME_SORT.get(role, set()) & roles.keys())


_PARTIES = frozenset({"interessent", "interessentin", "lead", "prospect"})
"""Headers of the lead's name, or of the company where another column names the lead."""


def _party_or_name(
    pairs: Sequence[tuple[float, str, str, _Match]], roles: dict[str, str], sure: dict[str, float], taken: set[str]
) -> None:
    """Where another column names the lead ("Verkaufschance Bezeichnung"), "Interessent" is the company."""
    named = roles.get("name")
    company = next((score for score, role, name, _ in pairs if role == "company" and name == named), 0.0)
    if named is None or "company" in roles or company < ACCEPTED_SCORE:
        return
    idle = {name for role, name in roles.items() if role == "amount_text"}
    names = [
        p
        for p in pairs
        if p[1] == "name" and p[2] != named and p[0] >= KNOWN_SCORE and (p[2] not in taken or p[2] in idle)
    ]
    if names:
        score, _, name, _ = max(names, key=lambda p: p[0])
        for role in [role for role, column in roles.items() if column == name]:
            del roles[role], sure[role]
        roles["company"], sure["company"] = named, round(company, 2)
        roles["name"], sure["name"] = name, round(min(1.0, score), 2)
        taken.add(name)


def _language(languages: list[str], columns: list[Content]) -> str:
    """The language that most headers were recognised in; English where only technical names were."""
    of_neighbours = languages.count("other")
    if of_neighbours >= 2 and of_neighbours > max(languages.count("de"), languages.count("en")):
        return tongue_of(column.header for column in columns)
    return "de" if languages.count("de") > languages.count("en") else "en"


def _language_of_stage(stage: str) -> str:
    words = profile_of(GENERAL).words
    hits = [words[section].get(fold(stage)) for section in ("stages", "status")]
    return next((word.language for word in hits if word), "de" if set("äöüßÄÖÜ") & set(stage) else "technical")


def _dates_of_stages(
    columns: list[Content], roles: dict[str, str], taken: set[str], found: dict[str, tuple[str, str | None]]
) -> dict[str, tuple[str, str | None]]:
    """Columns with the date on which a stage was entered, in the order of the file; none if there is only one.

    Beside two known ones other dates whose header is no date's name ("Handover") and endings ("Absage") are stages, too.
    """
    if len(found) < 2:
        taken -= set(found)  # a single date is no history of stages; what else it is its values may tell
        return {}
    made: dict[str, tuple[str, str | None]] = {}
    # "proposal_at" beside a column with the stage "Proposal": the stage is called as it is there.
    spelt = {fold(value): value for c in columns if c.column == roles.get("stage") for value in c.values[:100]}
    for column in columns:
        role = next((role for role, name in roles.items() if name == column.column), None)
        ending = role in ("won_at", "lost_at") and named_closing(column.header) is not None
        unknown = (
            column.column not in taken
            and column.date_share > 0.8
            and not _DATE_WORDS & set(fold(column.header).split())
        )
        if column.column in found:
            stage, pipeline = found[column.column]
            made[column.column] = spelt.get(fold(stage), stage), pipeline
        elif ending or unknown:
            made[column.column] = (_without_date_words(column.header), None)
            taken.add(column.column)
    return made


def _without_date_words(header: str) -> str:
    """The stage that a header of dates names: "won_at" is won."""
    kept = [word for word in re.split(r"[\s_]+", header.strip()) if fold(word) not in _DATE_WORDS | _ENTRY_WORDS]
    return " ".join(kept) or header


_ENTRY_WORDS = frozenset("stage phase step status entered entry reached eintritt erreicht".split())
"""What headers of dates say beside the stage that was entered: "stage_date_proposal"."""

_DATE_WORDS = frozenset(
    "am at on date datum time zeit zeitpunkt seit since until bis um timestamp termin tag day".split()
)


__all__ = ["FLAG_ROLES", "IMPOSSIBLE", "STANDING_ROLES", "TIME_ROLES", "Recognised", "recognise"]
