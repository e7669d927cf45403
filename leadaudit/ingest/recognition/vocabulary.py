"""Every header that anybody uses for a table, to look one up in several ways.

Whole headers first; then without the names of records and fillers; then by words in common,
German compounds taken apart and abbreviations written out; last by likeness of the letters.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from leadaudit.ingest.recognition.profiles import GENERAL, HeaderRole, load_profiles, profile_of
from leadaudit.ingest.values.headers import fold

SCORE_GENERAL = 0.95
"""The general vocabulary has this header."""
SCORE_OTHER_CRM = 0.9
"""Some CRM has it; times the share of CRMs that agree on the role."""
SCORE_RECORD_NAME = 0.85
"""The same, once the name of the record is taken away ("Deal Owner Name", "[Deal] Titel")."""
SCORE_CONTENT_WORDS = 0.75
"""The same words, once fillers are taken away as well, or in another order."""
SCORE_OVERLAP = 0.65
"""Times the weighted share of words in common."""
UNKNOWN_WEIGHT = 2.5
"""Of a word that no header has ("Betreuer FK"): it says little, where known words weigh about 5."""
SCORE_TYPO = 0.7
"""Times the share of letters in common."""
SCORE_COMPOUND = 0.65
"""It ends in a word that is a header by itself ("Auftragsanlagedatum")."""

_FIRST = re.compile(r"(?<=[a-z]{4}) ?1\b")
"""The number of the first of several ("name1", "telefon 1")."""
_INFLECTED = re.compile(r"^(\w{2,}(?:lich|isch|ell|tet|ant|zt|chst))e[rsnm]?$")
"""German adjectives: "voraussichtlicher" and "voraussichtliches" are one word."""
_TYPO_LIMIT = 0.83
_WORD_TYPO_LIMIT = 0.8
_LEAST_COMPOUND = 7
_FRONT = frozenset({"c", "cf", "uf", "hs", "custom", "field", "new"})
_BACK = frozenset({"c", "s", "name", "full", "value", "wert", "field", "feld"})
_TAILS = (
    "datum", "nummer", "name", "wert", "betrag", "status", "phase", "grund", "quelle", "termin", "inhaber", "besitzer",
    "bezeichnung", "text", "kanal", "stufe", "summe", "volumen", "umsatz", "waehrung", "wahrscheinlichkeit", "mitarbeiter", "aktivitaet", "kontakt",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A role that a header may have.

    Attributes
    ----------
    role : str
        A key of :data:`leadaudit.ingest.recognition.roles.ROLES` of the table.
    score : float
        0 to 1. From 0.85 on the words of the header say it; below 0.7 look at the content as well.
    how : str
        profile, general, crm, pattern, record, stage, words, overlap, compound or typo.
    language : str
        Language of the entry that it was matched with: en, de, both or technical.
    verified : bool
        False where that entry is hearsay.
    stage, pipeline : str or None
        For columns per stage: what the header names.
    """

    role: str
    score: float
    how: str
    language: str = "technical"
    verified: bool = True
    stage: str | None = None
    pipeline: str | None = None


