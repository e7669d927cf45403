"""One seeded truth for all CRM fixtures: leads with their way through the stages, and activities."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from functools import lru_cache

LEADS_COUNT = 72
SEED = 20_260_301
PIPELINE = "Sales Pipeline"
OWNERS = ("Kim Weber", "Jörg Müller", "Ana Sousa", "Pat O'Neill")
SOURCES = ("Website", "Messe", "Referral", "Cold Call")
REASONS = ("Price", "Other", "Duplicate", "Competition", "No response")
COMPANIES = (
    "Nordwind GmbH",
    "Acme, Inc.",
    "Bäcker & Söhne",
    'Haus "Zur Linde"',
    "Delta; Partner",
    "Øresund A/S",
    "+Plus Bau",
)


@dataclass(frozen=True)
class Lead:
    """A lead as it really was; stages are numbers, each CRM has its own names for them."""

    number: int
    name: str
    company: str
    contact: str
    email: str
    owner: str
    source: str
    amount: float | None
    probability: int
    created_at: dt.datetime
    entered: tuple[dt.datetime, ...]
    status: str
    modified_at: dt.datetime
    last_activity_at: dt.datetime
    next_step: str | None
    next_step_at: dt.datetime | None
    expected_close_at: dt.datetime
    closed_at: dt.datetime | None
    lost_reason: str | None
    activities: tuple[Activity, ...] = field(default=())

    @property
    def stage_number(self) -> int:
        """The open stage that it stands in, or stood in last."""
        return len(self.entered) - 1


@dataclass(frozen=True)
class Activity:
    """A contact of a lead."""

    number: int
    kind: str
    direction: str
    at: dt.datetime
    subject: str
    by: str
    done: bool


@lru_cache(maxsize=1)
def truth() -> tuple[Lead, ...]:
    """The leads, by number; a third won, a third lost, a third open, some of these paused."""
    chance = random.Random(SEED)
    return tuple(_lead(number, chance) for number in range(1, LEADS_COUNT + 1))


def _lead(number: int, chance: random.Random) -> Lead:
    created = dt.datetime(2025, 1, 6, 8, 15) + dt.timedelta(days=number * 3, minutes=chance.randrange(540))
    entered = [created]
    for _ in range(chance.randrange(4)):
        entered.append(entered[-1] + dt.timedelta(days=chance.randrange(2, 20), minutes=chance.randrange(1, 400)))
    status = ("won", "lost", "open")[number % 3] if number % 12 else "paused"
    closed = entered[-1] + dt.timedelta(days=chance.randrange(2, 30), minutes=7) if status in ("won", "lost") else None
    last = (closed or entered[-1]) + dt.timedelta(days=1, minutes=3)
    company = COMPANIES[number % len(COMPANIES)]
    owner = OWNERS[number % len(OWNERS)]
    return Lead(
        number=number,
        name=f"{company} – Projekt {number}",
        company=company,
        contact=f"Kontakt {number}",
        email=f"kontakt{number}@example.com",
        owner=owner,
        source=SOURCES[number % len(SOURCES)],
        amount=None if number % 11 == 0 else float(chance.randrange(9, 900) * 100) + (0.5 if number % 5 == 0 else 0.0),
        probability={"won": 100, "lost": 0}.get(status, 10 + 20 * (len(entered) - 1)),
        created_at=created,
        entered=tuple(entered),
        status=status,
        modified_at=last + dt.timedelta(minutes=30),
        last_activity_at=last,
        next_step="Entscheidung erfragen" if closed is None and number % 2 else None,
        next_step_at=dt.datetime(2026, 3, 20, 10, 0) if closed is None and number % 2 else None,
        expected_close_at=dt.datetime(2026, 5, 1) + dt.timedelta(days=number),
        closed_at=closed,
        lost_reason=REASONS[number % len(REASONS)] if status == "lost" else None,
        activities=_activities(number, owner, created, chance),
    )


def _activities(number: int, owner: str, created: dt.datetime, chance: random.Random) -> tuple[Activity, ...]:
    kinds = (("email", "outbound"), ("email", "inbound"), ("call", "outbound"), ("call", "inbound"))
    made = []
    for nth in range(2 + number % 2):
        kind, direction = kinds[(number + nth) % 4]
        at = created + dt.timedelta(days=nth + 1, minutes=chance.randrange(300))
        made.append(Activity(number * 10 + nth, kind, direction, at, f"Thema {number}/{nth}", owner, done=True))
    return tuple(made)
