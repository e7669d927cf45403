"""What is simulated: the stages of a pipeline, the people who sell, and how a client's CRM is kept."""

from __future__ import annotations

from dataclasses import dataclass

PUSHING, TACTFUL, ABSENT = 0, 1, 2
"""How a seller follows up: too much, with tact, hardly at all."""

STYLE_NAMES = ("pushing", "tactful", "absent")


@dataclass(frozen=True)
class SimulatedStage:
    """One open stage, and what it takes to leave it.

    Attributes
    ----------
    name : str
    days : float
        Median days that readiness needs here, for a lead of usual pace.
    pass_share : float
        Chance that a lead of usual fit goes on, 0-1.
    probability : float
        The chance that the CRM itself shows for the stage, 0-1.
    by_activity : bool
        True where the stage is entered because we did something: no decision stands behind it.
    """

    name: str
    days: float
    pass_share: float
    probability: float
    by_activity: bool = False


@dataclass(frozen=True)
class Seller:
    """A person in charge of leads: name, style (pushing, tactful or absent) and share of the leads."""

    name: str
    style: int
    share: float


@dataclass(frozen=True)
class Pipeline:
    """The process that is simulated; every name in it is free.

    Attributes
    ----------
    name : str
        The pipeline as the CRM calls it.
    stages : tuple of SimulatedStage
        The open stages in order.
    paused, won, lost : str
        Names of the pause stage and of the two endings.
    sellers : tuple of Seller
    clean_up_days : float
        Days between two bulk clean-ups by one person.
    """

    name: str
    stages: tuple[SimulatedStage, ...]
    paused: str
    won: str
    lost: str
    sellers: tuple[Seller, ...]
    clean_up_days: float = 250

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all stages: open, paused, won, lost."""
        return (*(stage.name for stage in self.stages), self.paused, self.won, self.lost)


GERMAN = Pipeline(
    name="Beratung",
    stages=(
        SimulatedStage("Neue Anfrage", 10, 0.77, 0.05),
        SimulatedStage("Qualifiziert", 18, 0.79, 0.15),
        SimulatedStage("Bedarf geklärt", 12, 0.97, 0.30),
        SimulatedStage("Angebot gesendet", 26, 0.75, 0.50, by_activity=True),
        SimulatedStage("Verhandlung", 17, 0.82, 0.75),
    ),
    paused="Zurückgestellt",
    won="Gewonnen",
    lost="Verloren",
    sellers=(
        Seller("Katharina Wendeler", TACTFUL, 0.22),
        Seller("Jonas Albersmeier", PUSHING, 0.20),
        Seller("Miriam Osterkamp", TACTFUL, 0.17),
        Seller("Stefan Rohleder", ABSENT, 0.14),
        Seller("Aylin Tekdemir", PUSHING, 0.15),
        Seller("Holger Brinkhaus", ABSENT, 0.12),
    ),
)
"""A German consulting firm."""

ENGLISH = Pipeline(
    name="Advisory",
    stages=(
        SimulatedStage("New Enquiry", 10, 0.77, 0.05),
        SimulatedStage("Qualified", 18, 0.79, 0.15),
        SimulatedStage("Needs Agreed", 12, 0.97, 0.30),
        SimulatedStage("Proposal Sent", 26, 0.75, 0.50, by_activity=True),
        SimulatedStage("Negotiation", 17, 0.82, 0.75),
    ),
    paused="On Hold",
    won="Won",
    lost="Lost",
    sellers=(
        Seller("Catherine Wendell", TACTFUL, 0.22),
        Seller("Joel Aldersmith", PUSHING, 0.20),
        Seller("Miriam Ostercamp", TACTFUL, 0.17),
        Seller("Stephen Rowledge", ABSENT, 0.14),
        Seller("Ayleen Tarkmoor", PUSHING, 0.15),
        Seller("Howard Brinkhouse", ABSENT, 0.12),
    ),
)
"""The same firm, told in English."""

PIPELINES = {"de": GERMAN, "en": ENGLISH}