class Vocabulary:
    """Every header that anybody uses for a table, to look up in several ways."""

    def __init__(self, table: str) -> None:
        general = profile_of(GENERAL)
        self.general = general.roles(table)
        self.patterns = general.patterns(table)
        self.lead_words = {key for key, word in general.words["header_words"].items() if word.meaning == "lead"}
        self.fillers = set(general.words["header_words"]) - self.lead_words
        self.short = {key: fold(word.meaning) for key, word in general.words["header_abbreviations"].items()}
        self.crms: dict[str, list[HeaderRole]] = defaultdict(list)
        for profile in load_profiles()[1:]:
            seen: set[str] = set()
            for one in profile.of_table(table):
                for key, role in one.headers.items():
                    if key not in seen:
                        self.crms[key].append(role)
                        seen.add(key)
        self.entries: dict[str, tuple[HeaderRole, float]] = {
            key: (roles[0], 0.95) for key, roles in self.crms.items() if self.agreed(roles)
        }
        self.entries.update({key: (role, 1.0) for key, role in self.general.items()})
        self.by_length: dict[int, list[str]] = defaultdict(list)
        for key in self.entries:
            self.by_length[len(key)].append(key)
        self.letters = {key: frozenset(key) for key in self.entries}
        self.word_sets = {key: self.content(key, role.role) for key, (role, _) in self.entries.items()}
        self.joined = {key.replace(" ", ""): key for key in self.entries if " " in key}
        self.by_words: dict[frozenset[str], list[str]] = defaultdict(list)
        self.by_word: dict[str, set[str]] = defaultdict(set)
        for key, words in self.word_sets.items():
            self.by_words[words].append(key)
            for word in words:
                self.by_word[word].add(key)
        count = len(self.entries)
        self.weight = {word: math.log((count + 1) / len(keys)) for word, keys in self.by_word.items()}

    @staticmethod
    def agreed(roles: Sequence[HeaderRole]) -> bool:
        """All CRMs that have a header give it the same role."""
        return len({role.role for role in roles}) == 1

    def content(self, key: str, role: str = "") -> frozenset[str]:
        """Words that carry the meaning: no record names, no fillers, compounds split.

        Elsewhere "pipeline" is a record's name like "deal"; but "Pipeline ID" is not just "ID".
        """
        words = [self.short.get(word, _INFLECTED.sub(r"\1", word)) for word in split_words(_FIRST.sub("", key))]
        if role in ("pipeline", "pipeline_id") and "pipeline" in words:
            return frozenset(words)
        kept = [word for word in words if word not in self.lead_words and word not in self.fillers]
        return frozenset(kept or [word for word in words if word not in self.fillers] or words)

    def exact(self, key: str) -> Iterator[Candidate]:
        """Roles of the whole header."""
        role = self.general.get(key)
        if role is not None:
            yield Candidate(role.role, SCORE_GENERAL, "general", role.language, role.verified)
        roles = self.crms.get(key, [])
        for name, count in Counter(one.role for one in roles).items():
            one = next(one for one in roles if one.role == name)
            yield Candidate(
                name, SCORE_OTHER_CRM * count / len(roles), "crm", one.language, any(two.verified for two in roles)
            )

    def near(self, key: str) -> Iterator[Candidate]:
        """Roles by the words of the header, in several ways."""
        bare = self.bare(key)
        if bare != key:
            for one in self.exact(bare):
                yield Candidate(
                    one.role, one.score * SCORE_RECORD_NAME / SCORE_GENERAL, "record", one.language, one.verified
                )
        if joined := self.joined.get(key):  # LEADID
            for one in self.exact(joined):
                yield Candidate(
                    one.role, one.score * SCORE_RECORD_NAME / SCORE_GENERAL, "words", one.language, one.verified
                )
        yield from self._abbreviated(key)
        words = frozenset(self.written_out(word) for word in self.content(key))
        for other in self.by_words.get(words, []):
            role, share = self.entries[other]
            likeness = len(set(key.split()) & set(other.split())) / len(set(key.split()) | set(other.split()))
            yield Candidate(
                role.role, SCORE_CONTENT_WORDS * share * (0.8 + 0.2 * likeness), "words", role.language, role.verified
            )
        yield from self.overlap(words)

    def _abbreviated(self, key: str) -> Iterator[Candidate]:
        """Roles of a header whose words are cut short: "PROJ_BEZ" is a Projektbezeichnung."""
        words = [self.short.get(word, word) for word in key.split()]
        if words != key.split():
            for written in (" ".join(words), "".join(words)):
                for one in self.exact(written):
                    score = one.score * SCORE_RECORD_NAME / SCORE_GENERAL
                    yield Candidate(one.role, score, "words", one.language, one.verified)

    def bare(self, key: str) -> str:
        """The header without names of records in front and "name", "id" of a link behind."""
        words = key.split()
        while len(words) > 1 and words[0] in self.lead_words | _FRONT:
            words = words[1:]
        while len(words) > 1 and words[-1] in self.lead_words | {
            "c",
            "s",
            "name",
            "full",
            "value",
            "wert",
            "field",
            "feld",
        }:
            words = words[:-1]
        return " ".join(words)

    def written_out(self, word: str) -> str:
        """The one known word that an abbreviation begins ("voraussichtl", "zust"), else the word itself."""
        if word in self.by_word or len(word) < 4:
            return word
        longer = [other for other in self.by_word if other.startswith(word)]
        return max(longer, key=lambda other: (len(self.by_word[other]), other)) if longer else word

    def overlap(self, words: frozenset[str]) -> Iterator[Candidate]:
        """Roles of headers that share words; rare words count more."""
        near = {key for word in words for key in self.by_word.get(word, ())}
        for key in near:
            other = self.word_sets[key]
            both = sum(self.weight.get(word, UNKNOWN_WEIGHT) for word in words & other)
            either = sum(self.weight.get(word, UNKNOWN_WEIGHT) for word in words | other)
            role, share = self.entries[key]
            yield Candidate(role.role, SCORE_OVERLAP * share * both / either, "overlap", role.language, role.verified)

    def typos(self, key: str) -> Iterator[Candidate]:
        """Roles of headers that differ in a few letters, or that end this one."""
        for start in range(len(key) - _LEAST_COMPOUND + 1):
            if found := self.entries.get(key[start:]):
                role, share = found
                yield Candidate(role.role, SCORE_COMPOUND * share, "compound", role.language, role.verified)
        if len(key) < 4:
            return
        letters = frozenset(key)
        for other in (near for length in range(len(key) - 2, len(key) + 3) for near in self.by_length[length]):
            if self._may_be_typo(letters, key, other):
                matcher = SequenceMatcher(None, key, other)
                near = matcher.quick_ratio() >= _TYPO_LIMIT and matcher.ratio() >= _TYPO_LIMIT
                if near and _same_words(key, other):
                    role, share = self.entries[other]
                    yield Candidate(
                        role.role, SCORE_TYPO * share * matcher.ratio(), "typo", role.language, role.verified
                    )

    def _may_be_typo(self, letters: frozenset[str], key: str, other: str) -> bool:
        """Whether so few letters are in one only that the ratio can reach the limit; a bound, as it is far quicker."""
        others = self.letters[other]
        alike = min(len(key) - len(letters - others), len(other) - len(others - letters))
        return 2.0 * alike / (len(key) + len(other)) >= _TYPO_LIMIT


def _same_words(key: str, other: str) -> bool:
    """Whether word for word the same is meant: "calls amount" is no slip of "sales amount"."""
    pairs = list(zip(key.split(), other.split(), strict=False))
    if len(key.split()) != len(other.split()) or len(pairs) == 1:
        return True
    return all(a == b or SequenceMatcher(None, a, b).ratio() >= _WORD_TYPO_LIMIT for a, b in pairs)


@lru_cache(maxsize=3)
def vocabulary_of(table: str) -> Vocabulary:
    """The vocabulary of ``"leads"``, ``"activities"`` or ``"changes"``; made once per process."""
    return Vocabulary(table)


def split_words(key: str) -> list[str]:
    """Words of a header, German compounds taken apart: anlagedatum = anlage + datum."""
    words: list[str] = []
    for word in key.split():
        if not word.endswith(_TAILS):
            words.append(word)
            continue
        tail = next((tail for tail in _TAILS if word.endswith(tail) and len(word) > len(tail) + 2), None)
        words.extend([word] if tail is None else [word.removesuffix(tail).removesuffix("s"), tail])
    return words
