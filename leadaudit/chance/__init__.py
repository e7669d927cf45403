"""Stays, chance, patience and horizon: what the client's own history says (``docs/judgement.md``)."""

from leadaudit.chance.learn import Learned, learn
from leadaudit.chance.place import place
from leadaudit.chance.stays import stays

__all__ = ["Learned", "learn", "place", "stays"]
