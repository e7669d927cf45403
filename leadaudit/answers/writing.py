"""Sentences for many leads at once: the same sentences as one by one, each different part formatted once."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadaudit.language import Language, texts
from leadaudit.language.formats import form

Texts: TypeAlias = NDArray[np.object_]
Flags: TypeAlias = NDArray[np.bool_]

DIGITS = {"days": 1, "percent": 4, "number": 1}
"""Decimals beyond which two values read the same."""


class Writer:
    """Writes the answers of all leads in one language.

    Parameters
    ----------
    language : {"de", "en"}
        Language of the sentences.
    count : int
        How many leads there are.

    Examples
    --------
    >>> writer = Writer("en", 2)
    >>> texts = writer.blank()
    >>> writer.add(texts, np.array([True, False]), "because.no_reaction", seen=np.array([6.0, 1.0]))
    >>> list(texts)
    ['No answer to 6 contacts.', '']
    """

    def __init__(self, language: Language, count: int) -> None:
        self.language = language
        self.count = count

    def blank(self) -> Texts:
        """An empty text for each lead."""
        return np.full(self.count, "", dtype="object")

    def add(self, target: Texts, where: Flags, key: str, **columns: Any) -> None:
        """Put a sentence behind what is already said of some leads.

        Parameters
        ----------
        target : ndarray of str
            One text per lead; changed in place.
        where : ndarray of bool
            Leads that the sentence is said of.
        key : str
            Key of the sentence.
        **columns : ndarray or object
            The facts that it names: one value per lead, or one for all.
        """
        rows = np.flatnonzero(where)
        if not len(rows):
            return
        said = self.say(key, rows, columns)
        before = target[rows]
        target[rows] = np.where(before == "", said, before + " " + said)

    def say(self, key: str, rows: NDArray[np.int64], columns: Mapping[str, Any]) -> Texts:
        """A sentence for some leads, its plural chosen lead by lead."""
        template = texts(self.language)[key]
        if isinstance(template, str):
            return self._filled(template, rows, columns)
        amount = np.broadcast_to(columns[template.get("by", "n")], self.count)[rows]
        said = self._filled(template["other"], rows, columns)
        for form_name, number in (("none", 0), ("one", 1)):
            here = np.flatnonzero(amount == number) if form_name in template else np.empty(0, dtype=np.int64)
            said[here] = self._filled(template[form_name], rows[here], columns) if len(here) else said[here]
        return said

    def _filled(self, template: str, rows: NDArray[np.int64], columns: Mapping[str, Any]) -> Texts:
        said = np.full(len(rows), "", dtype="object")
        for literal, name, kind, _ in string.Formatter().parse(template):
            said += literal
            if name is not None:
                said += self._formatted(np.broadcast_to(columns[name], self.count)[rows], kind or "")
        return said

    def _formatted(self, values: NDArray[Any], kind: str) -> Texts:
        if kind == "date":
            values = values.astype("datetime64[D]").astype("datetime64[us]")
        elif kind:
            values = np.round(values.astype("float64"), DIGITS.get(kind, 0))
        codes, different = pd.factorize(values, use_na_sentinel=False)
        plain = map(pd.Timestamp, different) if kind == "date" else iter(different)
        written = [form(value, kind, self.language) for value in plain]
        return np.array([*written, ""], dtype="object")[codes]
