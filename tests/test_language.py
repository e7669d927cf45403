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
