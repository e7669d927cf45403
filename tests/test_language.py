"""Every sentence exists in German and in English, with the same facts in it."""

from __future__ import annotations

import re
import string

import pandas as pd
import pytest

from leadaudit.errors import SENTENCES, ExportReadError
from leadaudit.language import LANGUAGES, Language, error_sentence, has, sentence, texts
from leadaudit.language.formats import form


def fields_of(text: object) -> set[str]:
    """Names of the placeholders in a sentence or in all its plural forms."""
    forms = [text] if isinstance(text, str) else [form for key, form in text.items() if key != "by"]
    return {name for one in forms for _, name, _, _ in string.Formatter().parse(one) if name}


def test_no_sentence_is_missing_in_either_language() -> None:
    """German and English have the same keys; English errors stand in errors.py."""
    german = {key for key in texts("de") if not key.startswith("error.")}

    assert german == set(texts("en"))


@pytest.mark.parametrize("key", sorted(texts("en")))
def test_both_languages_name_the_same_facts(key: str) -> None:
    """No placeholder is lost in translation."""
    assert fields_of(texts("de")[key]) == fields_of(texts("en")[key])


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_error_has_a_german_sentence_with_the_same_facts(code: str) -> None:
    """An error is worded in German too."""
    assert fields_of(texts("de")[f"error.{code}"]) == fields_of(SENTENCES[code])


def test_an_error_is_worded_in_the_readers_language() -> None:
    """The facts are the same, the words are not."""
    error = ExportReadError("file_empty", path="deals.csv")

    assert error_sentence(error, "de") == "deals.csv ist leer. Bitte noch einmal aus dem CRM exportieren."
    assert error_sentence(error, "en") == str(error)


@pytest.mark.parametrize(
    ("value", "kind", "german", "english"),
    [
        (1234567, "count", "1.234.567", "1,234,567"),
        (12.44, "days", "12", "12"),
        (2.44, "days", "2,4", "2.4"),
        (0.034, "percent", "3\u00a0%", "3%"),
        (0.004, "percent", "0,4\u00a0%", "0.4%"),
        (0.0, "percent", "0\u00a0%", "0%"),
        (pd.Timestamp("2026-11-21 15:00"), "date", "21.11.2026", "21 Nov 2026"),
        (pd.NaT, "date", "–", "–"),
        (float("nan"), "days", "–", "–"),
        (None, "count", "–", "–"),
        ("as it is", "", "as it is", "as it is"),
    ],
)
def test_numbers_and_dates_are_written_as_readers_expect(value: object, kind: str, german: str, english: str) -> None:
    """1.234,5 and 21.11.2026 in German, 1,234.5 and 21 Nov 2026 in English; a missing value is a dash."""
    assert (form(value, kind, "de"), form(value, kind, "en")) == (german, english)


@pytest.mark.parametrize(
    ("months", "kind", "german", "english"),
    [
        (0.29, "span", "9 Tage", "9 days"),
        (0.01, "span", "1 Tag", "1 day"),
        (1.0, "span_within", "30 Tagen", "30 days"),
        (8.94, "span", "8,9 Monate", "8.9 months"),
        (8.94, "span_within", "8,9 Monaten", "8.9 months"),
    ],
)
def test_a_span_is_said_in_the_unit_that_one_would_say(months: float, kind: str, german: str, english: str) -> None:
    """Nobody says a third of a month."""
    assert (form(months, kind, "de"), form(months, kind, "en")) == (german, english)


def test_a_share_is_never_rounded_to_nothing() -> None:
    """What is not zero is not written as zero."""
    assert (form(0.0004, "percent", "de"), form(0.0004, "percent", "en")) == ("<\u00a00,1\u00a0%", "<\u00a00.1%")
    assert form(0.0, "percent", "de") == "0\u00a0%"


def test_nothing_has_a_form_of_its_own() -> None:
    """Where a sentence has a form for none it is used, else that for many."""
    assert sentence("report.headline", "de", x=0, n=0) == "Es gibt keine offenen Leads."
    assert sentence("format.lead_count", "en", n=0) == "0 leads"


def test_plural_follows_the_number() -> None:
    """One lead, two leads."""
    assert [sentence("format.lead_count", "de", n=n) for n in (1, 2)] == ["1 Lead", "2 Leads"]
    assert not has("format.no_such_key")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chance_is_said_in_numbers(language: Language) -> None:
    """Beyond a horizon one in six may still be won: no word that calls this hardly any; 5 % may be called so."""
    graded = re.compile(
        r"kaum (noch|einer)|praktisch (nicht mehr|vorbei|verschwunden)|hardly any (were|of|won)|practically (gone|over|stopped)"
    )
    said = {
        key: text for key, text in texts(language).items() if graded.search(str(text)) and "chance_floor" not in key
    }

    assert said == {}
