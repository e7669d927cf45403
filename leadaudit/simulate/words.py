"""What stands in the cells: invented companies and people, subjects, reasons, next steps, by language."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]

_STARTS = (
    "Bren", "Hald", "Kest", "Mor", "Tann", "Wiel", "Osk", "Lind", "Grav", "Felk", "Rud", "Sten", "Varn", "Heid", "Jor",
    "Kold", "Ulm", "Esk", "Dorn", "Pell", "Quin", "Zell", "Arn", "Bolt", "Nord", "Thal", "Ems", "Rhon", "Saal", "Wess",
)  # fmt: skip
_MIDDLES = ("e", "a", "in", "er", "en", "o", "is", "um")
_ENDS = ("kamp", "brink", "dorp", "heim", "feld", "rode", "wick", "tal", "stedt", "mark", "born", "hues")
_TRADES = {
    "de": (
        "Maschinenbau", "Logistik", "Medizintechnik", "Energieservice", "Stadtwerke", "Klinikverbund", "Verpackungen",
        "Gebäudetechnik", "Versicherungsmakler", "Lebensmittel", "Messtechnik", "Software", "Wohnbau", "Möbelwerke",
        "Pharma", "Handelsgesellschaft", "Automotive", "Druckhaus", "Pflegedienste", "Anlagenbau", "Kunststofftechnik",
        "Touristik", "Agrarhandel", "Elektronik",
    ),
    "en": (
        "Engineering", "Logistics", "Medical", "Energy Services", "Utilities", "Hospitals", "Packaging", "Building Systems",
        "Insurance Brokers", "Foods", "Instruments", "Software", "Homes", "Furniture", "Pharma", "Trading", "Automotive",
        "Printing", "Care Services", "Plant Construction", "Plastics", "Travel", "Agriculture", "Electronics",
    ),
}  # fmt: skip
_FORMS = {
    "de": ("GmbH", "GmbH", "GmbH & Co. KG", "AG", "KG", "SE"),
    "en": ("Ltd", "Ltd", "plc", "LLP", "Inc.", "Group"),
}
_PROJECTS = {
    "de": (
        "Vertriebsprozess", "Strategie 2027", "Reorganisation", "Nachfolgeplanung", "ERP-Einführung", "Führungskräfteentwicklung",
        "Kostenprogramm", "Prozessaudit", "Digitalisierung Service", "Preisgestaltung", "Post-Merger-Integration", "Einkaufsoptimierung",
    ),
    "en": (
        "Sales process", "Strategy 2027", "Reorganisation", "Succession plan", "ERP rollout", "Leadership programme",
        "Cost programme", "Process audit", "Digital service", "Pricing", "Post-merger integration", "Procurement",
    ),
}  # fmt: skip
SOURCES = {
    "de": ("Empfehlung", "Webformular", "Messe", "Bestandskunde", "Kaltakquise", "Webinar"),
    "en": ("Referral", "Web form", "Trade fair", "Existing client", "Cold outreach", "Webinar"),
}
SUBJECTS = {
    "de": {
        "first_enquiry": ("Anfrage über das Kontaktformular", "Anfrage Beratung", "Bitte um Rückruf"),
        "offer_contact": ("Ihre Anfrage", "Erstkontakt", "Kurze Vorstellung und erste Fragen"),
        "follow_up": (
            "Nachfrage zum Stand",
            "Unser Gespräch",
            "Kurze Rückfrage",
            "Stand Ihrer Überlegungen",
            "Nachfassen Angebot",
        ),
        "answer": ("AW: Ihre Anfrage", "AW: Kurze Rückfrage", "AW: Unser Gespräch", "AW: Stand Ihrer Überlegungen"),
        "own_question": (
            "Frage zum Vorgehen",
            "Rückfrage zum Leistungsumfang",
            "Interne Abstimmung abgeschlossen",
            "Noch eine Frage",
        ),
        "call_out": ("Telefonat", "Anruf", "Rückruf"),
        "call_in": ("Eingehender Anruf",),
        "meeting": ("Abstimmungstermin", "Workshop", "Termin vor Ort", "Videokonferenz"),
        "early_meeting": ("Kennenlerngespräch", "Erstes Gespräch"),
        "note": ("Gesprächsnotiz", "Interne Notiz", "Recherche zum Unternehmen"),
        "material": ("Fallstudie übersandt", "Leitfaden übersandt", "Unterlagen zum Thema"),
        "refusal": ("Absage", "AW: Angebot, leider anders entschieden"),
        "acceptance": ("Zusage", "AW: Angebot, wir möchten beginnen"),
        "newsletter": ("Newsletter",),
        "task": ("Unterlagen vorbereiten", "Rücksprache intern", "Wiedervorlage"),
    },
    "en": {
        "first_enquiry": ("Enquiry from the contact form", "Consulting enquiry", "Please call back"),
        "offer_contact": ("Your enquiry", "First contact", "Introduction and first questions"),
        "follow_up": (
            "Any news?",
            "Our conversation",
            "Quick question",
            "Where do you stand?",
            "Following up on our proposal",
        ),
        "answer": ("Re: Your enquiry", "Re: Quick question", "Re: Our conversation", "Re: Where do you stand?"),
        "own_question": (
            "Question about the approach",
            "Question about the scope",
            "We have talked internally",
            "One more question",
        ),
        "call_out": ("Call", "Phone call", "Call back"),
        "call_in": ("Incoming call",),
        "meeting": ("Working session", "Workshop", "On-site meeting", "Video conference"),
        "early_meeting": ("Getting to know each other", "First conversation"),
        "note": ("Call note", "Internal note", "Company research"),
        "material": ("Case study sent", "Guide sent", "Material on the topic"),
        "refusal": ("We decided otherwise", "Re: Proposal, thank you but no"),
        "acceptance": ("Go-ahead", "Re: Proposal, we would like to start"),
        "newsletter": ("Newsletter",),
        "task": ("Prepare material", "Internal alignment", "Reminder"),
    },
}
OUTCOMES = {
    "de": (
        "",
        "erreicht",
        "nicht erreicht",
        "nächster Schritt vereinbart",
        "vielleicht, meldet sich",
        "kein Ergebnis",
        "abgesagt",
    ),
    "en": ("", "reached", "not reached", "next step agreed", "maybe, will get back to us", "no result", "cancelled"),
}
LOST_BY_US = {
    "de": ("Passt fachlich nicht", "Kein Budget", "Kein Entscheider erreichbar", "Zeitpunkt passt nicht", "Sonstiges"),
    "en": ("No fit", "No budget", "No decision maker", "Wrong time", "Other"),
}
LOST_BY_THEM = {
    "de": ("Wettbewerber", "Preis", "Projekt intern gelöst", "Projekt verschoben", "Kein Bedarf mehr"),
    "en": ("Competitor", "Price", "Solved internally", "Project postponed", "No need any more"),
}
LOST_NO_ANSWER = {"de": "Keine Rückmeldung", "en": "No response"}
LOST_DUPLICATE = {"de": "Dublette", "en": "Duplicate"}
STEPS_CONCRETE = {
    "de": (
        "Entscheidung Geschäftsführung über Angebot", "Klärungstermin mit Einkauf vereinbart", "Ja/Nein zum Pilotprojekt erfragen",
        "Budgetfreigabe klären", "Entscheidertermin mit Vorstand", "Abstimmung Leistungsumfang, danach Entscheidung",
    ),
    "en": (
        "Board decides on proposal", "Meeting with procurement agreed", "Ask yes or no to the pilot", "Clarify budget approval",
        "Decision meeting with management", "Agree scope, then decision",
    ),
}  # fmt: skip
STEPS_VAGUE = {
    "de": ("nachfassen", "dranbleiben", "melden", "in Kontakt bleiben", "nochmal anrufen", "Wiedervorlage"),
    "en": ("follow up", "touch base", "check in", "keep in touch", "call again", "reminder"),
}
PRECONDITIONS = {
    "de": {
        "Budget geklärt": ("Ja", "Nein"), "Entscheider bekannt": ("Ja", "Nein"),
        "Bedarf": ("konkret", "vage", "keiner"), "Zeitplan": ("dieses Quartal", "dieses Jahr", "offen"),
    },
    "en": {
        "Budget clear": ("Yes", "No"), "Decision maker known": ("Yes", "No"),
        "Need": ("concrete", "vague", "none"), "Timeline": ("this quarter", "this year", "open"),
    },
}  # fmt: skip
CLEANER = {"de": "Vertriebsassistenz", "en": "Sales Office"}
OTHER_NAMES = {"de": "Anfrage", "en": "Enquiry"}


def companies(count: int, language: str, rng: np.random.Generator) -> Texts:
    """Invented names of companies, put together from syllables; some clients come more than once."""
    stem = [
        _STARTS[a] + _MIDDLES[b] + _ENDS[c]
        for a, b, c in zip(*(rng.integers(0, len(part), count) for part in (_STARTS, _MIDDLES, _ENDS)), strict=True)
    ]
    trade = picked(_TRADES[language], count, rng)
    form = picked(_FORMS[language], count, rng)
    names = np.array([f"{a} {b} {c}" for a, b, c in zip(stem, trade, form, strict=True)], dtype=object)
    again = rng.random(count) < 0.04
    names[again] = names[rng.integers(0, count, again.sum())]
    return names


def projects(company: Texts, language: str, rng: np.random.Generator) -> Texts:
    """What the CRM calls the leads: project and company."""
    topic = picked(_PROJECTS[language], len(company), rng)
    return np.array([f"{a} – {b}" for a, b in zip(topic, company, strict=True)], dtype=object)


def picked(texts: tuple[str, ...], count: int, rng: np.random.Generator) -> Texts:
    """Random choices among texts."""
    return np.array(texts, dtype=object)[rng.integers(0, len(texts), count)]


def where(held: NDArray[np.bool_], texts: Texts) -> Texts:
    """The texts where something holds, missing elsewhere."""
    chosen = np.array(texts, dtype=object)
    chosen[~held] = None
    return chosen
